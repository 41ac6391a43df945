//! Lists that end: one page, and the place where the next begins.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, Result};

/// How many rows a page has at most.
pub const PAGE_LIMIT: usize = 100;

/// One page of a list; `next` is the cursor of the following page, none at the end.
#[derive(Clone, Debug, Serialize)]
pub struct Page<T> {
    /// The rows, at most [`PAGE_LIMIT`] unless the caller asked for fewer.
    pub items: Vec<T>,
    /// Opaque; give it back as `cursor=`.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Cuts a list that was read one row longer than the page. `key` names the last row kept.
    pub fn cut<K: Serialize>(mut rows: Vec<T>, limit: usize, key: impl Fn(&T) -> K) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|last| Cursor::encode(&key(last)));
        Self { items: rows, next }
    }

    /// The same page with its rows turned into something else.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(turn).collect(), next: self.next }
    }
}

/// The place of a row in a list, as text that callers give back unread.
#[derive(Debug)]
pub struct Cursor;

impl Cursor {
    /// The key of a row as a cursor.
    pub fn encode<K: Serialize>(key: &K) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
    }

    /// The key that a cursor stands for.
    ///
    /// Errors: `Invalid` when it was not made by [`Cursor::encode`] for this list.
    pub fn decode<K: DeserializeOwned>(cursor: &str) -> Result<K> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
        bytes
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or_else(|| Error::invalid("cursor", lang::error::bad_cursor))
    }
}
