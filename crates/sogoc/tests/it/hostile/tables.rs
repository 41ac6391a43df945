//! CSV and XLSX, to the converter, which is open to everybody, and to the import of counts.

use lang::Lang;
use store::Location;

use super::{lives, workbook, zipped};
use crate::person::Person;
use crate::program::{Server, prepare};

const HEAD: &str = "unit_code,measure,day,value,source\n";

/// Writes another size into every entry of a ZIP file's directory, and before each part.
fn claim_size(bytes: &[u8], size: u32) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (mark, place) in [(b"PK\x01\x02", 24), (b"PK\x03\x04", 22)] {
        let found: Vec<usize> =
            (0..bytes.len() - 30).filter(|at| bytes[*at..].starts_with(mark)).collect();
        for at in found {
            bytes[at + place..at + place + 4].copy_from_slice(&size.to_le_bytes());
        }
    }
    bytes
}

/// Where a mistake stands: nowhere in particular, in a row, or in a cell of it.
#[derive(Clone, Copy)]
enum At {
    File,
    Row(usize),
    Cell(usize, &'static str),
}

impl At {
    /// As the page of the converter names it, and as that of the import does.
    fn say(self, lang: Lang) -> [String; 2] {
        use lang::{converter, mergers, observations};
        match self {
            Self::File => [String::new(), observations::the_file(lang).to_owned()],
            Self::Row(row) => [converter::line(lang, row), observations::at_row(lang, row)],
            Self::Cell(row, column) => [
                mergers::cell(lang, mergers::Cell { column, line: row }),
                observations::at_cell(lang, observations::AtCell { column, row }),
            ],
        }
    }
}

/// A name, the bytes, where the mistake is, and the reason.
type Case = (&'static str, Vec<u8>, At, String);

fn cases() -> Vec<Case> {
    let lang = Lang::English;
    let damaged = || lang::file::damaged(lang).to_owned();
    let not_utf8 = || lang::file::not_utf8(lang).to_owned();
    let unpacks = || lang::file::unpacks_too_large(lang, 40);
    let limits = lang::file::TooLarge { cells: 1_000_000, columns: 200, rows: 20_000 };
    let too_large = || lang::file::too_large(lang, limits);
    let utf16: Vec<u8> = HEAD.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let blanks = " ".repeat(64 << 20);
    let bomb = workbook(&blanks, "<sst/>");
    let long_text = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(4000));
    let shared = format!("<row>{}</row>", "<c t=\"s\"><v>0</v></c>".repeat(150)).repeat(120);
    let many_texts = format!("<sst>{}</sst>", "<si/>".repeat(6 << 20));
    let claim = "<sst uniqueCount=\"999999999999\">";
    let deep = "<a>".repeat(100_000);
    let entities =
        "<!DOCTYPE x [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><sst><si>&b;";
    let long_cell = format!("{HEAD}3131801,{},30/06/2025,1,x\n", "h".repeat(4001));
    let open_quote = format!("{HEAD}3131801,households,30/06/2025,1,\"never closed\n1,2,3,4,5\n");
    vec![
        ("empty", Vec::new(), At::File, lang::file::missing(lang).to_owned()),
        ("blank", b"\n\n,,\n".to_vec(), At::File, lang::file::empty(lang).to_owned()),
        ("only a mark", b"\xef\xbb\xbf".to_vec(), At::File, lang::file::empty(lang).to_owned()),
        ("UTF-16", [b"\xff\xfe", &*utf16].concat(), At::Row(1), not_utf8()),
        ("latin letters", [HEAD.as_bytes(), b"\xe9t\xe9"].concat(), At::Row(2), not_utf8()),
        ("a picture", b"\x89PNG\r\n\x1a\n\0\0".to_vec(), At::Row(1), not_utf8()),
        (
            "zero byte",
            format!("{HEAD}\0").into(),
            At::Row(2),
            lang::file::not_text(lang).to_owned(),
        ),
        ("open quote", open_quote.into(), At::Row(2), lang::file::open_quote(lang).to_owned()),
        ("long cell", long_cell.into(), At::Cell(2, "B"), lang::file::cell_too_long(lang, 4000)),
        ("many rows", "x\n".repeat(20_002).into(), At::Cell(20002, "A"), too_large()),
        ("many columns", "x,".repeat(201).into(), At::Cell(1, "GS"), too_large()),
        ("no workbook", b"PK\x03\x04".to_vec(), At::File, damaged()),
        ("another ZIP file", zipped(&[("../../etc/passwd", "x")]), At::File, damaged()),
        ("cut off", bomb[..bomb.len() / 2].to_vec(), At::File, damaged()),
        ("deep", workbook(&deep, "<sst/>"), At::File, damaged()),
        ("entities", workbook("<row/>", entities), At::File, damaged()),
        ("a list that claims to be long", workbook("<row/>", claim), At::File, damaged()),
        ("bomb that claims little", claim_size(&bomb, 16), At::File, String::new()),
        ("bomb that claims much", claim_size(&bomb, u32::MAX - 1), At::File, String::new()),
        ("bomb", bomb, At::File, unpacks()),
        (
            "many texts",
            workbook("<row/>", &many_texts),
            At::File,
            lang::file::empty(lang).to_owned(),
        ),
        ("one text in every cell", workbook(&shared, &long_text), At::File, unpacks()),
    ]
}

#[test]
fn tables_of_every_kind_are_refused_with_place_and_reason() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::File(folder.path().join("sogoc.db"));
    prepare(&location);
    let server = Server::start(&location);
    let officer = Person::sign_in(&server);
    let csrf = officer.csrf("/tasks/observations/import");
    let stranger = Person::stranger(&server);
    for (name, bytes, at, reason) in cases() {
        let [in_table, in_file] = at.say(Lang::English);
        for (who, path, place) in [
            (&stranger, "/converter/table?lang=en", in_table),
            (&officer, "/tasks/observations/import?lang=en", in_file),
        ] {
            let file = [("file", "numbers.csv", &bytes[..])];
            let page = who.files(path, &[("csrf", &csrf)], &file).send().unwrap();
            let text = page.text().replace("&quot;", "\"");
            assert_eq!(page.status, 422, "{name} to {path}: {text}");
            for part in [&place, &reason] {
                assert!(text.contains(part), "{name} to {path}, no {part}: {text}");
            }
        }
    }
    let large = vec![b'x'; 12 << 20];
    for (who, path) in [(&stranger, "/converter/table"), (&officer, "/tasks/observations/import")] {
        let form = who.files(path, &[("csrf", &csrf)], &[("file", "x.csv", &large)]);
        // Who sends that much may be cut off before the answer.
        assert!(form.send().is_none_or(|page| page.status == 413), "{path}");
    }
    lives(&server, &location);
}

#[test]
fn headings_that_stand_twice_and_letters_that_nobody_sees_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::File(folder.path().join("sogoc.db"));
    prepare(&location);
    let server = Server::start(&location);
    let officer = Person::sign_in(&server);
    let path = "/tasks/observations/import?lang=en";
    let csrf = officer.csrf(path);
    let send = |text: &str| {
        let file = [("file", "x.csv", text.as_bytes())];
        officer.files(path, &[("csrf", &csrf)], &file).send().unwrap()
    };
    let twice =
        send("unit_code,measure,day,value,value,source\n3131801,households,30/06/2025,1,2,x\n");
    assert_eq!(twice.status, 422);
    assert!(twice.text().contains(&lang::observations::column_twice(Lang::English, "value")));

    // A mark of order, blanks without width, marks of direction, tones apart: what is written is
    // what is seen.
    let odd = "\u{feff}unit_\u{200b}code;measure;day;value;source\r\n\
               \u{200e}3131801;house\u{202e}holds;30/06/2025;1\u{a0}234;So\u{302}\u{309} <b>ho\u{302}\u{323}</b>\r\n";
    let page = send(&odd.replace("unit_\u{200b}code", "unit_code"));
    let text = page.text();
    assert_eq!(page.status, 200, "{text}");
    assert!(text.contains("Sổ &lt;b&gt;hộ&lt;/b&gt;") && text.contains("1,234"), "{text}");
    assert!(!text.contains('\u{202e}') && !text.contains("<b>"));
    let form = officer.values(
        "/tasks/observations/import/apply",
        &[("csrf", &page.hidden("csrf")), ("file", &page.hidden("file"))],
    );
    assert_eq!(form.send().unwrap().location, "/tasks/observations/import?done=1");
    lives(&server, &location);
}
