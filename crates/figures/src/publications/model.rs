//! A publication, and what is sent in to make one.

use base::{Day, Moment};
use serde::{Deserialize, Serialize};

use crate::Period;
use crate::reports::Sheet;

/// The form of the body; a later one gets another name.
pub(crate) const FORM: &str = "sogoc publication 1";
/// How files are made of a body. Whoever changes a byte of them gives it another name: files that
/// were stored under an earlier one are served as they are and no longer made anew to compare.
pub const RENDERER: &str = "sogoc paper 2";

/// What is frozen: everything that the paper says, in its canonical form. Its bytes are the file of
/// the kind JSON, and their SHA-256 is what the journal keeps of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// [`FORM`].
    pub form: String,
    /// Number, place, day, signer.
    pub issue: Issue,
    /// The filled form.
    pub sheet: Sheet,
    /// A checkpoint that covered every entry that counts, if there was one.
    pub checkpoint: Option<Checkpoint>,
    /// The publication whose place it takes.
    pub replaces: Option<Replaced>,
}

/// What makes a filled form a publication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issue {
    /// Its number, "01/BC-UBND".
    pub number: String,
    /// "Số: 01/BC-UBND".
    pub number_line: String,
    /// Where it was signed.
    pub place: String,
    /// The day on it.
    pub on: Day,
    /// "Vị Thanh, ngày 05 tháng 7 năm 2025".
    pub place_line: String,
    /// Who signs.
    pub signer: Signer,
    /// When it was frozen.
    pub published_at: Moment,
}

/// Who signs, as it was typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signer {
    /// The name.
    pub name: String,
    /// The post (*chức vụ*).
    pub post: String,
}

/// A signed state of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// How many entries it has.
    pub size: u64,
    /// The root of the tree over them, in Base64.
    pub root: String,
}

/// The publication whose place another takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replaced {
    /// Its id.
    pub id: String,
    /// Its number.
    pub number: String,
    /// Why.
    pub reason: String,
    /// "Thay thế biểu số … (lý do)".
    pub line: String,
}

/// A file of a publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// Columns with commas between, for programs and spreadsheets.
    Csv,
    /// The body itself.
    Json,
    /// The paper as officials expect it.
    Xlsx,
}

impl FileKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Xlsx, Self::Csv, Self::Json];

    /// The ending of its name.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Xlsx => "xlsx",
        }
    }

    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// The kind with that ending.
    #[must_use]
    pub fn find(ending: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.ending() == ending)
    }
}

/// A publication that is about to be made.
#[derive(Clone, Debug)]
pub struct NewPublication {
    /// The code of the form.
    pub report: String,
    /// The period.
    pub period: Period,
    /// The day whose map the figures stand on.
    pub map: Day,
    /// Only what was recorded by then; all that is there by default.
    pub cut_off: Option<Moment>,
    /// Its number, as it was typed.
    pub number: String,
    /// Where it is signed.
    pub place: String,
    /// The day on it.
    pub on: Day,
    /// Who signs.
    pub signer: Signer,
    /// The publication whose place it takes, if there is one.
    pub replaces: Option<Replacing>,
}

/// Which publication another takes the place of.
#[derive(Clone, Debug)]
pub struct Replacing {
    /// Its id, or its name in addresses.
    pub reference: String,
    /// Why.
    pub reason: String,
}

/// A withdrawal that is about to be made.
#[derive(Clone, Debug)]
pub struct Withdrawal {
    /// The id of the publication, or its name in addresses.
    pub reference: String,
    /// Why.
    pub reason: String,
}

/// How a publication ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Why.
    pub reason: String,
    /// The id of the one that took its place; none when it was withdrawn.
    pub replaced_by: Option<String>,
    /// The entry of the journal.
    pub entry: i64,
}

/// A file as it was made when the publication was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendering {
    /// Which.
    pub kind: FileKind,
    /// SHA-256 of its bytes, which is what its entry keeps.
    pub hash: Vec<u8>,
    /// The entry of the journal.
    pub entry: i64,
}

/// A publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Its id.
    pub id: String,
    /// Its name in addresses, made of number and year.
    pub slug: String,
    /// What was frozen.
    pub body: Body,
    /// The entry of the journal.
    pub entry: i64,
    /// Its files, the body among them.
    pub files: Vec<Rendering>,
    /// How it ended; none while it stands.
    pub ended: Option<Ended>,
}
