//! Who asks: what was typed, what is stored of it in the vault, what is doubtful, and what is shown.

use access::vault::mask_citizen_number;
use base::text::{clean, clean_lines};
use base::{Day, Error, FieldError, Result};
use lang::{Lang, Text};
use zeroize::Zeroizing;

/// Letters of a name, a way to reach somebody.
const LONGEST_NAME: usize = 200;
const LONGEST_CONTACT: usize = 400;
/// Letters of what somebody writes.
pub(crate) const LONGEST_TEXT: usize = 5_000;
/// An old number has nine digits, that of a passport fewer signs.
const NUMBER_SIGNS: std::ops::RangeInclusive<usize> = 6..=20;

/// The fields under which a person stands in the vault.
pub(crate) const NAME: &str = "name";
pub(crate) const NUMBER: &str = "number";
pub(crate) const PHONE: &str = "phone";
pub(crate) const ADDRESS: &str = "address";
pub(crate) const TEXT: &str = "text";

/// A person as typed in.
#[derive(Clone, Default)]
pub struct NewPerson {
    /// The full name.
    pub name: String,
    /// The citizen number, or that of an older paper or a passport.
    pub number: String,
    /// A telephone number.
    pub phone: String,
    /// An address for letters.
    pub address: String,
}

/// Mistakes by field, gathered so that all are told at once.
#[derive(Default)]
pub(crate) struct Mistakes(Vec<FieldError>);

impl Mistakes {
    pub(crate) fn add<S: Into<String>>(
        &mut self,
        place: &str,
        say: impl Fn(Lang) -> S + Send + Sync + 'static,
    ) {
        self.0.push(FieldError { place: place.to_owned(), text: Text::new(say) });
    }

    pub(crate) fn done(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }

    /// A text of several lines that must be there.
    pub(crate) fn text(&mut self, place: &str, text: &str) -> String {
        let text = clean_lines(text);
        if text.trim().is_empty() {
            self.add(place, lang::subjects::must_be_there);
        }
        self.short(place, text, LONGEST_TEXT)
    }

    /// A text, unless it is too long.
    pub(crate) fn short(&mut self, place: &str, text: String, longest: usize) -> String {
        if text.chars().count() > longest {
            self.add(place, move |lang| lang::subjects::too_long(lang, longest));
        }
        text
    }

    /// A law or document: plain text that everybody may read, so without any number of a person.
    pub(crate) fn law(&mut self, place: &str, text: &str) -> String {
        let text = clean(text);
        let longest_run =
            text.split(|sign: char| !sign.is_ascii_digit()).map(str::len).max().unwrap_or_default();
        if longest_run >= 9 {
            self.add(place, lang::subjects::law_without_numbers);
        }
        self.short(place, text, LONGEST_NAME)
    }
}

/// A person as it goes into the vault.
pub(crate) struct Person {
    pub(crate) name: Zeroizing<String>,
    pub(crate) number: Zeroizing<String>,
    pub(crate) phone: Zeroizing<String>,
    pub(crate) address: Zeroizing<String>,
}

impl Person {
    /// Takes what was typed, and notes what must be mended.
    pub(crate) fn read(typed: &NewPerson, wrong: &mut Mistakes) -> Self {
        let name = clean(&typed.name);
        if name.is_empty() {
            wrong.add(NAME, lang::subjects::must_be_there);
        } else if name.chars().any(|letter| letter.is_ascii_digit()) {
            wrong.add(NAME, lang::subjects::bad_name);
        }
        let number = normal_number(&typed.number);
        let is_number = number.chars().all(|sign| sign.is_ascii_alphanumeric())
            && NUMBER_SIGNS.contains(&number.len());
        if number.is_empty() {
            wrong.add(NUMBER, lang::subjects::must_be_there);
        } else if !is_number {
            wrong.add(NUMBER, lang::subjects::bad_number);
        }
        let (phone, address) = (clean(&typed.phone), clean(&typed.address));
        let digits = phone.chars().filter(char::is_ascii_digit).count();
        let plain = phone.chars().all(|sign| sign.is_ascii_digit() || " .-+()".contains(sign));
        let is_phone = plain && (8..=15).contains(&digits);
        if !phone.is_empty() && !is_phone {
            wrong.add(PHONE, lang::subjects::bad_phone);
        } else if phone.is_empty() && address.is_empty() {
            wrong.add(PHONE, lang::subjects::no_way_back);
        }
        Self {
            name: wrong.short(NAME, name, LONGEST_NAME).into(),
            number: number.into(),
            phone: wrong.short(PHONE, phone, LONGEST_CONTACT).into(),
            address: wrong.short(ADDRESS, address, LONGEST_CONTACT).into(),
        }
    }

    /// Its fields by name.
    pub(crate) fn fields(&self) -> [(&'static str, &str); 4] {
        [(NAME, &self.name), (NUMBER, &self.number), (PHONE, &self.phone), (ADDRESS, &self.address)]
    }
}

/// A number without what people put between its parts.
pub(crate) fn normal_number(text: &str) -> String {
    let is_between = |sign: &char| sign.is_whitespace() || ".-".contains(*sign);
    clean(text).chars().filter(|sign| !is_between(sign)).collect::<String>().to_uppercase()
}

/// The last four signs of a number, by which its owner shows that it is theirs.
pub(crate) fn last_signs(number: &str) -> &str {
    number.char_indices().rev().nth(3).map_or("", |(at, _)| &number[at..])
}

/// What is odd about a citizen number. It is taken all the same: corrections and old papers exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It has not twelve digits.
    NotTwelve,
    /// No province or country has the first three.
    Origin,
    /// By its fourth to sixth digit its owner is not born yet.
    Unborn,
}

impl Doubt {
    /// In words.
    #[must_use]
    pub fn say(self, lang: Lang) -> &'static str {
        match self {
            Self::NotTwelve => lang::subjects::doubt_not_twelve(lang),
            Self::Origin => lang::subjects::doubt_origin(lang),
            Self::Unborn => lang::subjects::doubt_unborn(lang),
        }
    }
}

/// What is odd about a citizen number: three digits for the province (001 to 096) or country (101
/// and above) of the registration of birth, one for century and sex, two for the year of birth, six
/// at random.
#[must_use]
pub fn doubts(number: &str, today: Day) -> Vec<Doubt> {
    let digits: Option<Vec<i32>> =
        number.bytes().map(|byte| byte.is_ascii_digit().then(|| i32::from(byte - b'0'))).collect();
    let Some(&[a, b, c, century, tens, ones, ..]) =
        digits.as_deref().filter(|digits| digits.len() == 12)
    else {
        return vec![Doubt::NotTwelve];
    };
    let origin = a * 100 + b * 10 + c;
    let born = 1900 + century / 2 * 100 + tens * 10 + ones;
    let is_known = (1..=96).contains(&origin) || origin > 100;
    let found =
        [(!is_known, Doubt::Origin), (born > i32::from(today.civil().year()), Doubt::Unborn)];
    found.into_iter().filter(|(is_so, _)| *is_so).map(|(_, doubt)| doubt).collect()
}

/// A field as it is shown to whoever has not said for what.
pub(crate) fn masked(field: &str, value: &str) -> String {
    match field {
        NUMBER => mask_citizen_number(value),
        NAME => {
            let word = |word: &str| word.chars().take(1).chain("***".chars()).collect::<String>();
            value.split(' ').filter(|it| !it.is_empty()).map(word).collect::<Vec<_>>().join(" ")
        }
        PHONE if !value.is_empty() => {
            let shown: String = value.chars().rev().take(3).collect();
            format!("*******{}", shown.chars().rev().collect::<String>())
        }
        _ if value.is_empty() => String::new(),
        _ => "************".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_doubted_for_what_it_says_and_never_refused_for_it() {
        let today = "2026-11-30".parse().unwrap();
        for (number, expected) in [
            ("093099001234", &[][..]),
            ("093905001234", &[Doubt::Unborn]),
            ("000226001234", &[Doubt::Origin]),
            ("098905001234", &[Doubt::Origin, Doubt::Unborn]),
            ("101085001234", &[]),
            ("093227001234", &[Doubt::Unborn]),
            ("362123456", &[Doubt::NotTwelve]),
            ("C1234567", &[Doubt::NotTwelve]),
            ("", &[Doubt::NotTwelve]),
        ] {
            assert_eq!(doubts(number, today), expected, "{number}");
        }
    }

    #[test]
    fn mistakes_are_told_all_at_once_and_at_their_place() {
        let places = |typed: &NewPerson| {
            let mut wrong = Mistakes::default();
            Person::read(typed, &mut wrong);
            wrong.0.into_iter().map(|error| error.place).collect::<Vec<_>>()
        };
        assert_eq!(places(&NewPerson::default()), ["name", "number", "phone"]);
        let typed = |name: &str, number: &str, phone: &str, address: &str| NewPerson {
            name: name.to_owned(),
            number: number.to_owned(),
            phone: phone.to_owned(),
            address: address.to_owned(),
        };
        for (person, expected) in [
            (typed("Trần Thị Bé", "093 905 001.234", "0900 000 000", ""), &[][..]),
            (typed("Trần Thị Bé", "362123456", "", "Ấp 1"), &[]),
            (typed("Bé 093905001234", "x", "0900", ""), &["name", "number", "phone"]),
        ] {
            assert_eq!(places(&person), expected, "{}", person.name);
        }
    }

    proptest! {
        #[test]
        fn what_is_masked_tells_little(name in "[A-Za-zà-ỹ ]{0,40}", number in "[0-9]{12}") {
            let shown = masked(NAME, &name);
            prop_assert!(name.split(' ').all(|word| word.chars().count() < 2 || !shown.contains(word)));
            prop_assert!(!masked(NUMBER, &number).contains(&number[3..8]));
            prop_assert!(!masked(PHONE, &number).contains(&number[..9]));
            prop_assert_eq!(masked(ADDRESS, &number), "************");
            prop_assert_eq!(last_signs(&number), &number[8..]);
        }
    }
}
