//! Appending with figures, against inserting the same rows plainly and against upserts.

use std::time::Duration;

use journal::seals::{self, SealKey};
use journal::{NewEntry, Posting, Trust};
use sha2::{Digest as _, Sha256};
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
    let key = SealKey::generate("sogoc.example/bench").unwrap();
    let (sealed, seal_time) = timed(seals::seal(&ours, &clock, &key)).await;
    let leaves = sealed.unwrap().1;
    let trust = Trust { key: Some(key.public()), ..Trust::default() };
    let (report, verify_time) = timed(journal::verify(&ours, &trust)).await;
    let report = report.unwrap();
    assert!(report.holds() && report.seals == 1);
    let (_, tree_time) = timed(hash_tree(leaves)).await;
    let (_, chain_time) = timed(hash_entries(&ours)).await;

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
    row("verify: every hash, posting, cell and seal (aim <= 3 s)", &cells);
    let hashing = (tree_time + chain_time).as_secs_f64();
    let ratio = format!("{:.1}", verify_time.as_secs_f64() / hashing);
    row("verify, as a multiple of SHA-256 over the same bytes", &ratio);
    let entries = leaves as usize;
    row("append, entries", &format!("{:>9.0} entries/s", rate(entries, our_time)));
    row("seal, entries", &format!("{:>9.0} entries/s", rate(entries, seal_time)));
    let ratio = format!("{:.1}", seal_time.as_secs_f64() / tree_time.as_secs_f64());
    row("seal, as a multiple of SHA-256 over the same bytes", &ratio);
}

/// The hashes of a tree, computed plainly: one of 33 bytes a leaf, one of 65 bytes a node.
async fn hash_tree(leaves: u64) {
    let mut last = [0; 32];
    for _ in 0..leaves {
        let leaf = Sha256::new().chain_update([0]).chain_update(last).finalize();
        let node = Sha256::new().chain_update([1]).chain_update(leaf).chain_update(last);
        last = node.finalize().into();
    }
    std::hint::black_box(last);
}

/// SHA-256 over what the entries' own hashes cover, without reading any of it.
async fn hash_entries(database: &Database) {
    let mut tx = database.read().await.unwrap();
    let sql = "select count(*), cast(sum(length(postings) + length(id) + length(actor) + \
               length(cause) + length(record_kind) + length(record_id)) as bigint) from entries";
    let (count, bytes): (i64, i64) = tx.one(sql, values![]).await.unwrap();
    // Beside these: eleven lengths, three numbers, two hashes and the name of the form.
    let each = usize::try_from(bytes / count).unwrap() + 11 * 8 + 3 * 8 + 2 * 32 + 13;
    let message = vec![7_u8; each];
    for _ in 0..count {
        std::hint::black_box(Sha256::digest(std::hint::black_box(&message)));
    }
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
