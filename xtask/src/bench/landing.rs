//! The landing page, rendered on the server.

use super::page;
use super::server::Server;
use super::table::{Goal, Row};
use crate::error::Result;
use crate::project::Project;
use crate::scratch::Scratch;

/// Throughput, CPU a request, and waiting times and memory at 200 a second.
///
/// # Errors
/// When the server does not start or answers something else than 200.
pub fn run(project: &Project) -> Result<Vec<Row>> {
    let scratch = Scratch::new("bench")?;
    let server = Server::start(project, scratch.path(), &[])?;
    page::measure(&server, "/", "Accept: text/html\r\n", Goal::AtLeast(3_000.0))
}
