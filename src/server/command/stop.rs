//! How the program is told to stop.

use crate::server::application::StartError;
use tokio_util::sync::CancellationToken;

/// What comes of `work`, unless a stop comes first: a database or Redis that does not answer keeps nobody waiting.
pub(super) async fn unless_stopped<T>(
    stop: &CancellationToken,
    work: impl Future<Output = Result<T, StartError>>,
) -> Result<Option<T>, StartError> {
    tokio::select! {
        done = work => done.map(Some),
        () = stop.cancelled() => {
            tracing::info!("stopped before it had begun");
            Ok(None)
        }
    }
}

/// Cancelled by Ctrl-C or SIGTERM, from this call on.
pub(super) fn stop_signal() -> CancellationToken {
    let token = CancellationToken::new();
    let (stop, told) = (token.clone(), told_to_stop());
    tokio::spawn(async move {
        told.await;
        stop.cancel();
    });
    token
}

/// Listens at once, not only when it is first awaited: a signal that comes between would end the program uncleanly.
#[cfg(unix)]
fn told_to_stop() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (terminate, interrupt) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async move {
        match (terminate, interrupt) {
            (Ok(mut terminate), Ok(mut interrupt)) => tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            },
            _ => drop(tokio::signal::ctrl_c().await),
        }
    }
}

#[cfg(not(unix))]
async fn told_to_stop() {
    drop(tokio::signal::ctrl_c().await);
}
