//! An empty file to fill in: the columns that are read, and one line that shows how.

use base::text::fold;
use lang::Lang;

use super::rows::COLUMNS;

/// What the line that shows how says.
pub(crate) struct Example {
    pub(crate) unit: String,
    pub(crate) measure: String,
    /// A day, for a stock.
    pub(crate) day: String,
    /// A period, for a flow.
    pub(crate) period: String,
}

/// The heading and the example, which bears a mark so that nobody takes it for a count.
pub(crate) fn table(lang: Lang, example: &Example) -> [Vec<String>; 2] {
    let cell = |name: &str| match name {
        "unit_code" => example.unit.clone(),
        "measure" => example.measure.clone(),
        "day" => example.day.clone(),
        "period" => example.period.clone(),
        "value" => "123".to_owned(),
        "source" => lang::observations::example_mark(lang).to_owned(),
        _ => String::new(),
    };
    [
        COLUMNS.iter().map(|(name, _)| (*name).to_owned()).collect(),
        COLUMNS.iter().map(|(name, _)| cell(name)).collect(),
    ]
}

/// Whether a source is the mark of the example, in whatever language.
pub(super) fn is_example(source: &str) -> bool {
    let source = fold(source);
    Lang::ALL.into_iter().any(|lang| fold(lang::observations::example_mark(lang)) == source)
}
