//! What answers requests of the API for a measurement: the server, or the floor
//! beside it.

use std::net::SocketAddr;
use std::time::Duration;

use super::load::{Load, Pace, Report};
use super::subscriber::Subscriber;
use crate::error::Result;

const WARM_UP: Duration = Duration::from_secs(1);
const TIME: Duration = Duration::from_secs(3);

/// The server or the floor, and what it is asked.
pub struct Side {
    address: SocketAddr,
    request: Vec<u8>,
}

/// What one turn showed.
pub struct Turn {
    /// Answers a second.
    pub rate: f64,
    /// Microseconds of CPU an answer.
    pub cpu: f64,
}

impl Side {
    /// Asked for `path` as a program asks, which takes the body as it is; warmed
    /// up.
    ///
    /// # Errors
    /// When something else than 200 is answered.
    pub fn warm(address: SocketAddr, path: &str, subscriber: &Subscriber) -> Result<Self> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{}\r\n", subscriber.bearer).into_bytes();
        let side = Self { address, request };
        side.load(WARM_UP)?;
        Ok(side)
    }

    /// As many requests as fit, and the CPU time that they took by `cpu_time`.
    ///
    /// # Errors
    /// When something else than 200 is answered.
    pub fn turn(&self, cpu_time: impl Fn() -> Result<Duration>) -> Result<Turn> {
        let before = cpu_time()?;
        let report = self.load(TIME)?;
        let used = cpu_time()?.saturating_sub(before);
        Ok(Turn { rate: report.rate(), cpu: used.as_secs_f64() * 1e6 / report.answers() as f64 })
    }

    fn load(&self, duration: Duration) -> Result<Report> {
        let load = Load { address: self.address, connections: 64, pace: Pace::Closed, duration };
        load.run(|_| self.request.clone())?.only(200)
    }
}
