//! Connections: how many, how long they may be silent, and how they end.

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
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::Layer as _;

/// What connections are held to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// So many are open at the same time; further ones wait to be accepted.
    pub(crate) most: usize,
    /// Whoever has not sent the head of a request by then is cut off, so that silent visitors do
    /// not keep others out.
    pub(crate) head_patience: Duration,
    /// Requests that are running get so long to end when the program is told to stop.
    pub(crate) end_patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { most: 1_000, head_patience: seconds(30), end_patience: seconds(90) }
    }
}

/// After this it is tried again to accept, when the system had no room for another.
const RESPITE: Duration = Duration::from_millis(500);

/// Serves until `stop` ends, then lets running requests end.
pub(crate) async fn serve(
    listener: TcpListener,
    routes: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
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
                let connection = graceful.watch(connection(stream, peer, routes.clone(), limits));
                tokio::spawn(async move {
                    // How a visitor goes away concerns nobody else.
                    let _ = connection.await;
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
    if tokio::time::timeout(limits.end_patience, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were cut off, which did not end");
    }
}

type Service = AddExtension<Router, ConnectInfo<SocketAddr>>;
type Connection = http1::Connection<TokioIo<TcpStream>, TowerToHyperService<Service>>;

fn connection(stream: TcpStream, peer: SocketAddr, routes: Router, limits: Limits) -> Connection {
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(Extension(ConnectInfo(peer)).layer(routes));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head_patience);
    http.serve_connection(TokioIo::new(stream), service)
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::oneshot;

    use super::*;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

    async fn start(limits: Limits) -> (SocketAddr, oneshot::Sender<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let slow = async || {
            tokio::time::sleep(Duration::from_millis(300)).await;
            "done"
        };
        let routes = Router::new().route("/", get(async || "hello")).route("/slow", get(slow));
        tokio::spawn(serve(listener, routes, limits, async {
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
