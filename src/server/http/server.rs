//! The listener: answers until told to stop, then finishes what is under way.

use crate::server::{deadline::Deadline, http::router, state::AppState};
use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::Service;

/// How long to wait when the system has no more sockets to give.
const OUT_OF_SOCKETS: Duration = Duration::from_millis(100);

/// Answers until `stop`. Then it is first no longer ready, so that a load balancer looks elsewhere, then takes no
/// more connections. Those with a request under way are still to be shut down, by the deadline of this stop.
pub async fn serve(state: &AppState, listener: TcpListener, stop: CancellationToken) -> (GracefulShutdown, Deadline) {
    let connections = GracefulShutdown::new();
    let draining = async {
        stop.cancelled().await;
        let deadline = Deadline::from_now(&state.config);
        state.readiness.set(false);
        tokio::time::sleep(Duration::from_secs(state.config.site.drain_seconds)).await;
        deadline
    };
    let deadline = tokio::select! {
        never = accept(state, &listener, &connections) => match never {},
        deadline = draining => deadline,
    };
    (connections, deadline)
}

/// Takes connections, so many at once.
async fn accept(state: &AppState, listener: &TcpListener, connections: &GracefulShutdown) -> Infallible {
    let limits = &state.config.limits;
    let places = Arc::new(Semaphore::new(limits.connections));
    let write_timeout = Duration::from_secs(limits.write_timeout_seconds);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(limits.header_timeout_seconds));
    let router = router::router(state.clone());
    loop {
        let place = Arc::clone(&places).acquire_owned().await.expect("nobody closes it");
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Without it small answers on kept connections wait for acknowledgements; failing to set it costs only
                // time.
                drop(stream.set_nodelay(true));
                // Whoever takes nothing of an answer would keep it, and a place, for ever.
                let mut stream = TimeoutStream::new(stream);
                stream.set_write_timeout(Some(write_timeout));
                take(&http, stream, peer, router.clone(), connections, place);
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a connection was not taken");
                tokio::time::sleep(OUT_OF_SOCKETS).await;
            }
        }
    }
}

fn take(
    http: &http1::Builder,
    stream: TimeoutStream<TcpStream>,
    peer: SocketAddr,
    router: Router,
    connections: &GracefulShutdown,
    place: OwnedSemaphorePermit,
) {
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().call(request)
    });
    let connection = connections.watch(http.serve_connection(TokioIo::new(Box::pin(stream)), service));
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(error = &error as &dyn std::error::Error, "a connection broke off");
        }
        drop(place);
    });
}
