//! Bodies that have their time to come: whoever sends one slowly is told so, whatever reads it.

use axum::body::Body;
use futures::{StreamExt, stream};
use std::{error::Error, time::Duration};
use tokio::time::{Instant, timeout_at};

/// How long a body may take to come.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// A body did not come within [`PATIENCE`].
#[derive(Debug, thiserror::Error)]
#[error("the body took too long to come")]
struct TooSlow;

/// `body`, which fails where it has not come to its end in time.
pub fn timely(body: Body) -> Body {
    within(PATIENCE, body)
}

fn within(patience: Duration, body: Body) -> Body {
    let until = Instant::now() + patience;
    let parts = stream::unfold(Some(body.into_data_stream()), move |parts| async move {
        let mut parts = parts?;
        match timeout_at(until, parts.next()).await {
            Ok(part) => part.map(|part| (part, Some(parts))),
            Err(_) => Some((Err(axum::Error::new(TooSlow)), None)),
        }
    });
    Body::from_stream(parts.fuse())
}

/// Whether a body could not be read because it did not come in time.
pub fn is_too_slow(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<TooSlow>() {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;
    use std::io;

    #[tokio::test]
    async fn a_body_has_its_time_as_a_whole() {
        let whole = Body::from_stream(stream::iter(["a", "b", "c"].map(Ok::<_, io::Error>)));
        assert_eq!(to_bytes(timely(whole), 10).await.unwrap(), "abc");
        // A part comes every millisecond, and it never ends.
        let dripping = stream::repeat("a").then(|part| async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            Ok::<_, io::Error>(part)
        });
        let slow = within(Duration::from_millis(50), Body::from_stream(dripping));
        let told = to_bytes(slow, 1_000_000).await.unwrap_err();
        assert!(is_too_slow(&told), "{told:?}");
        let large = to_bytes(timely(Body::from("abc")), 2).await.unwrap_err();
        assert!(!is_too_slow(&large), "{large:?}");
    }
}
