//! What is recorded of agencies, posts, people, holdings and delegations.

use std::fmt;
use std::str::FromStr;

use base::{Day, DayRange, Error, Id, Result};
use lang::Lang;
use territory::UnitId;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Id);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl FromStr for $name {
            type Err = Error;
            fn from_str(text: &str) -> Result<Self> {
                text.parse().map(Self)
            }
        }
    )* };
}

ids! {
    /// The id of an agency.
    AgencyId;
    /// The id of a post.
    PostId;
    /// The id of a person.
    PersonId;
    /// The id of a holding.
    HoldingId;
    /// The id of a delegation.
    DelegationId;
    /// The id of an assignment.
    AssignmentId;
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident $word:literal $say:ident,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$inner])* $variant,)*
        }

        impl $name {
            /// All of them, in their order.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As it is stored and sent by forms.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The one that a word stands for.
            #[must_use]
            pub fn find(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| it.as_str() == word)
            }

            /// In words.
            #[must_use]
            pub fn say(self, lang: Lang) -> &'static str {
                match self { $(Self::$variant => lang::organisation::$say(lang),)* }
            }
        }
    };
}

words! {
    /// The kind of an agency (*loại cơ quan*).
    AgencyKind {
        /// *Ủy ban nhân dân*: signs for a collective.
        Committee "committee" kind_committee,
        /// *Sở*.
        Department "department" kind_department,
        /// *Ban*.
        Board "board" kind_board,
        /// *Văn phòng*.
        Office "office" kind_office,
        /// *Phòng*.
        Division "division" kind_division,
        /// *Trung tâm, đơn vị sự nghiệp*.
        Centre "centre" kind_centre,
        /// Any other agency or organisation.
        Other "other" kind_other,
    }
}

words! {
    /// What a version says of an agency.
    Event {
        /// It began (*thành lập*).
        Established "established" event_established,
        /// Another name, parent, kind or unit (*đổi tên, tổ chức lại*).
        Changed "changed" event_changed,
        /// It ended (*kết thúc hoạt động*), with or without one that took over.
        Ended "ended" event_ended,
    }
}

words! {
    /// How somebody holds a post.
    Manner {
        /// *Chính thức*: elected or appointed.
        Appointed "appointed" manner_appointed,
        /// *Quyền*: given the powers of the head; signs with "Q.".
        Acting "acting" manner_acting,
        /// *Phụ trách*: a deputy in charge; signs as a deputy does.
        InCharge "in_charge" manner_in_charge,
    }
}

words! {
    /// How somebody signs for the head of an agency.
    ///
    /// Law: 30/2020/NĐ-CP art. 13.
    Form {
        /// *Ký thay*: a deputy for the head.
        Kt "kt" form_kt,
        /// *Ký thừa lệnh*: the head of a part of the agency by order of the head.
        Tl "tl" form_tl,
        /// *Ký thừa ủy quyền*: somebody who was authorised in writing.
        Tuq "tuq" form_tuq,
    }
}

/// How many hold a post at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Places {
    /// One person.
    One,
    /// As many as there are.
    Many,
}

/// What is said of an agency for a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencyFacts {
    /// "Sở Khoa học và Công nghệ tỉnh Mẫu".
    pub name: String,
    /// "Sở KH&CN"; empty when there is none.
    pub short_name: String,
    /// As in the symbols of its documents, "SKHCN".
    pub symbol: String,
    /// What kind of agency it is.
    pub kind: AgencyKind,
    /// The agency above it.
    pub parent: Option<AgencyId>,
    /// The unit of territory that it serves.
    pub unit: Option<UnitId>,
}

/// A version of an agency: what holds from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencyVersion {
    /// Whose version it is.
    pub id: AgencyId,
    /// 1, 2, 3, …
    pub version: i64,
    /// What happened.
    pub event: Event,
    /// The day from which it holds; each version's is later than the one's before.
    pub on: Day,
    /// What is said of it; of one that ended, what was said last.
    pub facts: AgencyFacts,
    /// Of one that ended, the agency that took over.
    pub successor: Option<AgencyId>,
    /// The document that decided it.
    pub decision: String,
    /// Whether it was made up to show the program.
    pub made_up: bool,
    /// Its entry in the journal.
    pub entry: i64,
}

/// An agency through its whole life (*cơ quan*).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agency {
    /// Its id.
    pub id: AgencyId,
    /// Its versions, oldest first, never empty.
    pub versions: Vec<AgencyVersion>,
}

impl Agency {
    /// What is said of it on a day; none before it began and after it ended.
    #[must_use]
    pub fn at(&self, day: Day) -> Option<&AgencyVersion> {
        let last = self.versions.iter().rev().find(|version| version.on <= day)?;
        (last.event != Event::Ended).then_some(last)
    }

    /// The last version.
    #[must_use]
    pub fn last(&self) -> Option<&AgencyVersion> {
        self.versions.last()
    }

    /// From its first day to its end.
    #[must_use]
    pub fn valid(&self) -> DayRange {
        let from = self.versions.first().map_or(Day::MAX, |version| version.on);
        let end = self.last().filter(|version| version.event == Event::Ended);
        DayRange { from, to: end.map_or(Day::MAX, |version| version.on) }
    }

    /// Its name on a day, or on the day of its life that is nearest.
    #[must_use]
    pub fn name(&self, day: Day) -> &str {
        let version = self.at(day).or_else(|| {
            let is_over = self.valid().to <= day;
            if is_over { self.versions.last() } else { self.versions.first() }
        });
        version.map_or("", |version| &version.facts.name)
    }

    /// Whether it was made up to show the program.
    #[must_use]
    pub fn made_up(&self) -> bool {
        self.versions.iter().any(|version| version.made_up)
    }
}

/// A post (*chức vụ, vị trí*).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// Its id.
    pub id: PostId,
    /// 1, 2, 3, …
    pub version: i64,
    /// Where it is.
    pub agency: AgencyId,
    /// "Phó Chủ tịch Thường trực UBND tỉnh".
    pub title: String,
    /// As it stands under a document, "Phó Chủ tịch".
    pub signs_as: String,
    /// Whether it leads the agency.
    pub leads: bool,
    /// The order of signatures; 1 comes first.
    pub rank: i64,
    /// How many hold it at a time.
    pub places: Places,
    /// When there is such a post.
    pub valid: DayRange,
    /// The document that made or ended it.
    pub decision: String,
    /// Whether it was made up to show the program.
    pub made_up: bool,
    /// Its entry in the journal.
    pub entry: i64,
}

/// A person who holds, held or will hold a post. No citizen number is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// The person's id.
    pub id: PersonId,
    /// 1, 2, 3, …
    pub version: i64,
    /// The name.
    pub name: String,
    /// The office's address for letters; empty when there is none.
    pub email: String,
    /// The office's telephone; empty when there is none.
    pub phone: String,
    /// The id of the account that the person signs in with.
    pub account: Option<String>,
    /// Random bytes, so that a name cannot be found by trying names against the journal.
    pub salt: Vec<u8>,
    /// Whether it was made up to show the program.
    pub made_up: bool,
    /// The entry in the journal.
    pub entry: i64,
}

/// Logs never carry who it is.
impl fmt::Debug for Person {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Person").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Which person held which post from when to when, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Its id.
    pub id: HoldingId,
    /// 1, 2, 3, …
    pub version: i64,
    /// Who.
    pub person: PersonId,
    /// Which post.
    pub post: PostId,
    /// How.
    pub manner: Manner,
    /// From when to when; empty where the appointment never took effect.
    pub valid: DayRange,
    /// The document that decided it.
    pub decision: String,
    /// The document by which it ended; empty until then.
    pub end_decision: String,
    /// Whether it was made up to show the program.
    pub made_up: bool,
    /// Its entry in the journal.
    pub entry: i64,
}

/// To whom something is delegated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delegate {
    /// Whoever holds a post.
    Post(PostId),
    /// One person.
    Person(PersonId),
}

/// That somebody signs for the holder of a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegation {
    /// Its id.
    pub id: DelegationId,
    /// 1, 2, 3, …
    pub version: i64,
    /// Whose authority it is.
    pub holding: HoldingId,
    /// How it is signed.
    pub form: Form,
    /// To whom.
    pub to: Delegate,
    /// For what.
    pub subject: String,
    /// From when to when; lies within the holding.
    pub valid: DayRange,
    /// The document that decided it.
    pub decision: String,
    /// Whether it was made up to show the program.
    pub made_up: bool,
    /// Its entry in the journal.
    pub entry: i64,
}

/// Who has a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bearer {
    /// Whoever holds a post, as long as he or she holds it.
    Post(PostId),
    /// One account, by its id: a program's, or an operator's.
    Account(String),
}

impl Bearer {
    /// The post or the account.
    pub(super) fn apart(&self) -> (Option<PostId>, Option<&str>) {
        match self {
            Self::Post(post) => (Some(*post), None),
            Self::Account(account) => (None, Some(account)),
        }
    }
}

/// That a post or an account has a role (*giao vai trò*).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Its id.
    pub id: AssignmentId,
    /// 1, 2, 3, …
    pub version: i64,
    /// The code of the role.
    pub role: String,
    /// Who has it.
    pub bearer: Bearer,
    /// The unit where it holds; none for that of the post's agency.
    pub unit: Option<UnitId>,
    /// From when to when; empty where it never took effect.
    pub valid: DayRange,
    /// The document that decided it.
    pub decision: String,
    /// Whether it was made up to show the program.
    pub made_up: bool,
    /// Its entry in the journal.
    pub entry: i64,
}

/// One version of any of these, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    Agency(AgencyVersion),
    Post(Post),
    Person(Person),
    Holding(Holding),
    Delegation(Delegation),
    Assignment(Assignment),
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
        }
        fields.hash()
    }
}

impl Delegate {
    /// The post or the person.
    pub(super) const fn apart(self) -> (Option<PostId>, Option<PersonId>) {
        match self {
            Self::Post(post) => (Some(post), None),
            Self::Person(person) => (None, Some(person)),
        }
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
