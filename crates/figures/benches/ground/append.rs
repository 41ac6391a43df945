//! Appending with figures, against inserting the same rows plainly and against upserts.

use std::time::Duration;

use journal::{NewEntry, Posting};
use store::{Database, Value, bulk_insert, values};

use crate::{data, database, rate, row, timed};

/// Entries in a transaction.
const GROUP: usize = 2_000;

pub(crate) async fn run(postings: usize) {
    println!("append: {postings} postings in groups of {GROUP} entries, durable");
    let clock = data::clock();
    let hamlets: Vec<i64> = (1..=525).collect();
    let entries = data::entries(&clock, &hamlets, postings);
    let count: usize = entries.iter().map(|entry| entry.postings.len()).sum();

    let plain = database().await;
    let (_, plain_time) = timed(plainly(&plain, &entries, false)).await;
    drop(plain);
    let upserts = database().await;
    let (_, upsert_time) = timed(plainly(&upserts, &entries, true)).await;
    drop(upserts);
    let ours = database().await;
    let (_, our_time) = timed(append(&ours, entries)).await;
    let (report, verify_time) = timed(journal::verify(&ours, &journal::Trust::default())).await;
    let report = report.unwrap();
    assert!(report.holds());

    let line = |time: Duration| {
        format!("{:>9.0} postings/s {:>7.1} s", rate(count, time), time.as_secs_f64())
    };
    row("plain inserts of the same rows", &line(plain_time));
    row("plain inserts and upserts of cells", &line(upsert_time));
    row("journal::append (hashes, postings, cells)", &line(our_time));
    let ratio = |other: Duration| other.as_secs_f64() / our_time.as_secs_f64();
    row("ratio to plain inserts (aim >= 0.5)", &format!("{:.2}", ratio(plain_time)));
    row("ratio to upserts (aim >= 2)", &format!("{:.2}", ratio(upsert_time)));
    let cells = format!("{:.2} s for {} cells", verify_time.as_secs_f64(), report.cells);
    row("verify: every hash, posting and cell (aim <= 3 s)", &cells);
}

async fn append(database: &Database, mut entries: Vec<NewEntry>) {
    let clock = data::clock();
    while !entries.is_empty() {
        let rest = entries.split_off(GROUP.min(entries.len()));
        let mut tx = database.write().await.unwrap();
        journal::append(&mut tx, &clock, std::mem::replace(&mut entries, rest)).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// The same entries and postings without hashes and cells, and with upserts of cells if wanted.
async fn plainly(database: &Database, entries: &[NewEntry], upserts: bool) {
    let mut tx = database.write().await.unwrap();
    let table = "create table day_cells (measure bigint not null, unit bigint not null, \
                 day bigint not null, sum bigint not null, records bigint not null, \
                 primary key (measure, unit, day))";
    tx.run(table, values![]).await.unwrap();
    tx.commit().await.unwrap();
    let mut seq = 0;
    for group in entries.chunks(GROUP) {
        let mut tx = database.write().await.unwrap();
        let (mut rows, mut lines) = (Vec::new(), Vec::new());
        for entry in group {
            seq += 1;
            rows.push(entry_values(seq, entry));
            for (line, posting) in entry.postings.iter().enumerate() {
                let day = i64::from(posting.day.0);
                let Posting { measure, unit, delta, records, .. } = *posting;
                lines.push([measure, day, unit, seq, line as i64, delta, records]);
            }
        }
        let head = "insert into entries (seq, id, recorded_at, actor, cause, record_kind, \
                    record_id, record_version, content_hash, postings, hash)";
        bulk_insert(&mut tx, head, 11, rows).await.unwrap();
        lines.sort_unstable();
        if upserts {
            for chunk in lines.chunks(1_000) {
                upsert(&mut tx, chunk).await;
            }
        }
        let lines = lines.into_iter().map(|line| line.map(Value::from)).collect::<Vec<_>>();
        let head = "insert into postings (measure, day, unit, entry, line, delta, records)";
        bulk_insert(&mut tx, head, 7, lines).await.unwrap();
        tx.commit().await.unwrap();
    }
}

fn entry_values(seq: i64, entry: &NewEntry) -> Vec<Value> {
    // As many bytes as the real columns have.
    let packed = vec![0_u8; entry.postings.len() * 8];
    values![
        seq,
        entry.id,
        1_i64,
        &entry.actor,
        entry.cause,
        entry.record_kind,
        &entry.record_id,
        1_i64,
        [0_u8; 32],
        packed,
        [0_u8; 32],
    ]
}

async fn upsert(tx: &mut store::Tx, lines: &[[i64; 7]]) {
    // PostgreSQL refuses to touch a row twice in a statement.
    let mut sums = std::collections::BTreeMap::new();
    for [measure, day, unit, _, _, delta, records] in lines {
        let (sum, count) = sums.entry((*measure, *unit, *day)).or_insert((0, 0));
        *sum += delta;
        *count += records;
    }
    let mut sql = String::from("insert into day_cells (measure, unit, day, sum, records) values ");
    let mut values = Vec::with_capacity(sums.len() * 5);
    for (at, ((measure, unit, day), (sum, records))) in sums.into_iter().enumerate() {
        if at > 0 {
            sql.push(',');
        }
        let first = at * 5;
        // SQLite is quicker with nameless placeholders; the peer gets the best of each.
        sql.push_str(&match tx.engine() {
            store::Engine::Sqlite => "(?, ?, ?, ?, ?)".to_owned(),
            store::Engine::Postgres => {
                let place = |at: usize| format!("${}", first + at);
                format!("({})", [1, 2, 3, 4, 5].map(place).join(", "))
            }
        });
        values.extend([measure, unit, day, sum, records].map(Value::from));
    }
    sql.push_str(
        " on conflict (measure, unit, day) do update set sum = day_cells.sum + excluded.sum, \
         records = day_cells.records + excluded.records",
    );
    tx.run_built(sql, values).await.unwrap();
}
