//! `/tasks/observations/new`: reporting one count.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::text::clean;
use base::{Day, Error, FieldError, Result};
use lang::Text;
use maud::{Markup, html};
use serde::Deserialize;
use territory::{Territory, UnitCode, UnitId};
use web::pieces::{self, Choice, Field};
use web::{Asked, Frame, PageError, PageResult, Query, Section, Upload, Visitor, layout};

use super::super::view::View;
use super::{crumbs, measure_label};
use crate::Desk;
use crate::observations::import::{read_count, read_when};
use crate::observations::{self, Evidence, LARGEST_EVIDENCE_BYTES, NewObservation};

/// So many units are offered where a name fits several.
const OFFERED: usize = 20;

/// What stands in the fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    unit: String,
    measure: String,
    when: String,
    value: String,
    source: String,
}

pub(crate) async fn show_report(
    State(desk): State<Desk>,
    _visitor: Visitor,
    asked: Asked,
    Query(typed): Query<Typed>,
) -> PageResult {
    let view = View::open(&desk, asked.lang, None, None).await?;
    Ok(page(&view, &asked, &typed, &[], &[]))
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
    };
    let chosen = sent.get("chosen").to_owned();
    if !chosen.is_empty() {
        typed.unit = chosen;
    }
    let file = sent.into_files().into_iter().find(|file| file.field == "evidence");
    let file = file.map(|file| {
        let (name, media_type, content) = (file.name, file.media_type, file.bytes);
        Evidence { name, media_type, content }
    });
    let wish = {
        // Reading ends before writing begins, so that nobody holds one connection and waits for
        // another.
        let view = View::open(&desk, asked.lang, None, None).await?;
        read(&view, &typed, file)
    };
    let (errors, offered) = match wish {
        Err(wrong) => (wrong.errors, wrong.offered),
        Ok(count) => match write(&desk, &visitor, count).await {
            Ok(id) => {
                let location = format!("/observations/{id}?done=reported");
                return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response());
            }
            Err(error) => (mistakes(error)?, Vec::new()),
        },
    };
    let view = View::open(&desk, asked.lang, None, None).await?;
    let page = page(&view, &asked, &typed, &errors, &offered);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn write(desk: &Desk, visitor: &Visitor, count: NewObservation) -> Result<String> {
    let mut work = desk.begin().await?;
    let (tx, cx) = work.by(desk, &visitor.name);
    let ids = observations::report(tx, cx, vec![count]).await?;
    work.tx.commit().await?;
    ids.into_iter().next().ok_or_else(|| Error::internal("a report without an id"))
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
        Error::Refused { code: "observations.already_reported", text } => {
            Ok(vec![FieldError { place: "when".to_owned(), text }])
        }
        other => Err(other),
    }
}

/// A unit that a typed name may mean: its code and its name with those above it.
type Offered = (String, String);

#[derive(Default)]
struct Wrong {
    errors: Vec<FieldError>,
    offered: Vec<Offered>,
}

impl Wrong {
    fn add(&mut self, place: &str, text: Text) {
        self.errors.push(FieldError { place: place.to_owned(), text });
    }
}

fn read(view: &View, typed: &Typed, file: Option<Evidence>) -> Result<NewObservation, Wrong> {
    let mut wrong = Wrong::default();
    let reported = read_when(&typed.when, &view.catalogue.calendars());
    if reported.is_none() {
        wrong.add("when", Text::new(lang::observations::bad_when));
    }
    let unit =
        reported.and_then(|reported| match find(&view.territory, &typed.unit, reported.day()) {
            Ok(unit) => Some(unit),
            Err((text, offered)) => {
                wrong.add(if offered.is_empty() { "unit" } else { "chosen" }, text);
                wrong.offered = offered;
                None
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
    if file.as_ref().is_some_and(|file| file.content.len() > LARGEST_EVIDENCE_BYTES) {
        let most = LARGEST_EVIDENCE_BYTES >> 20;
        wrong
            .add("evidence", Text::new(move |lang| lang::observations::file_too_large(lang, most)));
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

/// The unit of a code or name on a day; where a name fits several, all of them to choose from.
fn find(territory: &Territory, text: &str, day: Day) -> Result<UnitId, (Text, Vec<Offered>)> {
    let text = text.trim();
    if let Ok(version) = territory::pages::find_unit(territory, text, day) {
        return Ok(version.unit);
    }
    let hits = territory.search(text, Some(day), OFFERED);
    match &hits[..] {
        [] => {
            let say = move |lang| lang::observations::no_unit(lang, base::short_day(day));
            Err((Text::new(say), Vec::new()))
        }
        [one] => Ok(one.version.unit),
        several => {
            let offered = several.iter().map(|hit| {
                let code = hit.version.code.as_ref().map(UnitCode::to_string);
                let code = code.unwrap_or_else(|| format!("~{}", hit.version.unit));
                let name = match hit.above.as_str() {
                    "" => format!("{} ({code})", hit.version.full_name),
                    above => format!("{}, {above} ({code})", hit.version.full_name),
                };
                (code, name)
            });
            Err((Text::new(lang::observations::several_units), offered.collect()))
        }
    }
}

fn page(
    view: &View,
    asked: &Asked,
    typed: &Typed,
    errors: &[FieldError],
    offered: &[Offered],
) -> Markup {
    let lang = view.lang;
    let title = lang::observations::report(lang);
    let frame = Frame::new(asked, Section::Work, title).standing(view.standing(None));
    let labels: Vec<(&str, String)> = view
        .catalogue
        .measures()
        .map(|it| (it.definition.code.as_str(), measure_label(lang, &it.definition)))
        .collect();
    let measures: Vec<Choice<'_>> =
        labels.iter().map(|(value, label)| Choice { value, label }).collect();
    let units: Vec<Choice<'_>> =
        offered.iter().map(|(value, label)| Choice { value, label }).collect();
    let field =
        |name: &'static str, label: &'static str| Field::new(lang, name, label).errors(errors);
    let body = html! {
        (crumbs(lang))
        (pieces::error_summary(lang, errors))
        (pieces::heading(title, Some(lang::observations::report_lead(lang))))
        (pieces::upload("/tasks/observations/new", frame.csrf.as_deref(), html! {
            (field("measure", lang::drill::measure(lang)).select(&measures, &typed.measure))
            (field("when", lang::observations::when(lang))
                .hint(lang::observations::when_hint(lang)).text(&typed.when))
            (field("unit", lang::drill::unit(lang))
                .hint(lang::observations::unit_hint(lang)).text(&typed.unit))
            @if !units.is_empty() {
                (field("chosen", lang::observations::which_unit(lang)).radios(&units, ""))
            }
            (field("value", lang::observations::value(lang)).number(&typed.value))
            (field("source", lang::drill::source(lang))
                .hint(lang::observations::source_hint(lang)).text(&typed.source))
            (field("evidence", lang::observations::evidence(lang)).optional()
                .hint(lang::observations::evidence_hint(lang)).file(".pdf,.jpg,.jpeg,.png,.xlsx,.docx"))
            (pieces::submit(lang::observations::save(lang)))
        }))
    };
    layout(&frame, body)
}
