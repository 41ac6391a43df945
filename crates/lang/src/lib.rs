//! Every word that a person reads, in Vietnamese, English and Khmer.
//!
//! Translators edit `vi.toml`, `en.toml` and `km.toml`; each `[area] key = "text {argument}"`
//! becomes `lang::area::key(lang, argument)`, so a missing text or argument does not compile.
//! Several arguments go by name: `lang::area::key(lang, lang::area::Key { first, second })`.

mod text;

pub use text::Text;

/// A language of the product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Tiếng Việt, the language of the administration.
    #[default]
    Vietnamese,
    /// English.
    English,
    /// ភាសាខ្មែរ, spoken by the largest minority of the region.
    Khmer,
}

impl Lang {
    /// All languages, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Vietnamese, Self::English, Self::Khmer];

    /// The BCP 47 tag, as in `<html lang>` and `?lang=`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Vietnamese => "vi",
            Self::English => "en",
            Self::Khmer => "km",
        }
    }

    /// The language's own name.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::Vietnamese => "Tiếng Việt",
            Self::English => "English",
            Self::Khmer => "ភាសាខ្មែរ",
        }
    }

    /// Reads a tag or a locale such as `vi`, `en-GB` or `km_KH.UTF-8`.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_', '.']).next().unwrap_or_default().to_ascii_lowercase();
        Self::ALL.into_iter().find(|lang| lang.tag() == primary)
    }

    /// The first language of an `Accept-Language` header that the product speaks.
    #[must_use]
    pub fn from_accept_language(header: &str) -> Option<Self> {
        let mut wishes: Vec<(f32, &str)> = header
            .split(',')
            .filter_map(|wish| {
                let (tag, quality) = wish.split_once(';').unwrap_or((wish, "q=1"));
                let quality = quality.trim().strip_prefix("q=")?.parse().ok()?;
                Some((quality, tag.trim()))
            })
            .collect();
        wishes.sort_by(|a, b| b.0.total_cmp(&a.0));
        wishes.into_iter().find_map(|(_, tag)| Self::from_tag(tag))
    }
}

mod messages {
    use super::Lang;
    include!(concat!(env!("OUT_DIR"), "/messages.rs"));
}
pub use messages::*;

#[cfg(test)]
mod tests {
    use super::Lang;

    #[test]
    fn accept_language_prefers_the_highest_quality_we_speak() {
        for (header, expected) in [
            ("en-GB,en;q=0.9,vi;q=0.8", Some(Lang::English)),
            ("fr, km;q=0.5, vi;q=0.7", Some(Lang::Vietnamese)),
            ("fr", None),
            (";;q=x,", None),
        ] {
            assert_eq!(Lang::from_accept_language(header), expected, "{header}");
        }
    }
}
