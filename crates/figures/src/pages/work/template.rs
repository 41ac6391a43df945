//! `/tasks/observations/import/template.csv` and `.xlsx`: an empty file to fill in.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use base::{Error, Result, short_day};
use packs::Nature;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};
use territory::{Level, UnitCode};
use web::export::tagged;
use web::{Asked, PageResult, Visitor};

use super::super::view::View;
use crate::Desk;
use crate::observations::import::{Example, template};

const NAME: &str = "mau-so-lieu";

pub(crate) async fn csv(
    State(desk): State<Desk>,
    _visitor: Visitor,
    asked: Asked,
    headers: HeaderMap,
) -> PageResult<Response> {
    let table = table(&desk, &asked).await?;
    let mut writer = csv::Writer::from_writer(Vec::from("\u{feff}"));
    for row in &table {
        writer.write_record(row).map_err(Error::internal)?;
    }
    let bytes = writer.into_inner().map_err(|error| Error::internal(error.to_string()))?;
    Ok(file(&headers, "csv", "text/csv; charset=utf-8", bytes)?)
}

pub(crate) async fn xlsx(
    State(desk): State<Desk>,
    _visitor: Visitor,
    asked: Asked,
    headers: HeaderMap,
) -> PageResult<Response> {
    const TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let table = table(&desk, &asked).await?;
    let bytes = workbook(&table).map_err(Error::internal)?;
    Ok(file(&headers, "xlsx", TYPE, bytes)?)
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

/// The example is of a measure and a unit in use, for the last quarter that is over.
async fn table(desk: &Desk, asked: &Asked) -> Result<[Vec<String>; 2]> {
    let view = View::open(desk, asked, None, None).await?;
    let measure = view.catalogue.measures().next().map(|measure| &measure.definition);
    let quarters = view.quarters(None);
    let last = quarters.last();
    let day = last.map_or(view.today, |quarter| quarter.days.last());
    let level = measure.and_then(|it| Level::find(view.catalogue.reported_by(&it.code)?));
    let units = view.territory.under(None, day, level.unwrap_or(Level::Hamlet));
    let code = units.iter().find_map(|version| version.code.as_ref());
    let is_stock = measure.is_none_or(|measure| measure.nature == Nature::Stock);
    let period = last.filter(|_| !is_stock).map(|quarter| quarter.code.clone());
    let example = Example {
        unit: code.map_or("", UnitCode::as_str).to_owned(),
        measure: measure.map(|measure| measure.code.clone()).unwrap_or_default(),
        day: if is_stock { short_day(day) } else { String::new() },
        period: period.unwrap_or_default(),
    };
    Ok(template(asked.lang, &example))
}

/// All cells are text, so that a spreadsheet keeps the zeros in front of a code.
fn workbook(table: &[Vec<String>]) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let sheet = book.add_worksheet();
    let text = Format::new().set_num_format("@");
    let head = Format::new().set_bold();
    for (column, width) in (0_u16..).zip([14, 24, 14, 12, 12, 48]) {
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
