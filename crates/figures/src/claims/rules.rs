//! What a claim's own parts give.

use base::{decimal, percent};
use lang::Lang;
use packs::{Catalogue, Check, Claim, Words};

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
    /// The same for people, rounded once: a whole number of its last decimal, and its decimals.
    shown: Option<(i64, u32)>,
    reason: Reason,
}

#[derive(Clone, Debug)]
enum Reason {
    Ratio { computed: i64, claimed: i64, decimals: u32 },
    Shares { sum: (i64, u32), holds: Holds, bases: Bases },
    Mixed { above: String, below: String },
    Counted { said: String, really: String },
    Equality { sum: i64, total: i64 },
    Unknown,
}

/// Whether shares make up a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Exactly,
    /// As far as they were rounded.
    Rounded,
    Not,
}

/// On what the shares of a claim stand.
#[derive(Clone, Debug)]
struct Bases {
    /// As the source states them, each once; none where it states none.
    stated: Vec<Option<Words>>,
    /// As they must be by the rule of the field, each once.
    by_rule: Vec<Words>,
}

impl Bases {
    fn of(claim: &Claim) -> Self {
        let (mut stated, mut by_rule) = (Vec::new(), Vec::new());
        for share in &claim.shares {
            if !stated.contains(&share.basis) {
                stated.push(share.basis.clone());
            }
            by_rule.extend(share.basis_by_rule.clone().filter(|it| !by_rule.contains(it)));
        }
        Self { stated, by_rule }
    }

    /// Whether the source states one basis for all; or none, and so says nothing else.
    fn are_stated_as_one(&self) -> bool {
        self.stated.len() == 1
    }

    /// Whether by the rule of the field they are several.
    fn are_mixed_by_rule(&self) -> bool {
        self.by_rule.len() > 1
    }

    /// What the rule says of them, and what the source.
    fn say(&self, lang: Lang) -> String {
        let list = |words: &[&str]| words.join("; ");
        let by_rule: Vec<&str> = self.by_rule.iter().map(|words| words.say(lang)).collect();
        let by_rule = lang::claims::mixed_by_rule(lang, list(&by_rule));
        let unstated = || lang::claims::unstated(lang);
        let stated = match &self.stated[..] {
            [None] => lang::claims::bases_unstated(lang).to_owned(),
            several => {
                let words =
                    several.iter().map(|it| it.as_ref().map_or_else(unstated, |it| it.say(lang)));
                lang::claims::bases_stated(lang, list(&words.collect::<Vec<_>>()))
            }
        };
        format!("{by_rule} {stated}")
    }
}

impl Finding {
    /// The percentage that the parts give, without its sign: with two decimals, or as many as the
    /// claim has where that is more.
    #[must_use]
    pub fn computed_words(&self, lang: Lang) -> Option<String> {
        self.shown.map(|(value, decimals)| decimal(lang, value, decimals))
    }

    /// The reason in a sentence or two; `catalogue` has the names of what is counted.
    #[must_use]
    pub fn why(&self, lang: Lang, catalogue: &Catalogue) -> String {
        let counted = |code: &str| catalogue.counted(lang, code).to_owned();
        match &self.reason {
            Reason::Ratio { computed, claimed, decimals } => {
                let at = |value: i64| decimal(lang, value, *decimals);
                if computed == claimed {
                    lang::claims::ratio_holds(lang, at(*computed))
                } else {
                    lang::claims::ratio_differs(
                        lang,
                        lang::claims::RatioDiffers {
                            claimed: at(*claimed),
                            computed: at(*computed),
                        },
                    )
                }
            }
            Reason::Shares { sum: (sum, decimals), holds, bases } => {
                let sum = decimal(lang, *sum, *decimals);
                shares_why(lang, sum, *holds, bases)
            }
            Reason::Mixed { above, below } => {
                let (above, below) = (counted(above), counted(below));
                lang::claims::mixed_units(lang, lang::claims::MixedUnits { above, below })
            }
            Reason::Counted { said, really } => {
                let is_same = said == really;
                let (said, really) = (counted(said), counted(really));
                if is_same {
                    lang::claims::count_holds(lang, really)
                } else {
                    lang::claims::count_differs(lang, lang::claims::CountDiffers { really, said })
                }
            }
            Reason::Equality { sum, total } => {
                let (sum_text, total_text) =
                    (base::grouped(lang, *sum), base::grouped(lang, *total));
                if sum == total {
                    lang::claims::sum_holds(lang, sum_text)
                } else {
                    lang::claims::sum_differs(
                        lang,
                        lang::claims::SumDiffers { sum: sum_text, total: total_text },
                    )
                }
            }
            Reason::Unknown => lang::claims::cannot_be_checked(lang).to_owned(),
        }
    }
}

fn shares_why(lang: Lang, sum: String, holds: Holds, bases: &Bases) -> String {
    if bases.are_mixed_by_rule() {
        let sum = match holds {
            Holds::Not => lang::claims::shares_differ(lang, sum),
            Holds::Exactly | Holds::Rounded => lang::claims::shares_sum(lang, sum),
        };
        return format!("{sum} {}", bases.say(lang));
    }
    match (holds, bases.are_stated_as_one()) {
        (Holds::Exactly, true) => lang::claims::shares_hold(lang).to_owned(),
        (Holds::Rounded, true) => lang::claims::shares_hold_rounded(lang, sum),
        (Holds::Not, true) => lang::claims::shares_differ(lang, sum),
        (Holds::Not, false) => lang::claims::shares_and_bases_differ(lang, sum),
        (_, false) => lang::claims::bases_differ(lang).to_owned(),
    }
}

/// 100 % in units of 1/10,000 of a percent.
const HUNDRED: i64 = 1_000_000;

/// What came of a check: whether the claim holds, the percentage, the same for people, and why.
type Judged = (Option<bool>, Option<i64>, Option<(i64, u32)>, Reason);

const UNKNOWN: Judged = (None, None, None, Reason::Unknown);

/// Checks a claim by what it gives itself.
#[must_use]
pub fn judge(claim: &Claim) -> Finding {
    let (holds, computed, shown, reason) = match claim.check {
        Check::Ratio => ratio(claim).unwrap_or(UNKNOWN),
        Check::Shares => shares(claim),
        Check::UnitOfCount => {
            let said = claim.claimed_counted.clone().unwrap_or_default();
            let really = claim.counted.clone();
            (Some(said == really), None, None, Reason::Counted { said, really })
        }
        Check::Equality => equality(claim).unwrap_or(UNKNOWN),
        Check::None => UNKNOWN,
    };
    let verdict = match holds {
        Some(true) => Verdict::AddsUp,
        Some(false) => Verdict::Contradicts,
        None => Verdict::CannotBeChecked,
    };
    Finding { verdict, computed, shown, reason }
}

/// The parts are rounded to as many decimals as were published, and must then be what was
/// published. Parts over different units of count are no ratio at all.
fn ratio(claim: &Claim) -> Option<Judged> {
    let (above, below) = (claim.numerator.as_ref()?, claim.denominator.as_ref()?);
    if above.counted != below.counted {
        let (above, below) = (above.counted.clone(), below.counted.clone());
        return Some((Some(false), None, None, Reason::Mixed { above, below }));
    }
    let (claimed, decimals) = published(claim.claimed_percent.as_deref()?)?;
    let computed = percent(above.value, below.value, decimals)?;
    let shown = decimals.max(2);
    let shown = (percent(above.value, below.value, shown)?, shown);
    let reason = Reason::Ratio { computed, claimed, decimals };
    Some((Some(computed == claimed), percent(above.value, below.value, 4), Some(shown), reason))
}

/// A published percentage as a whole number of its last decimal, and its decimals.
fn published(text: &str) -> Option<(i64, u32)> {
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let decimals = u32::try_from(decimals).ok()?;
    let unit = 10_i64.pow(4_u32.checked_sub(decimals)?);
    Some((Claim::scaled(text)? / unit, decimals))
}

/// Each share may be off by half of its last digit, and no more; and all stand on one basis, by
/// what the source states and by the rule of the field.
///
/// Law: none (house rule); the rule of the field stands in the pack, with its document.
fn shares(claim: &Claim) -> Judged {
    let published = claim.shares.iter().filter_map(|share| {
        let (_, decimals) = published(&share.percent)?;
        Some((Claim::scaled(&share.percent)?, decimals))
    });
    let (mut sum, mut most, mut twice_off) = (0_i64, 0, 0_i64);
    for (scaled, decimals) in published {
        sum = sum.saturating_add(scaled);
        most = most.max(decimals);
        twice_off += 10_i64.pow(4 - decimals);
    }
    let holds = match sum.abs_diff(HUNDRED).saturating_mul(2) {
        0 => Holds::Exactly,
        off if off <= twice_off.unsigned_abs() => Holds::Rounded,
        _ => Holds::Not,
    };
    let bases = Bases::of(claim);
    let is_one = bases.are_stated_as_one() && !bases.are_mixed_by_rule();
    // No share has more decimals than this, so nothing is cut off.
    let shown = (sum / 10_i64.pow(4 - most), most);
    let reason = Reason::Shares { sum: shown, holds, bases };
    (Some(holds != Holds::Not && is_one), Some(sum), Some(shown), reason)
}

fn equality(claim: &Claim) -> Option<Judged> {
    let total = claim.total.as_ref()?.value;
    let mut values = claim.terms.iter().map(|term| term.value);
    let sum = values.try_fold(0_i64, i64::checked_add)?;
    Some((Some(sum == total), None, None, Reason::Equality { sum, total }))
}
