//! `GET /converter`: an address of one day on the map of another, with the reasons.

use axum::extract::State;
use base::text::tone_neutral;
use base::{Day, FieldError, short_day};
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use web::ask::encoded;
use web::pieces::{self, Column, Field, definition_list};
use web::{Asked, Frame, Notice, PageResult, Query, Section, layout};

use super::pieces::{important_days, near, unit_href};
use super::{say_place, table};
use crate::address::{Candidate, Conversion, Outcome, Step, convert};
use crate::api::{Sheet, sheet};
use crate::{Atlas, ChangeKind, Level, Territory, UnitCode, UnitId, Version};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asking {
    address: String,
    on: String,
    to: String,
}

/// The days of a conversion: of writing, and of the map to convert to.
#[derive(Clone, Copy)]
pub(super) struct Days {
    pub(super) on: Day,
    pub(super) to: Day,
}

impl Days {
    /// Reads both, each given with the name of its field; without a word, the day before the
    /// largest merger and today.
    ///
    /// Errors: the mistakes, by field, and the days without a word.
    pub(super) fn read(
        sheet: &Sheet,
        on: (&str, &str),
        to: (&str, &str),
    ) -> Result<Self, (Self, Vec<FieldError>)> {
        let usual = Self { on: sheet.eve(), to: sheet.today };
        let mut mistakes = Vec::new();
        let mut read = |(name, text): (&str, &str), usual: Day| match text.trim() {
            "" => usual,
            text => text.parse().unwrap_or_else(|_| {
                let text = lang::Text::new(lang::error::bad_day);
                mistakes.push(FieldError { place: name.to_owned(), text });
                usual
            }),
        };
        let days = Self { on: read(on, usual.on), to: read(to, usual.to) };
        if mistakes.is_empty() { Ok(days) } else { Err((days, mistakes)) }
    }
}

pub(super) async fn show(
    State(atlas): State<Atlas>,
    asked: Asked,
    Query(asking): Query<Asking>,
) -> PageResult {
    let sheet = sheet(&atlas).await?;
    let (days, mistakes) = match Days::read(&sheet, ("on", &asking.on), ("to", &asking.to)) {
        Ok(days) => (days, Vec::new()),
        Err(wrong) => wrong,
    };
    let wants_answer = mistakes.is_empty() && !asking.address.trim().is_empty();
    let answer = wants_answer.then(|| {
        let conversion = convert(&sheet.territory, &asking.address, days.on, days.to);
        answer(asked.lang, &sheet.territory, &conversion, days)
    });
    Ok(page(&asked, &sheet, &asking, days, &mistakes, answer))
}

/// The page that a refused table comes back to.
pub(super) fn with_mistakes(
    asked: &Asked,
    sheet: &Sheet,
    days: Days,
    mistakes: &[FieldError],
) -> Markup {
    page(asked, sheet, &Asking::default(), days, mistakes, None)
}

fn page(
    asked: &Asked,
    sheet: &Sheet,
    asking: &Asking,
    days: Days,
    mistakes: &[FieldError],
    answer: Option<Markup>,
) -> Markup {
    let lang = asked.lang;
    let title = lang::converter::title(lang);
    let is_asked = answer.is_some();
    let body = html! {
        (pieces::heading(title, Some(lang::converter::lead(lang))))
        (mistakes_of(lang, mistakes))
        form method="get" action="/converter" role="search" {
            (Field::new(lang, "address", lang::converter::address(lang))
                .hint(lang::converter::address_hint(lang))
                .textarea(&asking.address, 2))
            (Field::new(lang, "on", lang::converter::on(lang))
                .errors(mistakes).day(&short_day(days.on)))
            (Field::new(lang, "to", lang::converter::to(lang))
                .errors(mistakes).day(&short_day(days.to)))
            (pieces::submit(lang::converter::convert(lang)))
        }
        @if let Some(answer) = answer { (answer) }
        @if !is_asked { (examples(lang, &sheet.territory, days)) }
        (table::form(lang, mistakes, days))
    };
    layout(&Frame::new(asked, Section::Converter, title), body)
}

/// Mistakes above the form; those of a file name their place in it.
fn mistakes_of(lang: Lang, mistakes: &[FieldError]) -> Markup {
    html! {
        @if !mistakes.is_empty() {
            div.mistakes role="alert" tabindex="-1" {
                h2 { (lang::converter::mistakes(lang)) }
                ul {
                    @for mistake in mistakes {
                        @let (field, place) = mistake.place.split_once(':').unwrap_or((&mistake.place, ""));
                        li {
                            a href={ "#field-" (field) } {
                                @if !place.is_empty() { (say_place(lang, place)) " " }
                                (mistake.text.say(lang))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn answer(lang: Lang, territory: &Territory, conversion: &Conversion, days: Days) -> Markup {
    html! {
        h2 { (lang::converter::answer(lang)) }
        @match &conversion.outcome {
            Outcome::Found(found) => (one(lang, territory, &conversion.front, found, days)),
            Outcome::Ambiguous { candidates } => (several(lang, territory, candidates, days)),
            Outcome::Unknown { understood, reason } => {
                (pieces::notice(lang, &Notice::Warning(reason.say(lang, territory))))
                @if !understood.is_empty() {
                    p {
                        (lang::converter::understood(lang)) " "
                        @for (at, id) in understood.iter().enumerate() {
                            @if at > 0 { ", " }
                            (link(territory, *id, days.on))
                        }
                    }
                }
            }
        }
    }
}

fn one(lang: Lang, territory: &Territory, front: &str, found: &Candidate, days: Days) -> Markup {
    let code = |unit: UnitId, day: Day| {
        let code = near(territory, unit, day).and_then(|version| version.code.as_ref());
        code.map_or("–", UnitCode::as_str)
    };
    let path = |unit: UnitId, day: Day| {
        html! {
            strong { @if !front.is_empty() { (front) ", " } (path_of(territory, unit, day)) }
            br;
            (lang::converter::code_of(lang, code(unit, day))) " · "
            (link(territory, unit, day))
        }
    };
    html! {
        (definition_list(&[
            (&*lang::converter::old_on(lang, short_day(days.on)), path(found.old, days.on)),
            (&*lang::converter::new_on(lang, short_day(days.to)), path(found.new, days.to)),
            (lang::converter::why(lang), reasons(lang, territory, &found.why)),
        ]))
        @for trap in traps(lang, territory, found, days) {
            (pieces::notice(lang, &Notice::Warning(trap)))
        }
    }
}

/// Units of the target day that bear the old one's code or name and are not where it lies now.
fn traps(lang: Lang, territory: &Territory, found: &Candidate, days: Days) -> Vec<String> {
    let (Some(old), Some(new)) =
        (territory.at(found.old, days.on), territory.at(found.new, days.to))
    else {
        return Vec::new();
    };
    let other = |version: &&Version| version.unit != new.unit && version.unit != old.unit;
    let mut traps = Vec::new();
    let code = old.code.as_ref().map_or("", UnitCode::as_str);
    let holder = territory.by_code(code, days.to).filter(other);
    if let Some(holder) = holder {
        traps.push(lang::converter::code_trap(
            lang,
            lang::converter::CodeTrap { code, name: &holder.full_name },
        ));
    }
    let top = |unit: UnitId| territory.ancestors(unit, days.to).last().map(|above| above.unit);
    let province = top(new.unit);
    let key = crate::snapshot::key(&old.name);
    let namesakes = territory.named(&key).filter(|version| {
        version.valid.contains(days.to)
            && tone_neutral(&version.name) == tone_neutral(&old.name)
            && version.kind.level() == old.kind.level()
            && top(version.unit) == province
    });
    traps.extend(namesakes.filter(other).map(|version| {
        let code = version.code.as_ref().map_or("–", UnitCode::as_str);
        lang::converter::name_trap(
            lang,
            lang::converter::NameTrap { code, name: &version.full_name, now: &new.full_name },
        )
    }));
    traps
}

fn several(lang: Lang, territory: &Territory, candidates: &[Candidate], days: Days) -> Markup {
    let columns = [
        Column::head(lang::converter::old_unit(lang)),
        Column::text(lang::converter::new_unit(lang)),
        Column::text(lang::converter::why(lang)),
    ];
    // Candidates of one old unit differ in what became of it: asking again would not help.
    let first = candidates.first().map(|candidate| candidate.old);
    let choose = candidates.iter().any(|candidate| Some(candidate.old) != first);
    let rows: Vec<Vec<Markup>> = candidates
        .iter()
        .map(|candidate| {
            let old = path_of(territory, candidate.old, days.on);
            let again =
                format!("/converter?address={}&on={}&to={}", encoded(&old), days.on, days.to);
            vec![
                html! {
                    @if choose { a href=(again) { (old) } } @else { (old) }
                },
                html! {
                    a href=(href(territory, candidate.new, days.to)) {
                        (path_of(territory, candidate.new, days.to))
                    }
                },
                reasons(lang, territory, &candidate.why),
            ]
        })
        .collect();
    let count = lang::address::several(lang, candidates.len());
    html! {
        (pieces::notice(lang, &Notice::Note(count)))
        (pieces::table(lang::converter::candidates(lang), &columns, &rows))
    }
}

fn reasons(lang: Lang, territory: &Territory, why: &[Step]) -> Markup {
    html! {
        @for step in why { p { (step.say(lang, territory)) } }
    }
}

fn path_of(territory: &Territory, unit: UnitId, day: Day) -> String {
    territory.path(unit, day).unwrap_or_else(|| territory.full_name(unit, day))
}

fn href(territory: &Territory, unit: UnitId, day: Day) -> String {
    let version = near(territory, unit, day);
    version.map_or_else(String::new, |version| {
        unit_href(version, day.clamp(version.valid.from, version.valid.last()))
    })
}

fn link(territory: &Territory, unit: UnitId, day: Day) -> Markup {
    html! { a href=(href(territory, unit, day)) { (territory.full_name(unit, day)) } }
}

/// Addresses to try, taken from the largest merger: one that passed as a whole, one that was
/// divided, one without tones, one whose name is not enough.
fn examples(lang: Lang, territory: &Territory, days: Days) -> Markup {
    let Some((eve, day)) = important_days(territory) else { return html! {} };
    let of_kind = |kind: ChangeKind, nth: usize| {
        let mut found = territory.changes().iter().filter(|change| {
            let old = change.from.and_then(|from| territory.at(from, eve));
            let is_commune = old.is_some_and(|old| old.kind.level() == Level::Commune);
            change.on == day && change.kind == kind && is_commune
        });
        found.nth(nth).and_then(|change| change.from)
    };
    let path = |unit: UnitId| territory.path(unit, eve);
    let whole = of_kind(ChangeKind::Merge, 0).and_then(path);
    let hamlet = of_kind(ChangeKind::Merge, 1).and_then(|commune| {
        let hamlet = territory.children(Some(commune), eve).next()?.unit;
        path(hamlet)
    });
    let plain = of_kind(ChangeKind::Merge, 2).and_then(path);
    let plain =
        plain.map(|path| path.split(", ").map(base::text::fold).collect::<Vec<_>>().join(", "));
    let divided = of_kind(ChangeKind::PartialTransfer, 0).and_then(path);
    // One name that several communes bore.
    let mut communes = territory.under(None, eve, Level::Commune);
    communes.sort_by(|left, right| left.full_name.cmp(&right.full_name));
    let twice = communes.windows(2).find(|pair| pair[0].full_name == pair[1].full_name);
    let twice = twice.map(|pair| pair[0].full_name.clone());
    let examples: Vec<String> =
        [whole, hamlet, plain, divided, twice].into_iter().flatten().collect();
    html! {
        @if !examples.is_empty() {
            h2 { (lang::converter::examples(lang)) }
            ul {
                @for example in &examples {
                    li {
                        a href={
                            "/converter?address=" (encoded(example)) "&on=" (eve) "&to=" (days.to)
                        } { (example) }
                    }
                }
            }
        }
    }
}
