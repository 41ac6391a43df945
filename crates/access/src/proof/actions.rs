//! Asking for a proof anew, and what follows a change of the ways in.

use base::{Error, Result};
use lang::Lang;
use store::Tx;
use store::outbox::{self, Message};

use super::enrolment::{hash, made_since};
use super::notices::NOTICES;
use super::{FRESH_MICROS, store as sql};
use crate::accounts::opens_guarded;
use crate::factor::store as factors;
use crate::guard::Here;
use crate::log::Outcome;
use crate::organisation::store as organisation;
use crate::passkeys::store as passkeys;
use crate::sessions::hash_token;
use crate::{Access, store as accounts, throttle};

type Say = fn(Lang) -> &'static str;

/// What is done with the ways in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Another way comes to them.
    Adding,
    /// One goes, or is drawn anew.
    Removing,
}

/// What is asked for besides the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Besides {
    /// Nothing: there is nothing else yet, or it was shown just now.
    Nothing,
    /// A code of the authenticator, or a recovery code.
    Code,
    /// A passkey, shown by signing in anew.
    Passkey,
    /// The enrolment code that somebody handed over.
    Enrolment,
}

/// What a form carries to prove that it is the owner who sends it.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    /// The name of the account.
    pub(crate) name: &'a str,
    /// The token of the session.
    pub(crate) token: &'a str,
    /// From where.
    pub(crate) address: &'a str,
    pub(crate) password: &'a str,
    /// A code of whichever kind is asked for.
    pub(crate) code: &'a str,
    /// What the names of the form's fields end in.
    pub(crate) suffix: &'a str,
}

/// The session in which the ways into an account change.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    /// The id of the account.
    pub(crate) id: String,
    pub(crate) session: [u8; 32],
    pub(crate) address: String,
}

impl<'a> Given<'a> {
    pub(crate) fn of(
        (name, here): (&'a str, &'a Here),
        (password, code): (&'a str, &'a str),
        suffix: &'a str,
    ) -> Self {
        let Here { token, address } = here;
        Self { name, token, address, password, code, suffix }
    }
}

impl Owner {
    pub(crate) fn of(account: String, token: &str, address: &str) -> Self {
        Self { id: account, session: hash_token(token), address: address.to_owned() }
    }
}

/// The factors that an account has besides its password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Factors {
    /// Codes by the time.
    pub(crate) has_codes: bool,
    pub(crate) passkeys: i64,
}

impl Factors {
    pub(crate) const fn has_any(self) -> bool {
        self.has_codes || self.passkeys > 0
    }
}

impl Access {
    /// The session of a visitor, who has not proved anything anew.
    ///
    /// Errors: `NotFound` for an unknown name.
    pub(crate) async fn owner(&self, name: &str, here: &Here) -> Result<Owner> {
        Ok(Owner::of(self.account(name).await?.id, &here.token, &here.address))
    }

    pub(crate) async fn ways_of(&self, tx: &mut Tx, account: &str) -> Result<Factors> {
        let has_codes = factors::is_confirmed(tx, account).await?;
        Ok(Factors { has_codes, passkeys: passkeys::count(tx, account).await? })
    }

    /// What a form of this session asks for besides the password.
    ///
    /// Errors: `Unauthenticated` when the session has ended.
    pub(crate) async fn besides(&self, owner: &Owner, change: Change) -> Result<Besides> {
        let mut tx = self.database().read().await?;
        self.besides_in(&mut tx, owner, change).await
    }

    async fn besides_in(&self, tx: &mut Tx, owner: &Owner, change: Change) -> Result<Besides> {
        let proved = sql::proved_at(tx, &owner.id, owner.session).await?;
        let proved = proved.ok_or(Error::Unauthenticated)?;
        if self.now().0 - proved.0 <= FRESH_MICROS {
            return Ok(Besides::Nothing);
        }
        let factors = self.ways_of(tx, &owner.id).await?;
        Ok(match (factors.has_codes, factors.passkeys, change) {
            (true, ..) => Besides::Code,
            (false, 1.., _) => Besides::Passkey,
            (false, _, Change::Adding) if opens_guarded(self, tx, &owner.id).await? => {
                Besides::Enrolment
            }
            _ => Besides::Nothing,
        })
    }

    /// Lets the ways in change for whoever proves anew to be the owner.
    ///
    /// Errors: `Invalid` at the fields of password and code; `Refused` `access.too_many_attempts`,
    /// `access.passkey_wanted`, `access.no_vault`; `Unauthenticated` when the session has ended.
    pub(crate) async fn prove(&self, change: Change, given: Given<'_>) -> Result<Owner> {
        let Given { name, address, code, suffix, .. } = given;
        let place = format!("password{suffix}");
        let account = self.check_own(name, given.password, address, &place).await?;
        // As with passwords: codes sent at the same moment are not all tried.
        let _turn = self.turn().await;
        let now = self.now();
        let owner = Owner::of(account.id, given.token, address);
        let mut tx = self.database().write().await?;
        if !sql::lock_with(&mut tx, &owner.id, &account.password).await? {
            return Err(Error::Unauthenticated);
        }
        let besides = self.besides_in(&mut tx, &owner, change).await?;
        let (wanted, wrong): (Say, Say) = match besides {
            Besides::Nothing => return Ok(owner),
            Besides::Passkey => {
                return Err(Error::refused("access.passkey_wanted", lang::proof::passkey_wanted));
            }
            Besides::Code => (lang::proof::code_wanted as Say, lang::access::wrong_code as Say),
            Besides::Enrolment => (lang::proof::enrolment_wanted, lang::proof::wrong_enrolment),
        };
        let place = format!("code{suffix}");
        if code.trim().is_empty() {
            return Err(Error::invalid(place, wanted));
        }
        let keys = throttle::keys_of_codes(name, address);
        self.throttle().check(&keys, now)?;
        let (id, session) = (owner.id.as_str(), owner.session);
        let is_right = match besides {
            Besides::Enrolment => {
                let hash = hash(id, code);
                sql::take_enrolment(&mut tx, (id, session), hash, made_since(now)).await?
            }
            _ => {
                self.take_code(&mut tx, id, code, now).await?
                    && sql::set_proved(&mut tx, (id, session), now).await?
            }
        };
        if !is_right {
            drop(tx);
            self.throttle().fail(&keys, now);
            self.note_of(&owner.id, address, Outcome::WrongCode);
            return Err(Error::invalid(place, wrong));
        }
        tx.commit().await?;
        self.throttle().forgive(&keys);
        Ok(owner)
    }

    /// Makes sure, before the ways into an account change, that nothing else happens to it meanwhile
    /// and that the session in which they do has not ended.
    ///
    /// Errors: `Unauthenticated`.
    pub(crate) async fn hold(&self, tx: &mut Tx, owner: &Owner) -> Result<()> {
        let is_open = sql::lock(tx, &owner.id).await?;
        match sql::proved_at(tx, &owner.id, owner.session).await? {
            Some(_) if is_open => Ok(()),
            _ => Err(Error::Unauthenticated),
        }
    }

    /// What follows once the ways in have changed: every other session ends, this one counts for what
    /// it proved (`is_proof` when it was a factor just now) and no more than that where no factor is
    /// left, and the owner is told.
    ///
    /// Errors: `Unavailable`.
    pub(crate) async fn changed(
        &self,
        tx: &mut Tx,
        owner: &Owner,
        (outcome, is_proof): (Outcome, bool),
    ) -> Result<()> {
        let id = owner.id.as_str();
        let has_any = self.ways_of(tx, id).await?.has_any();
        if is_proof {
            sql::set_proved(tx, (id, owner.session), self.now()).await?;
            sql::end_enrolment(tx, id).await?;
        } else if !has_any {
            sql::set_unproved(tx, (id, owner.session)).await?;
        }
        accounts::delete_other_sessions(tx, id, owner.session).await?;
        factors::delete_halves_of(tx, id).await?;
        self.tell_owner(tx, id, &owner.address, outcome).await
    }

    /// Notes for the owner of an account what was done with it, and writes a letter where it is known
    /// whose it is and how they are reached.
    pub(crate) async fn tell_owner(
        &self,
        tx: &mut Tx,
        account: &str,
        address: &str,
        outcome: Outcome,
    ) -> Result<()> {
        self.log_in(tx, account, address, outcome).await?;
        let people = organisation::people_of(tx, account).await?;
        if !self.sends_letters() || people.iter().all(|person| person.email.is_empty()) {
            return Ok(());
        }
        let message = Message {
            id: base::Id::new(self.clock()),
            kind: NOTICES,
            recipient: account.to_owned(),
            payload: outcome.as_str().to_owned(),
        };
        outbox::put(tx, self.clock(), vec![message]).await
    }
}
