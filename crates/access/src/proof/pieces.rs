//! What forms that change the ways in have in common.

use base::{Error, FieldError, Moment, Result};
use lang::Lang;
use maud::{Markup, html};
use web::Notice;
use web::ask::encoded;
use web::pieces::{self, Choice, Column, Crumb, Field};

use super::Besides;

/// The page above these pages.
pub(crate) fn crumbs(lang: Lang) -> Markup {
    let above = [Crumb { label: lang::account::title(lang), href: "/account" }];
    pieces::breadcrumbs(lang, &above)
}

/// The fields by which the owner proves anew who it is. `suffix` tells the forms of a page apart.
pub(crate) fn fields(
    lang: Lang,
    (besides, here): (Besides, &str),
    suffix: &str,
    errors: &[FieldError],
) -> Markup {
    let name = format!("code{suffix}");
    let field = |label, hint| Field::new(lang, &name, label).hint(hint).errors(errors);
    html! {
        (Field::new(lang, &format!("password{suffix}"), lang::access::password(lang))
            .hint(lang::proof::password_hint(lang))
            .errors(errors)
            .password("current-password"))
        @match besides {
            Besides::Nothing => {}
            Besides::Code => {
                (field(lang::access::code(lang), lang::access::code_hint(lang)).one_time_code())
            }
            Besides::Enrolment => {
                (field(lang::proof::enrolment(lang), lang::proof::enrolment_hint(lang)).text(""))
            }
            Besides::Passkey => {
                (pieces::notice(lang, &Notice::Note(lang::proof::passkey_wanted(lang).to_owned())))
                p { a href={ "/sign-in?next=" (encoded(here)) } { (lang::proof::sign_in_anew(lang)) } }
            }
        }
    }
}

/// What the page shows again says of an error: at the fields, or above all of it.
///
/// Errors: those that no form can mend.
pub(crate) fn mended(lang: Lang, error: Error) -> Result<(Vec<FieldError>, Option<Notice>)> {
    match error {
        Error::Invalid(errors) => Ok((errors, None)),
        Error::Refused { code, .. } if code.starts_with("access.") => {
            Ok((Vec::new(), Some(Notice::Warning(error.say(lang)))))
        }
        other => Err(other),
    }
}

/// A way in, as its owner sees it.
pub(crate) struct Way<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) made: Moment,
    pub(crate) used: Option<Moment>,
}

/// The ways of one kind, with what they are called and when they were made and used. `none` says that
/// there are none.
pub(crate) fn list(
    lang: Lang,
    (title, name, made): (&str, &str, &str),
    ways: &[Way<'_>],
    none: &str,
) -> Markup {
    if ways.is_empty() {
        return html! { p { (none) } };
    }
    let columns =
        [Column::head(name), Column::text(made), Column::text(lang::passkeys::used(lang))];
    let rows: Vec<Vec<Markup>> = ways
        .iter()
        .map(|way| {
            let used = way.used.map_or(lang::passkeys::never(lang).to_owned(), |at| at.local());
            vec![html! { (way.name) }, html! { (way.made.local()) }, html! { (used) }]
        })
        .collect();
    pieces::table(title, &columns, &rows)
}

/// How the form is called by which one of the ways is taken away.
pub(crate) struct Removal<'a> {
    pub(crate) action: &'a str,
    /// The field that names the way, and its label.
    pub(crate) field: (&'a str, &'a str),
    pub(crate) button: &'a str,
    /// What the names of its other fields end in.
    pub(crate) suffix: &'a str,
    /// What it asks for, and the page on which it stands.
    pub(crate) besides: (Besides, &'a str),
}

/// The form by which one of the ways is taken away.
pub(crate) fn removing(
    (lang, csrf): (Lang, Option<&str>),
    removal: &Removal<'_>,
    (ways, chosen): (&[Way<'_>], &str),
    errors: &[FieldError],
) -> Markup {
    let choices: Vec<Choice<'_>> =
        ways.iter().map(|way| Choice { value: way.id, label: way.name }).collect();
    let (name, label) = removal.field;
    pieces::form(
        removal.action,
        csrf,
        html! {
            (Field::new(lang, name, label).errors(errors).select(&choices, chosen))
            (fields(lang, removal.besides, removal.suffix, errors))
            (pieces::submit_danger(removal.button))
        },
    )
}
