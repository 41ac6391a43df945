//! `…/findings/{rule}`: what stands out in a unit's figures, and saying what becomes of it.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::rights::{self, Act};
use base::{Error, FieldError, Result};
use maud::{Markup, html};
use packs::Severity;
use serde::Deserialize;
use territory::UnitId;
use territory::pages::find_unit;
use web::ask::encoded;
use web::pieces::{self, Badge, Choice, Column, Field};
use web::{Asked, Form, Frame, PageError, PageResult, Path, Section, Visitor, layout};

use super::super::say;
use super::super::view::View;
use super::sheet::mistake;
use super::{crumbs, sheet_href};
use crate::approvals::{self, NewMark, Scope, Sheet, Verdict, find_scope, load_sheets};
use crate::protection::check_measures;
use crate::{Desk, Sight};

/// So many findings of the units below one are listed.
const LISTED: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    csrf: String,
    verdict: String,
    reason: String,
}

type Place = (String, String, String, String);

/// What stands out in these units, those without a mark first.
pub(super) fn findings(view: &View, scope: &Scope<'_>, sheets: &[(UnitId, &Sheet)]) -> Markup {
    let lang = view.lang;
    let mut all: Vec<_> = sheets
        .iter()
        .flat_map(|(unit, sheet)| sheet.findings.iter().map(|it| (*unit, it)))
        .collect();
    all.sort_by_key(|(unit, (finding, mark))| (mark.is_some(), finding.severity, *unit));
    let count = all.len();
    all.truncate(LISTED);
    if all.is_empty() {
        return pieces::empty(lang::approvals::no_findings(lang), None);
    }
    let rows = all.iter().filter_map(|(unit, (finding, mark))| {
        let version = view.territory.at(*unit, scope.last())?;
        let href = format!("{}/findings/{}", sheet_href(scope, version), encoded(&finding.rule));
        let severity = match finding.severity {
            Severity::Error => Badge::Warning(lang::approvals::error(lang)),
            Severity::Warning => Badge::Neutral(lang::approvals::warning(lang)),
        };
        Some(vec![
            html! { a href=(sheet_href(scope, version)) { (say::label(view, version)) } },
            pieces::badge(lang, severity),
            html! { (finding.text.say(lang)) },
            html! {
                @match mark {
                    Some(mark) => {
                        (mark.verdict.say(lang)) ": " (mark.reason)
                        @if mark.made_up { " " (pieces::badge(lang, Badge::MadeUp)) }
                    }
                    None => (lang::approvals::no_mark(lang)),
                }
                br;
                a href=(href) { (lang::approvals::mark(lang)) }
            },
        ])
    });
    let rows: Vec<Vec<Markup>> = rows.collect();
    let columns = [
        Column::head(lang::approvals::unit(lang)),
        Column::text(lang::approvals::severity(lang)),
        Column::text(lang::approvals::finding(lang)),
        Column::text(lang::approvals::marks(lang)),
    ];
    html! {
        (pieces::table(lang::approvals::findings(lang), &columns, &rows))
        @if count > LISTED { p.quiet { (lang::completeness::too_many(lang, LISTED)) } }
    }
}

pub(crate) async fn show(
    State(desk): State<Desk>,
    Path(place): Path<Place>,
    _visitor: Visitor,
    asked: Asked,
) -> PageResult {
    Ok(page(&desk, &asked, &place, (&Typed::default(), &[])).await?)
}

pub(crate) async fn save(
    State(desk): State<Desk>,
    Path(place): Path<Place>,
    visitor: Visitor,
    asked: Asked,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    visitor.check_form(&typed.csrf)?;
    match write(&desk, &visitor, &place, &typed).await {
        Ok(location) => Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()),
        Err(Error::Invalid(errors)) => {
            let page = page(&desk, &asked, &place, (&typed, &errors)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

async fn write(
    desk: &Desk,
    visitor: &Visitor,
    (collection, period, unit, rule): &Place,
    typed: &Typed,
) -> Result<String> {
    let Some(verdict) = Verdict::find(&typed.verdict) else {
        let mut errors = vec![mistake("verdict", lang::approvals::choose_verdict)];
        if base::text::clean(&typed.reason).is_empty() {
            errors.push(mistake("reason", lang::observations::no_reason));
        }
        return Err(Error::Invalid(errors));
    };
    let mut work = desk.begin().await?;
    let (catalogue, territory) = (work.catalogue.clone(), work.territory.clone());
    let scope = find_scope(&catalogue, collection, period, desk.clock().today())?;
    let version = find_unit(&territory, unit, scope.last())?;
    let (tx, cx) = work.by(desk, visitor.actor());
    let new = NewMark {
        collection: collection.clone(),
        period: scope.period.code.clone(),
        unit: version.unit,
        rule: rule.clone(),
        verdict,
        reason: typed.reason.clone(),
        made_up: false,
    };
    approvals::mark(tx, cx, Sight::of_visitor(Some(visitor)), new).await?;
    work.tx.commit().await?;
    Ok(format!("{}?marked=1", sheet_href(&scope, version)))
}

async fn page(
    desk: &Desk,
    asked: &Asked,
    (collection, period, unit, rule): &Place,
    (typed, errors): (&Typed, &[FieldError]),
) -> Result<Markup> {
    let mut view = View::open(desk, asked, None, None).await?;
    let lang = view.lang;
    let (catalogue, territory) = (view.catalogue.clone(), view.territory.clone());
    let scope = find_scope(&catalogue, collection, period, view.today)?;
    check_measures(&catalogue, &scope.collection.measures, view.sight)?;
    view.day = scope.last();
    let version = find_unit(&territory, unit, scope.last())?;
    asked.actor().check(Act::MarkFindings, rights::Place::of(version.unit.0))?;
    let ground = (&*catalogue, &*territory);
    let mut sheets = load_sheets(&mut view.tx, ground, &scope, &[version.unit]).await?;
    let sheet = sheets.remove(&version.unit).unwrap_or_default();
    let finding = sheet.findings.iter().map(|(it, _)| it).find(|it| it.rule == *rule);
    let finding = finding.ok_or_else(|| Error::not_found(lang::approvals::no_finding))?;
    let title = lang::approvals::mark_title(lang);
    let frame = Frame::new(asked, Section::Work, title).ground(view.standing(Some(&scope.period)));
    let choices: Vec<Choice<'_>> = Verdict::ALL
        .iter()
        .map(|verdict| Choice { value: verdict.as_str(), label: verdict.say(lang) })
        .collect();
    let href = sheet_href(&scope, version);
    let above = [(version.full_name.clone(), href.clone())];
    let field =
        |name: &'static str, label: &'static str| Field::new(lang, name, label).errors(errors);
    let body = html! {
        (crumbs(lang, &scope, &above))
        (pieces::error_summary(lang, errors))
        (pieces::heading(title, Some(lang::approvals::mark_lead(lang))))
        (pieces::definition_list(&[
            (lang::approvals::unit(lang), html! { (say::label(&view, version)) }),
            (lang::approvals::period(lang), html! { (scope.period.title(lang)) }),
            (lang::approvals::finding(lang), html! { (finding.text.say(lang)) }),
        ]))
        (pieces::form(&format!("{href}/findings/{}", encoded(rule)), frame.csrf.as_deref(), html! {
            (field("verdict", lang::approvals::verdict(lang)).radios(&choices, &typed.verdict))
            (field("reason", lang::approvals::reason(lang))
                .hint(lang::observations::reason_hint(lang)).textarea(&typed.reason, 3))
            (pieces::submit(lang::approvals::save_mark(lang)))
        }))
    };
    Ok(layout(&frame, body))
}
