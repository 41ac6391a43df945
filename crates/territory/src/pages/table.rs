//! `POST /converter/table`: one column of a spreadsheet converted, for everybody.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use base::{Error, FieldError, Result, grouped, short_day};
use lang::Lang;
use maud::{Markup, html};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use web::pieces::{self, Field};
use web::{Asked, PageError};

use super::converter::{self, Days};
use super::unprocessable;
use super::upload::Upload;
use crate::Atlas;
use crate::api::sheet;
use crate::table::{self, Format, LARGEST_BYTES, MOST_ROWS, Table};

/// So many tables are converted at once; others wait, so that they cannot fill the memory.
static TURNS: Semaphore = Semaphore::const_new(2);

/// The form, for the page of the converter.
pub(super) fn form(lang: Lang, mistakes: &[FieldError], days: Days) -> Markup {
    let mistakes: Vec<FieldError> = mistakes
        .iter()
        .map(|mistake| {
            let field = mistake.place.split(':').next().unwrap_or_default();
            FieldError { place: field.to_owned(), ..mistake.clone() }
        })
        .collect();
    let limits =
        lang::converter::table_limits(lang, LARGEST_BYTES >> 20, grouped(lang, MOST_ROWS as i64));
    html! {
        h2 { (lang::converter::table_title(lang)) }
        p { (lang::converter::table_lead(lang)) }
        (pieces::upload("/converter/table", None, html! {
            (Field::new(lang, "file", lang::converter::table_file(lang))
                .hint(&limits).errors(&mistakes).file(".csv,.txt,.tsv,.xlsx"))
            (Field::new(lang, "column", lang::converter::table_column(lang))
                .hint(lang::converter::table_column_hint(lang)).optional().errors(&mistakes).text(""))
            (Field::new(lang, "headed", lang::converter::table_headed(lang)).tick(true))
            (Field::new(lang, "table_on", lang::converter::on(lang))
                .errors(&mistakes).day(&short_day(days.on)))
            (Field::new(lang, "table_to", lang::converter::to(lang))
                .errors(&mistakes).day(&short_day(days.to)))
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
    let on = ("table_on", upload.get("table_on"));
    let to = ("table_to", upload.get("table_to"));
    let days = match Days::read(&sheet, on, to) {
        Ok(days) => days,
        Err((days, mistakes)) => {
            let page = converter::with_mistakes(&asked, &sheet, days, &mistakes);
            return Ok(unprocessable(page));
        }
    };
    let how = table::Asked {
        lang: asked.lang,
        column: upload.get("column").to_owned(),
        headed: upload.get("headed") == "yes",
        on: days.on,
        to: days.to,
    };
    let file = upload.into_files().into_iter().next();
    let territory = sheet.territory.clone();
    let turn = TURNS.acquire().await.map_err(Error::internal)?;
    let work = move || -> Result<(Format, Vec<u8>)> {
        // Held until the work is over, also when nobody waits for it any more.
        let _turn = turn;
        let (_, bytes) =
            file.ok_or_else(|| Error::invalid("file", lang::converter::file_missing))?;
        if bytes.len() > LARGEST_BYTES {
            return Err(Error::invalid("file", lang::web::too_large));
        }
        let table: Table = table::convert(&territory, table::read(&bytes)?, &how)?;
        Ok((table.format, table::write(&table)?))
    };
    // A workbook can be damaged in ways that its reader does not expect.
    let done = spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(Error::invalid("file", lang::converter::file_damaged)));
    match done {
        Ok((format, bytes)) => Ok(attachment(format, bytes)),
        Err(Error::Invalid(mistakes)) => {
            Ok(unprocessable(converter::with_mistakes(&asked, &sheet, days, &mistakes)))
        }
        Err(error) => Err(error.into()),
    }
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
