//! `GET /signals` for a paid user, all middleware on, beside its floor.

use super::fetch;
use super::floor::{self, Floor, KEY};
use super::median::median;
use super::server::Server;
use super::side::{Side, Turn};
use super::stores::Stores;
use super::subscriber::Subscriber;
use super::table::{Goal, Row};
use crate::error::Result;
use crate::project::Project;
use crate::scratch::Scratch;

const PATH: &str = "/api/v1/signals";
/// Server and floor take turns, so that a busy moment of the machine meets both.
const TURNS: usize = 5;

/// CPU a request and its ratio to the floor's, embedded; CPU a request with
/// Redis and PostgreSQL.
///
/// # Errors
/// When a server does not start, nobody can subscribe, or something else than
/// the feed is answered.
pub fn run(project: &Project) -> Result<Vec<Row>> {
    let mut rows = embedded(project)?;
    rows.extend(scaled_out(project)?);
    Ok(rows)
}

fn embedded(project: &Project) -> Result<Vec<Row>> {
    let scratch = Scratch::new("bench")?;
    let server = Server::start(project, scratch.path(), &[("SECRET_KEY", KEY)])?;
    let subscriber = Subscriber::sign_up(&server)?;
    // The replay goes on and the feed with it: the floor's body is as old as
    // the measurement, its size all but the same.
    let body = fetch::get(server.address, PATH, &subscriber.bearer)?.body;
    let floor = Floor::start(project, scratch.path(), KEY, &body)?;
    let served = Side::warm(server.address, PATH, &subscriber)?;
    let bare = Side::warm(floor.address, floor::PATH, &subscriber)?;
    let mut turns = Vec::new();
    for _ in 0..TURNS {
        turns.push((served.turn(|| server.cpu_time())?, bare.turn(|| floor.cpu_time())?));
    }
    let of = |value: fn(&(Turn, Turn)) -> f64| median(turns.iter().map(value));
    Ok(vec![
        Row::new("requests a second, embedded", of(|turn| turn.0.rate), "/s", Goal::None),
        Row::new("CPU a request, embedded", of(|turn| turn.0.cpu), "µs", Goal::None),
        Row::new("CPU a request, floor", of(|turn| turn.1.cpu), "µs", Goal::None),
        Row::new("ratio to the floor", of(|turn| turn.0.cpu / turn.1.cpu), "×", Goal::AtMost(2.5)),
        Row::new("requests a second, floor", of(|turn| turn.1.rate), "/s", Goal::None),
        Row::new("size of the answer", body.len() as f64 / 1e3, "kB", Goal::None),
    ])
}

fn scaled_out(project: &Project) -> Result<Vec<Row>> {
    let scratch = Scratch::new("bench")?;
    let stores = Stores::start()?;
    let server = stores.serve(project, scratch.path(), &[("SECRET_KEY", KEY)])?;
    let subscriber = Subscriber::sign_up(&server)?;
    let served = Side::warm(server.address, PATH, &subscriber)?;
    let floor = floor::cost(project, scratch.path(), &server, &subscriber)?;
    let turns = (0..TURNS).map(|_| served.turn(|| server.cpu_time())).collect::<Result<Vec<_>>>()?;
    let cpu = median(turns.iter().map(|turn| turn.cpu));
    Ok(vec![
        Row::new("requests a second, Redis", median(turns.iter().map(|turn| turn.rate)), "/s", Goal::None),
        Row::new("CPU a request, Redis", cpu, "µs", Goal::AtMost(35.0)),
        Row::new("ratio to the floor, Redis", cpu / floor, "×", Goal::AtMost(floor::floors(35.0))),
    ])
}
