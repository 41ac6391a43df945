//! Setting a second factor up, asking for it, and taking it away.

use base::rights::{self, Act, Actor};
use base::{Error, Moment, Result};
use store::Tx;
use zeroize::Zeroizing;

use super::recovery::{self, Typed};
use super::store::{self as sql, HalfRow};
use super::totp;
use crate::log::Outcome;
use crate::proof::{Owner, store as proof};
use crate::sessions::{HALF_MICROS, Proof, Whence, hash_token};
use crate::vault::{Place, Vault};
use crate::{Access, passkeys::store as passkeys, store as accounts, throttle};

/// A secret that nobody confirmed for so long is forgotten.
pub(crate) const BEGUN_MICROS: i64 = 3600 * 1_000_000;

/// How an account stands with a second factor.
pub(crate) enum Standing {
    /// It has none.
    Without,
    /// It was given this secret and has not confirmed it yet.
    Begun(Secret),
    /// It has one, and so many recovery codes are left.
    With { codes_left: i64 },
}

/// The secret as its owner copies it into the telephone.
pub(crate) struct Secret(Zeroizing<String>);

impl Secret {
    /// In groups of four letters.
    pub(crate) fn in_groups(&self) -> Zeroizing<String> {
        Zeroizing::new(recovery::in_fours(&self.0, " "))
    }

    /// As one word.
    pub(crate) fn letters(&self) -> &str {
        &self.0
    }
}

fn place(account: &str) -> Place<'_> {
    Place { table: "second_factors", column: "secret", row: account }
}

fn wrong_code() -> Error {
    Error::refused("access.wrong_code", lang::access::wrong_code)
}

impl Access {
    /// Errors: `Refused` `access.no_vault`.
    fn vault(&self) -> Result<&Vault> {
        self.1.as_ref().ok_or_else(|| Error::refused("access.no_vault", lang::access::no_vault))
    }

    /// How an account stands, as it is shown in the session of a token.
    pub(crate) async fn standing(&self, account: &str, token: &str) -> Result<Standing> {
        let mut tx = self.database().read().await?;
        let Some(factor) = sql::find(&mut tx, account).await? else { return Ok(Standing::Without) };
        if factor.confirmed_at.is_some() {
            return Ok(Standing::With { codes_left: sql::codes_left(&mut tx, account).await? });
        }
        // The secret is for the one who proved to be the owner, and not for another session.
        let is_own = factor.begun_by.as_deref() == Some(&hash_token(token)[..]);
        if !is_own || factor.begun_at < self.now().0 - BEGUN_MICROS {
            return Ok(Standing::Without);
        }
        // Without keys nobody can go on; to begin again says so.
        let Some(vault) = &self.1 else { return Ok(Standing::Without) };
        let secret = vault.open(place(account), &factor.secret)?;
        Ok(Standing::Begun(Secret(Zeroizing::new(recovery::base32(&secret)))))
    }

    /// Draws a secret, which counts once it is confirmed.
    ///
    /// Errors: `Refused` `access.has_factor`, `access.no_vault`; `Unauthenticated`.
    pub(crate) async fn begin_factor(&self, owner: &Owner) -> Result<()> {
        let vault = self.vault()?;
        let now = self.now();
        let mut tx = self.database().write().await?;
        self.hold(&mut tx, owner).await?;
        let secret = totp::new_secret();
        let sealed = vault.seal(&mut tx, place(&owner.id), &secret[..], now).await?;
        if sql::begin(&mut tx, (&owner.id, owner.session), sealed, now).await? == 0 {
            return Err(Error::refused("access.has_factor", lang::access::has_factor));
        }
        tx.commit().await
    }

    /// Takes the first code, and gives the recovery codes, which are shown once. It is taken in the
    /// session that began, which has proved more than a password by it; all others end.
    ///
    /// Errors: `Refused` `access.wrong_code`, `access.not_begun`, `access.no_vault`;
    /// `Unauthenticated`.
    pub(crate) async fn confirm_factor(&self, owner: &Owner, code: &str) -> Result<Vec<String>> {
        let vault = self.vault()?;
        let now = self.now();
        let not_begun = || Error::refused("access.not_begun", lang::access::not_begun);
        let mut tx = self.database().write().await?;
        self.hold(&mut tx, owner).await?;
        let account = owner.id.as_str();
        let factor = sql::find(&mut tx, account).await?.filter(|factor| {
            factor.confirmed_at.is_none()
                && factor.begun_at >= now.0 - BEGUN_MICROS
                && factor.begun_by.as_deref() == Some(&owner.session[..])
        });
        let factor = factor.ok_or_else(not_begun)?;
        let Typed::Code(code) = Typed::read(code) else { return Err(wrong_code()) };
        let secret = vault.open(place(account), &factor.secret)?;
        let step = totp::find_step(&secret, code, now, factor.last_step).ok_or_else(wrong_code)?;
        if sql::confirm(&mut tx, account, step, now).await? == 0 {
            return Err(not_begun());
        }
        let codes = new_codes(&mut tx, account).await?;
        self.changed(&mut tx, owner, (Outcome::FactorOn, true)).await?;
        tx.commit().await?;
        Ok(codes)
    }

    /// Draws recovery codes in the place of those that were.
    ///
    /// Errors: `Refused` `access.not_begun`.
    pub(crate) async fn renew_codes(&self, owner: &Owner) -> Result<Vec<String>> {
        let mut tx = self.database().write().await?;
        self.hold(&mut tx, owner).await?;
        if !sql::is_confirmed(&mut tx, &owner.id).await? {
            return Err(Error::refused("access.not_begun", lang::access::not_begun));
        }
        let codes = new_codes(&mut tx, &owner.id).await?;
        self.changed(&mut tx, owner, (Outcome::CodesRenewed, false)).await?;
        tx.commit().await?;
        Ok(codes)
    }

    /// Takes the second factor of an account away.
    ///
    /// Errors: `Unauthenticated`.
    pub(crate) async fn end_factor(&self, owner: &Owner) -> Result<bool> {
        let mut tx = self.database().write().await?;
        self.hold(&mut tx, owner).await?;
        let had = sql::remove(&mut tx, &owner.id).await? > 0;
        if had {
            self.changed(&mut tx, owner, (Outcome::FactorOff, false)).await?;
        }
        tx.commit().await?;
        Ok(had)
    }

    /// Takes the second factor of an account away for its owner, who has lost the telephone and the
    /// recovery codes, and its passkeys, which may have been on the same telephone. False when it has
    /// neither.
    ///
    /// Errors: `NotFound` for an unknown name; those of rights.
    pub async fn reset_factor(&self, actor: Actor<'_>, name: &str) -> Result<bool> {
        actor.check(Act::ManageAccounts, rights::Place::PROVINCE)?;
        let mut tx = self.database().write().await?;
        journal::lock(&mut tx).await?;
        let account = crate::accounts::find(&mut tx, name).await?.id;
        self.refuse_stronger(&mut tx, actor, (name, &account)).await?;
        self.refuse_giver(&mut tx, actor, &account).await?;
        proof::lock(&mut tx, &account).await?;
        // Whoever has the lost telephone may have a session on it.
        accounts::delete_sessions_of(&mut tx, &account).await?;
        let had_factor = sql::remove(&mut tx, &account).await? > 0;
        let had_passkeys = passkeys::remove_all(&mut tx, &account).await? > 0;
        self.tell(&mut tx, actor, "access.reset_factor", &account).await?;
        self.tell_owner(&mut tx, &account, "", Outcome::FactorReset).await?;
        tx.commit().await?;
        Ok(had_factor || had_passkeys)
    }

    /// Opens the session of whoever gave the password before and now gives a code. Gives the token
    /// for the cookie.
    ///
    /// Errors: `Refused` `access.wrong_code`, `access.too_many_attempts`, `access.sign_in_expired`.
    pub(crate) async fn enter_code(
        &self,
        half: &str,
        code: &str,
        from: &Whence<'_>,
    ) -> Result<String> {
        let entered = self.check_code(half, code, from).await;
        self.count_failure(&entered);
        entered
    }

    async fn check_code(&self, token: &str, code: &str, from: &Whence<'_>) -> Result<String> {
        // As with passwords: codes sent at the same moment are not all tried.
        let _turn = self.turn().await;
        let now = self.now();
        let half = self.half(token).await?;
        let keys = throttle::keys_of_codes(&half.name, from.address);
        self.throttle().check(&keys, now).inspect_err(|_| {
            self.note(&half.name, from.address, Outcome::Throttled);
        })?;
        let mut tx = self.database().write().await?;
        proof::lock(&mut tx, &half.account).await?;
        if !self.take_code(&mut tx, &half.account, code, now).await? {
            drop(tx);
            self.throttle().fail(&keys, now);
            self.note(&half.name, from.address, Outcome::WrongCode);
            return Err(wrong_code());
        }
        self.end_half(&mut tx, token).await?;
        let how = (Outcome::SignedIn, Proof::Two);
        let token = self.open_session(&mut tx, &half.account, from, now, how).await?;
        tx.commit().await?;
        self.throttle().forgive(&keys);
        Ok(token)
    }

    /// Who has given the password and not yet the code.
    ///
    /// Errors: `Refused` `access.sign_in_expired`.
    pub(crate) async fn half(&self, token: &str) -> Result<HalfRow> {
        self.find_half(hash_token(token), self.now()).await?.ok_or_else(expired)
    }

    /// The code was given, or what stands for it.
    ///
    /// Errors: `Refused` `access.sign_in_expired` when somebody else was quicker.
    pub(crate) async fn end_half(&self, tx: &mut Tx, token: &str) -> Result<()> {
        match sql::delete_half(tx, hash_token(token)).await? {
            0 => Err(expired()),
            _ => Ok(()),
        }
    }

    async fn find_half(&self, hash: [u8; 32], now: Moment) -> Result<Option<HalfRow>> {
        let mut tx = self.database().read().await?;
        let half = sql::find_half(&mut tx, hash).await?;
        Ok(half.filter(|half| now.0 - half.created_at <= HALF_MICROS))
    }

    /// Whether somebody who has given the password, and may still give the code, has a passkey for
    /// it; none when nobody has.
    pub(crate) async fn has_half_passkeys(&self, token: &str) -> Result<Option<bool>> {
        let half = self.find_half(hash_token(token), self.now()).await?;
        let Some(half) = half else { return Ok(None) };
        let mut tx = self.database().read().await?;
        Ok(Some(passkeys::count(&mut tx, &half.account).await? > 0))
    }

    /// Uses a code up; false when it is none of this account, or was used before.
    pub(crate) async fn take_code(
        &self,
        tx: &mut Tx,
        account: &str,
        code: &str,
        now: Moment,
    ) -> Result<bool> {
        match Typed::read(code) {
            Typed::Neither => Ok(false),
            Typed::Recovery(letters) => {
                let hash = recovery::hash(account, &letters);
                Ok(sql::use_code(tx, account, hash, now).await? == 1)
            }
            Typed::Code(code) => {
                let factor = sql::find(tx, account).await?;
                let factor = factor.filter(|factor| factor.confirmed_at.is_some());
                let Some(factor) = factor else { return Ok(false) };
                let secret = self.vault()?.open(place(account), &factor.secret)?;
                match totp::find_step(&secret, code, now, factor.last_step) {
                    Some(step) => Ok(sql::take_step(tx, account, step).await? == 1),
                    None => Ok(false),
                }
            }
        }
    }
}

fn expired() -> Error {
    Error::refused("access.sign_in_expired", lang::access::sign_in_expired)
}

async fn new_codes(tx: &mut Tx, account: &str) -> Result<Vec<String>> {
    let codes = recovery::draw();
    let hashes: Vec<[u8; 32]> = codes.iter().map(|code| recovery::hash(account, code)).collect();
    sql::set_codes(tx, account, &hashes).await?;
    Ok(codes)
}
