//! One version of any record, and what its entry seals of it.

use std::fmt;

use base::{Day, DayRange, Id};

use super::model::{
    AgencyFacts, AgencyVersion, Assignment, Delegation, Holding, OperationVersion, Person, Places,
    Post,
};

/// One version of any of these, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    Agency(AgencyVersion),
    Post(Post),
    Person(Person),
    Holding(Holding),
    Delegation(Delegation),
    Assignment(Assignment),
    Operation(OperationVersion),
}

impl Record {
    /// The kind of record in the journal.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Agency(_) => "agency",
            Self::Post(_) => "post",
            Self::Person(_) => "person",
            Self::Holding(_) => "holding",
            Self::Delegation(_) => "delegation",
            Self::Assignment(_) => "assignment",
            Self::Operation(_) => "agency_operation",
        }
    }

    pub(super) const fn id(&self) -> Id {
        match self {
            Self::Agency(it) => it.id.0,
            Self::Post(it) => it.id.0,
            Self::Person(it) => it.id.0,
            Self::Holding(it) => it.id.0,
            Self::Delegation(it) => it.id.0,
            Self::Assignment(it) => it.id.0,
            Self::Operation(it) => it.id.0,
        }
    }

    pub(super) const fn version(&self) -> i64 {
        match self {
            Self::Agency(it) => it.version,
            Self::Post(it) => it.version,
            Self::Person(it) => it.version,
            Self::Holding(it) => it.version,
            Self::Delegation(it) => it.version,
            Self::Assignment(it) => it.version,
            Self::Operation(it) => it.version,
        }
    }

    /// The number of the entry that made it.
    pub(super) const fn entry(&self) -> i64 {
        match self {
            Self::Agency(it) => it.entry,
            Self::Post(it) => it.entry,
            Self::Person(it) => it.entry,
            Self::Holding(it) => it.entry,
            Self::Delegation(it) => it.entry,
            Self::Assignment(it) => it.entry,
            Self::Operation(it) => it.entry,
        }
    }

    /// When it holds; of what has no period, always.
    pub(super) const fn valid(&self) -> DayRange {
        match self {
            Self::Post(it) => it.valid,
            Self::Holding(it) => it.valid,
            Self::Delegation(it) => it.valid,
            Self::Assignment(it) => it.valid,
            Self::Agency(it) => DayRange { from: it.on, to: Day::MAX },
            Self::Person(_) | Self::Operation(_) => DayRange { from: Day::MIN, to: Day::MAX },
        }
    }

    pub(super) fn set_entry(&mut self, entry: i64) {
        match self {
            Self::Agency(it) => it.entry = entry,
            Self::Post(it) => it.entry = entry,
            Self::Person(it) => it.entry = entry,
            Self::Holding(it) => it.entry = entry,
            Self::Delegation(it) => it.entry = entry,
            Self::Assignment(it) => it.entry = entry,
            Self::Operation(it) => it.entry = entry,
        }
    }

    /// What its entry seals.
    pub(super) fn hash(&self) -> [u8; 32] {
        let mut fields = Fields::default();
        fields.text(&format!("sogoc {} 1", self.kind()));
        fields.text(&self.id().to_string());
        fields.number(self.version());
        match self {
            Self::Agency(it) => {
                fields.text(it.event.as_str()).number(it.on.0.into());
                let AgencyFacts { name, short_name, symbol, kind, parent, unit } = &it.facts;
                fields.text(name).text(short_name).text(symbol).text(kind.as_str());
                fields.maybe(*parent).maybe(*unit).maybe(it.successor).text(&it.decision);
                fields.number(it.made_up.into());
            }
            Self::Post(it) => {
                fields.text(&it.agency.to_string()).text(&it.title).text(&it.signs_as);
                fields.number(it.leads.into()).number(it.rank);
                fields.number((it.places == Places::One).into());
                fields.days(it.valid).text(&it.decision).number(it.made_up.into());
            }
            Self::Person(it) => {
                fields.bytes(&it.salt).text(&it.name).text(&it.email).text(&it.phone);
                fields.maybe(it.account.as_deref()).number(it.made_up.into());
            }
            Self::Holding(it) => {
                fields.text(&it.person.to_string()).text(&it.post.to_string());
                fields.text(it.manner.as_str()).days(it.valid).text(&it.decision);
                fields.text(&it.end_decision).number(it.made_up.into());
            }
            Self::Delegation(it) => {
                fields.text(&it.holding.to_string()).text(it.form.as_str());
                let (post, person) = it.to.apart();
                fields.maybe(post).maybe(person).text(&it.subject).days(it.valid);
                fields.text(&it.decision).number(it.made_up.into());
            }
            Self::Assignment(it) => {
                let (post, account) = it.bearer.apart();
                fields.text(&it.role).maybe(post).maybe(account).maybe(it.unit).days(it.valid);
                fields.text(&it.decision).number(it.made_up.into());
            }
            Self::Operation(it) => {
                fields.text(it.kind.as_str()).text(&it.agency.to_string()).text(&it.name);
                fields.maybe(it.unit).number(it.on.0.into()).text(&it.decision);
                fields.number(it.records).number(it.made_up.into());
            }
        }
        fields.hash()
    }
}

/// The fields of a record, in the order in which its hash covers them.
#[derive(Default)]
struct Fields(Vec<Vec<u8>>);

impl Fields {
    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.push(bytes.to_vec());
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    fn number(&mut self, number: i64) -> &mut Self {
        self.bytes(&number.to_be_bytes())
    }

    fn days(&mut self, days: DayRange) -> &mut Self {
        self.number(days.from.0.into()).number(days.to.0.into())
    }

    /// Nothing is another thing than an empty text.
    fn maybe(&mut self, value: Option<impl fmt::Display>) -> &mut Self {
        match value {
            Some(value) => self.text(&format!("+{value}")),
            None => self.text(""),
        }
    }

    fn hash(&self) -> [u8; 32] {
        let fields: Vec<&[u8]> = self.0.iter().map(Vec::as_slice).collect();
        journal::content_hash(&fields)
    }
}
