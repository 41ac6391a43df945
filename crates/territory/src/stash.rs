//! Files between their preview and its confirmation, kept in memory for a short while.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use base::{Clock, Id, Moment};

/// Files by name.
pub(crate) type FilesByName = BTreeMap<String, Vec<u8>>;

/// So many sets of files are kept; the oldest goes first.
const MOST: usize = 8;
/// So much is kept in all. Units: bytes.
const MOST_BYTES: usize = 64 << 20;
/// After this a set of files is forgotten. Units: microseconds.
const LIFETIME_US: i64 = 30 * 60 * 1_000_000;

/// Sets of files under ids that nobody can guess, each for the one who sent it.
#[derive(Debug, Default)]
pub(crate) struct Stash(Mutex<VecDeque<Kept>>);

#[derive(Debug)]
struct Kept {
    id: String,
    owner: String,
    since: Moment,
    bytes: usize,
    files: Arc<FilesByName>,
}

impl Stash {
    /// Keeps files for their owner; gives the id under which they are found again.
    pub(crate) fn keep(&self, clock: &Clock, owner: &str, files: Arc<FilesByName>) -> String {
        let id = Id::new(clock).to_string();
        let bytes = files.values().map(Vec::len).sum();
        let kept =
            Kept { id: id.clone(), owner: owner.to_owned(), since: clock.now(), bytes, files };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push_back(kept);
        while all.len() > MOST
            || (all.len() > 1 && all.iter().map(|kept| kept.bytes).sum::<usize>() > MOST_BYTES)
        {
            all.pop_front();
        }
        id
    }

    /// The files of this id, unless they are another's, too old or pushed out by newer ones.
    pub(crate) fn find(&self, clock: &Clock, owner: &str, id: &str) -> Option<Arc<FilesByName>> {
        let now = clock.now();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|kept| now.0 - kept.since.0 < LIFETIME_US);
        let mut ours = all.iter().filter(|kept| kept.id == id && kept.owner == owner);
        ours.next().map(|kept| kept.files.clone())
    }

    /// Forgets the files of this id.
    pub(crate) fn forget(&self, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|kept| kept.id != id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(bytes: usize) -> Arc<FilesByName> {
        Arc::new([("a".to_owned(), vec![0; bytes])].into())
    }

    #[test]
    fn files_are_found_by_their_owner_alone_and_not_for_ever() {
        let (stash, clock) = (Stash::default(), Clock::fixed(Moment(0)));
        let id = stash.keep(&clock, "an", files(1));
        assert!(stash.find(&clock, "an", &id).is_some());
        assert!(stash.find(&clock, "binh", &id).is_none());
        let late = Clock::fixed(Moment(LIFETIME_US + 100));
        assert!(stash.find(&late, "an", &id).is_none());
    }

    #[test]
    fn number_and_size_are_limited() {
        let (stash, clock) = (Stash::default(), Clock::fixed(Moment(0)));
        let first = stash.keep(&clock, "an", files(1));
        let rest: Vec<String> = (0..MOST).map(|_| stash.keep(&clock, "an", files(1))).collect();
        assert!(stash.find(&clock, "an", &first).is_none());
        assert!(stash.find(&clock, "an", &rest[0]).is_some());
        let large = stash.keep(&clock, "an", files(MOST_BYTES));
        assert!(stash.find(&clock, "an", &rest[0]).is_none());
        assert!(stash.find(&clock, "an", &large).is_some());
        stash.forget(&large);
        assert!(stash.find(&clock, "an", &large).is_none());
    }
}
