//! Texts that are data: names and titles in packs.

use lang::Lang;
use serde::{Deserialize, Serialize};

/// A text in the three languages. Vietnamese is always there; the others fall back to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Vietnamese.
    pub vi: String,
    /// English.
    #[serde(default)]
    pub en: String,
    /// Khmer.
    #[serde(default)]
    pub km: String,
}

impl Words {
    /// In one language.
    #[must_use]
    pub fn say(&self, lang: Lang) -> &str {
        let text = match lang {
            Lang::Vietnamese => &self.vi,
            Lang::English => &self.en,
            Lang::Khmer => &self.km,
        };
        if text.is_empty() { &self.vi } else { text }
    }
}
