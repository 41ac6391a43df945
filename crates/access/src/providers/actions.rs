//! Going to a provider and coming back: to sign in, or to link who one is there to an account.

use base::rights::{Act, Actor, Place};
use base::{Error, Id, Moment, Result};
use store::Tx;

use super::AWAY_MICROS;
use super::model::Provider;
use super::openid::{Inward, Proved, Talk};
use super::store::{self as sql, IdentityRow, NewIdentity, NewRequest, RequestRow};
use crate::factor::store as factors;
use crate::log::Outcome;
use crate::proof::{Owner, store as proof};
use crate::sessions::{Entry, Proof, Whence, hash_token, new_token};
use crate::vault::Vault;
use crate::{Access, Key, store as accounts, throttle};

/// Somebody who sets out for a provider.
pub(super) struct Begun {
    /// Where the browser goes.
    pub(super) url: String,
    /// By which it is known when it comes back.
    pub(super) token: String,
}

/// What a provider sent somebody back with.
#[derive(Default)]
pub(super) struct Returned<'a> {
    pub(super) state: &'a str,
    pub(super) code: Option<&'a str>,
    pub(super) error: Option<&'a str>,
    pub(super) issuer: Option<&'a str>,
}

/// What came of it.
pub(super) enum Arrived {
    /// Somebody signed in, and goes on to this page.
    Entered { entry: Entry, next: String },
    /// The identity is linked to the account from now on.
    Linked,
}

/// An identity as the owner of the account sees it.
pub(super) struct Shown {
    pub(super) id: String,
    pub(super) issuer: String,
    pub(super) made: Moment,
    pub(super) used: Option<Moment>,
}

fn expired() -> Error {
    Error::refused("access.provider_expired", lang::providers::expired)
}

impl Access {
    /// The provider of this id.
    ///
    /// Errors: `NotFound`.
    pub(super) fn provider(&self, id: &str) -> Result<&Provider> {
        let found = self.ways().providers.iter().find(|provider| provider.id == id);
        found.ok_or_else(|| {
            let id = id.to_owned();
            Error::not_found(move |lang| lang::providers::unknown(lang, &id))
        })
    }

    fn talk<'a>(&'a self, provider: &'a Provider) -> Result<Talk<'a>> {
        let ways = self.ways();
        let site = ways.site.as_deref().ok_or_else(|| Error::internal("no site"))?;
        let back = format!("{site}/sign-in/by/{}/return", provider.id);
        Ok(Talk { provider, known: &ways.known, http: &ways.http, clock: self.clock(), back })
    }

    /// Sends somebody to a provider: to sign in, or to link who they are there to their account.
    ///
    /// Errors: `NotFound`; `Refused` `access.provider_away`, `access.provider_wrong`,
    /// `access.too_many_attempts`, `access.no_identities`.
    pub(super) async fn send_to(
        &self,
        id: &str,
        owner: Option<&Owner>,
        next: &str,
        address: &str,
    ) -> Result<Begun> {
        let provider = self.provider(id)?;
        self.identity_vault()?;
        let now = self.now();
        let keys = [Key::of_beginnings(address)];
        self.throttle().check(&keys, now)?;
        self.throttle().fail(&keys, now);
        let outward = self.talk(provider)?.send().await?;
        let token = new_token();
        let request = NewRequest {
            token_hash: hash_token(&token),
            state_hash: hash_token(&outward.state),
            provider: &provider.id,
            account: owner.map(|owner| owner.id.as_str()),
            nonce: &outward.nonce,
            verifier: &outward.verifier,
            next,
        };
        let mut tx = self.database().write().await?;
        sql::insert_request(&mut tx, &request, now).await?;
        tx.commit().await?;
        Ok(Begun { url: outward.url, token })
    }

    /// Takes whom a provider sent back. `session` is the token of whoever is signed in already.
    ///
    /// Errors: `NotFound`; `Refused` `access.provider_expired`, `access.provider_denied`,
    /// `access.provider_away`, `access.provider_wrong`, `access.unknown_identity`,
    /// `access.taken_identity`, `access.second_identity`, `access.too_many_attempts`.
    pub(super) async fn arrive(
        &self,
        id: &str,
        (token, returned): (&str, &Returned<'_>),
        session: Option<&str>,
        from: &Whence<'_>,
    ) -> Result<Arrived> {
        let now = self.now();
        let keys = [Key::of_place(from.address, throttle::OF_A_PLACE)];
        self.throttle().check(&keys, now)?;
        let arrived = self.receive(id, (token, returned), session, from).await;
        if let Err(Error::Refused { code, .. }) = &arrived {
            // That a provider is away is nobody's failure.
            if !["access.provider_away", "access.provider_denied"].contains(code) {
                self.throttle().fail(&keys, now);
            }
            self.count_refusal(code);
        }
        arrived
    }

    async fn receive(
        &self,
        id: &str,
        (token, returned): (&str, &Returned<'_>),
        session: Option<&str>,
        from: &Whence<'_>,
    ) -> Result<Arrived> {
        let provider = self.provider(id)?;
        let request = self.take_request(token, returned.state).await?;
        if request.provider != provider.id {
            return Err(expired());
        }
        let proved = self.identify_back(provider, &request, returned).await?;
        let subject = self.subject(provider, &proved.subject)?;
        let Some(account) = request.account else {
            return self.enter(provider, (subject, proved.counts), request.next, from).await;
        };
        // Whoever began it is signed in still, and is the same.
        let session = session.ok_or(Error::Unauthenticated)?;
        let owner = Owner::of(account, session, from.address);
        let mut tx = self.database().write().await?;
        self.hold(&mut tx, &owner).await.map_err(|error| match error {
            Error::Unauthenticated => expired(),
            other => other,
        })?;
        self.link(&mut tx, provider, &owner.id, subject).await?;
        self.changed(&mut tx, &owner, (Outcome::ProviderLinked, false)).await?;
        tx.commit().await?;
        Ok(Arrived::Linked)
    }

    async fn take_request(&self, token: &str, state: &str) -> Result<RequestRow> {
        let mut tx = self.database().write().await?;
        let taken = sql::take_request(&mut tx, hash_token(token), hash_token(state)).await?;
        tx.commit().await?;
        let now = self.now();
        taken.filter(|it| now.0 - it.created_at <= AWAY_MICROS).ok_or_else(expired)
    }

    async fn identify_back(
        &self,
        provider: &Provider,
        request: &RequestRow,
        returned: &Returned<'_>,
    ) -> Result<Proved> {
        let code = match (returned.error, returned.code) {
            (None, Some(code)) => code,
            (error, _) => {
                tracing::info!(provider = provider.id, error, "a provider sends somebody back");
                let names = provider.names.clone();
                return Err(Error::refused("access.provider_denied", move |lang| {
                    lang::providers::denied(lang, names.say(lang))
                }));
            }
        };
        let (nonce, verifier) = (&*request.nonce, &*request.verifier);
        let inward = Inward { code, issuer: returned.issuer, nonce, verifier };
        self.talk(provider)?.receive(&inward).await
    }

    async fn enter(
        &self,
        provider: &Provider,
        (subject, counts): ([u8; 32], bool),
        next: String,
        from: &Whence<'_>,
    ) -> Result<Arrived> {
        let now = self.now();
        let mut tx = self.database().write().await?;
        let Some(identity) = sql::find(&mut tx, subject).await? else {
            let names = provider.names.clone();
            return Err(Error::refused("access.unknown_identity", move |lang| {
                lang::providers::stranger(lang, names.say(lang))
            }));
        };
        let account = &identity.account;
        proof::lock(&mut tx, account).await?;
        if sql::note_use(&mut tx, &identity.id, now).await? == 0 {
            return Err(expired());
        }
        self.sweep_in(&mut tx, now).await?;
        let entry = if !counts && factors::is_confirmed(&mut tx, account).await? {
            let token = new_token();
            factors::insert_half(&mut tx, hash_token(&token), account, now).await?;
            Entry::Half(token)
        } else {
            let proof = if counts { Proof::Two } else { Proof::Password };
            let how = (Outcome::SignedInByProvider, proof);
            Entry::Session(self.open_session(&mut tx, account, from, now, how).await?)
        };
        tx.commit().await?;
        Ok(Arrived::Entered { entry, next })
    }

    /// Links an identity to an account; that it is linked to it already is no mistake.
    async fn link(
        &self,
        tx: &mut Tx,
        provider: &Provider,
        account: &str,
        subject: [u8; 32],
    ) -> Result<()> {
        let now = self.now();
        let known = sql::find(tx, subject).await?;
        match known {
            Some(identity) if identity.account == account => return Ok(()),
            Some(_) => return Err(taken(provider)),
            None => {}
        }
        let issuer = provider.issuer.as_str();
        let own = sql::identities(tx, account).await?;
        if own.iter().any(|identity| identity.issuer == issuer) {
            let names = provider.names.clone();
            return Err(Error::refused("access.second_identity", move |lang| {
                lang::providers::second(lang, names.say(lang))
            }));
        }
        self.identity_vault()?.note_index(tx, now).await?;
        let new = NewIdentity { subject, account, issuer };
        sql::insert(tx, Id::new(self.clock()), &new, now).await
    }

    pub(super) async fn identities(&self, account: &str) -> Result<Vec<Shown>> {
        let mut tx = self.database().read().await?;
        let rows = sql::identities(&mut tx, account).await?.into_iter();
        let shown = |row: IdentityRow| Shown {
            id: row.id,
            issuer: row.issuer,
            made: Moment(row.created_at),
            used: row.used_at.map(Moment),
        };
        Ok(rows.map(shown).collect())
    }

    /// Removes an identity of the account; of another's nothing happens.
    pub(super) async fn unlink(&self, owner: &Owner, id: &str) -> Result<bool> {
        let mut tx = self.database().write().await?;
        self.hold(&mut tx, owner).await?;
        let removed = sql::remove(&mut tx, &owner.id, id).await? > 0;
        if removed {
            self.changed(&mut tx, owner, (Outcome::ProviderUnlinked, false)).await?;
        }
        tx.commit().await?;
        Ok(removed)
    }

    /// Links somebody whom a provider knows under a subject to an account, for an operator who knows
    /// who it is.
    ///
    /// Errors: `NotFound` for an unknown account or provider; `Invalid` at `subject`; `Refused`
    /// `access.taken_identity`, `access.second_identity`, `access.no_identities`.
    pub async fn link_account(
        &self,
        actor: Actor<'_>,
        name: &str,
        provider: &str,
        subject: &str,
    ) -> Result<()> {
        actor.check(Act::ManageAccounts, Place::PROVINCE)?;
        let provider = self.provider(provider)?;
        if subject.is_empty() || subject.len() > 255 {
            return Err(Error::invalid("subject", lang::providers::bad_subject));
        }
        let subject = self.subject(provider, subject)?;
        let mut tx = self.database().write().await?;
        journal::lock(&mut tx).await?;
        let account = crate::accounts::find(&mut tx, name).await?.id;
        self.refuse_stronger(&mut tx, actor, (name, &account)).await?;
        self.refuse_giver(&mut tx, actor, &account).await?;
        proof::lock(&mut tx, &account).await?;
        self.link(&mut tx, provider, &account, subject).await?;
        accounts::delete_sessions_of(&mut tx, &account).await?;
        proof::note_opener(&mut tx, &account, actor.name).await?;
        self.tell_owner(&mut tx, &account, "", Outcome::ProviderLinked).await?;
        self.tell(&mut tx, actor, "access.link_account", &account).await?;
        tx.commit().await
    }

    /// Takes the link between an account and a provider away. False when there is none.
    ///
    /// Errors: `NotFound` for an unknown account or provider.
    pub async fn unlink_account(
        &self,
        actor: Actor<'_>,
        name: &str,
        provider: &str,
    ) -> Result<bool> {
        actor.check(Act::ManageAccounts, Place::PROVINCE)?;
        let account = self.account(name).await?.id;
        let issuer = self.provider(provider)?.issuer.as_str().to_owned();
        let own = self.identities(&account).await?;
        match own.iter().find(|identity| identity.issuer == issuer) {
            Some(identity) => {
                let mut tx = self.database().write().await?;
                proof::lock(&mut tx, &account).await?;
                let removed = sql::remove(&mut tx, &account, &identity.id).await? > 0;
                accounts::delete_sessions_of(&mut tx, &account).await?;
                self.tell_owner(&mut tx, &account, "", Outcome::ProviderUnlinked).await?;
                tx.commit().await?;
                Ok(removed)
            }
            None => Ok(false),
        }
    }

    fn identity_vault(&self) -> Result<&Vault> {
        let none = || Error::refused("access.no_identities", lang::providers::no_vault);
        self.1.as_ref().ok_or_else(none)
    }

    /// What stands for a subject in the database. It may be a citizen number, so that nobody without
    /// the vault's key can tell whose it is, nor try all of them.
    fn subject(&self, provider: &Provider, subject: &str) -> Result<[u8; 32]> {
        let issuer = provider.issuer.as_str();
        // Two subjects may differ in case alone, and the index takes no notice of case.
        let text = format!("{}:{issuer}{subject}", issuer.len());
        let digits: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        Ok(self.identity_vault()?.index("identities", "subject", &digits))
    }
}

fn taken(provider: &Provider) -> Error {
    let names = provider.names.clone();
    Error::refused("access.taken_identity", move |lang| {
        lang::providers::taken(lang, names.say(lang))
    })
}

/// How many identities an account has.
pub(crate) async fn count(tx: &mut Tx, account: &str) -> Result<usize> {
    Ok(sql::identities(tx, account).await?.len())
}
