//! `/campaign-adjustments/{id}/…`, `/campaign-filings/{id}/…`: withdrawing what was added or taken
//! away, deciding what was filed, and the files of evidence.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::rights::{Act, Place};
use base::{Error, FieldError, Result, short_day};
use maud::{Markup, html};
use serde::Deserialize;
use web::ask::encoded;
use web::pieces::{self, Choice, Crumb, Field};
use web::{Asked, Form, Frame, PageError, PageResult, Path, Section, Visitor, layout};

use super::super::records::{download, evidence_of};
use super::super::say as figures;
use super::forms::{kinds, mistake};
use super::{Board, say};
use crate::Desk;
use crate::campaigns::{
    self, Kept, NewDecision, Outcome, Record, get_adjustment, get_filing, read_points,
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Withdrawing {
    csrf: String,
    version: i64,
    reason: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Deciding {
    csrf: String,
    version: i64,
    outcome: String,
    reason: String,
    kind: String,
    points: String,
}

pub(super) async fn show_withdraw(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    _visitor: Visitor,
    asked: Asked,
) -> PageResult {
    Ok(withdraw_page(&desk, &asked, &id, &Withdrawing::default(), &[]).await?)
}

pub(super) async fn withdraw(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    visitor: Visitor,
    asked: Asked,
    Form(typed): Form<Withdrawing>,
) -> Result<Response, PageError> {
    visitor.check_form(&typed.csrf)?;
    let written = async {
        let mut work = desk.begin().await?;
        let (tx, cx) = work.by(&desk, visitor.actor());
        campaigns::withdraw(tx, cx, (&id, typed.version), &typed.reason).await?;
        work.tx.commit().await
    };
    match written.await {
        Ok(()) => {
            let location = place_of_adjustment(&desk, &asked, &id).await?;
            Ok(done(&format!("{location}?done=withdraw")))
        }
        Err(Error::Invalid(errors)) => {
            let page = withdraw_page(&desk, &asked, &id, &typed, &errors).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

async fn place_of_adjustment(desk: &Desk, asked: &Asked, id: &str) -> Result<String> {
    let mut tx = desk.database().read().await?;
    let Kept { record, body } = get_adjustment(&mut tx, id).await?;
    drop(tx);
    let board = Board::open(desk, asked, &record.campaign).await?;
    Ok(place(&board, &record, &body.group))
}

/// The page of the unit that a record is about.
fn place(board: &Board, record: &Record, group: &str) -> String {
    let view = &board.view;
    let version = record.unit.and_then(|unit| view.territory.at(unit, view.day));
    let unit = version.map(figures::reference).unwrap_or_default();
    format!("{}/{}/{}/{unit}", board.href(), record.round, encoded(group))
}

fn name_of(board: &Board, record: &Record) -> String {
    let unit = record.unit.map(|unit| board.view.territory.full_name(unit, board.view.day));
    unit.unwrap_or_default()
}

fn done(location: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

async fn withdraw_page(
    desk: &Desk,
    asked: &Asked,
    id: &str,
    typed: &Withdrawing,
    errors: &[FieldError],
) -> Result<Markup> {
    let mut tx = desk.database().read().await?;
    let Kept { record, body: it } = get_adjustment(&mut tx, id).await?;
    drop(tx);
    let board = Board::open(desk, asked, &record.campaign).await?;
    let lang = board.view.lang;
    let title = lang::campaigns::withdraw_title(lang);
    let frame = Frame::new(asked, Section::Campaigns, title).ground(board.ground(None));
    let (here, own, name) =
        (board.href(), place(&board, &record, &it.group), name_of(&board, &record));
    let mut crumbs = board.crumbs(&here, board.campaign.title.say(lang));
    crumbs.push(Crumb { label: &name, href: &own });
    let kind = board.campaign.adjustment(&it.kind);
    let body = html! {
        (pieces::breadcrumbs(lang, &crumbs))
        (pieces::error_summary(lang, errors))
        (pieces::heading(title, Some(lang::campaigns::withdraw_lead(lang))))
        (pieces::definition_list(&[
            (lang::chart::unit(lang), html! { (name) }),
            (lang::campaigns::kind(lang), html! {
                (kind.map_or(&*it.kind, |kind| kind.title.say(lang)))
            }),
            (lang::campaigns::points(lang), html! { (say::signed(lang, it.points)) }),
            (lang::observations::reason(lang), say::lines(&it.reason)),
        ]))
        (pieces::form(&format!("/campaign-adjustments/{id}/withdraw"), frame.csrf.as_deref(), html! {
            input type="hidden" name="version" value=(record.version);
            (Field::new(lang, "reason", lang::campaigns::why_withdraw(lang)).errors(errors)
                .textarea(&typed.reason, 3))
            (pieces::submit_danger(lang::campaigns::withdraw(lang)))
        }))
    };
    Ok(layout(&frame, body))
}

pub(super) async fn show_decide(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    _visitor: Visitor,
    asked: Asked,
) -> PageResult {
    Ok(decide_page(&desk, &asked, &id, &Deciding::default(), &[]).await?)
}

pub(super) async fn decide(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    visitor: Visitor,
    asked: Asked,
    Form(typed): Form<Deciding>,
) -> Result<Response, PageError> {
    visitor.check_form(&typed.csrf)?;
    let written = async {
        let decision = read(&id, &typed)?;
        let mut work = desk.begin().await?;
        let (tx, cx) = work.by(&desk, visitor.actor());
        campaigns::decide(tx, cx, decision).await?;
        work.tx.commit().await
    };
    match written.await {
        Ok(()) => {
            let mut tx = desk.database().read().await?;
            let Kept { record, body } = get_filing(&mut tx, &id).await?;
            drop(tx);
            let board = Board::open(&desk, &asked, &record.campaign).await?;
            Ok(done(&format!("{}?done=decide", place(&board, &record, &body.group))))
        }
        Err(Error::Invalid(errors)) => {
            let page = decide_page(&desk, &asked, &id, &typed, &errors).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

/// Errors: `Invalid` at `outcome`, `points`, `reason`.
fn read(id: &str, typed: &Deciding) -> Result<NewDecision> {
    let mut errors = Vec::new();
    let outcome = OUTCOMES.into_iter().find(|(word, _)| *word == typed.outcome);
    if outcome.is_none() {
        errors.push(mistake("outcome", lang::campaigns::no_outcome));
    }
    let is_set = !typed.kind.is_empty() || !typed.points.trim().is_empty();
    let points = read_points(&typed.points);
    if is_set && points.is_none() {
        errors.push(mistake("points", lang::campaigns::bad_number));
    }
    if typed.reason.trim().is_empty() {
        errors.push(mistake("reason", lang::campaigns::lacking));
    }
    let Some((_, outcome)) = outcome.filter(|_| errors.is_empty()) else {
        return Err(Error::Invalid(errors));
    };
    let adjustment = points.filter(|_| is_set).map(|points| (typed.kind.clone(), points));
    let (id, version, reason) = (id.to_owned(), typed.version, typed.reason.clone());
    Ok(NewDecision { id, version, outcome, reason, adjustment })
}

const OUTCOMES: [(&str, Outcome); 3] =
    [("upheld", Outcome::Upheld), ("partly", Outcome::Partly), ("rejected", Outcome::Rejected)];

async fn decide_page(
    desk: &Desk,
    asked: &Asked,
    id: &str,
    typed: &Deciding,
    errors: &[FieldError],
) -> Result<Markup> {
    let mut tx = desk.database().read().await?;
    let Kept { record, body: it } = get_filing(&mut tx, id).await?;
    drop(tx);
    if it.decision.is_some() {
        return Err(Error::refused("campaigns.decided", lang::campaigns::is_decided));
    }
    let board = Board::open(desk, asked, &record.campaign).await?;
    let lang = board.view.lang;
    let title = lang::campaigns::decide_title(lang);
    let frame = Frame::new(asked, Section::Campaigns, title).ground(board.ground(None));
    let (here, own, name) =
        (board.href(), place(&board, &record, &it.group), name_of(&board, &record));
    let mut crumbs = board.crumbs(&here, board.campaign.title.say(lang));
    crumbs.push(Crumb { label: &name, href: &own });
    let outcomes = OUTCOMES.map(|(value, outcome)| (value, say::outcome(lang, outcome)));
    let outcomes = outcomes.map(|(value, label)| Choice { value, label });
    let field =
        |name: &'static str, label: &'static str| Field::new(lang, name, label).errors(errors);
    let body = html! {
        (pieces::breadcrumbs(lang, &crumbs))
        (pieces::error_summary(lang, errors))
        (pieces::heading(title, Some(lang::campaigns::decide_lead(lang))))
        (pieces::definition_list(&[
            (lang::chart::unit(lang), html! { (name) }),
            (lang::campaigns::what(lang), html! { (say::filing_kind(lang, it.kind)) }),
            (lang::campaigns::content(lang), say::lines(&it.text)),
            (lang::campaigns::filed_by(lang), html! { (it.by) }),
            (lang::campaigns::due(lang), html! { (short_day(it.due_on)) }),
        ]))
        (pieces::form(&format!("/campaign-filings/{id}/decide"), frame.csrf.as_deref(), html! {
            input type="hidden" name="version" value=(record.version);
            (field("outcome", lang::campaigns::decision(lang)).radios(&outcomes, &typed.outcome))
            (field("reason", lang::observations::reason(lang))
                .hint(lang::campaigns::public_hint(lang)).textarea(&typed.reason, 3))
            (kinds(board.campaign.adjustments.iter(), lang, &typed.kind, errors, true))
            (field("points", lang::campaigns::points(lang)).optional()
                .hint(lang::campaigns::decide_points_hint(lang)).number(&typed.points))
            (pieces::submit(lang::observations::save(lang)))
        }))
    };
    Ok(layout(&frame, body))
}

pub(super) async fn adjustment_evidence(
    State(desk): State<Desk>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    let mut tx = desk.database().read().await?;
    let Kept { record, body } = get_adjustment(&mut tx, &id).await?;
    check_read(&visitor, &record)?;
    Ok(evidence(&mut tx, ("campaign_adjustment", id), (record, body.file)).await?)
}

pub(super) async fn filing_evidence(
    State(desk): State<Desk>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    let mut tx = desk.database().read().await?;
    let Kept { record, body } = get_filing(&mut tx, &id).await?;
    check_read(&visitor, &record)?;
    Ok(evidence(&mut tx, ("campaign_filing", id), (record, body.file)).await?)
}

fn check_read(visitor: &Visitor, record: &Record) -> Result<()> {
    let unit = record.unit.map(|unit| unit.0);
    visitor.actor().check(Act::ReadCampaigns, Place { unit, maker: None })
}

async fn evidence(
    tx: &mut store::Tx,
    (kind, id): (&'static str, String),
    (record, name): (Record, Option<String>),
) -> Result<Response> {
    let none = || Error::not_found(lang::observations::no_evidence);
    let hash = record.evidence.ok_or_else(none)?;
    let file = crate::observations::find_file(tx, &hash).await?.ok_or_else(none)?;
    let name = name.unwrap_or(file.name);
    let unit = record.unit.map(|unit| unit.0);
    download(evidence_of(Act::ReadCampaigns, kind, (id, unit)), &name, file.content)
}
