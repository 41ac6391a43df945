//! What a paper says around its numbers.

use base::{grouped, short_day};
use lang::Lang;
use packs::{Catalogue, Indicator, Measure, Nature, Report};

use super::fill::Wish;
use super::sheet::{Cell, Definition, MeasureSaid, PeriodSaid, SignatureSaid};
use crate::{Figure, Period};

/// A period as the sheet keeps it.
pub(super) fn period(lang: Lang, period: &Period) -> PeriodSaid {
    PeriodSaid {
        code: period.code.clone(),
        name: period.short(lang),
        from: period.days.from,
        to: period.days.last(),
    }
}

/// "Kỳ báo cáo: Quý II/2025, từ 15/03/2025 đến 14/06/2025": the days stand on every table.
///
/// Law: Nghị định 09/2019/NĐ-CP, Điều 12 (to be compared with the text in force).
pub(super) fn period_line(lang: Lang, period: &Period) -> String {
    let (from, to) = (short_day(period.days.from), short_day(period.days.last()));
    let name = period.short(lang);
    lang::reports::period_line(lang, lang::reports::PeriodLine { from, name, to })
}

pub(super) fn ground_line(wish: &Wish<'_>) -> String {
    let lang = wish.lang;
    lang::reports::ground_line(
        lang,
        lang::reports::GroundLine {
            at: wish.cut_off.local(),
            entries: grouped(lang, wish.entries),
            map: short_day(wish.map),
        },
    )
}

/// The document of a form, or that it has none.
pub(super) fn prescribed(lang: Lang, report: &Report) -> String {
    match &report.document {
        Some(document) => lang::reports::prescribed(lang, document.say(lang)),
        None => lang::reports::own_form(lang).to_owned(),
    }
}

pub(super) fn signatures(lang: Lang, report: &Report) -> Vec<SignatureSaid> {
    let said = |signature: &packs::Signature| SignatureSaid {
        title: signature.title.say(lang).to_owned(),
        role: signature.role.as_ref().map(|role| role.say(lang).to_owned()),
        signer: signature.signer,
    };
    report.signatures.iter().map(said).collect()
}

pub(super) fn definition(lang: Lang, catalogue: &Catalogue, it: &Indicator) -> Definition {
    let measure = |code: &str| {
        let found = catalogue.measure(code).map(|measure| &measure.definition);
        let say = |words: fn(&Measure) -> &packs::Words| {
            found.map_or_else(String::new, |measure| words(measure).say(lang).to_owned())
        };
        MeasureSaid {
            code: code.to_owned(),
            name: say(|measure| &measure.name),
            definition: say(|measure| &measure.definition),
            counted: counted(lang, catalogue, code),
            nature: match found.map(|measure| measure.nature) {
                Some(Nature::Stock) => "stock".to_owned(),
                _ => "flow".to_owned(),
            },
        }
    };
    Definition {
        indicator: it.code.clone(),
        name: it.name.say(lang).to_owned(),
        definition: it.definition.say(lang).to_owned(),
        document: it.document.say(lang).to_owned(),
        numerator: measure(&it.numerator),
        denominator: it.denominator.as_deref().map(measure),
        decimals: it.decimals,
        reported_by: it.reported_by.clone(),
    }
}

/// The unit of count of a measure.
pub(super) fn counted(lang: Lang, catalogue: &Catalogue, measure: &str) -> String {
    let measure = catalogue.measure(measure);
    let name = measure.map(|measure| catalogue.counted(lang, &measure.definition.counted));
    name.unwrap_or_default().to_owned()
}

/// What must be known of a figure, by stable words.
pub(super) fn flags(indicator: &Indicator, figure: Figure) -> Vec<String> {
    let flags = [
        (figure.hidden, "hidden"),
        (figure.value(indicator).is_none() && !figure.hidden, "no_data"),
        (figure.above_whole(), "above_whole"),
        (figure.estimated, "estimated"),
        (figure.incomplete(), "incomplete"),
    ];
    let flags = flags.into_iter().filter(|(holds, _)| *holds);
    flags.map(|(_, flag)| flag.to_owned()).collect()
}

/// What must be known of the cells of a row, with the numbers of their columns:
/// "Cột 1, 2: 19/21 đơn vị đã báo cáo".
pub(super) fn remark(lang: Lang, cells: &[Cell]) -> String {
    let mut said: Vec<(String, Vec<String>)> = Vec::new();
    for (cell, number) in cells.iter().zip(1_usize..) {
        for flag in &cell.flags {
            let words = match flag.as_str() {
                "hidden" => lang::protection::hidden(lang).to_owned(),
                "above_whole" => lang::figures::above_whole(lang).to_owned(),
                "estimated" => lang::web::estimated(lang).to_owned(),
                "incomplete" => {
                    let expected = grouped(lang, cell.expected.into());
                    let reported = grouped(lang, cell.reported.into());
                    lang::figures::reported_of(
                        lang,
                        lang::figures::ReportedOf { expected, reported },
                    )
                }
                _ => continue,
            };
            match said.iter_mut().find(|(known, _)| *known == words) {
                Some((_, columns)) => columns.push(number.to_string()),
                None => said.push((words, vec![number.to_string()])),
            }
        }
    }
    let line = |(words, columns): (String, Vec<String>)| match columns.len() == cells.len() {
        true => words,
        false => {
            let columns = columns.join(", ");
            lang::reports::of_columns(lang, lang::reports::OfColumns { columns, words })
        }
    };
    said.into_iter().map(line).collect::<Vec<_>>().join("; ")
}
