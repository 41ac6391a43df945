//! Files between their preview and its confirmation, each set for the one who sent it.
//!
//! They lie in the database, so that a restart or another process beside this one finds them, and
//! so that what is written is what was shown. They go when they were written, after a day, or when
//! newer ones need their room.

use std::collections::BTreeMap;

use base::{Clock, Id, Moment, Result};

use crate::{Tx, values};

/// Files by name.
pub type FilesByName = BTreeMap<String, Vec<u8>>;

/// So many sets an account keeps; its oldest goes first.
const MOST_OF_ONE: usize = 4;
/// So many sets are kept in all.
const MOST: usize = 64;
/// So much is kept in all; the oldest goes first. Units: bytes.
const MOST_BYTES: i64 = 128 << 20;
/// After this a set is forgotten. Units: hours.
pub const KEPT_HOURS: i64 = 24;
const LIFETIME_US: i64 = KEPT_HOURS * 3600 * 1_000_000;

/// A set of files as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The account that sent it; nobody else finds it.
    pub owner: String,
    /// What it is for, `territory` or `observations`; found for nothing else.
    pub purpose: String,
    /// Names what was shown, so that nothing else is written.
    pub seal: String,
    /// The files.
    pub files: FilesByName,
}

#[derive(Debug, sqlx::FromRow)]
struct Kept {
    id: String,
    owner: String,
    kept_at: i64,
    size_bytes: i64,
}

/// Keeps files under an id that nobody can guess, and forgets those that are too old or too many.
///
/// Errors: `Unavailable`.
pub async fn keep(tx: &mut Tx, clock: &Clock, id: Id, upload: &Upload) -> Result<()> {
    // Two who keep something wait for each other, so that both see how much there is.
    tx.run("update revisions set number = number + 1 where name = 'uploads'", values![]).await?;
    let sql = "select id, owner, kept_at, size_bytes from uploads order by kept_at desc, id desc";
    let kept: Vec<Kept> = tx.all(sql, values![]).await?;
    let size = upload.files.values().map(Vec::len).sum::<usize>();
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    let now = clock.now();
    for surplus in surplus(&kept, &upload.owner, size, now) {
        remove(tx, surplus).await?;
    }
    tx.run(
        "insert into uploads (id, owner, purpose, seal, kept_at, size_bytes) \
         values ($1, $2, $3, $4, $5, $6)",
        values![id, &upload.owner, &upload.purpose, &upload.seal, now, size],
    )
    .await?;
    for (name, content) in &upload.files {
        let sql = "insert into upload_files (upload, name, content) values ($1, $2, $3)";
        tx.run(sql, values![id, name, &content[..]]).await?;
    }
    Ok(())
}

/// The ids that must go before files of this size are kept for an owner. `kept` has the newest
/// first.
fn surplus<'a>(kept: &'a [Kept], owner: &str, size: i64, now: Moment) -> Vec<&'a str> {
    let (mut all, mut of_one, mut bytes) = (1, 1, size);
    let goes = |kept: &&Kept| {
        let is_old = now.0 - kept.kept_at >= LIFETIME_US;
        let is_of_one = kept.owner == owner;
        let fits = all < MOST
            && !(is_of_one && of_one >= MOST_OF_ONE)
            && bytes.saturating_add(kept.size_bytes) <= MOST_BYTES;
        if is_old || !fits {
            return true;
        }
        all += 1;
        of_one += usize::from(is_of_one);
        bytes += kept.size_bytes;
        false
    };
    kept.iter().filter(goes).map(|kept| &*kept.id).collect()
}

/// The files of this id, unless they are another's, for something else, or gone.
///
/// Errors: `Unavailable`.
pub async fn find(
    tx: &mut Tx,
    clock: &Clock,
    (owner, purpose): (&str, &str),
    id: &str,
) -> Result<Option<Upload>> {
    let since = Moment(clock.now().0 - LIFETIME_US);
    let sql = "select seal from uploads \
               where id = $1 and owner = $2 and purpose = $3 and kept_at > $4";
    let found = tx.find::<(String,)>(sql, values![id, owner, purpose, since]).await?;
    let Some((seal,)) = found else { return Ok(None) };
    let sql = "select name, content from upload_files where upload = $1 order by name";
    let files: Vec<(String, Vec<u8>)> = tx.all(sql, values![id]).await?;
    let files = files.into_iter().collect();
    Ok(Some(Upload { owner: owner.to_owned(), purpose: purpose.to_owned(), seal, files }))
}

/// Forgets the files of this id; false when they were gone already. In the transaction that writes
/// what was in them, it makes sure that nothing is written twice.
///
/// Errors: `Unavailable`.
pub async fn remove(tx: &mut Tx, id: &str) -> Result<bool> {
    tx.run("delete from upload_files where upload = $1", values![id]).await?;
    Ok(tx.run("delete from uploads where id = $1", values![id]).await? == 1)
}

/// How many sets of files were kept before an instant.
///
/// Errors: `Unavailable`.
pub async fn count_before(tx: &mut Tx, at: Moment) -> Result<i64> {
    let sql = "select count(*) from uploads where kept_at < $1";
    Ok(tx.one::<(i64,)>(sql, values![at]).await?.0)
}

/// Forgets the sets of files that were kept before an instant; gives how many they were.
///
/// Errors: `Unavailable`.
pub async fn forget_before(tx: &mut Tx, at: Moment) -> Result<i64> {
    let sql = "select id from uploads where kept_at < $1 order by id";
    let old: Vec<(String,)> = tx.all(sql, values![at]).await?;
    for (id,) in &old {
        remove(tx, id).await?;
    }
    Ok(i64::try_from(old.len()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(id: &str, owner: &str, kept_at: i64, size_bytes: i64) -> Kept {
        Kept { id: id.to_owned(), owner: owner.to_owned(), kept_at, size_bytes }
    }

    #[test]
    fn the_oldest_and_the_most_go_first() {
        let now = Moment(LIFETIME_US + 10);
        let ours = |at: i64| kept(&format!("a{at}"), "an", at, 1);
        let half = MOST_BYTES / 2;
        for (there, size, expected) in [
            (vec![], 1, vec![]),
            (vec![ours(20), ours(11), ours(10), ours(9)], 1, vec!["a10", "a9"]),
            (vec![ours(30), ours(29), ours(28), ours(27), ours(26)], 1, vec!["a27", "a26"]),
            (vec![kept("b", "binh", 20, half), kept("c", "chi", 15, half)], 1, vec!["c"]),
            (vec![kept("b", "binh", 20, 1)], MOST_BYTES, vec!["b"]),
        ] {
            assert_eq!(surplus(&there, "an", size, now), expected, "{there:?}");
        }
        let many: Vec<Kept> = (0..100).map(|at| kept("x", &format!("{at}"), 100, 1)).collect();
        assert_eq!(surplus(&many, "an", 1, now).len(), 100 - MOST + 1);
    }
}
