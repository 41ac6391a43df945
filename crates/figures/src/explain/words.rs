//! A formula with its numbers put in, and a citation that can be checked.

use base::{grouped, short_day};
use lang::Lang;
use packs::{Catalogue, Indicator};
use territory::Version;

use super::Explained;
use crate::pages::{Known, View, say};
use crate::{Figure, Period};

/// "Tỷ lệ = Hộ cài ứng dụng ÷ Số hộ × 100 = 118 ÷ 248 × 100 = 47,58%"; of a count, the sum.
pub(crate) fn formula(
    lang: Lang,
    catalogue: &Catalogue,
    indicator: &Indicator,
    figure: Figure,
) -> String {
    let above = say::measure(lang, catalogue, &indicator.numerator);
    let value = say::value_of(lang, indicator, figure);
    let number = |count: Option<i64>| count.map_or_else(|| "…".to_owned(), |it| grouped(lang, it));
    match &indicator.denominator {
        None => lang::explain::sum(lang, lang::explain::Sum { measure: above, value: &value }),
        Some(below) => {
            let (numerator, denominator) = (number(figure.numerator), number(figure.denominator));
            lang::explain::ratio(
                lang,
                lang::explain::Ratio {
                    above,
                    below: say::measure(lang, catalogue, below),
                    numerator: &numerator,
                    denominator: &denominator,
                    value: &value,
                },
            )
        }
    }
}

/// The address that shows this very figure for ever: map and knowledge are pinned in it.
pub(crate) fn permanent(
    view: &View,
    indicator: &Indicator,
    version: &Version,
    period: &Period,
    explained: &Explained,
) -> String {
    let ground = say::Ground { map: view.day, known: Some(Known::At(explained.known)) };
    say::figure_href(indicator, version, period, ground)
}

/// A citation in the order that officials use: who publishes, which figure, of which unit, in which
/// period, on which map, known when, the value, the address, and where it stands in the journal.
/// `host` is the name of the server, as it was asked.
pub(crate) fn citation(
    view: &View,
    (indicator, version, period): super::Of<'_>,
    explained: &Explained,
    (place, host): (&str, &str),
) -> String {
    let lang = view.lang;
    let figure = explained.figure;
    let mut value = say::value_of(lang, indicator, figure);
    if let (Some(below), Some(_)) = (&indicator.denominator, figure.numerator) {
        let part = |measure: &str, count| say::part(lang, &view.catalogue, measure, count);
        let above = part(&indicator.numerator, figure.numerator);
        let below = part(below, figure.denominator);
        value = format!("{value} ({above} {} {below})", lang::web::of(lang));
    } else if figure.numerator.is_some() {
        let counted = say::counted(lang, &view.catalogue, &indicator.numerator);
        value = format!("{value} {counted}");
    }
    let flags = say::flag_words(lang, indicator, figure);
    if !flags.is_empty() && figure.numerator.is_some() {
        value = format!("{value}, {flags}");
    }
    let seal = match &explained.seal {
        Some(seal) => lang::explain::cited_seal(
            lang,
            lang::explain::CitedSeal {
                root: seal.checkpoint.root_text(),
                size: grouped(lang, i64::try_from(seal.checkpoint.size).unwrap_or(i64::MAX)),
            },
        ),
        None => lang::explain::cited_no_seal(lang).to_owned(),
    };
    let product = lang::web::product(lang);
    let issuer = if place.is_empty() { product.to_owned() } else { format!("{place}, {product}") };
    let address = permanent(view, indicator, version, period, explained);
    lang::explain::citation(
        lang,
        lang::explain::Citation {
            address: &format!("{host}{address}"),
            entries: &grouped(lang, explained.entries),
            issuer: &issuer,
            known: &explained.known.local(),
            map: &short_day(view.day),
            name: indicator.name.say(lang),
            period: &period.title(lang),
            seal: &seal,
            unit: &version.full_name,
            value: &value,
        },
    )
}
