//! As much HTTP as it takes to ask a server on this machine one thing.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Doing, Error, Result};
use crate::process::{Group, check_interrupted};

const TIMEOUT: Duration = Duration::from_secs(10);
/// Short: the time to the first answer is measured with it.
const POLL: Duration = Duration::from_millis(5);

/// An answer's status and body.
pub struct Answer {
    pub status: u16,
    pub body: String,
}

/// Sends one request and reads the answer. `json` is a body to post.
///
/// # Errors
/// When nobody answers within 10 s.
pub fn request(address: SocketAddr, method: &str, path: &str, json: Option<&str>) -> Result<Answer> {
    let exchange = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        let body = json.unwrap_or_default();
        // HTTP/1.0: the answer ends with the connection and is never chunked.
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    let answer = exchange().doing(format!("{method} http://{address}{path}"))?;
    parse(&answer).ok_or_else(|| Error::Check(format!("{method} http://{address}{path}: no HTTP answer")))
}

/// Waits until `server` answers GET `/health` with 200 on `address`.
///
/// # Errors
/// When the server ends before, or does not answer within `patience`.
pub fn wait_for_health(server: &mut Group, address: SocketAddr, patience: Duration) -> Result<()> {
    let deadline = Instant::now() + patience;
    loop {
        if request(address, "GET", "/health", None).is_ok_and(|answer| answer.status == 200) {
            return Ok(());
        }
        if let Some(status) = server.try_wait()? {
            check_interrupted()?;
            return Err(Error::Command { command: server.name().to_owned(), status });
        }
        check_interrupted()?;
        if Instant::now() > deadline {
            return Err(Error::Check(format!(
                "http://{address}/health did not answer 200 within {} s",
                patience.as_secs()
            )));
        }
        thread::sleep(POLL);
    }
}

/// A loopback address whose port nobody uses at the moment.
///
/// # Errors
/// When there is none.
pub fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).doing("looking for a free port")?;
    listener.local_addr().doing("looking for a free port")
}

fn parse(answer: &str) -> Option<Answer> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()?;
    Some(Answer { status, body: body.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_and_body_are_read() {
        let answer = parse("HTTP/1.1 201 Created\r\nx: y\r\n\r\n{\"a\": 1}").unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (201, "{\"a\": 1}"));
        assert!(parse("nonsense").is_none());
    }

    #[test]
    fn a_free_address_can_be_bound() {
        let address = free_address().unwrap();
        TcpListener::bind(address).unwrap();
    }
}
