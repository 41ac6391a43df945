//! `POST /converter/table`: one column of a spreadsheet converted, for everybody.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use base::{Error, FieldError, Result, grouped};
use lang::Lang;
use maud::{Markup, html};
use web::pieces::{self, Field};
use web::spreadsheet::{Format, LARGEST_FILE_BYTES, MOST_ROWS, Stop, Whose, in_turn_of, read};
use web::{Asked, PageError, Upload};

use super::converter::{self, Days, shown};
use super::unprocessable;
use crate::Atlas;
use crate::api::sheet;
use crate::table;

/// What was filled in, but for the file, which browsers do not send back.
#[derive(Clone, Debug)]
pub(super) struct Filled {
    column: String,
    headed: bool,
    on: String,
    to: String,
}

impl Default for Filled {
    fn default() -> Self {
        let none = String::new;
        Self { column: none(), headed: true, on: none(), to: none() }
    }
}

/// The form, for the page of the converter.
pub(super) fn form(lang: Lang, mistakes: &[FieldError], days: Days, filled: &Filled) -> Markup {
    let mistakes: Vec<FieldError> = mistakes
        .iter()
        .map(|mistake| {
            let field = mistake.place.split(':').next().unwrap_or_default();
            FieldError { place: field.to_owned(), ..mistake.clone() }
        })
        .collect();
    let limits = lang::converter::table_limits(
        lang,
        lang::converter::TableLimits {
            megabytes: LARGEST_FILE_BYTES >> 20,
            rows: grouped(lang, MOST_ROWS as i64),
        },
    );
    html! {
        h2 { (lang::converter::table_title(lang)) }
        p { (lang::converter::table_lead(lang)) }
        (pieces::upload("/converter/table", None, html! {
            (Field::new(lang, "file", lang::converter::table_file(lang))
                .hint(&limits).errors(&mistakes).file(".csv,.txt,.tsv,.xlsx"))
            (Field::new(lang, "column", lang::converter::table_column(lang))
                .hint(lang::converter::table_column_hint(lang)).optional().errors(&mistakes)
                .text(&filled.column))
            (Field::new(lang, "headed", lang::converter::table_headed(lang)).tick(filled.headed))
            (Field::new(lang, "table_on", lang::converter::on(lang))
                .errors(&mistakes).day(&shown(&mistakes, ("table_on", &filled.on), days.on)))
            (Field::new(lang, "table_to", lang::converter::to(lang))
                .errors(&mistakes).day(&shown(&mistakes, ("table_to", &filled.to), days.to)))
            (pieces::submit(lang::converter::table_convert(lang)))
        }))
    }
}

pub(super) async fn convert(
    State(atlas): State<Atlas>,
    asked: Asked,
    upload: Upload,
) -> std::result::Result<Response, PageError> {
    let sheet = sheet(&atlas).await?;
    let filled = Filled {
        column: upload.get("column").to_owned(),
        headed: upload.get("headed") == "yes",
        on: upload.get("table_on").to_owned(),
        to: upload.get("table_to").to_owned(),
    };
    let days = match Days::read(&sheet, ("table_on", &filled.on), ("table_to", &filled.to)) {
        Ok(days) => days,
        Err((days, mistakes)) => {
            let page = converter::with_mistakes(&asked, &sheet, (days, filled), &mistakes);
            return Ok(unprocessable(page));
        }
    };
    let how = table::Asked {
        lang: asked.lang,
        column: filled.column.clone(),
        headed: filled.headed,
        on: days.on,
        to: days.to,
    };
    let file = upload.into_files().into_iter().find(|file| file.field == "file");
    let territory = sheet.territory.clone();
    let work = move |stop: &Stop| -> Result<(Format, Vec<u8>)> {
        let file = file.ok_or_else(|| Error::invalid("file", lang::file::missing))?;
        let table = read(&file.bytes).map_err(at_file)?;
        let table = table::convert(&territory, table, &how, stop)?;
        Ok((table.format, table::write(&table)?))
    };
    let whose = if asked.visitor.is_some() { Whose::SignedIn } else { Whose::Visitors };
    match in_turn_of(whose, work).await {
        Ok((format, bytes)) => Ok(attachment(format, bytes)),
        Err(Error::Invalid(mistakes)) => {
            Ok(unprocessable(converter::with_mistakes(&asked, &sheet, (days, filled), &mistakes)))
        }
        Err(error) => Err(error.into()),
    }
}

/// The reader names a place in the file, `row 7 B`; here it is `file:7 B`, one of the form's.
fn at_file(error: Error) -> Error {
    let Error::Invalid(mut mistakes) = error else { return error };
    for mistake in &mut mistakes {
        if let Some(place) = mistake.place.strip_prefix("row ") {
            mistake.place = format!("file:{place}");
        }
    }
    Error::Invalid(mistakes)
}

fn attachment(format: Format, bytes: Vec<u8>) -> Response {
    let (media_type, disposition) = match format {
        Format::Csv { .. } => {
            ("text/csv; charset=utf-8", "attachment; filename=\"chuyen-doi-dia-chi.csv\"")
        }
        Format::Xlsx => (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "attachment; filename=\"chuyen-doi-dia-chi.xlsx\"",
        ),
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(disposition)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, bytes).into_response()
}
