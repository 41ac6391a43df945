//! What the owner of an account does with it.

use base::{Error, FieldError, Moment, Result, Words};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lang::Text;
use territory::Level;

use super::guessable::is_guessable;
use super::store as sql;
use crate::factor::Standing;
use crate::log::Outcome;
use crate::passkeys::store as passkeys;
use crate::proof::{Owner, store as proof};
use crate::sessions::{IDLE_MICROS, LONGEST_MICROS, hash_token};
use crate::store::AccountRow;
use crate::{Access, password, providers, store as accounts};

/// So many sessions are shown.
const SESSIONS: i64 = 100;
/// So many tries to sign in are shown.
const SIGN_INS: i64 = 50;

/// An account as its owner sees it.
pub(super) struct Own {
    /// The names of the roles that count today.
    pub(super) roles: Vec<Words>,
    pub(super) standing: Standing,
    pub(super) passkeys: i64,
    pub(super) identities: usize,
    pub(super) sessions: Vec<Session>,
    pub(super) sign_ins: Vec<SignIn>,
}

/// A session that is open.
pub(super) struct Session {
    /// What it is ended by: the hash of its token, which opens nothing.
    pub(super) id: String,
    pub(super) began: Moment,
    pub(super) seen: Moment,
    pub(super) address: String,
    pub(super) browser: String,
    pub(super) is_this: bool,
}

/// A try to sign in.
pub(super) struct SignIn {
    pub(super) at: Moment,
    pub(super) address: String,
    pub(super) outcome: Option<Outcome>,
}

/// What a change of the password was sent with.
pub(crate) struct NewPassword<'a> {
    pub(crate) old: &'a str,
    pub(crate) new: &'a str,
    pub(crate) again: &'a str,
}

impl Access {
    /// The account of whoever is signed in with a token.
    pub(super) async fn own(&self, name: &str, token: &str) -> Result<Own> {
        let account = self.account(name).await?.id;
        let standing = self.standing(&account, token).await?;
        let (now, this) = (self.now(), hash_token(token));
        let mut tx = self.database().read().await?;
        let roles = self.roles_today(&mut tx, &account).await?;
        let sessions = sql::sessions(&mut tx, &account, SESSIONS).await?.into_iter();
        let is_open = |row: &sql::SessionRow| {
            now.0 - row.seen_at <= IDLE_MICROS && now.0 - row.created_at <= LONGEST_MICROS
        };
        let sessions = sessions.filter(is_open).map(|row| Session {
            id: URL_SAFE_NO_PAD.encode(&row.token_hash),
            began: Moment(row.created_at),
            seen: Moment(row.seen_at),
            address: row.address,
            browser: row.browser,
            is_this: row.token_hash == this,
        });
        let sessions = sessions.collect();
        let sign_ins = sql::sign_ins(&mut tx, &account, SIGN_INS).await?.into_iter();
        let sign_ins = sign_ins.map(|row| SignIn {
            at: Moment(row.at),
            address: row.address,
            outcome: Outcome::find(&row.outcome),
        });
        let passkeys = passkeys::count(&mut tx, &account).await?;
        let identities = providers::count(&mut tx, &account).await?;
        Ok(Own { roles, standing, passkeys, identities, sessions, sign_ins: sign_ins.collect() })
    }

    /// Changes the password of whoever is signed in with a token. All other sessions end.
    ///
    /// Errors: `Invalid` at `old`, `new` or `again`; `Refused` `access.too_many_attempts`.
    pub(crate) async fn change_password(
        &self,
        name: &str,
        sent: &NewPassword<'_>,
        (token, address): (&str, &str),
    ) -> Result<()> {
        let wrong = |place: &str, text: Text| FieldError { place: place.to_owned(), text };
        let length = sent.new.chars().count();
        let mut wrongs = Vec::new();
        if !(password::SHORTEST..=password::LONGEST).contains(&length) {
            wrongs.push(wrong("new", Text::new(password::says_length)));
        } else if sent.new == sent.old {
            wrongs.push(wrong("new", Text::new(lang::account::same_password)));
        } else if self.is_guessable(sent.new, name).await? {
            wrongs.push(wrong("new", Text::new(lang::account::guessable)));
        }
        if sent.again != sent.new {
            wrongs.push(wrong("again", Text::new(lang::account::not_again)));
        }
        if !wrongs.is_empty() {
            return Err(Error::Invalid(wrongs));
        }
        let account = self.check_own(name, sent.old, address, "old").await?;
        let hash = password::hash(sent.new).await?;
        let owner = Owner::of(account.id, token, address);
        let mut tx = self.database().write().await?;
        self.hold(&mut tx, &owner).await?;
        // Somebody may have reset it meanwhile, which stands.
        if !proof::lock_with(&mut tx, &owner.id, &account.password).await? {
            return Err(Error::Unauthenticated);
        }
        accounts::change_password(&mut tx, &owner.id, &hash).await?;
        self.changed(&mut tx, &owner, (Outcome::PasswordChanged, false)).await?;
        tx.commit().await
    }

    async fn is_guessable(&self, password: &str, name: &str) -> Result<bool> {
        let mut tx = self.database().read().await?;
        let territory = self.atlas().territory(&mut tx).await?;
        let units = territory.units().iter().filter(|unit| unit.level != Level::Hamlet);
        let names = units.flat_map(|unit| &unit.versions).map(|version| version.name.as_str());
        Ok(is_guessable(password, name, names))
    }

    /// Whether whoever is signed in knows the password too. Gives the account.
    ///
    /// Errors: `Invalid` at `place`; `Refused` `access.too_many_attempts`.
    pub(crate) async fn check_own(
        &self,
        name: &str,
        password: &str,
        address: &str,
        place: &str,
    ) -> Result<AccountRow> {
        self.authenticate(name, password, address).await.map_err(|error| match error {
            Error::Refused { code: "access.wrong_password", .. } => {
                Error::invalid(place, lang::account::wrong_old)
            }
            other => other,
        })
    }

    /// Ends one session of the account; of another's nothing happens.
    pub(super) async fn end_session(&self, name: &str, id: &str) -> Result<()> {
        let Ok(hash) = URL_SAFE_NO_PAD.decode(id) else { return Ok(()) };
        let account = self.account(name).await?.id;
        let mut tx = self.database().write().await?;
        sql::delete_session(&mut tx, &account, hash).await?;
        tx.commit().await
    }

    /// Ends all sessions of the account but the one of a token.
    pub(super) async fn end_other_sessions(&self, name: &str, token: &str) -> Result<()> {
        let account = self.account(name).await?.id;
        let mut tx = self.database().write().await?;
        accounts::delete_other_sessions(&mut tx, &account, hash_token(token)).await?;
        tx.commit().await
    }
}
