//! How fast the server renders one page, and what it costs.

use std::time::Duration;

use super::floor::floors;
use super::load::{Load, Pace};
use super::server::Server;
use super::table::{Goal, Row};
use crate::error::Result;

const WARM_UP: Duration = Duration::from_secs(2);
const TIME: Duration = Duration::from_secs(10);

/// A page, and who asks for it.
pub struct Page<'run> {
    pub path: &'run str,
    pub headers: &'run str,
    /// Requests a second that are to fit.
    pub goal: f64,
}

/// As many as fit; then 200 a second, where one sees how long a visitor waits
/// and how much memory it takes. `floor` is what a request costs the floor.
///
/// # Errors
/// When anything else than 200 is answered.
pub fn measure(server: &Server, page: &Page<'_>, floor: f64) -> Result<Vec<Row>> {
    let load = |pace, duration| Load { address: server.address, connections: 32, pace, duration };
    let get = |_| server.get(page.path, page.headers);
    load(Pace::Closed, WARM_UP).run(get)?.only(200)?;
    let before = server.cpu_time()?;
    let closed = load(Pace::Closed, TIME).run(get)?.only(200)?;
    let cpu = server.cpu_time()?.saturating_sub(before).as_secs_f64() * 1e6 / closed.answers() as f64;
    let steady = load(Pace::Rate(200.0), TIME).run(get)?.only(200)?;
    Ok(vec![
        Row::new("requests a second", closed.rate(), "/s", Goal::AtLeast(page.goal)),
        Row::new("CPU a request", cpu, "µs", Goal::None),
        Row::new("CPU a request, floor", floor, "µs", Goal::None),
        Row::new("ratio to the floor", cpu / floor, "×", Goal::AtMost(floors(1e6 / page.goal))),
        Row::new("median at 200 a second", steady.percentile_ms(0.5), "ms", Goal::None),
        Row::new("p99 at 200 a second", steady.percentile_ms(0.99), "ms", Goal::AtMost(50.0)),
        Row::new("resident memory under that load", server.resident_mib()?, "MiB", Goal::AtMost(60.0)),
    ])
}
