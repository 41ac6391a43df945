//! Seals on both databases: what they prove, and what they find.

use std::cell::RefCell;
use std::collections::BTreeMap;

use base::{Clock, Error, Id, Moment};
use proptest::prelude::*;
use store::testing::TestDatabase;
use store::{Database, values};
use tlog_tiles::{Hash, HashReader as _, Tile, TileHashReader, TileReader, node_hash, record_hash};

use super::tree::{Growing, WIDTH, open_tiles};
use super::{
    Checkpoint, Consistency, Inclusion, PublicKey, Seal, SealKey, check, find_bundle, find_tile,
    prove_entry, prove_growth, seal,
};
use crate::{Fault, NewEntry, Trust, append, store as sql, verify};

const ORIGIN: &str = "sogoc.example/test";

fn clock() -> Clock {
    Clock::fixed("2025-07-01T01:00:00Z".parse::<Moment>().unwrap())
}

fn key() -> SealKey {
    SealKey::generate(ORIGIN).unwrap()
}

pub(super) async fn add(database: &Database, clock: &Clock, count: usize) {
    let entry = |at: usize| NewEntry {
        id: Id::new(clock),
        actor: "tester".to_owned(),
        cause: "test.report",
        record_kind: "test",
        record_id: at.to_string(),
        record_version: 1,
        content_hash: [u8::try_from(at % 251).unwrap(); 32],
        postings: Vec::new(),
    };
    let mut tx = database.write().await.unwrap();
    append(&mut tx, clock, (0..count).map(entry).collect()).await.unwrap();
    tx.commit().await.unwrap();
}

pub(super) async fn seal_all(database: &Database, clock: &Clock, key: &SealKey) -> Seal {
    seal(database, clock, key).await.unwrap().0.unwrap()
}

/// A proof that was read and holds, with its checkpoint.
fn checked(text: &str) -> base::Result<(Inclusion, Checkpoint)> {
    let proof = Inclusion::parse(text)?;
    let checkpoint = proof.check()?;
    Ok((proof, checkpoint))
}

/// The root as RFC 6962 defines it.
fn root_of(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => tlog_tiles::EMPTY_HASH,
        [one] => *one,
        _ => {
            let left = leaves.len().next_power_of_two() / 2;
            node_hash(root_of(&leaves[..left]), root_of(&leaves[left..]))
        }
    }
}

#[test]
fn a_tree_grows_as_the_standard_defines_it_from_wherever_it_goes_on() {
    let leaf = |at: usize| record_hash(&at.to_be_bytes());
    let leaves: Vec<Hash> = (0..66_000).map(leaf).collect();
    let (mut tree, mut kept) = (Growing::default(), Vec::new());
    let mut tiles = BTreeMap::<_, Vec<Hash>>::new();
    for (at, leaf) in leaves.iter().enumerate() {
        tree.push(*leaf, &mut kept);
        tiles.entry((0, at as u64 / WIDTH)).or_default().push(*leaf);
        for (level, number, hash) in kept.drain(..) {
            let span = 1_usize << (8 * level);
            let below = &leaves[usize::try_from(number).unwrap() * span..][..span];
            assert_eq!(hash, root_of(below), "level {level}, number {number}");
            tiles.entry((level, number / WIDTH)).or_default().push(hash);
        }
        let size = at + 1;
        if size < 700 || size % 4_099 == 0 || size > 65_530 && size < 65_540 {
            assert_eq!(tree.root(), root_of(&leaves[..size]), "{size}");
            let resumed = Growing::resume(size as u64, |place| tiles[&place].clone());
            assert_eq!((resumed.root(), resumed.size()), (tree.root(), size as u64));
            let open: u64 = open_tiles(size as u64).len() as u64;
            assert!(open <= 3, "{size}");
        }
    }
    assert_eq!(Growing::default().root(), tlog_tiles::EMPTY_HASH);
}

#[test]
fn keys_are_read_as_they_are_written_and_nothing_else_is() {
    let key = key();
    let (secret, public) = (key.to_text(), key.public().to_text());
    assert_eq!(SealKey::parse(&format!("{secret}\n")).unwrap().public(), key.public());
    assert_eq!(PublicKey::parse(&public).unwrap(), key.public());
    assert_eq!(PublicKey::parse(&public).unwrap().name(), ORIGIN);
    // The bytes may have a plus of their own.
    assert!(!format!("{key:?}").contains(secret.splitn(5, '+').nth(4).unwrap()));
    for text in ["", "x", &public, &secret[..secret.len() - 5], &secret.replace("test", "else")] {
        assert!(SealKey::parse(text).is_err(), "{text}");
    }
    for text in ["", "a+b", &secret, &public.replace("test", "else"), &public[..public.len() - 4]] {
        assert!(PublicKey::parse(text).is_err(), "{text}");
    }
    for origin in ["", "with space", "with+plus", "line\nbreak", "a\u{7}"] {
        assert!(SealKey::generate(origin).is_err(), "{origin:?}");
    }
    // The example of the specification.
    let known = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    assert_eq!(PublicKey::parse(known).unwrap().to_text(), known);
}

#[tokio::test]
async fn a_seal_says_when_and_by_whom_and_a_changed_one_is_refused() {
    let (database, clock, key) = (TestDatabase::sqlite().await, clock(), key());
    add(&database, &clock, 3).await;
    let made = seal_all(&database, &clock, &key).await;
    let (read, signatures) = check(&made.note, &key.public(), &[]).unwrap();
    assert_eq!((read.origin.as_str(), read.size), (ORIGIN, 3));
    let at = signatures.sealed_at.unwrap();
    assert_eq!(at.0, made.sealed_at.0 / 1_000_000 * 1_000_000);

    let lines: Vec<&str> = made.note.lines().collect();
    let without_time = format!("{}\n", lines[..lines.len() - 1].join("\n"));
    assert_eq!(check(&without_time, &key.public(), &[]).unwrap().1.sealed_at, None);
    let other = SealKey::generate(ORIGIN).unwrap().public();
    let mut earlier = made.note.clone();
    // One letter of the time that was signed: four bytes of the key's number stand before its
    // eight, of which the first four are zero.
    let place = earlier.rfind(' ').unwrap() + 1 + 8;
    assert_eq!(&earlier[place..=place], "A");
    earlier.replace_range(place..=place, "B");
    for (note, key) in [
        (made.note.replacen("\n3\n", "\n4\n", 1), key.public()),
        (made.note.replacen(ORIGIN, "sogoc.example/else", 1), key.public()),
        (earlier, key.public()),
        (format!("{}\n", lines[..4].join("\n")), key.public()),
        (made.note.clone(), other),
        (String::new(), key.public()),
    ] {
        let refused = check(&note, &key, &[]);
        assert!(matches!(refused, Err(Error::Invalid(_))), "{note}: {refused:?}");
    }
}

#[tokio::test]
async fn witnesses_sign_beside_the_journal_and_strangers_do_not_count() {
    for database in TestDatabase::each().await {
        let (clock, key) = (clock(), key());
        let witness = SealKey::generate("witness.example/w1").unwrap();
        let stranger = SealKey::generate("witness.example/w2").unwrap();
        add(&database, &clock, 3).await;
        let made = seal_all(&database, &clock, &key).await;
        let seen: Moment = "2025-07-02T00:00:00Z".parse().unwrap();
        let signed = stranger.witness(&made.note, seen).unwrap();
        let signed = witness.witness(&signed, seen).unwrap();
        let known = [witness.public()];
        let mut tx = database.write().await.unwrap();
        let kept = super::add_witnesses(&mut tx, &signed, &key.public(), &known).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(kept.witnesses, 1);
        assert!(!kept.note.contains(stranger.public().name()));
        let (_, signatures) = check(&kept.note, &key.public(), &known).unwrap();
        assert_eq!(signatures.witnesses, [("witness.example/w1".to_owned(), seen)]);
        // A witnessed checkpoint stays where another of the same day would go.
        add(&database, &clock, 1).await;
        seal_all(&database, &clock, &key).await;
        add(&database, &clock, 1).await;
        seal_all(&database, &clock, &key).await;
        let mut tx = database.read().await.unwrap();
        let sizes = super::list(&mut tx, None, 10).await.unwrap().items;
        let sizes: Vec<u64> = sizes.iter().map(|seal| seal.checkpoint.size).collect();
        assert_eq!(sizes, [5, 3]);
        let trust = Trust { key: Some(key.public()), witnesses: known.to_vec(), held: vec![] };
        assert!(verify(&database, &trust).await.unwrap().holds());
        let mut tx = database.write().await.unwrap();
        let unknown = made.note.replacen("\n3\n", "\n4\n", 1);
        assert!(super::add_witnesses(&mut tx, &unknown, &key.public(), &known).await.is_err());
    }
}

/// Serves tiles to the library's own reader, which believes nothing that it cannot compute.
struct Served {
    tiles: BTreeMap<(u8, u64), Vec<u8>>,
    saved: RefCell<usize>,
}

impl TileReader for Served {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let read = |tile: &Tile| {
            let bytes = &self.tiles[&(tile.level(), tile.level_index())];
            bytes[..usize::try_from(tile.width()).unwrap() * 32].to_vec()
        };
        Ok(tiles.iter().map(read).collect())
    }

    fn save_tiles(&self, tiles: &[Tile], _: &[Vec<u8>]) {
        *self.saved.borrow_mut() += tiles.len();
    }
}

#[tokio::test]
async fn tiles_bundles_and_proofs_are_what_others_compute_from_a_checkpoint() {
    for database in TestDatabase::each().await {
        let (clock, key) = (clock(), key());
        let mut checkpoints = Vec::new();
        for count in [1, 1, 3, 250, 1, 1, 255, 600] {
            add(&database, &clock, count).await;
            let seal = seal_all(&database, &clock, &key).await;
            checkpoints.push((seal.checkpoint, seal.note));
        }
        let last = checkpoints.last().unwrap().0.clone();
        assert_eq!(last.size, 1112);
        let mut tx = database.read().await.unwrap();
        let mut tiles = BTreeMap::new();
        for (place, hashes) in [((0, 0), 256), ((0, 1), 256), ((0, 4), 88), ((1, 0), 4)] {
            let tile = find_tile(&mut tx, place, hashes).await.unwrap().unwrap();
            assert_eq!(tile.len() as u64, hashes * 32);
            tiles.insert(place, tile);
        }
        for (place, hashes) in [((0, 4), 89), ((0, 5), 1), ((1, 0), 5), ((9, 0), 1), ((0, 0), 0)] {
            assert_eq!(find_tile(&mut tx, place, hashes).await.unwrap(), None, "{place:?}");
        }
        let bundle = find_bundle(&mut tx, 4, 88).await.unwrap().unwrap();
        for (at, entry) in bundle.chunks_exact(34).enumerate() {
            assert_eq!(entry[..2], [0, 32]);
            assert_eq!(record_hash(&entry[2..]).0, tiles[&(0, 4)][at * 32..][..32]);
        }
        let served = Served { tiles, saved: RefCell::default() };
        let reader = TileHashReader::new(last.size, Hash(last.root), &served);
        let index = tlog_tiles::stored_hash_index(0, 1100);
        assert_eq!(reader.read_hashes(&[index]).unwrap().len(), 1);
        assert!(*served.saved.borrow() > 0);

        for seq in [1, 2, 3, 256, 257, 512, 513, 1111, 1112] {
            let proof = prove_entry(&mut tx, seq, None).await.unwrap().unwrap().to_text().unwrap();
            let (read, checkpoint) = checked(&proof).unwrap();
            assert_eq!((read.entry.seq, &checkpoint), (seq, &last));
            check(&read.note, &key.public(), &[]).unwrap();
            for (from, to) in [("index ", "index 1"), ("\n\n", "\n"), ("extra ", "extra A")] {
                assert!(checked(&proof.replacen(from, to, 1)).is_err(), "{seq} {from:?}");
            }
        }
        assert!(prove_entry(&mut tx, 1113, None).await.unwrap().is_none());
        // In the place of one that is gone stands the next that was kept.
        let proof = prove_entry(&mut tx, 5, Some(77)).await.unwrap().unwrap().to_text().unwrap();
        assert_eq!(checked(&proof).unwrap().1, last);
        assert!(prove_entry(&mut tx, 78, Some(77)).await.unwrap().is_none());
        for (earlier, _) in &checkpoints {
            let proof = prove_growth(&mut tx, earlier.size, 1112).await.unwrap().unwrap();
            let proof = Consistency::parse(&proof.to_text()).unwrap();
            assert_eq!(proof.check(earlier).unwrap(), last);
            let mut other = earlier.clone();
            other.root[0] ^= 1;
            assert!(proof.check(&other).is_err());
        }
        assert!(prove_growth(&mut tx, 1113, 1112).await.unwrap().is_none());
        let cited = &checkpoints[2].0;
        let proof = prove_growth(&mut tx, cited.size, 1111).await.unwrap().unwrap();
        assert_eq!(Consistency::parse(&proof.to_text()).unwrap().check(cited).unwrap(), last);
        assert!(prove_growth(&mut tx, 3, 0).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn an_entry_in_a_proof_is_told_when_it_is_another() {
    let (database, clock, key) = (TestDatabase::sqlite().await, clock(), key());
    add(&database, &clock, 9).await;
    seal_all(&database, &clock, &key).await;
    let mut tx = database.read().await.unwrap();
    let proof = prove_entry(&mut tx, 5, None).await.unwrap().unwrap();
    for change in [
        |it: &mut super::ProvedEntry| it.actor = "other".to_owned(),
        |it: &mut super::ProvedEntry| it.recorded_at += 1,
        |it: &mut super::ProvedEntry| it.content_hash = it.before.clone(),
        |it: &mut super::ProvedEntry| it.seq = 6,
        |it: &mut super::ProvedEntry| it.seq = i64::MIN,
        |it: &mut super::ProvedEntry| it.postings = "AAAA".to_owned(),
    ] {
        let mut other = proof.clone();
        change(&mut other.entry);
        let text = match other.entry.seq {
            i64::MIN => proof.to_text().unwrap().replacen("index 4", "index -1", 1),
            _ => other.to_text().unwrap(),
        };
        assert!(checked(&text).is_err(), "{:?}", other.entry);
    }
}

/// Rewrites history so that the journal agrees with itself: another actor, and new hashes on.
async fn rewrite(database: &Database, seq: i64) {
    let mut tx = database.write().await.unwrap();
    let mut rows = sql::entries_from(&mut tx, 1, 10_000).await.unwrap();
    let mut before = [0; 32];
    for row in &mut rows {
        if row.seq == seq {
            "other".clone_into(&mut row.actor);
        }
        before = row.sealed().hash(&before);
        let update = "update entries set actor = $1, hash = $2 where seq = $3";
        tx.run(update, values![&row.actor, before, row.seq]).await.unwrap();
    }
    sql::set_head_hash(&mut tx, before).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_history_written_anew_is_found_by_the_seals_and_by_a_checkpoint_kept_elsewhere() {
    for database in TestDatabase::each().await {
        let (clock, key) = (clock(), key());
        add(&database, &clock, 300).await;
        let held = seal_all(&database, &clock, &key).await.checkpoint;
        add(&database, &clock, 300).await;
        seal_all(&database, &clock, &key).await;
        let trust =
            |held: Vec<Checkpoint>| Trust { key: Some(key.public()), witnesses: Vec::new(), held };
        let all = verify(&database, &trust(vec![held.clone()])).await.unwrap();
        assert!(all.holds() && all.seals == 1, "{all:?}");
        rewrite(&database, 7).await;
        let faults = verify(&database, &trust(vec![held.clone()])).await.unwrap().faults;
        let expected = [
            Fault::HeldCheckpointBroken { size: 300 },
            Fault::SealBroken { after: 0, size: 600 },
            Fault::TileWrong { level: 1, number: 0 },
        ];
        assert_eq!(faults, expected);
        // Who has the database and the key can seal it all again; not the copy kept elsewhere.
        let mut tx = database.write().await.unwrap();
        tx.run("delete from checkpoints", values![]).await.unwrap();
        tx.run("delete from tree_tiles", values![]).await.unwrap();
        tx.commit().await.unwrap();
        seal_all(&database, &clock, &key).await;
        assert!(verify(&database, &trust(Vec::new())).await.unwrap().holds());
        let faults = verify(&database, &trust(vec![held.clone()])).await.unwrap().faults;
        assert_eq!(faults, [Fault::HeldCheckpointBroken { size: 300 }]);
        let longer = Checkpoint { size: 601, ..held };
        let faults = verify(&database, &trust(vec![longer])).await.unwrap().faults;
        assert_eq!(faults, [Fault::HeldCheckpointAhead { size: 601, entries: 600 }]);
    }
}

#[tokio::test]
async fn every_kind_of_changed_seal_is_named() {
    let broken = |after, size| Fault::SealBroken { after, size };
    let cases: Vec<(&'static str, Vec<Fault>)> = vec![
        (
            "update checkpoints set root = zeroblob_32 where size = 300",
            vec![broken(0, 300), Fault::SealForged { size: 300 }],
        ),
        (
            "update checkpoints set note = replace(note, 'test', 'else') where size = 300",
            vec![Fault::SealForged { size: 300 }],
        ),
        (
            "update checkpoints set size = 301 where size = 300",
            vec![broken(0, 301), Fault::SealForged { size: 301 }],
        ),
        ("update checkpoints set size = 900 where size = 600", vec![broken(600, 900)]),
        ("update tree_tiles set number = 3", vec![Fault::TileWrong { level: 1, number: 0 }]),
        (
            "insert into tree_tiles (level, number, hashes) select 2, 0, hashes from tree_tiles",
            vec![Fault::TilesInvented { count: 1 }],
        ),
    ];
    for (sql, expected) in cases {
        for database in TestDatabase::each().await {
            let (clock, key) = (clock(), key());
            add(&database, &clock, 300).await;
            seal_all(&database, &clock, &key).await;
            let mut tx = database.write().await.unwrap();
            // As if it had been made the day before, so that it stays.
            tx.run("update checkpoints set sealed_on = sealed_on - 1", values![]).await.unwrap();
            tx.commit().await.unwrap();
            add(&database, &clock, 300).await;
            seal_all(&database, &clock, &key).await;
            let trust = Trust { key: Some(key.public()), ..Trust::default() };
            assert!(verify(&database, &trust).await.unwrap().holds());
            let mut tx = database.write().await.unwrap();
            let (sql, values) = match sql.contains("zeroblob_32") {
                true => (sql.replace("zeroblob_32", "$1"), values![[0_u8; 32]]),
                false => (sql.to_owned(), values![]),
            };
            assert_eq!(tx.run_built(sql.clone(), values).await.unwrap(), 1, "{sql}");
            tx.commit().await.unwrap();
            assert_eq!(verify(&database, &trust).await.unwrap().faults, expected, "{sql}");
        }
    }
}

#[tokio::test]
async fn a_key_does_not_sign_what_does_not_go_on_from_its_last_seal() {
    for database in TestDatabase::each().await {
        let (clock, key) = (clock(), key());
        assert_eq!(seal(&database, &clock, &key).await.unwrap(), (None, 0));
        add(&database, &clock, 300).await;
        let first = seal_all(&database, &clock, &key).await;
        assert_eq!(seal(&database, &clock, &key).await.unwrap(), (Some(first), 0));
        let other = SealKey::generate("sogoc.example/else").unwrap();
        add(&database, &clock, 1).await;
        let refused = seal(&database, &clock, &other).await;
        assert!(matches!(refused, Err(Error::Refused { code: "seals.other_origin", .. })));
        rewrite(&database, 290).await;
        let refused = seal(&database, &clock, &key).await;
        assert!(matches!(refused, Err(Error::Refused { code: "seals.broken", .. })));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn however_the_entries_are_sealed_the_tree_is_the_same(
        counts in prop::collection::vec(1_usize..400, 1..6), at in 0_usize..2_000
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let (database, clock, key) = (TestDatabase::sqlite().await, clock(), key());
            let mut last = None;
            for count in &counts {
                add(&database, &clock, *count).await;
                last = Some(seal_all(&database, &clock, &key).await);
            }
            let last = last.unwrap().checkpoint;
            let mut tx = database.read().await.unwrap();
            let hashes = super::store::hashes_from(&mut tx, 1, 10_000).await.unwrap();
            let leaves: Vec<Hash> = hashes.iter().map(|(hash,)| record_hash(hash)).collect();
            assert_eq!(last.root, root_of(&leaves).0);
            let seq = i64::try_from(at % leaves.len()).unwrap() + 1;
            let proof = prove_entry(&mut tx, seq, None).await.unwrap().unwrap();
            assert_eq!(checked(&proof.to_text().unwrap()).unwrap().1, last);
        });
    }

    #[test]
    fn whatever_is_given_as_a_proof_or_a_checkpoint_is_read_or_refused(
        text in "(c2sp.org/tlog-proof@v1\n)?(extra [A-Za-z0-9=]{0,9}\n)?((index|old) [0-9-]{1,20}\n)?\
                 ([A-Za-z0-9+/]{43}=\n){0,3}\n?[a-z./]{0,9}\n[0-9]{1,20}\n[A-Za-z0-9+/]{43}=\n\n\
                 (— [a-z]{1,5} [A-Za-z0-9+/]{8}\n)?"
    ) {
        let _ = checked(&text);
        let earlier = Checkpoint { origin: "a".to_owned(), size: 3, root: [0; 32] };
        let _ = Consistency::parse(&text).and_then(|proof| proof.check(&earlier));
        let _ = check(&text, &key().public(), &[]);
    }
}
