//! Figures in words: values, parts, flags, changes; and where they lead.

use base::{Day, decimal, grouped};
use lang::Lang;
use maud::{Markup, html};
use packs::{Catalogue, Indicator};
use territory::{Level, UnitCode, Version};
use web::Notice;
use web::ask::{encoded, link_with};
use web::pieces::{Badge, badge, notice};

use super::view::{Known, View};
use crate::{Answer, Figure, Period, Sight};

/// A value with its sign: "47,58%", "194.412".
pub(crate) fn value(lang: Lang, indicator: &Indicator, scaled: i64) -> String {
    match indicator.denominator {
        Some(_) => format!("{}%", decimal(lang, scaled, indicator.decimals)),
        None => grouped(lang, scaled),
    }
}

/// The value of a figure, or that there is none.
pub(crate) fn value_of(lang: Lang, indicator: &Indicator, figure: Figure) -> String {
    let scaled = figure.value(indicator);
    scaled.map_or_else(|| nothing(lang, figure).to_owned(), |scaled| value(lang, indicator, scaled))
}

/// Why a figure has no value: nobody reported one, or it may not be shown.
pub(crate) fn nothing(lang: Lang, figure: Figure) -> &'static str {
    if figure.hidden { lang::protection::hidden(lang) } else { lang::web::no_data(lang) }
}

/// The same as a badge.
pub(crate) fn nothing_badge(lang: Lang, figure: Figure) -> Markup {
    badge(lang, Badge::None(nothing(lang, figure)))
}

/// Says of a protected indicator what is not shown, to whoever does not see it all.
pub(crate) fn protection(view: &View, indicator: &Indicator) -> Markup {
    let lang = view.lang;
    let of = |code: &str| view.catalogue.measure(code)?.definition.threshold();
    let threshold = indicator.measures().filter_map(of).max();
    let threshold = threshold.filter(|_| view.sight == Sight::Public);
    let note = |threshold| lang::protection::note(lang, grouped(lang, threshold));
    html! {
        @if let Some(threshold) = threshold { (notice(lang, &Notice::Note(note(threshold)))) }
    }
}

/// The value as a number for places in a drawing and cells of a table.
pub(crate) fn number(indicator: &Indicator, scaled: i64) -> f64 {
    let decimals = indicator.denominator.as_ref().map_or(0, |_| indicator.decimals);
    scaled as f64 / 10_f64.powi(i32::try_from(decimals).unwrap_or_default())
}

/// What the values count: "%" or "hộ".
pub(crate) fn unit_of<'a>(lang: Lang, catalogue: &'a Catalogue, indicator: &Indicator) -> &'a str {
    match indicator.denominator {
        Some(_) => "%",
        None => counted(lang, catalogue, &indicator.numerator),
    }
}

/// The unit of count of a measure: "hộ".
pub(crate) fn counted<'a>(lang: Lang, catalogue: &'a Catalogue, measure: &str) -> &'a str {
    let measure = catalogue.measure(measure);
    measure.map_or("", |measure| catalogue.counted(lang, &measure.definition.counted))
}

/// The name of a measure.
pub(crate) fn measure<'a>(lang: Lang, catalogue: &'a Catalogue, code: &str) -> &'a str {
    catalogue.measure(code).map_or("", |measure| measure.definition.name.say(lang))
}

/// A part with its unit of count: "1.482 hộ".
pub(crate) fn part(lang: Lang, catalogue: &Catalogue, measure: &str, count: Option<i64>) -> String {
    match count {
        None => lang::web::no_data(lang).to_owned(),
        Some(count) => format!("{} {}", grouped(lang, count), counted(lang, catalogue, measure)),
    }
}

/// The flags of a figure: a part above its whole, estimated, incomplete. That there is none stands in place of the value.
pub(crate) fn flags(lang: Lang, figure: Figure) -> Markup {
    html! {
        (above_whole(lang, figure))
        @if figure.estimated { (badge(lang, Badge::Estimated)) " " }
        @if figure.incomplete() {
            (badge(lang, Badge::Warning(&incomplete(lang, figure))))
        }
    }
}

/// That a part is larger than its whole.
pub(crate) fn above_whole(lang: Lang, figure: Figure) -> Markup {
    html! {
        @if figure.above_whole() {
            (badge(lang, Badge::Warning(lang::figures::above_whole(lang)))) " "
        }
    }
}

/// "19/21 đã báo cáo".
pub(crate) fn incomplete(lang: Lang, figure: Figure) -> String {
    lang::figures::reported_of(
        lang,
        lang::figures::ReportedOf {
            expected: grouped(lang, figure.expected.into()),
            reported: grouped(lang, figure.reported.into()),
        },
    )
}

/// The flags as words with commas between, for files.
pub(crate) fn flag_words(lang: Lang, indicator: &Indicator, figure: Figure) -> String {
    let words = [
        (figure.value(indicator).is_none(), nothing(lang, figure)),
        (figure.above_whole(), lang::figures::above_whole(lang)),
        (figure.estimated, lang::web::estimated(lang)),
        (figure.incomplete(), lang::figures::incomplete(lang)),
    ];
    let words: Vec<&str> =
        words.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word).collect();
    words.join(", ")
}

/// The change of a value since an earlier period, "+1,25 điểm %": points for a share, the
/// difference for a count.
pub(crate) fn change(lang: Lang, indicator: &Indicator, before: i64, now: i64) -> String {
    let difference = now - before;
    if difference == 0 {
        return lang::figures::unchanged(lang).to_owned();
    }
    let sign = if difference > 0 { "+" } else { "" };
    match indicator.denominator {
        None => format!("{sign}{}", grouped(lang, difference)),
        Some(_) => {
            let points = format!("{sign}{}", decimal(lang, difference, indicator.decimals));
            lang::figures::points(lang, points)
        }
    }
}

/// Says in how many of the communes of a province anybody reports the last period that was asked:
/// its figures count only those.
pub(crate) fn coverage(view: &View, answer: &Answer, version: &Version) -> Markup {
    let lang = view.lang;
    if version.kind.level() != Level::Province {
        return html! {};
    }
    let is_expected = |figure: Figure| figure.expected > 0;
    let communes = view.territory.under(Some(version.unit), view.day, Level::Commune);
    let reports = |commune: &&&Version| answer.all(commune.unit).last().is_some_and(is_expected);
    let with = communes.iter().filter(reports).count();
    let count = |count: usize| grouped(lang, i64::try_from(count).unwrap_or_default());
    let (all, with, name) = (count(communes.len()), count(with), &version.full_name);
    html! { p { (lang::figures::coverage(lang, lang::figures::Coverage { all, name, with })) } }
}

/// The name of a unit in a list of others; a hamlet that came from another commune says from
/// which, because a merged commune has several of each name.
pub(crate) fn label(view: &View, version: &Version) -> String {
    let origin = view.territory.unit(version.unit).and_then(|unit| unit.origin);
    let moved = origin.filter(|origin| Some(*origin) != version.parent);
    let first = moved.and_then(|origin| view.territory.unit(origin)?.last());
    match first {
        Some(first) => format!("{} ({})", version.full_name, first.full_name),
        None => version.full_name.clone(),
    }
}

/// How a page names a unit: its code, or `~` and the program's own id.
pub(crate) fn reference(version: &Version) -> String {
    let code = version.code.as_ref().map(UnitCode::as_str);
    code.map_or_else(|| format!("~{}", version.unit), encoded)
}

/// What a link to a figure keeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ground {
    pub(crate) map: Day,
    pub(crate) known: Option<Known>,
}

impl Ground {
    /// An address that keeps what was known by an earlier time.
    pub(crate) fn keep(self, path: &str) -> String {
        match self.known {
            Some(known) => link_with(path, "known", &known.to_string()),
            None => path.to_owned(),
        }
    }
}

/// The page with the entries behind a figure.
pub(crate) fn figure_href(
    indicator: &Indicator,
    version: &Version,
    period: &Period,
    ground: Ground,
) -> String {
    let known = ground.known.map(|known| format!("&known={}", encoded(&known.to_string())));
    let known = known.unwrap_or_default();
    format!(
        "/figures/{}/{}/{}?map={}{known}",
        indicator.code,
        reference(version),
        encoded(&period.code),
        ground.map
    )
}

/// The page of an indicator.
pub(crate) fn indicator_href(indicator: &Indicator) -> String {
    format!("/indicators/{}", indicator.code)
}
