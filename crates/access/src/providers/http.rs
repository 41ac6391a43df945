//! One request to a provider, with limits on everything that comes back.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::{Request, Uri, header};
use hyper_util::rt::TokioIo;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::model::is_safe;

/// A provider that takes longer is held to be away: somebody sits before an empty page meanwhile.
const PATIENCE: Duration = Duration::from_secs(10);
/// No answer that is meant is longer: a list of keys with their certificates.
const LONGEST_ANSWER_BYTES: usize = 256 << 10;

/// Asks providers. It goes nowhere else than it is told: no answer sends it on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Http {
    pub(super) patience: Duration,
}

impl Default for Http {
    fn default() -> Self {
        Self { patience: PATIENCE }
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) struct Away(String);

impl fmt::Display for Away {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Away {}

fn away(cause: impl fmt::Display) -> Away {
    Away(cause.to_string())
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Away;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Away>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let asked = tokio::time::timeout(self.patience, exchange(request)).await;
            asked.map_err(|_| away("no answer in time"))?
        })
    }
}

async fn exchange(request: HttpRequest) -> Result<HttpResponse, Away> {
    let uri = request.uri().clone();
    let (scheme, host) = (uri.scheme_str().unwrap_or_default(), uri.host().unwrap_or_default());
    if !is_safe(scheme, host) {
        return Err(away("an address without TLS"));
    }
    let is_encrypted = scheme == "https";
    let port = uri.port_u16().unwrap_or(if is_encrypted { 443 } else { 80 });
    let stream = TcpStream::connect((host, port)).await.map_err(away)?;
    if !is_encrypted {
        return send(stream, &uri, request).await;
    }
    let name = ServerName::try_from(host.to_owned()).map_err(away)?;
    let stream = TLS.clone().map_err(away)?.connect(name, stream).await.map_err(away)?;
    send(stream, &uri, request).await
}

async fn send(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    uri: &Uri,
    request: HttpRequest,
) -> Result<HttpResponse, Away> {
    let io = TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.map_err(away)?;
    let serving = tokio::spawn(connection);
    let answered = async {
        let place = uri.path_and_query().map_or("/", |place| place.as_str());
        let authority = uri.authority().map(ToString::to_string).unwrap_or_default();
        let (head, body) = request.into_parts();
        let mut builder = Request::builder().method(head.method).uri(place);
        if let Some(headers) = builder.headers_mut() {
            headers.extend(head.headers);
            headers.insert(header::HOST, authority.parse().map_err(away)?);
        }
        let builder =
            builder.header(header::USER_AGENT, concat!("sogoc/", env!("CARGO_PKG_VERSION")));
        let request = builder.body(Full::new(Bytes::from(body))).map_err(away)?;
        let (head, body) = sender.send_request(request).await.map_err(away)?.into_parts();
        let body = Limited::new(body, LONGEST_ANSWER_BYTES).collect().await.map_err(away)?;
        Ok(HttpResponse::from_parts(head, body.to_bytes().to_vec()))
    };
    let answered = answered.await;
    serving.abort();
    answered
}

/// Trusts the certificate authorities of the browsers.
static TLS: LazyLock<Result<TlsConnector, String>> = LazyLock::new(|| {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|cause| cause.to_string())?;
    let config = config.with_root_certificates(roots).with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
});
