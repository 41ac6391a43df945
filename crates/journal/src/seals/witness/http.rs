//! One request over HTTP, with limits on everything that comes back.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use base::{Error, Result};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// A partner that takes longer is held to be away.
const PATIENCE: Duration = Duration::from_secs(20);
/// No answer that is meant is longer: a hundred signatures.
const LONGEST_ANSWER_BYTES: usize = 16 << 10;

/// Where a partner listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    is_encrypted: bool,
    host: String,
    port: u16,
    /// Before every path; empty, or with a slash at its beginning and none at its end.
    prefix: String,
}

impl Endpoint {
    /// Reads `https://witness.example/prefix`, or the same with `http:`. Signatures need no secrecy,
    /// so within a network of the administration the latter is no weaker.
    ///
    /// Errors: `Invalid` at `witnesses`.
    pub fn parse(text: &str) -> Result<Self> {
        let read = || {
            let (is_encrypted, rest) = match text.strip_prefix("https://") {
                Some(rest) => (true, rest),
                None => (false, text.strip_prefix("http://")?),
            };
            let (place, path) = rest.split_once('/').unwrap_or((rest, ""));
            let (host, port) = match place.rsplit_once(':') {
                Some((host, port)) => (host, port.parse().ok()?),
                None => (place, if is_encrypted { 443 } else { 80 }),
            };
            let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
            let is_path = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%".contains(&byte);
            let is_good =
                !host.is_empty() && host.bytes().all(is_host) && path.bytes().all(is_path);
            let path = path.trim_end_matches('/');
            let prefix = if path.is_empty() { String::new() } else { format!("/{path}") };
            is_good.then(|| Self { is_encrypted, host: host.to_owned(), port, prefix })
        };
        read().ok_or_else(|| Error::invalid("witnesses", lang::seals::bad_witness_url))
    }

    /// The address as text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let scheme = if self.is_encrypted { "https" } else { "http" };
        format!("{scheme}://{}:{}{}", self.host, self.port, self.prefix)
    }

    /// Sends a body; gives status and body of the answer. Nothing is followed elsewhere.
    ///
    /// Errors: `Unavailable` when there is no answer in time, or one that is too long.
    pub(super) async fn post(&self, path: &str, body: String) -> Result<(u16, Vec<u8>)> {
        let asked = tokio::time::timeout(PATIENCE, self.exchange(path, body)).await;
        asked.map_err(|_| away("no answer in time"))?
    }

    async fn exchange(&self, path: &str, body: String) -> Result<(u16, Vec<u8>)> {
        let stream = TcpStream::connect((&*self.host, self.port)).await.map_err(away)?;
        if !self.is_encrypted {
            return self.send(stream, path, body).await;
        }
        let name = ServerName::try_from(self.host.clone()).map_err(away)?;
        let stream = TLS.clone()?.connect(name, stream).await.map_err(away)?;
        self.send(stream, path, body).await
    }

    async fn send(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        path: &str,
        body: String,
    ) -> Result<(u16, Vec<u8>)> {
        let io = TokioIo::new(stream);
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(io).await.map_err(away)?;
        let serving = tokio::spawn(connection);
        let request = Request::post(format!("{}{path}", self.prefix))
            .header(header::HOST, format!("{}:{}", self.host, self.port))
            .header(header::CONTENT_TYPE, "text/plain; charset=utf-8")
            .header(header::USER_AGENT, concat!("sogoc/", env!("CARGO_PKG_VERSION")))
            .body(Full::new(Bytes::from(body)))
            .map_err(Error::internal)?;
        let answered = async {
            let response = sender.send_request(request).await.map_err(away)?;
            let status = response.status().as_u16();
            let body = Limited::new(response.into_body(), LONGEST_ANSWER_BYTES).collect().await;
            Ok((status, body.map_err(away)?.to_bytes().to_vec()))
        };
        let answered = answered.await;
        serving.abort();
        answered
    }
}

/// Trusts the certificate authorities of the browsers.
static TLS: LazyLock<Tls> = LazyLock::new(|| {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions();
    let config = config.map(|it| it.with_root_certificates(roots).with_no_client_auth());
    Tls(config.map(|config| TlsConnector::from(Arc::new(config))).map_err(|it| it.to_string()))
});

struct Tls(std::result::Result<TlsConnector, String>);

impl Tls {
    fn clone(&self) -> Result<TlsConnector> {
        self.0.clone().map_err(Error::internal)
    }
}

fn away(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Unavailable(cause.into())
}
