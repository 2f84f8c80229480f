//! As much HTTP as it takes to wait for a server on this machine.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Doing, Error, Result};
use crate::process::{Group, check_interrupted};

const TIMEOUT: Duration = Duration::from_secs(10);
/// Short: the time to the first answer is measured with it.
const POLL: Duration = Duration::from_millis(5);

/// The status that a GET is answered with.
fn status(address: SocketAddr, path: &str) -> Result<u16> {
    let exchange = || -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        // HTTP/1.0: the answer ends with the connection.
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    };
    let answer = exchange().doing(format!("GET http://{address}{path}"))?;
    parse(&String::from_utf8_lossy(&answer))
        .ok_or_else(|| Error::Check(format!("GET http://{address}{path}: no HTTP answer")))
}

/// Waits until `server` answers GET `/health` with 200 on `address`.
///
/// # Errors
/// When the server ends before, or does not answer within `patience`.
pub fn wait_for_health(server: &mut Group, address: SocketAddr, patience: Duration) -> Result<()> {
    let deadline = Instant::now() + patience;
    loop {
        if status(address, "/health").is_ok_and(|status| status == 200) {
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

/// The status in an answer's first line.
fn parse(answer: &str) -> Option<u16> {
    answer.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_read() {
        assert_eq!(parse("HTTP/1.1 201 Created\r\nx: y\r\n\r\n"), Some(201));
        assert_eq!(parse("nonsense"), None);
    }

    #[test]
    fn a_free_address_can_be_bound() {
        let address = free_address().unwrap();
        TcpListener::bind(address).unwrap();
    }
}
