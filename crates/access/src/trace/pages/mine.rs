//! `GET /account/reads`: who looked at the data of whoever is signed in.

use axum::extract::State;
use maud::html;
use serde::Deserialize;
use web::pieces::{self, Crumb};
use web::{Asked, Frame, PageResult, Query, Section, Visitor, layout};

use super::table;
use crate::Access;
use crate::organisation::store as organisation;
use crate::trace::{Filter, list};

/// So many looks stand on a page.
const A_PAGE: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    cursor: String,
}

pub(super) async fn show(
    State(access): State<Access>,
    visitor: Visitor,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> PageResult {
    let lang = asked.lang;
    let title = lang::trace::mine(lang);
    let account = access.account(&visitor.name).await?.id;
    let mut tx = access.database().read().await?;
    let people = organisation::people_of(&mut tx, &account).await?;
    let subjects: Vec<String> = people.iter().map(|person| person.id.to_string()).collect();
    let has_person = !subjects.is_empty();
    let filter = Filter { subjects: Some(subjects), ..Filter::default() };
    let cursor = Some(wish.cursor.as_str()).filter(|cursor| !cursor.is_empty());
    let page = list(&mut tx, &filter, cursor, A_PAGE).await?;
    let rules = access.book().rules(&mut tx).await?;
    let above = [Crumb { label: lang::account::title(lang), href: "/account" }];
    let body = html! {
        (pieces::breadcrumbs(lang, &above))
        (pieces::heading(title, Some(lang::trace::mine_lead(lang))))
        @if has_person {
            (table(lang, &rules, &page.items, None))
            (pieces::pager(lang, &asked.path_and_query, page.next.as_deref()))
        } @else {
            (pieces::empty(lang::trace::no_person(lang), None))
        }
    };
    Ok(layout(&Frame::new(&asked, Section::Elsewhere, title), body))
}
