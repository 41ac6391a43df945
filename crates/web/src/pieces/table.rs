//! Tables and lists of terms.

use maud::{Markup, html};

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    name: &'a str,
    kind: Kind,
    title: Option<&'a str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Head,
    Text,
    Number,
}

impl<'a> Column<'a> {
    /// What the row is about; screen readers say it before each cell of the row.
    #[must_use]
    pub const fn head(name: &'a str) -> Self {
        Self { name, kind: Kind::Head, title: None }
    }

    /// Words.
    #[must_use]
    pub const fn text(name: &'a str) -> Self {
        Self { name, kind: Kind::Text, title: None }
    }

    /// Numbers: set flush right, with digits of one width.
    #[must_use]
    pub const fn number(name: &'a str) -> Self {
        Self { name, kind: Kind::Number, title: None }
    }

    /// The name in full, for a column too narrow for it.
    #[must_use]
    pub const fn titled(mut self, title: &'a str) -> Self {
        self.title = Some(title);
        self
    }
}

/// A table that scrolls by itself where the screen is narrower. One row holds one cell a column.
#[must_use]
pub fn table(caption: &str, columns: &[Column<'_>], rows: &[Vec<Markup>]) -> Markup {
    html! {
        div.scroll role="region" aria-label=(caption) tabindex="0" {
            table {
                caption { (caption) }
                thead {
                    tr { @for column in columns { th.(class(*column)) scope="col" title=[column.title] { (column.name) } } }
                }
                tbody {
                    @for row in rows {
                        tr {
                            @for (column, cell) in columns.iter().zip(row) {
                                @if column.kind == Kind::Head {
                                    th scope="row" { (cell) }
                                } @else {
                                    td.(class(*column)) { (cell) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

const fn class(column: Column<'_>) -> &'static str {
    match column.kind {
        Kind::Number => "number",
        Kind::Head | Kind::Text => "text",
    }
}

/// Terms with what stands behind each.
#[must_use]
pub fn definition_list(entries: &[(&str, Markup)]) -> Markup {
    html! {
        dl.terms {
            @for (term, meaning) in entries {
                div { dt { (term) } dd { (meaning) } }
            }
        }
    }
}
