//! TLS: the certificate in force, how it is changed while the program serves, and what is told to
//! whoever comes without.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base::{Error, Result};
use figures::watches::Site;
use tokio::signal::unix::{SignalKind, signal};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::client::verify_server_name;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};
use web::Asked;
use zeroize::Zeroizing;

use super::arriving::{Mark, mark};
use super::connections::Door;
use crate::config::tls::Tls;

/// What nobody but the owner, and a group that the operator chose, may do with a key.
const TOO_WIDE: u32 = 0o027;
/// Longer files are neither certificates nor keys.
const LONGEST_BYTES: u64 = 1 << 20;

/// The certificate in force. Connections that are open keep the one that they began with.
#[derive(Clone, Debug)]
pub(super) struct Certificates {
    files: Tls,
    host: Option<String>,
    newest: Arc<Newest>,
    seen: Seen,
}

#[derive(Debug)]
struct Newest(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Newest {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

/// Certificate and key.
type Seen = [Mark; 2];

impl Certificates {
    /// Reads the files. `site` is where people open the program; the certificate must be for it.
    ///
    /// Errors: `Invalid` at the file.
    pub(super) fn open(files: &Tls, site: Option<&Site>) -> Result<Self> {
        let host = site.map(|site| site.host().to_owned());
        let seen = seen(files);
        let key = read(files, host.as_deref())?;
        let newest = Arc::new(Newest(RwLock::new(Arc::new(key))));
        Ok(Self { files: files.clone(), host, newest, seen })
    }

    /// Takes the files anew. Broken ones leave the former in force.
    ///
    /// Errors: `Invalid` at the file.
    fn reload(&mut self) -> Result<()> {
        self.seen = seen(&self.files);
        let key = Arc::new(read(&self.files, self.host.as_deref())?);
        *self.newest.0.write().unwrap_or_else(PoisonError::into_inner) = key;
        Ok(())
    }

    /// Whether one of the files is another than it was.
    fn is_changed(&self) -> bool {
        seen(&self.files) != self.seen
    }

    /// What speaks TLS 1.2 and 1.3 with this certificate, and HTTP/1.1 in it.
    ///
    /// Errors: `Internal`.
    pub(super) fn acceptor(&self) -> Result<TlsAcceptor> {
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(Error::internal)?;
        let mut config = config.with_no_client_auth().with_cert_resolver(self.newest.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// The door for a listener at this port.
    ///
    /// Errors: `Internal`.
    pub(super) fn door(&self, site: Option<&Site>, port: u16) -> Result<Door> {
        Ok(Door::Tls { acceptor: self.acceptor()?, plainly: leading_to_https(site, port) })
    }
}

/// Takes new files every so often, and at once at SIGHUP, until the task is aborted. What cannot be
/// taken is logged, and tried again when it changed.
pub(super) async fn reload_regularly(mut certificates: Certificates) {
    let Ok(mut told) = signal(SignalKind::hangup()) else { return };
    let mut interval =
        tokio::time::interval(Duration::from_secs(certificates.files.reload_seconds));
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = told.recv() => {}
            _ = interval.tick() => if !certificates.is_changed() { continue },
        }
        match certificates.reload() {
            Ok(()) => tracing::info!("a new certificate is in force"),
            Err(error) => {
                let cause = error.say(lang::Lang::English);
                tracing::error!(cause, "the new certificate is not taken, the former stays");
            }
        }
    }
}

fn seen(files: &Tls) -> Seen {
    [&files.certificate, &files.key].map(|file| mark(file))
}

/// The key with its certificates, after everything was checked that can be.
fn read(files: &Tls, host: Option<&str>) -> Result<CertifiedKey> {
    let refuse = |file: &Path, say: fn(lang::Lang) -> &'static str| {
        Error::invalid(file.display().to_string(), say)
    };
    let pem = bytes(&files.certificate)?;
    let bad = |_| refuse(&files.certificate, lang::tls::bad_certificate);
    let chain = CertificateDer::pem_slice_iter(&pem).collect::<std::result::Result<Vec<_>, _>>();
    let chain = chain.map_err(bad)?;
    let first = chain.first().ok_or_else(|| refuse(&files.certificate, lang::tls::bad_certificate));
    let parsed = ParsedCertificate::try_from(first?);
    let parsed = parsed.map_err(|_| refuse(&files.certificate, lang::tls::bad_certificate))?;
    if let Some(host) = host {
        let name = ServerName::try_from(host).map_err(Error::internal)?;
        verify_server_name(&parsed, &name).map_err(|_| {
            let (place, host) = (files.certificate.display().to_string(), host.to_owned());
            Error::invalid(place, move |lang| lang::tls::other_name(lang, &host))
        })?;
    }
    let mode = std::fs::metadata(&files.key).map_err(|cause| unreadable(&files.key, &cause))?;
    if mode.permissions().mode() & TOO_WIDE != 0 {
        return Err(refuse(&files.key, lang::tls::key_is_exposed));
    }
    let pem = bytes(&files.key)?;
    let key = PrivateKeyDer::from_pem_slice(&pem);
    let key = key.map_err(|_| refuse(&files.key, lang::tls::bad_key))?;
    CertifiedKey::from_der(chain, key, &default_provider()).map_err(|cause| match cause {
        rustls::Error::InconsistentKeys(_) => refuse(&files.key, lang::tls::other_key),
        _ => refuse(&files.key, lang::tls::bad_key),
    })
}

fn bytes(file: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let about = std::fs::metadata(file).map_err(|cause| unreadable(file, &cause))?;
    if about.len() > LONGEST_BYTES {
        return Err(unreadable(file, &std::io::ErrorKind::FileTooLarge.into()));
    }
    std::fs::read(file).map(Zeroizing::new).map_err(|cause| unreadable(file, &cause))
}

fn unreadable(file: &Path, cause: &std::io::Error) -> Error {
    let cause = base::system_reason(cause);
    Error::invalid(file.display().to_string(), move |lang| {
        lang::packs::unreadable(lang, cause.say(lang))
    })
}

/// Answers every request over plain HTTP: who reads is led to the same page over HTTPS, whoever sends
/// something is told that it went over the wire for everybody to read.
pub(super) fn leading_to_https(site: Option<&Site>, port: u16) -> Router {
    Router::new().fallback(lead).with_state(Arc::new(Leading { site: site.cloned(), port }))
}

struct Leading {
    site: Option<Site>,
    /// Where HTTPS is spoken.
    port: u16,
}

impl Leading {
    /// The same page over HTTPS; none when the request does not say on which host it is.
    fn place(&self, request: &Request) -> Option<String> {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let path = if path.starts_with('/') { path } else { "/" };
        if let Some(site) = &self.site {
            return Some(site.url(path));
        }
        let host = request.headers().get(header::HOST)?.to_str().ok()?;
        let host = host.parse::<Authority>().ok()?;
        let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b".-[]:".contains(&byte);
        let host = Some(host.host()).filter(|host| host.bytes().all(is_sign))?;
        let port = if self.port == 443 { String::new() } else { format!(":{}", self.port) };
        Some(format!("https://{host}{port}{path}"))
    }
}

async fn lead(State(to): State<Arc<Leading>>, asked: Asked, request: Request) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let closing = [(header::CACHE_CONTROL, "no-store"), (header::CONNECTION, "close")];
    match to.place(&request).filter(|_| reads) {
        Some(place) => {
            (StatusCode::PERMANENT_REDIRECT, closing, [(header::LOCATION, place)]).into_response()
        }
        None => {
            let text = format!("{}\n", lang::tls::use_https(asked.lang));
            (StatusCode::BAD_REQUEST, closing, text).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn who_comes_over_plain_http_is_led_to_the_same_page_on_the_same_host() {
        let site = Site::parse("https://sogoc.example.vn").unwrap();
        for (site, port, host, path, place) in [
            (None, 443, "a.vn", "/units/1?on=2", Some("https://a.vn/units/1?on=2")),
            (None, 8443, "a.vn:80", "/", Some("https://a.vn:8443/")),
            (None, 443, "[::1]:8080", "/x", Some("https://[::1]/x")),
            (None, 443, "a.vn", "//evil.test", Some("https://a.vn//evil.test")),
            (None, 443, "u@evil.test", "/", Some("https://evil.test/")),
            (None, 443, "a.vn/evil", "/", None),
            (None, 443, "a.vn#x", "/", None),
            (None, 443, "", "/", None),
            (Some(&site), 8443, "evil.test", "/x", Some("https://sogoc.example.vn/x")),
        ] {
            let mut request = Request::get(path).body(Body::empty()).unwrap();
            request.headers_mut().insert(header::HOST, HeaderValue::from_str(host).unwrap());
            let to = Leading { site: site.cloned(), port };
            assert_eq!(to.place(&request).as_deref(), place, "{host} {path}");
        }
    }
}
