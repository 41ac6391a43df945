//! Checking roles and the purposes that they name.

use access::grants::{Purpose, Role};
use serde::Deserialize;
use toml::Spanned;

use super::{Reader, plain};
use crate::Catalogue;

const PURPOSES: &str = "purposes.toml";
const ROLES: &str = "roles.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PurposesFile {
    purposes: Vec<Spanned<Purpose>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RolesFile {
    roles: Vec<Spanned<Role>>,
}

impl Reader<'_> {
    /// Purposes and roles. Each grant names acts that there are, the document that gives the power,
    /// and the purposes of what it opens.
    pub(super) fn rights(&mut self, known: &Catalogue) -> (Vec<Purpose>, Vec<Role>) {
        let purposes = self.list(PURPOSES, |file: PurposesFile| file.purposes);
        let roles = self.list(ROLES, |file: RolesFile| file.roles);
        self.check_codes(PURPOSES, "code", &purposes, |purpose| &purpose.code);
        self.check_codes(ROLES, "code", &roles, |role| &role.code);
        for table in &purposes {
            let it = table.get_ref();
            self.check_words(PURPOSES, table, &[("name", &it.name), ("document", &it.document)]);
            for (key, text) in it.mistakes() {
                self.mistake(PURPOSES, table, key, move |lang| text.say(lang));
            }
        }
        let purpose = |code: &str| {
            let own = purposes.iter().map(Spanned::get_ref).find(|purpose| purpose.code == code);
            own.or_else(|| known.purpose(code))
        };
        for table in &roles {
            let it = table.get_ref();
            self.check_words(ROLES, table, &[("name", &it.name), ("about", &it.about)]);
            for (key, text) in it.mistakes(purpose) {
                self.mistake(ROLES, table, key, move |lang| text.say(lang));
            }
        }
        (plain(purposes), plain(roles))
    }
}
