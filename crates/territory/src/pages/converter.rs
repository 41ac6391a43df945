//! `GET /converter`: an address of one day on the map of another, with the reasons.

use axum::extract::State;
use base::text::tone_neutral;
use base::{Day, FieldError, short_day};
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use web::ask::encoded;
use web::pieces::{self, Column, Field, definition_list};
use web::{Asked, Frame, Ground, Notice, PageResult, Query, Section, layout};

use super::pieces::{
    MadeUp, first_known_in, important_days, made_up_badge, unit_href, unit_link, version_link,
};
use super::{say_place, table};
use crate::address::{
    Ambiguity, Candidate, Conversion, Outcome, Placed, Step, convert, near, path_near,
};
use crate::api::{Sheet, read_day, sheet};
use crate::{Atlas, ChangeKind, Level, Territory, UnitCode, UnitId, Version};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asking {
    address: String,
    on: String,
    to: String,
    /// What was filled in in the form of a table, where that comes back with its mistakes.
    #[serde(skip)]
    pub(super) table: table::Filled,
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
            text => read_day(text).unwrap_or_else(|| {
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
    (days, filled): (Days, table::Filled),
    mistakes: &[FieldError],
) -> Markup {
    let asking = Asking { table: filled, ..Asking::default() };
    page(asked, sheet, &asking, days, mistakes, None)
}

/// A day as a field shows it: what was written, where that is a mistake.
pub(super) fn shown(mistakes: &[FieldError], (name, written): (&str, &str), day: Day) -> String {
    let is_wrong = mistakes.iter().any(|mistake| mistake.place == name);
    if is_wrong { written.to_owned() } else { short_day(day) }
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
                .errors(mistakes).day(&shown(mistakes, ("on", &asking.on), days.on)))
            (Field::new(lang, "to", lang::converter::to(lang))
                .errors(mistakes).day(&shown(mistakes, ("to", &asking.to), days.to)))
            (pieces::submit(lang::converter::convert(lang)))
        }
        @if let Some(answer) = answer { (answer) }
        @if !is_asked { (examples(lang, &sheet.territory, days)) }
        (table::form(lang, mistakes, days, &asking.table))
    };
    layout(&Frame::new(asked, Section::Converter, title).ground(ground(lang, sheet, days)), body)
}

/// Both maps, and what on them was made up.
fn ground(lang: Lang, sheet: &Sheet, days: Days) -> Ground {
    let made_up = |day| MadeUp::units_on(&sheet.territory, day);
    let lines = vec![
        lang::converter::ground_on(lang, short_day(days.on)),
        lang::converter::ground_to(lang, short_day(days.to)),
    ];
    made_up(days.on).or(made_up(days.to)).ground(lang, lines)
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
            Outcome::Ambiguous { candidates, more, doubt } => {
                @let why = doubt.say(lang, candidates.len(), *more);
                (pieces::notice(lang, &Notice::Note(why)))
                (several(lang, territory, (candidates, *doubt), days))
            }
            Outcome::Unknown { understood, reason } => {
                (pieces::notice(lang, &Notice::Warning(reason.say(lang, territory, days.to))))
                @if !understood.is_empty() {
                    p {
                        (lang::converter::understood(lang)) " "
                        @for (at, id) in understood.iter().enumerate() {
                            @if at > 0 { ", " }
                            (unit_link(territory, *id, days.on))
                        }
                    }
                }
            }
        }
    }
}

fn one(lang: Lang, territory: &Territory, front: &str, found: &Candidate, days: Days) -> Markup {
    let placed = found.placed(territory, days.on, days.to);
    let place = |unit: UnitId, around: Option<&Version>, day: Day| {
        html! {
            strong { @if !front.is_empty() { (front) ", " } (path_near(territory, unit, day)) }
            @if let Some(around) = around {
                br;
                (version_link(around, day)) " · " (say_code(lang, around))
                (made_up_badge(lang, territory, around.unit))
            }
        }
    };
    let old = lang::converter::old_on(lang, short_day(days.on));
    let new = lang::converter::new_on(lang, short_day(days.to));
    let mut terms = vec![
        (old.as_str(), place(found.old, placed.old, days.on)),
        (new.as_str(), place(found.new, placed.new, days.to)),
    ];
    if let Some(hamlet) = placed.hamlet {
        let hamlet = html! {
            (version_link(hamlet, days.to)) (made_up_badge(lang, territory, hamlet.unit))
        };
        terms.push((lang::converter::hamlet(lang), hamlet));
    }
    terms.push((lang::converter::why(lang), reasons(lang, territory, &found.why)));
    html! {
        (definition_list(&terms))
        @for trap in traps(lang, territory, placed, days) {
            (pieces::notice(lang, &Notice::Warning(trap)))
        }
    }
}

/// "mã 31453": the code of an administrative unit.
fn say_code(lang: Lang, version: &Version) -> String {
    lang::converter::code_of(lang, version.code.as_ref().map_or("–", UnitCode::as_str))
}

/// Units of the target day that bear the old one's code or name and are not where it lies now.
fn traps(lang: Lang, territory: &Territory, placed: Placed<'_>, days: Days) -> Vec<String> {
    let (Some(old), Some(new)) = (placed.old, placed.new) else { return Vec::new() };
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

fn several(
    lang: Lang,
    territory: &Territory,
    (candidates, doubt): (&[Candidate], Ambiguity),
    days: Days,
) -> Markup {
    // The days say which is which, also for who goes back in time.
    let (on, to) = (short_day(days.on), short_day(days.to));
    let (on, to) = (lang::converter::old_on(lang, on), lang::converter::new_on(lang, to));
    let columns = [Column::head(&on), Column::text(&to)];
    let row = |candidate: &Candidate| {
        let placed = candidate.placed(territory, days.on, days.to);
        let old = path_near(territory, candidate.old, days.on);
        let again = format!("/converter?address={}&on={}&to={}", encoded(&old), days.on, days.to);
        let new = near(territory, candidate.new, days.to);
        vec![
            html! {
                // Only homonyms are told apart by a fuller address.
                @if doubt == Ambiguity::Homonyms { a href=(again) { (old) } } @else { (old) }
                (made_up_badge(lang, territory, candidate.old))
                @if let Some(old) = near(territory, candidate.old, days.on) {
                    (first_known_in(lang, territory, old))
                }
            },
            html! {
                @if let Some(new) = new {
                    a href=(unit_href(new, new.nearest(days.to))) {
                        (path_near(territory, new.unit, days.to))
                    }
                    (made_up_badge(lang, territory, new.unit))
                }
                @if let Some(around) = placed.new { " · " (say_code(lang, around)) }
                // Below, so that a phone has room for both names.
                (reasons(lang, territory, &candidate.why))
            },
        ]
    };
    let rows: Vec<Vec<Markup>> = candidates.iter().map(row).collect();
    pieces::table(lang::converter::candidates(lang), &columns, &rows)
}

fn reasons(lang: Lang, territory: &Territory, why: &[Step]) -> Markup {
    html! {
        @for step in why { p { (step.say(lang, territory)) } }
    }
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
    let full = |unit: UnitId| Some((territory.path(unit, eve)?, unit));
    let whole = of_kind(ChangeKind::Merge, 0).and_then(full);
    let hamlet = of_kind(ChangeKind::Merge, 1).and_then(|commune| {
        let hamlet = territory.children(Some(commune), eve).next()?.unit;
        full(hamlet)
    });
    let plain = of_kind(ChangeKind::Merge, 2).and_then(full).map(|(path, unit)| {
        (path.split(", ").map(base::text::fold).collect::<Vec<_>>().join(", "), unit)
    });
    let divided = of_kind(ChangeKind::PartialTransfer, 0).and_then(full);
    // One name that several communes bore.
    let mut communes = territory.under(None, eve, Level::Commune);
    communes.sort_by(|left, right| left.full_name.cmp(&right.full_name));
    let twice = communes.windows(2).find(|pair| pair[0].full_name == pair[1].full_name);
    let twice = twice.map(|pair| (pair[0].full_name.clone(), pair[0].unit));
    let examples: Vec<(String, UnitId)> =
        [whole, hamlet, plain, divided, twice].into_iter().flatten().collect();
    html! {
        @if !examples.is_empty() {
            h2 { (lang::converter::examples(lang)) }
            ul {
                @for (example, unit) in &examples {
                    li {
                        a href={
                            "/converter?address=" (encoded(example)) "&on=" (eve) "&to=" (days.to)
                        } { (example) }
                        (made_up_badge(lang, territory, *unit))
                    }
                }
            }
        }
    }
}
