//! A provider as it is configured.

use std::fmt;

use base::{Error, Result};
use lang::{Lang, Text};
use openidconnect::{ClientSecret, IssuerUrl};

/// Another provider by which people sign in.
#[derive(Clone, Debug)]
pub struct Provider {
    pub(crate) id: String,
    pub(crate) names: Names,
    pub(crate) issuer: IssuerUrl,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<ClientSecret>,
    pub(crate) scopes: Vec<String>,
    pub(crate) second: Second,
}

/// What a provider is made of.
#[derive(Clone)]
pub struct Setup {
    /// Lower-case letters, digits and hyphens; part of the address to which it sends people back.
    pub id: String,
    /// What people call it.
    pub names: Names,
    /// Who it says it is: the address below which its configuration lies.
    pub issuer: String,
    /// As what it knows this program.
    pub client_id: String,
    /// What the program proves itself by; none where PKCE alone is agreed.
    pub client_secret: Option<String>,
    /// What it is asked for besides `openid`.
    pub scopes: Vec<String>,
    /// Whether a sign-in there counts as the second factor.
    pub second: Second,
}

impl fmt::Debug for Setup {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Setup").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A name in the three languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
    /// Khmer.
    pub km: String,
}

impl Names {
    /// The name in a language.
    #[must_use]
    pub fn say(&self, lang: Lang) -> &str {
        match lang {
            Lang::Vietnamese => &self.vi,
            Lang::English => &self.en,
            Lang::Khmer => &self.km,
        }
    }
}

/// Whether a sign-in by a provider counts as the second factor too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Second {
    /// It does not: whoever has one gives the code besides.
    Never,
    /// It does, whatever the provider says of it.
    Always,
    /// It does when the provider names one of these classes (`acr`), which it is asked for.
    When(Vec<String>),
}

impl Provider {
    /// A provider that is set up.
    ///
    /// Errors: `Invalid` at the option.
    pub fn new(setup: Setup) -> Result<Self> {
        let Setup { id, names, issuer, client_id, client_secret, scopes, second } = setup;
        let invalid = |option: &str, text: Text| {
            let place = format!("sign_in_by.{option}");
            Err(Error::Invalid(vec![base::FieldError { place, text }]))
        };
        let is_sign = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=32).contains(&id.len()) || !id.bytes().all(is_sign) {
            return invalid("id", Text::new(lang::providers::bad_id));
        }
        if [&names.vi, &names.en, &names.km].into_iter().any(|name| name.trim().is_empty()) {
            return invalid("name", Text::new(lang::providers::bad_name));
        }
        if client_id.is_empty() {
            return invalid("client_id", Text::new(lang::providers::bad_client));
        }
        let Some(issuer) = IssuerUrl::new(issuer).ok().filter(is_good_issuer) else {
            return invalid("issuer", Text::new(lang::providers::bad_issuer));
        };
        let client_secret = client_secret.map(ClientSecret::new);
        Ok(Self { id, names, issuer, client_id, client_secret, scopes, second })
    }

    /// The name in a language.
    pub(crate) fn name(&self, lang: Lang) -> &str {
        self.names.say(lang)
    }

    /// Whether a sign-in of this class counts as the second factor.
    pub(crate) fn counts(&self, class: Option<&str>) -> bool {
        match &self.second {
            Second::Never => false,
            Second::Always => true,
            Second::When(classes) => {
                class.is_some_and(|class| classes.iter().any(|known| known == class))
            }
        }
    }
}

/// An issuer is an address without question and fragment (OpenID Connect Discovery 1.0, 3).
fn is_good_issuer(issuer: &IssuerUrl) -> bool {
    let url = issuer.url();
    url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && is_safe(url.scheme(), url.host_str().unwrap_or_default())
}

/// Whether what is said there and back is read by nobody on the way.
pub(super) fn is_safe(scheme: &str, host: &str) -> bool {
    scheme == "https" || scheme == "http" && ["localhost", "127.0.0.1"].contains(&host)
}
