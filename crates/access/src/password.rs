//! Passwords: argon2id, checked off the async threads because it is meant to be slow.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;
use std::sync::mpsc::Sender;

use argon2::password_hash::PasswordHasher as _;
use argon2::password_hash::phc::{Output, PasswordHash};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use base::{Error, Result};
use lang::Lang;

/// The shortest password that is accepted; length is what counts (NIST SP 800-63B).
pub(crate) const SHORTEST: usize = 10;
/// Longer ones only serve to keep the machine busy.
pub(crate) const LONGEST: usize = 200;

/// The PHC string of a new password, with a salt of its own.
///
/// Errors: `Invalid` when it is too short or too long.
pub(crate) async fn hash(password: &str) -> Result<String> {
    let length = password.chars().count();
    if !(SHORTEST..=LONGEST).contains(&length) {
        return Err(Error::invalid("password", says_length));
    }
    let password = password.to_owned();
    off_thread(move || {
        let hash = Argon2::default().hash_password(password.as_bytes());
        hash.map(|hash| hash.to_string()).map_err(|error| Error::internal(error.to_string()))
    })
    .await?
}

/// How long a password has to be.
pub(crate) fn says_length(lang: Lang) -> String {
    let bounds = lang::access::PasswordLength { longest: LONGEST, shortest: SHORTEST };
    lang::access::password_length(lang, bounds)
}

/// Whether a password belongs to a PHC string. Without one the same work is done, so that the
/// time of the answer does not tell whether the account exists.
pub(crate) async fn matches(password: &str, stored: Option<&str>) -> Result<bool> {
    let known = stored.is_some();
    let stored = stored.map_or_else(|| ABSENT.to_owned(), ToOwned::to_owned);
    let password: String = password.chars().take(LONGEST).collect();
    let right = off_thread(move || is_of(&password, &stored).unwrap_or(false)).await?;
    Ok(known && right)
}

thread_local! {
    /// The memory in which passwords are checked. Given back and taken again each time, the
    /// allocator would keep several of these.
    static BLOCKS: RefCell<Vec<Block>> = const { RefCell::new(Vec::new()) };
}

/// Whether a password gives the hash of a PHC string; none where that cannot be read.
fn is_of(password: &str, stored: &str) -> Option<bool> {
    let hash = PasswordHash::new(stored).ok()?;
    let (salt, expected) = (hash.salt.as_ref()?, hash.hash.as_ref()?);
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
    let params = Params::try_from(&hash).ok()?;
    let mut out = vec![0; expected.len()];
    BLOCKS.with_borrow_mut(|blocks| {
        blocks.resize(params.block_count(), Block::new());
        let argon2 = Argon2::new(algorithm, version, params);
        let done = argon2.hash_password_into_with_memory(
            password.as_bytes(),
            salt,
            &mut out,
            &mut *blocks,
        );
        blocks.fill(Block::new());
        done.ok()
    })?;
    // Compares in constant time.
    Some(Output::new(&out).ok()? == *expected)
}

/// A well-formed hash that nobody knows a password of, with the same cost.
const ABSENT: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29nb2MtYWJzZW50LWFjYw$\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

type Work = Box<dyn FnOnce() + Send>;

/// One thread for all passwords: each takes 19 MB while it is checked, and a thread keeps them.
static WORKER: LazyLock<Sender<Work>> = LazyLock::new(|| {
    let (sender, receiver) = std::sync::mpsc::channel::<Work>();
    std::thread::spawn(move || {
        for work in receiver {
            // A panic ends this password only: whoever waits for it sees its answer go away.
            let _ = catch_unwind(AssertUnwindSafe(work));
        }
    });
    sender
});

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let (done, doing) = tokio::sync::oneshot::channel();
    let work = Box::new(move || {
        // Whoever asked may have gone away meanwhile.
        let _ = done.send(work());
    });
    WORKER.send(work).map_err(|_| Error::internal("the thread of passwords has ended"))?;
    doing.await.map_err(Error::internal)
}
