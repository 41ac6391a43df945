//! Adding passkeys, removing them, and signing in by them.

use base::{Error, Id, Moment, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use webauthn_rs::Webauthn;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential, Uuid,
};

use super::CHALLENGE_MICROS;
use super::rules::{self, expired, wrong};
use super::store::{self as sql, ChallengeRow, NewChallenge, NewPasskey, PasskeyRow};
use crate::log::Outcome;
use crate::proof::{Owner, store as proof};
use crate::sessions::{Proof, Whence, hash_token, new_token};
use crate::{Access, Key, throttle};

/// So many an account may have.
pub(super) const MOST: i64 = 20;

/// What the purposes of challenges are called in the database.
const ADD: &str = "add";
const SIGN_IN: &str = "sign-in";
const SECOND: &str = "second-factor";

/// A challenge on its way to the browser.
pub(super) struct Begun {
    /// What `navigator.credentials` is told.
    pub(super) options: Value,
    /// By which the browser's answer finds the challenge again.
    pub(super) token: String,
}

/// A passkey as its owner sees it.
pub(super) struct Shown {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) made: Moment,
    pub(super) used: Option<Moment>,
}

impl Access {
    /// Errors: `Refused` `access.no_passkeys`.
    fn webauthn(&self) -> Result<&Webauthn> {
        let none = || Error::refused("access.no_passkeys", lang::passkeys::not_set_up);
        self.ways().webauthn.as_ref().ok_or_else(none)
    }

    pub(super) async fn passkeys(&self, account: &str) -> Result<Vec<Shown>> {
        let mut tx = self.database().read().await?;
        let rows = sql::passkeys(&mut tx, account, MOST).await?.into_iter();
        let shown = rows.map(|row| Shown {
            id: row.id,
            name: row.name,
            made: Moment(row.created_at),
            used: row.used_at.map(Moment),
        });
        Ok(shown.collect())
    }

    /// Asks for a new key of an account. `user` is the name of the account.
    ///
    /// Errors: `Invalid` at `name`; `Refused` `access.no_passkeys`, `access.too_many_passkeys`.
    pub(super) async fn begin_passkey(
        &self,
        (owner, user): (&Owner, &str),
        name: &str,
    ) -> Result<Begun> {
        let (webauthn, name) = (self.webauthn()?, rules::name(name)?);
        let mut tx = self.database().write().await?;
        self.hold(&mut tx, owner).await?;
        let account = owner.id.as_str();
        let known = sql::passkeys(&mut tx, account, MOST).await?;
        if i64::try_from(known.len()).is_ok_and(|count| count >= MOST) {
            return Err(too_many());
        }
        let known = known.into_iter().map(|row| row.credential_id).collect();
        let handle = Uuid::parse_str(account).map_err(Error::internal)?;
        let (options, state) = webauthn
            .start_passkey_registration(handle, user, user, Some(known))
            .map_err(Error::internal)?;
        sql::forget_challenges(&mut tx, account, ADD).await?;
        let token = new_token();
        let state = to_json(&state)?;
        let challenge = NewChallenge {
            token_hash: hash_token(&token),
            purpose: ADD,
            account: Some(account),
            name: &name,
            state: &state,
        };
        sql::insert_challenge(&mut tx, &challenge, self.now()).await?;
        tx.commit().await?;
        Ok(Begun { options: rules::to_make(&options)?, token })
    }

    /// Adds the key that the browser made.
    ///
    /// Errors: `Refused` `access.passkey_expired`, `access.wrong_passkey`, `access.known_passkey`,
    /// `access.too_many_passkeys`, `access.no_passkeys`.
    pub(super) async fn add_passkey(
        &self,
        owner: &Owner,
        (token, answer): (&str, &str),
    ) -> Result<()> {
        let webauthn = self.webauthn()?;
        let account = owner.id.as_str();
        let challenge = self.take_challenge(token, ADD).await?;
        if challenge.account.as_deref() != Some(account) {
            return Err(expired());
        }
        let answer = rules::answer(answer)?;
        let state: PasskeyRegistration = from_json(&challenge.state)?;
        let passkey = webauthn.finish_passkey_registration(&answer, &state).map_err(refused)?;
        let now = self.now();
        let mut tx = self.database().write().await?;
        self.hold(&mut tx, owner).await?;
        if sql::count(&mut tx, account).await? >= MOST {
            return Err(too_many());
        }
        let id: &[u8] = passkey.cred_id();
        if sql::find(&mut tx, id).await?.is_some() {
            return Err(Error::refused("access.known_passkey", lang::passkeys::known));
        }
        let credential = to_json(&passkey)?;
        let name = &challenge.name;
        let new = NewPasskey { account, credential_id: id, credential: &credential, name };
        sql::insert(&mut tx, Id::new(self.clock()), &new, now).await?;
        // The device has shown the key and unlocked it.
        self.changed(&mut tx, owner, (Outcome::PasskeyAdded, true)).await?;
        tx.commit().await
    }

    /// Removes a passkey of the account; of another's nothing happens.
    pub(super) async fn remove_passkey(&self, owner: &Owner, id: &str) -> Result<bool> {
        let mut tx = self.database().write().await?;
        self.hold(&mut tx, owner).await?;
        let removed = sql::remove(&mut tx, &owner.id, id).await? > 0;
        if removed {
            self.changed(&mut tx, owner, (Outcome::PasskeyRemoved, false)).await?;
        }
        tx.commit().await?;
        Ok(removed)
    }

    /// Asks for whichever passkey somebody has, before it is known who it is.
    ///
    /// Errors: `Refused` `access.no_passkeys`, `access.too_many_attempts`.
    pub(super) async fn ask_for_passkey(&self, address: &str) -> Result<Begun> {
        self.ask(SIGN_IN, None, address).await
    }

    /// Asks whoever gave the password for a passkey of the account, in the place of a code.
    ///
    /// Errors: as of [`Access::ask_for_passkey`], and `Refused` `access.sign_in_expired`.
    pub(super) async fn ask_half_for_passkey(&self, half: &str, address: &str) -> Result<Begun> {
        let account = self.half(half).await?.account;
        self.ask(SECOND, Some(&account), address).await
    }

    async fn ask(
        &self,
        purpose: &'static str,
        account: Option<&str>,
        address: &str,
    ) -> Result<Begun> {
        let webauthn = self.webauthn()?;
        let now = self.now();
        // Each leaves a row for some minutes, and nobody has shown yet who they are.
        let keys = [Key::of_beginnings(address)];
        self.throttle().check(&keys, now)?;
        self.throttle().fail(&keys, now);
        let (options, state) =
            webauthn.start_discoverable_authentication().map_err(Error::internal)?;
        let token = new_token();
        let state = to_json(&state)?;
        let mut tx = self.database().write().await?;
        let mut ids = Vec::new();
        if let Some(account) = account {
            let own = sql::passkeys(&mut tx, account, MOST).await?;
            ids.extend(own.into_iter().map(|row| row.credential_id));
            sql::forget_challenges(&mut tx, account, purpose).await?;
        }
        let token_hash = hash_token(&token);
        let challenge = NewChallenge { token_hash, purpose, account, name: "", state: &state };
        sql::insert_challenge(&mut tx, &challenge, now).await?;
        tx.commit().await?;
        Ok(Begun { options: rules::to_ask(&options, &ids)?, token })
    }

    /// Opens the session of whoever a passkey belongs to. It counts as both factors: the device, and
    /// what unlocks it. Gives the token for the cookie.
    ///
    /// Errors: `Refused` `access.passkey_expired`, `access.wrong_passkey`,
    /// `access.too_many_attempts`, `access.no_passkeys`.
    pub(super) async fn sign_in_by_passkey(
        &self,
        (token, answer): (&str, &str),
        from: &Whence<'_>,
    ) -> Result<String> {
        let entered = async {
            let _turn = self.turn().await;
            let now = self.now();
            let keys = [Key::of_place(from.address, throttle::OF_A_PLACE)];
            self.throttle().check(&keys, now)?;
            let challenge = self.take_challenge(token, SIGN_IN).await?;
            let proved = self.prove_passkey(answer, &challenge, from).await;
            let passkey = proved.inspect_err(|_| self.throttle().fail(&keys, now))?;
            let mut tx = self.database().write().await?;
            proof::lock(&mut tx, &passkey.row.account).await?;
            passkey.note_use(&mut tx, now).await?;
            self.sweep_in(&mut tx, now).await?;
            let how = (Outcome::SignedInByPasskey, Proof::Two);
            let token = self.open_session(&mut tx, &passkey.row.account, from, now, how).await?;
            tx.commit().await?;
            Ok(token)
        };
        let entered = entered.await;
        self.count_failure(&entered);
        entered
    }

    /// Opens the session of whoever gave the password before and now shows a passkey of the account.
    ///
    /// Errors: as of [`Access::sign_in_by_passkey`], and `Refused` `access.sign_in_expired`.
    pub(super) async fn enter_passkey(
        &self,
        half: &str,
        (token, answer): (&str, &str),
        from: &Whence<'_>,
    ) -> Result<String> {
        let entered = async {
            let _turn = self.turn().await;
            let now = self.now();
            let waiting = self.half(half).await?;
            let keys = throttle::keys_of_codes(&waiting.name, from.address);
            self.throttle().check(&keys, now).inspect_err(|_| {
                self.note(&waiting.name, from.address, Outcome::Throttled);
            })?;
            let challenge = self.take_challenge(token, SECOND).await?;
            if challenge.account.as_ref() != Some(&waiting.account) {
                return Err(expired());
            }
            let proved = self.prove_passkey(answer, &challenge, from).await;
            let passkey = proved.inspect_err(|_| self.throttle().fail(&keys, now))?;
            let mut tx = self.database().write().await?;
            proof::lock(&mut tx, &waiting.account).await?;
            passkey.note_use(&mut tx, now).await?;
            self.end_half(&mut tx, half).await?;
            let how = (Outcome::SignedInByPasskey, Proof::Two);
            let token = self.open_session(&mut tx, &waiting.account, from, now, how).await?;
            tx.commit().await?;
            self.throttle().forgive(&keys);
            Ok(token)
        };
        let entered = entered.await;
        self.count_failure(&entered);
        entered
    }

    /// Takes a challenge, whether its answer will be right or not.
    async fn take_challenge(&self, token: &str, purpose: &'static str) -> Result<ChallengeRow> {
        let mut tx = self.database().write().await?;
        let taken = sql::take_challenge(&mut tx, hash_token(token), purpose).await?;
        tx.commit().await?;
        let now = self.now();
        taken.filter(|it| now.0 - it.created_at <= CHALLENGE_MICROS).ok_or_else(expired)
    }

    /// Which passkey answered a challenge, and that it was unlocked for it. A failure is noted for
    /// the owner of the passkey, if there is one.
    async fn prove_passkey(
        &self,
        answer: &str,
        challenge: &ChallengeRow,
        from: &Whence<'_>,
    ) -> Result<Proved> {
        let answer: PublicKeyCredential = rules::answer(answer)?;
        let mut tx = self.database().read().await?;
        let row = sql::find(&mut tx, answer.get_credential_id()).await?.ok_or_else(wrong)?;
        drop(tx);
        let proved = self.prove_row(&answer, challenge, row.clone());
        if proved.is_err() {
            self.note_of(&row.account, from.address, Outcome::WrongPasskey);
        }
        proved
    }

    fn prove_row(
        &self,
        answer: &PublicKeyCredential,
        challenge: &ChallengeRow,
        row: PasskeyRow,
    ) -> Result<Proved> {
        // Whoever the device says it is for, and whoever the password was of, must be its owner.
        let named = answer.get_user_unique_id().map(Uuid::from_slice);
        let named = named.map(|id| id.map(|id| id.to_string()).unwrap_or_default());
        let expected = [named.as_ref(), challenge.account.as_ref()];
        let is_somebodys = expected.iter().any(Option::is_some);
        if !is_somebodys || expected.into_iter().flatten().any(|it| *it != row.account) {
            return Err(wrong());
        }
        let mut passkey: Passkey = from_json(&row.credential)?;
        let state: DiscoverableAuthentication = from_json(&challenge.state)?;
        let result = self
            .webauthn()?
            .finish_discoverable_authentication_v2(answer, state, &passkey)
            .map_err(refused)?;
        passkey.update_credential(&result);
        Ok(Proved { after: to_json(&passkey)?, row })
    }
}

/// A passkey that was shown, and its credential with the counter that it came with.
struct Proved {
    row: PasskeyRow,
    after: String,
}

impl Proved {
    /// Errors: `Refused` `access.wrong_passkey` when it was removed or used meanwhile.
    async fn note_use(&self, tx: &mut store::Tx, now: Moment) -> Result<()> {
        let change = (&*self.row.credential, &*self.after);
        match sql::note_use(tx, &self.row.id, change, now).await? {
            1 => Ok(()),
            _ => Err(wrong()),
        }
    }
}

fn too_many() -> Error {
    Error::refused("access.too_many_passkeys", |lang| lang::passkeys::too_many(lang, MOST))
}

/// Why an answer is not taken says nothing of a person, and helps whoever runs the program.
#[expect(clippy::needless_pass_by_value, reason = "as map_err calls it")]
fn refused(cause: webauthn_rs::prelude::WebauthnError) -> Error {
    tracing::info!(%cause, "a passkey is refused");
    wrong()
}

fn to_json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

fn from_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(Error::internal)
}
