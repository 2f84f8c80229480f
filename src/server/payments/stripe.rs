//! Sending a request that async-stripe built: timeouts, a few tries under one idempotency key, and errors told apart.
//!
//! async-stripe's own client reads a refusal with all that may be expanded in it, and so brings the readers of nearly
//! every type that Stripe has: most of the program's text. Of a refusal we want four words.

use super::error::PaymentsError;
use crate::server::error::BoxError;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client as HttpClient, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde::{Deserialize, de::DeserializeOwned};
use std::{fmt::Display, time::Duration};
use stripe_client_core::{RequestBuilder, StripeMethod, StripeRequest};
use url::Url;

/// Where Stripe is.
const STRIPE: &str = "https://api.stripe.com/";
/// How long one try may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Tries of one call; what still fails then is for the caller, or its job, to try later.
const TRIES: u32 = 2;
/// Before the second try.
const PAUSE: Duration = Duration::from_millis(200);
/// Bytes of an answer; a page of a hundred customers has some hundred thousand.
const LARGEST: usize = 8 << 20;

/// A client of Stripe's API.
pub(super) struct Client {
    http: HttpClient<HttpsConnector<HttpConnector>, Full<Bytes>>,
    /// With a slash at its end.
    base: String,
    /// The secret key, as it is sent.
    authorization: HeaderValue,
}

/// What Stripe says when it refuses.
#[derive(Deserialize)]
struct Refusal {
    error: Reason,
}

#[derive(Deserialize)]
struct Reason {
    #[serde(rename = "type")]
    kind: String,
    code: Option<String>,
    param: Option<String>,
    message: Option<String>,
}

impl Client {
    /// For a secret key; `base` is where the API is, Stripe's own when `None`.
    ///
    /// # Errors
    /// When the key cannot be sent.
    pub(super) fn new(secret: &str, base: Option<&Url>) -> Result<Self, BoxError> {
        let mut authorization = HeaderValue::try_from(format!("Bearer {secret}"))?;
        authorization.set_sensitive(true);
        let connector = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
        // Calls are few: a connection that was kept would as a rule be gone when the next one comes.
        let http = HttpClient::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        let base = base.map_or(STRIPE, Url::as_str).trim_end_matches('/');
        Ok(Self { http, base: format!("{base}/"), authorization })
    }

    /// Asks for something, or changes it to what it may be already: tried again without an idempotency key.
    pub(super) async fn call<T: DeserializeOwned>(&self, request: &impl StripeRequest) -> Result<T, PaymentsError> {
        self.tried(request.build(), None).await
    }

    /// Makes something once, however often `key` comes.
    pub(super) async fn make<T: DeserializeOwned>(
        &self,
        request: &impl StripeRequest,
        key: &str,
    ) -> Result<T, PaymentsError> {
        let key = HeaderValue::from_str(key).map_err(unsendable)?;
        self.tried(request.build(), Some(key)).await
    }

    async fn tried<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
        key: Option<HeaderValue>,
    ) -> Result<T, PaymentsError> {
        let request = self.request(request, key).map_err(unsendable)?;
        let mut tries = 1;
        loop {
            let late = |_| PaymentsError::Unavailable(format!("no answer within {TIMEOUT:?}"));
            match tokio::time::timeout(TIMEOUT, self.send(request.clone())).await.map_err(late).flatten() {
                Ok(answer) => {
                    return serde_json::from_slice(&answer)
                        .map_err(|error| PaymentsError::Unreadable(error.to_string()));
                }
                Err(PaymentsError::Unavailable(_)) if tries < TRIES => tokio::time::sleep(PAUSE).await,
                Err(error) => return Err(error),
            }
            tries += 1;
        }
    }

    /// As it goes over the wire.
    fn request(&self, asked: RequestBuilder, key: Option<HeaderValue>) -> Result<Request<Full<Bytes>>, http::Error> {
        let RequestBuilder { query, body, path, method } = asked;
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let method = match method {
            StripeMethod::Get => Method::GET,
            StripeMethod::Post => Method::POST,
            StripeMethod::Delete => Method::DELETE,
        };
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}v1{path}{query}", self.base))
            .header(header::AUTHORIZATION, self.authorization.clone())
            .header(header::USER_AGENT, concat!("signalbox/", env!("CARGO_PKG_VERSION")))
            .header("stripe-version", stripe_shared::version::VERSION.as_str());
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        request.body(Full::from(body.unwrap_or_default()))
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Result<Bytes, PaymentsError> {
        let answer = self.http.request(request).await.map_err(unreachable)?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), LARGEST).collect().await.map_err(unreachable)?.to_bytes();
        if status.is_success() { Ok(body) } else { Err(told_apart(status.as_u16(), &body)) }
    }
}

/// What an answer that is no success says.
fn told_apart(status: u16, body: &[u8]) -> PaymentsError {
    // A gateway's page in place of an error of Stripe's says nothing of what was asked for.
    let Ok(Refusal { error }) = serde_json::from_slice(body) else {
        return PaymentsError::Unavailable(format!("{status}, without a reason"));
    };
    let message = error.message.unwrap_or_default();
    // 409: another request with this idempotency key is under way.
    if status >= 500 || matches!(status, 409 | 429) {
        return PaymentsError::Unavailable(format!("{status} {message}"));
    }
    let code = error.code.unwrap_or(error.kind);
    PaymentsError::Refused { status, code, param: error.param.unwrap_or_default(), message }
}

/// With what it came from: a connection's own words say only that there is none.
fn unreachable(error: impl Into<BoxError>) -> PaymentsError {
    let error = error.into();
    let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
    PaymentsError::Unavailable(format!("{error}{cause}"))
}

fn unsendable(error: impl Display) -> PaymentsError {
    PaymentsError::Unreadable(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_no_outage() {
        let body =
            br#"{"error":{"type":"invalid_request_error","code":"resource_missing","param":"id","message":"No such"}}"#;
        let PaymentsError::Refused { status, code, param, message } = told_apart(404, body) else {
            panic!("no refusal")
        };
        assert_eq!((status, &*code, &*param, &*message), (404, "resource_missing", "id", "No such"));
        let bare = br#"{"error":{"type":"card_error"}}"#;
        let PaymentsError::Refused { code, .. } = told_apart(402, bare) else { panic!("no refusal") };
        assert_eq!(code, "card_error");
    }

    #[test]
    fn what_may_be_tried_again_is_an_outage() {
        let body = br#"{"error":{"type":"api_error"}}"#;
        for status in [409, 429, 500, 503] {
            assert!(matches!(told_apart(status, body), PaymentsError::Unavailable(_)), "{status}");
        }
        assert!(matches!(told_apart(404, b"<html>"), PaymentsError::Unavailable(_)));
    }

    #[test]
    fn a_request_goes_where_it_should_with_its_key() {
        let base = Url::parse("http://127.0.0.1:1/proxy").unwrap();
        let client = Client::new("sk_test_x", Some(&base)).unwrap();
        let asked = RequestBuilder::new(StripeMethod::Post, "/customers").form(&[("email", "a@b.c")]);
        let sent = client.request(asked, Some(HeaderValue::from_static("k"))).unwrap();
        assert_eq!(
            (sent.method(), sent.uri().to_string().as_str()),
            (&Method::POST, "http://127.0.0.1:1/proxy/v1/customers")
        );
        let header = |name| sent.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        assert_eq!(header("authorization"), Some("Bearer sk_test_x"));
        assert_eq!(
            (header("idempotency-key"), header("content-type")),
            (Some("k"), Some("application/x-www-form-urlencoded"))
        );
        assert!(Client::new("sk\n", None).is_err(), "a key that cannot be sent");
    }
}
