//! `/tasks/observations/import`: counts from a file, first as a preview, then all at once.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::{Error, FieldError, Id, Result, grouped};
use lang::{Lang, Text};
use maud::{Markup, html};
use packs::Nature;
use serde::Deserialize;
use store::{Tx, uploads};
use web::export::digest;
use web::pieces::{self, Column, Field};
use web::spreadsheet::{LARGEST_FILE_BYTES, MOST_ROWS, in_turn};
use web::{
    Asked, Form, Frame, Notice, PageError, PageResult, Query, Section, Upload, Visitor, layout,
};

use super::super::view::View;
use super::crumbs;
use crate::Desk;
use crate::observations::import::{self, NAMED_MISTAKES, Row, row_place};
use crate::observations::{self, Context, NewObservation};

/// So many rows are shown before they are written.
const SHOWN: usize = 50;
/// What the files of this page are kept for.
const PURPOSE: &str = "observations";

#[derive(Deserialize)]
pub(crate) struct Done {
    /// How many counts were written just now.
    done: Option<u32>,
}

pub(crate) async fn show_import(
    State(desk): State<Desk>,
    _visitor: Visitor,
    asked: Asked,
    Query(Done { done }): Query<Done>,
) -> PageResult {
    let view = View::open(&desk, &asked, None, None).await?;
    Ok(form_page(&view, &asked, &[], done))
}

pub(crate) async fn preview(
    State(desk): State<Desk>,
    visitor: Visitor,
    asked: Asked,
    upload: Upload,
) -> Result<Response, PageError> {
    visitor.check_form(upload.get("csrf"))?;
    let file = upload.into_files().into_iter().find(|file| file.field == "file");
    let previewed = match file {
        Some(file) => read_and_keep(&desk, &visitor, &asked, file.name, file.bytes).await,
        None => Err(Error::invalid("file", lang::file::missing)),
    };
    match previewed {
        Ok(page) => Ok(page.into_response()),
        Err(error) => refused(&desk, &asked, error).await,
    }
}

/// The form again with the mistakes; other errors pass.
async fn refused(desk: &Desk, asked: &Asked, error: Error) -> Result<Response, PageError> {
    let Error::Invalid(errors) = error else { return Err(error.into()) };
    let view = View::open(desk, asked, None, None).await?;
    let page = form_page(&view, asked, &errors, None);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn read_and_keep(
    desk: &Desk,
    visitor: &Visitor,
    asked: &Asked,
    name: String,
    bytes: Vec<u8>,
) -> Result<Markup> {
    let bytes = Arc::new(bytes);
    let content = bytes.clone();
    let rows = in_turn(move || import::read(&content)).await?;
    let mut view = View::open(desk, asked, None, None).await?;
    let (catalogue, territory) = (view.catalogue.clone(), view.territory.clone());
    let counts = import::resolve(&rows, &territory, &catalogue)?;
    let cx = Context {
        clock: desk.clock(),
        actor: visitor.actor(),
        catalogue: &catalogue,
        territory: &territory,
    };
    check(&mut view.tx, cx, &rows, &counts).await?;
    let doubts = observations::find_doubts(&mut view.tx, cx, view.sight, &counts).await?;
    let id = Id::new(desk.clock());
    let page = preview_page(&view, asked, (&rows, &counts), &doubts, id);
    // Reading ends before writing begins.
    drop(view);
    let kept = uploads::Upload {
        owner: visitor.name.clone(),
        purpose: PURPOSE.to_owned(),
        seal: digest(&import::content(&counts)),
        files: [(name, Arc::unwrap_or_clone(bytes))].into(),
    };
    let mut tx = desk.database().write().await?;
    uploads::keep(&mut tx, desk.clock(), id, &kept).await?;
    tx.commit().await?;
    Ok(page)
}

/// Errors: `Invalid` at `row N field` for what a report would refuse.
async fn check(
    tx: &mut Tx,
    cx: Context<'_>,
    rows: &[Row],
    counts: &[NewObservation],
) -> Result<()> {
    let place = |at: usize, field: &str| row_place(rows[at].number, field);
    let mut errors = observations::find_mistakes(tx, cx, counts, place).await?;
    errors.truncate(NAMED_MISTAKES);
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

#[derive(Deserialize)]
pub(crate) struct Confirmed {
    #[serde(default)]
    csrf: String,
    file: String,
}

pub(crate) async fn apply(
    State(desk): State<Desk>,
    visitor: Visitor,
    asked: Asked,
    Form(confirmed): Form<Confirmed>,
) -> Result<Response, PageError> {
    visitor.check_form(&confirmed.csrf)?;
    match write(&desk, &visitor, &confirmed.file).await {
        Ok(count) => {
            let location = format!("/tasks/observations/import?done={count}");
            Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
        }
        Err(error) => refused(&desk, &asked, error).await,
    }
}

/// Writes what was previewed. Gives the number of counts.
///
/// Errors: `Refused` `observations.preview_over` when it is kept no more; `Conflict` when its rows
/// mean something else by now; `Invalid` at `row N field` for what a report refuses.
async fn write(desk: &Desk, visitor: &Visitor, id: &str) -> Result<usize> {
    let over = || Error::refused("observations.preview_over", lang::upload::forgotten);
    let mut tx = desk.database().read().await?;
    let kept = uploads::find(&mut tx, desk.clock(), (&visitor.name, PURPOSE), id).await?;
    drop(tx);
    let kept = kept.ok_or_else(over)?;
    let bytes = kept.files.into_values().next().unwrap_or_default();
    let rows = in_turn(move || import::read(&bytes)).await?;
    let mut work = desk.begin().await?;
    if !uploads::remove(&mut work.tx, id).await? {
        return Err(over());
    }
    let counts = import::resolve(&rows, &work.territory, &work.catalogue)?;
    if digest(&import::content(&counts)) != kept.seal {
        return Err(Error::Conflict(Text::new(lang::observations::preview_overtaken)));
    }
    let (tx, cx) = work.by(desk, visitor.actor());
    match observations::report(tx, cx, counts.clone()).await {
        Ok(ids) => {
            work.tx.commit().await?;
            Ok(ids.len())
        }
        // Somebody else reported meanwhile, or a day came: told with the rows, as in the preview.
        Err(error @ (Error::Invalid(_) | Error::Refused { .. })) => {
            check(tx, cx, &rows, &counts).await?;
            Err(error)
        }
        Err(other) => Err(other),
    }
}

/// "Dòng 5, cột value" of `row 5 value`; the name of a field as it is.
fn place_words(lang: Lang, place: &str) -> String {
    let words: Vec<&str> = place.splitn(3, ' ').collect();
    match words[..] {
        ["row", number, column] => {
            lang::observations::at_cell(lang, lang::observations::AtCell { column, row: number })
        }
        ["row", number] => lang::observations::at_row(lang, number),
        _ => lang::observations::the_file(lang).to_owned(),
    }
}

fn form_page(view: &View, asked: &Asked, errors: &[FieldError], done: Option<u32>) -> Markup {
    let lang = view.lang;
    let title = lang::observations::import(lang);
    let mut frame = Frame::new(asked, Section::Work, title).ground(super::ground(view));
    let written = done.map(|count| lang::observations::imported(lang, grouped(lang, count.into())));
    frame.notice = written.map(Notice::Done);
    let columns = [
        Column::head(lang::observations::place(lang)),
        Column::text(lang::observations::mistake(lang)),
    ];
    let rows: Vec<Vec<Markup>> = errors
        .iter()
        .map(|error| {
            vec![html! { (place_words(lang, &error.place)) }, html! { (error.text.say(lang)) }]
        })
        .collect();
    let limits = lang::observations::import_limits(
        lang,
        lang::observations::ImportLimits {
            megabytes: LARGEST_FILE_BYTES >> 20,
            rows: grouped(lang, i64::try_from(MOST_ROWS).unwrap_or_default()),
        },
    );
    let body = html! {
        (crumbs(lang))
        @if !rows.is_empty() {
            (pieces::notice(lang, &Notice::Warning(lang::observations::nothing_imported(lang).to_owned())))
        }
        (pieces::heading(title, Some(lang::observations::import_lead(lang))))
        @if done.is_some() {
            p { a href="/tasks/observations" { (lang::observations::latest(lang)) } }
        }
        @if !rows.is_empty() {
            h2 { (lang::observations::mistakes(lang)) }
            (pieces::table(lang::observations::mistakes_caption(lang), &columns, &rows))
            @if rows.len() == NAMED_MISTAKES { p { (lang::observations::more_mistakes(lang, NAMED_MISTAKES)) } }
        }
        (pieces::upload("/tasks/observations/import", frame.csrf.as_deref(), html! {
            (Field::new(lang, "file", lang::observations::file(lang)).hint(&limits).file(".csv,.xlsx"))
            (pieces::submit(lang::observations::preview(lang)))
        }))
        h2 { (lang::observations::columns(lang)) }
        p {
            (lang::observations::template(lang)) " "
            a href="/tasks/observations/import/template.xlsx" { "Excel (XLSX)" } " · "
            a href="/tasks/observations/import/template.csv" { "CSV" }
        }
        (columns_table(view))
    };
    layout(&frame, body)
}

/// What a file must hold, with the codes of the measures.
fn columns_table(view: &View) -> Markup {
    let lang = view.lang;
    let code = |text: &str| html! { code { (text) } };
    let measures = html! {
        @for it in view.catalogue.measures() {
            span {
                (code(&it.definition.code)) ": " (it.definition.name.say(lang)) " ("
                @match it.definition.nature {
                    Nature::Stock => (lang::indicator::stock(lang)),
                    Nature::Flow => (lang::indicator::flow(lang)),
                }
                ")"
            }
            br;
        }
    };
    pieces::definition_list(&[
        ("unit_code", html! { (lang::observations::column_unit(lang)) }),
        ("measure", measures),
        ("day, period", html! { (lang::observations::when_hint(lang)) }),
        ("value", html! { (lang::observations::column_value(lang)) }),
        ("source", html! { (lang::observations::source_hint(lang)) }),
    ])
}

/// What looks wrong though it can be written: a part above its whole.
fn doubted(lang: Lang, rows: &[Row], doubts: &[(usize, Text)]) -> Markup {
    if doubts.is_empty() {
        return html! {};
    }
    let columns = [
        Column::head(lang::observations::place(lang)),
        Column::text(lang::observations::doubt(lang)),
    ];
    let shown: Vec<Vec<Markup>> = doubts
        .iter()
        .take(NAMED_MISTAKES)
        .map(|(at, text)| {
            let number = rows.get(*at).map_or(0, |row| row.number);
            vec![html! { (lang::observations::at_row(lang, number)) }, html! { (text.say(lang)) }]
        })
        .collect();
    let count = grouped(lang, i64::try_from(doubts.len()).unwrap_or_default());
    html! {
        (pieces::notice(lang, &Notice::Warning(lang::observations::doubts(lang, count))))
        (pieces::table(lang::observations::doubts_caption(lang), &columns, &shown))
    }
}

fn preview_page(
    view: &View,
    asked: &Asked,
    (rows, counts): (&[Row], &[NewObservation]),
    doubts: &[(usize, Text)],
    id: Id,
) -> Markup {
    let lang = view.lang;
    let title = lang::observations::preview_title(lang);
    let frame = Frame::new(asked, Section::Work, title).ground(super::ground(view));
    let count = |count: usize| grouped(lang, i64::try_from(count).unwrap_or_default());
    let columns = [
        Column::number(lang::observations::row(lang)),
        Column::head(lang::drill::unit(lang)),
        Column::text(lang::drill::measure(lang)),
        Column::text(lang::observations::when(lang)),
        Column::number(lang::observations::value(lang)),
        Column::text(lang::drill::source(lang)),
    ];
    let shown: Vec<Vec<Markup>> = rows
        .iter()
        .zip(counts)
        .take(SHOWN)
        .map(|(row, it)| {
            let measure = view.catalogue.measure(&it.measure);
            vec![
                html! { (row.number) },
                html! { (view.territory.path(it.unit, it.reported.day()).unwrap_or_default()) },
                html! { @if let Some(measure) = measure { (measure.definition.name.say(lang)) } },
                html! { (row.when) },
                html! { (grouped(lang, it.value)) },
                html! { (it.source) },
            ]
        })
        .collect();
    let body = html! {
        (crumbs(lang))
        (pieces::heading(title, Some(&lang::observations::preview_lead(lang, count(rows.len())))))
        (doubted(lang, rows, doubts))
        (pieces::form("/tasks/observations/import/apply", frame.csrf.as_deref(), html! {
            input type="hidden" name="file" value=(id);
            p { (lang::upload::confirm(lang, uploads::KEPT_HOURS)) }
            (pieces::submit(&lang::observations::confirm(lang, count(rows.len()))))
        }))
        p { a href="/tasks/observations/import" { (lang::observations::other_file(lang)) } }
        (pieces::table(lang::observations::preview_title(lang), &columns, &shown))
        @if rows.len() > SHOWN { p { (lang::observations::more_rows(lang, count(rows.len() - SHOWN))) } }
    };
    layout(&frame, body)
}
