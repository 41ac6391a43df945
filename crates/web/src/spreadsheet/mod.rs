//! Tables that people send in, CSV and XLSX: read within limits, every refusal with its place.

mod delimited;
mod formats;
mod gather;
mod package;
#[cfg(test)]
mod tests;
mod workbook;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base::{Error, Result};
use lang::Lang;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// A longer file is refused. Units: bytes.
pub const LARGEST_FILE_BYTES: usize = 5 << 20;
/// More rows are refused; a heading is not counted.
pub const MOST_ROWS: usize = 20_000;
/// More columns are refused.
pub const MOST_COLUMNS: usize = 200;
/// More cells in all, rows times columns, are refused.
pub const MOST_CELLS: usize = 1_000_000;
/// A longer text in a cell is refused. Units: bytes.
pub const LONGEST_CELL_BYTES: usize = 4_000;
/// What a workbook unpacks to, and the text of all cells, is at most this long. Units: bytes.
const LARGEST_UNPACKED_BYTES: usize = 40 << 20;

/// A table as it came in.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What it came in as.
    pub format: Format,
    /// The rows that hold something, in the order of the file.
    pub rows: Vec<Row>,
}

/// The kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text with this mark between the cells.
    Csv {
        /// Comma, semicolon or tab.
        delimiter: u8,
    },
    /// A workbook, of which the first sheet is read.
    Xlsx,
}

/// A row with the place it has in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The line of a CSV file or the row of a sheet, from 1.
    pub number: usize,
    /// The cells up to the last that holds something.
    pub cells: Vec<Cell>,
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words, or nothing. A day of a workbook is written `30/06/2025`.
    Text(String),
    /// A number of a workbook.
    Number(f64),
}

impl Cell {
    /// As text: whole numbers without a decimal point, since codes come as numbers.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }
}

/// Reads a file; its bytes tell of which kind it is, and its name is not believed.
///
/// CSV is UTF-8, with or without a byte order mark; the mark between cells is the one of comma,
/// semicolon and tab that the first line has most of. Of XLSX the values of the first sheet are
/// read, of formulas those that were computed last.
///
/// Errors: `Invalid` at `file`, `row N` or `row N COLUMN` (`row 7 B`): too long, neither CSV in
/// UTF-8 nor XLSX, empty, damaged, a quotation mark that nobody closes, more rows, columns, cells
/// or text than there may be, or a workbook that unpacks to too much. What it unpacks to is counted
/// as it comes out, whatever the file says of itself.
pub fn read(bytes: &[u8]) -> Result<Table> {
    if bytes.len() > LARGEST_FILE_BYTES {
        return Err(refuse("file", |lang| lang::file::too_long(lang, LARGEST_FILE_BYTES >> 20)));
    }
    let table = if bytes.starts_with(b"PK\x03\x04") {
        Table { format: Format::Xlsx, rows: workbook::read(bytes)? }
    } else {
        delimited::read(bytes)?
    };
    let width = table.rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
    if width == 0 {
        return Err(refuse("file", lang::file::empty));
    }
    // Whoever makes the rows equally long must not be surprised by one that is long.
    if table.rows.len().saturating_mul(width) > MOST_CELLS {
        return Err(too_large("file"));
    }
    Ok(table)
}

/// Who waits for a turn. So many files of each are worked on at once, so that they cannot fill the
/// memory together; those of strangers never keep the signed in waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Anybody's.
    Visitors,
    /// Of those who are signed in.
    SignedIn,
}

impl Whose {
    fn turns(self) -> &'static Semaphore {
        static VISITORS: Semaphore = Semaphore::const_new(2);
        static SIGNED_IN: Semaphore = Semaphore::const_new(2);
        match self {
            Self::Visitors => &VISITORS,
            Self::SignedIn => &SIGNED_IN,
        }
    }
}

/// Work on one file that takes longer is stopped. Well within the time of a request, so that the
/// reason can still be told.
const LONGEST_WORK: Duration = Duration::from_secs(25);

/// Tells work on a file to stop: a thread cannot be stopped from outside.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Tells the work to stop.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// To be asked again and again by whatever may take long.
    ///
    /// Errors: `Invalid` at `file` when the time is over, or nobody waits for the work any more.
    pub fn check(&self) -> Result<()> {
        match self.0.load(Ordering::Relaxed) {
            true => Err(refuse("file", lang::file::took_too_long)),
            false => Ok(()),
        }
    }
}

/// Does work on a file of somebody signed in; see [`in_turn_of`].
///
/// Errors: those of [`in_turn_of`].
pub async fn in_turn<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    in_turn_of(Whose::SignedIn, |_: &Stop| work()).await
}

/// Does work on a file when its turn comes, aside from the threads that answer requests. The work
/// is told to stop when it takes too long, or the one who waited for it went away.
///
/// Errors: those of the work; `Invalid` at `file` when it breaks down or took too long.
pub async fn in_turn_of<T: Send + 'static>(
    whose: Whose,
    work: impl FnOnce(&Stop) -> Result<T> + Send + 'static,
) -> Result<T> {
    in_turn_within(LONGEST_WORK, whose.turns(), work).await
}

async fn in_turn_within<T: Send + 'static>(
    longest: Duration,
    turns: &'static Semaphore,
    work: impl FnOnce(&Stop) -> Result<T> + Send + 'static,
) -> Result<T> {
    let turn = turns.acquire().await.map_err(Error::internal)?;
    let waiting = Waiting(Stop::default());
    let stop = waiting.0.clone();
    let mut working = spawn_blocking(move || {
        // Held until the work is over, also when nobody waits for it any more.
        let _turn = turn;
        work(&stop)
    });
    let done = match timeout(longest, &mut working).await {
        Ok(done) => done,
        Err(_) => {
            waiting.0.set();
            working.await
        }
    };
    done.unwrap_or_else(|_| Err(refuse("file", lang::file::damaged)))
}

/// The one who waits for work; the work is told when they go away.
struct Waiting(Stop);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.set();
    }
}

fn refuse<S: Into<String>>(
    place: impl Into<String>,
    say: impl Fn(Lang) -> S + Send + Sync + 'static,
) -> Error {
    Error::invalid(place, say)
}

fn too_large(place: impl Into<String>) -> Error {
    refuse(place, |lang| {
        lang::file::too_large(
            lang,
            lang::file::TooLarge { cells: MOST_CELLS, columns: MOST_COLUMNS, rows: MOST_ROWS },
        )
    })
}

fn unpacks_too_large() -> Error {
    refuse("file", |lang| lang::file::unpacks_too_large(lang, LARGEST_UNPACKED_BYTES >> 20))
}
