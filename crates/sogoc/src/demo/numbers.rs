//! Made-up numbers of the demonstration: the same at every start, plausible, and nobody's.

use base::{Day, DayRange};
use figures::Period;
use journal::Half;
use territory::Unit;

/// The campaign began in June 2022, so observations begin with its second quarter.
pub(crate) const FIRST_YEAR: i16 = 2022;
/// Households of the province as published on 13/09/2021; the made-up hamlets add up to it.
const HOUSEHOLDS: i64 = 194_412;
/// People in a hundred households, from 779,325 people in 194,412 households.
const PEOPLE_PER_HUNDRED: i64 = 401;

/// The quarters of a year that the demonstration has.
pub(crate) fn quarters(year: i16) -> impl Iterator<Item = Period> {
    let first = if year == FIRST_YEAR { 2 } else { 1 };
    (first..=4).filter_map(move |quarter| Period::parse(&format!("{year}-Q{quarter}"), &[]).ok())
}

/// A number from 0 to 999 that only depends on its two seeds (SplitMix64).
fn mix(seed: i64, salt: u64) -> i64 {
    let mut z = seed.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(salt);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) % 1000).cast_signed()
}

/// Households of each hamlet; the sum is exactly [`HOUSEHOLDS`].
pub(crate) fn households(hamlets: &[&Unit]) -> Vec<i64> {
    let weights: Vec<i64> = hamlets.iter().map(|hamlet| 600 + mix(hamlet.id.0, 1)).collect();
    let whole: i64 = weights.iter().sum::<i64>().max(1);
    let mut before = 0;
    weights
        .iter()
        .map(|weight| {
            let from = HOUSEHOLDS * before / whole;
            before += weight;
            HOUSEHOLDS * before / whole - from
        })
        .collect()
}

/// A number of a quarter, divided among its half months as evenly as whole numbers can. Of two
/// numbers the smaller stays the smaller in every half month.
pub(crate) fn halves(quarter: DayRange, value: i64) -> impl Iterator<Item = (DayRange, i64)> {
    let all: Vec<DayRange> = (Half::of(quarter.from).0..=Half::of(quarter.last()).0)
        .map(|half| Half(half).days())
        .collect();
    let count = all.len() as i64;
    (0..).zip(all).map(move |(at, days)| (days, value / count + i64::from(at < value % count)))
}

/// What is wrong with the newest quarter, so that there is something to look after: by the place of
/// a hamlet among all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gaps {
    /// Every so many hamlets one reports nothing, and one only a part.
    silent: usize,
    /// Every so many hamlets one reports a number that stands out.
    odd: usize,
}

/// Some in a hundred.
pub(crate) const GAPS: Gaps = Gaps { silent: 83, odd: 150 };

impl Gaps {
    /// What a hamlet reports instead of a number; none where it says nothing.
    pub(crate) fn of(self, at: usize, code: &str, value: i64) -> Option<i64> {
        match (at % self.silent, at % self.odd, code) {
            (7, _, _) | (50, _, "models" | "households_with_skills") => None,
            (_, 20, "dossiers") => Some(value * 5),
            (_, 90, "households_with_app") => Some(value / 2),
            _ => Some(value),
        }
    }
}

/// What a hamlet reports for the quarter that ends on a day: (measure, number).
pub(crate) fn counts(hamlet: i64, households: i64, last: Day) -> Vec<(&'static str, i64)> {
    let quarter = quarters_since_start(last);
    let noise = |salt: u64| mix(hamlet * 1009 + quarter, salt);
    // Shares in thousandths: where a hamlet starts, how fast it goes up, and where it ends.
    let share = |salt: u64, start: i64, speed: i64, most: i64| {
        let own = mix(hamlet, salt) * 160 / 1000 - 80;
        let grown = start + own + quarter * speed * (500 + mix(hamlet, salt + 100)) / 1000;
        (grown + noise(salt) * 12 / 1000).clamp(5, most + own / 4).min(1000)
    };
    let of = |whole: i64, thousandths: i64| whole * thousandths / 1000;
    let farms = of(households, 350 + mix(hamlet, 7) * 450 / 1000);
    let dossiers = households * (30 + noise(8) * 40 / 1000) / 100;
    let models = i64::from(noise(9) < 35 + quarter);
    let minority = minority_counts(hamlet, households, last);
    let counts = vec![
        ("households", households),
        ("people", households * (PEOPLE_PER_HUNDRED - 15 + mix(hamlet, 2) * 30 / 1000) / 100),
        ("dossiers", dossiers),
        ("dossiers_online", of(dossiers, share(10, 190, 38, 900))),
        ("households_with_app", of(households, share(11, 260, 40, 930))),
        ("households_with_account", of(households, share(12, 340, 34, 950))),
        ("farm_households", farms),
        ("farm_households_trading_online", of(farms, share(13, 90, 22, 620))),
        ("models", models),
        ("households_with_skills", of(households, share(14, 300, 36, 940))),
    ];
    [counts, minority].concat()
}

/// Households of ethnic minorities, which are counted twice a year. They live in few hamlets in
/// number, and in most others by ones and twos; together they are near the 7,585 of the province.
fn minority_counts(hamlet: i64, households: i64, last: Day) -> Vec<(&'static str, i64)> {
    if last.civil().month() % 6 != 0 {
        return Vec::new();
    }
    let is_home = mix(hamlet, 20) < 150;
    let usual = if is_home { 35 + mix(hamlet, 21) * 95 / 1000 } else { mix(hamlet, 22) * 8 / 1000 };
    let moved = mix(hamlet * 1009 + quarters_since_start(last), 23) * 3 / 1000 - 1;
    let minority = if usual == 0 { 0 } else { (usual + moved).clamp(0, households) };
    let khmer = minority * (72 + mix(hamlet, 24) * 25 / 1000) / 100;
    let poor = minority * (24 - quarters_since_start(last) / 2 + mix(hamlet, 26) * 8 / 1000) / 100;
    vec![
        ("minority_households", minority),
        ("khmer_households", khmer),
        ("hoa_households", minority - khmer),
        ("poor_minority_households", poor),
    ]
}

/// Quarters from the first one, 2022-Q2, to the one that ends on this day.
fn quarters_since_start(last: Day) -> i64 {
    let date = last.civil();
    let months = i64::from(date.year() - FIRST_YEAR) * 12 + i64::from(date.month());
    months / 3 - 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_never_more_than_their_whole() {
        for hamlet in 1..600 {
            for quarter in (2022..=2026).flat_map(quarters) {
                let counts = counts(hamlet, 200 + hamlet, quarter.days.last());
                let of = |code: &str| counts.iter().find(|(name, _)| *name == code).unwrap().1;
                assert!(of("dossiers_online") <= of("dossiers"));
                let halves = |code: &str| halves(quarter.days, of(code)).collect::<Vec<_>>();
                let (online, all) = (halves("dossiers_online"), halves("dossiers"));
                assert!(online.iter().zip(&all).all(|(part, whole)| part.1 <= whole.1));
                assert_eq!(all.iter().map(|(_, value)| value).sum::<i64>(), of("dossiers"));
                assert_eq!((all.len(), all[5].0.to), (6, quarter.days.to));
                assert!(of("farm_households_trading_online") <= of("farm_households"));
                for part in
                    ["households_with_app", "households_with_account", "households_with_skills"]
                {
                    assert!((0..=of("households")).contains(&of(part)), "{part} {hamlet}");
                }
                let minority = counts.iter().skip(10).map(|(_, value)| *value).collect::<Vec<_>>();
                if let [all, khmer, hoa, poor] = minority[..] {
                    assert!(khmer + hoa <= all && poor <= all && all <= of("households"));
                    assert!(minority.iter().all(|value| *value >= 0));
                }
            }
        }
    }
}
