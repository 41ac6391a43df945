//! A form that was filled: all that its paper needs, in words and whole numbers.

use base::{Day, Moment, decimal, grouped};
use lang::Lang;
use serde::{Deserialize, Serialize};

/// A filled form. The order of the fields is that of its canonical form in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// The code of the form.
    pub report: String,
    /// The language of all its words, `vi`.
    pub language: String,
    /// "Biểu số: 01/CĐS-Q".
    pub form: String,
    /// The title.
    pub title: String,
    /// The document that prescribes it, or that it is our own.
    pub prescribed: String,
    /// "Đơn vị báo cáo: …".
    pub reporting: String,
    /// "Đơn vị nhận báo cáo: …".
    pub receiving: String,
    /// The period …
    pub period: PeriodSaid,
    /// … and as the paper says it: "Kỳ báo cáo: Quý II/2025, từ 15/03/2025 đến 14/06/2025".
    pub period_line: String,
    /// "Đơn vị tính: …".
    pub counted_line: String,
    /// The day whose map the figures stand on.
    pub map: Day,
    /// Only what was recorded by this instant counts: so many entries of the journal.
    pub cut_off: Moment,
    /// How many entries that are.
    pub entries: i64,
    /// "Bản đồ hành chính ngày …; số liệu đã ghi nhận đến …".
    pub ground_line: String,
    /// Whether data that was made up may be among it, and what the paper says of it.
    pub made_up: Option<String>,
    /// The heads of the columns with words at the left: number, name, code or unit of count.
    pub stub: Vec<String>,
    /// The columns with numbers.
    pub columns: Vec<Column>,
    /// The head of the column with remarks at the right.
    pub remarks: String,
    /// The rows; of units, the first is that of all together.
    pub rows: Vec<Row>,
    /// What stands below the table.
    pub notes: Vec<String>,
    /// Who signs.
    pub signatures: Vec<SignatureSaid>,
    /// What the figures mean, as it was declared then.
    pub definitions: Vec<Definition>,
}

/// A period with its days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodSaid {
    /// `R2025-Q2`.
    pub code: String,
    /// "Quý II/2025".
    pub name: String,
    /// Its first day.
    pub from: Day,
    /// Its last day.
    pub to: Day,
}

/// A column with numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// The words above it and its neighbours that have the same.
    pub group: Option<String>,
    /// The words at its head, with the unit of count where the rows do not say it.
    pub header: String,
    /// The code of the indicator, where the rows are units.
    pub indicator: Option<String>,
    /// Which of its numbers.
    pub part: PartSaid,
    /// The period.
    pub period: PeriodSaid,
}

/// Which number of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartSaid {
    /// The percentage, or the count.
    Value,
    /// The part above the line.
    Numerator,
    /// The part below the line.
    Denominator,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What stands in the columns with words.
    pub stub: Vec<String>,
    /// The unit that it is about.
    pub unit: UnitSaid,
    /// The code of the indicator, where the columns do not say it.
    pub indicator: Option<String>,
    /// Whether it is all other rows together.
    pub total: bool,
    /// A cell for each column with numbers.
    pub cells: Vec<Cell>,
    /// What must be known of its numbers.
    pub remark: String,
}

/// A unit as it was on the day of the map.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitSaid {
    /// Its id in the program, which never passes to another.
    pub id: i64,
    /// Its code.
    pub code: Option<String>,
    /// Its name.
    pub name: String,
}

/// A figure with all its parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// The value as a whole number of its last decimal; none without data.
    pub value: Option<i64>,
    /// Decimals of the value.
    pub decimals: u32,
    /// The part above the line, or the count.
    pub numerator: Option<i64>,
    /// The part below the line; none for counts.
    pub denominator: Option<i64>,
    /// `hidden`, `no_data`, `above_whole`, `estimated`, `incomplete`.
    pub flags: Vec<String>,
    /// How many units have reported …
    pub reported: u32,
    /// … of how many.
    pub expected: u32,
}

/// A place for a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureSaid {
    /// "Thủ trưởng đơn vị".
    pub title: String,
    /// "(Ký, đóng dấu, ghi rõ họ tên)".
    pub role: Option<String>,
    /// Whether whoever signs the publication signs here.
    pub signer: bool,
}

/// What a figure means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// The code of the indicator.
    pub indicator: String,
    /// Its name.
    pub name: String,
    /// What it says and how it is computed.
    pub definition: String,
    /// The document that defines it.
    pub document: String,
    /// The measure above the line, or that is counted.
    pub numerator: MeasureSaid,
    /// The measure below the line.
    pub denominator: Option<MeasureSaid>,
    /// Decimals of the percentage.
    pub decimals: u32,
    /// The level of the units that report it.
    pub reported_by: String,
}

/// What a measure counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureSaid {
    /// The code.
    pub code: String,
    /// The name.
    pub name: String,
    /// What one counts exactly.
    pub definition: String,
    /// The unit of count.
    pub counted: String,
    /// `stock` or `flow`.
    pub nature: String,
}

impl Sheet {
    /// The indicator of a cell, by the places of its row and its column.
    #[must_use]
    pub fn indicator(&self, row: &Row, column: &Column) -> Option<String> {
        row.indicator.clone().or_else(|| column.indicator.clone())
    }

    /// Whether a column asks for a part that the figure does not have: a count has no denominator.
    #[must_use]
    pub fn is_void(&self, row: &Row, column: &Column) -> bool {
        let code = self.indicator(row, column);
        let of = |it: &&Definition| Some(&it.indicator) == code.as_ref();
        let is_count = self.definitions.iter().find(of).is_some_and(|it| it.denominator.is_none());
        is_count && column.part == PartSaid::Denominator
    }

    /// Whether any cell has a number.
    #[must_use]
    pub fn has_numbers(&self) -> bool {
        let mut cells = self.rows.iter().flat_map(|row| &row.cells);
        cells.any(|cell| cell.value.is_some() || cell.numerator.is_some())
    }

    /// How many columns the table has, with those of words and remarks.
    #[must_use]
    pub fn width(&self) -> usize {
        self.stub.len() + self.columns.len() + 1
    }

    /// The words above the columns with numbers, each with how many columns it stands above; none
    /// where no column has any.
    #[must_use]
    pub fn groups(&self) -> Option<Vec<(Option<&str>, usize)>> {
        let mut groups: Vec<(Option<&str>, usize)> = Vec::new();
        for column in &self.columns {
            let group = column.group.as_deref();
            match groups.last_mut().filter(|(last, _)| group.is_some() && *last == group) {
                Some((_, count)) => *count += 1,
                None => groups.push((group, 1)),
            }
        }
        self.columns.iter().any(|column| column.group.is_some()).then_some(groups)
    }

    /// The numbers of the columns as forms have them: A, B, … for words, 1, 2, … for numbers.
    #[must_use]
    pub fn numbers(&self) -> Vec<String> {
        let letters = ('A'..='Z').take(self.stub.len()).map(String::from);
        let numbers = (1..=self.columns.len()).map(|number| number.to_string());
        let last = ('A'..='Z').nth(self.stub.len()).map(String::from);
        letters.chain(numbers).chain(last).collect()
    }
}

impl Cell {
    /// The number of a part as a whole number of its last decimal, and its decimals.
    #[must_use]
    pub const fn number(&self, part: PartSaid) -> Option<(i64, u32)> {
        let (number, decimals) = match part {
            PartSaid::Value => (self.value, self.decimals),
            PartSaid::Numerator => (self.numerator, 0),
            PartSaid::Denominator => (self.denominator, 0),
        };
        match number {
            Some(number) => Some((number, decimals)),
            None => None,
        }
    }

    /// A part as people read it, or the sign for why there is none.
    #[must_use]
    pub fn said(&self, lang: Lang, part: PartSaid) -> String {
        match self.number(part) {
            Some((number, 0)) => grouped(lang, number),
            Some((number, decimals)) => decimal(lang, number, decimals),
            None => self.sign_of_none().to_owned(),
        }
    }

    /// "…" without data, as statistical forms have it; "×" for what may not be shown.
    #[must_use]
    pub fn sign_of_none(&self) -> &'static str {
        if self.flags.iter().any(|flag| flag == "hidden") { "×" } else { "…" }
    }

    /// The same, and beside the value of a share what it is made of: "47,58 (118/248)".
    #[must_use]
    pub fn said_with_parts(&self, lang: Lang, part: PartSaid) -> String {
        let said = self.said(lang, part);
        match (part, self.numerator, self.denominator) {
            (PartSaid::Value, Some(above), Some(below)) => {
                format!("{said} ({}/{})", grouped(lang, above), grouped(lang, below))
            }
            _ => said,
        }
    }
}
