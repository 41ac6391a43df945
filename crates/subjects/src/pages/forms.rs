//! The fields that several forms have in common.

use access::grants::Purpose;
use base::rights::{Act, Scope};
use base::{FieldError, Id};
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use web::pieces::{self, Choice, Field};

use super::View;
use crate::desks;
use crate::person::NewPerson;

/// What a form carried; what it has no field for is empty.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    pub(super) csrf: String,
    pub(super) once: String,
    pub(super) kind: String,
    pub(super) channel: String,
    pub(super) received: String,
    pub(super) name: String,
    pub(super) number: String,
    pub(super) phone: String,
    pub(super) address: String,
    pub(super) text: String,
    pub(super) text_version: i64,
    pub(super) agreed: String,
    pub(super) purpose: String,
    pub(super) words: String,
    pub(super) format: String,
    pub(super) desk: String,
}

impl Typed {
    pub(super) fn person(&self) -> NewPerson {
        NewPerson {
            name: self.name.clone(),
            number: self.number.clone(),
            phone: self.phone.clone(),
            address: self.address.clone(),
        }
    }

    /// The id that was drawn when the form was shown.
    ///
    /// Errors: `Invalid` for what is none.
    pub(super) fn id(&self) -> base::Result<Id> {
        self.once.parse()
    }
}

/// Carries an id that is drawn anew for each form, so that what is sent twice is there once.
pub(super) fn once(typed: &Typed, clock: &base::Clock) -> Markup {
    let id = match typed.once.is_empty() {
        true => Id::new(clock).to_string(),
        false => typed.once.clone(),
    };
    html! { input type="hidden" name="once" value=(id); }
}

/// Who asks or agrees.
pub(super) fn person(lang: Lang, typed: &Typed, errors: &[FieldError]) -> Markup {
    html! {
        (Field::new(lang, "name", lang::subjects::field_name(lang)).errors(errors).text(&typed.name))
        (Field::new(lang, "number", lang::subjects::field_number(lang))
            .hint(lang::subjects::number_hint(lang)).errors(errors).text(&typed.number))
        (Field::new(lang, "phone", lang::subjects::field_phone(lang))
            .hint(lang::subjects::phone_hint(lang)).errors(errors).text(&typed.phone))
        (Field::new(lang, "address", lang::subjects::field_address(lang)).optional()
            .errors(errors).textarea(&typed.address, 2))
    }
}

/// By which way it came, at the counter.
pub(super) fn channel(lang: Lang, typed: &Typed, errors: &[FieldError]) -> Markup {
    let choices = [
        Choice { value: "counter", label: lang::subjects::channel_counter(lang) },
        Choice { value: "letter", label: lang::subjects::channel_letter(lang) },
    ];
    let chosen = if typed.channel.is_empty() { "counter" } else { &typed.channel };
    Field::new(lang, "channel", lang::subjects::channel(lang))
        .errors(errors)
        .radios(&choices, chosen)
}

/// Which desk takes it, of those within a scope; nothing where it can be one alone.
pub(super) fn desk(
    view: &View,
    scope: &Scope,
    (chosen, hint): (&str, &'static str),
    errors: &[FieldError],
) -> Markup {
    let lang = view.lang;
    let desks = desks::choices(&view.territory, (lang, view.today), scope);
    let choices: Vec<Choice<'_>> =
        desks.iter().map(|(value, label)| Choice { value, label }).collect();
    match &choices[..] {
        [] => html! {},
        [only] => html! { input type="hidden" name="desk" value=(only.value); },
        _ => Field::new(lang, "desk", lang::subjects::desk(lang))
            .hint(hint)
            .errors(errors)
            .select(&choices, chosen),
    }
}

/// For what somebody wants to see personal data.
pub(super) fn purpose(
    lang: Lang,
    purposes: &[Purpose],
    typed: &Typed,
    errors: &[FieldError],
) -> Markup {
    let choices: Vec<Choice<'_>> = purposes
        .iter()
        .filter(|purpose| purpose.fits(Act::RevealCitizens))
        .map(|purpose| Choice { value: &purpose.code, label: purpose.name.say(lang) })
        .collect();
    html! {
        (Field::new(lang, "purpose", lang::subjects::purpose(lang)).errors(errors)
            .select(&choices, &typed.purpose))
        (Field::new(lang, "words", lang::subjects::purpose_words(lang))
            .hint(lang::subjects::purpose_hint(lang)).errors(errors).text(&typed.words))
    }
}

/// A form with a token, an id and a button.
#[expect(clippy::needless_pass_by_value, reason = "callers write the body in place")]
pub(super) fn form(action: &str, csrf: Option<&str>, body: Markup, send: &str) -> Markup {
    pieces::form(action, csrf, html! { (body) (pieces::submit(send)) })
}
