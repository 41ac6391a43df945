//! `/tasks/accounts`: adding accounts, closing them, and resetting what their owners have lost.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use base::{Error, FieldError, Result};
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use web::pieces::{self, Badge, Column, Crumb, Field};
use web::{
    Asked, Form, Frame, Notice, PageError, PageResult, Path, Query, Section, Visitor, layout,
};

use super::see_other;
use crate::Access;
use crate::accounts::Account;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Done {
    done: String,
}

pub(super) async fn show(
    State(access): State<Access>,
    asked: Asked,
    Query(done): Query<Done>,
) -> PageResult {
    let lang = asked.lang;
    let notice = match done.done.as_str() {
        "closed" => Some(lang::rights::was_closed(lang)),
        "opened" => Some(lang::rights::was_opened(lang)),
        "factor" => Some(lang::rights::factor_was_reset(lang)),
        _ => None,
    };
    let notice = notice.map(|text| Notice::Done(text.to_owned()));
    Ok(page(&access, &asked, (("", &[]), notice)).await?)
}

#[derive(Debug, Deserialize)]
pub(super) struct New {
    csrf: String,
    name: String,
}

pub(super) async fn add(
    State(access): State<Access>,
    visitor: Visitor,
    asked: Asked,
    Form(sent): Form<New>,
) -> Result<Response, PageError> {
    visitor.check_form(&sent.csrf)?;
    let name = base::text::clean(&sent.name);
    let added = access.add_account(visitor.actor(), &name).await;
    let (status, shown) = match added {
        Ok(password) => {
            let words = lang::cli::AccountAdded { name: &name, password };
            let notice = Notice::Done(lang::cli::account_added(asked.lang, words));
            let page = page(&access, &asked, (("", &[]), Some(notice))).await?;
            (StatusCode::OK, page)
        }
        Err(Error::Invalid(errors)) => {
            let page = page(&access, &asked, ((&name, &errors), None)).await?;
            (StatusCode::UNPROCESSABLE_ENTITY, page)
        }
        Err(Error::Refused { code: "access.account_exists", text }) => {
            let errors = [FieldError { place: "name".to_owned(), text }];
            let page = page(&access, &asked, ((&name, &errors), None)).await?;
            (StatusCode::CONFLICT, page)
        }
        Err(other) => return Err(other.into()),
    };
    Ok((status, shown).into_response())
}

#[derive(Debug, Deserialize)]
pub(super) struct Bare {
    csrf: String,
}

pub(super) async fn change(
    State(access): State<Access>,
    visitor: Visitor,
    asked: Asked,
    Path((name, act)): Path<(String, String)>,
    Form(sent): Form<Bare>,
) -> Result<Response, PageError> {
    visitor.check_form(&sent.csrf)?;
    let actor = visitor.actor();
    match act.as_str() {
        "close" => {
            access.close_account(actor, &name, true).await?;
            Ok(see_other("/tasks/accounts?done=closed"))
        }
        "open" => {
            access.close_account(actor, &name, false).await?;
            Ok(see_other("/tasks/accounts?done=opened"))
        }
        "reset-factor" => {
            access.reset_factor(actor, &name).await?;
            Ok(see_other("/tasks/accounts?done=factor"))
        }
        "enrol" => {
            let code = access.draw_enrolment(actor, &name).await?;
            let words = lang::proof::EnrolmentDrawn { name: &name, code };
            let notice = Notice::Done(lang::proof::enrolment_drawn(asked.lang, words));
            Ok(page(&access, &asked, (("", &[]), Some(notice))).await?.into_response())
        }
        "reset-password" => {
            let password = access.reset_password(actor, &name).await?;
            let words = lang::cli::PasswordReset { name: &name, password };
            let notice = Notice::Done(lang::cli::password_reset(asked.lang, words));
            Ok(page(&access, &asked, (("", &[]), Some(notice))).await?.into_response())
        }
        _ => Err(Error::not_found(lang::web::no_such_page).into()),
    }
}

async fn page(
    access: &Access,
    asked: &Asked,
    ((name, errors), notice): ((&str, &[FieldError]), Option<Notice>),
) -> Result<Markup> {
    let lang = asked.lang;
    let title = lang::rights::accounts(lang);
    let accounts = access.accounts().await?;
    let mut tx = access.database().read().await?;
    let rules = access.book().rules(&mut tx).await?;
    drop(tx);
    let mut frame = Frame::new(asked, Section::Work, title);
    frame.notice = notice;
    let columns = [
        Column::head(lang::access::name(lang)),
        Column::text(lang::rights::own_roles(lang)),
        Column::text(lang::organisation::to_do(lang)),
    ];
    let csrf = frame.csrf.clone();
    let today = access.clock().today();
    let row = |account: &Account| {
        let counts = account.assignments.iter().filter(|it| it.valid.contains(today));
        let roles: Vec<&String> = counts.map(|it| &it.role).collect();
        vec![
            html! {
                (account.name)
                @if account.is_closed {
                    " " (pieces::badge(lang, Badge::Warning(lang::rights::closed(lang))))
                }
            },
            html! { (rules.say(lang, roles)) },
            buttons(lang, csrf.as_deref(), account),
        ]
    };
    let rows: Vec<Vec<Markup>> = accounts.iter().map(row).collect();
    let above = [Crumb { label: lang::nav::work(lang), href: "/tasks" }];
    let body = html! {
        (pieces::breadcrumbs(lang, &above))
        (pieces::error_summary(lang, errors))
        (pieces::heading(title, Some(lang::rights::accounts_lead(lang))))
        (pieces::form("/tasks/accounts", csrf.as_deref(), html! {
            (Field::new(lang, "name", lang::rights::new_account(lang)).errors(errors)
                .hint(lang::access::bad_name(lang)).text(name))
            (pieces::submit(lang::rights::add_account(lang)))
        }))
        (pieces::table(title, &columns, &rows))
    };
    Ok(layout(&frame, body))
}

fn buttons(lang: Lang, csrf: Option<&str>, account: &Account) -> Markup {
    let action = |act: &str| format!("/tasks/accounts/{}/{act}", account.name);
    let change = |act: &str, label: &str| {
        pieces::form(&action(act), csrf, html! { button.link type="submit" { (label) } })
    };
    // What takes something from its owner is not done by one slip of the hand.
    let ask = |act: &str, label: &str, before: Markup| {
        let form = html! { (before) (pieces::submit_quiet(label)) };
        pieces::details(label, pieces::form(&action(act), csrf, form))
    };
    let take = |act: &str, label: &str| {
        ask(act, label, html! { p { (lang::rights::at_once(lang, &account.name)) } })
    };
    html! {
        @if account.is_closed {
            (change("open", lang::rights::open(lang)))
        } @else {
            (ask("enrol", lang::proof::draw_enrolment(lang), html! {}))
            (take("reset-password", lang::rights::reset_password(lang)))
            (take("reset-factor", lang::rights::reset_factor(lang)))
            (take("close", lang::rights::close(lang)))
        }
    }
}
