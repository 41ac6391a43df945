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

/// What keeps the keys of the file shut: a key that never leaves its hardware (PKCS#11).
pub trait Token: fmt::Debug + Send + Sync {
    /// The name of the key that seals.
    fn key(&self) -> &str;

    /// Encrypts the root of a key.
    ///
    /// Errors: `Unavailable` when the hardware does not answer.
    fn wrap(&self, root: &[u8]) -> Result<Vec<u8>>;

    /// Decrypts it, by the key of this name.
    ///
    /// Errors: `Unavailable` when the hardware does not answer or has no such key.
    fn unwrap(&self, key: &str, wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>>;
}

/// Keys in the order of their file: the last one seals.
#[derive(Clone)]
pub struct Keys {
    first: Key,
    /// Those after the first.
    later: Vec<Key>,
}

/// One key, of which those for each purpose are derived: no key serves two algorithms.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) id: u32,
    root: Secret,
    /// The key of a token that stood over it in its file.
    wrapped_by: Option<String>,
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
        Self::starting_at(1)
    }

    /// One new key of this number: the next after those that were lost.
    #[must_use]
    pub fn starting_at(id: u32) -> Self {
        Self { first: Key::new(id, Zeroizing::new(random_bytes()), None), later: Vec::new() }
    }

    /// Reads a file: a key a line, its number and 32 bytes in Base64, the newest last. Lines that
    /// begin with `#` are for people. Of a key that a token wrapped, the name of the token's key
    /// stands between the two.
    ///
    /// Errors: `Invalid`, without a word of what stands there; at `token` when a wrapped key has no
    /// token to open it; `Unavailable` when the token does not open it.
    pub fn parse(text: &str, token: Option<&dyn Token>) -> Result<Self> {
        let bad = || Error::invalid("vault_key", lang::access::bad_vault_key);
        let mut keys: Vec<Key> = Vec::new();
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (id, rest) = line.split_once(' ').ok_or_else(bad)?;
            let (wrapped_by, root) = match rest.trim().split_once(' ') {
                Some((name, root)) => (Some(name.to_owned()), root),
                None => (None, rest),
            };
            let id = id.parse().map_err(|_| bad())?;
            let mut bytes = Zeroizing::new(STANDARD.decode(root.trim()).map_err(|_| bad())?);
            if let Some(name) = &wrapped_by {
                let none = || Error::invalid("token", lang::vault::no_token);
                bytes = token.ok_or_else(none)?.unwrap(name, &bytes)?;
            }
            let root: [u8; 32] = bytes[..].try_into().map_err(|_| bad())?;
            if keys.iter().any(|key| key.id == id) {
                return Err(bad());
            }
            keys.push(Key::new(id, Zeroizing::new(root), wrapped_by));
        }
        let mut keys = keys.into_iter();
        let first = keys.next().ok_or_else(bad)?;
        Ok(Self { first, later: keys.collect() })
    }

    /// The file; with a token every key is wrapped by it.
    ///
    /// Errors: `Unavailable` when the token does not answer.
    pub fn to_text(&self, token: Option<&dyn Token>) -> Result<Zeroizing<String>> {
        let mut text = Zeroizing::new(String::new());
        for key in self.all() {
            text.push_str(&key.id.to_string());
            text.push(' ');
            let root = match token {
                Some(token) => {
                    text.push_str(token.key());
                    text.push(' ');
                    Zeroizing::new(STANDARD.encode(token.wrap(&key.root[..])?))
                }
                None => Zeroizing::new(STANDARD.encode(&key.root[..])),
            };
            text.push_str(&root);
            text.push('\n');
        }
        Ok(text)
    }

    /// The same and one more, which seals from now on.
    #[must_use]
    pub fn and_one_more(mut self, id: u32) -> Self {
        self.later.push(Key::new(id, Zeroizing::new(random_bytes()), None));
        self
    }

    /// The same without this one. The first stays whatever is asked: the index is made by it.
    #[must_use]
    pub fn without(mut self, id: u32) -> Self {
        self.later.retain(|key| key.id != id);
        self
    }

    /// Their numbers, the oldest first, and which key of a token wrapped each.
    pub fn numbers(&self) -> impl Iterator<Item = (u32, Option<&str>)> {
        self.all().map(|key| (key.id, key.wrapped_by.as_deref()))
    }

    /// Whether the keys are the same, wrapped or not.
    #[must_use]
    pub fn are(&self, other: &Self) -> bool {
        let marks = |keys: &Self| keys.all().map(|key| (key.id, key.mark())).collect::<Vec<_>>();
        marks(self) == marks(other)
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
    fn new(id: u32, root: Secret, wrapped_by: Option<String>) -> Self {
        let sealing = Zeroizing::new(derive(&root, b"sogoc vault: sealing"));
        let index = Zeroizing::new(derive(&root, b"sogoc vault: index"));
        Self { id, root, wrapped_by, sealing, index }
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
