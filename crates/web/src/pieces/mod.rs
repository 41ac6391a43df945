//! The pieces that pages are made of.

mod form;
mod note;
mod table;
mod way;

pub use form::{
    Choice, Field, error_summary, filter, form, question_summary, submit, submit_danger,
    submit_quiet, upload,
};
pub use note::{
    Badge, Figure, Parts, badge, beside, details, empty, figure, figures, heading, notice,
};
pub use table::{Column, definition_list, table};
pub use way::{Crumb, Tab, breadcrumbs, pager, tabs};

#[cfg(test)]
mod tests;
