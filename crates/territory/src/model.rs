//! Units, their versions in time, the acts that changed them, and their outlines.

use std::fmt;

use base::{Day, DayRange, Error, Result};
use lang::Lang;
use serde::{Deserialize, Serialize};

use crate::{Kind, Level, fraction};

/// The largest denominator of a stated share; keeps products of shares inside 128 bits.
pub(crate) const LARGEST_DENOMINATOR: i64 = 1_000_000_000;

/// The program's own id of a unit: a small dense number that never passes to another unit.
///
/// Law: none (house rule): codes are re-issued and names repeat, so keys point to this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UnitId(pub i64);

impl fmt::Display for UnitId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A state code (*mã đơn vị hành chính*): 2 digits province, 3 district, 5 commune; a hamlet's is
/// up to 12 Latin letters, digits and hyphens. Always text, with its leading zeros.
///
/// Law: 124/2004/QĐ-TTg; 19/2025/QĐ-TTg, in force 2025-07-01.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UnitCode(String);

impl UnitCode {
    /// A code as it may stand on this level.
    ///
    /// Errors: `Invalid` when the text has another shape.
    pub fn new(level: Level, text: &str) -> Result<Self> {
        let digits = |length| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
        let fits = match level {
            Level::Province => digits(2),
            Level::District => digits(3),
            Level::Commune => digits(5),
            Level::Hamlet => {
                (1..=12).contains(&text.len())
                    && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            }
        };
        if !fits {
            return Err(Error::invalid("code", move |lang| {
                lang::territory::bad_code(lang, level.say(lang))
            }));
        }
        Ok(Self(text.to_owned()))
    }

    /// The code's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UnitCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A legal act that changed units (*văn bản pháp lý*).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// The program's own id.
    pub id: i64,
    /// "1668/NQ-UBTVQH15".
    pub number: String,
    /// "Ủy ban Thường vụ Quốc hội"; empty when not known.
    pub issuer: String,
    /// What it is about; empty when not known.
    pub title: String,
    /// The day it was adopted, which is not the day units begin to live by it.
    pub adopted_on: Option<Day>,
    /// The day units live by it; none when not verified.
    pub effective_on: Option<Day>,
    /// Where its text was found; empty when not known.
    pub source: String,
}

/// A period in which nothing about a unit changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Whose version it is.
    pub unit: UnitId,
    /// When it held.
    pub valid: DayRange,
    /// The state code; none for hamlets without one.
    pub code: Option<UnitCode>,
    /// The name without the kind, "Vị Thủy", as the act spells it.
    pub name: String,
    /// The name with the kind, "Xã Vị Thủy".
    pub full_name: String,
    /// Its kind in that period.
    pub kind: Kind,
    /// The unit it belonged to; none for provinces.
    pub parent: Option<UnitId>,
    /// The act with which the period began; none when not known.
    pub act: Option<i64>,
}

impl Version {
    /// The day of the period that is nearest to another: that day itself, where it lies within.
    #[must_use]
    pub fn nearest(&self, day: Day) -> Day {
        day.clamp(self.valid.from, self.valid.last())
    }
}

/// A unit through its whole life.
///
/// A unit stays itself through a new name, kind, code or parent as long as its land stays the
/// same. A merger, split or partial transfer ends the old units and forms new ones, even where a
/// new one carries a former name or code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// Its level, the same for life.
    pub level: Level,
    /// Of a hamlet, the commune in which it was first known: tells "Ấp 1" from "Ấp 1".
    pub origin: Option<UnitId>,
    /// Whether it was made up for the project and exists nowhere.
    pub made_up: bool,
    /// Its periods, oldest first, without gaps.
    pub versions: Vec<Version>,
}

/// What an act did to a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ChangeKind {
    /// Several whole units became one (*nhập nguyên trạng*); `from` ended, `to` began.
    Merge,
    /// A part went to another unit (*điều chỉnh một phần*); `from` ended, `to` began.
    PartialTransfer,
    /// One unit became several (*chia tách*); `from` ended, `to` began.
    Split,
    /// Another name, same land (*đổi tên*); `from` = `to`.
    Rename,
    /// Another kind, same land (*đổi loại*); `from` = `to`, or the unit of another level that
    /// took its place (an island district that became a special zone).
    ChangeOfKind,
    /// Another parent (*chuyển thuộc*); `from` = `to`.
    Reparent,
    /// The level came to its end (*kết thúc hoạt động cấp huyện*); only `from`.
    EndOfLevel,
    /// Formed out of nothing before it (*thành lập*); only `to`.
    Establish,
    /// Ended without a successor (*giải thể*); only `from`.
    Dissolve,
    /// The code of `from` was given to `to`, a unit of another name (*cấp lại mã*).
    CodeReissue,
    /// Named in the act as staying as it was (*giữ nguyên*); `from` = `to`.
    Unchanged,
}

impl ChangeKind {
    /// All kinds of change.
    pub const ALL: [Self; 11] = [
        Self::Merge,
        Self::PartialTransfer,
        Self::Split,
        Self::Rename,
        Self::ChangeOfKind,
        Self::Reparent,
        Self::EndOfLevel,
        Self::Establish,
        Self::Dissolve,
        Self::CodeReissue,
        Self::Unchanged,
    ];

    /// The word in files and columns.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::PartialTransfer => "partial_transfer",
            Self::Split => "split",
            Self::Rename => "rename",
            Self::ChangeOfKind => "change_of_kind",
            Self::Reparent => "reparent",
            Self::EndOfLevel => "end_of_level",
            Self::Establish => "establish",
            Self::Dissolve => "dissolve",
            Self::CodeReissue => "code_reissue",
            Self::Unchanged => "unchanged",
        }
    }

    /// The kind of change that a word in a column stands for.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// How much of the old unit went over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Part {
    /// All of it.
    Whole,
    /// A share that the act or its annex states: `0 < numerator < denominator`.
    Share {
        /// The upper number.
        numerator: i64,
        /// The lower number.
        denominator: i64,
    },
    /// A part whose size is not stated.
    Unknown,
}

impl Part {
    /// The part that a word of a list stands for: `whole`, `part` or `unknown`, or a share `1/3`.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        match word {
            "whole" => Some(Self::Whole),
            "part" | "unknown" => Some(Self::Unknown),
            word => {
                let (numerator, denominator) = word.split_once('/')?;
                let (numerator, denominator) =
                    (numerator.trim().parse().ok()?, denominator.trim().parse().ok()?);
                let fits = 0 < numerator && numerator < denominator;
                fits.then_some(Self::Share { numerator, denominator })
            }
        }
    }

    /// Whether these parts of a unit are all of it: once whole, or divided with nothing left over.
    #[must_use]
    pub fn make_up_a_whole(parts: &[Self]) -> bool {
        let whole = parts.iter().filter(|part| **part == Self::Whole).count();
        let unknown = parts.contains(&Self::Unknown);
        let fits = |numerator, denominator| {
            0 < numerator && numerator < denominator && denominator <= LARGEST_DENOMINATOR
        };
        let mut stated = Vec::new();
        for part in parts {
            match part {
                Self::Share { numerator, denominator } if fits(*numerator, *denominator) => {
                    stated.push((i128::from(*numerator), i128::from(*denominator)));
                }
                Self::Share { .. } => return false,
                Self::Whole | Self::Unknown => {}
            }
        }
        let Some(stated) = fraction::sum(stated, i128::MAX) else { return false };
        match (whole, parts.len(), unknown) {
            (1, 1, _) => true,
            (0, 2.., true) => stated.0 < stated.1,
            (0, 2.., false) => stated.0 == stated.1,
            _ => false,
        }
    }

    /// The part in words: "toàn bộ", "1/3".
    #[must_use]
    pub fn say(self, lang: Lang) -> String {
        match self {
            Self::Whole => lang::unit::whole(lang).to_owned(),
            Self::Share { numerator, denominator } => format!("{numerator}/{denominator}"),
            Self::Unknown => lang::unit::part_unknown(lang).to_owned(),
        }
    }
}

/// One line of an act: what became of a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The program's own id.
    pub id: i64,
    /// The act; none when not known.
    pub act: Option<i64>,
    /// The day from which it holds.
    pub on: Day,
    /// What happened; says which of `from` and `to` are there.
    pub kind: ChangeKind,
    /// The unit as it was.
    pub from: Option<UnitId>,
    /// The unit that came of it.
    pub to: Option<UnitId>,
    /// How much of `from` went to `to`.
    pub part: Part,
    /// The wording of the source, or empty.
    pub note: String,
}

impl Change {
    /// Whether land and people passed from one unit to another by it.
    #[must_use]
    pub fn is_lineage(&self) -> bool {
        let passes = !matches!(self.kind, ChangeKind::CodeReissue);
        passes && self.from.is_some() && self.to.is_some() && self.from != self.to
    }
}

/// The outline of a unit on the ground.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// Whose outline it is.
    pub unit: UnitId,
    /// When it held.
    pub valid: DayRange,
    /// Whether it is only a made-up sketch for drawing; a sketch never says where a point lies.
    pub schematic: bool,
    /// Where it comes from, with its licence.
    pub source: String,
    /// Polygons, each an outer ring and its holes, each ring a list of points.
    ///
    /// Units: degrees of WGS 84, (longitude, latitude).
    pub rings: Vec<Vec<Vec<(f64, f64)>>>,
    /// The smallest rectangle around it: west, south, east, north.
    pub bbox: [f64; 4],
}

impl Outline {
    /// The smallest rectangle around these polygons: west, south, east, north.
    #[must_use]
    pub fn bbox_of(rings: &[Vec<Vec<(f64, f64)>>]) -> [f64; 4] {
        let nothing = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        rings.iter().flatten().flatten().fold(nothing, |[west, south, east, north], (lon, lat)| {
            [west.min(*lon), south.min(*lat), east.max(*lon), north.max(*lat)]
        })
    }
}
