//! What was tried with an account, for its owner to see: when, from where, and what came of it.

use base::{Id, Moment, Result};
use lang::Lang;
use store::Tx;

use crate::{Access, store as sql};

/// So long it is kept. Units: days.
pub(crate) const KEPT_DAYS: i64 = 180;
pub(crate) const DAY_MICROS: i64 = 24 * 3600 * 1_000_000;
/// Of those who are sent away, one is noted within this time: whoever goes on trying must not fill
/// the database.
const QUIET_MICROS: i64 = 15 * 60 * 1_000_000;

/// What came of a try to sign in, or was done with the ways to do so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    SignedIn,
    WrongPassword,
    WrongCode,
    Throttled,
    SignedInByPasskey,
    WrongPasskey,
    PasskeyAdded,
    PasskeyRemoved,
    SignedInByProvider,
    ProviderLinked,
    ProviderUnlinked,
    FactorOn,
    FactorOff,
    FactorReset,
    CodesRenewed,
    PasswordChanged,
    PasswordReset,
    EnrolmentDrawn,
}

impl Outcome {
    const ALL: [Self; 18] = [
        Self::SignedIn,
        Self::WrongPassword,
        Self::WrongCode,
        Self::Throttled,
        Self::SignedInByPasskey,
        Self::WrongPasskey,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
        Self::SignedInByProvider,
        Self::ProviderLinked,
        Self::ProviderUnlinked,
        Self::FactorOn,
        Self::FactorOff,
        Self::FactorReset,
        Self::CodesRenewed,
        Self::PasswordChanged,
        Self::PasswordReset,
        Self::EnrolmentDrawn,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::SignedIn => "signed-in",
            Self::WrongPassword => "wrong-password",
            Self::WrongCode => "wrong-code",
            Self::Throttled => "throttled",
            Self::SignedInByPasskey => "signed-in-by-passkey",
            Self::WrongPasskey => "wrong-passkey",
            Self::PasskeyAdded => "passkey-added",
            Self::PasskeyRemoved => "passkey-removed",
            Self::SignedInByProvider => "signed-in-by-provider",
            Self::ProviderLinked => "provider-linked",
            Self::ProviderUnlinked => "provider-unlinked",
            Self::FactorOn => "factor-on",
            Self::FactorOff => "factor-off",
            Self::FactorReset => "factor-reset",
            Self::CodesRenewed => "codes-renewed",
            Self::PasswordChanged => "password-changed",
            Self::PasswordReset => "password-reset",
            Self::EnrolmentDrawn => "enrolment-drawn",
        }
    }

    pub(crate) fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }

    pub(crate) fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::SignedIn => lang::account::signed_in(lang),
            Self::WrongPassword => lang::account::wrong_password(lang),
            Self::WrongCode => lang::account::wrong_code(lang),
            Self::Throttled => lang::account::throttled(lang),
            Self::SignedInByPasskey => lang::passkeys::log_signed_in(lang),
            Self::WrongPasskey => lang::passkeys::log_wrong(lang),
            Self::PasskeyAdded => lang::passkeys::log_added(lang),
            Self::PasskeyRemoved => lang::passkeys::log_removed(lang),
            Self::SignedInByProvider => lang::providers::log_signed_in(lang),
            Self::ProviderLinked => lang::providers::log_linked(lang),
            Self::ProviderUnlinked => lang::providers::log_unlinked(lang),
            Self::FactorOn => lang::proof::log_factor_on(lang),
            Self::FactorOff => lang::proof::log_factor_off(lang),
            Self::FactorReset => lang::proof::log_factor_reset(lang),
            Self::CodesRenewed => lang::proof::log_codes_renewed(lang),
            Self::PasswordChanged => lang::proof::log_password_changed(lang),
            Self::PasswordReset => lang::proof::log_password_reset(lang),
            Self::EnrolmentDrawn => lang::proof::log_enrolment_drawn(lang),
        }
    }
}

impl Access {
    /// Notes a failure for the owner of the account of this name, if there is one. Nobody waits for
    /// it: how long the answer takes would tell whether the account exists.
    pub(crate) fn note(&self, name: &str, address: &str, outcome: Outcome) {
        let (access, name, address) = (self.clone(), name.to_owned(), address.to_owned());
        tokio::spawn(async move {
            if let Err(error) = access.note_now(&name, &address, outcome).await {
                tracing::warn!(cause = error.cause(), "a sign-in that failed is not noted");
            }
        });
    }

    /// The same for an account that is known.
    pub(crate) fn note_of(&self, account: &str, address: &str, outcome: Outcome) {
        let (access, account, address) = (self.clone(), account.to_owned(), address.to_owned());
        tokio::spawn(async move {
            if let Err(error) = access.note_account(&account, &address, outcome).await {
                tracing::warn!(cause = error.cause(), "a sign-in that failed is not noted");
            }
        });
    }

    /// Notes it in the transaction of what was done.
    pub(crate) async fn log_in(
        &self,
        tx: &mut Tx,
        account: &str,
        address: &str,
        outcome: Outcome,
    ) -> Result<()> {
        let what = (address, outcome.as_str());
        sql::insert_sign_in(tx, Id::new(self.clock()), account, self.now(), what).await
    }

    async fn note_now(&self, name: &str, address: &str, outcome: Outcome) -> Result<()> {
        let mut tx = self.database().read().await?;
        let Some(account) = sql::find_account(&mut tx, name).await? else { return Ok(()) };
        drop(tx);
        self.note_account(&account.id, address, outcome).await
    }

    async fn note_account(&self, account: &str, address: &str, outcome: Outcome) -> Result<()> {
        let now = self.now();
        let mut tx = self.database().write().await?;
        let since = Moment(now.0 - QUIET_MICROS);
        let is_noted = outcome == Outcome::Throttled
            && sql::has_sign_in_since(&mut tx, account, outcome.as_str(), since).await?;
        if is_noted {
            return Ok(());
        }
        self.log_in(&mut tx, account, address, outcome).await?;
        tx.commit().await
    }

    /// Forgets what is kept no longer: old sign-ins, and what was begun and not ended.
    pub async fn sweep(&self) -> Result<()> {
        let mut tx = self.database().write().await?;
        self.sweep_in(&mut tx, self.now()).await?;
        tx.commit().await
    }
}
