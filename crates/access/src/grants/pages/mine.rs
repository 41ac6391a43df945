//! `GET /account/rights`: what I may do, by which paper, and why I may not do something.

use axum::extract::State;
use axum::http::HeaderMap;
use base::{Error, FieldError};
use maud::html;
use web::pieces::{self, Crumb};
use web::{Asked, Frame, Notice, PageResult, Query, Section, Visitor, layout};

use super::say;
use super::why::{self, Question};
use crate::Access;
use crate::grants::{Given, Standing, given_on};
use crate::guard::{COOKIE, cookie};

pub(super) async fn show(
    State(access): State<Access>,
    visitor: Visitor,
    asked: Asked,
    headers: HeaderMap,
    Query(question): Query<Question>,
) -> PageResult {
    let lang = asked.lang;
    let account = access.account(&visitor.name).await?.id;
    let is_strong = access.is_strong(cookie(&headers, COOKIE).unwrap_or_default()).await?;
    let mut tx = access.database().read().await?;
    let today = access.clock().today();
    let territory = access.atlas().territory(&mut tx).await?;
    let rules = access.book().rules(&mut tx).await?;
    let given = given_on(&mut tx, access.book(), (&account, is_strong), today).await?;
    let mut errors: Vec<FieldError> = Vec::new();
    let answer = match question.answer(&mut tx, &access, (&visitor.name, &account, is_strong)).await
    {
        Err(Error::Invalid(wrong)) => {
            errors = wrong;
            None
        }
        other => other?,
    };
    let of = |standing: Standing| -> Vec<&Given> {
        given.iter().filter(|line| line.standing == standing).collect()
    };
    let (now, waiting) = (of(Standing::InForce), of(Standing::AwaitsFactor));
    let title = lang::rights::mine(lang);
    let with = (&*territory, &*rules, today);
    let mut frame = Frame::new(&asked, Section::Elsewhere, title);
    if !waiting.is_empty() {
        frame = frame.notice(Notice::Warning(lang::rights::factor_wanted(lang).to_owned()));
    }
    let above = [Crumb { label: lang::account::title(lang), href: "/account" }];
    let body = html! {
        (pieces::breadcrumbs(lang, &above))
        (pieces::question_summary(lang, &errors))
        (pieces::heading(title, Some(lang::rights::mine_lead(lang))))
        @if now.is_empty() {
            (pieces::empty(lang::rights::none_yet(lang), Some(("/roles", lang::rights::roles(lang)))))
        } @else {
            (say::table(lang, with, (lang::rights::may_now(lang), &now)))
        }
        @if !waiting.is_empty() {
            h2 { (lang::rights::waiting(lang)) }
            p { a href="/account/second-factor" { (lang::account::set_factor(lang)) } }
            (say::table(lang, with, (lang::rights::waiting(lang), &waiting)))
        }
        h2 { (lang::rights::why(lang)) }
        (pieces::filter("/account/rights", why::fields(lang, &question, &errors)))
        @if let Some(answer) = &answer { (answer.say(lang, with)) }
    };
    Ok(layout(&frame, body))
}
