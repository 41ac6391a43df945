//! What tells of a person, in the vault: put there, opened, and erased; and what the journal covers
//! of it.
//!
//! Each record has random bytes of its own, which lie in the vault too. The journal's hash is made
//! with them, so that nobody finds a name or a number by trying; when they are erased with the fields
//! the hash tells nothing any more, and still holds.

use std::collections::BTreeMap;

use access::vault::{Place, Vault};
use base::{Error, Id, Moment, Result, random_bytes};
use store::Tx;
use zeroize::Zeroizing;

use crate::Receipt;
use crate::person::NUMBER;
use crate::store as sql;

const TABLE: &str = "subject_fields";
const SALT: &str = "salt";

/// The fields of a record by name.
pub(crate) type Fields = BTreeMap<String, Zeroizing<String>>;

/// A record that is put into the locker for the first time.
pub(crate) struct NewRecord<'a> {
    pub(crate) id: Id,
    /// `request` or `consent`.
    pub(crate) kind: &'a str,
    pub(crate) receipt: &'a Receipt,
    pub(crate) fields: &'a [(&'a str, &'a str)],
}

/// What records of one citizen number have in common.
pub(crate) fn person(vault: &Vault, number: &str) -> [u8; 32] {
    vault.index("subject_records", "person", number)
}

/// Seals the fields of a new record. Gives what the journal covers of them.
///
/// Errors: `Refused` `subjects.twice` when the record is there already: its form was sent twice.
pub(crate) async fn put(
    tx: &mut Tx,
    vault: &Vault,
    record: &NewRecord<'_>,
    now: Moment,
) -> Result<[u8; 32]> {
    let number = record.fields.iter().find(|(field, _)| *field == NUMBER);
    let person = person(vault, number.map_or("", |(_, number)| number));
    let id = record.id.to_string();
    let written = sql::insert_record(tx, record.id, record.kind, person, record.receipt.hash());
    if written.await? == 0 {
        return Err(Error::refused("subjects.twice", lang::subjects::twice));
    }
    let salt = Zeroizing::new(random_bytes::<32>());
    seal(tx, vault, (&id, SALT), &salt[..], now).await?;
    for (field, value) in record.fields {
        seal(tx, vault, (&id, field), value.as_bytes(), now).await?;
    }
    let fields = record.fields.iter().map(|(field, value)| (*field, *value));
    Ok(covered(&salt[..], fields))
}

/// Seals one more field of a record. Gives what the journal covers of it.
pub(crate) async fn add(
    tx: &mut Tx,
    vault: &Vault,
    (record, field): (&str, &str),
    value: &str,
    now: Moment,
) -> Result<[u8; 32]> {
    let salt = salt(tx, vault, record).await?;
    seal(tx, vault, (record, field), value.as_bytes(), now).await?;
    Ok(covered(&salt, std::iter::once((field, value))))
}

/// The fields of a record; nothing once it is erased.
///
/// Errors: `Internal` when one of them does not open.
pub(crate) async fn open(tx: &mut Tx, vault: &Vault, record: &str) -> Result<Fields> {
    let mut fields = Fields::new();
    for (field, sealed) in sql::fields(tx, record).await? {
        if field == SALT {
            continue;
        }
        let bytes = vault.open(Place { table: TABLE, column: &field, row: record }, &sealed)?;
        let text = std::str::from_utf8(&bytes).map_err(Error::internal)?.to_owned();
        fields.insert(field, Zeroizing::new(text));
    }
    Ok(fields)
}

/// Whether what the journal covers is what lies in the vault: `facts` of all fields of this list, and
/// of each further field its own.
pub(crate) async fn holds(
    tx: &mut Tx,
    vault: &Vault,
    record: &str,
    (first, facts): (&[&str], &[u8]),
    more: &[(String, Vec<u8>)],
) -> Result<bool> {
    let Ok(salt) = salt(tx, vault, record).await else { return Ok(false) };
    let Ok(fields) = open(tx, vault, record).await else { return Ok(false) };
    let value = |field: &str| fields.get(field).map_or("", |value| value);
    let all = covered(&salt, first.iter().map(|field| (*field, value(field))));
    let each = |(field, hash): &(String, Vec<u8>)| {
        covered(&salt, std::iter::once((&**field, value(field))))[..] == hash[..]
    };
    Ok(all[..] == *facts && more.iter().all(each))
}

async fn salt(tx: &mut Tx, vault: &Vault, record: &str) -> Result<Zeroizing<Vec<u8>>> {
    let fields = sql::fields(tx, record).await?;
    let sealed = fields.into_iter().find(|(field, _)| field == SALT);
    let (field, sealed) = sealed.ok_or_else(|| Error::internal("a record without its salt"))?;
    vault.open(Place { table: TABLE, column: &field, row: record }, &sealed)
}

async fn seal(
    tx: &mut Tx,
    vault: &Vault,
    (record, field): (&str, &str),
    value: &[u8],
    now: Moment,
) -> Result<()> {
    let place = Place { table: TABLE, column: field, row: record };
    let sealed = vault.seal(tx, place, value, now).await?;
    sql::insert_field(tx, record, field, sealed).await
}

fn covered<'a>(salt: &[u8], fields: impl Iterator<Item = (&'a str, &'a str)>) -> [u8; 32] {
    let mut parts = vec![b"sogoc subject 1".as_slice(), salt];
    for (field, value) in fields {
        parts.extend([field.as_bytes(), value.as_bytes()]);
    }
    journal::content_hash(&parts)
}
