//! `GET /seals`: the seals of the journal, and how anybody checks them; proofs as files.

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base::{Error, FieldError, Result, grouped};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use web::pieces::{self, Column, Field};
use web::{Asked, Frame, Notice, PageResult, Path, Query, Section, layout};

use super::api::{self, GrowthQuery, ProofQuery, TEXT};
use super::{Checkpoint, Seal, Sealer, check, find_last, list, prove_growth};
use crate::last_seq;

const SEALS_A_PAGE: usize = 30;

/// The routes of the pages.
pub fn page_routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Sealer: FromRef<S>,
{
    Router::new()
        .route("/seals", get(show))
        .route("/seals/{size}", get(note))
        .route("/seals/{size}/growth", get(growth))
        .route("/entries/{seq}/proof", get(proof))
}

#[derive(Deserialize)]
struct Wish {
    cursor: Option<String>,
    /// A checkpoint that somebody kept.
    held: Option<String>,
}

async fn show(State(sealer): State<Sealer>, asked: Asked, Query(wish): Query<Wish>) -> PageResult {
    let lang = asked.lang;
    let title = lang::seals::title(lang);
    let mut tx = sealer.database().read().await?;
    let entries = last_seq(&mut tx).await?;
    let newest = find_last(&mut tx).await?;
    let held = wish.held.as_deref().map(str::trim).filter(|held| !held.is_empty());
    let verdict = match (held, &newest) {
        (Some(held), Some(newest)) => match compare(&sealer, &mut tx, held, newest).await {
            Err(error) if !matches!(error, Error::Invalid(_)) => return Err(error.into()),
            verdict => Some(verdict),
        },
        _ => None,
    };
    let cursor = wish.cursor.as_deref().filter(|cursor| !cursor.is_empty());
    let page = list(&mut tx, cursor, SEALS_A_PAGE).await?;
    let body = html! {
        (pieces::heading(title, Some(lang::seals::lead(lang))))
        @match &newest {
            Some(newest) => (headline(lang, newest, entries)),
            None => (pieces::empty(lang::seals::nothing_sealed(lang), None)),
        }
        @if sealer.public().is_none() {
            (pieces::notice(lang, &Notice::Warning(lang::seals::no_key(lang).to_owned())))
        }
        h2 { (lang::seals::how_to_check(lang)) }
        (how_to_check(lang, &sealer))
        h2 id="held" { (lang::seals::compare(lang)) }
        p { (lang::seals::compare_lead(lang)) }
        @if let Some(Ok(earlier)) = &verdict {
            (pieces::notice(lang, &Notice::Done(
                lang::seals::goes_on(lang, grouped(lang, count(earlier.size))))))
        }
        (pieces::filter("/seals#held", html! {
            (Field::new(lang, "held", lang::seals::held(lang))
                .errors(&mistakes(verdict.as_ref()))
                .textarea(wish.held.as_deref().unwrap_or_default(), 6))
            (pieces::submit_quiet(lang::seals::do_compare(lang)))
        }))
        @if !page.items.is_empty() {
            h2 { (lang::seals::all(lang)) }
            p { (lang::seals::which_stay(lang)) }
            (table(lang, &page.items))
            (pieces::pager(lang, &asked.path_and_query, page.next.as_deref()))
        }
    };
    Ok(layout(&Frame::new(&asked, Section::Elsewhere, title), body))
}

fn headline(lang: Lang, newest: &Seal, entries: i64) -> Markup {
    let size = count(newest.checkpoint.size);
    html! {
        (pieces::definition_list(&[
            (lang::seals::sealed_entries(lang), html! {
                (lang::seals::of_entries(lang, lang::seals::OfEntries {
                    all: grouped(lang, entries),
                    sealed: grouped(lang, size),
                }))
            }),
            (lang::seals::sealed_at(lang), html! { (newest.sealed_at.local()) }),
            (lang::seals::root(lang), html! {
                code { (BASE64_STANDARD.encode(newest.checkpoint.root)) }
            }),
            (lang::seals::journal(lang), html! { code { (newest.checkpoint.origin) } }),
            (lang::seals::note(lang), html! {
                a href={ "/seals/" (newest.checkpoint.size) } { (lang::seals::get_note(lang)) }
            }),
        ]))
    }
}

fn how_to_check(lang: Lang, sealer: &Sealer) -> Markup {
    html! {
        ol {
            li { (lang::seals::step_keep(lang)) }
            li {
                (lang::seals::step_key(lang))
                @if let Some(key) = sealer.public() { br; code { (key.to_text()) } }
            }
            li {
                (lang::seals::step_verify(lang)) br;
                code { "sogoc verify --backup FILE --checkpoint FILE --key KEY" }
            }
            li {
                (lang::seals::step_entry(lang)) br;
                code { "sogoc verify --proof FILE --key KEY" }
            }
        }
        p.quiet {
            (lang::seals::standard(lang)) " "
            a href="/tlog/checkpoint" { "/tlog/checkpoint" }
        }
    }
}

/// Whether the journal still holds all that a checkpoint had which somebody kept.
async fn compare(
    sealer: &Sealer,
    tx: &mut store::Tx,
    held: &str,
    newest: &Seal,
) -> Result<Checkpoint> {
    let held = format!("{}\n", held.replace('\r', ""));
    let earlier = match sealer.public() {
        Some(key) => check(&held, &key, sealer.witnesses())?.0,
        None => Checkpoint::parse(&held)?,
    };
    let size = count(newest.checkpoint.size);
    let inconsistent = || Error::invalid("held", lang::seals::inconsistent);
    let proof = prove_growth(tx, earlier.size, size).await?.ok_or_else(inconsistent)?;
    proof.check(&earlier)?;
    Ok(earlier)
}

/// Why the journal and what was kept do not agree, at the field.
fn mistakes(verdict: Option<&Result<Checkpoint>>) -> Vec<FieldError> {
    match verdict {
        Some(Err(Error::Invalid(errors))) => errors
            .iter()
            .map(|error| FieldError { place: "held".to_owned(), text: error.text.clone() })
            .collect(),
        _ => Vec::new(),
    }
}

fn table(lang: Lang, seals: &[Seal]) -> Markup {
    let columns = [
        Column::head(lang::seals::sealed_at(lang)),
        Column::number(lang::seals::entries(lang)),
        Column::text(lang::seals::root(lang)),
        Column::number(lang::seals::witnesses(lang)),
        Column::text(lang::seals::note(lang)),
    ];
    let rows: Vec<Vec<Markup>> = seals
        .iter()
        .map(|seal| {
            vec![
                html! { (seal.sealed_at.local()) },
                html! { (grouped(lang, count(seal.checkpoint.size))) },
                html! { code { (BASE64_STANDARD.encode(seal.checkpoint.root)) } },
                html! { (grouped(lang, seal.witnesses)) },
                html! {
                    a href={ "/seals/" (seal.checkpoint.size) } { (lang::seals::get_note(lang)) }
                },
            ]
        })
        .collect();
    pieces::table(lang::seals::all(lang), &columns, &rows)
}

fn count(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// The signed note.
async fn note(State(sealer): State<Sealer>, Path(size): Path<i64>) -> PageResult<Response> {
    let mut tx = sealer.database().read().await?;
    let seal = api::get_by_size(&mut tx, size).await?;
    Ok(file(&format!("sogoc-{}.checkpoint", seal.checkpoint.size), seal.note))
}

/// The proof that a checkpoint goes on from an earlier one.
async fn growth(
    State(sealer): State<Sealer>,
    Path(size): Path<i64>,
    Query(query): Query<GrowthQuery>,
) -> PageResult<Response> {
    let proof = api::growth(&sealer, query.from, size).await?;
    Ok(file(&format!("sogoc-{}-{size}.growth", query.from), proof))
}

/// The proof that an entry is in a checkpoint.
async fn proof(
    State(sealer): State<Sealer>,
    Path(seq): Path<i64>,
    Query(query): Query<ProofQuery>,
) -> PageResult<Response> {
    let (_, proof) = api::proof(&sealer, seq, query.size).await?;
    Ok(file(&format!("sogoc-{seq}.tlog-proof"), proof))
}

fn file(name: &str, text: String) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, TEXT.to_owned()), (header::CONTENT_DISPOSITION, disposition)], text)
        .into_response()
}
