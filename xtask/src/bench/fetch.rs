//! One request at a time, with headers and the answer's bytes as they came:
//! what a measurement needs around its load.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::error::{Doing, Error, Result};

const TIMEOUT: Duration = Duration::from_secs(30);

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    /// As sent: compressed when `content-encoding` says so.
    pub body: Vec<u8>,
}

impl Answer {
    /// Every value of a header.
    pub fn headers<'answer>(&'answer self, name: &'answer str) -> impl Iterator<Item = &'answer str> {
        let named = self.headers.iter().filter(move |(found, _)| found.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A text of the JSON body.
    ///
    /// # Errors
    /// When there is no such text; the answer is shown.
    pub fn json_text(&self, field: &str) -> Result<String> {
        let value: serde_json::Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let text = value[field].as_str().map(str::to_owned);
        text.ok_or_else(|| Error::Check(format!("no `{field}` in the answer {}: {}", self.status, self.text())))
    }
}

/// A GET. `headers` are whole lines, each with its line end.
///
/// # Errors
/// When nobody answers, or with another status than 200.
pub fn get(address: SocketAddr, path: &str, headers: &str) -> Result<Answer> {
    let answer = send(address, "GET", path, headers, "")?;
    expect(answer, 200, &format!("GET {path}"))
}

/// A POST of JSON.
///
/// # Errors
/// When nobody answers, or with another status than `status`.
pub fn post_json(address: SocketAddr, path: &str, headers: &str, body: &str, status: u16) -> Result<Answer> {
    let headers = format!("Content-Type: application/json\r\n{headers}");
    expect(send(address, "POST", path, &headers, body)?, status, &format!("POST {path}"))
}

/// A POST of an encoded form; a redirect is an answer.
///
/// # Errors
/// When nobody answers, or with another status than a redirect to a GET.
pub fn post_form(address: SocketAddr, path: &str, headers: &str, body: &str) -> Result<Answer> {
    let headers = format!("Content-Type: application/x-www-form-urlencoded\r\n{headers}");
    let answer = send(address, "POST", path, &headers, body)?;
    let status = if answer.status == 302 { 302 } else { 303 };
    expect(answer, status, &format!("POST {path}"))
}

fn expect(answer: Answer, status: u16, what: &str) -> Result<Answer> {
    if answer.status == status {
        return Ok(answer);
    }
    Err(Error::Check(format!("{what} answered {} instead of {status}: {}", answer.status, answer.text())))
}

fn send(address: SocketAddr, method: &str, path: &str, headers: &str, body: &str) -> Result<Answer> {
    let exchange = || -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        // HTTP/1.0: the answer ends with the connection and is never chunked.
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            body.len()
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    };
    let bytes = exchange().doing(format!("{method} http://{address}{path}"))?;
    parse(&bytes).ok_or_else(|| Error::Check(format!("{method} http://{address}{path}: no HTTP answer")))
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(body_at) = head.parse(bytes).ok()? else { return None };
    let owned =
        |header: &httparse::Header<'_>| (header.name.to_owned(), String::from_utf8_lossy(header.value).into_owned());
    Some(Answer {
        status: head.code?,
        headers: head.headers.iter().map(owned).collect(),
        body: bytes[body_at..].to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_repeat_and_bodies_are_bytes() {
        let answer = parse(b"HTTP/1.0 303 See Other\r\nset-cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n\xff\x00").unwrap();
        assert_eq!(answer.headers("set-cookie").collect::<Vec<_>>(), ["a=1", "b=2"]);
        assert_eq!((answer.status, &*answer.body), (303, &b"\xff\x00"[..]));
        assert!(expect(answer, 200, "it").unwrap_err().to_string().contains("303 instead of 200"));
        assert!(parse(b"nonsense").is_none());
    }

    #[test]
    fn a_text_of_json_is_there_or_missed() {
        let answer = parse(b"HTTP/1.1 200 OK\r\n\r\n{\"a\":\"b\",\"n\":1}").unwrap();
        assert_eq!(answer.json_text("a").unwrap(), "b");
        assert!(answer.json_text("n").is_err());
    }
}
