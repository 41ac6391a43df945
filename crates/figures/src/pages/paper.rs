//! A filled form as a page of paper: the title block, the table with its merged heads, the foot.

use lang::Lang;
use maud::{Markup, html};

use crate::publications::{Body, Change};
use crate::reports::{Column, Row, Sheet};

/// What stands where there is no such number.
const NOT_THERE: &str = "–";

/// The paper of a form; of a publication with its number, its signer and marks at what was changed
/// since.
pub(crate) fn paper(sheet: &Sheet, body: Option<&Body>, changes: &[Change]) -> Markup {
    let issue = body.map(|body| &body.issue);
    html! {
        div.paper lang=(sheet.language) {
            div.ends {
                div { p { strong { (sheet.reporting) } } p { (sheet.receiving) } }
                div {
                    p { strong { (sheet.form) } }
                    @if let Some(issue) = issue { p { (issue.number_line) } }
                }
            }
            p.quiet { (sheet.prescribed) }
            @if let Some(replaced) = body.and_then(|body| body.replaces.as_ref()) {
                p { (replaced.line) }
            }
            div.middle {
                h2 { (sheet.title) }
                p { em { (sheet.period_line) } }
                @if let Some(made_up) = &sheet.made_up { p { span.badge.made-up { (made_up) } } }
            }
            p.right { em { (sheet.counted_line) } }
            div.scroll role="region" aria-label=(sheet.title) tabindex="0" {
                table {
                    thead { (heads(sheet)) }
                    tbody { @for (at, row) in sheet.rows.iter().enumerate() { (line(sheet, at, row, changes)) } }
                }
            }
            @for note in &sheet.notes { p.quiet { (note) } }
            p { em { (sheet.ground_line) } }
            @if let Some(issue) = issue { p.right { em { (issue.place_line) } } }
            div.ends {
                @for signature in &sheet.signatures {
                    div.middle {
                        p { strong { (signature.title) } }
                        @if let Some(role) = &signature.role { p { em { (role) } } }
                        @if let Some(issue) = issue.filter(|_| signature.signer) {
                            p { strong { (issue.signer.post) } }
                            p.name { strong { (issue.signer.name) } }
                        }
                    }
                }
            }
        }
    }
}

/// Words at the left and remarks at the right stand over all rows of the head, groups over theirs.
fn heads(sheet: &Sheet) -> Markup {
    let groups = sheet.groups();
    let rows = if groups.is_some() { 2 } else { 1 };
    let tall = |text: &str| html! { th scope="col" rowspan=(rows) { (text) } };
    let groups = groups.unwrap_or_else(|| vec![(None, sheet.columns.len())]);
    let mut columns = sheet.columns.iter();
    let mut below: Vec<&Column> = Vec::new();
    html! {
        tr {
            @for text in &sheet.stub { (tall(text)) }
            @for (group, count) in groups {
                @let own: Vec<&Column> = columns.by_ref().take(count).collect();
                @match group {
                    Some(group) => {
                        th scope="colgroup" colspan=(count) { (group) }
                        @let () = below.extend(own);
                    }
                    None => @for column in own { (tall(&column.header)) },
                }
            }
            (tall(&sheet.remarks))
        }
        @if !below.is_empty() {
            tr { @for column in &below { th scope="col" { (column.header) } } }
        }
        tr.numbers { @for number in sheet.numbers() { td { (number) } } }
    }
}

fn line(sheet: &Sheet, at: usize, row: &Row, changes: &[Change]) -> Markup {
    let lang = lang_of(sheet);
    let name = 1;
    let changed = |column: usize| {
        let place = changes.iter().position(|it| it.row == at && it.column == column);
        place.map(|place| (place, lang::publications::corrected_mark(lang)))
    };
    html! {
        tr class=[row.total.then_some("here")] {
            @for (column, text) in row.stub.iter().enumerate() {
                @if column == name {
                    th.text scope="row" { (text) }
                } @else {
                    td { (text) }
                }
            }
            @for (column_at, (cell, column)) in row.cells.iter().zip(&sheet.columns).enumerate() {
                td.number {
                    @if sheet.is_void(row, column) {
                        (NOT_THERE)
                    } @else {
                        (cell.said(lang, column.part))
                    }
                    @if let Some((place, title)) = changed(column_at) {
                        a href={ "#change-" (place) } title=(title) aria-label=(title) { "*" }
                    }
                }
            }
            td { (row.remark) }
        }
    }
}

pub(crate) fn lang_of(sheet: &Sheet) -> Lang {
    Lang::from_tag(&sheet.language).unwrap_or_default()
}
