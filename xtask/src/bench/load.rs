//! An HTTP load generator: one thread, many keep-alive connections.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use super::answer;
use crate::error::{Doing, Error, Result};
use crate::process::check_interrupted;

/// After the last request is due, answers under way get this long.
const DRAIN: Duration = Duration::from_secs(10);

/// When the next request is sent.
#[derive(Clone, Copy)]
pub enum Pace {
    /// On every connection as soon as its answer is there: how much fits.
    Closed,
    /// So many a second, whether or not answers come: how long one waits.
    /// Time is counted from when a request was due, so that a server that
    /// stalls is not asked less.
    Rate(f64),
}

/// How much is sent to whom.
pub struct Load {
    pub address: SocketAddr,
    pub connections: usize,
    pub pace: Pace,
    pub duration: Duration,
}

/// What came back.
#[derive(Default)]
pub struct Report {
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Broken connections and answers that never came.
    pub errors: u64,
    /// First to last, in seconds.
    pub seconds: f64,
    /// Ascending.
    latencies: Vec<Duration>,
}

impl Report {
    /// Answers a second, of any status.
    pub fn rate(&self) -> f64 {
        self.answers() as f64 / self.seconds
    }

    pub fn answers(&self) -> u64 {
        self.statuses.values().sum()
    }

    /// Milliseconds within which `share` (0 to 1) of the answers came.
    pub fn percentile_ms(&self, share: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let index = (share * last as f64).round() as usize;
        self.latencies.get(index).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1_000.0)
    }

    /// Answers of one status.
    pub fn count(&self, status: u16) -> u64 {
        self.statuses.get(&status).copied().unwrap_or_default()
    }

    /// The report, if nothing but `status` came back.
    ///
    /// # Errors
    /// When there were other answers, or none: the numbers would not be about
    /// what they are said to be about.
    pub fn only(self, status: u16) -> Result<Self> {
        if self.errors == 0 && self.statuses.keys().eq([&status]) {
            return Ok(self);
        }
        Err(Error::Check(format!("expected only {status}: {:?} and {} errors", self.statuses, self.errors)))
    }
}

impl Load {
    /// Sends what `request` gives for 0, 1, 2 … and measures.
    ///
    /// # Errors
    /// When the server cannot be reached at all.
    pub fn run(&self, request: impl FnMut(u64) -> Vec<u8>) -> Result<Report> {
        let mut run = Run::new(self, request).doing(format!("connecting to {}", self.address))?;
        let mut events = Events::with_capacity(1_024);
        let started = Instant::now();
        let end = started + self.duration;
        loop {
            let now = Instant::now();
            let idle = run.busy == 0 && run.due(started, now.min(end)) == run.sent;
            if now >= end && (idle || now >= end + DRAIN) {
                break;
            }
            run.send_due(started, now, end);
            let patience = self.patience(run.sent, now.duration_since(started));
            match run.poll.poll(&mut events, Some(patience)) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => check_interrupted()?,
                other => other.doing("waiting for answers")?,
            }
            for event in &events {
                run.advance(event.token().0);
            }
        }
        check_interrupted()?;
        let mut report = run.finish();
        report.seconds = started.elapsed().as_secs_f64();
        Ok(report)
    }
}

impl Load {
    /// How long may be waited for answers. Waiting rounds to milliseconds, so
    /// just before a request is due it is not waited at all.
    fn patience(&self, sent: u64, elapsed: Duration) -> Duration {
        match self.pace {
            Pace::Closed => Duration::from_millis(10),
            Pace::Rate(rate) => {
                let next = Duration::from_secs_f64((sent + 1) as f64 / rate);
                if next.saturating_sub(elapsed) > Duration::from_millis(2) {
                    Duration::from_millis(1)
                } else {
                    Duration::ZERO
                }
            }
        }
    }
}

/// A request under way.
struct Exchange {
    due: Instant,
    request: Vec<u8>,
    written: usize,
}

struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
    exchange: Option<Exchange>,
}

struct Run<'load, F> {
    load: &'load Load,
    request: F,
    poll: Poll,
    connections: Vec<Connection>,
    idle: Vec<usize>,
    sent: u64,
    busy: usize,
    report: Report,
}

impl<'load, F: FnMut(u64) -> Vec<u8>> Run<'load, F> {
    fn new(load: &'load Load, request: F) -> io::Result<Self> {
        let poll = Poll::new()?;
        let connect = |index| connect(&poll, load.address, index);
        let connections = (0..load.connections).map(connect).collect::<io::Result<Vec<_>>>()?;
        Ok(Self {
            load,
            request,
            poll,
            connections,
            idle: (0..load.connections).collect(),
            sent: 0,
            busy: 0,
            report: Report::default(),
        })
    }

    /// How many requests were due by `now`.
    fn due(&self, started: Instant, now: Instant) -> u64 {
        match self.load.pace {
            Pace::Closed => self.sent,
            Pace::Rate(rate) => (now.duration_since(started).as_secs_f64() * rate) as u64,
        }
    }

    fn send_due(&mut self, started: Instant, now: Instant, end: Instant) {
        let allowed = match self.load.pace {
            Pace::Closed if now < end => u64::MAX,
            Pace::Closed => self.sent,
            Pace::Rate(_) => self.due(started, now.min(end)),
        };
        while self.sent < allowed
            && let Some(index) = self.idle.pop()
        {
            let due = match self.load.pace {
                Pace::Closed => Instant::now(),
                Pace::Rate(rate) => started + Duration::from_secs_f64((self.sent + 1) as f64 / rate),
            };
            let request = (self.request)(self.sent);
            self.connections[index].exchange = Some(Exchange { due, request, written: 0 });
            self.sent += 1;
            self.busy += 1;
            self.advance(index);
        }
    }

    /// Writes and reads as much as the connection takes and gives.
    fn advance(&mut self, index: usize) {
        let moved = self.connections[index].advance();
        match moved {
            Ok(None) => {}
            Ok(Some(answer)) => {
                self.complete(index, answer.status);
                if answer.last {
                    self.reconnect(index);
                }
            }
            Err(_) => {
                if self.connections[index].exchange.take().is_some() {
                    self.report.errors += 1;
                    self.busy -= 1;
                    self.idle.push(index);
                }
                self.reconnect(index);
            }
        }
    }

    fn complete(&mut self, index: usize, status: u16) {
        if let Some(exchange) = self.connections[index].exchange.take() {
            self.report.latencies.push(exchange.due.elapsed());
            *self.report.statuses.entry(status).or_default() += 1;
            self.busy -= 1;
            self.idle.push(index);
        }
    }

    fn reconnect(&mut self, index: usize) {
        match connect(&self.poll, self.load.address, index) {
            Ok(connection) => self.connections[index] = connection,
            Err(_) => self.idle.retain(|idle| *idle != index),
        }
    }

    fn finish(mut self) -> Report {
        self.report.errors += self.busy as u64;
        self.report.latencies.sort_unstable();
        self.report
    }
}

impl Connection {
    fn advance(&mut self) -> io::Result<Option<answer::Answer>> {
        let Some(exchange) = &mut self.exchange else {
            // An idle connection has nothing to say, unless it is closed.
            let mut byte = [0];
            return match self.stream.read(&mut byte) {
                Err(error) if is_not_ready(&error) => Ok(None),
                Err(error) => Err(error),
                Ok(_) => Err(io::ErrorKind::ConnectionReset.into()),
            };
        };
        while exchange.written < exchange.request.len() {
            match self.stream.write(&exchange.request[exchange.written..]) {
                Ok(written) => exchange.written += written,
                Err(error) if is_not_ready(&error) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        let mut buffer = [0; 64 * 1024];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => self.received.extend_from_slice(&buffer[..read]),
                Err(error) if is_not_ready(&error) => break,
                Err(error) => return Err(error),
            }
        }
        let answer = answer::first(&self.received)?;
        if let Some(answer) = &answer {
            self.received.drain(..answer.length);
        }
        Ok(answer)
    }
}

fn connect(poll: &Poll, address: SocketAddr, index: usize) -> io::Result<Connection> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    poll.registry().register(&mut stream, Token(index), Interest::READABLE | Interest::WRITABLE)?;
    Ok(Connection { stream, received: Vec::new(), exchange: None })
}

/// Also before the connection is made.
fn is_not_ready(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::NotConnected | io::ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::thread;

    /// A server that answers every request, one connection at a time in a
    /// thread of its own.
    fn server() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    let mut bytes = [0; 1_024];
                    while stream.read(&mut bytes).is_ok_and(|read| read > 0) {
                        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").unwrap();
                    }
                });
            }
        });
        address
    }

    fn load(pace: Pace) -> Report {
        let load = Load { address: server(), connections: 4, pace, duration: Duration::from_millis(300) };
        load.run(|_| b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()).unwrap().only(200).unwrap()
    }

    #[test]
    fn a_steady_rate_sends_what_is_due() {
        let report = load(Pace::Rate(200.0));
        assert_eq!(report.answers(), 60);
        assert!(report.percentile_ms(0.5) <= report.percentile_ms(0.99));
    }

    #[test]
    fn a_closed_loop_sends_as_much_as_fits() {
        let report = load(Pace::Closed);
        assert!(report.answers() > 60, "{}", report.answers());
        assert!(report.rate() > 0.0);
    }

    #[test]
    fn other_answers_are_refused() {
        let report = load(Pace::Rate(100.0));
        assert!(report.only(404).is_err());
    }
}
