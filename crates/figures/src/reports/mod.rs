//! Reports (*biểu báo cáo*): forms of packs, filled with figures.
//!
//! A form says which figures stand where; nothing of it is Rust. A filled form is a [`Sheet`]: words
//! and whole numbers alone, so that whatever is made of it once can be made of it again.

mod fill;
mod sheet;
mod words;

pub(crate) use fill::cell;
pub use fill::{Wish, fill, find_report};
pub use sheet::{
    Cell, Column, Definition, MeasureSaid, PartSaid, PeriodSaid, Row, Sheet, SignatureSaid,
    UnitSaid,
};
