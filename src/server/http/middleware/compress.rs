//! Pages and answers of server functions, compressed whole: they are whole before they are sent, and what compresses
//! them can be used again. A compressor for each answer would hold most of a megabyte as long as the answer is under way.

use crate::server::{error::ServiceError, http::problem::Failure};
use axum::{
    body::Body,
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderValue, Method, header};
use http_body_util::BodyExt;
use std::{
    cell::RefCell,
    io::{self, Write},
};
use zstd::bulk::Compressor;

/// Bytes below which nothing is won.
const WORTH: usize = 512;
/// zstd's fastest level: a page is sent once.
const LEVEL: i32 = 1;

thread_local! {
    /// Each thread's own; made at its first page.
    static ZSTD: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
}

/// What a browser takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Zstd,
    Gzip,
}

impl Coding {
    /// The first of ours that is accepted; none when no one is.
    fn accepted(headers: &HeaderMap) -> Option<Self> {
        let lines = || headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
        let takes = |name: &str| {
            lines().flat_map(|line| line.split(',')).any(|coding| {
                let (coding, weight) = coding.split_once(';').unwrap_or((coding, ""));
                coding.trim().eq_ignore_ascii_case(name) && !is_zero(weight)
            })
        };
        [Self::Zstd, Self::Gzip].into_iter().find(|coding| takes(coding.name()))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
        }
    }

    fn compress(self, text: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Zstd => ZSTD.with_borrow_mut(|kept| match kept {
                Some(compressor) => compressor.compress(text),
                None => kept.insert(Compressor::new(LEVEL)?).compress(text),
            }),
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::with_capacity(text.len() / 3), Compression::fast());
                encoder.write_all(text)?;
                encoder.finish()
            }
        }
    }
}

/// Whether a weight (`q=0`, `q=0.5`) says *not this one*.
fn is_zero(weight: &str) -> bool {
    let value = weight.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
    value.is_some_and(|(_, value)| value.trim().parse::<f32>().is_ok_and(|value| value <= 0.0))
}

/// Compresses what is worth it and wanted so.
pub async fn compress(request: Request, next: Next) -> Response {
    let coding = Coding::accepted(request.headers());
    let has_body = *request.method() != Method::HEAD;
    let mut response = next.run(request).await;
    if !is_text(response.headers()) || response.headers().contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept-encoding"));
    let Some(coding) = coding.filter(|_| has_body) else { return response };
    let (mut head, body) = response.into_parts();
    let text = match body.collect().await {
        Ok(text) => text.to_bytes(),
        Err(error) => return Failure(ServiceError::internal("making a page", error)).into_response(),
    };
    let body = match packed(coding, &text) {
        Some(body) => {
            head.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
            head.headers.remove(header::CONTENT_LENGTH);
            Body::from(body)
        }
        None => Body::from(text),
    };
    Response::from_parts(head, body)
}

/// The text compressed, where that makes it smaller.
fn packed(coding: Coding, text: &Bytes) -> Option<Vec<u8>> {
    if text.len() < WORTH {
        return None;
    }
    match coding.compress(text) {
        Ok(mut packed) => {
            packed.shrink_to_fit();
            Some(packed).filter(|packed| packed.len() < text.len())
        }
        Err(error) => {
            // It goes as it is.
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                coding = coding.name(),
                "a page was not compressed"
            );
            None
        }
    }
}

fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.starts_with("text/") && kind != "text/event-stream" || kind.ends_with("json") || kind.ends_with("xml")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(line: &'static str) -> Option<Coding> {
        Coding::accepted(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(line))]))
    }

    #[test]
    fn a_browser_gets_what_it_takes() {
        assert_eq!(accepted("gzip, deflate, br, zstd"), Some(Coding::Zstd));
        assert_eq!(accepted("gzip, zstd;q=0"), Some(Coding::Gzip));
        assert_eq!(accepted("GZIP;q=0.3, zstd; Q=0.0"), Some(Coding::Gzip));
        for none in ["", "br", "identity", "gzip;q=0"] {
            assert_eq!(accepted(none), None, "{none}");
        }
    }

    #[test]
    fn what_is_compressed_reads_as_it_was() {
        let text = Bytes::from("A signal, and another signal. ".repeat(200));
        let zstd = packed(Coding::Zstd, &text).unwrap();
        assert_eq!(zstd::bulk::decompress(&zstd, text.len()).unwrap(), text);
        let gzip = packed(Coding::Gzip, &text).unwrap();
        let mut read = Vec::new();
        io::copy(&mut flate2::read::GzDecoder::new(&gzip[..]), &mut read).unwrap();
        assert_eq!(read, text);
        assert_eq!(packed(Coding::Zstd, &Bytes::from_static(b"short")), None);
    }

    #[test]
    fn pictures_and_streams_stay_as_they_are() {
        let is = |kind| is_text(&HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(kind))]));
        for kind in ["text/html; charset=utf-8", "application/json", "application/problem+json", "image/svg+xml"] {
            assert!(is(kind), "{kind}");
        }
        for kind in ["image/png", "text/event-stream", "application/octet-stream", ""] {
            assert!(!is(kind), "{kind}");
        }
    }
}
