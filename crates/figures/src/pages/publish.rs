//! `/reports/{code}/publish` and `/publications/{reference}/withdraw`: freezing a form, and taking a
//! publication back.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::{Day, Error, FieldError, Result, short_day};
use lang::Text;
use maud::{Markup, html};
use packs::Report;
use serde::Deserialize;
use web::pieces::{self, Choice, Crumb, Field};
use web::{Asked, Form, Frame, PageError, PageResult, Path, Query, Section, Visitor, layout};

use super::publications::href;
use super::report::{Wish, offered};
use super::view::{Known, View, read_day, taken};
use crate::publications::{self, NewPublication, Publication, Replacing, Signer, Withdrawal};
use crate::reports::find_report;
use crate::{Desk, Period};

/// So many publications are looked through for one that could be replaced.
const REPLACEABLE: usize = 50;

/// What stands in the fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    csrf: String,
    period: String,
    map: String,
    known: String,
    number: String,
    place: String,
    on: String,
    signer: String,
    post: String,
    replaces: String,
    reason: String,
}

#[derive(Deserialize)]
pub(crate) struct Replaces {
    replaces: Option<String>,
}

pub(crate) async fn form(
    State(desk): State<Desk>,
    _visitor: Visitor,
    asked: Asked,
    Path(code): Path<String>,
    Query(wish): Query<Wish>,
    Query(Replaces { replaces }): Query<Replaces>,
) -> PageResult {
    let mut view = View::open(&desk, &asked, None, None).await?;
    let catalogue = view.catalogue.clone();
    let report = find_report(&catalogue, &code)?;
    let newest = offered(&view, report).first().map(|period| period.code.clone());
    let typed = Typed {
        period: wish.period.or(newest).unwrap_or_default(),
        map: wish.map.unwrap_or_else(|| short_day(view.today)),
        known: wish.known.unwrap_or_default(),
        on: short_day(view.today),
        replaces: replaces.unwrap_or_default(),
        ..Typed::default()
    };
    page(&mut view, &asked, report, &typed, &[]).await
}

pub(crate) async fn publish(
    State(desk): State<Desk>,
    visitor: Visitor,
    asked: Asked,
    Path(code): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    visitor.check_form(&typed.csrf)?;
    let (status, errors) = match write(&desk, &visitor, &code, &typed).await {
        Ok(it) => {
            let location = format!("{}?done=published", href(&it));
            return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response());
        }
        Err(Error::Invalid(errors)) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Err(other) => return Err(other.into()),
    };
    let mut view = View::open(&desk, &asked, None, None).await?;
    let catalogue = view.catalogue.clone();
    let report = find_report(&catalogue, &code)?;
    let page = page(&mut view, &asked, report, &typed, &errors).await?;
    Ok((status, page).into_response())
}

async fn write(desk: &Desk, visitor: &Visitor, code: &str, typed: &Typed) -> Result<Publication> {
    let mut work = desk.begin().await?;
    let today = desk.clock().today();
    let mut wrong = Vec::new();
    let read = Period::parse(typed.period.trim(), &work.catalogue.calendars());
    let period = taken(read, &mut wrong)?;
    let map = taken(read_day("map", Some(&typed.map)), &mut wrong)?.flatten().unwrap_or(today);
    let known = taken(Known::read(Some(&typed.known), desk.clock()), &mut wrong)?.flatten();
    // What is known today is what is known so far.
    let known = known.filter(|known| *known != Known::Day(today));
    let on = taken(read_day("on", Some(&typed.on)), &mut wrong)?.flatten();
    let day = |name: &str, on: Option<Day>, wrong: &mut Vec<FieldError>| {
        if on.is_none() && !wrong.iter().any(|error| error.place == name) {
            let text = Text::new(lang::error::bad_day);
            wrong.push(FieldError { place: name.to_owned(), text });
        }
    };
    day("on", on, &mut wrong);
    let (Some(period), Some(on)) = (period, on) else { return Err(Error::Invalid(wrong)) };
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let reference = Some(typed.replaces.trim()).filter(|reference| !reference.is_empty());
    let new = NewPublication {
        report: code.to_owned(),
        period,
        map,
        cut_off: known.map(Known::moment),
        number: typed.number.clone(),
        place: typed.place.clone(),
        on,
        signer: Signer { name: typed.signer.clone(), post: typed.post.clone() },
        replaces: reference.map(|reference| Replacing {
            reference: reference.to_owned(),
            reason: typed.reason.clone(),
        }),
    };
    let (tx, cx) = work.by(desk, visitor.actor());
    let publication = publications::publish(tx, cx, &desk.atlas, new).await?;
    work.tx.commit().await?;
    Ok(publication)
}

async fn page(
    view: &mut View,
    asked: &Asked,
    report: &Report,
    typed: &Typed,
    errors: &[FieldError],
) -> PageResult {
    let lang = view.lang;
    let title = lang::publications::publish_title(lang);
    let name = report.title.say(lang);
    let here = format!("/reports/{}", report.code);
    let all = publications::list(&mut view.tx, None, REPLACEABLE).await?.items;
    let old = all.iter().filter(|it| it.body.sheet.report == report.code && it.ended.is_none());
    let old: Vec<(String, String)> = old
        .map(|it| {
            let (issue, period) = (&it.body.issue, &it.body.sheet.period.name);
            (it.slug.clone(), format!("{} ({period})", issue.number))
        })
        .collect();
    let choices: Vec<Choice<'_>> =
        old.iter().map(|(value, label)| Choice { value, label }).collect();
    let frame = Frame::new(asked, Section::Reports, title).ground(view.standing(None));
    let field =
        |name: &'static str, label: &'static str| Field::new(lang, name, label).errors(errors);
    let body = html! {
        (pieces::breadcrumbs(lang, &[
            Crumb { label: lang::reports::title(lang), href: "/reports" },
            Crumb { label: name, href: &here },
        ]))
        (pieces::error_summary(lang, errors))
        (pieces::heading(title, Some(lang::publications::publish_lead(lang))))
        (pieces::form(&format!("{here}/publish"), frame.csrf.as_deref(), html! {
            (field("number", lang::publications::number(lang))
                .hint(lang::publications::number_hint(lang)).text(&typed.number))
            (field("period", lang::chart::period(lang))
                .hint(lang::publications::period_hint(lang)).text(&typed.period))
            (field("map", lang::figures::map(lang)).day(&typed.map))
            (field("known", lang::publications::cut_off(lang)).optional()
                .hint(lang::publications::cut_off_hint(lang)).text(&typed.known))
            (field("place", lang::publications::place(lang)).text(&typed.place))
            (field("on", lang::publications::on(lang)).day(&typed.on))
            (field("post", lang::publications::post(lang))
                .hint(lang::publications::post_hint(lang)).text(&typed.post))
            (field("signer", lang::publications::signer(lang)).text(&typed.signer))
            @if !choices.is_empty() {
                (field("replaces", lang::publications::replaces_which(lang)).optional()
                    .select(&choices, &typed.replaces))
                (field("reason", lang::publications::replaces_why(lang)).optional()
                    .textarea(&typed.reason, 3))
            }
            (pieces::submit(lang::publications::publish(lang)))
        }))
    };
    Ok(layout(&frame, body))
}

/// What stands in the field of a withdrawal.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Reason {
    csrf: String,
    reason: String,
}

pub(crate) async fn withdrawal(
    State(desk): State<Desk>,
    _visitor: Visitor,
    asked: Asked,
    Path(reference): Path<String>,
) -> PageResult {
    let mut view = View::open(&desk, &asked, None, None).await?;
    let it = publications::find(&mut view.tx, &reference).await?;
    Ok(withdrawal_page(&view, &asked, &it, &Reason::default(), &[]))
}

pub(crate) async fn withdraw(
    State(desk): State<Desk>,
    visitor: Visitor,
    asked: Asked,
    Path(reference): Path<String>,
    Form(typed): Form<Reason>,
) -> Result<Response, PageError> {
    visitor.check_form(&typed.csrf)?;
    let wish = Withdrawal { reference: reference.clone(), reason: typed.reason.clone() };
    let errors = match take_back(&desk, &visitor, wish).await {
        Ok(it) => {
            let location = format!("{}?done=withdrawn", href(&it));
            return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response());
        }
        Err(Error::Invalid(errors)) => errors,
        Err(other) => return Err(other.into()),
    };
    let mut view = View::open(&desk, &asked, None, None).await?;
    let it = publications::find(&mut view.tx, &reference).await?;
    let page = withdrawal_page(&view, &asked, &it, &typed, &errors);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn take_back(desk: &Desk, visitor: &Visitor, wish: Withdrawal) -> Result<Publication> {
    let mut work = desk.begin().await?;
    let (tx, cx) = work.by(desk, visitor.actor());
    let it = publications::withdraw(tx, cx, wish).await?;
    work.tx.commit().await?;
    Ok(it)
}

fn withdrawal_page(
    view: &View,
    asked: &Asked,
    it: &Publication,
    typed: &Reason,
    errors: &[FieldError],
) -> Markup {
    let lang = view.lang;
    let title = lang::publications::withdraw_title(lang);
    let frame = Frame::new(asked, Section::Reports, title).ground(view.standing(None));
    let here = href(it);
    let name = &it.body.issue.number;
    let body = html! {
        (pieces::breadcrumbs(lang, &[
            Crumb { label: lang::publications::title(lang), href: "/publications" },
            Crumb { label: name, href: &here },
        ]))
        (pieces::error_summary(lang, errors))
        (pieces::heading(title, Some(lang::publications::withdraw_lead(lang))))
        (pieces::form(&format!("{here}/withdraw"), frame.csrf.as_deref(), html! {
            (Field::new(lang, "reason", lang::observations::reason(lang)).errors(errors)
                .textarea(&typed.reason, 3))
            (pieces::submit_danger(lang::publications::withdraw(lang)))
        }))
    };
    layout(&frame, body)
}
