//! `/tasks/observations/new`: reporting one count.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::text::clean;
use base::{Error, FieldError, Result};
use lang::{Lang, Text};
use maud::{Markup, html};
use serde::Deserialize;
use territory::Level;
use web::pieces::{self, Choice, Field};
use web::{Asked, Frame, Notice, PageError, PageResult, Query, Section, Upload, Visitor, layout};

use super::super::say;
use super::super::view::View;
use super::units::{self, Offered, Wanted};
use super::{crumbs, measure_label};
use crate::observations::import::{read_count, read_when};
use crate::observations::{self, Evidence, LARGEST_EVIDENCE_BYTES, NewObservation, evidence};
use crate::{Desk, Sight};

/// So many choices stand in sight; more are a list to open.
const IN_SIGHT: usize = 20;

/// What stands in the fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    unit: String,
    measure: String,
    when: String,
    value: String,
    source: String,
    /// What was chosen of the units that were offered.
    chosen: String,
    /// `yes` when the person stands by a count that looks wrong.
    confirmed: String,
}

pub(crate) async fn show_report(
    State(desk): State<Desk>,
    _visitor: Visitor,
    asked: Asked,
    Query(typed): Query<Typed>,
) -> PageResult {
    let view = View::open(&desk, &asked, None, None).await?;
    Ok(page(&view, &asked, &typed, &Wrong::default()))
}

pub(crate) async fn report(
    State(desk): State<Desk>,
    visitor: Visitor,
    asked: Asked,
    sent: Upload,
) -> Result<Response, PageError> {
    visitor.check_form(sent.get("csrf"))?;
    let mut typed = Typed {
        unit: sent.get("unit").to_owned(),
        measure: sent.get("measure").to_owned(),
        when: sent.get("when").to_owned(),
        value: sent.get("value").to_owned(),
        source: sent.get("source").to_owned(),
        chosen: sent.get("chosen").to_owned(),
        confirmed: sent.get("confirmed").to_owned(),
    };
    let file = sent.into_files().into_iter().find(|file| file.field == "evidence");
    let file = file.map(|file| {
        let (name, media_type, content) = (file.name, file.media_type, file.bytes);
        Evidence { name, media_type, content }
    });
    let wish = {
        // Reading ends before writing begins, so that nobody holds one connection and waits for
        // another.
        let view = View::open(&desk, &asked, None, None).await?;
        read(&view, &mut typed, file)
    };
    let wrong = match wish {
        Err(wrong) => wrong,
        Ok(count) => match write(&desk, &visitor, count, typed.confirmed == "yes").await {
            Ok(Written::Done(id)) => {
                let location = format!("/observations/{id}?done=reported");
                return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response());
            }
            Ok(Written::Doubted(doubts)) => Wrong { doubts, ..Wrong::default() },
            Err(error) => Wrong { errors: mistakes(error)?, ..Wrong::default() },
        },
    };
    let view = View::open(&desk, &asked, None, None).await?;
    let page = page(&view, &asked, &typed, &wrong);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

enum Written {
    /// The id of the observation.
    Done(String),
    /// Nothing: the person is to look at it once more.
    Doubted(Vec<Text>),
}

async fn write(
    desk: &Desk,
    visitor: &Visitor,
    count: NewObservation,
    confirmed: bool,
) -> Result<Written> {
    let mut work = desk.begin().await?;
    let (tx, cx) = work.by(desk, visitor.actor());
    let sight = Sight::of_visitor(Some(visitor));
    let mut doubts = Vec::new();
    if !confirmed {
        doubts = observations::find_doubts(tx, cx, sight, std::slice::from_ref(&count)).await?;
    }
    // A mistake is told before a doubt; what is not committed is not written.
    let ids = observations::report(tx, cx, vec![count]).await?;
    if !doubts.is_empty() {
        return Ok(Written::Doubted(doubts.into_iter().map(|(_, text)| text).collect()));
    }
    work.tx.commit().await?;
    let id = ids.into_iter().next();
    id.map(Written::Done).ok_or_else(|| Error::internal("a report without an id"))
}

/// The mistakes of a refusal, at the fields of this form; other errors pass.
fn mistakes(error: Error) -> Result<Vec<FieldError>> {
    match error {
        Error::Invalid(mut errors) => {
            for error in &mut errors {
                if matches!(error.place.as_str(), "day" | "period") {
                    "when".clone_into(&mut error.place);
                }
            }
            Ok(errors)
        }
        Error::Refused { code: "observations.already_reported" | "figures.locked", text } => {
            Ok(vec![FieldError { place: "when".to_owned(), text }])
        }
        other => Err(other),
    }
}

/// What is to be mended, chosen or confirmed.
#[derive(Default)]
struct Wrong {
    errors: Vec<FieldError>,
    offered: Vec<Offered>,
    doubts: Vec<Text>,
}

impl Wrong {
    fn add(&mut self, place: &str, text: Text) {
        self.errors.push(FieldError { place: place.to_owned(), text });
    }
}

fn read(view: &View, typed: &mut Typed, file: Option<Evidence>) -> Result<NewObservation, Wrong> {
    let mut wrong = Wrong::default();
    let reported = read_when(&typed.when, &view.catalogue.calendars());
    if reported.is_none() {
        wrong.add("when", Text::new(lang::observations::bad_when));
    }
    let level = view.catalogue.reported_by(&typed.measure).and_then(Level::find);
    let unit = reported.and_then(|reported| {
        let day = reported.day();
        let wanted = Wanted { typed: &typed.unit, chosen: &typed.chosen, level, day };
        match units::find(view, &wanted) {
            Ok(unit) => {
                // What was chosen is named in the field, should something else be wrong.
                if !typed.chosen.is_empty() {
                    let version = view.territory.at(unit, day);
                    typed.unit = version.map(say::reference).unwrap_or_default();
                }
                Some(unit)
            }
            Err(unclear) => {
                wrong.add(if unclear.offered.is_empty() { "unit" } else { "chosen" }, unclear.text);
                wrong.offered = unclear.offered;
                None
            }
        }
    });
    if view.catalogue.measure(&typed.measure).is_none() {
        wrong.add("measure", Text::new(lang::observations::no_measure));
    }
    let value = read_count(&typed.value);
    if value.is_none() {
        wrong.add("value", Text::new(lang::observations::bad_value));
    }
    if typed.source.trim().is_empty() {
        wrong.add("source", Text::new(lang::observations::no_source));
    }
    if let Some(text) = file.as_ref().and_then(evidence::wrong) {
        wrong.add("evidence", text);
    }
    match (reported, unit, value) {
        (Some(reported), Some(unit), Some(value)) if wrong.errors.is_empty() => {
            Ok(NewObservation {
                unit,
                measure: typed.measure.clone(),
                reported,
                value,
                source: clean(&typed.source),
                made_up: false,
                evidence: file,
            })
        }
        _ => Err(wrong),
    }
}

fn page(view: &View, asked: &Asked, typed: &Typed, wrong: &Wrong) -> Markup {
    let lang = view.lang;
    let errors = &wrong.errors;
    let title = lang::observations::report(lang);
    let frame = Frame::new(asked, Section::Work, title).ground(super::ground(view));
    let labels: Vec<(&str, String)> = view
        .catalogue
        .measures()
        .map(|it| {
            (it.definition.code.as_str(), measure_label(lang, &view.catalogue, &it.definition))
        })
        .collect();
    let measures: Vec<Choice<'_>> =
        labels.iter().map(|(value, label)| Choice { value, label }).collect();
    let field =
        |name: &'static str, label: &'static str| Field::new(lang, name, label).errors(errors);
    let unit_hint = lang::observations::unit_hint(lang, units::example(view, None, view.today));
    let evidence_hint = lang::observations::evidence_hint(
        lang,
        lang::observations::EvidenceHint {
            kinds: evidence::kinds(),
            megabytes: LARGEST_EVIDENCE_BYTES >> 20,
        },
    );
    let body = html! {
        (crumbs(lang))
        (pieces::error_summary(lang, errors))
        (pieces::heading(title, Some(lang::observations::report_lead(lang))))
        (pieces::upload("/tasks/observations/new", frame.csrf.as_deref(), html! {
            (field("measure", lang::drill::measure(lang)).select(&measures, &typed.measure))
            (field("when", lang::observations::when(lang))
                .hint(lang::observations::when_hint(lang)).text(&typed.when))
            (field("unit", lang::drill::unit(lang)).hint(&unit_hint).text(&typed.unit))
            (offered(lang, wrong))
            (field("value", lang::observations::value(lang)).number(&typed.value))
            (field("source", lang::drill::source(lang))
                .hint(lang::observations::source_hint(lang)).text(&typed.source))
            (field("evidence", lang::observations::evidence(lang)).optional()
                .hint(&evidence_hint).file(&evidence::endings()))
            (doubted(lang, wrong))
            (pieces::submit(lang::observations::save(lang)))
        }))
    };
    layout(&frame, body)
}

/// The units to choose from, in sight while they are few.
fn offered(lang: Lang, wrong: &Wrong) -> Markup {
    let units: Vec<Choice<'_>> =
        wrong.offered.iter().map(|(value, label)| Choice { value, label }).collect();
    if units.is_empty() {
        return html! {};
    }
    let field =
        Field::new(lang, "chosen", lang::observations::which_unit(lang)).errors(&wrong.errors);
    if units.len() > IN_SIGHT { field.select(&units, "") } else { field.radios(&units, "") }
}

/// Why the count looks wrong, and the box by which the person stands by it.
fn doubted(lang: Lang, wrong: &Wrong) -> Markup {
    html! {
        @if !wrong.doubts.is_empty() {
            @for doubt in &wrong.doubts {
                (pieces::notice(lang, &Notice::Warning(doubt.say(lang))))
            }
            (Field::new(lang, "confirmed", lang::observations::stand_by(lang)).tick(false))
        }
    }
}
