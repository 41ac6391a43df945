//! `/tasks/organisation/import`: people and posts from a file, first as a preview, then all at once.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use base::{Error, FieldError, Id, Result, grouped, short_day};
use lang::{Lang, Text};
use maud::{Markup, html};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};
use serde::Deserialize;
use store::uploads;
use territory::Atlas;
use web::export::{digest, tagged};
use web::pieces::{self, Badge, Column, Field};
use web::spreadsheet::{LARGEST_FILE_BYTES, MOST_ROWS, in_turn};
use web::{
    Asked, Form, Frame, Notice, PageError, PageResult, Query, Section, Upload, Visitor, layout,
};

use super::{View, crumbs, number, say_period, see_other, unprocessable};
use crate::organisation::actions::Context;
use crate::organisation::import::{self, NAMED_MISTAKES, Plan, Row};
use crate::organisation::store as sql;

/// So many rows are shown before they are written.
const SHOWN: usize = 50;
/// What the files of this page are kept for.
const PURPOSE: &str = "organisation";
const NAME: &str = "mau-to-chuc-bo-may";

#[derive(Deserialize)]
pub(super) struct Done {
    /// How many appointments were written just now.
    done: Option<u32>,
}

pub(super) async fn show(
    State(atlas): State<Atlas>,
    _visitor: Visitor,
    asked: Asked,
    Query(Done { done }): Query<Done>,
) -> PageResult {
    let view = View::open(&atlas, asked.lang, "").await?;
    Ok(form_page(&view, &asked, &[], done))
}

pub(super) async fn preview(
    State(atlas): State<Atlas>,
    visitor: Visitor,
    asked: Asked,
    upload: Upload,
) -> Result<Response, PageError> {
    visitor.check_form(upload.get("csrf"))?;
    let file = upload.into_files().into_iter().find(|file| file.field == "file");
    let previewed = match file {
        Some(file) => read_and_keep(&atlas, (&visitor, &asked), (file.name, file.bytes)).await,
        None => Err(Error::invalid("file", lang::file::missing)),
    };
    match previewed {
        Ok(page) => Ok(page.into_response()),
        Err(error) => refused(&atlas, &asked, error).await,
    }
}

/// The form again with the mistakes; other errors pass.
async fn refused(atlas: &Atlas, asked: &Asked, error: Error) -> Result<Response, PageError> {
    let Error::Invalid(errors) = error else { return Err(error.into()) };
    let view = View::open(atlas, asked.lang, "").await?;
    Ok(unprocessable(form_page(&view, asked, &errors, None)))
}

async fn read_and_keep(
    atlas: &Atlas,
    (visitor, asked): (&Visitor, &Asked),
    (name, bytes): (String, Vec<u8>),
) -> Result<Markup> {
    let bytes = Arc::new(bytes);
    let content = bytes.clone();
    let rows = in_turn(move || import::read(&content)).await?;
    let mut view = View::open(atlas, asked.lang, "").await?;
    let territory = view.territory.clone();
    let cx = Context { clock: atlas.clock(), actor: visitor.actor(), territory: &territory };
    let plan = import::plan(&mut view.tx, cx, &rows).await?;
    let id = Id::new(atlas.clock());
    let page = preview_page(&view, asked, (&rows, &plan), id);
    // Reading ends before writing begins.
    drop(view);
    let kept = uploads::Upload {
        owner: visitor.name.clone(),
        purpose: PURPOSE.to_owned(),
        seal: seal(&plan),
        files: [(name, Arc::unwrap_or_clone(bytes))].into(),
    };
    let mut tx = atlas.database().write().await?;
    uploads::keep(&mut tx, atlas.clock(), id, &kept).await?;
    tx.commit().await?;
    Ok(page)
}

/// What was shown of each row, so that nothing else is written.
fn seal(plan: &Plan) -> String {
    digest(format!("{:?}", plan.rows).as_bytes())
}

#[derive(Deserialize)]
pub(super) struct Confirmed {
    #[serde(default)]
    csrf: String,
    file: String,
}

pub(super) async fn apply(
    State(atlas): State<Atlas>,
    visitor: Visitor,
    asked: Asked,
    Form(confirmed): Form<Confirmed>,
) -> Result<Response, PageError> {
    visitor.check_form(&confirmed.csrf)?;
    match write(&atlas, &visitor, &confirmed.file).await {
        Ok(count) => Ok(see_other(&format!("/tasks/organisation/import?done={count}"))),
        Err(error) => refused(&atlas, &asked, error).await,
    }
}

/// Writes what was previewed. Gives the number of appointments.
///
/// Errors: `Refused` `organisation.preview_over` when it is kept no more; `Conflict` when its rows
/// mean something else by now; `Invalid` at `row N column`.
async fn write(atlas: &Atlas, visitor: &Visitor, id: &str) -> Result<usize> {
    let over = || Error::refused("organisation.preview_over", lang::upload::forgotten);
    let mut tx = atlas.database().read().await?;
    let kept = uploads::find(&mut tx, atlas.clock(), (&visitor.name, PURPOSE), id).await?;
    drop(tx);
    let kept = kept.ok_or_else(over)?;
    let bytes = kept.files.into_values().next().unwrap_or_default();
    let rows = in_turn(move || import::read(&bytes)).await?;
    let mut tx = atlas.database().write().await?;
    journal::lock(&mut tx).await?;
    let territory = atlas.territory(&mut tx).await?;
    if !uploads::remove(&mut tx, id).await? {
        return Err(over());
    }
    let cx = Context { clock: atlas.clock(), actor: visitor.actor(), territory: &territory };
    let plan = import::plan(&mut tx, cx, &rows).await?;
    if seal(&plan) != kept.seal {
        return Err(Error::Conflict(Text::new(lang::observations::preview_overtaken)));
    }
    let count = import::write(&mut tx, cx, plan).await?;
    tx.commit().await?;
    Ok(count)
}

/// "Dòng 5, cột name" of `row 5 name`; the file for anything else.
fn place_words(lang: Lang, place: &str) -> String {
    let words: Vec<&str> = place.splitn(3, ' ').collect();
    match words[..] {
        ["row", row, column] => {
            let column = match column {
                "agency" => lang::organisation::column_agency(lang),
                "post" => lang::organisation::post(lang),
                "name" => lang::organisation::person_name(lang),
                "email" => lang::organisation::email(lang),
                "phone" => lang::organisation::phone(lang),
                "from" => lang::organisation::from_day(lang),
                "decision" => lang::organisation::decision(lang),
                "manner" => lang::organisation::manner(lang),
                other => other,
            };
            lang::observations::at_cell(lang, lang::observations::AtCell { column, row })
        }
        ["row", number] => lang::observations::at_row(lang, number),
        _ => lang::observations::the_file(lang).to_owned(),
    }
}

fn form_page(view: &View, asked: &Asked, errors: &[FieldError], done: Option<u32>) -> Markup {
    let lang = view.lang;
    let title = lang::organisation::import_title(lang);
    let mut frame = Frame::new(asked, Section::Work, title).ground(view.ground(false));
    frame.notice = done
        .map(|count| Notice::Done(lang::organisation::imported(lang, grouped(lang, count.into()))));
    let columns = [
        Column::head(lang::observations::place(lang)),
        Column::text(lang::observations::mistake(lang)),
    ];
    let rows: Vec<Vec<Markup>> = errors
        .iter()
        .map(|it| vec![html! { (place_words(lang, &it.place)) }, html! { (it.text.say(lang)) }])
        .collect();
    let limits = lang::observations::import_limits(
        lang,
        lang::observations::ImportLimits {
            megabytes: LARGEST_FILE_BYTES >> 20,
            rows: number(lang, MOST_ROWS),
        },
    );
    let template = "/tasks/organisation/import/template";
    let body = html! {
        (crumbs(lang))
        @if !rows.is_empty() {
            (pieces::notice(lang, &Notice::Warning(lang::observations::nothing_imported(lang).to_owned())))
        }
        (pieces::heading(title, Some(lang::organisation::import_lead(lang))))
        @if !rows.is_empty() {
            h2 { (lang::observations::mistakes(lang)) }
            (pieces::table(lang::observations::mistakes_caption(lang), &columns, &rows))
            @if rows.len() == NAMED_MISTAKES { p { (lang::observations::more_mistakes(lang, NAMED_MISTAKES)) } }
        }
        (pieces::upload("/tasks/organisation/import", frame.csrf.as_deref(), html! {
            (Field::new(lang, "file", lang::observations::file(lang)).hint(&limits).file(".csv,.xlsx"))
            (pieces::submit(lang::observations::preview(lang)))
        }))
        h2 { (lang::observations::columns(lang)) }
        p {
            (lang::observations::template(lang)) " "
            a href={ (template) ".xlsx" } { "Excel (XLSX)" } " · "
            a href={ (template) ".csv" } { "CSV" }
        }
        p { (lang::organisation::import_columns(lang)) }
        p { (lang::organisation::import_people(lang)) }
    };
    layout(&frame, body)
}

fn preview_page(view: &View, asked: &Asked, (rows, plan): (&[Row], &Plan), id: Id) -> Markup {
    let lang = view.lang;
    let title = lang::organisation::preview_title(lang);
    let frame = Frame::new(asked, Section::Work, title).ground(view.ground(false));
    let columns = [
        Column::number(lang::observations::row(lang)),
        Column::head(lang::organisation::person_name(lang)),
        Column::text(lang::organisation::post(lang)),
        Column::text(lang::organisation::column_agency(lang)),
        Column::text(lang::unit::valid(lang)),
        Column::text(lang::organisation::decision(lang)),
    ];
    let shown: Vec<Vec<Markup>> = rows
        .iter()
        .zip(&plan.rows)
        .take(SHOWN)
        .map(|(row, planned)| {
            let new = |is: bool, text: &'static str| {
                html! { @if is { " " (pieces::badge(lang, Badge::Neutral(text))) } }
            };
            vec![
                html! { (row.number) },
                html! { (row.name) (new(planned.new_person, lang::organisation::is_new_person(lang))) },
                html! {
                    (row.post)
                    " (" (planned.manner.say(lang)) ")"
                    (new(planned.leads, lang::organisation::is_leading(lang)))
                    (new(planned.new_post, lang::organisation::is_new_post(lang)))
                },
                html! { (planned.agency) },
                html! { (say_period(lang, planned.valid)) },
                html! { (row.decision) },
            ]
        })
        .collect();
    let count = number(lang, rows.len());
    let body = html! {
        (crumbs(lang))
        (pieces::heading(title, Some(&lang::organisation::preview_lead(lang, &count))))
        (pieces::form("/tasks/organisation/import/apply", frame.csrf.as_deref(), html! {
            input type="hidden" name="file" value=(id);
            p { (lang::upload::confirm(lang, uploads::KEPT_HOURS)) }
            (pieces::submit(&lang::organisation::confirm_import(lang, &count)))
        }))
        p { a href="/tasks/organisation/import" { (lang::observations::other_file(lang)) } }
        (pieces::table(title, &columns, &shown))
        @if rows.len() > SHOWN { p { (lang::observations::more_rows(lang, number(lang, rows.len() - SHOWN))) } }
    };
    layout(&frame, body)
}

pub(super) async fn csv(
    State(atlas): State<Atlas>,
    _visitor: Visitor,
    asked: Asked,
    headers: HeaderMap,
) -> PageResult<Response> {
    let mut writer = csv::Writer::from_writer(Vec::from("\u{feff}"));
    for row in &table(&atlas, &asked).await? {
        let row = row.iter().map(|cell| web::export::csv_safe(cell).into_owned());
        writer.write_record(row.collect::<Vec<_>>()).map_err(Error::internal)?;
    }
    let bytes = writer.into_inner().map_err(|error| Error::internal(error.to_string()))?;
    Ok(file(&headers, "csv", "text/csv; charset=utf-8", bytes)?)
}

pub(super) async fn xlsx(
    State(atlas): State<Atlas>,
    _visitor: Visitor,
    asked: Asked,
    headers: HeaderMap,
) -> PageResult<Response> {
    const TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let table = table(&atlas, &asked).await?;
    let bytes = workbook(&table).map_err(Error::internal)?;
    Ok(file(&headers, "xlsx", TYPE, bytes)?)
}

/// The example is of an agency that is there.
async fn table(atlas: &Atlas, asked: &Asked) -> Result<[Vec<String>; 2]> {
    let mut view = View::open(atlas, asked.lang, "").await?;
    let agencies = sql::agencies(&mut view.tx).await?;
    let first = agencies.values().find_map(|it| it.at(view.today));
    let name = first.map_or("Ủy ban nhân dân xã Mẫu", |it| &it.facts.name);
    Ok(import::template(asked.lang, name, &short_day(view.today)))
}

fn file(
    headers: &HeaderMap,
    ending: &str,
    media_type: &'static str,
    bytes: Vec<u8>,
) -> Result<Response> {
    let mut response = tagged(headers, media_type, bytes);
    let name = format!("attachment; filename=\"{NAME}.{ending}\"");
    let name = HeaderValue::from_str(&name).map_err(Error::internal)?;
    response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

/// All cells are text, so that a spreadsheet keeps the zeros in front of a telephone number.
fn workbook(table: &[Vec<String>]) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let sheet = book.add_worksheet();
    let text = Format::new().set_num_format("@");
    let head = Format::new().set_bold();
    for (column, width) in (0_u16..).zip([36, 28, 24, 28, 16, 12, 36, 14]) {
        sheet.set_column_width(column, width)?;
        sheet.set_column_format(column, &text)?;
    }
    for (row, cells) in (0_u32..).zip(table) {
        let format = if row == 0 { &head } else { &text };
        for (column, cell) in (0_u16..).zip(cells) {
            sheet.write_string_with_format(row, column, cell, format)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    book.save_to_buffer()
}
