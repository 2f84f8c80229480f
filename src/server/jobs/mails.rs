//! Mails that were asked for are made, and mails that wait are handed over.

use crate::server::{
    error::ServiceError,
    service::{mail_requests, mails},
    state::AppState,
};

/// Makes mails of what was asked for.
pub async fn answer_requests(state: AppState) -> Result<(), ServiceError> {
    mail_requests::answer_all(&state).await.map(drop)
}

/// Hands over what is due.
pub async fn send(state: AppState) -> Result<(), ServiceError> {
    mails::send_due(&state).await.map(drop)
}
