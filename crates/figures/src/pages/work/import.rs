//! `/tasks/observations/import`: counts from a file, first as a preview, then all at once.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::{Error, FieldError, Result, grouped};
use lang::Lang;
use maud::{Markup, html};
use packs::Nature;
use web::pieces::{self, Column, Field};
use web::{Asked, Frame, Notice, PageError, PageResult, Section, Visitor, layout};

use super::super::view::View;
use super::crumbs;
use super::upload::Sent;
use crate::Desk;
use crate::observations::import::{
    self, LARGEST_IMPORT_BYTES, MOST_ROWS, NAMED_MISTAKES, Row, row_place,
};
use crate::observations::{self, Context, NewObservation};

/// So many rows are shown before they are written.
const SHOWN: usize = 50;

pub(crate) async fn show_import(
    State(desk): State<Desk>,
    _visitor: Visitor,
    asked: Asked,
) -> PageResult {
    let view = View::open(&desk, asked.lang, None, None).await?;
    Ok(form_page(&view, &asked, &[]))
}

pub(crate) async fn import(
    State(desk): State<Desk>,
    visitor: Visitor,
    asked: Asked,
    sent: Sent,
) -> Result<Response, PageError> {
    visitor.check_form(sent.get("csrf"))?;
    // What was previewed comes back in the form, so that nothing is kept on the server between.
    let confirmed = sent.get("rows");
    let done = if confirmed.is_empty() {
        preview(&desk, &visitor, &asked, &sent).await
    } else {
        apply(&desk, &visitor, &asked, confirmed).await
    };
    match done {
        Ok(page) => Ok(page.into_response()),
        Err(Error::Invalid(errors)) => {
            let view = View::open(&desk, asked.lang, None, None).await?;
            let page = form_page(&view, &asked, &errors);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

async fn preview(desk: &Desk, visitor: &Visitor, asked: &Asked, sent: &Sent) -> Result<Markup> {
    let file = sent.file.as_ref();
    let file = file.ok_or_else(|| Error::invalid("file", lang::observations::no_file))?;
    let rows = import::read(&file.content)?;
    let mut view = View::open(desk, asked.lang, None, None).await?;
    let (catalogue, territory) = (view.catalogue.clone(), view.territory.clone());
    let counts = import::resolve(&rows, &territory, &catalogue)?;
    let cx = Context {
        clock: desk.clock(),
        actor: &visitor.name,
        catalogue: &catalogue,
        territory: &territory,
    };
    check(&mut view, cx, &rows, &counts).await?;
    let csv = import::write(&rows)?;
    Ok(preview_page(&view, asked, &rows, &counts, &csv))
}

/// Errors: `Invalid` at `row N field` for what a report would refuse.
async fn check(
    view: &mut View,
    cx: Context<'_>,
    rows: &[Row],
    counts: &[NewObservation],
) -> Result<()> {
    let place = |at: usize, field: &str| row_place(rows[at].number, field);
    let mut errors = observations::find_mistakes(&mut view.tx, cx, counts, place).await?;
    errors.truncate(NAMED_MISTAKES);
    if errors.is_empty() { Ok(()) } else { Err(Error::Invalid(errors)) }
}

async fn apply(desk: &Desk, visitor: &Visitor, asked: &Asked, csv: &str) -> Result<Markup> {
    let rows = import::read(csv.as_bytes())?;
    let mut tx = desk.database().write().await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let territory = desk.atlas.territory(&mut tx).await?;
    let counts = import::resolve(&rows, &territory, &catalogue)?;
    let cx = Context {
        clock: desk.clock(),
        actor: &visitor.name,
        catalogue: &catalogue,
        territory: &territory,
    };
    let ids =
        observations::report(&mut tx, cx, counts).await.map_err(|error| at_rows(error, &rows))?;
    tx.commit().await?;
    let view = View::open(desk, asked.lang, None, None).await?;
    let lang = view.lang;
    let title = lang::observations::import(lang);
    let count = grouped(lang, i64::try_from(ids.len()).unwrap_or_default());
    let frame = Frame::new(asked, Section::Work, title)
        .standing(view.standing(None))
        .notice(Notice::Done(lang::observations::imported(lang, count)));
    Ok(layout(
        &frame,
        html! {
            (crumbs(lang))
            (pieces::heading(title, None))
            ul {
                li { a href="/tasks/observations" { (lang::observations::latest(lang)) } }
                li { a href="/tasks/observations/import" { (lang::observations::import_more(lang)) } }
            }
        },
    ))
}

/// A report names the N-th count; here it is the row of the file.
fn at_rows(error: Error, rows: &[Row]) -> Error {
    match error {
        Error::Invalid(mut errors) => {
            for error in &mut errors {
                let (number, field) = error.place.split_once(' ').unwrap_or(("1", &error.place));
                let row = number.parse::<usize>().ok().and_then(|at| rows.get(at.checked_sub(1)?));
                if let Some(row) = row {
                    error.place = row_place(row.number, field);
                }
            }
            errors.truncate(NAMED_MISTAKES);
            Error::Invalid(errors)
        }
        Error::Refused { text, .. } => {
            Error::Invalid(vec![FieldError { place: "file".to_owned(), text }])
        }
        other => other,
    }
}

/// "Dòng 5, cột value" of `row 5 value`; the name of a field as it is.
fn place_words(lang: Lang, place: &str) -> String {
    let words: Vec<&str> = place.splitn(3, ' ').collect();
    match words[..] {
        ["row", number, column] => lang::observations::at_cell(lang, column, number),
        ["row", number] => lang::observations::at_row(lang, number),
        _ => lang::observations::the_file(lang).to_owned(),
    }
}

fn form_page(view: &View, asked: &Asked, errors: &[FieldError]) -> Markup {
    let lang = view.lang;
    let title = lang::observations::import(lang);
    let frame = Frame::new(asked, Section::Work, title).standing(view.standing(None));
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
        LARGEST_IMPORT_BYTES >> 20,
        grouped(lang, i64::try_from(MOST_ROWS).unwrap_or_default()),
    );
    let body = html! {
        (crumbs(lang))
        @if !rows.is_empty() {
            (pieces::notice(lang, &Notice::Warning(lang::observations::nothing_imported(lang).to_owned())))
        }
        (pieces::heading(title, Some(lang::observations::import_lead(lang))))
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

fn preview_page(
    view: &View,
    asked: &Asked,
    rows: &[Row],
    counts: &[NewObservation],
    csv: &str,
) -> Markup {
    let lang = view.lang;
    let title = lang::observations::preview_title(lang);
    let frame = Frame::new(asked, Section::Work, title).standing(view.standing(None));
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
        (pieces::upload("/tasks/observations/import", frame.csrf.as_deref(), html! {
            input type="hidden" name="rows" value=(csv);
            (pieces::submit(&lang::observations::confirm(lang, count(rows.len()))))
        }))
        p { a href="/tasks/observations/import" { (lang::observations::other_file(lang)) } }
        (pieces::table(lang::observations::preview_title(lang), &columns, &shown))
        @if rows.len() > SHOWN { p { (lang::observations::more_rows(lang, count(rows.len() - SHOWN))) } }
    };
    layout(&frame, body)
}
