//! Letters from the program to a mail server: what crosses the wire, and that none is lost.

use std::path::Path;
use std::time::{Duration, Instant};

use base::{Clock, Day};
use figures::Period;
use serde_json::json;
use store::testing::TestDatabase;
use store::values;

use crate::program::{Server, address, agent, prepare, sogoc};
use crate::smtp::{Halt, Mood, Smtp};

const PATIENCE: Duration = Duration::from_secs(60);
const SITE: &str = "https://sogoc.example.vn";

/// The program over a database, with a mail server on this port.
fn start(database: &TestDatabase, folder: &Path, port: u16) -> Server {
    let config = folder.join("sogoc.toml");
    let text = format!(
        "site = \"{SITE}\"\nwatch_seconds = 1\n[mail]\nhost = \"127.0.0.1\"\nport = {port}\n\
         tls = \"none\"\nfrom = \"sogoc@example.vn\"\n"
    );
    std::fs::write(&config, text).unwrap();
    let mut command = sogoc();
    command.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(&config);
    command.args(["--database", &address(&database.location), "--data-dir"]).arg(folder);
    Server::of(&mut command)
}

/// The last day of the last quarter that is over.
fn quarter_end() -> Day {
    Period::last_quarters(None, Clock::system().today(), 1)[0].days.last()
}

/// Reports the households of a hamlet; gives the id of the count of those with the app.
fn report(server: &Server, hamlet: &str, with_app: i64) -> String {
    let day = quarter_end().to_string();
    let count = |measure: &str, value: i64| json!({"unit": hamlet, "measure": measure, "day": day, "value": value, "source": "sổ hộ"});
    let items = [count("households", 300), count("households_with_app", with_app)];
    let (status, body) = server.post("/api/v1/observations", &json!({ "items": items })).unwrap();
    assert_eq!(status, 201, "{body}");
    body["ids"][1].as_str().unwrap().to_owned()
}

async fn number(database: &TestDatabase, sql: &'static str) -> i64 {
    let mut tx = database.read().await.unwrap();
    tx.one::<(i64,)>(sql, values![]).await.unwrap().0
}

async fn wait_until(database: &TestDatabase, sql: &'static str, wanted: i64) {
    let begin = Instant::now();
    while number(database, sql).await != wanted {
        assert!(begin.elapsed() < PATIENCE, "{sql} does not become {wanted}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// As if the time of every pause and of every lease had passed.
async fn pass_time(database: &TestDatabase) {
    let mut tx = database.write().await.unwrap();
    tx.run("update outbox set due_at = 0, leased_until = 0", values![]).await.unwrap();
    tx.commit().await.unwrap();
}

fn post(server: &Server, path: &str, form: &[(&str, &str)]) -> (u16, String) {
    let response = agent().post(server.url(path)).send_form(form.iter().copied()).unwrap();
    let place = response.headers().get("location");
    let place = place.map_or("", |place| place.to_str().unwrap()).to_owned();
    (response.status().as_u16(), place)
}

/// Asks for letters about the share of households with the app in the city.
fn ask(server: &Server) {
    let page = server.page("/indicators/households-with-app?lang=vi").1;
    let form = page.split("action=\"/watch\"").nth(1).unwrap();
    let unit = form.split("name=\"unit\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let form = [
        ("kind", "indicator"),
        ("code", "households-with-app"),
        ("unit", unit),
        ("address", "an.nguyen@example.vn"),
        ("language", "vi"),
    ];
    assert_eq!(post(server, "/watch", &form), (303, "/watch/asked".to_owned()));
}

/// A province of which somebody has looked how it stands.
async fn looked_at(database: &TestDatabase, folder: &Path, port: u16) -> (Server, String) {
    prepare(&database.location);
    let server = start(database, folder, port);
    let id = report(&server, "3131801", 100);
    let sql =
        "select count(*) from watch_states where kind = 'indicator' and state like '%:3333,%'";
    let begin = Instant::now();
    while number(database, sql).await == 0 {
        assert!(begin.elapsed() < PATIENCE, "nobody looks");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    (server, id)
}

#[tokio::test]
async fn a_person_asks_confirms_is_told_and_leaves() {
    for database in TestDatabase::each().await {
        let folder = tempfile::tempdir().unwrap();
        let smtp = Smtp::start(Mood::Takes);
        let (server, id) = looked_at(&database, folder.path(), smtp.port).await;
        ask(&server);
        let first = smtp.letters(1).remove(0);
        assert_eq!(
            (&*first.from, &*first.to),
            ("sogoc@example.vn", &["an.nguyen@example.vn".to_owned()][..])
        );
        assert_eq!(first.head("From").as_deref(), Some("Sổ Gốc <sogoc@example.vn>"));
        assert_eq!(first.head("To").as_deref(), Some("an.nguyen@example.vn"));
        let subject = first.head("Subject").unwrap();
        assert!(
            subject.starts_with("Xác nhận theo dõi: ") && subject.contains("Cần Thơ"),
            "{subject}"
        );
        assert_eq!(first.head("List-Unsubscribe"), None);
        let body = first.body();
        let link = body.split(SITE).nth(1).unwrap().split_whitespace().next().unwrap();
        assert!(link.starts_with("/watch/confirm/"), "{body}");
        let (status, place) = post(&server, link, &[]);
        assert_eq!(status, 303, "{place}");
        // A count is corrected, and with it the figure of the city.
        let correction = json!({"version": 1, "value": 150, "reason": "đếm lại"});
        let path = format!("/api/v1/observations/{id}/corrections");
        let (status, body) = server.post(&path, &correction).unwrap();
        assert!(status < 300, "{body}");
        let second = smtp.letters(2).remove(1);
        let body = second.body();
        assert!(body.contains("trước là 33,33%, nay là 50,00%"), "{body}");
        assert!(second.head("Subject").unwrap().contains("số liệu thay đổi"));
        let end = second.head("List-Unsubscribe").unwrap();
        let end = end.strip_prefix('<').unwrap().strip_suffix('>').unwrap();
        assert!(body.contains(end), "{body}");
        let post_by = second.head("List-Unsubscribe-Post");
        assert_eq!(post_by.as_deref(), Some("List-Unsubscribe=One-Click"));
        wait_until(&database, "select count(*) from outbox", 0).await;
        let metrics = server.page("/metrics").1;
        for line in ["sogoc_letters_total{outcome=\"sent\"} 2", "sogoc_outbox_waiting 0"] {
            assert!(metrics.contains(line), "{line}: {metrics}");
        }
        let path = end.strip_prefix(SITE).unwrap();
        let (status, _) = post(&server, path, &[("List-Unsubscribe", "One-Click")]);
        assert_eq!(status, 200);
        assert_eq!(number(&database, "select count(*) from watchers").await, 0);
        drop(server);
        // Nothing of the letters is a part of what is proved, and all of it still holds.
        let verified = crate::program::run(&["verify", "--database", &address(&database.location)]);
        assert!(verified.status.success());
    }
}

#[tokio::test]
async fn a_mail_server_that_is_away_or_refuses_loses_nothing() {
    for database in TestDatabase::each().await {
        let folder = tempfile::tempdir().unwrap();
        let smtp = Smtp::start(Mood::Refuses(451));
        let (server, _) = looked_at(&database, folder.path(), smtp.port).await;
        ask(&server);
        wait_until(&database, "select count(*) from outbox where tries = 1", 1).await;
        let sql = "select count(*) from outbox where failure = '451' and given_up = 0";
        assert_eq!(number(&database, sql).await, 1);
        let metrics = server.page("/metrics").1;
        assert!(metrics.contains("sogoc_outbox_waiting 1"), "{metrics}");
        // A server that does not let us in may do so when somebody has mended it.
        smtp.set(Mood::Declines(550, "5.7.1 relaying denied"));
        pass_time(&database).await;
        let sql = "select count(*) from outbox where failure = '550 5.7.1' and given_up = 0";
        wait_until(&database, sql, 1).await;
        // A mailbox that is not there is given up at once; the server's words name it and stay out.
        smtp.set(Mood::Refuses(550));
        pass_time(&database).await;
        wait_until(&database, "select count(*) from outbox where given_up = 1", 1).await;
        let metrics = server.page("/metrics").1;
        assert!(metrics.contains("sogoc_outbox_given_up 1"), "{metrics}");
        assert_eq!(number(&database, "select count(*) from outbox where failure = '550'").await, 1);
        let mut tx = database.write().await.unwrap();
        store::outbox::try_again(&mut tx, &Clock::system()).await.unwrap();
        tx.commit().await.unwrap();
        smtp.set(Mood::Takes);
        pass_time(&database).await;
        assert_eq!(smtp.letters(1).len(), 1);
        drop(server);
        // Nobody listens at all: the letter waits, and goes when somebody does.
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = nobody.local_addr().unwrap().port();
        drop(nobody);
        let mut server = start(&database, folder.path(), port);
        ask(&server);
        wait_until(&database, "select count(*) from outbox where failure = 'connection'", 1).await;
        assert!(server.stop(), "it ends well though letters wait");
        let smtp = Smtp::on(port, Mood::Takes);
        let _server = start(&database, folder.path(), port);
        pass_time(&database).await;
        assert_eq!(smtp.letters(1).len(), 1);
        wait_until(&database, "select count(*) from outbox", 0).await;
    }
}

#[tokio::test]
async fn killed_at_any_step_of_a_delivery_the_letter_comes_and_bears_one_name() {
    for database in TestDatabase::each().await {
        let folder = tempfile::tempdir().unwrap();
        let smtp = Smtp::start(Mood::Takes);
        drop(looked_at(&database, folder.path(), smtp.port).await);
        let mut halted = 0;
        for halt in [Halt::Greeting, Halt::Data, Halt::End] {
            let before = smtp.letters(0).len();
            smtp.set(Mood::Halts(halt));
            let mut server = start(&database, folder.path(), smtp.port);
            let mut tx = database.write().await.unwrap();
            tx.run("delete from watches", values![]).await.unwrap();
            tx.run("delete from watchers", values![]).await.unwrap();
            tx.commit().await.unwrap();
            ask(&server);
            halted += 1;
            smtp.wait_for_halt(halted);
            server.kill();
            assert_eq!(number(&database, "select count(*) from outbox").await, 1, "{halt:?}");
            let server = start(&database, folder.path(), smtp.port);
            smtp.set(Mood::Takes);
            // Another one may still be at it: until the lease has passed, nobody else is.
            assert_eq!(number(&database, "select count(*) from outbox where lease <> ''").await, 1);
            pass_time(&database).await;
            let came = before + 1 + usize::from(halt == Halt::End);
            let letters = smtp.letters(came);
            wait_until(&database, "select count(*) from outbox", 0).await;
            assert_eq!(smtp.letters(came).len(), came, "{halt:?}");
            let names: Vec<_> = letters[before..].iter().map(|it| it.head("Message-ID")).collect();
            assert!(names.iter().all(|name| *name == names[0] && name.is_some()), "{names:?}");
            let dates: Vec<_> = letters[before..].iter().map(|it| it.head("Date")).collect();
            assert!(dates.iter().all(|date| *date == dates[0]), "{dates:?}");
            drop(server);
        }
    }
}

#[test]
fn letters_without_an_address_of_the_program_are_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("sogoc.toml");
    for (text, place) in [
        ("[mail]\nhost = \"localhost\"\nfrom = \"a@b.vn\"\n", "site"),
        ("site = \"https://a.vn/x\"\n", "site"),
        (
            "site = \"https://a.vn\"\n[mail]\nhost = \"a.vn\"\ntls = \"none\"\nfrom = \"a@b.vn\"\n",
            "mail.tls",
        ),
        ("watch_seconds = 0\n", "watch_seconds"),
        ("[mail]\nhosts = \"x\"\n", "sogoc.toml:2"),
        ("witnesses = [\"x y\"]\n", "witnesses"),
    ] {
        std::fs::write(&config, text).unwrap();
        let done = sogoc().args(["config", "--config"]).arg(&config).output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{text}: {said}");
        assert!(said.contains(place), "{place}: {said}");
    }
}
