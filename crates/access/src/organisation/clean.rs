//! Texts as they are stored, or what is wrong with them.

use base::text::clean;
use base::{Day, Error, FieldError, Result};
use lang::{Lang, Text};

/// Letters of a name or title.
pub(super) const LONGEST_NAME: usize = 200;
/// Letters of a document, a subject.
const LONGEST_TEXT: usize = 300;
/// Letters of an address for letters (RFC 5321) or a telephone number.
const LONGEST_CONTACT: usize = 254;
/// Letters of a symbol.
const LONGEST_SYMBOL: usize = 30;

/// Mistakes by field, gathered so that all are told at once.
#[derive(Default)]
pub(super) struct Mistakes(pub(super) Vec<FieldError>);

impl Mistakes {
    pub(super) fn add<S: Into<String>>(
        &mut self,
        place: &str,
        say: impl Fn(Lang) -> S + Send + Sync + 'static,
    ) {
        self.0.push(FieldError { place: place.to_owned(), text: Text::new(say) });
    }

    /// Errors: `Invalid` when there is any.
    pub(super) fn done(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }

    /// A text that must be there.
    pub(super) fn needed(&mut self, place: &str, text: &str, longest: usize) -> String {
        let text = self.short(place, text, longest);
        if text.is_empty() {
            self.add(place, lang::organisation::must_be_there);
        }
        text
    }

    /// A text that may be empty.
    pub(super) fn short(&mut self, place: &str, text: &str, longest: usize) -> String {
        let text = clean(text);
        if text.chars().count() > longest {
            self.add(place, move |lang| lang::organisation::too_long(lang, longest));
        }
        text
    }

    pub(super) fn name(&mut self, place: &str, text: &str) -> String {
        self.needed(place, text, LONGEST_NAME)
    }

    pub(super) fn symbol(&mut self, place: &str, text: &str) -> String {
        let symbol = self.needed(place, text, LONGEST_SYMBOL);
        if symbol.contains([' ', '/']) {
            self.add(place, lang::organisation::bad_symbol);
        }
        symbol
    }

    /// The document that decided something.
    pub(super) fn decision(&mut self, place: &str, text: &str) -> String {
        self.needed(place, text, LONGEST_TEXT)
    }

    pub(super) fn subject(&mut self, place: &str, text: &str) -> String {
        self.needed(place, text, LONGEST_TEXT)
    }

    /// The name of a person. What has digits is no name, and may be a number that nobody may keep.
    pub(super) fn person(&mut self, place: &str, text: &str) -> String {
        let name = self.name(place, text);
        if name.chars().any(|letter| letter.is_ascii_digit()) {
            self.add(place, lang::organisation::bad_person);
        }
        name
    }

    /// The office's address for letters, in small letters; may be empty.
    pub(super) fn email(&mut self, place: &str, text: &str) -> String {
        let email = self.short(place, text, LONGEST_CONTACT).to_lowercase();
        let fits = email.split_once('@').is_some_and(|(name, host)| {
            let plain = |c: char| c.is_ascii_graphic() && !"<>()[],;:\\\"@".contains(c);
            !name.is_empty()
                && name.chars().all(plain)
                && host.contains('.')
                && !host.starts_with('.')
                && !host.ends_with('.')
                && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c))
        });
        if !email.is_empty() && !fits {
            self.add(place, lang::organisation::bad_email);
        }
        email
    }

    /// The office's telephone; may be empty. Twelve digits are a citizen number, which is not kept.
    pub(super) fn phone(&mut self, place: &str, text: &str) -> String {
        let phone = self.short(place, text, LONGEST_CONTACT);
        let digits = phone.chars().filter(char::is_ascii_digit).count();
        let plain = phone.chars().all(|c| c.is_ascii_digit() || " .-+()".contains(c));
        let most = if phone.starts_with('+') { 13 } else { 11 };
        if !phone.is_empty() && (!plain || !(3..=most).contains(&digits)) {
            self.add(place, lang::organisation::bad_phone);
        }
        phone
    }

    /// A day that must be there; [`Day::MIN`] where it is not.
    pub(super) fn day(&mut self, place: &str, text: &str) -> Day {
        match text.parse::<Day>() {
            Ok(day) => day,
            Err(_) => {
                self.add(place, lang::error::bad_day);
                Day::MIN
            }
        }
    }

    /// The last day of a period, which may be open: the day behind it.
    pub(super) fn last_day(&mut self, place: &str, text: &str) -> Day {
        match clean(text).as_str() {
            "" => Day::MAX,
            text => self.day(place, text).plus(1),
        }
    }
}
