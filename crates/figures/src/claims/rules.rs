//! What a claim's own parts give.

use base::{decimal, percent};
use lang::Lang;
use packs::{Check, Claim};

/// What came of the check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its parts give what was published.
    AddsUp,
    /// They do not.
    Contradicts,
    /// It gives no parts to check.
    CannotBeChecked,
}

/// A verdict with its reason.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What came of it.
    pub verdict: Verdict,
    /// The percentage that the parts give, in units of 1/10,000 of a percent.
    pub computed: Option<i64>,
    reason: Reason,
}

#[derive(Clone, Debug)]
enum Reason {
    Ratio { computed: i64, claimed: i64, decimals: u32 },
    Shares { sum: i64, bases: usize },
    Counted { said: String, really: String },
    Equality { sum: i64, total: i64 },
    Unknown,
}

impl Finding {
    /// The reason in one sentence.
    #[must_use]
    pub fn why(&self, lang: Lang) -> String {
        let percent = |scaled: i64| decimal(lang, scaled / 100, 2);
        match &self.reason {
            Reason::Ratio { computed, claimed, decimals } => {
                let at = |value: i64| decimal(lang, value, *decimals);
                if computed == claimed {
                    lang::claims::ratio_holds(lang, at(*computed))
                } else {
                    lang::claims::ratio_differs(lang, at(*claimed), at(*computed))
                }
            }
            Reason::Shares { sum, bases } => match (*sum == HUNDRED, *bases) {
                (true, 1) => lang::claims::shares_hold(lang).to_owned(),
                (true, _) => lang::claims::bases_differ(lang).to_owned(),
                (false, 1) => lang::claims::shares_differ(lang, percent(*sum)),
                (false, _) => lang::claims::shares_and_bases_differ(lang, percent(*sum)),
            },
            Reason::Counted { said, really } => {
                let (said, really) = (counted(lang, said), counted(lang, really));
                if said == really {
                    lang::claims::count_holds(lang, really)
                } else {
                    lang::claims::count_differs(lang, really, said)
                }
            }
            Reason::Equality { sum, total } => {
                let (sum_text, total_text) =
                    (base::grouped(lang, *sum), base::grouped(lang, *total));
                if sum == total {
                    lang::claims::sum_holds(lang, sum_text)
                } else {
                    lang::claims::sum_differs(lang, sum_text, total_text)
                }
            }
            Reason::Unknown => lang::claims::cannot_be_checked(lang).to_owned(),
        }
    }
}

/// 100 % in units of 1/10,000 of a percent.
const HUNDRED: i64 = 1_000_000;

/// Checks a claim by what it gives itself.
#[must_use]
pub fn judge(claim: &Claim) -> Finding {
    let (holds, computed, reason) = match claim.check {
        Check::Ratio => ratio(claim),
        Check::Shares => shares(claim),
        Check::UnitOfCount => {
            let said = claim.claimed_counted.clone().unwrap_or_default();
            let really = claim.counted.clone();
            (Some(said == really), None, Reason::Counted { said, really })
        }
        Check::Equality => {
            let sum: i64 = claim.terms.iter().map(|term| term.value).sum();
            let total = claim.total.as_ref().map_or(0, |total| total.value);
            (Some(sum == total), None, Reason::Equality { sum, total })
        }
        Check::None => (None, None, Reason::Unknown),
    };
    let verdict = match holds {
        Some(true) => Verdict::AddsUp,
        Some(false) => Verdict::Contradicts,
        None => Verdict::CannotBeChecked,
    };
    Finding { verdict, computed, reason }
}

fn ratio(claim: &Claim) -> (Option<bool>, Option<i64>, Reason) {
    let (Some(above), Some(below)) = (&claim.numerator, &claim.denominator) else {
        return (None, None, Reason::Unknown);
    };
    let claimed = claim.claimed_percent.as_deref().and_then(Claim::scaled);
    let rounded = percent(above.value, below.value, claim.decimals);
    let (Some(computed), Some(claimed)) = (rounded, claimed) else {
        return (None, None, Reason::Unknown);
    };
    // "47.58" was read with four decimals; the claim has as many as it was published with.
    let claimed = claimed / 10_i64.pow(4 - claim.decimals.min(4));
    if above.counted != below.counted {
        let (said, really) = (above.counted.clone(), below.counted.clone());
        return (Some(false), None, Reason::Counted { said, really });
    }
    let exact = percent(above.value, below.value, 4);
    let reason = Reason::Ratio { computed, claimed, decimals: claim.decimals };
    (Some(computed == claimed), exact, reason)
}

fn shares(claim: &Claim) -> (Option<bool>, Option<i64>, Reason) {
    let sum = claim.shares.iter().filter_map(|share| Claim::scaled(&share.percent)).sum();
    let mut bases: Vec<&str> = claim.shares.iter().map(|share| share.basis.vi.as_str()).collect();
    bases.sort_unstable();
    bases.dedup();
    let bases = bases.len();
    (Some(sum == HUNDRED && bases == 1), Some(sum), Reason::Shares { sum, bases })
}

/// The name of a unit of count.
#[must_use]
pub fn counted(lang: Lang, code: &str) -> &str {
    match code {
        "person" => lang::counted::person(lang),
        "household" => lang::counted::household(lang),
        "procedure" => lang::counted::procedure(lang),
        "dossier" => lang::counted::dossier(lang),
        "team" => lang::counted::team(lang),
        "unit" => lang::counted::unit(lang),
        "model" => lang::counted::model(lang),
        "market" => lang::counted::market(lang),
        "wallet" => lang::counted::wallet(lang),
        "facility" => lang::counted::facility(lang),
        "project" => lang::counted::project(lang),
        "agency" => lang::counted::agency(lang),
        "day" => lang::counted::day(lang),
        "hamlet" => lang::counted::hamlet(lang),
        "hectare" => lang::counted::hectare(lang),
        "lookup" => lang::counted::lookup(lang),
        other => other,
    }
}
