//! `GET /publications`: what was published, and which of it has been corrected since.

use axum::extract::State;
use base::{Result, short_day};
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use web::pieces::{self, Badge, Column, Crumb};
use web::{Asked, Frame, PageResult, Query, Section, layout};

use super::view::View;
use crate::Desk;
use crate::publications::{self, Asked as Answered, Publication, changed_since};

/// Each is compared with today, so that a page has only so many.
const A_PAGE: usize = 15;

#[derive(Deserialize)]
pub(crate) struct Wish {
    cursor: Option<String>,
}

pub(crate) async fn show(
    State(desk): State<Desk>,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> PageResult {
    let mut view = View::open(&desk, &asked, None, None).await?;
    let lang = view.lang;
    let title = lang::publications::title(lang);
    let cursor = wish.cursor.as_deref().filter(|cursor| !cursor.is_empty());
    let page = publications::list(&mut view.tx, cursor, A_PAGE).await?;
    let list = table(&mut view, &page.items, &mut Answered::new()).await?;
    let body = html! {
        (pieces::breadcrumbs(lang, &[
            Crumb { label: lang::reports::title(lang), href: "/reports" },
        ]))
        (pieces::heading(title, Some(lang::publications::lead(lang))))
        (list)
        (pieces::pager(lang, &asked.path_and_query, page.next.as_deref()))
    };
    let frame = Frame::new(&asked, Section::Reports, title).ground(view.standing(None));
    Ok(layout(&frame, body))
}

/// Publications with what became of them.
pub(crate) async fn table(
    view: &mut View,
    list: &[Publication],
    answered: &mut Answered,
) -> Result<Markup> {
    let lang = view.lang;
    let (catalogue, atlas) = (view.catalogue.clone(), view.desk.atlas.clone());
    let mut rows: Vec<Vec<Markup>> = Vec::new();
    for it in list {
        let changes = changed_since(&mut view.tx, &atlas, &catalogue, it, answered).await?;
        let (issue, sheet) = (&it.body.issue, &it.body.sheet);
        rows.push(vec![
            html! {
                a href=(href(it)) { (issue.number) ": " (sheet.title) }
                p.hint { (sheet.period_line) }
            },
            html! { (short_day(issue.on)) },
            html! { (issue.signer.name) br; span.quiet { (issue.signer.post) } },
            html! { (state(lang, it)) " " (corrected(lang, changes.len())) },
        ]);
    }
    if rows.is_empty() {
        return Ok(pieces::empty(lang::publications::nothing(lang), None));
    }
    let columns = [
        Column::head(lang::publications::one(lang)),
        Column::number(lang::publications::on(lang)),
        Column::text(lang::publications::signer(lang)),
        Column::text(lang::publications::state(lang)),
    ];
    Ok(pieces::table(lang::publications::title(lang), &columns, &rows))
}

/// The page of a publication.
pub(crate) fn href(it: &Publication) -> String {
    format!("/publications/{}", it.slug)
}

/// Whether it stands, was withdrawn, or another took its place.
pub(crate) fn state(lang: Lang, it: &Publication) -> Markup {
    let words = it.ended.as_ref().map(|ended| match ended.replaced_by {
        Some(_) => lang::publications::replaced(lang),
        None => lang::publications::withdrawn(lang),
    });
    match words {
        Some(words) => pieces::badge(lang, Badge::Warning(words)),
        None => pieces::badge(lang, Badge::Neutral(lang::publications::stands(lang))),
    }
}

/// How many of its numbers are others today.
pub(crate) fn corrected(lang: Lang, count: usize) -> Markup {
    html! {
        @if count > 0 {
            (pieces::badge(lang, Badge::Warning(&lang::publications::corrected(lang, count))))
        }
    }
}
