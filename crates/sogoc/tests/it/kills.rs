//! Killed inside a transaction: nothing of it is there, or all, and it can be done again.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::json;
use store::testing::TestDatabase;
use store::{Database, Location, values};

use crate::organisation::{merge_committees, some_committees};
use crate::person::Person;
use crate::program::{Server, address, agent, packs, prepare, run, sogoc};

/// Something takes far less; a test that hangs must end.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is done in one transaction, and is killed there.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Import,
    ApplyPack,
    ApplyMerger,
    UndoCommittees,
    Report,
}

const DEEDS: [Deed; 5] =
    [Deed::Import, Deed::ApplyPack, Deed::ApplyMerger, Deed::UndoCommittees, Deed::Report];

const UNITS: &str =
    "new_code,new_full_name,type,parent_code,from_codes\n31453,Xã Vị Thắng,xa,92,31441;31453\n";

impl Deed {
    /// What must be there before.
    fn prepare(self, location: &Location) {
        match self {
            Self::Import => {}
            Self::ApplyPack => {
                for pack in ["units-of-count", "reporting-calendars"] {
                    succeed(&pack_words(pack, location));
                }
            }
            // The first start makes the administrator, whose role is an entry of its own.
            Self::ApplyMerger | Self::Report => {
                prepare(location);
                drop(Server::start(location));
            }
            Self::UndoCommittees => {
                prepare(location);
                let server = Server::start(location);
                let person = Person::sign_in(&server);
                some_committees(&person);
                merge_committees(&person);
            }
        }
    }

    /// Tables that it writes, in the order in which it does. Whoever waits for a later one has
    /// written the earlier ones.
    const fn tables(self) -> &'static [&'static str] {
        match self {
            Self::Import => {
                &["unit_versions", "territory_head", "outlines", "journal_head", "entries"]
            }
            Self::ApplyPack => &["packs", "entries"],
            Self::ApplyMerger => &["unit_changes", "unit_operations", "journal_head", "entries"],
            Self::UndoCommittees => &["entries", "agency_versions", "agency_operation_versions"],
            Self::Report => {
                &["entries", "cells", "postings", "observations", "observation_versions"]
            }
        }
    }

    /// Begins it, so that it is killed when it has written so many bytes to the log of SQLite.
    fn begin(self, location: &Location, bytes: Option<u64>) -> Running {
        let command = |words: [String; 5]| Running {
            process: Process::Command(quiet(&words, bytes).spawn().unwrap()),
            asking: None,
        };
        let ask = |server: Server, ask: Box<dyn FnOnce() -> bool + Send>| {
            if let Some(bytes) = bytes {
                let mut command = limit_of_files(log_bytes(location).max(INDEX_BYTES) + bytes);
                let limited = command.args(["--pid", &server.id().to_string()]).status().unwrap();
                assert!(limited.success());
            }
            let asking = Some(std::thread::spawn(ask));
            Running { process: Process::Server(server), asking }
        };
        match self {
            Self::Import => command(import_words(location)),
            Self::ApplyPack => command(pack_words("campaign-124", location)),
            Self::ApplyMerger => {
                let server = Server::start(location);
                let person = Person::sign_in(&server);
                let path = "/tasks/mergers/new";
                let csrf = person.csrf(path);
                let mut order = vec![
                    ("csrf", &*csrf),
                    ("number", "1/NQ-UBTVQH16"),
                    ("effective_on", "01/01/2030"),
                    ("units", UNITS),
                ];
                let rehearsal = person.files(path, &order, &[]).send().unwrap();
                let seal = rehearsal.hidden("seal");
                order.push(("seal", &seal));
                let form = person.files(path, &order, &[]);
                drop(person);
                ask(server, Box::new(move || form.send().is_some_and(|page| page.status == 303)))
            }
            Self::UndoCommittees => {
                let server = Server::start(location);
                let person = Person::sign_in(&server);
                let list = person.get("/tasks/organisation/operations").text();
                let begin = "href=\"/tasks/organisation/operations/";
                let id = list.split_once(begin).unwrap().1.split('"').next().unwrap();
                let path = format!("/tasks/organisation/operations/{id}");
                let csrf = person.csrf(&path);
                let fields = [("csrf", &*csrf), ("decision", "03/QĐ-MẪU")];
                let form = person.values(&path, &fields);
                drop(person);
                ask(server, Box::new(move || form.send().is_some_and(|page| page.status == 303)))
            }
            Self::Report => {
                let server = Server::start(location);
                let count = |at: usize| {
                    let hamlet = format!("31318{:02}", at % 7 + 1);
                    let day =
                        format!("20{:02}-{:02}-{:02}", at / 7 % 20 + 5, at / 140 + 1, at % 5 + 1);
                    json!({"unit": hamlet, "measure": "households", "day": day, "value": at, "source": "test"})
                };
                let items: Vec<_> = (0..700).map(count).collect();
                let request = agent()
                    .post(server.url("/api/v1/observations"))
                    .header("authorization", crate::program::LOGIN);
                let body = json!({ "items": items });
                let send =
                    move || request.send_json(&body).is_ok_and(|response| response.status() == 201);
                ask(server, Box::new(send))
            }
        }
    }
}

fn quiet(words: &[String], bytes: Option<u64>) -> Command {
    let program = sogoc();
    let mut command = match bytes {
        Some(bytes) => {
            let mut command = limit_of_files(INDEX_BYTES + bytes);
            command.arg(program.get_program()).env_clear();
            command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
            command
        }
        None => program,
    };
    command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// How long the write-ahead log is. Units: bytes.
fn log_bytes(location: &Location) -> u64 {
    let Location::File(file) = location else { return 0 };
    std::fs::metadata(file.with_file_name("sogoc.db-wal")).map_or(0, |about| about.len())
}

fn import_words(location: &Location) -> [String; 5] {
    let folder = packs().join("territory-hau-giang").display().to_string();
    ["import", "territory", &folder, "--database", &address(location)].map(str::to_owned)
}

fn pack_words(pack: &str, location: &Location) -> [String; 5] {
    let folder = packs().join(pack).display().to_string();
    ["pack", "apply", &folder, "--database", &address(location)].map(str::to_owned)
}

fn succeed(words: &[String]) {
    let done = sogoc().args(words).output().unwrap();
    assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
}

enum Process {
    Command(Child),
    Server(Server),
}

/// The program at work.
struct Running {
    process: Process,
    /// Who waits for the answer of a server; true when it was good.
    asking: Option<JoinHandle<bool>>,
}

impl Running {
    /// Kills it; true when it had said before that all is done.
    fn kill(mut self) -> bool {
        match &mut self.process {
            Process::Command(child) => {
                let _ = child.kill();
                child.wait().unwrap().success()
            }
            Process::Server(server) => {
                server.kill();
                self.asking.take().is_some_and(|asking| asking.join().unwrap())
            }
        }
    }

    /// Lets it end; true when it says that all is done.
    fn finish(mut self) -> bool {
        match &mut self.process {
            Process::Command(child) => child.wait().unwrap().success(),
            Process::Server(_) => self.asking.take().is_some_and(|asking| asking.join().unwrap()),
        }
    }
}

/// How much there is of everything.
async fn extent(database: &Database) -> Vec<i64> {
    let mut tx = database.read().await.unwrap();
    let tables = [
        "acts",
        "units",
        "unit_versions",
        "unit_changes",
        "outlines",
        "unit_operations",
        "entries",
        "postings",
        "cells",
        "packs",
        "definitions",
        "observations",
        "observation_versions",
        "agency_versions",
        "agency_operation_versions",
    ];
    let mut extent = Vec::new();
    for table in tables {
        let sql = format!("select count(*) from {table}");
        let rows: Vec<(i64,)> = tx.all_built(sql, vec![]).await.unwrap();
        extent.push(rows[0].0);
    }
    let sql = "select next_seq from journal_head";
    extent.push(tx.one::<(i64,)>(sql, vec![]).await.unwrap().0);
    extent
}

fn verify(location: &Location) {
    let verified = run(&["verify", "--database", &address(location)]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

/// The process of PostgreSQL that waits to write a table, in a transaction that wrote already.
async fn wait_for_writer(database: &Database, table: &str) -> i64 {
    let sql = "select cast(a.pid as bigint) from pg_locks l \
               join pg_stat_activity a on a.pid = l.pid \
               where l.relation = cast(cast($1 as text) as regclass) and not l.granted \
               and a.backend_xid is not null and a.datname = current_database()";
    let begin = Instant::now();
    while begin.elapsed() < PATIENCE {
        let mut tx = database.read().await.unwrap();
        if let Some((pid,)) = tx.find::<(i64,)>(sql, values![table]).await.unwrap() {
            return pid;
        }
    }
    panic!("nobody came to write {table}");
}

/// Waits until a process of PostgreSQL has seen that nobody listens to it any more.
async fn wait_for_end(database: &Database, pid: i64) {
    let sql = "select cast(pid as bigint) from pg_stat_activity where pid = $1";
    let begin = Instant::now();
    while begin.elapsed() < PATIENCE {
        let mut tx = database.read().await.unwrap();
        if tx.find::<(i64,)>(sql, values![pid]).await.unwrap().is_none() {
            return;
        }
    }
    panic!("{pid} does not end");
}

#[tokio::test]
async fn killed_between_two_tables_on_postgres_nothing_is_left() {
    for deed in DEEDS {
        let Some(database) = TestDatabase::postgres().await else { return };
        deed.prepare(&database.location);
        let before = extent(&database).await;
        for table in deed.tables() {
            let mut blocker = database.write().await.unwrap();
            let lock = format!("lock table {table} in exclusive mode");
            blocker.run_built(lock, vec![]).await.unwrap();
            let running = deed.begin(&database.location, None);
            let writer = wait_for_writer(&database, table).await;
            assert!(!running.kill(), "{deed:?} was acknowledged before it wrote {table}");
            drop(blocker);
            wait_for_end(&database, writer).await;
            assert_eq!(extent(&database).await, before, "{deed:?} killed before {table}");
            verify(&database.location);
        }
        assert!(deed.begin(&database.location, None).finish(), "{deed:?}");
        assert_ne!(extent(&database).await, before, "{deed:?}");
        verify(&database.location);
    }
}

/// Bytes that the index of the write-ahead log takes, whatever is in the log
/// (https://sqlite.org/walformat.html, 2.2).
const INDEX_BYTES: u64 = 32 << 10;

/// The process is killed as it writes past so many bytes of any file: by the signal of the limit
/// on the size of files, which nobody catches. So the place of the kill does not hang on time.
fn limit_of_files(bytes: u64) -> Command {
    let mut command = Command::new("prlimit");
    command.arg(format!("--fsize={bytes}:{bytes}")).arg("--core=0:0");
    command
}

/// What a kill met.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Met {
    /// The transaction, of which nothing is left.
    Transaction,
    /// The transaction, which is there as a whole though nobody was told.
    Commit,
    /// Nothing: it was done with fewer bytes.
    Nothing,
}

/// Kills the deed when it has written so many bytes to the log.
async fn kill(deed: Deed, template: &Path, bytes: u64, extents: [&[i64]; 2]) -> Met {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sogoc.db");
    std::fs::copy(template, &file).unwrap();
    let location = Location::File(file);
    let acknowledged = deed.begin(&location, Some(bytes)).finish();
    let database = Database::open(&location).await.unwrap();
    let now = extent(&database).await;
    database.close().await;
    verify(&location);
    let [before, after] = extents;
    assert!(now == before || now == after, "{deed:?} after {bytes} bytes: {now:?}");
    assert!(!acknowledged || now == after, "{deed:?} after {bytes} bytes: what was said is gone");
    if now == before {
        assert!(deed.begin(&location, None).finish(), "{deed:?} after {bytes} bytes: not again");
        verify(&location);
        return Met::Transaction;
    }
    if acknowledged { Met::Nothing } else { Met::Commit }
}

/// How much there is in a file, whose schema is brought up to date.
async fn extent_of(file: &Path) -> Vec<i64> {
    let database = Database::open(&Location::File(file.to_owned())).await.unwrap();
    let (sqlite, postgres) = store::testing::migrators().await;
    store::migrate(&database, &sqlite, &postgres).await.unwrap();
    let extent = extent(&database).await;
    database.close().await;
    extent
}

#[tokio::test]
async fn killed_at_any_byte_of_the_log_on_sqlite_it_is_whole_or_not_there() {
    for deed in DEEDS {
        let folder = tempfile::tempdir().unwrap();
        let (template, done) = (folder.path().join("template.db"), folder.path().join("done.db"));
        deed.prepare(&Location::File(template.clone()));
        let before = extent_of(&template).await;
        std::fs::copy(&template, &done).unwrap();
        assert!(deed.begin(&Location::File(done.clone()), None).finish());
        let after = extent_of(&done).await;
        assert_ne!(before, after);
        let mut met = Vec::new();
        let mut bytes = 1 << 10;
        while met.last() != Some(&Met::Nothing) {
            met.push(kill(deed, &template, bytes, [&before, &after]).await);
            bytes *= 2;
        }
        let inside = met.iter().filter(|met| **met == Met::Transaction).count();
        assert!(inside >= 2, "{deed:?} was killed too seldom inside its transaction: {met:?}");
    }
}
