//! A publication as the paper that officials expect: title block, merged heads with their numbers,
//! cells that hold numbers, and the foot for signatures; one landscape A4 page wide.

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::model::Body;
use crate::reports::{Cell, PartSaid, Sheet};

type Done<T = ()> = Result<T, XlsxError>;

const FONT: &str = "Times New Roman";
const SIZE_POINTS: f64 = 12.0;
const TITLE_POINTS: f64 = 14.0;
const A4: u8 = 9;
const LINE_POINTS: f64 = 16.0;
/// Widths of the columns with words, of those with numbers, and of the remarks. Units: characters.
const STUB: [f64; 3] = [6.0, 34.0, 11.0];
const NUMBER: f64 = 14.0;
const REMARK: f64 = 26.0;
/// Lines left free for a signature.
const SIGNATURE_LINES: u32 = 4;

/// The bytes of the workbook: of nothing but the body, so that they are the same whenever they are
/// made.
pub(super) fn write(body: &Body) -> Done<Vec<u8>> {
    let mut book = Workbook::new();
    let created = ExcelDateTime::from_timestamp(body.issue.published_at.0 / 1_000_000)?;
    let properties = DocProperties::new()
        .set_title(&body.sheet.title)
        .set_subject(&body.issue.number)
        .set_creation_datetime(&created);
    book.set_properties(&properties);
    let sheet = book.add_worksheet();
    sheet.set_name(name_of(&body.issue.number))?;
    let mut paper = Paper { out: sheet, body, row: 0, last: last_column(&body.sheet) };
    paper.columns()?;
    paper.title_block()?;
    paper.table()?;
    paper.foot()?;
    book.save_to_buffer()
}

/// The name of a sheet has at most 31 letters and none of those that formulas use.
fn name_of(number: &str) -> String {
    const LONGEST: usize = 31;
    let plain = |c: char| if "[]:*?/\\'".contains(c) { '-' } else { c };
    number.chars().map(plain).take(LONGEST).collect()
}

fn last_column(sheet: &Sheet) -> u16 {
    u16::try_from(sheet.width().saturating_sub(1)).unwrap_or(u16::MAX)
}

struct Paper<'a> {
    out: &'a mut Worksheet,
    body: &'a Body,
    row: u32,
    last: u16,
}

fn plain() -> Format {
    Format::new().set_font_name(FONT).set_font_size(SIZE_POINTS)
}

fn boxed() -> Format {
    plain().set_border(FormatBorder::Thin).set_align(FormatAlign::VerticalCenter).set_text_wrap()
}

fn head() -> Format {
    boxed().set_bold().set_align(FormatAlign::Center)
}

impl Paper<'_> {
    fn columns(&mut self) -> Done {
        for (column, width) in (0_u16..).zip(STUB) {
            self.out.set_column_width(column, width)?;
        }
        for column in self.first_number()..self.last {
            self.out.set_column_width(column, NUMBER)?;
        }
        self.out.set_column_width(self.last, REMARK)?;
        self.out.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
        self.out.set_margins(0.7, 0.6, 0.8, 0.8, 0.3, 0.3);
        self.out.set_print_center_horizontally(true);
        self.out.set_header("&C&P");
        Ok(())
    }

    fn first_number(&self) -> u16 {
        u16::try_from(self.body.sheet.stub.len()).unwrap_or(u16::MAX)
    }

    /// The column from which on the right half of the paper is.
    fn middle(&self) -> u16 {
        (self.first_number() + 1).min(self.last)
    }

    /// A text over several columns of the present row.
    fn span(&mut self, (from, to): (u16, u16), text: &str, format: &Format) -> Done {
        match from < to {
            true => self.out.merge_range(self.row, from, self.row, to, text, format)?,
            false => self.out.write_string_with_format(self.row, from, text, format)?,
        };
        Ok(())
    }

    /// A text over the whole paper, as high as it needs.
    fn line(&mut self, text: &str, format: &Format) -> Done {
        let format = format.clone().set_text_wrap();
        self.span((0, self.last), text, &format)?;
        let letters = text.chars().count() as f64;
        let lines = (letters / self.width()).ceil().max(1.0);
        self.out.set_row_height(self.row, lines * LINE_POINTS)?;
        self.row += 1;
        Ok(())
    }

    /// How many letters fit beside each other.
    fn width(&self) -> f64 {
        let numbers = self.body.sheet.columns.len() as f64;
        STUB.iter().sum::<f64>() + numbers * NUMBER + REMARK
    }

    fn title_block(&mut self) -> Done {
        let (sheet, issue) = (&self.body.sheet, &self.body.issue);
        let middle = self.middle();
        let (left, right) = ((0, middle - 1), (middle, self.last));
        let bold = plain().set_bold();
        let at_right = |format: Format| format.set_align(FormatAlign::Right);
        self.span(left, &sheet.reporting, &bold)?;
        self.span(right, &sheet.form, &at_right(bold))?;
        self.row += 1;
        self.span(left, &sheet.receiving, &plain())?;
        self.span(right, &issue.number_line, &at_right(plain()))?;
        self.row += 1;
        self.line(&sheet.prescribed, &plain().set_italic())?;
        if let Some(replaced) = &self.body.replaces {
            self.line(&replaced.line, &plain().set_italic())?;
        }
        self.row += 1;
        let centred = plain().set_align(FormatAlign::Center);
        let title = centred.clone().set_bold().set_font_size(TITLE_POINTS);
        self.line(&sheet.title, &title)?;
        self.line(&sheet.period_line, &centred.clone().set_italic())?;
        if let Some(made_up) = &sheet.made_up {
            self.line(made_up, &centred.set_bold().set_font_color(0x00A8_321F))?;
        }
        self.line(&sheet.counted_line, &at_right(plain().set_italic()))
    }

    fn table(&mut self) -> Done {
        let first = self.row;
        self.heads()?;
        for (column, number) in (0_u16..).zip(self.body.sheet.numbers()) {
            let format = head().set_italic();
            self.out.write_string_with_format(self.row, column, number, &format)?;
        }
        self.out.set_repeat_rows(first, self.row)?;
        self.out.set_freeze_panes(self.row + 1, self.first_number())?;
        self.row += 1;
        for row in &self.body.sheet.rows {
            let bold = |format: Format| if row.total { format.set_bold() } else { format };
            for (column, text) in (0_u16..).zip(&row.stub) {
                let format = match column {
                    1 => bold(boxed()),
                    _ => bold(boxed()).set_align(FormatAlign::Center),
                };
                self.out.write_string_with_format(self.row, column, text, &format)?;
            }
            let cells = row.cells.iter().zip(&self.body.sheet.columns);
            for (at, (cell, column)) in (self.first_number()..).zip(cells) {
                let is_void = self.body.sheet.is_void(row, column);
                let otherwise = if is_void { "–" } else { cell.sign_of_none() };
                self.number(at, cell, (column.part, otherwise), bold(boxed()))?;
            }
            let (row, last) = (self.row, (self.last, &row.remark));
            self.out.write_string_with_format(row, last.0, last.1, &boxed())?;
            self.row += 1;
        }
        self.row += 1;
        Ok(())
    }

    /// The heads: words at the left and remarks at the right stand over both rows, groups over
    /// their columns.
    fn heads(&mut self) -> Done {
        const HEAD_POINTS: f64 = 64.0;
        let sheet = &self.body.sheet;
        let groups = sheet.groups();
        let (top, bottom) = (self.row, self.row + u32::from(groups.is_some()));
        let stub = (0_u16..).zip(sheet.stub.iter().map(String::as_str));
        for (column, text) in stub.chain([(self.last, sheet.remarks.as_str())]) {
            self.tall((top, bottom), column, text)?;
        }
        let mut column = self.first_number();
        let mut heads = sheet.columns.iter().map(|column| column.header.as_str());
        for (group, count) in groups.unwrap_or_else(|| vec![(None, sheet.columns.len())]) {
            let width = u16::try_from(count).unwrap_or(u16::MAX);
            if let Some(group) = group {
                self.span((column, column + width - 1), group, &head())?;
            }
            for (at, header) in (column..).zip(heads.by_ref().take(count)) {
                match group {
                    Some(_) => {
                        self.out.write_string_with_format(bottom, at, header, &head())?;
                    }
                    None => self.tall((top, bottom), at, header)?,
                }
            }
            column += width;
        }
        self.out.set_row_height(bottom, HEAD_POINTS)?;
        self.row = bottom + 1;
        Ok(())
    }

    /// A head over one or two rows.
    fn tall(&mut self, (top, bottom): (u32, u32), column: u16, text: &str) -> Done {
        match top < bottom {
            true => self.out.merge_range(top, column, bottom, column, text, &head())?,
            false => self.out.write_string_with_format(top, column, text, &head())?,
        };
        Ok(())
    }

    /// A number is a number, with its decimals in the format; that there is none is said as
    /// statistical forms say it.
    fn number(
        &mut self,
        column: u16,
        cell: &Cell,
        (part, otherwise): (PartSaid, &str),
        format: Format,
    ) -> Done {
        let format = format.set_align(FormatAlign::Right);
        match cell.number(part) {
            Some((number, decimals)) => {
                let value = number as f64 / 10_f64.powi(decimals.cast_signed());
                let shown = match decimals {
                    0 => "#,##0".to_owned(),
                    some => format!("#,##0.{}", "0".repeat(some as usize)),
                };
                let format = format.set_num_format(shown);
                self.out.write_number_with_format(self.row, column, value, &format)?;
            }
            None => {
                self.out.write_string_with_format(self.row, column, otherwise, &format)?;
            }
        }
        Ok(())
    }

    fn foot(&mut self) -> Done {
        let (sheet, issue) = (&self.body.sheet, &self.body.issue);
        for note in &sheet.notes {
            self.line(note, &plain())?;
        }
        self.line(&sheet.ground_line, &plain().set_italic())?;
        self.row += 1;
        let centred = plain().set_align(FormatAlign::Center);
        let right = (self.middle(), self.last);
        self.span(right, &issue.place_line, &centred.clone().set_italic())?;
        self.row += 1;
        let blocks = self.blocks(sheet.signatures.len());
        let signs = sheet.signatures.iter().zip(&blocks);
        for (signature, block) in signs.clone() {
            self.span(*block, &signature.title, &centred.clone().set_bold())?;
        }
        self.row += 1;
        for (signature, block) in signs.clone() {
            let role = signature.role.as_deref().unwrap_or_default();
            self.span(*block, role, &centred.clone().set_italic())?;
        }
        self.row += 1;
        for (_, block) in signs.clone().filter(|(signature, _)| signature.signer) {
            self.span(*block, &issue.signer.post, &centred.clone().set_bold())?;
        }
        self.row += SIGNATURE_LINES;
        for (_, block) in signs.filter(|(signature, _)| signature.signer) {
            self.span(*block, &issue.signer.name, &centred.clone().set_bold())?;
        }
        Ok(())
    }

    /// The columns divided among those who sign.
    fn blocks(&self, count: usize) -> Vec<(u16, u16)> {
        let (width, count) = (self.last + 1, u16::try_from(count).unwrap_or(1).max(1));
        let start = |at: u16| width * at / count;
        (0..count).map(|at| (start(at), (start(at + 1)).max(start(at) + 1) - 1)).collect()
    }
}
