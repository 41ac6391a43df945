//! Connections: how many, how long they may be silent, and how they end.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::middleware::AddExtension;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tower::Layer as _;
use web::ask::OverTls;

/// What connections are held to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// So many are open at the same time; further ones wait to be accepted.
    pub(crate) most: usize,
    /// Whoever has not sent the head of a request by then is cut off, so that silent visitors do
    /// not keep others out.
    pub(crate) head_patience: Duration,
    /// Whoever has not agreed on TLS by then is cut off.
    pub(crate) handshake_patience: Duration,
    /// Requests that are running get so long to end when the program is told to stop.
    pub(crate) end_patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            most: 1_000,
            head_patience: seconds(30),
            handshake_patience: seconds(10),
            end_patience: seconds(90),
        }
    }
}

/// How visitors come in.
#[derive(Clone)]
pub(crate) enum Door {
    /// Over plain HTTP.
    Plain,
    /// Over TLS; whoever speaks plain HTTP all the same gets the answers of `plainly`.
    Tls { acceptor: TlsAcceptor, plainly: Router },
}

/// After this it is tried again to accept, when the system had no room for another.
const RESPITE: Duration = Duration::from_millis(500);

/// Serves until `stop` ends, then lets running requests end.
pub(crate) async fn serve(
    listener: TcpListener,
    door: Door,
    routes: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let routes = match &door {
        Door::Plain => routes,
        // Whoever came in the clear gets other routes.
        Door::Tls { .. } => routes.layer(Extension(OverTls)),
    };
    let (ending, ended) = watch::channel(());
    let room = Arc::new(Semaphore::new(limits.most));
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = async {
            let place = room.clone().acquire_owned().await.ok()?;
            Some((place, listener.accept().await))
        };
        let (place, accepted) = tokio::select! {
            () = &mut stop => break,
            Some(accepted) = accepted => accepted,
            else => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let visit = Visit { peer, routes: routes.clone(), limits };
                let (door, watcher) = (door.clone(), graceful.watcher());
                let mut ended = ended.clone();
                tokio::spawn(async move {
                    let greeted = tokio::select! {
                        greeted = greet(stream, door, limits) => greeted,
                        _ = ended.changed() => None,
                    };
                    // How a visitor goes away concerns nobody else.
                    let _ = match greeted {
                        Some(Greeted::Encrypted(stream)) => {
                            watcher.watch(visit.connection(*stream)).await
                        }
                        Some(Greeted::Plain(stream, None)) => {
                            watcher.watch(visit.connection(stream)).await
                        }
                        Some(Greeted::Plain(stream, Some(routes))) => {
                            watcher.watch(Visit { routes, ..visit }.connection(stream)).await
                        }
                        None => Ok(()),
                    };
                    drop(place);
                });
            }
            Err(cause) => {
                tracing::warn!(%cause, "a connection was not accepted");
                tokio::time::sleep(RESPITE).await;
            }
        }
    }
    drop(listener);
    drop(ending);
    if tokio::time::timeout(limits.end_patience, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were cut off, which did not end");
    }
}

/// What a visitor came in with.
enum Greeted {
    Encrypted(Box<TlsStream<TcpStream>>),
    /// In the clear; with routes of their own where TLS is spoken.
    Plain(TcpStream, Option<Router>),
}

/// The first byte of whoever wants TLS: a record that begins a handshake (RFC 8446, 5.1).
const HANDSHAKE: u8 = 22;

/// Agrees on TLS, where it is spoken. None when the visitor is silent for too long or speaks neither.
async fn greet(stream: TcpStream, door: Door, limits: Limits) -> Option<Greeted> {
    let _ = stream.set_nodelay(true);
    let Door::Tls { acceptor, plainly } = door else { return Some(Greeted::Plain(stream, None)) };
    let shake = async move {
        let mut first = [0];
        if stream.peek(&mut first).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if first != [HANDSHAKE] {
            return Ok(Greeted::Plain(stream, Some(plainly)));
        }
        acceptor.accept(stream).await.map(|stream| Greeted::Encrypted(Box::new(stream)))
    };
    tokio::time::timeout(limits.handshake_patience, shake).await.ok()?.ok()
}

/// A connection that is about to be served.
struct Visit {
    peer: SocketAddr,
    routes: Router,
    limits: Limits,
}

type Service = AddExtension<Router, ConnectInfo<SocketAddr>>;
type Connection<S> = http1::Connection<TokioIo<S>, TowerToHyperService<Service>>;

impl Visit {
    fn connection<S: AsyncRead + AsyncWrite + Unpin + 'static>(self, stream: S) -> Connection<S> {
        let service = Extension(ConnectInfo(self.peer)).layer(self.routes);
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(self.limits.head_patience);
        http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::oneshot;

    use super::*;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

    async fn start(limits: Limits) -> (SocketAddr, oneshot::Sender<()>) {
        start_at(Door::Plain, limits).await
    }

    async fn start_at(door: Door, limits: Limits) -> (SocketAddr, oneshot::Sender<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let slow = async || {
            tokio::time::sleep(Duration::from_millis(300)).await;
            "done"
        };
        let routes = Router::new().route("/", get(async || "hello")).route("/slow", get(slow));
        tokio::spawn(serve(listener, door, routes, limits, async {
            let _ = stopped.await;
        }));
        (address, stop)
    }

    async fn said(stream: &mut TcpStream) -> String {
        let mut text = String::new();
        let _ = stream.read_to_string(&mut text).await;
        text
    }

    #[tokio::test]
    async fn silent_visitors_are_cut_off_and_make_room() {
        let head_patience = Duration::from_millis(200);
        let limits = Limits { most: 2, head_patience, ..Limits::default() };
        let (address, _stop) = start(limits).await;
        let mut silent = TcpStream::connect(address).await.unwrap();
        let mut halting = TcpStream::connect(address).await.unwrap();
        halting.write_all(b"GET / HTTP/1.1\r\nhost: ").await.unwrap();
        let mut third = TcpStream::connect(address).await.unwrap();
        third.write_all(REQUEST).await.unwrap();
        assert!(said(&mut third).await.ends_with("hello"));
        assert_eq!(said(&mut silent).await, "");
        assert!(!said(&mut halting).await.contains("200"));
    }

    /// A door with a certificate that was made for the test.
    fn encrypting() -> Door {
        use tokio_rustls::rustls::ServerConfig;
        use tokio_rustls::rustls::crypto::ring::default_provider;
        use tokio_rustls::rustls::pki_types::PrivateKeyDer;

        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key);
        Door::Tls {
            acceptor: TlsAcceptor::from(Arc::new(config.unwrap())),
            plainly: Router::new().route("/", get(async || "plain")),
        }
    }

    #[tokio::test]
    async fn whoever_does_not_finish_the_handshake_is_cut_off_and_makes_room() {
        let limits =
            Limits { most: 2, handshake_patience: Duration::from_millis(200), ..Limits::default() };
        let (address, _stop) = start_at(encrypting(), limits).await;
        let mut silent = TcpStream::connect(address).await.unwrap();
        let mut halting = TcpStream::connect(address).await.unwrap();
        halting.write_all(&[HANDSHAKE, 3, 1, 2, 0, 1]).await.unwrap();
        let mut third = TcpStream::connect(address).await.unwrap();
        third.write_all(REQUEST).await.unwrap();
        assert!(said(&mut third).await.ends_with("plain"));
        assert_eq!((said(&mut silent).await, said(&mut halting).await), Default::default());
    }

    #[tokio::test]
    async fn an_unfinished_handshake_does_not_keep_the_program_from_ending() {
        let limits = Limits { handshake_patience: Duration::from_secs(3600), ..Limits::default() };
        let (address, stop) = start_at(encrypting(), limits).await;
        let mut halting = TcpStream::connect(address).await.unwrap();
        halting.write_all(&[HANDSHAKE]).await.unwrap();
        stop.send(()).unwrap();
        assert_eq!(said(&mut halting).await, "");
    }

    #[tokio::test]
    async fn running_requests_end_before_the_program_does() {
        let (address, stop) = start(Limits::default()).await;
        let mut visitor = TcpStream::connect(address).await.unwrap();
        visitor.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        stop.send(()).unwrap();
        assert!(said(&mut visitor).await.ends_with("done"));
        assert!(TcpStream::connect(address).await.is_err());
    }
}
