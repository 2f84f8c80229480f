//! What a process costs, read from /proc.

use std::fs;
use std::time::Duration;

use crate::error::{Doing, Error, Result};

/// Linux counts a process' time in hundredths of a second for user space.
const TICK: Duration = Duration::from_millis(10);

/// CPU time used so far, of all threads, in user and kernel; in steps of 10 ms.
///
/// # Errors
/// When the process is gone.
pub fn cpu_time(process: u32) -> Result<Duration> {
    let path = format!("/proc/{process}/stat");
    let text = fs::read_to_string(&path).doing(format!("reading {path}"))?;
    ticks(&text).map(|ticks| TICK * ticks).ok_or_else(|| Error::Check(format!("{path} is not understood")))
}

/// Resident memory now, in MiB.
///
/// # Errors
/// When the process is gone.
pub fn resident_mib(process: u32) -> Result<f64> {
    let path = format!("/proc/{process}/status");
    let text = fs::read_to_string(&path).doing(format!("reading {path}"))?;
    kibibytes(&text, "VmRSS:").map(|size| size / 1_024.0).ok_or_else(|| Error::Check(format!("{path} has no VmRSS")))
}

/// Fields 14 and 15; the name in field 2 may hold spaces and parentheses.
fn ticks(stat: &str) -> Option<u32> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u32>().ok();
    Some(next()? + next()?)
}

fn kibibytes(status: &str, name: &str) -> Option<f64> {
    status.lines().find_map(|line| line.strip_prefix(name))?.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_the_right_ones() {
        let stat = "42 (a ) b) S 1 1 1 0 -1 4194560 100 0 0 0 700 300 0 0 20 0 5 0 1 1 1";
        assert_eq!(ticks(stat), Some(1_000));
        assert_eq!(kibibytes("VmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\n", "VmRSS:"), Some(1_024.0));
    }

    #[test]
    fn this_process_has_both() {
        let me = std::process::id();
        assert!(cpu_time(me).is_ok());
        assert!(resident_mib(me).unwrap() > 0.1);
    }
}
