//! Where the program is found from outside, and whether it sends letters.

use access::Throttle;
use base::{Error, Result};

use super::rules::is_host;

/// The address of the program for whoever is not on one of its pages: a letter, a web feed.
///
/// It is told by the configuration and never taken from a request, which can name any host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site(String);

impl Site {
    /// Reads `https://sogoc.example.gov.vn`, or `http://localhost:8080`.
    ///
    /// Errors: `Invalid` at `site`.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim().trim_end_matches('/');
        let place =
            ["https://", "http://"].into_iter().find_map(|scheme| text.strip_prefix(scheme));
        let is_good = place.is_some_and(|place| {
            let (host, port) = place.split_once(':').unwrap_or((place, "80"));
            let is_local = host == "localhost" || host == "127.0.0.1";
            (is_local || is_host(host)) && port.parse::<u16>().is_ok()
        });
        is_good
            .then(|| Self(text.to_ascii_lowercase()))
            .ok_or_else(|| Error::invalid("site", lang::watch::bad_site))
    }

    /// The address of a page; `path` begins with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The host, without a port.
    #[must_use]
    pub fn host(&self) -> &str {
        let place = self.0.split_once("://").map_or("", |(_, place)| place);
        place.split(':').next().unwrap_or_default()
    }
}

/// How the program tells of changes; a part of its state.
#[derive(Debug, Default)]
pub struct Post {
    /// Where links lead.
    pub site: Option<Site>,
    /// Whether letters are sent.
    pub sends: bool,
    /// Counts who asks for letters.
    pub(crate) throttle: Throttle,
}

impl Post {
    /// The post of a program at this address.
    #[must_use]
    pub fn new(site: Option<Site>, sends: bool) -> Self {
        Self { sends: sends && site.is_some(), site, throttle: Throttle::default() }
    }

    /// The address of a page: complete where that is known, otherwise on this server.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        self.site.as_ref().map_or_else(|| path.to_owned(), |site| site.url(path))
    }

    /// An address for ever (RFC 4151). It names who gives it, and nothing else does.
    #[must_use]
    pub fn tag(&self, path: &str) -> String {
        let host = self.site.as_ref().map_or("localhost", Site::host);
        format!("tag:{host},2026-11-29:{path}")
    }
}
