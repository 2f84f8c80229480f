//! The table of results.

use std::fmt::Write;

use super::machine::Machine;

/// What a value is to be measured against.
#[derive(Clone, Copy)]
pub enum Goal {
    AtMost(f64),
    AtLeast(f64),
    /// Shown for comparison only.
    None,
}

/// One measured value.
pub struct Row {
    bench: &'static str,
    what: String,
    value: f64,
    unit: &'static str,
    goal: Goal,
}

impl Row {
    pub fn new(what: impl Into<String>, value: f64, unit: &'static str, goal: Goal) -> Self {
        Self { bench: "", what: what.into(), value, unit, goal }
    }

    /// The row, as one of the bench of that name.
    pub fn of(self, bench: &'static str) -> Self {
        Self { bench, ..self }
    }

    /// The goal and whether it is met; both empty where there is none.
    fn verdict(&self) -> (String, &'static str) {
        match self.goal {
            Goal::AtMost(limit) => (format!("≤ {}", number(limit)), met(self.value <= limit)),
            Goal::AtLeast(limit) => (format!("≥ {}", number(limit)), met(self.value >= limit)),
            Goal::None => (String::new(), ""),
        }
    }
}

/// The rows as text, aligned.
pub fn shown(rows: &[Row]) -> String {
    let mut text = format!("{:<12} {:<44} {:>12} {:<6} goal\n", "bench", "measured", "value", "");
    for row in rows {
        let (goal, met) = row.verdict();
        let line =
            format!("{:<12} {:<44} {:>12} {:<6} {goal:<12} {met}", row.bench, row.what, number(row.value), row.unit);
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The rows as a Markdown table, below a line that says where and when.
pub fn markdown(rows: &[Row], machine: &Machine) -> String {
    let Machine { cores, memory, date } = machine;
    let mut text = format!(
        "Measured on {date}, on {cores} cores and {memory} GiB: the server on one core with one worker thread, \
         the load on another.\n\n| bench | measured | value | goal | |\n|---|---|---:|---:|---|\n"
    );
    for row in rows {
        let (goal, met) = row.verdict();
        let value = format!("{} {}", number(row.value), row.unit);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {} | {} | {} | {goal} | {met} |", row.bench, row.what, value.trim_end());
    }
    text
}

fn met(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}

fn number(value: f64) -> String {
    if value >= 1_000.0 { format!("{value:.0}") } else { format!("{value:.1}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_judged_from_its_own_side() {
        let rows = [
            Row::new("p99", 51.0, "ms", Goal::AtMost(50.0)).of("landing"),
            Row::new("throughput", 3_000.0, "/s", Goal::AtLeast(3_000.0)).of("landing"),
        ];
        let text = shown(&rows);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].ends_with("MISSED"), "{text}");
        assert!(lines[2].ends_with("met"), "{text}");
    }

    #[test]
    fn markdown_says_where_and_when() {
        let rows = [
            Row::new("ratio", 2.0, "×", Goal::AtMost(2.5)).of("signals"),
            Row::new("floor", 7.8, "µs", Goal::None).of("signals"),
        ];
        let machine = Machine { cores: 2, memory: 23, date: "2026-01-31".to_owned() };
        let text = markdown(&rows, &machine);
        assert!(text.starts_with("Measured on 2026-01-31, on 2 cores and 23 GiB"), "{text}");
        assert!(text.contains("\n| signals | ratio | 2.0 × | ≤ 2.5 | met |\n"), "{text}");
        assert!(text.ends_with("| signals | floor | 7.8 µs |  |  |\n"), "{text}");
    }
}
