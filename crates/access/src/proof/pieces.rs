//! What forms that change the ways in have in common.

use base::FieldError;
use lang::Lang;
use maud::{Markup, html};
use web::Notice;
use web::ask::encoded;
use web::pieces::{self, Crumb, Field};

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
