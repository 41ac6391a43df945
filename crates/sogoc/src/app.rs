//! The program's state, put together once.

use std::net::IpAddr;
use std::sync::Arc;

use access::vault::Vault;
use access::{Access, Rate};
use axum::extract::FromRef;
use base::{Clock, Error, Result};
use figures::Desk;
use figures::watches::{Post, Site};
use journal::seals::{SealKey, Sealer};
use sqlx::migrate::Migrator;
use store::{Database, Location};
use subjects::Office;
use territory::Atlas;

use crate::config::Seals;

/// The schema of a SQLite file, of which a backup is one.
pub(crate) static SQLITE: Migrator = sqlx::migrate!("../../migrations/sqlite");
/// The schema of a PostgreSQL database.
pub(crate) static POSTGRES: Migrator = sqlx::migrate!("../../migrations/postgres");

/// What handlers can ask for.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) desk: Desk,
    pub(crate) access: Access,
    pub(crate) sealer: Sealer,
    pub(crate) office: Office,
    pub(crate) rate: Arc<Rate>,
}

impl App {
    /// Opens the database and brings its schema up to date.
    pub(crate) async fn open(location: &Location, clock: Clock) -> Result<Self> {
        let database = Database::open(location).await?;
        store::migrate(&database, &SQLITE, &POSTGRES).await?;
        Ok(Self::over(database, clock))
    }

    /// Opens a database that must be there already: looking at one, or keeping a copy of it, never
    /// makes an empty one because a path was mistyped.
    ///
    /// Errors: `Invalid` when there is none.
    pub(crate) async fn open_known(location: &Location, clock: Clock) -> Result<Self> {
        let missing = |place: String| Error::invalid(place, lang::cli::no_database);
        match location {
            Location::File(file) if !file.exists() => Err(missing(file.display().to_string())),
            _ => {
                let database = Database::open(location).await?;
                if !store::is_migrated(&database).await? {
                    return Err(missing(crate::config::shown(location)));
                }
                store::migrate(&database, &SQLITE, &POSTGRES).await?;
                Ok(Self::over(database, clock))
            }
        }
    }

    /// The state over a database whose schema is up to date.
    pub(crate) fn over(database: Database, clock: Clock) -> Self {
        let sealer = Sealer::new(database.clone(), clock.clone());
        // No other area holds personal data of citizens yet.
        let holders = Vec::new();
        let rate = Arc::new(Rate::new(0, clock.clone()));
        let atlas = Atlas::new(database, clock);
        let office = Office::new(atlas.clone(), crate::keeping::areas(), holders);
        let access = Access::over(Vec::new(), atlas.clone());
        Self { desk: Desk::new(atlas), access, sealer, office, rate }
    }

    /// The same behind reverse proxies; see [`Access::behind`].
    pub(crate) fn behind(self, proxies: &[IpAddr]) -> Self {
        let access = Access::over(proxies.to_vec(), self.desk.atlas.clone());
        Self { access, ..self }
    }

    /// The same that lets each network ask so often without signing in; see [`Rate::new`].
    pub(crate) fn limiting(self, per_minute: u32) -> Self {
        let rate = Arc::new(Rate::new(per_minute, self.clock().clone()));
        Self { rate, ..self }
    }

    /// The same that seals with a key, and publishes what witnesses signed where any are asked.
    pub(crate) fn sealing(self, key: Option<SealKey>, seals: &Seals) -> Self {
        let is_asked = key.is_some() && seals.witnesses.iter().any(|witness| witness.at.is_some());
        let sealer = self.sealer.with(key, seals.witness_keys());
        Self { sealer: sealer.waiting_for_witnesses(is_asked), ..self }
    }

    /// The same that keeps secrets in a vault.
    pub(crate) fn keeping(self, vault: Option<Vault>) -> Self {
        let office = self.office.keeping(vault.clone());
        Self { access: self.access.keeping(vault), office, ..self }
    }

    /// The same in which people also sign in by what is bound to its address, and by providers that
    /// send them back to it.
    ///
    /// Errors: as of [`Access::found_at`].
    pub(crate) fn found_at(self, site: Option<&Site>, by: Vec<access::Provider>) -> Result<Self> {
        let site = site.map(|site| site.url(""));
        Ok(Self { access: self.access.found_at(site.as_deref(), by)?, ..self })
    }

    /// The same that is found at an address, and sends letters if it can.
    pub(crate) fn telling(self, site: Option<Site>, sends: bool) -> Self {
        let access = self.access.telling(sends);
        Self { desk: self.desk.telling(Post::new(site, sends)), access, ..self }
    }

    pub(crate) fn database(&self) -> &Database {
        self.desk.database()
    }

    pub(crate) fn clock(&self) -> &Clock {
        self.desk.clock()
    }
}

impl FromRef<App> for Desk {
    fn from_ref(app: &App) -> Self {
        app.desk.clone()
    }
}

impl FromRef<App> for Atlas {
    fn from_ref(app: &App) -> Self {
        app.desk.atlas.clone()
    }
}

impl FromRef<App> for Sealer {
    fn from_ref(app: &App) -> Self {
        app.sealer.clone()
    }
}

impl FromRef<App> for Access {
    fn from_ref(app: &App) -> Self {
        app.access.clone()
    }
}

impl FromRef<App> for Office {
    fn from_ref(app: &App) -> Self {
        app.office.clone()
    }
}
