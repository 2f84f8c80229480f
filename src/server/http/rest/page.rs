//! How much of a list is answered at once.

use crate::server::error::ServiceError;

/// Entries on a page, unless asked otherwise.
const PAGE: u64 = 50;
/// The most on a page.
const MOST: u64 = 200;

/// How many entries a page has, as asked for.
///
/// # Errors
/// `Invalid` when it is none, or more than a page holds.
pub fn size(asked: Option<u64>) -> Result<u64, ServiceError> {
    let size = asked.unwrap_or(PAGE);
    let sound = (1..=MOST).contains(&size);
    if sound { Ok(size) } else { Err(ServiceError::field("limit", format!("Ask for 1 to {MOST}."))) }
}
