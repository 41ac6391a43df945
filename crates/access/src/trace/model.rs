//! What is kept of a look.

use base::rights::Act;
use base::{Id, Moment};
use territory::UnitId;
use zeroize::Zeroizing;

use crate::vault::{Column, Place, Vault};

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
    /// Words that may tell of the person; they go into the vault.
    pub sealed: Option<(&'a Vault, &'a str)>,
    /// So many people, or records, are shown.
    pub shown: usize,
}

/// How the journal covers a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// By the entry of a reading, as looks at citizens were kept before they belonged to the trace.
    Reading,
    /// All of it by one hash, which holds no more once something is erased.
    Whole,
    /// What can be erased by a hash of its own.
    Apart,
}

impl Form {
    pub(super) const fn number(self) -> i64 {
        match self {
            Self::Reading => 0,
            Self::Whole => 1,
            Self::Apart => 2,
        }
    }

    pub(super) fn find(number: i64) -> Option<Self> {
        [Self::Reading, Self::Whole, Self::Apart].into_iter().find(|it| it.number() == number)
    }
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
    /// Which one; empty for several, and once it is erased.
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
    /// How its entry covers it.
    pub form: Form,
    /// What record, people and words come to; of [`Form::Apart`] alone.
    pub facts: Vec<u8>,
    /// Which erasure took record, people and words away.
    pub erasure: Option<String>,
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
        if self.form == Form::Apart {
            return journal::content_hash(&[
                b"sogoc read 2",
                id.as_bytes(),
                &number(self.at.0),
                self.actor.as_bytes(),
                self.act.as_bytes(),
                self.record_kind.as_bytes(),
                unit.as_bytes(),
                self.purpose.as_bytes(),
                &number(self.shown),
                &self.facts,
            ]);
        }
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

    /// What record, people and words come to; `sealed` is what the words in the vault come to.
    pub(super) fn facts(&self, sealed: &[u8]) -> [u8; 32] {
        journal::content_hash(&[
            b"sogoc read facts 1",
            &self.salt,
            self.record.as_bytes(),
            self.subjects.join("\n").as_bytes(),
            self.words.as_bytes(),
            sealed,
        ])
    }
}

/// Words in the vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SealedWords {
    /// The id of the look.
    pub(super) read: String,
    /// Random bytes and the words, encrypted; none once they are erased.
    pub(super) sealed: Option<Vec<u8>>,
    /// What they come to, with those random bytes.
    pub(super) facts: Vec<u8>,
    /// The reading they belonged to before they belonged to a look.
    pub(super) reading: Option<Reading>,
}

/// A reading with an entry of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) id: String,
    pub(super) at: i64,
    pub(super) entry: i64,
}

/// Where the words lie that somebody said of a look.
pub(crate) const WORDS: Column =
    Column { rows: "reading is null", ..Column::new("read_words", "sealed", "read") };
/// Those that were sealed while readings had a table of their own.
pub(crate) const WORDS_OF_READINGS: Column = Column {
    place: ("subject_readings", "words"),
    rows: "reading is not null",
    ..Column::new("read_words", "sealed", "reading")
};

/// Random bytes before the words, so that nobody finds the words by trying.
pub(super) const SALT_BYTES: usize = 32;

impl SealedWords {
    /// Where they were sealed.
    pub(super) fn place(&self) -> Place<'_> {
        let at = |column: &Column, row| {
            let (table, column) = column.place;
            Place { table, column, row }
        };
        match &self.reading {
            Some(reading) => at(&WORDS_OF_READINGS, &reading.id),
            None => at(&WORDS, &self.read),
        }
    }

    /// What words come to.
    pub(super) fn facts_of(salt: &[u8], words: &str) -> [u8; 32] {
        journal::content_hash(&[b"sogoc reading words 1", salt, words.as_bytes()])
    }

    /// The words; none where they are erased or cannot be opened, or are not those that were written.
    pub(super) fn open(&self, vault: &Vault) -> Option<Zeroizing<String>> {
        let opened = vault.open(self.place(), self.sealed.as_deref()?).ok()?;
        let (salt, words) = opened.split_at_checked(SALT_BYTES)?;
        let words = Zeroizing::new(std::str::from_utf8(words).ok()?.to_owned());
        (Self::facts_of(salt, &words)[..] == self.facts[..]).then_some(words)
    }

    /// What the entry of a reading seals.
    pub(super) fn reading_hash(&self, read: &Read) -> Option<[u8; 32]> {
        let reading = self.reading.as_ref()?;
        Some(journal::content_hash(&[
            b"sogoc reading 1",
            reading.id.as_bytes(),
            read.record.as_bytes(),
            &reading.at.to_be_bytes(),
            read.actor.as_bytes(),
            read.purpose.as_bytes(),
            &self.facts,
        ]))
    }
}

/// That looks were erased whose time was over: all that are older than an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Erasure {
    pub(super) id: String,
    pub(super) at: i64,
    pub(super) actor: String,
    pub(super) before: i64,
    /// The entry of the last look that it took.
    pub(super) last_entry: i64,
    pub(super) amount: i64,
    pub(super) entry: i64,
}

impl Erasure {
    /// What its entry seals.
    pub(super) fn hash(&self) -> [u8; 32] {
        journal::content_hash(&[
            b"sogoc read erasure 1",
            self.id.as_bytes(),
            &self.at.to_be_bytes(),
            self.actor.as_bytes(),
            &self.before.to_be_bytes(),
            &self.last_entry.to_be_bytes(),
            &self.amount.to_be_bytes(),
        ])
    }
}
