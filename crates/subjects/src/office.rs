//! The part of the program's state that this area needs.

use std::sync::{Arc, Mutex, PoisonError};

use access::Throttle;
use access::grants::Purpose;
use access::vault::Vault;
use base::{Clock, Error, Result, WorkingCalendar};
use packs::{Catalogue, ConsentPurpose, RequestKind, RetentionRule, WorkingYear};
use store::{Database, Tx};
use territory::Atlas;

use crate::copy::Holder;
use crate::retention::Area;

/// What the packs in force say of working days and personal data.
#[derive(Clone, Debug, Default)]
pub struct Definitions {
    revision: i64,
    /// The working days of all years that are known.
    pub calendar: WorkingCalendar,
    /// Kinds of requests.
    pub request_kinds: Vec<RequestKind>,
    /// What is consented to.
    pub consent_purposes: Vec<ConsentPurpose>,
    /// How long what is kept.
    pub retention_rules: Vec<RetentionRule>,
    /// For what personal data are looked at.
    pub reading_purposes: Vec<Purpose>,
}

impl Definitions {
    fn of(catalogue: &Catalogue) -> Self {
        let years = catalogue.working_years();
        Self {
            revision: catalogue.revision,
            calendar: WorkingCalendar::new(years.into_iter().filter_map(WorkingYear::calendar)),
            request_kinds: catalogue.request_kinds().into_iter().cloned().collect(),
            consent_purposes: catalogue.consent_purposes().into_iter().cloned().collect(),
            retention_rules: catalogue.retention_rules().into_iter().cloned().collect(),
            reading_purposes: catalogue.purposes().into_iter().cloned().collect(),
        }
    }

    /// A kind of request.
    #[must_use]
    pub fn request_kind(&self, code: &str) -> Option<&RequestKind> {
        self.request_kinds.iter().find(|kind| kind.code == code)
    }

    /// What is consented to.
    #[must_use]
    pub fn consent_purpose(&self, code: &str) -> Option<&ConsentPurpose> {
        self.consent_purposes.iter().find(|purpose| purpose.code == code)
    }
}

/// On whose behalf an action is called, and what it rules by.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The source of "now" and of ids.
    pub clock: &'a Clock,
    /// The account; `citizen` for whoever has none.
    pub actor: &'a str,
    /// The definitions as the transaction sees them.
    pub definitions: &'a Definitions,
    /// Where what tells of people lies.
    pub vault: &'a Vault,
}

/// The actor in the journal for whoever has no account.
pub(crate) const CITIZEN: &str = "citizen";

/// The desk for personal data, as a part of the program's state.
#[derive(Clone, Debug)]
pub struct Office(Arc<Inner>, Option<Vault>);

#[derive(Debug)]
struct Inner {
    atlas: Atlas,
    throttle: Throttle,
    definitions: Mutex<Option<Arc<Definitions>>>,
    areas: Vec<Area>,
    holders: Vec<Holder>,
}

impl Office {
    /// The units, in which the desks are.
    #[must_use]
    pub fn atlas(&self) -> &Atlas {
        &self.0.atlas
    }

    /// An office over an atlas. `areas` delete what they keep too long, `holders` say what they
    /// hold of a person.
    #[must_use]
    pub fn new(atlas: Atlas, areas: Vec<Area>, holders: Vec<Holder>) -> Self {
        let (throttle, definitions) = (Throttle::default(), Mutex::default());
        Self(Arc::new(Inner { atlas, throttle, definitions, areas, holders }), None)
    }

    /// The same with the vault of the program. Without one nobody can ask for anything.
    #[must_use]
    pub fn keeping(self, vault: Option<Vault>) -> Self {
        Self(self.0, vault)
    }

    /// The database underneath.
    #[must_use]
    pub fn database(&self) -> &Database {
        self.0.atlas.database()
    }

    /// The clock of the program.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        self.0.atlas.clock()
    }

    pub(crate) fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    /// The areas that delete what they keep too long.
    #[must_use]
    pub fn areas(&self) -> &[Area] {
        &self.0.areas
    }

    pub(crate) fn holders(&self) -> &[Holder] {
        &self.0.holders
    }

    /// The vault.
    ///
    /// Errors: `Refused` `subjects.no_vault`.
    pub fn vault(&self) -> Result<&Vault> {
        self.1.as_ref().ok_or_else(|| Error::refused("subjects.no_vault", lang::subjects::no_vault))
    }

    /// The definitions as the transaction sees them, kept in memory until they change.
    ///
    /// Errors: `Unavailable`; `Internal` when one cannot be read.
    pub async fn definitions(&self, tx: &mut Tx) -> Result<Arc<Definitions>> {
        let revision = Catalogue::revision(tx).await?;
        let kept = || self.0.definitions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept().clone().filter(|known| known.revision == revision) {
            return Ok(known);
        }
        let read = Arc::new(Definitions::of(&Catalogue::load(tx).await?));
        let mut known = kept();
        if known.as_ref().is_none_or(|known| known.revision < revision) {
            *known = Some(read.clone());
        }
        Ok(read)
    }
}
