//! What is kept of a look.

use base::rights::Act;
use base::{Id, Moment};
use territory::UnitId;

/// A look at data, as whoever shows it says.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// By which act.
    pub act: Act,
    /// The kind of record, as in the journal.
    pub record_kind: &'a str,
    /// Which one; empty for a list, a search or an export of several.
    pub record: &'a str,
    /// The people whose data it is: each by an id, or by the blind index of a number, never the
    /// number.
    pub subjects: &'a [String],
    /// The unit of the record.
    pub unit: Option<UnitId>,
    /// The code of the purpose; empty lets the only one stand that the right was given for.
    pub purpose: &'a str,
    /// Words of the one who looks, or what was asked for. No data of the person.
    pub words: &'a str,
    /// So many people, or records, are shown.
    pub shown: usize,
}

/// A look that was noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// Its id.
    pub id: Id,
    /// When.
    pub at: Moment,
    /// The name of the account that looked.
    pub actor: String,
    /// The word of the act.
    pub act: String,
    /// The kind of record.
    pub record_kind: String,
    /// Which one; empty for several.
    pub record: String,
    /// The people whose data it is, in order.
    pub subjects: Vec<String>,
    /// The unit of the record.
    pub unit: Option<UnitId>,
    /// The code of the purpose; empty where none is asked for.
    pub purpose: String,
    /// Words of the one who looked.
    pub words: String,
    /// So many were shown.
    pub shown: i64,
    /// Random bytes, so that nobody finds by trying what the journal's hash stands for.
    pub salt: Vec<u8>,
    /// Its entry in the journal.
    pub entry: i64,
}

impl Read {
    /// What its entry seals.
    pub(super) fn hash(&self) -> [u8; 32] {
        let number = |number: i64| number.to_be_bytes();
        let subjects = self.subjects.join("\n");
        let unit = self.unit.map(|it| format!("+{it}")).unwrap_or_default();
        let id = self.id.to_string();
        journal::content_hash(&[
            b"sogoc read 1",
            &self.salt,
            id.as_bytes(),
            &number(self.at.0),
            self.actor.as_bytes(),
            self.act.as_bytes(),
            self.record_kind.as_bytes(),
            self.record.as_bytes(),
            subjects.as_bytes(),
            unit.as_bytes(),
            self.purpose.as_bytes(),
            self.words.as_bytes(),
            &number(self.shown),
        ])
    }
}
