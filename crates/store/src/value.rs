//! Values bound to a statement, alike on both engines.

use base::{Day, Id, Moment};

/// One bound value. Nulls keep their type, because PostgreSQL wants to know it.
#[derive(Clone, Debug)]
pub enum Value {
    /// BIGINT.
    Int(Option<i64>),
    /// DOUBLE PRECISION, REAL.
    Real(Option<f64>),
    /// TEXT.
    Text(Option<String>),
    /// BYTEA, BLOB.
    Bytes(Option<Vec<u8>>),
}

impl Value {
    /// How much of the memory it takes, roughly.
    pub(crate) fn size_bytes(&self) -> usize {
        let inside = match self {
            Self::Int(_) | Self::Real(_) => 0,
            Self::Text(text) => text.as_ref().map_or(0, String::len),
            Self::Bytes(bytes) => bytes.as_ref().map_or(0, Vec::len),
        };
        size_of::<Self>() + inside
    }
}

/// What is bound to `$1`, `$2`, …
pub type Values = Vec<Value>;

macro_rules! from {
    ($($type:ty => $variant:ident, $value:ident, $turn:expr;)*) => { $(
        impl From<$type> for Value {
            fn from($value: $type) -> Self { Self::$variant(Some($turn)) }
        }
        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self { Self::$variant(value.map(|$value| $turn)) }
        }
    )* };
}

from! {
    i64 => Int, value, value;
    i32 => Int, value, i64::from(value);
    u32 => Int, value, i64::from(value);
    Day => Int, value, i64::from(value.0);
    Moment => Int, value, value.0;
    f64 => Real, value, value;
    String => Text, value, value;
    &str => Text, value, value.to_owned();
    &String => Text, value, value.clone();
    Id => Text, value, value.to_string();
    Vec<u8> => Bytes, value, value;
    &[u8] => Bytes, value, value.to_vec();
    [u8; 32] => Bytes, value, value.to_vec();
}

/// Binds every value in turn to a query of either engine.
macro_rules! bind {
    ($query:expr, $values:expr) => {{
        let mut query = $query;
        for value in $values {
            query = match value {
                $crate::Value::Int(value) => query.bind(value),
                $crate::Value::Real(value) => query.bind(value),
                $crate::Value::Text(value) => query.bind(value),
                $crate::Value::Bytes(value) => query.bind(value),
            };
        }
        query
    }};
}
pub(crate) use bind;
