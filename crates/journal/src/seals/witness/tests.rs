//! Two journals and a witness: what is signed, what is refused, and who answers nonsense.

use std::sync::Arc;
use std::time::Duration;

use base::{Clock, Error, Moment};
use store::testing::TestDatabase;
use store::{Database, values};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::super::actions::{Sealer, find_last};
use super::super::tests::{add, seal_all};
use super::super::{Checkpoint, Consistency, Seal, SealKey, check, prove_growth};
use super::*;

const ORIGIN: &str = "sogoc.example/journal";

fn clock() -> Clock {
    Clock::fixed("2025-07-01T01:00:00Z".parse::<Moment>().unwrap())
}

/// A journal with its key, and a witness for it.
struct Ground {
    database: TestDatabase,
    key: SealKey,
    witness: Arc<Witness>,
    witness_key: SealKey,
    folder: tempfile::TempDir,
}

impl Ground {
    fn over(database: TestDatabase) -> Self {
        let (key, folder) = (SealKey::generate(ORIGIN).unwrap(), tempfile::tempdir().unwrap());
        let witness_key = SealKey::generate("witness.example").unwrap();
        let logs = vec![key.public()];
        let witness = Witness::open(witness_key.clone(), clock(), logs, folder.path()).unwrap();
        Self { database, key, witness: Arc::new(witness), witness_key, folder }
    }

    async fn sqlite() -> Self {
        Self::over(TestDatabase::sqlite().await)
    }

    fn sealer(&self) -> Sealer {
        let sealer = Sealer::new(self.database.database.clone(), clock());
        let witnesses = vec![self.witness_key.public_witness()];
        sealer.with(Some(self.key.clone()), witnesses).waiting_for_witnesses(true)
    }

    fn submission(&self, address: &str) -> Submission {
        Submission::new(self.witness_key.public_witness(), Endpoint::parse(address).unwrap())
    }

    async fn grow(&self, count: usize) -> Seal {
        add(&self.database, &clock(), count).await;
        seal_all(&self.database, &clock(), &self.key).await
    }

    async fn last(&self) -> Seal {
        let mut tx = self.database.read().await.unwrap();
        find_last(&mut tx).await.unwrap().unwrap()
    }
}

/// Serves a witness on a port of its own.
async fn serve(witness: Arc<Witness>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let routes = axum::Router::new().nest("/w", routes(witness));
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    format!("http://{address}/w")
}

/// A partner that answers every request with these bytes, or hangs up without any.
async fn partner(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut request = vec![0; 64 << 10];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    format!("http://{address}")
}

fn answer(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn code(error: &Error) -> &'static str {
    match error {
        Error::Refused { code, .. } => code,
        Error::Unavailable(_) => "unavailable",
        Error::Invalid(_) => "invalid",
        _ => "other",
    }
}

#[tokio::test]
async fn each_checkpoint_is_signed_kept_and_published() {
    for database in TestDatabase::each().await {
        let ground = Ground::over(database);
        let sealer = ground.sealer();
        let address = serve(ground.witness.clone()).await;
        let mut to = ground.submission(&address);
        assert_eq!(to.send(&sealer).await.unwrap(), Submitted::Nothing, "nothing is sealed");
        for (count, size) in [(3, 3), (700, 703), (1, 704)] {
            let seal = ground.grow(count).await;
            assert_eq!((seal.checkpoint.size, seal.witnesses), (size, 0));
            assert_eq!(to.send(&sealer).await.unwrap(), Submitted::Signed(size));
            let seal = ground.last().await;
            assert_eq!(seal.witnesses, 1);
            let keys = [ground.witness_key.public_witness()];
            let (_, signatures) = check(&seal.note, &ground.key.public(), &keys).unwrap();
            assert_eq!(signatures.witnesses[0].0, "witness.example");
            assert_eq!(to.send(&sealer).await.unwrap(), Submitted::Signed(size), "nothing new");
        }
        // One that was started anew guesses wrong, is told, and goes on.
        let seal = ground.grow(5).await;
        let mut anew = ground.submission(&address);
        assert_eq!(anew.send(&sealer).await.unwrap(), Submitted::Signed(seal.checkpoint.size));
        // Of a day the last one stays, as without witnesses.
        let mut tx = ground.database.read().await.unwrap();
        let count = "select count(*) from checkpoints";
        assert_eq!(tx.one::<(i64,)>(count, values![]).await.unwrap().0, 1);
        drop(tx);
        // What is not signed yet is not published.
        let newest = ground.grow(1).await;
        let mut tx = ground.database.read().await.unwrap();
        let published = sealer.find_published(&mut tx).await.unwrap().unwrap();
        assert_eq!(published.checkpoint.size + 1, newest.checkpoint.size);
        let plain = sealer.clone().waiting_for_witnesses(false);
        assert_eq!(plain.find_published(&mut tx).await.unwrap().unwrap(), newest);
    }
}

#[tokio::test]
async fn a_signature_that_comes_after_the_next_checkpoint_is_kept_too() {
    for database in TestDatabase::each().await {
        let ground = Ground::over(database);
        let sealer = ground.sealer();
        let first = ground.grow(3).await;
        let mut tx = ground.database.read().await.unwrap();
        let proof = prove_growth(&mut tx, 0, 3).await.unwrap().unwrap();
        drop(tx);
        let Verdict::Signed(line) = ground.witness.add(&proof.to_text()).await.unwrap() else {
            panic!("not signed")
        };
        // Meanwhile the next one took its place.
        ground.grow(2).await;
        let late = partner(answer("200 OK", &line)).await;
        let mut tx = ground.database.write().await.unwrap();
        let signed = format!("{}{line}", first.note);
        let keys = (ground.key.public(), [ground.witness_key.public_witness()]);
        super::super::actions::keep_witnessed(&mut tx, &first, &signed, &keys.0, &keys.1)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut tx = ground.database.read().await.unwrap();
        let published = sealer.find_published(&mut tx).await.unwrap().unwrap();
        assert_eq!((published.checkpoint.size, published.witnesses), (3, 1));
        drop(tx);
        // The line is of another checkpoint than the one that was sent.
        let error = ground.submission(&late).send(&sealer).await.unwrap_err();
        assert_eq!(code(&error), "invalid", "{error}");
        let report = crate::verify(&ground.database, &sealer.trust()).await.unwrap();
        assert!(report.faults.is_empty(), "{:?}", report.faults);
    }
}

#[tokio::test]
async fn a_fork_is_refused_whatever_it_claims() {
    let ground = Ground::sqlite().await;
    ground.grow(5).await;
    let address = serve(ground.witness.clone()).await;
    ground.submission(&address).send(&ground.sealer()).await.unwrap();
    // The same key seals another history.
    let other = TestDatabase::sqlite().await;
    let forged = Clock::fixed(Moment(7));
    for (count, expected) in [(5, "409 then none"), (4, "422"), (0, "422")] {
        add(&other, &forged, count).await;
        let seal = seal_all(&other, &forged, &ground.key).await;
        let sealer = Sealer::new(other.database.clone(), clock())
            .with(Some(ground.key.clone()), vec![ground.witness_key.public_witness()]);
        let error = ground.submission(&address).send(&sealer).await.unwrap_err();
        assert_eq!(code(&error), "seals.witness_refuses", "{expected}: {error}");
        let size = i64::try_from(seal.checkpoint.size).unwrap();
        let mut tx = other.read().await.unwrap();
        let proof = prove_growth(&mut tx, 5, size).await.unwrap().unwrap();
        let verdict = ground.witness.add(&proof.to_text()).await.unwrap();
        assert_eq!(verdict, Verdict::Inconsistent);
    }
    // A copy that was put back to an earlier state is told that it lags behind.
    let earlier = TestDatabase::sqlite().await;
    add(&earlier, &clock(), 2).await;
    seal_all(&earlier, &clock(), &ground.key).await;
    let sealer = Sealer::new(earlier.database.clone(), clock())
        .with(Some(ground.key.clone()), vec![ground.witness_key.public_witness()]);
    let error = ground.submission(&address).send(&sealer).await.unwrap_err();
    assert_eq!(code(&error), "seals.witness_ahead", "{error}");
}

#[tokio::test]
async fn requests_that_are_not_right_are_told_why() {
    let ground = Ground::sqlite().await;
    ground.grow(5).await;
    let proof = |old: u64, size: i64| {
        let database: Database = ground.database.database.clone();
        async move {
            let mut tx = database.read().await.unwrap();
            prove_growth(&mut tx, old, size).await.unwrap().unwrap().to_text()
        }
    };
    let first = proof(0, 5).await;
    let witness = &ground.witness;
    for (request, verdict) in [
        (String::new(), Verdict::Malformed),
        ("old 0\n\nnonsense".to_owned(), Verdict::Malformed),
        (first.replacen("old 0", "old +0", 1), Verdict::Malformed),
        (first.replacen("old 0", "old 00", 1), Verdict::Malformed),
        (first.replacen("old 0", "old 6", 1), Verdict::Malformed),
        (first.replacen("old 0", "old 3", 1), Verdict::Conflict(0)),
        (
            first.replacen("old 0\n", &format!("old 0\n{}\n", "A".repeat(43) + "="), 1),
            Verdict::Inconsistent,
        ),
        (first.replacen(ORIGIN, "sogoc.example/other", 1), Verdict::UnknownLog),
        (first.replacen("\n5\n", "\n6\n", 1), Verdict::Unsigned),
    ] {
        assert_eq!(witness.add(&request).await.unwrap(), verdict, "{request}");
    }
    // Signed by somebody else under the journal's name.
    let other = SealKey::generate(ORIGIN).unwrap();
    let foreign = TestDatabase::sqlite().await;
    add(&foreign, &clock(), 5).await;
    let seal = seal_all(&foreign, &clock(), &other).await;
    let request = Consistency::parse(&format!("old 0\n\n{}", seal.note)).unwrap().to_text();
    assert_eq!(witness.add(&request).await.unwrap(), Verdict::Unsigned);
    // Nothing of all this was kept.
    assert!(matches!(witness.add(&first).await.unwrap(), Verdict::Signed(_)));
    assert_eq!(witness.add(&first).await.unwrap(), Verdict::Conflict(5));
    // The same once more is signed once more.
    let same = proof(5, 5).await;
    assert!(matches!(witness.add(&same).await.unwrap(), Verdict::Signed(_)));
    // Lines of others are not kept.
    let kept = witness.find(&folder::Folder::name(ORIGIN)).await.unwrap().unwrap();
    assert_eq!(Checkpoint::parse(&kept).unwrap().size, 5);
    let stranger = SealKey::generate("stranger").unwrap();
    let (head, note) = same.split_once("\n\n").unwrap();
    let noted = stranger.witness(note, clock().now()).unwrap();
    let verdict = witness.add(&format!("{head}\n\n{noted}")).await.unwrap();
    assert!(matches!(verdict, Verdict::Signed(_)), "{verdict:?}");
    let kept = witness.find(&folder::Folder::name(ORIGIN)).await.unwrap().unwrap();
    assert!(!kept.contains("stranger"), "{kept}");
    assert_eq!(witness.find("../lock").await.unwrap(), None);
    assert_eq!(witness.find("lock").await.unwrap(), None);
}

#[tokio::test]
async fn of_many_at_once_none_rolls_the_witness_back() {
    let ground = Ground::sqlite().await;
    let mut requests = Vec::new();
    for size in 1..=8 {
        ground.grow(1).await;
        let mut tx = ground.database.read().await.unwrap();
        requests.push(prove_growth(&mut tx, 0, size).await.unwrap().unwrap().to_text());
    }
    let ask = |request: String| {
        let witness = ground.witness.clone();
        tokio::spawn(async move { witness.add(&request).await.unwrap() })
    };
    let asked: Vec<_> = requests.into_iter().map(ask).collect();
    let mut signed = 0;
    for verdict in asked {
        signed += usize::from(matches!(verdict.await.unwrap(), Verdict::Signed(_)));
    }
    assert_eq!(signed, 1, "all of them began at nothing");
}

#[tokio::test]
async fn what_a_witness_forgets_or_loses_makes_it_sign_nothing() {
    let ground = Ground::sqlite().await;
    ground.grow(5).await;
    let address = serve(ground.witness.clone()).await;
    let sealer = ground.sealer();
    ground.submission(&address).send(&sealer).await.unwrap();
    let logs = vec![ground.key.public()];
    let key = ground.witness_key.clone();
    let again = Witness::open(key.clone(), clock(), logs.clone(), ground.folder.path());
    assert!(matches!(again, Err(Error::Invalid(_))), "held by another");
    // Started anew it knows what it signed.
    let copy = tempfile::tempdir().unwrap();
    let name = folder::Folder::name(ORIGIN);
    std::fs::copy(ground.folder.path().join(&name), copy.path().join(&name)).unwrap();
    let again = Witness::open(key.clone(), clock(), logs.clone(), copy.path()).unwrap();
    let mut tx = ground.database.read().await.unwrap();
    let first = prove_growth(&mut tx, 0, 5).await.unwrap().unwrap().to_text();
    assert_eq!(again.add(&first).await.unwrap(), Verdict::Conflict(5));
    drop(again);
    std::fs::write(copy.path().join(&name), "damaged").unwrap();
    let again = Witness::open(key, clock(), logs, copy.path()).unwrap();
    assert_eq!(code(&again.add(&first).await.unwrap_err()), "unavailable");
}

#[tokio::test]
async fn a_witness_that_answers_nonsense_or_nothing_does_no_harm() {
    let ground = Ground::sqlite().await;
    let seal = ground.grow(5).await;
    let sealer = ground.sealer();
    let other = SealKey::generate("witness.example").unwrap();
    let forged = other.cosign(&seal.note, clock().now()).unwrap();
    let right = ground.witness_key.cosign(&seal.note, clock().now()).unwrap();
    let broken = right.replacen(&right[right.len() - 12..right.len() - 4], "AAAAAAAA", 1);
    let long =
        format!("HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n{}", "x".repeat(1 << 20));
    for (what, bytes, expected) in [
        ("hangs up", Vec::new(), "unavailable"),
        ("garbage", b"\x00\xff\r\n\r\nhello".to_vec(), "unavailable"),
        ("too long", long.into_bytes(), "unavailable"),
        ("empty", answer("200 OK", ""), "unavailable"),
        ("no line", answer("200 OK", "hello\n"), "invalid"),
        ("a stranger's line", answer("200 OK", &forged), "unavailable"),
        ("a broken line", answer("200 OK", &broken), "invalid"),
        ("no size", answer("409 Conflict", "many\n"), "unavailable"),
        ("a size beyond all", answer("409 Conflict", "99999999999999999999999\n"), "unavailable"),
        ("ahead", answer("409 Conflict", "6\n"), "seals.witness_ahead"),
        ("the same", answer("409 Conflict", "0\n"), "unavailable"),
        ("round and round", answer("409 Conflict", "3\n"), "unavailable"),
        ("not found", answer("404 Not Found", ""), "seals.witness_refuses"),
        (
            "moved",
            answer("301 Moved\r\nlocation: http://127.0.0.1:1/", ""),
            "seals.witness_refuses",
        ),
        ("refused", answer("422 Unprocessable Entity", ""), "seals.witness_refuses"),
        ("forbidden", answer("403 Forbidden", ""), "seals.witness_refuses"),
    ] {
        let address = partner(bytes).await;
        let error = ground.submission(&address).send(&sealer).await.unwrap_err();
        assert_eq!(code(&error), expected, "{what}: {error}");
        assert_eq!(ground.last().await, seal, "{what}");
    }
    let error = ground.submission("http://127.0.0.1:1").send(&sealer).await.unwrap_err();
    assert_eq!(code(&error), "unavailable", "nobody is there");
    let address = partner(answer("200 OK", &format!("{forged}{right}"))).await;
    let signed = ground.submission(&address).send(&sealer).await.unwrap();
    assert_eq!(signed, Submitted::Signed(5), "among others' lines");
    assert_eq!(ground.last().await.witnesses, 1);
    assert!(!ground.last().await.note.contains(forged.trim_end()));
}

#[tokio::test]
async fn bodies_beyond_all_measure_are_refused_by_a_witness() {
    let ground = Ground::sqlite().await;
    let address = serve(ground.witness.clone()).await;
    let endpoint = Endpoint::parse(&address).unwrap();
    for (body, status) in [
        ("x".repeat(1 << 20), 413),
        ("old 0\n".repeat(5_000), 400),
        ("\u{0}".repeat(100), 400),
        (String::new(), 400),
    ] {
        let length = body.len();
        // A body that is too long may be answered before it was sent to its end.
        let (answered, _) = match endpoint.post("/add-checkpoint", body).await {
            Err(Error::Unavailable(_)) if status == 413 => continue,
            answered => answered.unwrap(),
        };
        assert_eq!(answered, status, "{length} bytes");
    }
    let silent = tokio::time::timeout(Duration::from_secs(5), async {
        Endpoint::parse(&address).unwrap().post("/nowhere", String::new()).await
    });
    assert_eq!(silent.await.unwrap().unwrap().0, 404);
}

#[test]
fn addresses_of_witnesses_are_read_or_refused() {
    for (text, expected) in [
        ("https://witness.example", Some("https://witness.example:443")),
        ("http://127.0.0.1:8090/w/", Some("http://127.0.0.1:8090/w")),
        ("witness.example", None),
        ("https://", None),
        ("https://a b", None),
        ("https://a/x y", None),
        ("https://a/x\r\nhost: b", None),
        ("https://user@a", None),
        ("https://a:99999", None),
        ("ftp://a", None),
    ] {
        let read = Endpoint::parse(text).ok().map(|it| it.to_text());
        assert_eq!(read.as_deref(), expected, "{text}");
    }
}
