//! The vault: small fields encrypted at rest by keys that lie outside the database (decision 19).

mod keys;
mod mask;
mod store;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use ::store::Tx;
use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use base::{Error, Moment, Result, random_bytes};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

pub use keys::Keys;
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

/// Seals fields with the newest of its keys and opens those of all.
#[derive(Clone, Debug)]
pub struct Vault(Arc<Keys>);

impl Vault {
    /// A vault of these keys.
    #[must_use]
    pub fn new(keys: Keys) -> Self {
        Self(Arc::new(keys))
    }

    /// Encrypts a field for its place. The key is noted in the same transaction, so that its loss is
    /// told from a first start.
    pub async fn seal(
        &self,
        tx: &mut Tx,
        place: Place<'_>,
        field: &[u8],
        now: Moment,
    ) -> Result<Vec<u8>> {
        let key = self.0.newest();
        sql::note(tx, i64::from(key.id), &key.mark(), now).await?;
        sealed_by(key, place, field, random_bytes())
    }

    /// Decrypts a field of a place.
    ///
    /// Errors: `Internal` when it was sealed for another place, changed, or sealed by a key that is
    /// not there.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let unreadable = || Error::internal("a sealed field does not open");
        let (head, body) = sealed.split_at_checked(1 + ID_BYTES).ok_or_else(unreadable)?;
        let [FORM, id @ ..] = head else { return Err(unreadable()) };
        let id = u32::from_be_bytes(id.try_into().map_err(|_| unreadable())?);
        let key = self.0.find(id).ok_or_else(unreadable)?;
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
        derive(self.0.oldest().for_index(), &[&place[..], normalised(text).as_bytes()].concat())
    }

    /// Notes the key of the index, as sealing notes its own, where something is looked up by it that
    /// could not be made anew.
    pub async fn note_index(&self, tx: &mut Tx, now: Moment) -> Result<()> {
        let key = self.0.oldest();
        sql::note(tx, i64::from(key.id), &key.mark(), now).await
    }

    /// Whether every key that sealed something in the database is here, and is the same.
    ///
    /// Errors: `Unavailable`.
    pub async fn fits(&self, tx: &mut Tx) -> Result<bool> {
        let noted = sql::noted(tx).await?;
        Ok(noted.into_iter().all(|(id, mark)| {
            let key = u32::try_from(id).ok().and_then(|id| self.0.find(id));
            key.is_some_and(|key| bool::from(key.mark()[..].ct_eq(&mark)))
        }))
    }
}

/// Whether anything in the database was ever sealed, so that it needs its keys.
///
/// Errors: `Unavailable`.
pub async fn is_used(tx: &mut Tx) -> Result<bool> {
    Ok(!sql::noted(tx).await?.is_empty())
}

fn sealed_by(
    key: &Key,
    place: Place<'_>,
    field: &[u8],
    nonce: [u8; NONCE_BYTES],
) -> Result<Vec<u8>> {
    let head = [&[FORM], &key.id.to_be_bytes()[..]].concat();
    let aad = bound_to(&head, place);
    let text = cipher(key).encrypt(&nonce.into(), Payload { msg: field, aad: &aad });
    let text = text.map_err(|_| Error::internal("a field cannot be sealed"))?;
    Ok([head, nonce.to_vec(), text].concat())
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
