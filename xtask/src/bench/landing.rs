//! The landing page, rendered on the server.

use super::floor;
use super::page::{self, Page};
use super::server::Server;
use super::subscriber::Subscriber;
use super::table::Row;
use crate::error::Result;
use crate::project::Project;
use crate::scratch::Scratch;

/// Throughput, CPU a request, and waiting times and memory at 200 a second.
///
/// # Errors
/// When the server does not start or answers something else than 200.
pub fn run(project: &Project) -> Result<Vec<Row>> {
    let scratch = Scratch::new("bench")?;
    let server = Server::start(project, scratch.path(), &[("SECRET_KEY", floor::KEY)])?;
    let subscriber = Subscriber::sign_up(&server)?;
    let floor = floor::cost(project, scratch.path(), &server, &subscriber)?;
    page::measure(&server, &Page { path: "/", headers: "Accept: text/html\r\n", goal: 3_000.0 }, floor)
}
