//! `GET /publications/{reference}`: a publication as it was frozen, what has changed since, and its
//! files.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base::{Error, Result, grouped, short_day};
use journal::seals;
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use web::ask::encoded;
use web::export::tagged;
use web::pieces::{self, Column, Crumb};
use web::{Asked, Frame, Ground, Notice, PageResult, Path, Query, Section, layout};

use super::paper::{lang_of, paper};
use super::publications::{href, state};
use super::records;
use super::view::View;
use super::watches;
use crate::Desk;
use crate::protection::shows_few_people;
use crate::publications::{
    self, Asked as Answered, Change, Ended, FileKind, Publication, changed_since,
};
use crate::watches::{Topic, unit_of};

/// So many entries of a change are named beside it.
const MOST_ENTRIES: usize = 6;

#[derive(Deserialize)]
pub(crate) struct Wish {
    done: Option<String>,
}

pub(crate) async fn show(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
    Path(reference): Path<String>,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    if let Some((reference, ending)) = reference.split_once('.') {
        return Ok(download(&desk, &headers, reference, ending).await?);
    }
    let mut view = View::open(&desk, &asked, None, None).await?;
    let lang = view.lang;
    let it = publications::find(&mut view.tx, &reference).await?;
    let (catalogue, atlas) = (view.catalogue.clone(), desk.atlas.clone());
    let changes =
        changed_since(&mut view.tx, &atlas, &catalogue, &it, &mut Answered::new()).await?;
    let ended = match &it.ended {
        Some(ended) => Some(end_notice(&mut view, ended).await?),
        None => None,
    };
    let facts = facts(&mut view, &it).await?;
    let (issue, sheet) = (&it.body.issue, &it.body.sheet);
    let title = format!("{}: {}", issue.number, sheet.title);
    let mut frame = Frame::new(&asked, Section::Reports, &*title).ground(Ground {
        lines: vec![
            lang::web::standing_map(lang, short_day(sheet.map)),
            lang::web::standing_day(lang, short_day(sheet.period.to)),
            lang::explain::known_at(lang, sheet.cut_off.local()),
        ],
        made_up: sheet.made_up.is_some(),
    });
    frame.notice = match wish.done.as_deref() {
        Some("published") => Some(lang::publications::done_published(lang)),
        Some("withdrawn") => Some(lang::publications::done_withdrawn(lang)),
        _ => None,
    }
    .map(|text| Notice::Done(text.to_owned()));
    let body = html! {
        (pieces::breadcrumbs(lang, &[
            Crumb { label: lang::reports::title(lang), href: "/reports" },
            Crumb { label: lang::publications::title(lang), href: "/publications" },
        ]))
        (pieces::heading(&title, Some(&sheet.period_line)))
        @if let Some(ended) = ended { (ended) }
        @if let Some(replaced) = &it.body.replaces {
            p { a href={ "/publications/" (replaced.id) } { (replaced.line) } }
        }
        @if !changes.is_empty() {
            (pieces::notice(lang, &Notice::Warning(
                lang::publications::says_corrected(lang, changes.len()))))
        }
        p {
            @for (at, kind) in FileKind::ALL.into_iter().enumerate() {
                @if at > 0 { " · " }
                a href={ (href(&it)) "." (kind.ending()) } { (kind.ending().to_uppercase()) }
            }
        }
        (paper(sheet, Some(&it.body), &changes))
        h2 id="changes" { (lang::publications::since(lang)) }
        (since(&view, &it, &changes))
        @if shows_few(&view, &it) { p.quiet { (lang::publications::not_compared(lang)) } }
        h2 { (lang::publications::about(lang)) }
        (facts)
        @if it.ended.is_none() {
            (watch(&view, &it))
            @if asked.visitor.is_some() { (ways_to_end(lang, &it)) }
        }
    };
    Ok(layout(&frame, body).into_response())
}

/// Whether numbers of few people stand in it.
fn shows_few(view: &View, it: &Publication) -> bool {
    let sheet = &it.body.sheet;
    let mut codes = sheet
        .rows
        .iter()
        .flat_map(|row| sheet.columns.iter().filter_map(|column| sheet.indicator(row, column)));
    codes.any(|code| shows_few_people(&view.catalogue, &code))
}

/// To withdraw it, or to publish another in its place.
fn ways_to_end(lang: Lang, it: &Publication) -> Markup {
    let sheet = &it.body.sheet;
    html! {
        ul {
            li { a href={ (href(it)) "/withdraw" } { (lang::publications::withdraw(lang)) } }
            li {
                a href={ "/reports/" (sheet.report) "/publish?replaces=" (it.slug)
                    "&period=" (encoded(&sheet.period.code)) "&map=" (sheet.map) } {
                    (lang::publications::replace(lang))
                }
            }
        }
    }
}

/// Offers to be told when it is corrected, withdrawn or replaced.
fn watch(view: &View, it: &Publication) -> Markup {
    let topic = Topic::Publication(it.slug.clone());
    let unit = unit_of(it).and_then(|unit| view.territory.unit(unit)?.last());
    watches::offer(view, &topic, &unit.into_iter().collect::<Vec<_>>())
}

/// A file in the bytes that it had when it was published.
async fn download(
    desk: &Desk,
    headers: &HeaderMap,
    reference: &str,
    ending: &str,
) -> Result<Response> {
    let unknown = || Error::not_found(lang::publications::unknown);
    let kind = FileKind::find(ending).ok_or_else(unknown)?;
    let mut tx = desk.database().read().await?;
    let it = publications::find(&mut tx, reference).await?;
    let bytes = publications::file(&mut tx, &it.id, kind).await?;
    let mut response = tagged(headers, kind.media_type(), bytes);
    let name = format!("attachment; filename=\"{}.{}\"", it.slug, kind.ending());
    let name = HeaderValue::from_str(&name).map_err(Error::internal)?;
    response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

/// That it no longer stands, why, and what took its place.
async fn end_notice(view: &mut View, ended: &Ended) -> Result<Markup> {
    let lang = view.lang;
    let successor = match &ended.replaced_by {
        Some(id) => Some(publications::find(&mut view.tx, id).await?),
        None => None,
    };
    let made = journal::recordings(&mut view.tx, &[ended.entry]).await?;
    let at = made.get(&ended.entry).map(|(at, _)| at.local()).unwrap_or_default();
    let reason = &ended.reason;
    Ok(html! {
        div.notice.warning role="status" {
            p {
                @match &successor {
                    Some(successor) => {
                        (lang::publications::says_replaced(lang, lang::publications::SaysReplaced {
                            at, reason: reason.clone(),
                        })) " "
                        a href=(href(successor)) { (successor.body.issue.number) }
                    }
                    None => (lang::publications::says_withdrawn(lang, lang::publications::SaysWithdrawn {
                        at, reason: reason.clone(),
                    })),
                }
            }
        }
    })
}

/// Each number that is another today beside the one that was published, and what changed it.
fn since(view: &View, it: &Publication, changes: &[Change]) -> Markup {
    let lang = view.lang;
    let sheet = &it.body.sheet;
    if changes.is_empty() {
        return html! { p { (lang::publications::nothing_changed(lang)) } };
    }
    let columns = [
        Column::head(lang::reports::row(lang)),
        Column::text(lang::reports::column(lang)),
        Column::number(lang::publications::was(lang)),
        Column::number(lang::publications::is_now(lang)),
        Column::text(lang::publications::by_entries(lang)),
    ];
    let row = |(place, change): (usize, &Change)| {
        let (row, column) = (sheet.rows.get(change.row)?, sheet.columns.get(change.column)?);
        let name = row.stub.get(1).map_or("", String::as_str);
        let unit = row.unit.code.clone().unwrap_or_else(|| format!("~{}", row.unit.id));
        let figure = format!(
            "/figures/{}/{}/{}?map={}",
            encoded(&change.indicator),
            encoded(&unit),
            encoded(&column.period.code),
            sheet.map
        );
        let now = change.now.as_ref().map(|now| now.said_with_parts(lang, column.part));
        Some(vec![
            html! { span id={ "change-" (place) } { (name) } },
            html! { (change.column + 1) ". " span lang=(lang_of(sheet).tag()) { (column.header) } },
            html! { (change.frozen.said_with_parts(lang, column.part)) },
            html! {
                @match now {
                    Some(now) => a href=(figure) { (now) },
                    None => (lang::publications::no_longer(lang)),
                }
            },
            entries(lang, change),
        ])
    };
    let rows: Vec<Vec<Markup>> = changes.iter().enumerate().filter_map(row).collect();
    pieces::table(lang::publications::since_list(lang), &columns, &rows)
}

fn entries(lang: Lang, change: &Change) -> Markup {
    if change.entries.is_empty() {
        return html! { (lang::publications::by_no_entry(lang)) };
    }
    html! {
        @for (at, row) in change.entries.iter().take(MOST_ENTRIES).enumerate() {
            @if at > 0 { br; }
            @if row.record_kind == "observation" {
                a href={ "/observations/" (row.record_id) } { (records::cause(lang, &row.cause)) }
            } @else {
                (records::cause(lang, &row.cause))
            }
            " (" a href={ "/entries/" (row.entry) } {
                (lang::overview::entry(lang, grouped(lang, row.entry)))
            } ", " (row.recorded_at.local()) ")"
        }
        @if change.entries.len() > MOST_ENTRIES { br; "…" }
    }
}

/// When and by whom it was frozen, its files with their sums, and the seal over it.
async fn facts(view: &mut View, it: &Publication) -> Result<Markup> {
    let lang = view.lang;
    let made = journal::recordings(&mut view.tx, &[it.entry]).await?;
    let by = made.get(&it.entry).map(|(_, by)| by.clone()).unwrap_or_default();
    let last = it.files.iter().map(|file| file.entry).max().unwrap_or(it.entry);
    let seal = seals::find_covering(&mut view.tx, last).await?;
    let (issue, sheet) = (&it.body.issue, &it.body.sheet);
    let terms = [
        (lang::publications::state(lang), state(lang, it)),
        (lang::publications::published(lang), html! { (issue.published_at.local()) ", " (by) }),
        (lang::publications::signer(lang), html! { (issue.signer.name) ", " (issue.signer.post) }),
        (lang::figures::map(lang), html! { (short_day(sheet.map)) }),
        (
            lang::publications::cut_off(lang),
            html! {
                (sheet.cut_off.local()) ". " (lang::publications::counted(lang, grouped(lang, sheet.entries)))
            },
        ),
        (
            lang::publications::seal(lang),
            html! {
                @match &seal {
                    Some(seal) => {
                        a href={ "/seals/" (seal.checkpoint.size) } { code { (seal.checkpoint.root_text()) } }
                    }
                    None => (lang::explain::no_seal(lang)),
                }
            },
        ),
    ];
    let columns = [
        Column::head(lang::publications::file(lang)),
        Column::text("SHA-256"),
        Column::number(lang::drill::entry_number(lang)),
        Column::text(lang::drill::proof(lang)),
    ];
    let row = |file: &publications::Rendering| {
        let hash: String = file.hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let kind = file.kind.ending();
        vec![
            html! { a href={ (href(it)) "." (kind) } { (kind.to_uppercase()) } },
            html! { code { (hash) } },
            html! { a href={ "/entries/" (file.entry) } { (grouped(lang, file.entry)) } },
            html! { a href={ "/entries/" (file.entry) "/proof" } { (lang::seals::get_note(lang)) } },
        ]
    };
    let rows: Vec<Vec<Markup>> = it.files.iter().map(row).collect();
    let definitions = html! {
        @for it in &sheet.definitions {
            p lang=(sheet.language) { strong { (it.name) } ". " (it.definition) " " em { (it.document) } "." }
        }
    };
    Ok(html! {
        (pieces::definition_list(&terms))
        (pieces::table(lang::publications::files(lang), &columns, &rows))
        p { (lang::publications::how_to_check(lang)) br; code { "sha256sum " (it.slug) ".xlsx" } br;
            code { "sogoc verify --proof FILE --key KEY" } }
        (pieces::details(lang::publications::definitions(lang), definitions))
    })
}
