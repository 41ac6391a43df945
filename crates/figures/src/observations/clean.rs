//! What of a count and its words may be stored.

use base::text::clean;
use base::{Error, FieldError, Id, Result, grouped};
use lang::Text;

use super::evidence;
use super::model::NewObservation;

/// The largest count. A sum over every unit of the nation stays far within 64 bits.
pub(crate) const LARGEST_VALUE: i64 = 1_000_000_000_000;
/// A source is at most this long. Units: characters.
pub(crate) const LONGEST_SOURCE: usize = 500;
/// A reason is at most this long. Units: characters.
pub(crate) const LONGEST_REASON: usize = 1000;

/// A count with its source, and the name of its file, in the form in which they are stored.
pub(crate) fn count(mut count: NewObservation) -> NewObservation {
    count.source = clean(&count.source);
    if let Some(file) = &mut count.evidence {
        file.name = clean(&file.name);
        // What the sender named it is not believed.
        file.media_type = evidence::media_type(file).unwrap_or_default().to_owned();
    }
    count
}

/// A reason in the form in which it is stored.
///
/// Errors, in the list: `reason` when it is missing or too long.
pub(crate) fn reason(reason: &str) -> (String, Vec<FieldError>) {
    let reason = clean(reason);
    let wrong = match reason.is_empty() {
        true => Some(Text::new(lang::observations::no_reason)),
        false => too_long(&reason, LONGEST_REASON),
    };
    let errors = wrong.map(|text| FieldError { place: "reason".to_owned(), text });
    (reason, errors.into_iter().collect())
}

/// What is wrong with a number that counts something.
pub(crate) fn wrong_value(value: i64) -> Option<Text> {
    if value < 0 {
        return Some(Text::new(lang::observations::negative));
    }
    let too_much = |lang| lang::observations::too_much(lang, grouped(lang, LARGEST_VALUE));
    (value > LARGEST_VALUE).then(|| Text::new(too_much))
}

/// What is wrong with a source.
pub(crate) fn wrong_source(source: &str) -> Option<Text> {
    let source = clean(source);
    match source.is_empty() {
        true => Some(Text::new(lang::observations::no_source)),
        false => too_long(&source, LONGEST_SOURCE),
    }
}

fn too_long(text: &str, most: usize) -> Option<Text> {
    let is_longer = text.chars().nth(most).is_some();
    is_longer.then(|| Text::new(move |lang| lang::observations::too_long(lang, most)))
}

/// The id of an observation as the program writes it. What is no id names none.
///
/// Errors: `NotFound`.
pub(crate) fn id(text: &str) -> Result<Id> {
    let id = text.parse::<Id>().ok().filter(|id| id.to_string() == text);
    id.ok_or_else(|| Error::not_found(lang::observations::unknown))
}

#[cfg(test)]
mod tests {
    use lang::Lang;

    use super::*;

    #[test]
    fn numbers_texts_and_ids_have_bounds() {
        for (value, holds) in [
            (0, true),
            (LARGEST_VALUE, true),
            (-1, false),
            (LARGEST_VALUE + 1, false),
            (i64::MAX, false),
            (i64::MIN, false),
        ] {
            assert_eq!(wrong_value(value).is_none(), holds, "{value}");
        }
        for (source, holds) in [
            ("Sổ hộ".to_owned(), true),
            (" \u{0}\u{200b}\u{202e} ".to_owned(), false),
            ("ộ".repeat(LONGEST_SOURCE), true),
            ("o\u{323}\u{302}".repeat(LONGEST_SOURCE), true),
            ("ộ".repeat(LONGEST_SOURCE + 1), false),
            ("x".repeat(900_000), false),
        ] {
            assert_eq!(wrong_source(&source).is_none(), holds, "{} bytes", source.len());
        }
        let id = "0197c2f0-1c2d-7abc-8def-0123456789ab";
        let upper = id.to_uppercase();
        let braced = format!("{{{id}}}");
        for (text, holds) in
            [(id, true), ("a\u{0}b", false), ("", false), (&upper, false), (&braced, false)]
        {
            assert_eq!(super::id(text).is_ok(), holds, "{text:?}");
        }
    }

    #[test]
    fn a_reason_is_stored_clean_or_refused_at_its_place() {
        let (stored, errors) = reason("Đe\u{301}m \u{202e}lại\u{0}\nhôm qua ");
        assert_eq!((stored.as_str(), errors.len()), ("Đém lại hôm qua", 0));
        for text in ["", " \n", "\u{0}", "\u{2066}\u{2069}", &"ộ".repeat(LONGEST_REASON + 1)] {
            let (_, errors) = reason(text);
            assert_eq!(errors.len(), 1, "{text:?}");
            assert_eq!(errors[0].place, "reason");
            assert!(!errors[0].text.say(Lang::Vietnamese).is_empty());
        }
    }
}
