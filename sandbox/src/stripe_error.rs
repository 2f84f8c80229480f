use axum::http::StatusCode;
use serde_json::{Map, Value, json};

/// An error as Stripe answers it.
#[derive(Debug, Clone, PartialEq)]
pub struct StripeError {
    /// The HTTP status.
    pub status: StatusCode,
    kind: &'static str,
    message: String,
    extra: Map<String, Value>,
}

impl StripeError {
    /// A request that cannot be done as it was made: 400.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
    }

    /// A parameter with a wrong value.
    pub fn parameter(param: &str, code: &str, message: impl Into<String>) -> Self {
        Self::invalid(message).with("code", code).with("param", param)
    }

    /// A parameter that must be there and is not.
    pub fn missing(param: &str) -> Self {
        Self::parameter(param, "parameter_missing", format!("Missing required param: {param}."))
    }

    /// An id in the address that names nothing: 404.
    pub fn no_such(noun: &str, id: &str, param: &str) -> Self {
        Self::no_such_parameter(noun, id, param).not_found()
    }

    /// An id in a parameter that names nothing: 400.
    pub fn no_such_parameter(noun: &str, id: &str, param: &str) -> Self {
        Self::parameter(param, "resource_missing", format!("No such {noun}: '{id}'"))
    }

    /// A parameter of Stripe's that the sandbox does nothing with.
    pub fn unserved(param: &str) -> Self {
        Self::invalid(format!("The sandbox does not serve {param}.")).with("param", param)
    }

    /// An address that Stripe (or this part of it) does not have: 404.
    pub fn unknown_url(method: &str, path: &str) -> Self {
        let message = format!(
            "Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/."
        );
        Self::new(StatusCode::NOT_FOUND, "invalid_request_error", message)
    }

    /// A key that is missing or not one of the test keys: 401.
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_request_error", message)
    }

    /// An idempotency key that was used for another request: 400.
    pub fn idempotency(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "idempotency_error", message)
    }

    /// A failure on Stripe's side: 500.
    pub fn api(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "api_error", message)
    }

    /// A card that was refused: 402.
    pub fn card(code: &str, decline_code: Option<&str>, message: impl Into<String>) -> Self {
        let error = Self::new(StatusCode::PAYMENT_REQUIRED, "card_error", message).with("code", code);
        match decline_code {
            Some(decline) => error.with("decline_code", decline),
            None => error,
        }
    }

    /// The same error with one more field.
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(field.to_owned(), value.into());
        self
    }

    /// The same error as 404.
    pub fn not_found(self) -> Self {
        Self { status: StatusCode::NOT_FOUND, ..self }
    }

    /// The answer's body.
    pub fn body(&self, request_id: &str) -> Value {
        let mut error = self.extra.clone();
        error.insert("type".into(), self.kind.into());
        error.insert("message".into(), self.message.clone().into());
        if let Some(code) = self.extra.get("code").and_then(Value::as_str) {
            let page = code.replace('_', "-");
            error.insert("doc_url".into(), format!("https://stripe.com/docs/error-codes/{page}").into());
        }
        let log = format!("https://dashboard.stripe.com/test/logs/{request_id}");
        error.insert("request_log_url".into(), log.into());
        json!({ "error": error })
    }

    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, message: message.into(), extra: Map::new() }
    }
}
