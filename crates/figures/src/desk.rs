//! The figures as a part of the program's state.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use base::rights::Actor;
use base::{Clock, Result};
use packs::Catalogue;
use store::{Database, Tx};
use territory::{Atlas, Territory};

use crate::observations::{self, Context};
use crate::watches::Post;

/// A transaction that writes, and what actions rule by in it.
pub(crate) struct Work {
    pub(crate) tx: Tx,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) territory: Arc<Territory>,
}

impl Work {
    /// The transaction, and on whose behalf an action is called in it.
    pub(crate) fn by<'a>(
        &'a mut self,
        desk: &'a Desk,
        actor: Actor<'a>,
    ) -> (&'a mut Tx, Context<'a>) {
        let (catalogue, territory) = (&*self.catalogue, &*self.territory);
        (&mut self.tx, Context { clock: desk.clock(), actor, catalogue, territory })
    }
}

/// The atlas and the definitions in force, kept in memory until they change.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The units.
    pub atlas: Atlas,
    catalogue: Arc<Mutex<Option<Arc<Catalogue>>>>,
    made_up: Arc<AtomicBool>,
    post: Arc<Post>,
}

impl Desk {
    /// A desk over this atlas.
    #[must_use]
    pub fn new(atlas: Atlas) -> Self {
        Self { atlas, catalogue: Arc::default(), made_up: Arc::default(), post: Arc::default() }
    }

    /// The same that is found at an address, and tells of changes by letters if it can.
    #[must_use]
    pub fn telling(self, post: Post) -> Self {
        Self { post: Arc::new(post), ..self }
    }

    /// How changes are told.
    #[must_use]
    pub fn post(&self) -> &Post {
        &self.post
    }

    /// The database underneath.
    #[must_use]
    pub fn database(&self) -> &Database {
        self.atlas.database()
    }

    /// The clock of the program.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        self.atlas.clock()
    }

    /// The definitions as the transaction sees them.
    pub async fn catalogue(&self, tx: &mut Tx) -> Result<Arc<Catalogue>> {
        let revision = Catalogue::revision(tx).await?;
        let kept = self.kept().filter(|kept| kept.revision == revision);
        if let Some(catalogue) = kept {
            return Ok(catalogue);
        }
        let catalogue = Arc::new(Catalogue::load(tx).await?);
        let mut kept = self.catalogue.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_none_or(|kept| kept.revision < revision) {
            *kept = Some(catalogue.clone());
        }
        Ok(catalogue)
    }

    /// Whether figures may hold data that was made up to show the program. Nothing is ever
    /// deleted, so what was found once holds for good.
    pub(crate) async fn shows_made_up(&self, tx: &mut Tx) -> Result<bool> {
        if !self.made_up.load(Ordering::Relaxed) && observations::has_made_up(tx).await? {
            self.made_up.store(true, Ordering::Relaxed);
        }
        Ok(self.made_up.load(Ordering::Relaxed))
    }

    /// Begins to write, with the definitions and units that the transaction sees. They are read
    /// when nobody else can write to the journal: whoever waited for a merger sees what it made.
    pub(crate) async fn begin(&self) -> Result<Work> {
        let mut tx = self.database().write().await?;
        journal::lock(&mut tx).await?;
        let catalogue = self.catalogue(&mut tx).await?;
        let territory = self.atlas.territory(&mut tx).await?;
        Ok(Work { tx, catalogue, territory })
    }

    fn kept(&self) -> Option<Arc<Catalogue>> {
        self.catalogue.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
