//! The program at work until it is told to stop.

use super::stop::unless_stopped;
use crate::server::{
    application::{self, Application, StartError},
    clock::Clock,
    config::Config,
};
use tokio_util::sync::CancellationToken;

/// Does the jobs alone.
pub(super) async fn work(config: Config, stop: CancellationToken) -> Result<(), StartError> {
    if let Some(state) = unless_stopped(&stop, application::build_state(config, Clock::system())).await? {
        application::run_worker(state, stop).await;
    }
    Ok(())
}

/// Serves the site and the API, and does the jobs.
pub(super) async fn serve(config: Config, stop: CancellationToken) -> Result<(), StartError> {
    let building = Application::build(config, Clock::system());
    let Some(application) = unless_stopped(&stop, building).await? else { return Ok(()) };
    let config = &application.state().config;
    let address = application.addr().unwrap_or(config.site.addr);
    tracing::info!(%address, site = %config.frontend_url, "listening");
    application.run_until_stopped(stop).await;
    Ok(())
}
