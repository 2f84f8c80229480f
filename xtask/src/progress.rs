//! What xtask says while it works.

use std::time::{Duration, Instant};

/// Numbered steps with the time since the task began.
pub struct Steps {
    total: usize,
    current: usize,
    started: Instant,
}

impl Steps {
    pub fn new(total: usize) -> Self {
        Self { total, current: 0, started: Instant::now() }
    }

    /// Announces the next step.
    pub fn begin(&mut self, what: &str) {
        self.current += 1;
        println!("[{}/{} {}] {what}", self.current, self.total, clock(self.started.elapsed()));
    }

    /// Time since the task began.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// Minutes and seconds, as `2:05`.
pub fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_two_digits() {
        assert_eq!(clock(Duration::from_secs(0)), "0:00");
        assert_eq!(clock(Duration::from_secs(125)), "2:05");
        assert_eq!(clock(Duration::from_secs(3_600)), "60:00");
    }
}
