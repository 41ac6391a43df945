//! The same made-up postings for every way of writing them.

use base::{Clock, Day, Id, Moment};
use journal::{NewEntry, Posting};

/// Measures.
pub(crate) const MEASURES: i64 = 40;
/// Postings in an entry: a hamlet's report of a day.
const LINES: usize = 13;
/// The first day; two years follow.
const FIRST_DAY: i32 = 19_723;
const DAYS: i32 = 731;

pub(crate) fn clock() -> Clock {
    Clock::fixed("2026-01-01T00:00:00Z".parse::<Moment>().unwrap())
}

/// A small generator, the same at every run (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// Reports in the order of days, as they would come in: each of a hamlet, with 13 measures.
pub(crate) fn entries(clock: &Clock, hamlets: &[i64], postings: usize) -> Vec<NewEntry> {
    let count = postings / LINES;
    let mut random = Random(7);
    (0..count)
        .map(|at| {
            let day = Day(FIRST_DAY + i32::try_from(at * DAYS as usize / count).unwrap());
            let unit = hamlets[random.below(hamlets.len() as u64) as usize];
            let first = random.below(MEASURES as u64) as i64;
            let posting = |line: i64| Posting {
                measure: (first + line * 3) % MEASURES + 1,
                unit,
                day,
                delta: 1 + random_delta(at, line),
                records: 1,
            };
            NewEntry {
                id: Id::new(clock),
                actor: "bench".to_owned(),
                cause: "bench.report",
                record_kind: "bench",
                record_id: at.to_string(),
                record_version: 1,
                content_hash: [1; 32],
                postings: (0..LINES as i64).map(posting).collect(),
            }
        })
        .collect()
}

fn random_delta(at: usize, line: i64) -> i64 {
    Random(at as u64 * 64 + line as u64).below(40) as i64
}
