//! What people said of themselves is nowhere in plain text: not in the database and its log of writes,
//! not in a backup, not in the program's own log.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use store::testing::TestDatabase;
use store::{Location, values};
use unicode_normalization::UnicodeNormalization as _;

use crate::person::Person;
use crate::program::{Server, address, run, sogoc};

const NAME: &str = "Trần Thị Bé Mẫu";
/// Born in the twenty-fourth century, so nobody's.
const NUMBER: &str = "093905001234";
const PHONE: &str = "0912000123";
const ADDRESS: &str = "Ấp Minh Họa Không Có Thật";
const TEXT: &str = "Xin xóa bệnh án minh họa";
const WORDS: &str = "Đã trả lời bằng điện thoại minh họa";
const WHY: &str = "gọi lại buổi chiều minh họa";

/// A text as it may lie somewhere: its letters composed or not, large or small, in UTF-8, UTF-16 or
/// Base64, whose letters depend on what stands before.
fn ways(text: &str) -> Vec<Vec<u8>> {
    let mut texts: Vec<String> = Vec::new();
    for form in [text.nfc().collect::<String>(), text.nfd().collect()] {
        texts.extend([form.to_lowercase(), form.to_uppercase(), form]);
    }
    texts.push(web::ask::encoded(text));
    let mut ways = Vec::new();
    for text in &texts {
        ways.push(text.as_bytes().to_vec());
        ways.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
        ways.push(text.encode_utf16().flat_map(u16::to_be_bytes).collect());
        for before in 0..3 {
            let padded = [&vec![b'x'; before][..], text.as_bytes()].concat();
            let encoded = STANDARD.encode(padded);
            // Without what other bytes around would change.
            ways.push(
                encoded.as_bytes()[if before == 0 { 0 } else { 4 }..encoded.len() - 4].to_vec(),
            );
        }
        ways.push(text.bytes().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect());
    }
    ways
}

fn found(bytes: &[u8], text: &str) -> bool {
    ways(text).iter().any(|way| bytes.windows(way.len()).any(|part| part == &way[..]))
}

#[test]
fn the_search_finds_what_it_looks_for() {
    let name = NAME.nfd().collect::<String>().to_lowercase();
    for hidden in [
        name.as_bytes().to_vec(),
        NAME.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        STANDARD.encode(format!("ab{NAME}cd")).into_bytes(),
        STANDARD.encode(format!("abc{NAME}")).into_bytes(),
        b"53 5472e1baa76e205468e1bb8b2042c3a9204de1baab75".to_vec(),
    ] {
        assert!(found(&[&b"before "[..], &hidden, b" after"].concat(), NAME));
    }
    assert!(!found(b"nothing of the kind", NAME));
}

/// Sends a form of the page at a path, with its hidden fields.
fn send(person: &Person<'_>, path: &str, fields: &[(&str, &str)]) -> crate::person::Page {
    let form = person.get(path).text();
    let hidden = ["csrf", "once", "seen", "text_version"].map(|name| {
        let begin = format!("name=\"{name}\" value=\"");
        // The last form of a page is its own; those before are of the frame.
        let value = form.rsplit_once(&begin).and_then(|(_, rest)| rest.split('"').next());
        (name, value.unwrap_or_default().to_owned())
    });
    let mut all: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (*name, &**value)).collect();
    all.retain(|(name, value)| !value.is_empty() && !fields.iter().any(|(field, _)| field == name));
    all.extend(fields);
    person.values(path.split('?').next().unwrap(), &all).send().unwrap()
}

fn who() -> [(&'static str, &'static str); 4] {
    [("name", NAME), ("number", NUMBER), ("phone", PHONE), ("address", ADDRESS)]
}

/// A request as somebody makes it who has no account.
pub(crate) fn ask(server: &Server) {
    let request: Vec<_> = [("kind", "erase"), ("text", TEXT)].into_iter().chain(who()).collect();
    let taken = send(&Person::stranger(server), "/my-data/new?lang=vi", &request);
    assert_eq!(taken.status, 200, "{}", taken.text());
}

/// Requests and consents as people make them; and somebody looks.
pub(crate) fn use_pages(server: &Server, database: &str) {
    ask(server);
    let (officer, stranger) = (Person::officer(server, database), Person::stranger(server));
    let mut at_counter: Vec<_> =
        [("kind", "erase"), ("text", TEXT)].into_iter().chain(who()).collect();
    at_counter.push(("channel", "letter"));
    let desk = "/tasks/personal-data";
    let taken = send(&officer, &format!("{desk}/requests/new"), &at_counter);
    assert_eq!(taken.status, 200, "{}", taken.text());
    let text = taken.text();
    let id = text.split(&format!("href=\"{desk}/requests/")).last().unwrap();
    let path = format!("{desk}/requests/{}", id.split('"').next().unwrap());
    for (step, more) in
        [("identify", ("how", "card")), ("answer", ("law", "")), ("decide", ("outcome", "granted"))]
    {
        let done = send(&officer, &format!("{path}/do/{step}"), &[("words", WORDS), more]);
        assert_eq!(done.status, 303, "{}", done.text());
    }
    let seen = send(&officer, &path, &[("purpose", "contact"), ("words", WHY)]);
    assert!(seen.status == 200 && seen.text().contains(NUMBER), "{}", seen.text());
    let mut consent: Vec<_> = who().into();
    consent.push(("agreed", "yes"));
    for (person, path) in [
        (&stranger, "/my-data/consents/notices".to_owned()),
        (&officer, format!("{desk}/consents/new/survey")),
    ] {
        let given = send(person, &path, &consent);
        assert_eq!(given.status, 200, "{}", given.text());
    }
    let copy =
        [("number", NUMBER), ("purpose", "handle-request"), ("words", WHY), ("format", "json")];
    let copy = send(&officer, &format!("{desk}/copy"), &copy);
    assert!(copy.status == 200 && copy.text().contains(NAME), "{}", copy.text());
}

pub(crate) fn packs(location: &Location) {
    for pack in ["rights", "working-calendar", "personal-data"] {
        let folder = crate::program::packs().join(pack).display().to_string();
        let done = run(&["pack", "apply", &folder, "--database", &address(location)]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}

#[tokio::test]
async fn nothing_that_people_said_of_themselves_lies_anywhere_in_plain_text() {
    for database in TestDatabase::each().await {
        packs(&database.location);
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut command = sogoc();
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder.path());
        command.args(["--database", &address(&database.location)]).env("RUST_LOG", "debug");
        let mut server = Server::of(command.stderr(std::fs::File::create(&log).unwrap()));
        use_pages(&server, &address(&database.location));
        let copy = folder.path().join("backup.db").display().to_string();
        let at = address(&database.location);
        let done = run(&["backup", "--plain", &copy, "--database", &at]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        // While it is served: what was written last lies in the log of writes.
        let mut places = vec![("backup".to_owned(), std::fs::read(&copy).unwrap())];
        places.push(("log".to_owned(), std::fs::read(&log).unwrap()));
        if let Location::File(file) = &database.location {
            for end in ["", "-wal"] {
                let place = format!("{}{end}", file.display());
                let bytes = std::fs::read(&place).unwrap();
                assert!(!bytes.is_empty(), "{place}");
                places.push((place, bytes));
            }
        }
        for (place, bytes) in &places {
            for text in [NAME, NUMBER, PHONE, ADDRESS, TEXT, WORDS, WHY, &NUMBER[4..]] {
                assert!(!found(bytes, text), "{text} lies in {place}");
            }
        }
        // It is there, though, and what is not personal is found.
        assert!(found(&places[0].1, "subjects.receive") && found(&places[1].1, "/my-data/new"));
        let mut tx = database.database.read().await.unwrap();
        let sql = "select count(*) from subject_fields where field = 'number'";
        assert_eq!(tx.one::<(i64,)>(sql, values![]).await.unwrap().0, 4);
        drop(tx);
        let args =
            ["verify", "--database", &at, "--data-dir", &folder.path().display().to_string()];
        let verified = run(&args);
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
        let report = run(&["retention", "report", "--database", &at, "--data-dir", args[4]]);
        let said = String::from_utf8(report.stdout).unwrap();
        assert!(report.status.success() && said.contains("Nothing is over its time"), "{said}");
        let id = said.split("retention apply ").nth(1).unwrap().trim().to_owned();
        let apply = || run(&["retention", "apply", &id, "--database", &at, "--data-dir", args[4]]);
        assert!(apply().status.success());
        assert!(!apply().status.success());
        assert!(server.stop());
    }
}
