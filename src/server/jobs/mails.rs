//! Mails that wait are handed over.

use crate::server::{error::ServiceError, service::mails, state::AppState};

/// Hands over what is due.
pub async fn send(state: AppState) -> Result<(), ServiceError> {
    mails::send_due(&state).await.map(drop)
}
