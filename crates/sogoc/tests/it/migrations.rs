//! From each version of the schema to the next: no row is lost, and nothing is half done.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;

use base::{Clock, Id};
use journal::NewEntry;
use serde_json::Value as Json;
use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use store::testing::{Cluster, migrators};
use store::{ColumnKind, Database, Engine, Location, Table, Tx, Value, bulk_insert};

use crate::program::{address, packs, run, sogoc};

/// The schema of both engines.
pub(crate) type Schema = (Migrator, Migrator);

/// A database that was just made and is not migrated yet.
pub(crate) struct Blank {
    pub(crate) location: Location,
    pub(crate) database: Database,
    _folder: tempfile::TempDir,
}

impl Blank {
    /// One of each engine that is to be had.
    pub(crate) async fn each() -> Vec<Self> {
        static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
        let start = || CLUSTER.get_or_init(Cluster::start).as_ref().map(Cluster::new_database);
        let address = tokio::task::spawn_blocking(start).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = Location::File(folder.path().join("sogoc.db"));
        let mut blanks = vec![Self::open(file, folder).await];
        if let Some(address) = address {
            let server = Location::Server(address);
            blanks.push(Self::open(server, tempfile::tempdir().unwrap()).await);
        }
        blanks
    }

    async fn open(location: Location, folder: tempfile::TempDir) -> Self {
        let database = Database::open(&location).await.unwrap();
        Self { location, database, _folder: folder }
    }

    async fn migrate(&self, (sqlite, postgres): &Schema) -> base::Result<()> {
        store::migrate(&self.database, sqlite, postgres).await
    }
}

/// One of each engine at the newest version, with rows in every table.
pub(crate) async fn filled() -> Vec<Blank> {
    filled_at(&migrators().await).await
}

/// One of each engine at some version, with the rows of that time.
pub(crate) async fn filled_at(schema: &Schema) -> Vec<Blank> {
    let blanks = Blank::each().await;
    for blank in &blanks {
        walk(blank, schema).await.unwrap();
    }
    blanks
}

/// Migrates step by step. Before each step every table has rows; behind it they must be there
/// still. The error says what is not as it should be.
async fn walk(blank: &Blank, schema: &Schema) -> Result<(), String> {
    let versions: Vec<i64> = schema.0.iter().map(|migration| migration.version).collect();
    let mut before = Rows::new();
    for version in versions {
        if let Some((table, _)) = before.iter().find(|(_, rows)| rows.is_empty()) {
            return Err(format!(
                "the table {table} is empty before migration {version}: write a row of it into {}",
                rows_of(version - 1).display()
            ));
        }
        blank.migrate(&up_to(schema, version)).await.map_err(|error| error.to_string())?;
        let mut tx = blank.database.write().await.unwrap();
        let after = all_rows(&mut tx).await;
        still_there(&before, &after).map_err(|what| format!("migration {version}: {what}"))?;
        insert_rows(&mut tx, version).await;
        before = all_rows(&mut tx).await;
        tx.commit().await.unwrap();
    }
    Ok(())
}

/// The schema as it was at an earlier version.
pub(crate) fn up_to((sqlite, postgres): &Schema, version: i64) -> Schema {
    let cut = |migrator: &Migrator| {
        let known = migrator.iter().filter(|migration| migration.version <= version);
        Migrator::with_migrations(known.cloned().collect())
    };
    (cut(sqlite), cut(postgres))
}

/// The schema with one more migration.
fn with(schema: &Schema, version: i64, sql: &'static str) -> Schema {
    let more = |migrator: &Migrator| {
        let kind = MigrationType::Simple;
        let last = Migration::new(version, "invented".into(), kind, sql.into_sql_str(), false);
        Migrator::with_migrations(migrator.iter().cloned().chain([last]).collect())
    };
    (more(&schema.0), more(&schema.1))
}

fn newest(schema: &Schema) -> i64 {
    schema.0.iter().map(|migration| migration.version).max().unwrap()
}

/// Every row of every table, by its columns.
type Rows = BTreeMap<String, Vec<BTreeMap<String, String>>>;

async fn all_rows(tx: &mut Tx) -> Rows {
    let mut all = Rows::new();
    for table in store::tables(tx).await.unwrap() {
        let texts = table.columns.iter().map(|column| as_text(tx.engine(), column));
        let sql = format!("select {} from {}", texts.collect::<Vec<_>>().join(" || "), table.name);
        let rows: Vec<(String,)> = tx.all_built(sql, Vec::new()).await.unwrap();
        let read = |(row,): (String,)| {
            let values = row.split('\u{1}').map(str::to_owned);
            let names = table.columns.iter().map(|column| column.name.clone());
            names.zip(values).collect()
        };
        all.insert(table.name.clone(), rows.into_iter().map(read).collect());
    }
    all
}

fn as_text(engine: Engine, column: &store::Column) -> String {
    let text = match (engine, &column.kind) {
        (Engine::Sqlite, ColumnKind::Bytes) => format!("lower(hex({}))", column.name),
        (Engine::Postgres, ColumnKind::Bytes) => format!("encode({}, 'hex')", column.name),
        _ => format!("cast({} as text)", column.name),
    };
    let end = if engine == Engine::Sqlite { "char(1)" } else { "chr(1)" };
    format!("coalesce({text}, 'null') || {end}")
}

/// A table that went into another one: its name, that of the other, and which column became which.
type Folded = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const FOLDED: [Folded; 1] = [(
    "subject_readings",
    "read_words",
    &[("id", "reading"), ("at", "at"), ("words", "sealed"), ("facts", "facts"), ("entry", "entry")],
)];

/// Rows as they stand in the table that theirs went into.
fn folded(
    rows: &[BTreeMap<String, String>],
    (.., columns): Folded,
) -> Vec<BTreeMap<String, String>> {
    let value = |row: &BTreeMap<String, String>, (old, new): &(&str, &str)| {
        ((*new).to_owned(), row[*old].clone())
    };
    rows.iter().map(|row| columns.iter().map(|column| value(row, column)).collect()).collect()
}

/// Whether each row is there after a migration, as far as its columns are.
fn still_there(before: &Rows, after: &Rows) -> Result<(), String> {
    for (table, rows) in before {
        let went = FOLDED.into_iter().find(|(old, ..)| old == table && !after.contains_key(*old));
        let moved = went.map(|went| (went.1.to_owned(), folded(rows, went)));
        let (table, rows) = moved.as_ref().map_or((table, rows), |(table, rows)| (table, rows));
        let now = after.get(table).ok_or_else(|| format!("the table {table} is gone"))?;
        if now.len() < rows.len() {
            return Err(format!("{table} had {} rows and has {}", rows.len(), now.len()));
        }
        for row in rows {
            let same = |other: &BTreeMap<String, String>| {
                row.iter().all(|(column, value)| other.get(column) == Some(value))
            };
            if !now.iter().any(same) {
                return Err(format!("{table} has lost {row:?}"));
            }
        }
    }
    Ok(())
}

fn rows_of(version: i64) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/migrations");
    folder.join(format!("{version:04}.json"))
}

/// Puts the made-up rows of a version, if there are any, in the place of what the tables hold.
async fn insert_rows(tx: &mut Tx, version: i64) {
    let Ok(text) = std::fs::read_to_string(rows_of(version)) else { return };
    let file: Json = serde_json::from_str(&text).unwrap();
    let first = append_entries(tx, &file["entries"]).await;
    let tables = store::tables(tx).await.unwrap();
    let written: Vec<&Table> =
        tables.iter().filter(|table| !file["tables"][&table.name].is_null()).collect();
    assert_eq!(written.len(), file["tables"].as_object().unwrap().len(), "unknown table");
    for table in written.iter().rev() {
        tx.run_built(format!("delete from {}", table.name), Vec::new()).await.unwrap();
    }
    for table in written {
        let part = &file["tables"][&table.name];
        let columns: Vec<&str> =
            part["columns"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let kinds: Vec<&ColumnKind> = columns
            .iter()
            .map(|name| &table.columns.iter().find(|column| column.name == *name).unwrap().kind)
            .collect();
        let number = |value: &Json| match &value["entry"] {
            Json::Null => value.as_i64(),
            place => Some(first + place.as_i64().unwrap()),
        };
        let value = |(kind, value): (&&ColumnKind, &Json)| match kind {
            ColumnKind::Int => Value::Int(number(value)),
            ColumnKind::Real => Value::Real(value.as_f64()),
            ColumnKind::Text => Value::Text(value.as_str().map(str::to_owned)),
            ColumnKind::Bytes => Value::Bytes(value.as_str().map(bytes)),
            ColumnKind::Other(kind) => panic!("{kind}"),
        };
        let rows = part["rows"].as_array().unwrap().iter();
        let rows: Vec<Vec<Value>> = rows
            .map(|row| kinds.iter().zip(row.as_array().unwrap()).map(value).collect())
            .collect();
        let head = format!("insert into {} ({})", table.name, columns.join(", "));
        bulk_insert(tx, &head, columns.len(), rows).await.unwrap();
    }
}

/// Appends the entries that rows of a version rest on to the journal; gives the number of the first.
async fn append_entries(tx: &mut Tx, list: &Json) -> i64 {
    let clock = Clock::fixed("2026-11-22T10:00:00Z".parse().unwrap());
    let word = |entry: &Json, name: &str| entry[name].as_str().unwrap().to_owned();
    let entry = |entry: &Json| NewEntry {
        id: Id::new(&clock),
        actor: word(entry, "actor"),
        cause: word(entry, "cause").leak(),
        record_kind: word(entry, "record_kind").leak(),
        record_id: word(entry, "record_id"),
        record_version: entry["record_version"].as_i64().unwrap(),
        content_hash: bytes(&word(entry, "content_hash")).try_into().unwrap(),
        postings: Vec::new(),
    };
    let entries: Vec<NewEntry> = list.as_array().into_iter().flatten().map(entry).collect();
    // Before the journal is there, nothing can be appended to it.
    if entries.is_empty() { 0 } else { journal::append(tx, &clock, entries).await.unwrap() }
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let pairs = hexadecimal.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// Tables, columns, constraints, indexes and views, as the database describes them.
async fn described(database: &Database) -> Vec<(String, String)> {
    const SQLITE: &str = "select type || ' ' || name, coalesce(sql, '') from sqlite_schema \
                          where name <> '_sqlx_migrations' order by 1";
    const POSTGRES: &str = "select 'column ' || table_name || '.' || column_name, \
         concat_ws(' ', data_type, collation_name, is_nullable, column_default, is_identity) \
         from information_schema.columns where table_schema = current_schema() \
         and table_name <> '_sqlx_migrations' \
         union all select 'constraint ' || conrelid::regclass || '.' || conname, \
         concat_ws(' ', pg_get_constraintdef(oid), condeferrable) from pg_constraint \
         where connamespace = current_schema()::regnamespace \
         union all select 'index ' || indexname, indexdef from pg_indexes \
         where schemaname = current_schema() \
         union all select 'view ' || viewname, definition from pg_views \
         where schemaname = current_schema() \
         union all select 'sequence ' || sequencename, '' from pg_sequences order by 1";
    let mut tx = database.read().await.unwrap();
    let sql = if tx.engine() == Engine::Sqlite { SQLITE } else { POSTGRES };
    tx.all(sql, Vec::new()).await.unwrap()
}

#[tokio::test]
async fn from_each_version_to_the_next_no_row_is_lost_and_the_schema_is_that_of_a_new_database() {
    let schema = migrators().await;
    for (walked, new) in Blank::each().await.into_iter().zip(Blank::each().await) {
        walk(&walked, &schema).await.unwrap();
        new.migrate(&schema).await.unwrap();
        assert_eq!(described(&walked.database).await, described(&new.database).await);
        let verified = run(&["verify", "--database", &address(&walked.location)]);
        let said = String::from_utf8_lossy(&verified.stdout);
        let mut tx = walked.database.read().await.unwrap();
        let entries = format!("{} entries", journal::last_seq(&mut tx).await.unwrap());
        assert!(verified.status.success() && said.contains(&entries), "{entries}: {said}");
    }
}

/// Keeps a look at a citizen twice, in the trace and as a reading; gives the ids of both.
async fn look_twice(tx: &mut Tx, clock: &Clock) -> (String, String) {
    let number = |number: i64| number.to_be_bytes();
    let (look, reading) = (Id::new(clock).to_string(), Id::new(clock).to_string());
    let (record, at, later) = ("01a203df-3000-7000-8000-000000000001", 5_i64, 6_i64);
    let look_hash = journal::content_hash(&[
        b"sogoc read 1",
        b"salt",
        look.as_bytes(),
        &number(at),
        b"an",
        b"request.reveal",
        b"subject",
        record.as_bytes(),
        record.as_bytes(),
        b"",
        b"contact",
        b"",
        &number(1),
    ]);
    let reading_hash = journal::content_hash(&[
        b"sogoc reading 1",
        reading.as_bytes(),
        record.as_bytes(),
        &number(later),
        b"an",
        b"contact",
        b"facts",
    ]);
    let entry = |kind, id: &str, content_hash| NewEntry {
        id: Id::new(clock),
        actor: "an".to_owned(),
        cause: "access.read",
        record_kind: kind,
        record_id: id.to_owned(),
        record_version: 1,
        content_hash,
        postings: Vec::new(),
    };
    let entries =
        vec![entry("read", &look, look_hash), entry("subject_reading", &reading, reading_hash)];
    let first = journal::append(tx, clock, entries).await.unwrap();
    let text = |text: &str| Value::Text(Some(text.to_owned()));
    let bytes = |bytes: &[u8]| Value::Bytes(Some(bytes.to_vec()));
    let int = |int| Value::Int(Some(int));
    let sql = "insert into reads (id, at, actor, act, record_kind, record, unit, purpose, words, \
               shown, salt, entry) values ($1, $2, 'an', 'request.reveal', 'subject', $3, null, \
               'contact', '', 1, $4, $5)";
    let values = vec![text(&look), int(at), text(record), bytes(b"salt"), int(first)];
    tx.run(sql, values).await.unwrap();
    let sql = "insert into read_subjects (read, subject) values ($1, $2)";
    tx.run(sql, vec![text(&look), text(record)]).await.unwrap();
    let sql = "insert into subject_readings (id, record, at, actor, purpose, words, facts, entry) \
               values ($1, $2, $3, 'an', 'contact', $4, $5, $6)";
    let (sealed, facts) = (bytes(b"sealed"), bytes(b"facts"));
    let values = vec![text(&reading), text(record), int(later), sealed, facts, int(first + 1)];
    tx.run(sql, values).await.unwrap();
    (look, reading)
}

/// A look at a citizen was kept twice, in the trace and as a reading: it becomes one that both entries
/// still hold for.
#[tokio::test]
async fn looks_that_were_kept_twice_become_one_with_both_entries() {
    let schema = migrators().await;
    for blank in filled_at(&up_to(&schema, 16)).await {
        let clock = Clock::fixed("2026-11-23T10:00:00Z".parse().unwrap());
        let mut tx = blank.database.write().await.unwrap();
        let (look, reading) = look_twice(&mut tx, &clock).await;
        let count = async |tx: &mut Tx, table: &str| {
            let sql = format!("select count(*) from {table}");
            tx.all_built::<(i64,)>(sql, Vec::new()).await.unwrap()[0].0
        };
        let (looks, readings) =
            (count(&mut tx, "reads").await, count(&mut tx, "subject_readings").await);
        let text = |text: &str| Value::Text(Some(text.to_owned()));
        tx.commit().await.unwrap();
        blank.migrate(&schema).await.unwrap();
        let mut tx = blank.database.read().await.unwrap();
        // The made-up reading of before stood for itself; the other one belonged to a look.
        assert_eq!(count(&mut tx, "reads").await, looks + readings - 1);
        assert_eq!(count(&mut tx, "read_words").await, readings);
        let sql = "select read from read_words where reading = $1";
        let found: Vec<(String,)> = tx.all(sql, vec![text(&reading)]).await.unwrap();
        assert_eq!(found, [(look.clone(),)]);
        drop(tx);
        let verify = || run(&["verify", "--database", &address(&blank.location)]);
        let said = verify();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
        // Both entries are looked at: what only the reading's covers is missed too.
        let mut tx = blank.database.write().await.unwrap();
        let sql = "update read_words set at = at + 1 where reading = $1";
        tx.run(sql, vec![text(&reading)]).await.unwrap();
        tx.commit().await.unwrap();
        let said = verify();
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(
            !said.status.success() && text.contains(&format!("read {look}: changed")),
            "{text}"
        );
    }
}

/// The ids of rows that were taken back stand in the plans of their operations alone.
#[tokio::test]
async fn ids_that_an_older_program_gave_and_took_back_are_not_given_again() {
    let schema = migrators().await;
    for blank in filled_at(&up_to(&schema, 3)).await {
        let mut tx = blank.database.write().await.unwrap();
        let undone = "insert into unit_operations (id, kind, description, effective_on, plan, \
                      applied_at, applied_by, undone_at, undone_by) values ('x', 'merger', 'x', \
                      20300, '{\"new_acts\":[{\"id\":4}],\"new_units\":[{\"id\":9},{\"id\":12}],\
                      \"closed_versions\":[],\"new_versions\":[],\"new_changes\":[]}', 1, 'x', 2, 'x')";
        tx.run(undone, Vec::new()).await.unwrap();
        tx.commit().await.unwrap();
        blank.migrate(&schema).await.unwrap();
        let mut tx = blank.database.read().await.unwrap();
        let sql = "select next_unit, next_act, next_change from territory_head";
        assert_eq!(tx.one::<(i64, i64, i64)>(sql, Vec::new()).await.unwrap(), (13, 5, 8));
    }
}

#[tokio::test]
async fn a_migration_that_loses_something_is_found() {
    let schema = migrators().await;
    let next = newest(&schema) + 1;
    for (sql, expected) in [
        ("create table more (id bigint primary key); alter table files add column note text", ""),
        ("delete from sessions", "sessions had 1 rows and has 0"),
        ("update accounts set name = 'other'", "accounts has lost"),
        ("drop table sessions", "the table sessions is gone"),
    ] {
        for blank in Blank::each().await {
            let walked = walk(&blank, &with(&schema, next, sql)).await;
            match walked {
                Ok(()) => assert_eq!(expected, "", "{sql}"),
                Err(what) => {
                    assert!(!expected.is_empty() && what.contains(expected), "{sql}: {what}");
                }
            }
        }
    }
    // A table of the last version but one that has no made-up row yet.
    let two = with(&with(&schema, next, "create table more (id bigint primary key)"), next + 1, "");
    for blank in Blank::each().await {
        let what = walk(&blank, &two).await.unwrap_err();
        assert!(what.contains("the table more is empty"), "{what}");
    }
}

#[tokio::test]
async fn a_migration_that_fails_leaves_the_database_as_it_was() {
    let schema = migrators().await;
    let next = newest(&schema) + 1;
    let good = with(&schema, next, "create table more (id bigint primary key)");
    let bad = "insert into more values (1); update accounts set name = ''; \
               create index more on nowhere (id)";
    let bad = with(&good, next + 1, bad);
    for blank in filled().await {
        let state = async || {
            let mut tx = blank.database.read().await.unwrap();
            let sql = "select version from _sqlx_migrations order by version";
            let versions: Vec<(i64,)> = tx.all(sql, Vec::new()).await.unwrap();
            (versions, all_rows(&mut tx).await)
        };
        let (before, schema_before) = (state().await, described(&blank.database).await);
        let error = blank.migrate(&bad).await.unwrap_err().to_string();
        assert!(error.contains("nowhere"), "{error}");
        assert_eq!(state().await, before);
        assert_eq!(described(&blank.database).await, schema_before);
        // Nobody is left waiting, and references are watched over again.
        blank.migrate(&good).await.unwrap();
        let mut tx = blank.database.write().await.unwrap();
        let orphan = "insert into unit_versions (unit, valid_from, valid_to, name, full_name, kind) \
                      values (99, 1, 2, '', '', '')";
        assert!(tx.run(orphan, Vec::new()).await.is_err());
    }
}

#[tokio::test]
async fn a_table_that_others_refer_to_can_be_rebuilt_but_not_torn_away() {
    let schema = migrators().await;
    let next = newest(&schema) + 1;
    let rebuild = "create table accounts_new (id text not null primary key, name text not null, \
                   password text not null, created_at integer not null, closed_at integer) \
                   strict; \
                   insert into accounts_new select * from accounts; drop table accounts; \
                   alter table accounts_new rename to accounts";
    for (sql, holds) in [(rebuild, true), ("delete from accounts", false)] {
        let blanks = filled().await;
        let file = blanks.iter().find(|blank| blank.database.engine() == Engine::Sqlite).unwrap();
        let before = all_rows(&mut file.database.read().await.unwrap()).await;
        let migrated = file.migrate(&with(&schema, next, sql)).await;
        assert_eq!(migrated.is_ok(), holds, "{migrated:?}");
        let after = all_rows(&mut file.database.read().await.unwrap()).await;
        assert_eq!(before, after);
    }
}

#[tokio::test]
async fn a_database_of_a_newer_program_or_of_another_is_refused_in_one_sentence() {
    let schema = migrators().await;
    let note = "insert into _sqlx_migrations \
                (version, description, success, checksum, execution_time) \
                select 9999, description, success, checksum, 0 from _sqlx_migrations limit 1";
    let change = "update _sqlx_migrations set checksum = 'x'";
    let change_server = "update _sqlx_migrations set checksum = 'x'::bytea";
    for (sql, server_sql, expected) in [
        (note, note, "The database is at version 9999"),
        (change, change_server, "Migration 1 of the database is not that of this program"),
    ] {
        for blank in Blank::each().await {
            blank.migrate(&schema).await.unwrap();
            let mut tx = blank.database.write().await.unwrap();
            let server = tx.engine() == Engine::Postgres;
            tx.run(if server { server_sql } else { sql }, Vec::new()).await.unwrap();
            tx.commit().await.unwrap();
            for command in [&["verify"][..], &["serve", "--listen", "127.0.0.1:0"]] {
                let database = ["--database", &address(&blank.location)];
                let output = sogoc().args(command).args(database).output().unwrap();
                let said = String::from_utf8(output.stderr).unwrap();
                assert_eq!(output.status.code(), Some(2), "{said}");
                assert!(said.lines().count() == 1 && said.contains(expected), "{said}");
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let other = Location::File(folder.path().join("other.db"));
    let database = Database::open(&other).await.unwrap();
    let mut tx = database.write().await.unwrap();
    tx.run("create table accounts (id integer)", Vec::new()).await.unwrap();
    tx.commit().await.unwrap();
    for (command, expected) in
        [("verify", "no database of Sổ Gốc"), ("serve", "the database of another program")]
    {
        let output = run(&[command, "--database", &address(&other)]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(expected), "{said}");
    }
    assert_eq!(store::tables(&mut database.read().await.unwrap()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn programs_that_start_at_once_migrate_once() {
    let count = i64::try_from(migrators().await.0.iter().count()).unwrap();
    for blank in Blank::each().await {
        let start = || {
            let mut command = sogoc();
            command.args(["pack", "apply"]).arg(packs().join("reporting-calendars"));
            command.args(["--database", &address(&blank.location)]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
        };
        let children: Vec<_> = (0..6).map(|_| start().unwrap()).collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        let mut tx = blank.database.read().await.unwrap();
        let sql = "select count(*) from _sqlx_migrations";
        assert_eq!(tx.one::<(i64,)>(sql, Vec::new()).await.unwrap(), (count,));
    }
}

#[test]
fn programs_that_make_the_file_at_once_make_one() {
    for _ in 0..3 {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new.db");
        let start = || {
            let mut command = sogoc();
            command.args(["pack", "apply"]).arg(packs().join("reporting-calendars"));
            command.arg("--database").arg(&file);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
        };
        let children: Vec<_> = (0..6).map(|_| start().unwrap()).collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

#[tokio::test]
async fn both_engines_have_the_same_tables() {
    let schema = migrators().await;
    let mut tables = Vec::new();
    for blank in Blank::each().await {
        blank.migrate(&schema).await.unwrap();
        tables.push(store::tables(&mut blank.database.read().await.unwrap()).await.unwrap());
    }
    let other = |table: &&Table| {
        table.key.is_empty()
            || table.columns.iter().any(|column| matches!(column.kind, ColumnKind::Other(_)))
    };
    assert_eq!(tables[0].iter().find(other), None, "a backup could not hold it");
    assert!(tables.iter().all(|these| *these == tables[0]), "{tables:#?}");
}
