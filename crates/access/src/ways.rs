//! The ways in beside the password, as far as they are set up.

use std::sync::Arc;

use base::{Error, Result};
use webauthn_rs::prelude::Url;
use webauthn_rs::{Webauthn, WebauthnBuilder};

use crate::Access;
use crate::providers::{Http, Known, Provider};

/// Where the program is found, and what that makes possible.
#[derive(Debug, Default)]
pub(crate) struct Ways {
    /// The address without a slash at its end, such as `https://sogoc.example.gov.vn`.
    pub(crate) site: Option<String>,
    /// Passkeys are bound to the host of the site.
    pub(crate) webauthn: Option<Webauthn>,
    /// Other providers by which people sign in.
    pub(crate) providers: Vec<Provider>,
    pub(crate) known: Known,
    pub(crate) http: Http,
}

impl Access {
    /// The same that is found at an address. Without one there are no passkeys: they are bound to
    /// it, and it is never taken from a request, which can name any host.
    ///
    /// Nor are there other providers, which send people back to it.
    ///
    /// Errors: `Internal` when passkeys cannot be made for the address.
    pub fn found_at(self, site: Option<&str>, providers: Vec<Provider>) -> Result<Self> {
        let webauthn = site.map(relying).transpose()?.flatten();
        let providers = if site.is_some() { providers } else { Vec::new() };
        let site = site.map(str::to_owned);
        let ways = Ways { site, webauthn, providers, ..Ways::default() };
        Ok(Self(self.0, self.1, Arc::new(ways), self.3))
    }

    pub(crate) fn ways(&self) -> &Ways {
        &self.2
    }
}

/// Browsers know passkeys over TLS, and on the machine itself under the name `localhost`; never at a
/// bare network address.
fn relying(site: &str) -> Result<Option<Webauthn>> {
    let origin = Url::parse(site).map_err(Error::internal)?;
    let Some(host) = origin.domain() else { return Ok(None) };
    if origin.scheme() != "https" && host != "localhost" {
        return Ok(None);
    }
    let name = lang::web::product(lang::Lang::Vietnamese);
    let builder = WebauthnBuilder::new(host, &origin).map_err(Error::internal)?;
    builder.rp_name(name).build().map(Some).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_want_a_name_and_a_way_that_browsers_trust() {
        for (site, possible) in [
            ("https://sogoc.example.gov.vn", true),
            ("https://sogoc.example.gov.vn:8443", true),
            ("http://localhost:8080", true),
            ("http://sogoc.example.gov.vn", false),
            ("http://127.0.0.1:8080", false),
            ("https://192.0.2.1", false),
        ] {
            assert_eq!(relying(site).unwrap().is_some(), possible, "{site}");
        }
        assert!(relying("sogoc").is_err());
    }
}
