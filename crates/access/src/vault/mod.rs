//! The vault: small fields encrypted at rest by keys that lie outside the database (decision 19).

mod columns;
mod keys;
mod mask;
mod store;

#[cfg(test)]
mod tests;

use std::sync::{Arc, PoisonError, RwLock};

use ::store::Tx;
use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use base::{Error, Moment, Result, random_bytes};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

pub use columns::{Column, Use, usage};
pub use keys::{Keys, Token};
pub use mask::mask_citizen_number;

use self::keys::{Key, derive};
use self::store as sql;

/// The first byte of everything that is sealed: in which way it was.
const FORM: u8 = 1;
const ID_BYTES: usize = 4;
/// AES-GCM's own length. Drawn at random it may be drawn 2³² times a key (NIST SP 800-38D, 8.3),
/// which no province comes near.
const NONCE_BYTES: usize = 12;

/// Where a field stands. What is sealed for one place opens at no other, so that nobody who can
/// write into the database moves one person's secret into the row of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// The column.
    pub column: &'a str,
    /// The row's id.
    pub row: &'a str,
}

/// Seals fields with the newest of its keys and opens those of all. Its copies share them.
#[derive(Clone, Debug)]
pub struct Vault(Arc<RwLock<Arc<Keys>>>);

/// What became of a key that is not to be used any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Nothing is sealed by it: all was sealed anew by a later one.
    Retired,
    /// It is gone, and what it sealed with it.
    Lost,
}

impl Over {
    pub(in crate::vault) const fn code(self) -> &'static str {
        match self {
            Self::Retired => "retired",
            Self::Lost => "lost",
        }
    }
}

impl Vault {
    /// A vault of these keys.
    #[must_use]
    pub fn new(keys: Keys) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(keys))))
    }

    /// The keys in force.
    #[must_use]
    pub fn keys(&self) -> Arc<Keys> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes other keys from now on, in all copies, if they are those of the database too. Gives
    /// whether they are.
    ///
    /// Errors: `Unavailable`.
    pub async fn take(&self, tx: &mut Tx, keys: Keys) -> Result<bool> {
        let keys = Arc::new(keys);
        let is_fit = fit(&keys, tx).await?;
        if is_fit {
            *self.0.write().unwrap_or_else(PoisonError::into_inner) = keys;
        }
        Ok(is_fit)
    }

    /// Encrypts a field for its place. The key is noted in the same transaction, so that its loss is
    /// told from a first start.
    ///
    /// Errors: `Refused` `vault.key_is_over` when another program retired the key meanwhile.
    pub async fn seal(
        &self,
        tx: &mut Tx,
        place: Place<'_>,
        field: &[u8],
        now: Moment,
    ) -> Result<Vec<u8>> {
        let keys = self.keys();
        let key = keys.newest();
        note(tx, key, now).await?;
        sealed_by(key, place, field, random_bytes())
    }

    /// Decrypts a field of a place.
    ///
    /// Errors: `Internal` when it was sealed for another place, or changed; `Refused` `vault.lost_key`
    /// when it was sealed by a key that is not there.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let unreadable = || Error::internal("a sealed field does not open");
        let (head, body) = sealed.split_at_checked(1 + ID_BYTES).ok_or_else(unreadable)?;
        let [FORM, id @ ..] = head else { return Err(unreadable()) };
        let id = u32::from_be_bytes(id.try_into().map_err(|_| unreadable())?);
        let keys = self.keys();
        let lost = || Error::refused("vault.lost_key", lang::vault::lost_field);
        let key = keys.find(id).ok_or_else(lost)?;
        let (nonce, text) = body.split_at_checked(NONCE_BYTES).ok_or_else(unreadable)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| unreadable())?;
        let aad = bound_to(head, place);
        let opened = cipher(key).decrypt(&nonce.into(), Payload { msg: text, aad: &aad });
        opened.map(Zeroizing::new).map_err(|_| unreadable())
    }

    /// What equal texts of a column have in common, and nobody without the key can tell: for looking
    /// a sealed field up. White space, case and the form of the letters make no difference.
    ///
    /// It is made by the oldest key, which therefore outlives all others.
    #[must_use]
    pub fn index(&self, table: &str, column: &str, text: &str) -> [u8; 32] {
        let place = bound_to(b"", Place { table, column, row: "" });
        derive(
            self.keys().oldest().for_index(),
            &[&place[..], normalised(text).as_bytes()].concat(),
        )
    }

    /// Notes the key of the index, as sealing notes its own, where something is looked up by it that
    /// could not be made anew.
    pub async fn note_index(&self, tx: &mut Tx, now: Moment) -> Result<()> {
        note(tx, self.keys().oldest(), now).await
    }

    /// Whether every key that sealed something in the database is here, and is the same; but for
    /// those that are over.
    ///
    /// Errors: `Unavailable`.
    pub async fn fits(&self, tx: &mut Tx) -> Result<bool> {
        fit(&self.keys(), tx).await
    }
}

async fn note(tx: &mut Tx, key: &Key, now: Moment) -> Result<()> {
    let id = i64::from(key.id);
    sql::note(tx, id, &key.mark(), now).await?;
    match sql::is_over(tx, id).await? {
        true => Err(Error::refused("vault.key_is_over", lang::vault::key_is_over)),
        false => Ok(()),
    }
}

async fn fit(keys: &Keys, tx: &mut Tx) -> Result<bool> {
    let noted = sql::noted(tx).await?;
    Ok(noted.into_iter().all(|noted| {
        let key = u32::try_from(noted.id).ok().and_then(|id| keys.find(id));
        let is_same = key.map(|key| bool::from(key.mark()[..].ct_eq(&noted.mark)));
        // A lost key's number goes to no other; a retired one may still stand in the file.
        is_same.unwrap_or(!noted.ended.is_empty())
    }))
}

/// Notes that a key is over. One that seals, or makes the index, is not retired.
///
/// Errors: `Unavailable`.
pub async fn end(tx: &mut Tx, id: u32, over: Over, now: Moment) -> Result<()> {
    sql::end(tx, i64::from(id), over.code(), now).await
}

/// The numbers that keys of the database have or had, and what became of those that are over.
///
/// Errors: `Unavailable`.
pub async fn noted(tx: &mut Tx) -> Result<Vec<(u32, Option<Over>)>> {
    let noted = sql::noted(tx).await?;
    let known = |noted: sql::Noted| {
        let over = [Over::Retired, Over::Lost].into_iter().find(|over| over.code() == noted.ended);
        Some((u32::try_from(noted.id).ok()?, over))
    };
    Ok(noted.into_iter().filter_map(known).collect())
}

/// Whether anything in the database is sealed, so that it needs its keys.
///
/// Errors: `Unavailable`.
pub async fn is_used(tx: &mut Tx) -> Result<bool> {
    Ok(sql::noted(tx).await?.iter().any(|noted| noted.ended.is_empty()))
}

fn sealed_by(
    key: &Key,
    place: Place<'_>,
    field: &[u8],
    nonce: [u8; NONCE_BYTES],
) -> Result<Vec<u8>> {
    let head = head(key.id);
    let aad = bound_to(&head, place);
    let text = cipher(key).encrypt(&nonce.into(), Payload { msg: field, aad: &aad });
    let text = text.map_err(|_| Error::internal("a field cannot be sealed"))?;
    Ok([head, nonce.to_vec(), text].concat())
}

/// How everything begins that a key sealed.
fn head(id: u32) -> Vec<u8> {
    [&[FORM], &id.to_be_bytes()[..]].concat()
}

fn cipher(key: &Key) -> Aes256Gcm {
    Aes256Gcm::new(key.for_sealing().into())
}

/// Each part with its length before it, so that no two places are written alike.
fn bound_to(head: &[u8], place: Place<'_>) -> Vec<u8> {
    let parts = [head, place.table.as_bytes(), place.column.as_bytes(), place.row.as_bytes()];
    let mut bound = Vec::new();
    for part in parts {
        bound.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        bound.extend_from_slice(part);
    }
    bound
}

fn normalised(text: &str) -> String {
    base::text::clean(&base::text::clean(text).to_lowercase())
}
