//! The frame of every page: layout, pieces, charts, languages, errors and the layers around all.
//!
//! A page is `page::layout(&Frame::new(&asked, Section::Units, title), html! { … })`; an error in a
//! handler is `?` into [`PageError`] or [`ApiError`]. Nothing here knows a province or a table.

pub mod ask;
pub mod assets;
pub mod chart;
pub mod export;
pub mod feed;
pub mod filetype;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod layers;
pub mod looks;
pub mod page;
pub mod pieces;
pub mod problem;
pub mod spreadsheet;
mod upload;
mod visitor;

pub use ask::{Asked, Form, Json, Path, Query, Visitor};
pub use page::{Frame, Ground, Notice, Section, Standing, layout};
pub use problem::{ApiError, PageError, page_above};
pub use upload::{Upload, UploadedFile};

#[cfg(test)]
mod tests;

/// What a page's handler gives back.
pub type PageResult<T = maud::Markup> = Result<T, PageError>;

/// What a handler of the API gives back.
pub type ApiResult<T> = Result<T, ApiError>;
