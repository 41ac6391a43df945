//! A sentence whose language is chosen by the reader, later.

use std::{fmt, sync::Arc};

use crate::Lang;

/// A sentence that is put into words only when the reader's language is known.
///
/// Example: `Text::new(move |lang| lang::territory::unit_unknown(lang, &code))`
#[derive(Clone)]
pub struct Text(Arc<dyn Fn(Lang) -> String + Send + Sync>);

impl Text {
    /// Makes a sentence from a message function with its arguments bound.
    pub fn new<S: Into<String>>(say: impl Fn(Lang) -> S + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |lang| say(lang).into()))
    }

    /// The sentence in one language.
    #[must_use]
    pub fn say(&self, lang: Lang) -> String {
        (self.0)(lang)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.say(Lang::English))
    }
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.say(Lang::English))
    }
}
