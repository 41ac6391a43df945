//! `…/{unit}/adjust`, `…/explain`, `…/appeal`: what the signed-in record about a unit of a round.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::{Error, FieldError, Result, short_day};
use lang::Text;
use maud::{Markup, html};
use serde::Deserialize;
use territory::UnitId;
use territory::pages::find_unit;
use web::pieces::{self, Choice, Crumb, Field};
use web::{Asked, Frame, PageError, PageResult, Path, Section, Upload, Visitor, layout};

use super::ranking::Sheet;
use super::say;
use crate::Desk;
use crate::campaigns::{self, FilingKind, Line, NewAdjustment, NewFiling, read_points};
use crate::observations::{Evidence, LARGEST_EVIDENCE_BYTES, evidence};

/// The last part of the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Act {
    Adjust,
    Explain,
    Appeal,
}

impl Act {
    const fn path(self) -> &'static str {
        match self {
            Self::Adjust => "adjust",
            Self::Explain => "explain",
            Self::Appeal => "appeal",
        }
    }

    const fn filing(self) -> Option<FilingKind> {
        match self {
            Self::Adjust => None,
            Self::Explain => Some(FilingKind::Explanation),
            Self::Appeal => Some(FilingKind::Appeal),
        }
    }
}

type Place = (String, String, String, String, Act);

/// What stands in the fields.
#[derive(Debug, Default)]
struct Typed {
    kind: String,
    points: String,
    reason: String,
    text: String,
    by: String,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    Path((code, round, group, unit, act)): Path<Place>,
    _visitor: Visitor,
    asked: Asked,
) -> PageResult {
    let sheet = Sheet::open(&desk, &asked, (&code, &round, &group)).await?;
    Ok(page(&sheet, &asked, (&unit, act), &Typed::default(), &[])?)
}

pub(super) async fn send(
    State(desk): State<Desk>,
    Path((code, round, group, unit, act)): Path<Place>,
    visitor: Visitor,
    asked: Asked,
    sent: Upload,
) -> Result<Response, PageError> {
    visitor.check_form(sent.get("csrf"))?;
    let typed = Typed {
        kind: sent.get("kind").to_owned(),
        points: sent.get("points").to_owned(),
        reason: sent.get("reason").to_owned(),
        text: sent.get("text").to_owned(),
        by: sent.get("by").to_owned(),
    };
    let file = sent.into_files().into_iter().find(|file| file.field == "evidence");
    let file = file.map(|file| {
        let (name, media_type, content) = (file.name, file.media_type, file.bytes);
        Evidence { name, media_type, content }
    });
    let (id, location) = {
        // Reading ends before writing begins, so that nobody holds one connection and waits for
        // another.
        let sheet = Sheet::open(&desk, &asked, (&code, &round, &group)).await?;
        let line = find_line(&sheet, &unit)?;
        (line.unit, format!("{}?done={}", sheet.unit_href(line), act.path()))
    };
    match write(&desk, &visitor, (&code, &round, &group), (id, act), &typed, file).await {
        Ok(()) => Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()),
        Err(Error::Invalid(errors)) => {
            let sheet = Sheet::open(&desk, &asked, (&code, &round, &group)).await?;
            let page = page(&sheet, &asked, (&unit, act), &typed, &errors)?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

async fn write(
    desk: &Desk,
    visitor: &Visitor,
    (campaign, round, group): (&str, &str, &str),
    (unit, act): (UnitId, Act),
    typed: &Typed,
    evidence: Option<Evidence>,
) -> Result<()> {
    let [campaign, round, group] = [campaign, round, group].map(ToOwned::to_owned);
    let mut work = desk.begin().await?;
    let (tx, cx) = work.by(desk, visitor.actor());
    match act.filing() {
        Some(kind) => {
            let (text, by) = (typed.text.clone(), typed.by.clone());
            let new = NewFiling { campaign, round, group, unit, kind, text, by, evidence };
            campaigns::file(tx, cx, new).await?;
        }
        None => {
            let (kind, reason) = (typed.kind.clone(), typed.reason.clone());
            // What is no number is out of every bounds, and told as such.
            let points = read_points(&typed.points).unwrap_or_default();
            let new =
                NewAdjustment { campaign, round, group, unit, kind, points, reason, evidence };
            campaigns::adjust(tx, cx, new).await?;
        }
    }
    work.tx.commit().await
}

fn find_line<'a>(sheet: &'a Sheet, reference: &str) -> Result<&'a Line> {
    let view = &sheet.board.view;
    let unit = find_unit(&view.territory, reference, view.day)?.unit;
    let found = sheet.of(sheet.standing.shown()).and_then(|ranking| ranking.line(unit));
    found.ok_or_else(|| Error::not_found(lang::campaigns::no_unit))
}

fn page(
    sheet: &Sheet,
    asked: &Asked,
    (unit, act): (&str, Act),
    typed: &Typed,
    errors: &[FieldError],
) -> Result<Markup> {
    let line = find_line(sheet, unit)?;
    let view = &sheet.board.view;
    let lang = view.lang;
    let (title, lead) = match act {
        Act::Adjust => (lang::campaigns::adjust(lang), lang::campaigns::adjust_lead(lang)),
        Act::Explain => (lang::campaigns::file_explanation(lang), lang::campaigns::file_lead(lang)),
        Act::Appeal => (lang::campaigns::file_appeal(lang), lang::campaigns::file_lead(lang)),
    };
    let frame = Frame::new(asked, Section::Campaigns, title)
        .ground(sheet.board.ground(Some(&sheet.period)));
    let (campaign, ranking, own) = (sheet.board.href(), sheet.href(), sheet.unit_href(line));
    let group_title = sheet.title();
    let mut crumbs = sheet.board.crumbs(&campaign, sheet.board.campaign.title.say(lang));
    crumbs.push(Crumb { label: &group_title, href: &ranking });
    crumbs.push(Crumb { label: &line.name, href: &own });
    let frozen = sheet.standing.state().filter(|state| state.frozen.is_some());
    let due = act.filing().zip(frozen).map(|(kind, state)| state.due_on(kind));
    let body = html! {
        (pieces::breadcrumbs(lang, &crumbs))
        (pieces::error_summary(lang, errors))
        (pieces::heading(title, Some(lead)))
        (pieces::definition_list(&[
            (lang::chart::unit(lang), html! { (line.name) }),
            (lang::campaigns::round(lang), html! { (sheet.period.title(lang)) }),
            (lang::campaigns::total(lang), html! { (say::points(lang, line.total)) }),
        ]))
        @if let Some(due) = due {
            p { (lang::campaigns::due_on(lang, short_day(due))) }
        } @else if act.filing().is_some() {
            p { (lang::campaigns::only_when_frozen(lang)) }
        }
        (pieces::upload(&format!("{own}/{}", act.path()), frame.csrf.as_deref(), html! {
            @match act.filing() {
                None => { (adjusting(sheet, typed, errors)) }
                Some(_) => { (filing(lang, typed, errors)) }
            }
            (file(lang, errors))
            (pieces::submit(lang::observations::save(lang)))
        }))
    };
    Ok(layout(&frame, body))
}

fn adjusting(sheet: &Sheet, typed: &Typed, errors: &[FieldError]) -> Markup {
    let lang = sheet.board.view.lang;
    let field =
        |name: &'static str, label: &'static str| Field::new(lang, name, label).errors(errors);
    html! {
        (kinds(sheet.board.campaign.adjustments.iter(), lang, &typed.kind, errors, false))
        (field("points", lang::campaigns::points(lang))
            .hint(lang::campaigns::points_hint(lang)).number(&typed.points))
        (field("reason", lang::observations::reason(lang))
            .hint(lang::campaigns::public_hint(lang)).textarea(&typed.reason, 3))
    }
}

/// The kinds of adjustment with their bounds.
pub(super) fn kinds<'a>(
    kinds: impl Iterator<Item = &'a packs::AdjustmentKind>,
    lang: lang::Lang,
    chosen: &str,
    errors: &[FieldError],
    optional: bool,
) -> Markup {
    let label = |kind: &packs::AdjustmentKind| {
        let (least, most) = kind.bounds().unwrap_or_default();
        let (least, most) = (say::signed(lang, least), say::signed(lang, most));
        let bounds = lang::campaigns::bounds(lang, lang::campaigns::Bounds { least, most });
        (kind.code.clone(), format!("{} ({bounds})", kind.title.say(lang)))
    };
    let labels: Vec<(String, String)> = kinds.map(label).collect();
    let choices: Vec<Choice<'_>> =
        labels.iter().map(|(value, label)| Choice { value, label }).collect();
    let field = Field::new(lang, "kind", lang::campaigns::kind(lang)).errors(errors);
    if optional { field.optional() } else { field }.select(&choices, chosen)
}

fn filing(lang: lang::Lang, typed: &Typed, errors: &[FieldError]) -> Markup {
    let field =
        |name: &'static str, label: &'static str| Field::new(lang, name, label).errors(errors);
    html! {
        (field("text", lang::campaigns::content(lang))
            .hint(lang::campaigns::public_hint(lang)).textarea(&typed.text, 6))
        (field("by", lang::campaigns::filed_by(lang))
            .hint(lang::campaigns::filed_by_hint(lang)).text(&typed.by))
    }
}

fn file(lang: lang::Lang, errors: &[FieldError]) -> Markup {
    let hint = lang::observations::evidence_hint(
        lang,
        lang::observations::EvidenceHint {
            kinds: evidence::kinds(),
            megabytes: LARGEST_EVIDENCE_BYTES >> 20,
        },
    );
    Field::new(lang, "evidence", lang::observations::evidence(lang))
        .errors(errors)
        .optional()
        .hint(&hint)
        .file(&evidence::endings())
}

/// A mistake at a field.
pub(super) fn mistake(place: &str, say: fn(lang::Lang) -> &'static str) -> FieldError {
    FieldError { place: place.to_owned(), text: Text::new(say) }
}
