//! The lines of a list, and its mistakes, each at its place.

use std::sync::Arc;

use base::text::clean;
use base::{Error, FieldError, Result};
use lang::{Lang, Text};

use super::batch::Place;
use super::lists::File;

/// Mistakes beyond these are not listed.
const LISTED: usize = 50;
/// Longer lists are refused: the nation has 13,000 units and 100,000 hamlets at most.
const MOST_LINES: usize = 200_000;
/// Longer fields are refused.
const LONGEST: usize = 300;

/// The mistakes found so far.
#[derive(Default)]
pub(super) struct Mistakes(Vec<FieldError>);

/// The columns of a list: the first `needed` must be there, the others may.
#[derive(Clone, Copy)]
pub(super) struct Header<'a> {
    pub(super) columns: &'a [&'a str],
    pub(super) needed: usize,
}

impl<'a> Header<'a> {
    pub(super) const fn exactly(columns: &'a [&'a str]) -> Self {
        Self { columns, needed: columns.len() }
    }
}

/// Whether a list may be without a line of data.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Empty {
    Allowed,
    Refused,
}

/// One line of a list, with its fields cleaned.
pub(super) struct Line<'a> {
    pub(super) place: Place,
    columns: &'a [&'a str],
    fields: Vec<String>,
}

impl Line<'_> {
    /// Whether its list has such a column at all.
    pub(super) fn has(&self, field: &str) -> bool {
        self.columns.contains(&field)
    }

    pub(super) fn get(&self, field: &str) -> &str {
        let at = self.columns.iter().position(|name| *name == field);
        at.and_then(|at| self.fields.get(at)).map_or("", String::as_str)
    }
}

impl Mistakes {
    pub(super) fn add<S: Into<String>>(
        &mut self,
        place: String,
        say: impl Fn(Lang) -> S + Send + Sync + 'static,
    ) {
        if self.0.len() < LISTED {
            self.0.push(FieldError { place, text: Text::new(say) });
        }
    }

    /// How many were found, as far as they are listed.
    pub(super) const fn count(&self) -> usize {
        self.0.len()
    }

    /// Errors: `Invalid` with what was found since the last time, if anything was.
    pub(super) fn done(&mut self) -> Result<()> {
        let mistakes = std::mem::take(&mut self.0);
        if mistakes.is_empty() { Ok(()) } else { Err(Error::Invalid(mistakes)) }
    }

    /// The lines below the header.
    pub(super) fn lines<'a>(
        &mut self,
        file: File<'_>,
        header: Header<'a>,
        empty: Empty,
    ) -> Vec<Line<'a>> {
        let name: Arc<str> = file.name.into();
        let place = |line| Place { file: name.clone(), line };
        let bytes = file.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file.bytes);
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
        let (mut lines, before) = (Vec::new(), self.0.len());
        let mut width = 0;
        for (at, record) in reader.records().enumerate() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    self.add(place(line).field(""), lang::import::bad_bytes);
                    break;
                }
            };
            let place = place(record.position().map_or(0, csv::Position::line));
            if at == 0 {
                width = record.len();
                let fits = header
                    .columns
                    .get(..width)
                    .is_some_and(|ours| record.iter().eq(ours.iter().copied()));
                if !fits || width < header.needed {
                    let wanted = header.columns.join(",");
                    self.add(place.field(""), move |l| lang::import::bad_header(l, &wanted));
                    break;
                }
                continue;
            }
            if record.len() != width || record.iter().any(|field| field.len() > LONGEST) {
                self.add(place.field(""), move |l| {
                    let longest = LONGEST;
                    lang::import::bad_line(l, lang::import::BadLine { count: width, longest })
                });
                continue;
            }
            if at > MOST_LINES {
                self.add(place.field(""), move |l| lang::import::too_long(l, MOST_LINES));
                break;
            }
            let fields = record.iter().map(clean).collect();
            lines.push(Line { place, columns: header.columns, fields });
        }
        if lines.is_empty() && self.0.len() == before && empty == Empty::Refused {
            self.add(file.name.to_owned(), lang::import::empty);
        }
        lines
    }
}
