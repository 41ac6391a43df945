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

/// So many are open at the same time; further ones wait to be accepted.
const MOST: usize = 1_000;
/// Whoever has not sent the head of a request by then is cut off, so that silent visitors do not
/// keep others out.
const HEAD_PATIENCE: Duration = Duration::from_secs(30);
/// Requests that are running get so long to end when the program is told to stop.
const END_PATIENCE: Duration = Duration::from_secs(90);
/// After this it is tried again to accept, when the system had no room for another.
const RESPITE: Duration = Duration::from_millis(500);

/// Serves until `stop` ends, then lets running requests end.
pub(crate) async fn serve(listener: TcpListener, routes: Router, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(MOST));
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
                let connection = graceful.watch(connection(stream, peer, routes.clone()));
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
    if tokio::time::timeout(END_PATIENCE, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were cut off, which did not end");
    }
}

type Service = AddExtension<Router, ConnectInfo<SocketAddr>>;
type Connection = http1::Connection<TokioIo<TcpStream>, TowerToHyperService<Service>>;

fn connection(stream: TcpStream, peer: SocketAddr, routes: Router) -> Connection {
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(Extension(ConnectInfo(peer)).layer(routes));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE);
    http.serve_connection(TokioIo::new(stream), service)
}
