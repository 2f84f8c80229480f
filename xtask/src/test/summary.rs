//! Counts of tests, read from the runners' own summaries, and the table that
//! ends a test run.

use std::fmt;
use std::time::Duration;

/// Tests that passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
}

impl Counts {
    /// The sum.
    pub fn and(self, other: Self) -> Self {
        Self { passed: self.passed + other.passed, failed: self.failed + other.failed }
    }
}

/// How a step ended.
pub enum Outcome {
    Ran(Counts),
    Failed,
    /// What it needs was not built.
    NotRun,
}

impl Outcome {
    /// Whether it ran and nothing failed.
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Ran(counts) if counts.failed == 0)
    }
}

/// Every step with its time and end; shows as a table with a last line
/// `N passed, N failed`.
#[derive(Default)]
pub struct Table {
    rows: Vec<(&'static str, Duration, Outcome)>,
}

impl Table {
    pub fn add(&mut self, step: &'static str, time: Duration, outcome: Outcome) {
        self.rows.push((step, time, outcome));
    }

    pub fn all_good(&self) -> bool {
        !self.rows.is_empty() && self.rows.iter().all(|(_, _, outcome)| outcome.is_good())
    }

    /// A step without counts of its own counts as one when it failed.
    fn total(&self) -> Counts {
        self.rows.iter().fold(Counts::default(), |total, (_, _, outcome)| match outcome {
            Outcome::Ran(counts) => total.and(*counts),
            Outcome::Failed | Outcome::NotRun => Counts { failed: total.failed + 1, ..total },
        })
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<10} {:>8}  result", "step", "seconds")?;
        for (step, time, outcome) in &self.rows {
            write!(f, "{step:<10} {:>8.1}  ", time.as_secs_f64())?;
            match outcome {
                Outcome::Ran(Counts { passed: 0, failed: 0 }) => writeln!(f, "ok")?,
                Outcome::Ran(Counts { passed, failed: 0 }) => writeln!(f, "ok, {passed} passed")?,
                Outcome::Ran(Counts { passed, failed }) => writeln!(f, "FAILED, {passed} passed, {failed} failed")?,
                Outcome::Failed => writeln!(f, "FAILED")?,
                Outcome::NotRun => writeln!(f, "FAILED, not run: the build failed")?,
            }
        }
        let total = self.total();
        write!(f, "\n{} passed, {} failed", total.passed, total.failed)
    }
}

/// Sums what the summaries in `lines` say, of cargo test, nextest and
/// Playwright alike.
pub fn read(lines: &[String]) -> Counts {
    lines.iter().fold(Counts::default(), |total, line| total.and(read_line(&plain(line))))
}

fn read_line(line: &str) -> Counts {
    let line = line.trim();
    let text = if let Some(rest) = line.strip_prefix("test result: ") {
        rest.split_once(". ").map_or("", |(_, counts)| counts)
    } else if line.starts_with("Summary [") {
        line.split_once(" run: ").map_or("", |(_, counts)| counts)
    } else if is_playwright(line) {
        line
    } else {
        ""
    };
    text.split([',', ';']).fold(Counts::default(), |mut counts, part| {
        let part = part.trim();
        let Some((number, what)) = part.split_once(' ') else { return counts };
        let Ok(number) = number.parse::<u64>() else { return counts };
        let what = what.split(" (").next().unwrap_or_default().trim();
        match what {
            "passed" => counts.passed += number,
            "failed" | "flaky" | "timed out" | "exec failed" | "did not run" | "interrupted" => counts.failed += number,
            _ => {}
        }
        counts
    })
}

/// Playwright's summary has one count a line: `12 passed (30.1s)`.
fn is_playwright(line: &str) -> bool {
    let Some((number, rest)) = line.split_once(' ') else { return false };
    let what = rest.split(" (").next().unwrap_or_default();
    number.parse::<u64>().is_ok() && matches!(what, "passed" | "failed" | "flaky" | "did not run" | "interrupted")
}

/// `line` without the terminal's colour codes.
fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            characters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            text.push(character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(text: &str) -> (u64, u64) {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let counts = read(&lines);
        (counts.passed, counts.failed)
    }

    #[test]
    fn every_runner_is_understood() {
        assert_eq!(counts("test result: FAILED. 3 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out"), (3, 2));
        assert_eq!(
            counts("     Summary [   0.012s] 6 tests run: 4 passed (1 slow), 1 failed, 1 timed out, 0 skipped"),
            (4, 2)
        );
        assert_eq!(counts("     Summary [   0.012s] 4/6 tests run: 3 passed, 1 exec failed, 2 skipped"), (3, 1));
        assert_eq!(counts("  1 failed\n    [chromium] › a.spec.ts\n  2 did not run\n  12 passed (30.1s)"), (12, 3));
        assert_eq!(counts("\u{1b}[32m  12 passed\u{1b}[39m\u{1b}[2m (30.1s)\u{1b}[22m"), (12, 0));
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(counts("12 passed away\nrunning 3 tests\n5 failed logins in a minute"), (0, 0));
    }

    #[test]
    fn one_failure_fails_the_table() {
        let mut table = Table::default();
        assert!(!table.all_good());
        table.add("unit", Duration::ZERO, Outcome::Ran(Counts { passed: 3, failed: 0 }));
        assert!(table.all_good());
        table.add("fmt", Duration::ZERO, Outcome::Failed);
        assert!(!table.all_good());
        assert!(table.to_string().ends_with("\n3 passed, 1 failed"));
    }
}
