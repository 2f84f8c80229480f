//! What the numbers were measured on, and when.

use std::fs;
use std::process::Command;
use std::thread;

use crate::error::{Doing, Result};
use crate::process;

/// A machine's size and a day.
pub struct Machine {
    pub cores: usize,
    /// GiB, rounded.
    pub memory: u64,
    /// `2026-01-31`, in UTC.
    pub date: String,
}

impl Machine {
    /// This one, today. Asked before this process is bound to a core.
    ///
    /// # Errors
    /// When the machine does not tell.
    pub fn read() -> Result<Self> {
        let memory = fs::read_to_string("/proc/meminfo").doing("reading /proc/meminfo")?;
        let date = process::output(Command::new("date").args(["--utc", "+%Y-%m-%d"]))?;
        Ok(Self {
            cores: thread::available_parallelism().doing("counting the cores")?.get(),
            memory: gibibytes(&memory).unwrap_or_default(),
            date: date.trim().to_owned(),
        })
    }
}

fn gibibytes(meminfo: &str) -> Option<u64> {
    let kibibytes: f64 =
        meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?.trim().strip_suffix(" kB")?.parse().ok()?;
    Some((kibibytes / 1_048_576.0).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_in_gibibytes() {
        assert_eq!(gibibytes("MemTotal:       24589012 kB\nMemFree: 1 kB\n"), Some(23));
        assert_eq!(gibibytes("nonsense"), None);
    }

    #[test]
    fn today_is_a_date() {
        let machine = Machine::read().unwrap();
        assert!(machine.cores > 0);
        assert_eq!(machine.date.len(), 10);
    }
}
