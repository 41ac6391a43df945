//! Backups of either engine, put back into either engine, and what is refused.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::Progress;
use store::testing::migrators;
use store::{Database, Engine, Location, Value, bulk_insert, values};

use crate::migrations::{Blank, filled, filled_at, up_to};
use crate::program::{address, prepare, run, sogoc};

fn back_up(location: &Location, file: &Path) -> Output {
    run(&["backup", "--plain", &file.display().to_string(), "--database", &address(location)])
}

/// Restores; the data folder of the program stays inside that of the test.
fn restore(file: &Path, location: &Location, folder: &Path) -> Output {
    let words = ["restore", &file.display().to_string(), "--database", &address(location)];
    sogoc().args(words).arg("--data-dir").arg(folder).output().unwrap()
}

#[track_caller]
fn succeeded(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Refused in one sentence with exit code 2, with nothing left behind.
#[track_caller]
fn refused(output: &Output, part: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.lines().count() == 1 && said.contains(part), "{part}: {said}");
}

/// What a backup says of each table: name, rows, hash.
async fn sums(file: &Path) -> Vec<(String, i64, Vec<u8>)> {
    // A copy, because opening it changes it.
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    std::fs::copy(file, &copy).unwrap();
    let database = Database::open(&Location::File(copy)).await.unwrap();
    let sql = "select \"table\", \"rows\", hash from _sogoc_backup order by 1";
    database.read().await.unwrap().all(sql, values![]).await.unwrap()
}

/// Changes something in a file behind the program's back.
async fn tamper(file: &Path, sql: &str) {
    let database = Database::open(&Location::File(file.to_owned())).await.unwrap();
    let mut tx = database.write().await.unwrap();
    tx.run_built(sql.to_owned(), values![]).await.unwrap();
    tx.commit().await.unwrap();
    database.close().await;
}

async fn is_untouched(blank: &Blank) -> bool {
    match &blank.location {
        Location::File(file) => !file.exists(),
        Location::Server(_) => {
            store::tables(&mut blank.database.read().await.unwrap()).await.unwrap().is_empty()
        }
    }
}

/// Places to restore into: a file that is not there and an empty database.
async fn targets() -> Vec<Blank> {
    let blanks = Blank::each().await;
    for blank in &blanks {
        if let Location::File(file) = &blank.location {
            blank.database.close().await;
            for end in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{end}", file.display()));
            }
        }
    }
    blanks
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let mut names: Vec<_> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_backup_of_either_engine_goes_back_into_either_engine() {
    for source in filled().await {
        for target in targets().await {
            let folder = tempfile::tempdir().unwrap();
            let (first, second) = (folder.path().join("first.db"), folder.path().join("second.db"));
            succeeded(&back_up(&source.location, &first));
            succeeded(&restore(&first, &target.location, folder.path()));
            let verified = run(&["verify", "--database", &address(&target.location)]);
            let mut tx = source.database.read().await.unwrap();
            let last = journal::last_seq(&mut tx).await.unwrap();
            let entries = format!("{last} entries, 7 postings");
            assert!(String::from_utf8_lossy(&verified.stdout).contains(&entries), "{entries}");
            succeeded(&verified);
            succeeded(&back_up(&target.location, &second));
            let sums = (sums(&first).await, sums(&second).await);
            assert!(sums.0.iter().all(|(_, rows, _)| *rows > 0), "{:?}", sums.0);
            assert_eq!(sums.0, sums.1);
            assert_eq!(names(folder.path()), ["first.db", "second.db"]);
        }
    }
}

#[tokio::test]
async fn a_backup_of_any_earlier_version_is_brought_up_to_date() {
    let schema = migrators().await;
    for version in schema.0.iter().map(|migration| migration.version) {
        let then = up_to(&schema, version);
        for source in filled_at(&then).await {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("then.db");
            let nobody: Arc<dyn Progress> = Arc::new(base::Unwatched);
            store::back_up(&source.database, &file, &then.0, &nobody).await.unwrap();
            for target in targets().await {
                succeeded(&restore(&file, &target.location, folder.path()));
                succeeded(&run(&["verify", "--database", &address(&target.location)]));
            }
        }
    }
}

#[tokio::test]
async fn rows_may_refer_to_rows_that_come_long_after_them() {
    let (sqlite, postgres) = migrators().await;
    for source in filled().await {
        let mut tx = source.database.write().await.unwrap();
        let units = (1_000..4_000).map(|id| values![id, "hamlet", None::<i64>, 1_i64]);
        let head = "insert into units (id, level, origin, made_up)";
        bulk_insert(&mut tx, head, 4, units.collect::<Vec<Vec<Value>>>()).await.unwrap();
        tx.run("update units set origin = 3999 where id < 3999", values![]).await.unwrap();
        tx.commit().await.unwrap();
        for target in targets().await {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("long.db");
            let nobody: Arc<dyn Progress> = Arc::new(base::Unwatched);
            store::back_up(&source.database, &file, &sqlite, &nobody).await.unwrap();
            store::unpack(&file, "long.db", &sqlite, &*nobody).await.unwrap();
            let copy = Database::open(&Location::File(file)).await.unwrap();
            let database = match target.location {
                Location::File(_) => &copy,
                Location::Server(_) => {
                    let into = &target.database;
                    store::fill_server(into, &copy, &sqlite, &postgres, &nobody).await.unwrap();
                    into
                }
            };
            let mut tx = database.write().await.unwrap();
            let sql = "insert into units (id, level, origin, made_up) values (1, '', 77777, 0)";
            assert!(tx.run(sql, values![]).await.is_err(), "references are watched over again");
        }
    }
}

#[tokio::test]
async fn a_tampered_backup_is_refused_whatever_was_changed() {
    let source = &filled().await[0];
    for (sql, part) in [
        ("update accounts set password = 'x'", "table accounts: changed"),
        ("update unit_versions set name = 'X' where unit = 5", "table unit_versions: changed"),
        ("update entries set actor = 'x' where seq = 2", "table entries: changed"),
        ("delete from postings where entry = 6", "table postings: changed"),
        ("update outlines set polygons = '[]'", "table outlines: changed"),
        ("drop table sessions", "table sessions: changed"),
        ("create table more (id integer primary key)", "table more: changed"),
        ("create trigger t after insert on files begin delete from files; end", "trigger t"),
        ("create view v as select 1", "view v"),
        ("drop index accounts_name_key", "index accounts_name_key"),
        ("delete from _sogoc_backup where \"table\" = 'files'", "table files: changed"),
        ("drop table _sogoc_backup", "not a backup"),
        (
            "update _sqlx_migrations set version = 9999 where version = 1",
            "The database is at version 9999",
        ),
    ] {
        for target in targets().await {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("copy.db");
            succeeded(&back_up(&source.location, &file));
            tamper(&file, sql).await;
            let output = restore(&file, &target.location, folder.path());
            refused(&output, part);
            assert!(String::from_utf8_lossy(&output.stderr).contains("copy.db"), "{sql}");
            assert!(is_untouched(&target).await, "{sql}");
            assert_eq!(names(folder.path()), ["copy.db"], "{sql}");
        }
    }
}

#[tokio::test]
async fn a_backup_of_a_journal_that_does_not_hold_is_refused() {
    for (sql, part) in [
        ("update entries set actor = 'x' where seq = 2", "entry 2: changed"),
        ("update observation_versions set value = 1 where entry = 4", "observation "),
    ] {
        for source in filled().await {
            let mut tx = source.database.write().await.unwrap();
            tx.run(sql, values![]).await.unwrap();
            tx.commit().await.unwrap();
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("copy.db");
            succeeded(&back_up(&source.location, &file));
            for target in targets().await {
                refused(&restore(&file, &target.location, folder.path()), part);
                assert!(is_untouched(&target).await);
            }
        }
    }
}

#[tokio::test]
async fn what_is_no_backup_is_refused() {
    let source = &filled().await[0];
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    succeeded(&back_up(&source.location, &path("whole.db")));
    let whole = std::fs::read(path("whole.db")).unwrap();
    std::fs::write(path("half.db"), &whole[..whole.len() / 2]).unwrap();
    std::fs::write(path("empty.db"), b"").unwrap();
    std::fs::write(path("junk.db"), b"not a database at all, not even nearly").unwrap();
    source.database.close().await;
    std::fs::copy(address(&source.location), path("live.db")).unwrap();
    let other = Database::open(&Location::File(path("other.db"))).await.unwrap();
    let mut tx = other.write().await.unwrap();
    tx.run("create table accounts (id integer)", values![]).await.unwrap();
    tx.commit().await.unwrap();
    other.close().await;
    for name in ["half.db", "empty.db", "junk.db", "live.db", "other.db", "missing.db", "."] {
        for target in targets().await {
            refused(&restore(&path(name), &target.location, folder.path()), name);
            assert!(is_untouched(&target).await, "{name}");
        }
    }
}

#[tokio::test]
async fn nothing_that_is_there_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("first.db");
    for source in filled().await {
        let _ = std::fs::remove_file(&file);
        succeeded(&back_up(&source.location, &file));
        let before = std::fs::read(&file).unwrap();
        refused(&back_up(&source.location, &file), "first.db");
        assert_eq!(std::fs::read(&file).unwrap(), before);
        refused(&restore(&file, &source.location, folder.path()), "already");
        succeeded(&run(&["verify", "--database", &address(&source.location)]));
    }
    // One that has its tables but nothing in them may be filled.
    let (sqlite, postgres) = migrators().await;
    for target in Blank::each().await {
        if target.database.engine() == Engine::Postgres {
            store::migrate(&target.database, &sqlite, &postgres).await.unwrap();
            succeeded(&restore(&file, &target.location, folder.path()));
        }
    }
}

/// How many steps each part said that it has, and how many it took.
#[derive(Default)]
struct Counted(Mutex<Vec<(u64, u64)>>);

impl Progress for Counted {
    fn begin(&self, _: fn(lang::Lang) -> &'static str, steps: u64) {
        self.0.lock().unwrap().push((steps, 0));
    }

    fn advance(&self, steps: u64) {
        self.0.lock().unwrap().last_mut().unwrap().1 += steps;
    }
}

#[tokio::test]
async fn what_is_said_of_the_progress_is_true() {
    let schema = migrators().await;
    for source in filled().await {
        let folder = tempfile::tempdir().unwrap();
        let counted = Arc::new(Counted::default());
        let watching: Arc<dyn Progress> = counted.clone();
        let file = folder.path().join("copy.db");
        let rows = store::back_up(&source.database, &file, &schema.0, &watching).await.unwrap();
        assert_eq!(*counted.0.lock().unwrap(), [(rows, rows), (rows, rows)]);
    }
}

/// Writes into the source when the copying begins, and so between its first and its last table.
struct Meddler {
    location: Location,
    done: Mutex<u32>,
}

impl Progress for Meddler {
    fn begin(&self, _: fn(lang::Lang) -> &'static str, _: u64) {
        let location = self.location.clone();
        let meddle = async move {
            let database = Database::open(&location).await.unwrap();
            let mut tx = database.write().await.unwrap();
            tx.run("delete from sessions", values![]).await.unwrap();
            tx.run("update accounts set name = name || 'x'", values![]).await.unwrap();
            tx.commit().await.unwrap();
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        std::thread::spawn(move || runtime.block_on(meddle)).join().unwrap();
        *self.done.lock().unwrap() += 1;
    }

    fn advance(&self, _: u64) {}
}

#[tokio::test]
async fn a_backup_is_one_state_although_others_write() {
    let schema = migrators().await;
    for source in filled().await {
        let folder = tempfile::tempdir().unwrap();
        let (before, during) = (folder.path().join("before.db"), folder.path().join("during.db"));
        let nobody: Arc<dyn Progress> = Arc::new(base::Unwatched);
        store::back_up(&source.database, &before, &schema.0, &nobody).await.unwrap();
        let meddler = Arc::new(Meddler { location: source.location.clone(), done: Mutex::new(0) });
        let watching: Arc<dyn Progress> = meddler.clone();
        store::back_up(&source.database, &during, &schema.0, &watching).await.unwrap();
        assert!(*meddler.done.lock().unwrap() >= 2);
        assert_eq!(sums(&before).await, sums(&during).await);
    }
}

#[tokio::test]
async fn a_restore_that_is_killed_is_whole_or_not_there() {
    let source = &targets().await[0];
    prepare(&source.location);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy.db");
    succeeded(&back_up(&source.location, &file));
    for target in targets().await {
        for kill in 0..6 {
            let mut command = sogoc();
            command.args(["restore", &file.display().to_string()]);
            command.args(["--database", &address(&target.location), "--data-dir"]);
            let mut child = command.arg(folder.path()).spawn().unwrap();
            let start = std::time::Instant::now();
            while start.elapsed() < Duration::from_millis(10 + kill * 40)
                && child.try_wait().unwrap().is_none()
            {
                std::thread::yield_now();
            }
            let _ = child.kill();
            let finished = child.wait().unwrap().success();
            // Killed after its last step it is whole, though it did not come to say so.
            if finished || !is_untouched(&target).await {
                break;
            }
        }
        if is_untouched(&target).await {
            succeeded(&restore(&file, &target.location, folder.path()));
        }
        succeeded(&run(&["verify", "--database", &address(&target.location)]));
    }
}

#[tokio::test]
async fn a_backup_onto_a_full_disk_leaves_nothing_behind() {
    let source = &targets().await[0];
    prepare(&source.location);
    let folder = tempfile::tempdir().unwrap();
    // A limit on the size of files stands in for the full disk; the signal that goes with it is
    // ignored, so that the write itself fails.
    let script = "trap '' XFSZ; ulimit -f 300; exec \"$0\" backup --plain \"$1\" --database \"$2\"";
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_sogoc")])
        .arg(folder.path().join("copy.db"))
        .arg(address(&source.location))
        .env("LC_ALL", "en")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert_eq!(names(folder.path()), [""; 0]);
    succeeded(&run(&["verify", "--database", &address(&source.location)]));
}
