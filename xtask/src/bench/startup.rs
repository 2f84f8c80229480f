//! Server start to first answer, on an existing database.

use super::median::median;
use super::server::Server;
use super::table::{Goal, Row};
use crate::error::Result;
use crate::project::Project;
use crate::scratch::Scratch;

const TIMES: usize = 5;

/// The first start makes the database; the median of the later ones counts.
///
/// # Errors
/// When the server does not start.
pub fn run(project: &Project) -> Result<Vec<Row>> {
    let scratch = Scratch::new("bench")?;
    let start = || Server::start(project, scratch.path(), &[]).map(|server| server.first_answer.as_secs_f64() * 1e3);
    let first = start()?;
    let later = (0..TIMES).map(|_| start()).collect::<Result<Vec<f64>>>()?;
    Ok(vec![
        Row::new("first start, database made", first, "ms", Goal::None),
        Row::new("start on an existing database", median(later.into_iter()), "ms", Goal::AtMost(150.0)),
    ])
}
