//! The dashboard of a signed-in, paying user, rendered on the server.

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
/// When nobody can subscribe, or something else than the page is answered.
pub fn run(project: &Project) -> Result<Vec<Row>> {
    let scratch = Scratch::new("bench")?;
    let server = Server::start(project, scratch.path(), &[("SECRET_KEY", floor::KEY)])?;
    let subscriber = Subscriber::sign_up(&server)?;
    let headers = format!("Accept: text/html\r\nCookie: {}\r\n", subscriber.cookie);
    let floor = floor::cost(project, scratch.path(), &server, &subscriber)?;
    page::measure(&server, &Page { path: "/dashboard", headers: &headers, goal: 1_200.0 }, floor)
}
