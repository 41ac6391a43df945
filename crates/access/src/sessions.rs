//! Accounts and their sessions.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use base::rights::Rights;
use base::{Clock, Error, Id, Moment, Result, Words, random_bytes};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use store::{Database, Tx};
use territory::Atlas;
use tokio::sync::{Mutex, MutexGuard};
use web::Visitor;

use crate::factor::{self, store as factors};
use crate::grants::{self, Book, Standing};
use crate::log::{DAY_MICROS, KEPT_DAYS, Outcome};
use crate::organisation::carry_over;
use crate::passkeys::{CHALLENGE_MICROS, store as passkeys};
use crate::proof::{ENROLMENT_DAYS, delete_enrolments_before, store as proof};
use crate::providers::{AWAY_MICROS, store as providers};
use crate::store::AccountRow;
use crate::throttle::{self, Throttle};
use crate::vault::Vault;
use crate::ways::Ways;
use crate::{password, store as sql};

/// A session ends this long after it was last used …
pub(crate) const IDLE_MICROS: i64 = 2 * 3600 * 1_000_000;
/// … and this long after it began.
pub(crate) const LONGEST_MICROS: i64 = 12 * 3600 * 1_000_000;
/// How exactly the last use is recorded; writing it at each request would cost a commit each.
const GRAIN_MICROS: i64 = 60 * 1_000_000;

/// Whoever gave the password has so long to give the code.
pub(crate) const HALF_MICROS: i64 = 5 * 60 * 1_000_000;

/// A reader does not wait longer than this for whoever writes, only to have its visit recorded.
const TOUCH_PATIENCE: Duration = Duration::from_millis(50);

/// Sign-in and sessions, as a part of the program's state.
#[derive(Clone, Debug)]
pub struct Access(
    pub(crate) Arc<Inner>,
    pub(crate) Option<Vault>,
    pub(crate) Arc<Ways>,
    pub(crate) bool,
);

#[derive(Debug)]
pub(crate) struct Inner {
    atlas: Atlas,
    book: Book,
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

/// How much was proved when a session was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// A password, or what counts for no more.
    Password,
    /// Two things: what one knows and what one has.
    Two,
}

/// From where somebody signs in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whence<'a> {
    /// The network address; empty when it is not known.
    pub(crate) address: &'a str,
    /// A short word for the browser; empty when it is not known.
    pub(crate) browser: &'a str,
}

/// What the right password opens.
#[derive(Debug)]
pub(crate) enum Entry {
    /// A session, by the token for its cookie.
    Session(String),
    /// Nothing yet: with this token a code is asked for.
    Half(String),
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
        Self::over(proxies, Atlas::new(database, clock))
    }

    /// The same that shares an atlas with others.
    #[must_use]
    pub fn over(proxies: Vec<IpAddr>, atlas: Atlas) -> Self {
        let (throttle, turn) = (Throttle::default(), Mutex::new(()));
        let inner = Inner { atlas, book: Book::default(), throttle, turn, proxies };
        Self(Arc::new(inner), None, Arc::default(), false)
    }

    /// The same that keeps secrets in a vault. Without one nobody sets up a second factor.
    #[must_use]
    pub fn keeping(self, vault: Option<Vault>) -> Self {
        Self(self.0, vault, self.2, self.3)
    }

    /// The same that writes letters to the owners of accounts, if it can send any.
    #[must_use]
    pub fn telling(self, sends: bool) -> Self {
        Self(self.0, self.1, self.2, sends)
    }

    pub(crate) const fn sends_letters(&self) -> bool {
        self.3
    }

    pub(crate) fn clock(&self) -> &Clock {
        self.0.atlas.clock()
    }

    pub(crate) fn now(&self) -> Moment {
        self.clock().now()
    }

    pub(crate) fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    /// Whoever guesses waits for a turn before the failures are counted, so that guesses sent at the
    /// same moment are not all tried.
    pub(crate) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.0.turn.lock().await
    }

    pub(crate) fn database(&self) -> &Database {
        self.0.atlas.database()
    }

    pub(crate) fn atlas(&self) -> &Atlas {
        &self.0.atlas
    }

    /// The roles and purposes.
    #[must_use]
    pub fn book(&self) -> &Book {
        &self.0.book
    }

    pub(crate) fn proxies(&self) -> &[IpAddr] {
        &self.0.proxies
    }

    /// Makes sure that there is an administrator: with the given password, or at the first start
    /// with one that is drawn here and given back once.
    ///
    /// Errors: `Invalid` when the given password is too short.
    pub async fn ensure_administrator(&self, given: Option<&str>) -> Result<Administrator> {
        let mut tx = self.database().write().await?;
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
                self.insert_account(&mut tx, ADMINISTRATOR, &hash).await?;
                carry_over(&mut tx, self.clock(), ADMINISTRATOR).await?;
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
    ) -> Result<String> {
        let id = Id::new(self.clock());
        sql::insert_account(tx, id, name, hash, self.now()).await?;
        Ok(id.to_string())
    }

    /// Gives roles to accounts that had theirs before roles stood in the journal.
    ///
    /// Errors: `Unavailable`.
    pub async fn carry_over(&self) -> Result<()> {
        let mut tx = self.database().write().await?;
        carry_over(&mut tx, self.clock(), ADMINISTRATOR).await?;
        tx.commit().await
    }

    /// Takes a name and password.
    ///
    /// Errors: `Refused` `access.wrong_password` or `access.too_many_attempts`.
    pub(crate) async fn sign_in(
        &self,
        name: &str,
        password: &str,
        from: &Whence<'_>,
    ) -> Result<Entry> {
        let name = base::text::clean(name).to_lowercase();
        let account = self.authenticate(&name, password, from.address).await?;
        let now = self.now();
        let mut tx = self.database().write().await?;
        // The password may have been changed, or the account closed, while it was checked.
        if !proof::lock_with(&mut tx, &account.id, &account.password).await? {
            return Err(wrong_password());
        }
        let account = account.id;
        self.sweep_in(&mut tx, now).await?;
        let entry = if factors::is_confirmed(&mut tx, &account).await? {
            let token = new_token();
            factors::insert_half(&mut tx, hash_token(&token), &account, now).await?;
            Entry::Half(token)
        } else {
            let how = (Outcome::SignedIn, Proof::Password);
            Entry::Session(self.open_session(&mut tx, &account, from, now, how).await?)
        };
        tx.commit().await?;
        Ok(entry)
    }

    /// Opens a session. Gives the token for the cookie.
    pub(crate) async fn open_session(
        &self,
        tx: &mut Tx,
        account: &str,
        from: &Whence<'_>,
        now: Moment,
        (outcome, proof): (Outcome, Proof),
    ) -> Result<String> {
        // Whoever changes the account at the same moment comes before or behind, not between.
        if !proof::lock(tx, account).await? {
            return Err(wrong_password());
        }
        let token = new_token();
        let csrf = URL_SAFE_NO_PAD.encode(random_bytes::<24>());
        let session =
            sql::NewSession { token_hash: hash_token(&token), account, csrf: &csrf, proof };
        sql::insert_session(tx, &session, from, now).await?;
        self.log_in(tx, account, from.address, outcome).await?;
        Ok(token)
    }

    pub(crate) async fn sweep_in(&self, tx: &mut Tx, now: Moment) -> Result<()> {
        let before = |micros: i64| Moment(now.0 - micros);
        sql::delete_sessions_before(tx, before(LONGEST_MICROS), before(IDLE_MICROS)).await?;
        factors::delete_halves_before(tx, before(HALF_MICROS)).await?;
        factors::delete_begun_before(tx, before(factor::BEGUN_MICROS)).await?;
        passkeys::delete_challenges_before(tx, before(CHALLENGE_MICROS)).await?;
        providers::delete_requests_before(tx, before(AWAY_MICROS)).await?;
        delete_enrolments_before(tx, before(ENROLMENT_DAYS * DAY_MICROS)).await?;
        sql::delete_sign_ins_before(tx, before(KEPT_DAYS * DAY_MICROS)).await
    }

    /// The account of a name.
    ///
    /// Errors: `NotFound`.
    pub(crate) async fn account(&self, name: &str) -> Result<AccountRow> {
        let mut tx = self.database().read().await?;
        sql::find_account(&mut tx, name).await?.ok_or_else(|| {
            let name = name.to_owned();
            Error::not_found(move |lang| lang::access::no_account(lang, &name))
        })
    }

    /// Checks a name and password, slower and slower for whoever guesses. Gives the account.
    pub(crate) async fn authenticate(
        &self,
        name: &str,
        password: &str,
        address: &str,
    ) -> Result<AccountRow> {
        let checked = self.check(name, password, address).await;
        self.count_failure(&checked);
        checked
    }

    /// A failure is counted and logged without name and address, which may be those of a person.
    pub(crate) fn count_failure<T>(&self, checked: &Result<T>) {
        if let Err(Error::Refused { code, .. }) = checked {
            self.count_refusal(code);
        }
    }

    pub(crate) fn count_refusal(&self, code: &'static str) {
        let reason = code.split_once('.').map_or(code, |(_, reason)| reason);
        metrics::counter!(crate::FAILURES, "reason" => reason).increment(1);
        tracing::warn!(reason, "sign-in failed");
    }

    async fn check(&self, name: &str, password: &str, address: &str) -> Result<AccountRow> {
        let keys = throttle::keys(name, address);
        let _turn = self.turn().await;
        let now = self.now();
        self.throttle()
            .check(&keys, now)
            .inspect_err(|_| self.note(name, address, Outcome::Throttled))?;
        let mut tx = self.database().read().await?;
        let account = sql::find_account(&mut tx, name).await?;
        drop(tx);
        // Of a closed account no password is right, and finding that out takes as long.
        let account = account.filter(|account| account.closed_at.is_none());
        let stored = account.as_ref().map(|account| account.password.as_str());
        if !password::matches(password, stored).await? {
            self.throttle().fail(&keys, now);
            self.note(name, address, Outcome::WrongPassword);
            return Err(wrong_password());
        }
        self.throttle().forgive(&keys);
        account.ok_or_else(|| Error::internal("no account"))
    }

    /// The visitor of a name and password, for programs that send them with each request.
    ///
    /// Errors: as of [`Access::sign_in`]; `Refused` `access.code_needed` for an account that has to
    /// give a code besides, which a program cannot.
    pub(crate) async fn basic(&self, name: &str, password: &str, address: &str) -> Result<Visitor> {
        let name = base::text::clean(name).to_lowercase();
        let account = self.authenticate(&name, password, address).await?.id;
        let mut tx = self.database().read().await?;
        if factors::is_confirmed(&mut tx, &account).await? {
            return Err(Error::refused("access.code_needed", lang::access::code_needed));
        }
        let rights = Arc::new(self.rights(&mut tx, &account, Proof::Password).await?);
        Ok(Visitor { name, csrf: String::new(), rights })
    }

    /// What an account may do today.
    async fn rights(&self, tx: &mut Tx, account: &str, proof: Proof) -> Result<Rights> {
        let with = (self.atlas(), self.book());
        let who = (account, proof == Proof::Two);
        grants::rights_on(tx, with, who, self.clock().today()).await
    }

    /// The names of the roles that an account has today.
    pub(crate) async fn roles_today(&self, tx: &mut Tx, account: &str) -> Result<Vec<Words>> {
        let given =
            grants::given_on(tx, self.book(), (account, false), self.clock().today()).await?;
        let rules = self.book().rules(tx).await?;
        let counts = |code: &str| {
            let mut lines = given.iter().filter(|line| line.role == code);
            lines.any(|line| matches!(line.standing, Standing::InForce | Standing::AwaitsFactor))
        };
        let roles = rules.roles.iter().filter(|role| counts(&role.code));
        Ok(roles.map(|role| role.name.clone()).collect())
    }

    /// The visitor of a session's token; none when the session ended.
    pub(crate) async fn find_session(&self, token: &str) -> Result<Option<Visitor>> {
        let hash = hash_token(token);
        let mut tx = self.database().read().await?;
        let Some(session) = sql::find_session(&mut tx, hash).await? else { return Ok(None) };
        let proof = if session.strong != 0 { Proof::Two } else { Proof::Password };
        let rights = Arc::new(self.rights(&mut tx, &session.account, proof).await?);
        drop(tx);
        let now = self.now();
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
        Ok(Some(Visitor::of_session(session.name, &session.csrf, rights)))
    }

    /// Whether the session of a token was opened by more than a password.
    pub(crate) async fn is_strong(&self, token: &str) -> Result<bool> {
        let mut tx = self.database().read().await?;
        let session = sql::find_session(&mut tx, hash_token(token)).await?;
        Ok(session.is_some_and(|session| session.strong != 0))
    }

    async fn touch_session(&self, hash: [u8; 32], now: Moment) -> Result<()> {
        let writing = tokio::time::timeout(TOUCH_PATIENCE, self.database().write()).await;
        let Ok(tx) = writing else { return Ok(()) };
        let mut tx = tx?;
        sql::touch_session(&mut tx, hash, now).await?;
        tx.commit().await
    }

    pub(crate) async fn sign_out(&self, token: &str) -> Result<()> {
        let mut tx = self.database().write().await?;
        sql::delete_session(&mut tx, hash_token(token)).await?;
        tx.commit().await
    }
}

fn wrong_password() -> Error {
    Error::refused("access.wrong_password", lang::access::wrong_password)
}

pub(crate) fn new_token() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

/// Only a hash of the token is stored: a stolen database opens no session.
pub(crate) fn hash_token(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
