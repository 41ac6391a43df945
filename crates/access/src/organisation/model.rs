//! What is recorded of agencies, posts, people, holdings and delegations.

use std::fmt;
use std::str::FromStr;

use base::{Day, DayRange, Error, Id, Moment, Result};
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
    /// The id of an operation.
    OperationId;
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
        /// The version before it was taken back (*hoàn tác*): what stood before it stands again.
        Undone "undone" event_undone,
    }
}

words! {
    /// What an operation did.
    OperationKind {
        /// An agency began.
        Establish "establish" operation_establish,
        /// The committees of units that became one.
        Committees "committees" operation_committees,
        /// Agencies merged into one.
        Merge "merge" operation_merge,
        /// An agency changed its name, parent, kind or unit.
        Change "change" operation_change,
        /// An agency ended.
        End "end" operation_end,
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
    /// As in the symbols of its documents from that day on, "SKHCN".
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
    /// The versions that stand, oldest first; none only of one whose beginning was taken back.
    pub versions: Vec<AgencyVersion>,
    /// The number of the version that was written last, also of one that was taken back.
    pub written: i64,
}

impl Agency {
    /// An agency of which nothing is known yet.
    pub(crate) const fn new(id: AgencyId) -> Self {
        Self { id, versions: Vec::new(), written: 0 }
    }

    /// Adds what was written next.
    pub(crate) fn add(&mut self, version: AgencyVersion) {
        self.written = version.version;
        match version.event {
            Event::Undone => drop(self.versions.pop()),
            _ => self.versions.push(version),
        }
    }

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

/// What was done in one step with agencies and all that hangs on them, so that it can be taken back in
/// one step (*lần sắp xếp, tổ chức lại cơ quan*).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationVersion {
    /// Its id.
    pub id: OperationId,
    /// 1 when it is carried out, 2 when it is taken back.
    pub version: i64,
    /// What was done.
    pub kind: OperationKind,
    /// The agency that began, took over, changed or ended.
    pub agency: AgencyId,
    /// The name of that agency by it.
    pub name: String,
    /// The unit whose communes became one; none of others.
    pub unit: Option<UnitId>,
    /// The day from which it holds.
    pub on: Day,
    /// The document by which it was carried out, or taken back.
    pub decision: String,
    /// So many entries before its own are what it wrote.
    pub records: i64,
    /// Whether it was made up to show the program.
    pub made_up: bool,
    /// Its entry in the journal.
    pub entry: i64,
}

/// An operation with who did it and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What was done.
    pub operation: OperationVersion,
    /// When.
    pub at: Moment,
    /// By whom.
    pub by: String,
    /// When, by whom and by which document it was taken back; none while it stands.
    pub undone: Option<(Moment, String, String)>,
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
