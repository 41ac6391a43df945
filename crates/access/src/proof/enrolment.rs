//! Enrolment codes: with one, somebody who may do guarded things sets the first factor up.

use base::rights::{Act, Actor, Place};
use base::{Error, Moment, Result, random_bytes};
use sha2::{Digest as _, Sha256};

use super::store as sql;
use crate::Access;
use crate::factor::{base32, in_fours};
use crate::log::{DAY_MICROS, Outcome};

/// A code works for so long. Units: days.
pub(crate) const ENROLMENT_DAYS: i64 = 7;
/// 120 random bits, as 24 letters: no hash of it is ever tried out.
const BYTES: usize = 15;

/// Only this is stored. It is bound to the account.
pub(super) fn hash(account: &str, typed: &str) -> [u8; 32] {
    let fits = |letter: &char| letter.is_ascii_alphanumeric();
    let letters: String = typed.chars().filter(fits).take(64).collect();
    let letters = letters.to_ascii_uppercase();
    Sha256::digest(format!("sogoc enrolment code\n{account}\n{letters}").as_bytes()).into()
}

/// Codes that were made before are over.
pub(super) fn made_since(now: Moment) -> Moment {
    Moment(now.0 - ENROLMENT_DAYS * DAY_MICROS)
}

impl Access {
    /// Whether an account has rights for which its first factor asks for a code.
    ///
    /// Errors: `NotFound` for an unknown name.
    pub async fn asks_for_enrolment(&self, name: &str) -> Result<bool> {
        let mut tx = self.database().read().await?;
        let account = crate::accounts::find(&mut tx, name).await?.id;
        crate::accounts::opens_guarded(self, &mut tx, &account).await
    }

    /// Draws the code with which the owner of an account sets the first factor up; it is shown once and
    /// stored nowhere. Whoever drew the password of the account or gave it what it may do is not the one
    /// to draw it too.
    ///
    /// Errors: `NotFound` for an unknown name; `Refused` `access.four_eyes`, `access.stronger_account`
    /// for the own account, `access.has_ways` when it has a factor already; those of rights.
    pub async fn draw_enrolment(&self, actor: Actor<'_>, name: &str) -> Result<String> {
        actor.check(Act::ManageAccounts, Place::PROVINCE)?;
        if actor.name == name && !actor.rights.is_operator() {
            return Err(Error::refused("access.stronger_account", lang::access::stronger_account));
        }
        let mut tx = self.database().write().await?;
        journal::lock(&mut tx).await?;
        let account = crate::accounts::find(&mut tx, name).await?.id;
        self.refuse_giver(&mut tx, actor, &account).await?;
        crate::accounts::refuse_opener(&mut tx, actor, &account).await?;
        sql::lock(&mut tx, &account).await?;
        if self.ways_of(&mut tx, &account).await?.has_any() {
            return Err(Error::refused("access.has_ways", lang::proof::has_ways));
        }
        let code = in_fours(&base32(&random_bytes::<BYTES>()), "-");
        sql::set_enrolment(&mut tx, &account, hash(&account, &code), self.now()).await?;
        sql::note_opener(&mut tx, &account, actor.name).await?;
        self.tell(&mut tx, actor, "access.draw_enrolment", &account).await?;
        self.tell_owner(&mut tx, &account, "", Outcome::EnrolmentDrawn).await?;
        tx.commit().await?;
        Ok(code)
    }
}
