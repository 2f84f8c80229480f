//! Bodies, queries and path parts, parsed or refused with a problem that names the field.

mod by_name;
mod once;

use crate::{
    domain::field::FieldError,
    server::{
        error::ServiceError,
        http::{problem::Failure, timely::is_too_slow},
        service::client::Client,
    },
};
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request, rejection::BytesRejection},
};
use by_name::ByName;
use http::{HeaderMap, StatusCode, header, request::Parts};
use mime::Mime;
use once::Once;
use serde::de::{DeserializeOwned, value::MapDeserializer};

/// Told of a field that is missing.
const REQUIRED: &str = "This field is required.";

/// A JSON body. Faults of syntax are 400, faults of fields 422, unknown fields among them where the type denies them.
pub struct Json<T>(pub T);

/// The query string.
pub struct Query<T>(pub T);

/// The path's parts. A part that does not parse names nothing: 404.
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let kind = media_type(request.headers());
        if !kind.is_some_and(|kind| is_json(&kind)) {
            return Err(unreadable("Send JSON with `Content-Type: application/json`."));
        }
        let body = Bytes::from_request(request, state).await.map_err(refused_body)?;
        parse_json(&body).map(Self).map_err(Failure)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        let query = parts.uri.query().unwrap_or_default();
        parse_form(query.as_bytes()).map(Self).map_err(Failure)
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|path| Self(path.0)).map_err(|_| Failure(ServiceError::NotFound("thing")))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        let client = parts.extensions.get::<Self>().cloned();
        client.ok_or_else(|| Failure(ServiceError::internal("reading the client", "the middleware did not set it")))
    }
}

/// The media type of a body, as the request names it.
pub fn media_type(headers: &HeaderMap) -> Option<Mime> {
    headers.get(header::CONTENT_TYPE)?.to_str().ok()?.parse().ok()
}

fn is_json(kind: &Mime) -> bool {
    kind.type_() == mime::APPLICATION && (kind.subtype() == mime::JSON || kind.suffix() == Some(mime::JSON))
}

/// Parses a JSON text.
///
/// # Errors
/// `Unreadable` when it is no JSON, `Invalid` when it is no object, or a field is missing, unknown, there twice or of
/// another type.
pub fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, ServiceError> {
    let Once(value) = serde_json::from_slice(body).map_err(|error| {
        if error.is_data() {
            return fault("body", &error.to_string());
        }
        ServiceError::Unreadable(format!("The body is no JSON: {error}."))
    })?;
    serde_path_to_error::deserialize(ByName(value)).map_err(|error| field_fault(&error))
}

/// Parses the pairs of a form or of a query.
///
/// # Errors
/// `Invalid` when a field is missing, unknown, there twice or of another type.
pub fn parse_form<T: DeserializeOwned>(text: &[u8]) -> Result<T, ServiceError> {
    let pairs = MapDeserializer::<_, serde::de::value::Error>::new(Pairs(url::form_urlencoded::parse(text)));
    serde_path_to_error::deserialize(pairs).map_err(|error| field_fault(&error))
}

/// What serde says of a server function's arguments, as a refusal: a missing one is named, all else is unreadable.
pub fn argument_fault(text: &str) -> ServiceError {
    match quoted(text, "missing field `") {
        Some(field) => ServiceError::field(&field, REQUIRED),
        None => ServiceError::Unreadable("Reload the page and try again.".to_owned()),
    }
}

/// A body that could not be read: too large, too slow, or broken off.
pub fn refused_body(rejection: BytesRejection) -> Failure {
    if is_too_slow(&rejection) {
        return Failure(ServiceError::TooSlow);
    }
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Failure(ServiceError::TooLarge);
    }
    unreadable("The body broke off.")
}

fn unreadable(detail: &str) -> Failure {
    Failure(ServiceError::Unreadable(detail.to_owned()))
}

/// The pairs of a form, as serde reads them.
struct Pairs<'a>(url::form_urlencoded::Parse<'a>);

impl<'a> Iterator for Pairs<'a> {
    type Item = (std::borrow::Cow<'a, str>, QueryValue<'a>);
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, value)| (name, QueryValue(value)))
    }
}

/// A form's value: a text that may stand for a number or a truth.
struct QueryValue<'a>(std::borrow::Cow<'a, str>);

impl<'de> serde::de::IntoDeserializer<'de, serde::de::value::Error> for QueryValue<'de> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parsed {
    ($($method:ident => $visit:ident: $type:ty),* $(,)?) => {
        $(fn $method<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            match self.0.parse::<$type>() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(serde::de::Error::invalid_value(serde::de::Unexpected::Str(&self.0), &visitor)),
            }
        })*
    };
}

impl<'de> serde::Deserializer<'de> for QueryValue<'de> {
    type Error = serde::de::value::Error;

    fn deserialize_any<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0 {
            std::borrow::Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            std::borrow::Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn deserialize_option<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: serde::de::Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: serde::de::Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_enum(serde::de::value::CowStrDeserializer::new(self.0))
    }

    parsed! {
        deserialize_bool => visit_bool: bool,
        deserialize_u32 => visit_u32: u32,
        deserialize_u64 => visit_u64: u64,
        deserialize_i64 => visit_i64: i64,
        deserialize_f64 => visit_f64: f64,
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u128 f32 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map
        struct identifier ignored_any
    }
}

/// A deserialisation fault as the fault of the field it is about.
fn field_fault<E: std::fmt::Display>(error: &serde_path_to_error::Error<E>) -> ServiceError {
    let path = error.path().to_string();
    fault(if path == "." { "body" } else { &path }, &error.inner().to_string())
}

/// What serde says, as the fault of the field that it names, else of the one that was read.
fn fault(here: &str, text: &str) -> ServiceError {
    let told = [
        ("missing field `", REQUIRED),
        ("unknown field `", "There is no such field."),
        ("duplicate field `", "Send this field once."),
    ];
    let named = told.into_iter().find_map(|(start, message)| Some(FieldError::new(&quoted(text, start)?, message)));
    ServiceError::Invalid(vec![named.unwrap_or_else(|| FieldError::new(here, format!("Not as expected: {text}.")))])
}

/// What stands between `start` and the next backtick, where a text begins so.
fn quoted(text: &str, start: &str) -> Option<String> {
    text.strip_prefix(start)?.split('`').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Asked {
        email: String,
        limit: Option<u32>,
    }

    fn faults(result: Result<Asked, ServiceError>) -> String {
        match result {
            Err(ServiceError::Invalid(fields)) => {
                fields.into_iter().map(|fault| fault.field).collect::<Vec<_>>().join(",")
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn faults_name_their_field() {
        assert_eq!(faults(parse_json(b"{}")), "email");
        assert_eq!(faults(parse_json(br#"{"email":"a","admin":true}"#)), "admin");
        assert_eq!(faults(parse_json(br#"{"email":7}"#)), "email");
        for no_object in [&b"null"[..], b"[]", br#"["a",5]"#, br#""a""#, b"7"] {
            assert_eq!(faults(parse_json(no_object)), "body");
        }
        assert!(matches!(parse_json::<Asked>(b"{"), Err(ServiceError::Unreadable(_))));
        assert_eq!(parse_json::<Asked>(br#"{"email":"a"}"#).map(|asked| asked.email).ok(), Some("a".to_owned()));
    }

    #[test]
    fn queries_are_parsed_and_refused_by_field() {
        let asked: Asked = parse_form(b"email=a%20b&limit=5").unwrap();
        assert_eq!((asked.email.as_str(), asked.limit), ("a b", Some(5)));
        assert_eq!(faults(parse_form(b"email=a&limit=many")), "limit");
    }

    #[test]
    fn a_field_is_taken_once() {
        assert_eq!(faults(parse_form(b"email=a&limit=5&email=a")), "email");
        assert_eq!(faults(parse_form(b"limit=5&email=a&limit=5")), "limit");
        assert_eq!(faults(parse_json(br#"{"email":"a","email":"a"}"#)), "email");
        assert_eq!(faults(parse_json(br#"{"email":"a","other":[{"deep":1,"deep":null}]}"#)), "deep");
    }
}
