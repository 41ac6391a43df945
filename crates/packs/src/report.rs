//! Forms of reports: which figures stand in which row and column, and what is printed around them.

use serde::{Deserialize, Serialize};

use crate::{PeriodKind, Words};

/// A form that is filled with figures (*biểu báo cáo*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The code, for programs and addresses.
    pub code: String,
    /// Its number among forms (*biểu số*): "01/CĐS-Q".
    pub form: String,
    /// Its title.
    pub title: Words,
    /// The document that prescribes it. A form without one is our own and says so.
    #[serde(default)]
    pub document: Option<Words>,
    /// Who reports (*đơn vị báo cáo*).
    pub reporting: Words,
    /// Who receives it (*đơn vị nhận báo cáo*).
    pub receiving: Words,
    /// How long its periods are.
    pub every: PeriodKind,
    /// The code of the calendar of its periods.
    pub calendar: String,
    /// The unit that it is about; by default the province that most of the reports come from.
    #[serde(default)]
    pub under: Option<UnitOn>,
    /// A row for each unit of a level; instead of `lines`.
    #[serde(default)]
    pub units: Option<UnitRows>,
    /// A row for each of these indicators; instead of `units`.
    #[serde(default)]
    pub lines: Vec<ReportLine>,
    /// The columns with numbers, from the left.
    pub columns: Vec<ReportColumn>,
    /// What stands below the table.
    #[serde(default)]
    pub notes: Vec<Words>,
    /// Who signs, from the left.
    pub signatures: Vec<Signature>,
}

/// A unit by its code on a day; without the day a code means nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitOn {
    /// The code.
    pub code: String,
    /// A day on which it had it, `YYYY-MM-DD`.
    pub on: String,
}

/// Rows for units, and one for all of them together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitRows {
    /// `hamlet`, `commune`, `district`.
    pub level: String,
    /// What the row of all together is called.
    pub total: Words,
}

/// A row for an indicator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportLine {
    /// The code of the indicator.
    pub indicator: String,
    /// What the form calls it; its own name by default.
    #[serde(default)]
    pub name: Option<Words>,
}

/// A column with numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportColumn {
    /// The code of the indicator, where the rows are units.
    #[serde(default)]
    pub indicator: Option<String>,
    /// Which of its numbers.
    #[serde(default)]
    pub part: ReportPart,
    /// The period, as seen from that of the report.
    #[serde(default)]
    pub period: Which,
    /// The words at its head.
    pub header: Words,
    /// The words above it and those of its neighbours that have the same.
    #[serde(default)]
    pub group: Option<Words>,
}

/// A number of an indicator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportPart {
    /// The percentage, or the count.
    #[default]
    Value,
    /// The part above the line.
    Numerator,
    /// The part below the line.
    Denominator,
}

/// A period as seen from that of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// The period of the report (*kỳ báo cáo*).
    #[default]
    Current,
    /// The one before it (*kỳ trước*).
    Before,
    /// The same one of the year before (*cùng kỳ năm trước*).
    YearBefore,
}

/// A place for a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// "Người lập biểu", "Thủ trưởng đơn vị".
    pub title: Words,
    /// "(Ký, ghi rõ họ tên)".
    #[serde(default)]
    pub role: Option<Words>,
    /// Whether the name of whoever signs a publication stands here.
    #[serde(default)]
    pub signer: bool,
}

impl Report {
    /// The codes of its indicators; one may come several times.
    pub fn indicators(&self) -> impl Iterator<Item = &str> {
        let columns = self.columns.iter().filter_map(|column| column.indicator.as_deref());
        self.lines.iter().map(|line| &*line.indicator).chain(columns)
    }
}
