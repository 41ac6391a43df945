//! Checking roles and the purposes that they name.

use access::grants::{Purpose, Role};
use toml::Spanned;

use super::Reader;
use crate::Catalogue;

const PURPOSES: &str = "purposes.toml";
const ROLES: &str = "roles.toml";

impl Reader<'_> {
    /// Each grant names acts that there are, the document that gives the power, and the purposes of
    /// what it opens.
    pub(super) fn check_rights(
        &mut self,
        purposes: &[Spanned<Purpose>],
        roles: &[Spanned<Role>],
        known: &Catalogue,
    ) {
        for table in purposes {
            let it = table.get_ref();
            self.check_words(PURPOSES, table, &[("name", &it.name), ("document", &it.document)]);
        }
        let is_purpose = |code: &str| {
            let is_own = purposes.iter().any(|purpose| purpose.get_ref().code == code);
            is_own || known.purpose(code).is_some()
        };
        for table in roles {
            let it = table.get_ref();
            self.check_words(ROLES, table, &[("name", &it.name), ("about", &it.about)]);
            for (key, text) in it.mistakes(is_purpose) {
                self.mistake(ROLES, table, key, move |lang| text.say(lang));
            }
        }
    }
}
