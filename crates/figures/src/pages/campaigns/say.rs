//! Campaigns in words: points, states of rounds, outcomes.

use base::{Day, decimal, short_day};
use lang::Lang;
use maud::{Markup, html};
use packs::{Campaign, Direction, Indicator, Words};
use web::Notice;
use web::pieces::{self, Badge};

use super::super::say;
use crate::Period;
use crate::campaigns::{AskedOf, FilingKind, Head, Outcome, Scored};

/// "18,20". Units: hundredths.
pub(super) fn points(lang: Lang, points: i64) -> String {
    decimal(lang, points, 2)
}

/// "+2,00", "−3,50", "0,00".
pub(super) fn signed(lang: Lang, hundredths: i64) -> String {
    let sign = if hundredths > 0 { "+" } else { "" };
    format!("{sign}{}", points(lang, hundredths))
}

/// How the place has changed since the round before.
pub(super) fn movement(lang: Lang, before: Option<usize>, now: Option<usize>) -> String {
    let (Some(before), Some(now)) = (before, now) else { return "–".to_owned() };
    let say = |places: usize| base::grouped(lang, i64::try_from(places).unwrap_or_default());
    match now.cmp(&before) {
        std::cmp::Ordering::Less => format!("↑\u{a0}{}", say(before - now)),
        std::cmp::Ordering::Greater => format!("↓\u{a0}{}", say(now - before)),
        std::cmp::Ordering::Equal => "=".to_owned(),
    }
}

/// The class of a code, by its title.
pub(super) fn class<'a>(lang: Lang, rules: &'a Campaign, code: Option<&str>) -> &'a str {
    let found = code.and_then(|code| rules.class(code));
    found.map_or("–", |class| class.title.say(lang))
}

/// Whether a round is frozen, open, or runs.
pub(super) fn state(lang: Lang, head: Option<Head>, period: &Period, today: Day) -> Markup {
    let badge = |text: &str| pieces::badge(lang, Badge::Neutral(text));
    if period.days.from > today {
        return badge(lang::campaigns::to_come(lang));
    }
    match head {
        Some(head) if head.is_frozen => {
            badge(&lang::campaigns::frozen_on(lang, short_day(head.on)))
        }
        Some(head) => {
            let text = lang::campaigns::reopened_on(lang, short_day(head.on));
            pieces::badge(lang, Badge::Warning(&text))
        }
        None if period.days.to > today => badge(lang::campaigns::runs(lang)),
        None => badge(lang::campaigns::provisional(lang)),
    }
}

/// What of a campaign is made up or must be compared, above all that rests on it.
pub(super) fn warnings(lang: Lang, rules: &Campaign, made_up: bool) -> Markup {
    html! {
        @if made_up {
            (pieces::notice(lang, &Notice::Warning(lang::campaigns::made_up(lang).to_owned())))
        }
        @if let Some(unsure) = &rules.unsure {
            (pieces::notice(lang, &Notice::Warning(unsure.say(lang).to_owned())))
        }
    }
}

/// How the points of a criterion come about, in one sentence.
pub(super) fn formula(
    lang: Lang,
    indicator: &Indicator,
    asked: &AskedOf,
    score: &Scored,
) -> String {
    let Some(most) = asked.most else { return lang::campaigns::gives_none(lang).to_owned() };
    let most = points(lang, most);
    let Some(wanted) = asked.wanted else { return lang::campaigns::no_wanted_now(lang).to_owned() };
    let Some(achieved) = score.achieved else {
        return lang::campaigns::no_data_no_points(lang).to_owned();
    };
    let given = points(lang, score.points.unwrap_or_default());
    let is_full = score.points == asked.most;
    let (wanted, achieved) =
        (say::value(lang, indicator, wanted), say::value(lang, indicator, achieved));
    if is_full {
        let say = lang::campaigns::FullPoints { achieved, most, wanted };
        return lang::campaigns::full_points(lang, say);
    }
    match indicator.direction {
        Direction::Down => {
            let say = lang::campaigns::PointsDown { achieved, given, most, wanted };
            lang::campaigns::points_down(lang, say)
        }
        _ => {
            let say = lang::campaigns::PointsUp { achieved, given, most, wanted };
            lang::campaigns::points_up(lang, say)
        }
    }
}

/// What is to be reached; a dash where nothing is.
pub(super) fn wanted(lang: Lang, indicator: Option<&Indicator>, wanted: Option<i64>) -> String {
    let shown = indicator.zip(wanted).map(|(own, wanted)| say::value(lang, own, wanted));
    shown.unwrap_or_else(|| "–".to_owned())
}

/// How sure points are, in the shortest way: "~" when estimated, "(3/10)" when some have not reported.
pub(super) fn marks(lang: Lang, score: &Scored) -> String {
    let mut marks = String::new();
    if score.estimated && score.achieved.is_some() {
        marks.push_str("\u{a0}~");
    }
    if score.incomplete() {
        let of = |count: u32| base::grouped(lang, count.into());
        marks.push_str(&format!("\u{a0}({}/{})", of(score.reported), of(score.expected)));
    }
    marks
}

/// The same in words, for files.
pub(super) fn mark_words(lang: Lang, score: &Scored) -> String {
    let of = |count: u32| base::grouped(lang, count.into());
    let mut words = Vec::new();
    if score.estimated && score.achieved.is_some() {
        words.push(lang::web::estimated(lang).to_owned());
    }
    if score.incomplete() {
        let (expected, reported) = (of(score.expected), of(score.reported));
        let said = lang::figures::ReportedOf { expected, reported };
        words.push(lang::figures::reported_of(lang, said));
    }
    words.join(", ")
}

/// What somebody wrote, with its lines.
pub(super) fn lines(text: &str) -> Markup {
    html! {
        @for (at, line) in text.lines().enumerate() {
            @if at > 0 { br; }
            (line)
        }
    }
}

/// Explanation or appeal.
pub(super) fn filing_kind(lang: Lang, kind: FilingKind) -> &'static str {
    match kind {
        FilingKind::Explanation => lang::campaigns::explanation(lang),
        FilingKind::Appeal => lang::campaigns::appeal(lang),
    }
}

/// How a filing was decided.
pub(super) fn outcome(lang: Lang, outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Upheld => lang::campaigns::upheld(lang),
        Outcome::Partly => lang::campaigns::partly(lang),
        Outcome::Rejected => lang::campaigns::rejected(lang),
    }
}

/// The titles of things by their codes, with commas between.
pub(super) fn titles<'a>(
    lang: Lang,
    codes: &[String],
    title: impl Fn(&str) -> Option<&'a Words>,
) -> String {
    let titles = codes.iter().filter_map(|code| title(code)).map(|words| words.say(lang));
    titles.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_say_what_they_rest_on() {
        let lang = Lang::Vietnamese;
        for (achieved, estimated, reported, mark, words) in [
            (Some(5), false, 10, "", ""),
            (Some(5), true, 10, "\u{a0}~", "ước tính"),
            (Some(5), false, 3, "\u{a0}(3/10)", "3/10 đã báo cáo"),
            (Some(5), true, 3, "\u{a0}~\u{a0}(3/10)", "ước tính, 3/10 đã báo cáo"),
            // Without a value there is nothing that is not sure.
            (None, true, 3, "", ""),
        ] {
            let (numerator, denominator, points) = (achieved, None, Some(100));
            let score = Scored {
                numerator,
                denominator,
                achieved,
                points,
                estimated,
                reported,
                expected: 10,
            };
            assert_eq!(
                (marks(lang, &score).as_str(), mark_words(lang, &score).as_str()),
                (mark, words)
            );
        }
    }
}
