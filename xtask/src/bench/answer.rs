//! Where an HTTP/1.1 answer ends in the bytes read so far.

use std::io;

/// A complete answer at the start of a buffer.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Bytes of head and body.
    pub length: usize,
    /// The server closes the connection after it.
    pub last: bool,
}

/// The first answer in `bytes`, `None` while it is incomplete.
///
/// # Errors
/// When the bytes are no HTTP answer.
pub fn first(bytes: &[u8]) -> io::Result<Option<Answer>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Response::new(&mut headers);
    let parsed = head.parse(bytes).map_err(io::Error::other)?;
    let httparse::Status::Complete(body_at) = parsed else { return Ok(None) };
    let status = head.code.unwrap_or_default();
    let header = |name: &str| {
        let found = head.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        found.and_then(|header| std::str::from_utf8(header.value).ok())
    };
    let last = header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
    let body = &bytes[body_at..];
    let length = if status == 204 || status == 304 {
        Some(0)
    } else if let Some(length) = header("content-length") {
        let length: usize = length.trim().parse().map_err(io::Error::other)?;
        (body.len() >= length).then_some(length)
    } else {
        chunked(body)?
    };
    Ok(length.map(|length| Answer { status, length: body_at + length, last }))
}

/// The length of a whole chunked body; trailers are not used by this server.
fn chunked(body: &[u8]) -> io::Result<Option<usize>> {
    let mut at = 0;
    loop {
        let parsed = httparse::parse_chunk_size(&body[at..]);
        let parsed = parsed.map_err(|_| io::Error::other("a chunk without a size"))?;
        let httparse::Status::Complete((data_at, size)) = parsed else { return Ok(None) };
        let size = usize::try_from(size).map_err(io::Error::other)?;
        at += data_at + size + 2;
        if at > body.len() {
            return Ok(None);
        }
        if size == 0 {
            return Ok(Some(at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(text: &str) -> Option<usize> {
        first(text.as_bytes()).unwrap().map(|answer| answer.length)
    }

    #[test]
    fn a_counted_body_ends_where_its_header_says() {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP";
        assert_eq!(length(text), Some(text.len() - 4));
        assert_eq!(length("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab"), None);
        assert_eq!(length("HTTP/1.1 200 OK\r\nConte"), None);
    }

    #[test]
    fn a_chunked_body_ends_with_the_empty_chunk() {
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        let whole = format!("{head}3\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n");
        assert_eq!(length(&whole), Some(whole.len()));
        for end in head.len()..whole.len() {
            assert_eq!(length(&whole[..end]), None, "{end}");
        }
    }

    #[test]
    fn an_answer_without_a_body_is_its_head() {
        let text = "HTTP/1.1 304 Not Modified\r\nConnection: Close\r\n\r\n";
        let answer = first(text.as_bytes()).unwrap().unwrap();
        assert_eq!(answer, Answer { status: 304, length: text.len(), last: true });
        assert!(first(b"nonsense\r\n\r\n").is_err());
    }
}
