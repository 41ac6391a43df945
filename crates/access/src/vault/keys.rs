//! The keys of the vault, and the file that they stand in.

use std::fmt;

use base::{Error, Result, random_bytes};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// What is left of the key when it goes out of use is nothing.
pub(super) type Secret = Zeroizing<[u8; 32]>;

/// Keys in the order of their file: the last one seals.
pub struct Keys {
    first: Key,
    /// Those after the first.
    later: Vec<Key>,
}

/// One key, of which those for each purpose are derived: no key serves two algorithms.
pub(super) struct Key {
    pub(super) id: u32,
    root: Secret,
    sealing: Secret,
    index: Secret,
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<u32> = self.all().map(|key| key.id).collect();
        formatter.debug_tuple("Keys").field(&ids).finish()
    }
}

impl Keys {
    /// One new key.
    #[must_use]
    pub fn generate() -> Self {
        Self { first: Key::new(1, Zeroizing::new(random_bytes())), later: Vec::new() }
    }

    /// Reads a file: a key a line, its number and 32 bytes in Base64, the newest last. Lines that
    /// begin with `#` are for people.
    ///
    /// Errors: `Invalid`, without a word of what stands there.
    pub fn parse(text: &str) -> Result<Self> {
        let bad = || Error::invalid("vault_key", lang::access::bad_vault_key);
        let mut keys: Vec<Key> = Vec::new();
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (id, root) = line.split_once(' ').ok_or_else(bad)?;
            let id = id.parse().map_err(|_| bad())?;
            let bytes = Zeroizing::new(STANDARD.decode(root.trim()).map_err(|_| bad())?);
            let root: [u8; 32] = bytes[..].try_into().map_err(|_| bad())?;
            if keys.iter().any(|key| key.id == id) {
                return Err(bad());
            }
            keys.push(Key::new(id, Zeroizing::new(root)));
        }
        let mut keys = keys.into_iter();
        let first = keys.next().ok_or_else(bad)?;
        Ok(Self { first, later: keys.collect() })
    }

    /// The file.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::new());
        for key in self.all() {
            let root = Zeroizing::new(STANDARD.encode(&key.root[..]));
            text.push_str(&key.id.to_string());
            text.push(' ');
            text.push_str(&root);
            text.push('\n');
        }
        text
    }

    fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.first).chain(&self.later)
    }

    pub(super) fn oldest(&self) -> &Key {
        &self.first
    }

    pub(super) fn newest(&self) -> &Key {
        self.later.last().unwrap_or(&self.first)
    }

    pub(super) fn find(&self, id: u32) -> Option<&Key> {
        self.all().find(|key| key.id == id)
    }
}

impl Key {
    fn new(id: u32, root: Secret) -> Self {
        let sealing = Zeroizing::new(derive(&root, b"sogoc vault: sealing"));
        let index = Zeroizing::new(derive(&root, b"sogoc vault: index"));
        Self { id, root, sealing, index }
    }

    pub(super) fn for_sealing(&self) -> &[u8; 32] {
        &self.sealing
    }

    pub(super) fn for_index(&self) -> &[u8; 32] {
        &self.index
    }

    /// What tells the key from others and does not give it away.
    pub(super) fn mark(&self) -> [u8; 32] {
        derive(&self.root, b"sogoc vault: mark")
    }
}

/// HMAC-SHA-256.
pub(super) fn derive(key: &[u8; 32], text: &[u8]) -> [u8; 32] {
    // A key shorter than the block of the hash is filled up with zeros (RFC 2104, 2).
    let mut block = Zeroizing::new([0; 64]);
    block[..key.len()].copy_from_slice(key);
    let mac = Hmac::<Sha256>::new((&*block).into());
    mac.chain_update(text).finalize().into_bytes().into()
}
