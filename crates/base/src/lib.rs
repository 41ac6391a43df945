//! The vocabulary of every area: time, ids, Vietnamese text, rights, errors and pages of lists. No IO.

mod clock;
mod day;
mod error;
mod format;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod id;
mod page;
mod progress;
pub mod rights;
pub mod text;
mod words;
mod working;

pub use clock::{Clock, Moment};
pub use day::{Day, DayRange, ZONE};
pub use error::{Error, FieldError, Result, See, system_reason};
pub use format::{decimal, grouped, long_day, percent, short_day};
pub use id::{Id, random_bytes};
pub use page::{Cursor, PAGE_LIMIT, Page};
pub use progress::{Progress, Unwatched};
pub use words::Words;
pub use working::{Term, UnknownYear, WorkingCalendar, WorkingYear};
