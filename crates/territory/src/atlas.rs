//! The territory in memory, loaded once and anew only after a change.

use std::sync::{Arc, Mutex, PoisonError};

use base::{Clock, Day, Result};
use store::{Database, Tx};

use crate::{BasisMap, Territory, store as sql};

/// So many maps of different days are kept.
const MAPS: usize = 8;

/// The territory as a part of the program's state.
#[derive(Clone, Debug)]
pub struct Atlas(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    database: Database,
    clock: Clock,
    sheet: Mutex<Option<Sheet>>,
}

/// One state of the territory, with the maps that were asked for.
#[derive(Clone, Debug)]
struct Sheet {
    revision: i64,
    territory: Arc<Territory>,
    maps: Vec<Arc<BasisMap>>,
}

/// The number of the territory's present state; it counts up with every change.
pub async fn revision(tx: &mut Tx) -> Result<i64> {
    sql::revision(tx).await
}

impl Atlas {
    /// The atlas over this database.
    #[must_use]
    pub fn new(database: Database, clock: Clock) -> Self {
        let sheet = Mutex::new(None);
        Self(Arc::new(Inner { database, clock, sheet }))
    }

    /// The database underneath.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.0.database
    }

    /// The clock of the program.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The territory as the transaction sees it.
    pub async fn territory(&self, tx: &mut Tx) -> Result<Arc<Territory>> {
        let revision = sql::revision(tx).await?;
        let known = self.with(|sheet| {
            sheet
                .as_ref()
                .filter(|sheet| sheet.revision == revision)
                .map(|sheet| sheet.territory.clone())
        });
        if let Some(territory) = known {
            return Ok(territory);
        }
        let territory = Arc::new(sql::load(tx).await?);
        self.with(|sheet| {
            // A transaction that is still open may see an older state than others; the newest stays.
            if sheet.as_ref().is_none_or(|sheet| sheet.revision < revision) {
                let territory = territory.clone();
                *sheet = Some(Sheet { revision, territory, maps: Vec::new() });
            }
        });
        Ok(territory)
    }

    /// The number of the present state of units; it counts up with every change of them.
    ///
    /// Errors: `Unavailable`.
    pub async fn revision(&self, tx: &mut Tx) -> Result<i64> {
        sql::revision(tx).await
    }

    /// The map of a day as the transaction sees it, with its territory.
    pub async fn map(&self, tx: &mut Tx, day: Day) -> Result<(Arc<Territory>, Arc<BasisMap>)> {
        let territory = self.territory(tx).await?;
        let same = |sheet: &Sheet| Arc::ptr_eq(&sheet.territory, &territory);
        let known = self.with(|sheet| {
            let sheet = sheet.as_ref().filter(|sheet| same(sheet))?;
            sheet.maps.iter().find(|map| map.day() == day).cloned()
        });
        if let Some(map) = known {
            return Ok((territory, map));
        }
        let map = Arc::new(BasisMap::new(&territory, day));
        self.with(|sheet| {
            if let Some(sheet) = sheet.as_mut().filter(|sheet| same(sheet)) {
                if sheet.maps.len() >= MAPS {
                    sheet.maps.remove(0);
                }
                sheet.maps.push(map.clone());
            }
        });
        Ok((territory, map))
    }

    fn with<T>(&self, work: impl FnOnce(&mut Option<Sheet>) -> T) -> T {
        work(&mut self.0.sheet.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
