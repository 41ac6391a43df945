//! The pages behind the links of letters: confirming a watch, seeing and ending one's own.
//!
//! A link that is opened changes nothing by itself: programs that look for harmful mail open each.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::{Error, Result};
use maud::{Markup, html};
use serde::Deserialize;
use web::ask::encoded;
use web::pieces;
use web::{Asked, Form, Frame, Notice, PageResult, Path, Query, Section, layout};

use super::super::view::View;
use super::secret;
use super::words_of;
use crate::Desk;
use crate::watches::{self, Subject, end_path};

/// `GET /watch/confirm/{token}`: what would be watched, and the button.
pub(crate) async fn show_confirm(
    State(desk): State<Desk>,
    asked: Asked,
    Path(token): Path<String>,
) -> PageResult<Response> {
    let mut view = View::open(&desk, &asked, None, None).await?;
    let subject = watches::find_pending(&mut view.tx, desk.clock(), &token).await?;
    let subject = subject.ok_or_else(|| Error::not_found(lang::watch::link_over))?;
    let named = named(&mut view, &subject).await?;
    let lang = asked.lang;
    let title = lang::watch::confirm_title(lang);
    let action = format!("/watch/confirm/{}?lang={}", encoded(&token), lang.tag());
    let body = html! {
        (pieces::heading(title, None))
        p { (lang::watch::confirm_lead(lang)) }
        (named)
        (pieces::form(&action, None, pieces::submit(lang::watch::confirm(lang))))
        p.quiet { (lang::watch::confirm_not(lang)) }
        p.quiet { (lang::watch::privacy(lang)) }
    };
    Ok(secret(layout(&Frame::new(&asked, Section::Elsewhere, title), body)))
}

/// `POST /watch/confirm/{token}`.
pub(crate) async fn confirm(
    State(desk): State<Desk>,
    asked: Asked,
    Path(token): Path<String>,
) -> PageResult<Response> {
    let mut tx = desk.database().write().await?;
    let own = watches::confirm(&mut tx, desk.clock(), &token, asked.lang).await?;
    tx.commit().await?;
    Ok(to(&format!("/watch/{own}?done=confirmed")))
}

#[derive(Deserialize)]
pub(crate) struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /watch/{token}`: what its owner watches.
pub(crate) async fn show(
    State(desk): State<Desk>,
    asked: Asked,
    Path(token): Path<String>,
    Query(Done { done }): Query<Done>,
) -> PageResult<Response> {
    let mut view = View::open(&desk, &asked, None, None).await?;
    let mine = watches::find_mine(&mut view.tx, &token).await?;
    let lang = asked.lang;
    let title = lang::watch::mine_title(lang);
    let frame = Frame::new(&asked, Section::Elsewhere, title);
    let frame = match &*done {
        "confirmed" => frame.notice(Notice::Done(lang::watch::mine_confirmed(lang).to_owned())),
        "ended" => frame.notice(Notice::Done(lang::watch::ended(lang).to_owned())),
        _ => frame,
    };
    let watches = mine.map(|mine| mine.watches).unwrap_or_default();
    if watches.is_empty() {
        let body = html! {
            (pieces::heading(title, None))
            (pieces::empty(lang::watch::mine_none(lang), Some(("/targets", lang::targets::title(lang)))))
        };
        return Ok(secret(layout(&frame, body)));
    }
    let mut list = Vec::with_capacity(watches.len());
    for (id, subject) in &watches {
        list.push((id, named(&mut view, subject).await?));
    }
    let action = format!("/watch/{}", encoded(&token));
    let body = html! {
        (pieces::heading(title, Some(lang::watch::mine_lead(lang))))
        // Not a table: on a narrow screen its buttons would lie beyond the edge.
        ul {
            @for (id, named) in &list {
                li {
                    (named)
                    (pieces::form(&action, None, html! {
                        input type="hidden" name="watch" value=(id);
                        (pieces::submit_quiet(lang::watch::end(lang)))
                    }))
                }
            }
        }
        (pieces::form(&action, None, html! {
            input type="hidden" name="watch" value="all";
            (pieces::submit_danger(lang::watch::end_all(lang)))
        }))
    };
    Ok(secret(layout(&frame, body)))
}

#[derive(Deserialize)]
pub(crate) struct Ending {
    /// The id of a watch, or `all`.
    watch: String,
}

/// `POST /watch/{token}`: ends one of them or all.
pub(crate) async fn end_some(
    State(desk): State<Desk>,
    Path(token): Path<String>,
    Form(Ending { watch }): Form<Ending>,
) -> PageResult<Response> {
    let one = (watch != "all").then_some(&*watch);
    end(&desk, &token, one).await?;
    Ok(to(&format!("/watch/{}?done=ended", encoded(&token))))
}

/// `GET /watch/{token}/end/{watch}`: the button that ends one.
pub(crate) async fn show_end(
    asked: Asked,
    Path((token, watch)): Path<(String, String)>,
) -> Response {
    let lang = asked.lang;
    let title = lang::watch::end_title(lang);
    let action = end_path(&encoded(&token), &encoded(&watch));
    let body = html! {
        (pieces::heading(title, Some(lang::watch::end_lead(lang))))
        (pieces::form(&action, None, pieces::submit_danger(lang::watch::end(lang))))
        p { a href={ "/watch/" (encoded(&token)) } { (lang::watch::mine_title(lang)) } }
    };
    secret(layout(&Frame::new(&asked, Section::Elsewhere, title), body))
}

/// `POST /watch/{token}/end/{watch}`: ends it at once, as mail programs ask for it with one click
/// (RFC 8058). What is sent along says nothing more.
pub(crate) async fn end_one(
    State(desk): State<Desk>,
    asked: Asked,
    Path((token, watch)): Path<(String, String)>,
) -> PageResult<Response> {
    end(&desk, &token, Some(&watch)).await?;
    let lang = asked.lang;
    let title = lang::watch::end_title(lang);
    let body = html! {
        (pieces::heading(title, None))
        p { (lang::watch::ended(lang)) }
        p { a href={ "/watch/" (encoded(&token)) } { (lang::watch::mine_title(lang)) } }
    };
    Ok(secret(layout(&Frame::new(&asked, Section::Elsewhere, title), body)))
}

async fn end(desk: &Desk, token: &str, watch: Option<&str>) -> Result<()> {
    let mut tx = desk.database().write().await?;
    watches::end(&mut tx, token, watch).await?;
    tx.commit().await
}

fn to(path: &str) -> Response {
    let headers = [(header::LOCATION, path), (header::REFERRER_POLICY, "no-referrer")];
    (StatusCode::SEE_OTHER, headers).into_response()
}

async fn named(view: &mut View, subject: &Subject) -> Result<Markup> {
    let words = words_of(view, subject).await?;
    Ok(html! { p { strong { a href=(words.path()) { (words.title) } } br; (words.unit) } })
}
