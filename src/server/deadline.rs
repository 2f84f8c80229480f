//! By when a stop has ended.

use crate::server::config::Config;
use std::time::Duration;
use tokio::time::Instant;

/// The moment at which a stop is over, whatever is still under way. Everything that ends shares it: what one part takes
/// is gone for the next.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// Of a stop that begins now.
    pub fn from_now(config: &Config) -> Self {
        Self(Instant::now() + Duration::from_secs(config.site.stop_deadline_seconds))
    }

    /// What comes of `ending`; `None` where the deadline comes first. That `part` was cut off is logged.
    pub async fn bound<T>(self, part: &str, ending: impl Future<Output = T>) -> Option<T> {
        let ended = tokio::time::timeout_at(self.0, ending).await.ok();
        if ended.is_none() {
            tracing::warn!(part, "cut off at the deadline of the stop");
        }
        ended
    }
}
