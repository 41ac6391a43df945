//! The rules: no database, no clock. What is not known breaks none, but for what must come together.

use std::collections::BTreeMap;

use base::{decimal, grouped};
use lang::{Lang, Text};
use packs::{Catalogue, Operator, Rule, Severity, Words};

/// Fewer numbers of the past say nothing about what is usual.
const LEAST_PAST: usize = 4;
/// Fewer units beside one say nothing about what is usual.
const LEAST_SIBLINGS: usize = 5;
/// What stands out least: a spread below two in a hundred of the median, or below one, is taken
/// for that. Numbers that hardly ever change would otherwise stand out with every change.
const LEAST_SPREAD_PERCENT: i128 = 2;
/// Ratios between siblings are compared in millionths.
const MILLION: i128 = 1_000_000;

/// The numbers of one unit for one period, and what they are held against.
///
/// Measures are named by their codes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers {
    /// What the unit reported.
    pub(crate) own: BTreeMap<String, i64>,
    /// What it reported for the periods before, oldest first; the last is the one just before.
    pub(crate) past: Vec<BTreeMap<String, i64>>,
    /// What the units beside it reported for the same period.
    pub(crate) siblings: Vec<BTreeMap<String, i64>>,
}

impl Numbers {
    fn sum(numbers: &BTreeMap<String, i64>, side: &[String]) -> Option<i64> {
        side.iter().try_fold(0_i64, |sum, code| sum.checked_add(*numbers.get(code)?))
    }
}

/// A rule that does not hold.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// The code of the rule.
    pub(crate) rule: String,
    /// What it does.
    pub(crate) severity: Severity,
    /// What does not hold, in the words of the rule and with the numbers.
    pub(crate) text: Text,
    /// SHA-256 of the unit's numbers behind it: a mark holds as long as they stay.
    pub(crate) numbers: [u8; 32],
}

/// Parts and wholes that the shares of a catalogue imply, as rules: code, part, whole.
pub(crate) fn implied(catalogue: &Catalogue) -> Vec<Rule> {
    let mut pairs: Vec<(&str, &str)> = catalogue
        .indicators()
        .into_iter()
        .filter_map(|it| Some((&*it.numerator, it.denominator.as_deref()?)))
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    let rule = |(part, whole): (&str, &str)| Rule {
        code: format!("{part}-within-{whole}"),
        words: Words::default(),
        severity: Severity::Error,
        operator: Operator::AtMost,
        left: vec![part.to_owned()],
        right: vec![whole.to_owned()],
        percent: None,
        limit: None,
    };
    pairs.into_iter().map(rule).collect()
}

/// Whether the two sides of a comparison hold; none where one of them is not known, or the rule
/// compares something else.
pub(crate) fn compared(rule: &Rule, numbers: &BTreeMap<String, i64>) -> Option<bool> {
    let (left, right) = (Numbers::sum(numbers, &rule.left)?, Numbers::sum(numbers, &rule.right)?);
    Some(match rule.operator {
        Operator::AtMost => left <= right,
        Operator::Less => left < right,
        Operator::Same => left == right,
        Operator::AtLeast => left >= right,
        Operator::More => left > right,
        _ => return None,
    })
}

/// Which of the rules the numbers of a unit break.
pub(crate) fn judge(catalogue: &Catalogue, rules: &[Rule], numbers: &Numbers) -> Vec<Finding> {
    let broken = rules.iter().filter_map(|rule| Some((rule, broken(catalogue, rule, numbers)?)));
    let finding = |(rule, reason): (&Rule, Reason)| Finding {
        rule: rule.code.clone(),
        severity: rule.severity,
        text: in_words(rule.words.clone(), reason.text),
        numbers: hash(rule, &reason.behind),
    };
    broken.map(finding).collect()
}

/// Why a rule does not hold, and the numbers of the unit behind it.
struct Reason {
    text: Text,
    behind: Vec<Option<i64>>,
}

fn broken(catalogue: &Catalogue, rule: &Rule, numbers: &Numbers) -> Option<Reason> {
    let own: Vec<Option<i64>> =
        rule.measures().map(|code| numbers.own.get(code).copied()).collect();
    match rule.operator {
        Operator::Together => {
            let there = own.iter().flatten().count();
            let is_broken = there > 0 && there < own.len();
            let missing = rule.left.iter().filter(|code| !numbers.own.contains_key(*code));
            let names = names(catalogue, missing);
            is_broken.then(|| Reason { text: missing_text(names), behind: own })
        }
        Operator::NotBelowPrevious | Operator::NotAbovePrevious => {
            previous(catalogue, rule, numbers)
        }
        Operator::LikeOwnPast => like_past(catalogue, rule, numbers),
        Operator::LikeSiblings => like_siblings(catalogue, rule, numbers),
        _ => {
            let holds = compared(rule, &numbers.own)?;
            let text = || compared_text(catalogue, rule, &numbers.own);
            if holds { None } else { Some(Reason { text: text()?, behind: own }) }
        }
    }
}

fn previous(catalogue: &Catalogue, rule: &Rule, numbers: &Numbers) -> Option<Reason> {
    let now = Numbers::sum(&numbers.own, &rule.left)?;
    let before = Numbers::sum(numbers.past.last()?, &rule.left)?;
    let (percent, whole) = (i128::from(rule.percent_scaled()?), 10_000_i128);
    let is_below = rule.operator == Operator::NotBelowPrevious;
    let taken = if is_below { whole - percent } else { whole + percent };
    let (now_scaled, border) = (i128::from(now) * whole, i128::from(before) * taken);
    let is_broken = if is_below { now_scaled < border } else { now_scaled > border };
    let names = names(catalogue, rule.left.iter());
    let allowed = rule.percent.clone()?;
    let text = Text::new(move |lang| {
        let arguments = lang::validation::Previous {
            before: grouped(lang, before),
            change: change(lang, before, now),
            measure: names.say(lang),
            now: grouped(lang, now),
            percent: local(lang, &allowed),
        };
        lang::validation::previous(lang, arguments)
    });
    is_broken.then(|| Reason { text, behind: vec![Some(now), Some(before)] })
}

/// "−12,5%", or the difference alone where there was nothing before.
fn change(lang: Lang, before: i64, now: i64) -> String {
    let more = i128::from(now) - i128::from(before);
    let sign = if more < 0 { "\u{2212}" } else { "+" };
    if before == 0 {
        let more = i64::try_from(more.abs()).unwrap_or(i64::MAX);
        return format!("{sign}{}", grouped(lang, more));
    }
    let scaled = rounded(more.abs() * 1000, i128::from(before).abs());
    format!("{sign}{}%", decimal(lang, scaled, 1))
}

fn like_past(catalogue: &Catalogue, rule: &Rule, numbers: &Numbers) -> Option<Reason> {
    let code = rule.left.first()?;
    let now = *numbers.own.get(code)?;
    let past: Vec<i64> = numbers.past.iter().filter_map(|it| it.get(code).copied()).collect();
    let wide: Vec<i128> = past.iter().map(|value| i128::from(*value)).collect();
    let limit = rule.limit_scaled()?;
    if past.len() < LEAST_PAST || !stands_out(i128::from(now), &wide, limit) {
        return None;
    }
    let twice = twice_the_median(&wide);
    let (name, count) = (names(catalogue, [code]), past.len());
    let text = Text::new(move |lang| {
        let arguments = lang::validation::OwnPast {
            count,
            measure: name.say(lang),
            median: half(lang, twice),
            now: grouped(lang, now),
            times: times(lang, i128::from(now), twice),
        };
        lang::validation::own_past(lang, arguments)
    });
    let behind = std::iter::once(now).chain(past).map(Some).collect();
    Some(Reason { text, behind })
}

fn like_siblings(catalogue: &Catalogue, rule: &Rule, numbers: &Numbers) -> Option<Reason> {
    let (above, below) = (rule.left.first()?, rule.right.first()?);
    let ratio = |numbers: &BTreeMap<String, i64>| {
        let (above, below) = (*numbers.get(above)?, *numbers.get(below)?);
        (below > 0).then(|| i128::from(above) * MILLION / i128::from(below))
    };
    let own = ratio(&numbers.own)?;
    let others: Vec<i128> = numbers.siblings.iter().filter_map(ratio).collect();
    let limit = rule.limit_scaled()?;
    if others.len() < LEAST_SIBLINGS || !stands_out(own, &others, limit) {
        return None;
    }
    let twice = twice_the_median(&others);
    let (part, size) = (names(catalogue, [above]), names(catalogue, [below]));
    let count = others.len();
    // In a hundred, with one decimal.
    let share = |lang: Lang, twice_millionths: i128| {
        decimal(lang, rounded(twice_millionths, 2 * MILLION / 1000), 1)
    };
    let text = Text::new(move |lang| {
        let arguments = lang::validation::Siblings {
            count,
            measure: part.say(lang),
            median: share(lang, twice),
            now: share(lang, 2 * own),
            size: size.say(lang),
            times: times(lang, own, twice),
        };
        lang::validation::siblings(lang, arguments)
    });
    let behind = [above, below].map(|code| numbers.own.get(code).copied()).into();
    Some(Reason { text, behind })
}

/// Whether a number lies further from the median of others than a robust z-score allows, in
/// hundredths: 0.6745 times the distance, divided by the median of all distances (Iglewicz and
/// Hoaglin, How to Detect and Handle Outliers, 1993). Whole numbers throughout.
pub(super) fn stands_out(own: i128, others: &[i128], limit_hundredths: i64) -> bool {
    let twice = twice_the_median(others);
    let distances: Vec<i128> = others.iter().map(|other| (2 * other - twice).abs()).collect();
    // Distances are doubled once by the median and once by their own.
    let spread = twice_the_median(&distances);
    let least = 4_i128.max(2 * twice.abs() * LEAST_SPREAD_PERCENT / 100);
    let spread = spread.max(least);
    let distance = 2 * (2 * own - twice).abs();
    distance * 6745 * 100 > i128::from(limit_hundredths) * 10_000 * spread
}

/// Twice the median, which is whole also between two numbers.
fn twice_the_median(numbers: &[i128]) -> i128 {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    let middle = sorted.len() / 2;
    let at = |at: usize| sorted.get(at).copied().unwrap_or_default();
    if sorted.len().is_multiple_of(2) {
        at(middle.saturating_sub(1)) + at(middle)
    } else {
        2 * at(middle)
    }
}

/// How many times the median a number is, "4,2"; a dash where the median is nothing.
fn times(lang: Lang, own: i128, twice_median: i128) -> String {
    if twice_median <= 0 {
        return "–".to_owned();
    }
    decimal(lang, rounded(20 * own, twice_median), 1)
}

/// Half of a whole number, with a decimal where it needs one.
fn half(lang: Lang, twice: i128) -> String {
    let whole = |number: i128| i64::try_from(number).unwrap_or(i64::MAX);
    if twice % 2 == 0 {
        grouped(lang, whole(twice / 2))
    } else {
        decimal(lang, whole(twice * 5), 1)
    }
}

/// A quotient of numbers that are not negative, rounded half up.
fn rounded(above: i128, below: i128) -> i64 {
    i64::try_from((2 * above + below) / (2 * below).max(1)).unwrap_or(i64::MAX)
}

/// "12.5" as the reader writes it.
fn local(lang: Lang, plain: &str) -> String {
    if lang == Lang::English { plain.to_owned() } else { plain.replace('.', ",") }
}

/// The words of the rule with the numbers behind them; the numbers alone where it has none.
fn in_words(words: Words, numbers: Text) -> Text {
    Text::new(move |lang| match words.say(lang) {
        "" => numbers.say(lang),
        words => format!("{words} {}", numbers.say(lang)),
    })
}

fn compared_text(
    catalogue: &Catalogue,
    rule: &Rule,
    numbers: &BTreeMap<String, i64>,
) -> Option<Text> {
    let (left, right) = (Numbers::sum(numbers, &rule.left)?, Numbers::sum(numbers, &rule.right)?);
    let [above, below] = [&rule.left, &rule.right].map(|side| names(catalogue, side.iter()));
    if rule.operator == Operator::AtMost {
        return Some(above_whole((above, left), (below, right)));
    }
    let sign = match rule.operator {
        Operator::Less => "<",
        Operator::Same => "=",
        Operator::AtLeast => "≥",
        _ => ">",
    };
    Some(Text::new(move |lang| {
        let arguments = lang::validation::Compared {
            left: above.say(lang),
            left_value: grouped(lang, left),
            right: below.say(lang),
            right_value: grouped(lang, right),
            sign,
        };
        lang::validation::compared(lang, arguments)
    }))
}

/// A part that is larger than its whole, each with its name.
fn above_whole((part, above): (Text, i64), (whole, below): (Text, i64)) -> Text {
    Text::new(move |lang| {
        lang::observations::part_above_whole(
            lang,
            lang::observations::PartAboveWhole {
                above: grouped(lang, above),
                below: grouped(lang, below),
                part: part.say(lang),
                whole: whole.say(lang),
            },
        )
    })
}

fn missing_text(names: Text) -> Text {
    Text::new(move |lang| lang::validation::together(lang, names.say(lang)))
}

/// The names of measures with a plus between.
fn names<'a>(catalogue: &Catalogue, codes: impl IntoIterator<Item = &'a String>) -> Text {
    let name =
        |code: &String| catalogue.measure(code).map(|measure| measure.definition.name.clone());
    let names: Vec<Words> = codes.into_iter().filter_map(name).collect();
    Text::new(move |lang| names.iter().map(|name| name.say(lang)).collect::<Vec<_>>().join(" + "))
}

fn hash(rule: &Rule, behind: &[Option<i64>]) -> [u8; 32] {
    let numbers: Vec<Vec<u8>> = behind
        .iter()
        .map(|number| number.map_or_else(Vec::new, |number| number.to_be_bytes().to_vec()))
        .collect();
    let mut fields = vec![b"sogoc finding 1".as_slice(), rule.code.as_bytes()];
    fields.extend(numbers.iter().map(Vec::as_slice));
    journal::content_hash(&fields)
}
