//! Accounts and their sessions.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use base::{Clock, Error, Id, Moment, Result, random_bytes};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use store::{Database, Tx};
use tokio::sync::Mutex;

use crate::throttle::{self, Throttle};
use crate::{password, store as sql};
use web::{Role, Visitor};

/// A session ends this long after it was last used …
const IDLE_MICROS: i64 = 2 * 3600 * 1_000_000;
/// … and this long after it began.
const LONGEST_MICROS: i64 = 12 * 3600 * 1_000_000;
/// How exactly the last use is recorded; writing it at each request would cost a commit each.
const GRAIN_MICROS: i64 = 60 * 1_000_000;

/// A reader does not wait longer than this for whoever writes, only to have its visit recorded.
const TOUCH_PATIENCE: Duration = Duration::from_millis(50);

/// Sign-in and sessions, as a part of the program's state.
#[derive(Clone, Debug)]
pub struct Access(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    database: Database,
    clock: Clock,
    throttle: Throttle,
    /// Held by whoever has a password checked just now.
    turn: Mutex<()>,
    proxies: Vec<IpAddr>,
}

/// The name of the one administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Administrator {
    /// The name to sign in with.
    pub name: String,
    /// The password, if it was made just now; it is shown once and stored nowhere.
    pub new_password: Option<String>,
}

/// The name of the administrator's account.
const ADMINISTRATOR: &str = "admin";

impl Access {
    /// Sign-in over this database.
    #[must_use]
    pub fn new(database: Database, clock: Clock) -> Self {
        Self::behind(Vec::new(), database, clock)
    }

    /// The same behind reverse proxies, which are believed when they say who is asking.
    #[must_use]
    pub fn behind(proxies: Vec<IpAddr>, database: Database, clock: Clock) -> Self {
        let (throttle, turn) = (Throttle::default(), Mutex::new(()));
        Self(Arc::new(Inner { database, clock, throttle, turn, proxies }))
    }

    pub(crate) fn database(&self) -> &Database {
        &self.0.database
    }

    pub(crate) fn proxies(&self) -> &[IpAddr] {
        &self.0.proxies
    }

    /// Makes sure that there is an administrator: with the given password, or at the first start
    /// with one that is drawn here and given back once.
    ///
    /// Errors: `Invalid` when the given password is too short.
    pub async fn ensure_administrator(&self, given: Option<&str>) -> Result<Administrator> {
        let mut tx = self.0.database.write().await?;
        let account = sql::find_account(&mut tx, ADMINISTRATOR).await?;
        let mut administrator =
            Administrator { name: ADMINISTRATOR.to_owned(), new_password: None };
        match (account, given) {
            (Some(_), None) => return Ok(administrator),
            (Some(account), Some(given)) => {
                if password::matches(given, Some(&account.password)).await? {
                    return Ok(administrator);
                }
                let hash = password::hash(given).await?;
                sql::set_password(&mut tx, &account.id, &hash).await?;
            }
            (None, given) => {
                let drawn = given
                    .map_or_else(|| URL_SAFE_NO_PAD.encode(random_bytes::<15>()), str::to_owned);
                let hash = password::hash(&drawn).await?;
                self.insert_account(&mut tx, ADMINISTRATOR, &hash, &Role::ALL).await?;
                administrator.new_password = given.is_none().then_some(drawn);
            }
        }
        tx.commit().await?;
        Ok(administrator)
    }

    pub(crate) async fn insert_account(
        &self,
        tx: &mut Tx,
        name: &str,
        hash: &str,
        roles: &[Role],
    ) -> Result<()> {
        let id = Id::new(&self.0.clock);
        sql::insert_account(tx, id, name, hash, self.0.clock.now()).await?;
        for role in roles {
            sql::give_role(tx, &id.to_string(), *role).await?;
        }
        Ok(())
    }

    /// Opens a session. Gives the token for the cookie.
    ///
    /// Errors: `Refused` `access.wrong_password` or `access.too_many_attempts`.
    pub(crate) async fn sign_in(
        &self,
        name: &str,
        password: &str,
        address: &str,
    ) -> Result<String> {
        let name = base::text::clean(name).to_lowercase();
        let account = self.authenticate(&name, password, address).await?;
        let now = self.0.clock.now();
        let token = URL_SAFE_NO_PAD.encode(random_bytes::<32>());
        let csrf = URL_SAFE_NO_PAD.encode(random_bytes::<24>());
        let mut tx = self.0.database.write().await?;
        let created = Moment(now.0 - LONGEST_MICROS);
        sql::delete_sessions_before(&mut tx, created, Moment(now.0 - IDLE_MICROS)).await?;
        sql::insert_session(&mut tx, hash_token(&token), &account, &csrf, now).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// Checks a name and password, slower and slower for whoever guesses. Gives the account's id.
    ///
    /// A failure is counted and logged without name and address, which may be those of a person.
    async fn authenticate(&self, name: &str, password: &str, address: &str) -> Result<String> {
        let checked = self.check(name, password, address).await;
        if let Err(Error::Refused { code, .. }) = &checked {
            let reason = code.split_once('.').map_or(*code, |(_, reason)| reason);
            metrics::counter!(crate::FAILURES, "reason" => reason).increment(1);
            tracing::warn!(reason, "sign-in failed");
        }
        checked
    }

    async fn check(&self, name: &str, password: &str, address: &str) -> Result<String> {
        let keys = throttle::keys(name, address);
        // Whoever guesses waits for a turn before the failures are counted, so that guesses sent
        // at the same moment are not all tried.
        let _turn = self.0.turn.lock().await;
        let now = self.0.clock.now();
        self.0.throttle.check(&keys, now)?;
        let mut tx = self.0.database.read().await?;
        let account = sql::find_account(&mut tx, name).await?;
        drop(tx);
        let stored = account.as_ref().map(|account| account.password.as_str());
        if !password::matches(password, stored).await? {
            self.0.throttle.fail(&keys, now);
            return Err(Error::refused("access.wrong_password", lang::access::wrong_password));
        }
        self.0.throttle.forgive(&keys);
        account.map(|account| account.id).ok_or_else(|| Error::internal("no account"))
    }

    /// The visitor of a name and password, for programs that send them with each request.
    pub(crate) async fn basic(&self, name: &str, password: &str, address: &str) -> Result<Visitor> {
        let name = base::text::clean(name).to_lowercase();
        let account = self.authenticate(&name, password, address).await?;
        let mut tx = self.0.database.read().await?;
        let roles = sql::roles(&mut tx, &account).await?;
        Ok(Visitor { name, csrf: String::new(), roles })
    }

    /// The visitor of a session's token; none when the session ended.
    pub(crate) async fn find_session(&self, token: &str) -> Result<Option<Visitor>> {
        let hash = hash_token(token);
        let mut tx = self.0.database.read().await?;
        let Some(session) = sql::find_session(&mut tx, hash).await? else { return Ok(None) };
        let roles = sql::roles(&mut tx, &session.account).await?;
        drop(tx);
        let now = self.0.clock.now();
        let idle = now.0 - session.seen_at;
        if idle > IDLE_MICROS || now.0 - session.created_at > LONGEST_MICROS {
            return Ok(None);
        }
        if idle > GRAIN_MICROS {
            let touched = self.touch_session(hash, now).await;
            touched.unwrap_or_else(|error| {
                tracing::warn!(cause = error.cause(), "a visit is not recorded");
            });
        }
        Ok(Some(Visitor::of_session(session.name, &session.csrf, roles)))
    }

    async fn touch_session(&self, hash: [u8; 32], now: Moment) -> Result<()> {
        let writing = tokio::time::timeout(TOUCH_PATIENCE, self.0.database.write()).await;
        let Ok(tx) = writing else { return Ok(()) };
        let mut tx = tx?;
        sql::touch_session(&mut tx, hash, now).await?;
        tx.commit().await
    }

    pub(crate) async fn sign_out(&self, token: &str) -> Result<()> {
        let mut tx = self.0.database.write().await?;
        sql::delete_session(&mut tx, hash_token(token)).await?;
        tx.commit().await
    }
}

/// Only a hash of the token is stored: a stolen database opens no session.
fn hash_token(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
