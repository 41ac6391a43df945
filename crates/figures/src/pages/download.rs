//! `GET /indicators/{code}/table.csv` and `.xlsx`: the compared units as a file.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use base::{Error, Result, short_day};
use lang::Lang;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use territory::UnitCode;
use web::export::{csv_safe, tagged};
use web::{Asked, PageResult, Path, Query};

use super::indicator::{Sheet, Wish};
use super::say;
use crate::{Desk, Figure};

/// One cell of a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Text(String),
    /// A number with so many decimals.
    Number(f64, usize),
    Empty,
}

/// What a file holds: what the table is, the names of its columns, its rows.
pub(super) struct Table {
    pub(super) title: String,
    pub(super) about: Vec<(&'static str, String)>,
    pub(super) heads: Vec<String>,
    pub(super) rows: Vec<Vec<Cell>>,
}

pub(crate) async fn csv(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
    Path(code): Path<String>,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    let sheet = Sheet::open(&desk, &asked, &code, &wish).await?;
    let bytes = write_csv(&table(&sheet))?;
    Ok(file(&headers, &name(&sheet, "csv"), "text/csv; charset=utf-8", bytes)?)
}

pub(crate) async fn xlsx(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
    Path(code): Path<String>,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    const TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let sheet = Sheet::open(&desk, &asked, &code, &wish).await?;
    let bytes = write_xlsx(asked.lang, &table(&sheet)).map_err(Error::internal)?;
    Ok(file(&headers, &name(&sheet, "xlsx"), TYPE, bytes)?)
}

fn name(sheet: &Sheet, ending: &str) -> String {
    format!("{}-{}.{ending}", sheet.indicator.code, sheet.period().code)
}

/// A file of this name; codes and periods are all that stands in it.
pub(super) fn file(
    headers: &HeaderMap,
    name: &str,
    media_type: &'static str,
    bytes: Vec<u8>,
) -> Result<Response> {
    let mut response = tagged(headers, media_type, bytes);
    let name = format!("attachment; filename=\"{name}\"");
    let name = HeaderValue::from_str(&name).map_err(Error::internal)?;
    response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

fn table(sheet: &Sheet) -> Table {
    let view = &sheet.view;
    let lang = view.lang;
    let catalogue = &view.catalogue;
    let indicator = &sheet.indicator;
    let mut about = vec![
        (lang::chart::period(lang), sheet.period().title(lang)),
        (lang::figures::map(lang), short_day(view.day)),
        (lang::indicator::definition(lang), indicator.definition.say(lang).to_owned()),
        (lang::indicator::document(lang), indicator.document.say(lang).to_owned()),
    ];
    if let Some(whole) = sheet.whole() {
        about.insert(0, (lang::indicator::within(lang), whole.full_name.clone()));
    }
    if let Some(approval) = sheet.whole.and_then(|whole| sheet.approvals.get(whole, 0)) {
        about.push((lang::approvals::state(lang), approval.say(lang)));
    }
    if let Some(known) = view.known {
        about.push((lang::indicator::known(lang), known.say()));
    }
    if view.made_up {
        about.push((lang::figures::worth(lang), lang::figures::made_up(lang).to_owned()));
    }
    let with_unit = |name: &str, unit: &str| match unit {
        "" => name.to_owned(),
        unit => format!("{name} ({unit})"),
    };
    let unit = say::unit_of(lang, catalogue, indicator);
    let mut heads = vec![
        lang::chart::rank(lang).to_owned(),
        lang::figures::code(lang).to_owned(),
        lang::chart::unit(lang).to_owned(),
        with_unit(lang::chart::value(lang), unit),
    ];
    if let Some(below) = &indicator.denominator {
        for code in [&indicator.numerator, below] {
            let name = say::measure(lang, catalogue, code);
            heads.push(with_unit(name, say::counted(lang, catalogue, code)));
        }
    }
    heads.extend([
        lang::figures::units_reported(lang).to_owned(),
        lang::figures::units_expected(lang).to_owned(),
        lang::indicator::flags(lang).to_owned(),
    ]);
    let rows = sheet.rows();
    let rows = rows.iter().map(|(rank, version, figure)| {
        let code = version.code.as_ref().map_or("", UnitCode::as_str).to_owned();
        row(sheet, [rank.clone(), code, say::label(view, version)], *figure)
    });
    let rows = rows.collect();
    Table { title: indicator.name.say(lang).to_owned(), about, heads, rows }
}

fn row(sheet: &Sheet, texts: [String; 3], figure: Figure) -> Vec<Cell> {
    let indicator = &sheet.indicator;
    let decimals = indicator.denominator.as_ref().map_or(0, |_| indicator.decimals);
    let count =
        |count: Option<i64>| count.map_or(Cell::Empty, |count| Cell::Number(count as f64, 0));
    let value = figure.value(indicator).map(|value| say::number(indicator, value));
    let mut row: Vec<Cell> = texts.into_iter().map(Cell::Text).collect();
    row.push(value.map_or(Cell::Empty, |value| Cell::Number(value, decimals as usize)));
    if indicator.denominator.is_some() {
        row.extend([count(figure.numerator), count(figure.denominator)]);
    }
    row.extend([count(Some(figure.reported.into())), count(Some(figure.expected.into()))]);
    row.push(Cell::Text(say::flag_words(sheet.view.lang, indicator, figure)));
    row
}

/// UTF-8 with the mark by which spreadsheets know it; numbers with a point, for programs.
pub(super) fn write_csv(table: &Table) -> Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::from("\u{feff}"));
    let mut write = |fields: &[String]| writer.write_record(fields).map_err(Error::internal);
    let safe = |text: &str| csv_safe(text).into_owned();
    write(&[safe(&table.title)])?;
    for (name, text) in &table.about {
        write(&[(*name).to_owned(), safe(text)])?;
    }
    write(&[String::new()])?;
    write(&table.heads.iter().map(|head| safe(head)).collect::<Vec<_>>())?;
    for row in &table.rows {
        let cell = |cell: &Cell| match cell {
            Cell::Text(text) => safe(text),
            Cell::Number(number, decimals) => format!("{number:.decimals$}"),
            Cell::Empty => String::new(),
        };
        write(&row.iter().map(cell).collect::<Vec<_>>())?;
    }
    writer.into_inner().map_err(|error| Error::internal(error.to_string()))
}

pub(super) fn write_xlsx(lang: Lang, table: &Table) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // The same table gives the same bytes, so that caches know it again.
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(
        &DocProperties::new().set_title(&table.title).set_creation_datetime(&created),
    );
    let sheet = book.add_worksheet();
    sheet.set_name(lang::figures::sheet(lang))?;
    let bold = Format::new().set_bold();
    for (column, width) in (0_u16..).zip([10, 14, 30]) {
        sheet.set_column_width(column, width)?;
    }
    for column in (3_u16..).take(table.heads.len().saturating_sub(3)) {
        sheet.set_column_width(column, 18)?;
    }
    sheet.write_string_with_format(0, 0, &table.title, &bold)?;
    let mut at = 1;
    for (name, text) in &table.about {
        sheet.write_string(at, 0, *name)?;
        sheet.write_string(at, 2, text)?;
        at += 1;
    }
    at += 1;
    let head = Format::new().set_bold().set_text_wrap();
    for (column, name) in (0_u16..).zip(&table.heads) {
        sheet.write_string_with_format(at, column, name, &head)?;
    }
    sheet.set_freeze_panes(at + 1, 3)?;
    for row in &table.rows {
        at += 1;
        for (column, cell) in (0_u16..).zip(row) {
            write_cell(sheet, (at, column), cell)?;
        }
    }
    book.save_to_buffer()
}

fn write_cell(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
) -> std::result::Result<(), XlsxError> {
    match cell {
        Cell::Text(text) => sheet.write_string(row, column, text)?,
        Cell::Number(number, 0) => sheet.write_number_with_format(
            row,
            column,
            *number,
            &Format::new().set_num_format("#,##0"),
        )?,
        Cell::Number(number, decimals) => {
            let format = format!("#,##0.{}", "0".repeat(*decimals));
            sheet.write_number_with_format(
                row,
                column,
                *number,
                &Format::new().set_num_format(format),
            )?
        }
        Cell::Empty => sheet,
    };
    Ok(())
}
