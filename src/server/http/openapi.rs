//! The API's description, made from its handlers, and the pages that show it.

use crate::{
    api::error::Problem,
    server::{
        http::problem::{self, RATE_LIMIT, X_REQUEST_ID},
        state::AppState,
    },
};
use axum::{
    Router,
    middleware::map_response,
    response::{Redirect, Response},
    routing::get,
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Header, HeaderBuilder, Object, RefOr, Response as Answer, Type,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// Where the description is.
const ADDRESS: &str = "/openapi.json";

/// What is not told by the handlers themselves.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Signalbox",
        description = "Trading signals computed from real candles, with a record that proves itself. Not investment advice.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(Problem)),
    modifiers(&Bearer)
)]
struct Document;

/// How programs show who they are.
struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        document.components.get_or_insert_default().add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// `routes` under `/api/v1`, with their description.
pub fn documented(routes: OpenApiRouter<AppState>) -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Document::openapi()).nest("/api/v1", routes)
}

/// The description itself and the pages that show it, at the root and under `/api/v1`. It is kept as the text that is sent:
/// as a tree it holds several mebibytes.
pub fn pages(mut document: utoipa::openapi::OpenApi) -> Router<AppState> {
    describe(&mut document);
    let text = Bytes::from(document.to_json().expect("a description has a JSON form"));
    let described = get(move || async move { ([(header::CONTENT_TYPE, "application/json")], text) });
    let ui = SwaggerUi::new("/docs").config(Config::from(ADDRESS));
    Router::new()
        .merge(Router::from(ui).layer(map_response(allow_own_styles)))
        .route(ADDRESS, described.clone())
        .route("/api/v1/openapi.json", described)
        .route("/api/v1/docs", get(|| async { Redirect::permanent("/docs/") }))
}

/// Tells of each answer what is not its handler's.
fn describe(document: &mut utoipa::openapi::OpenApi) {
    for path in document.paths.paths.values_mut() {
        for operation in [&mut path.get, &mut path.post, &mut path.put, &mut path.patch, &mut path.delete] {
            let responses = operation.iter_mut().flat_map(|operation| &mut operation.responses.responses);
            for (status, response) in responses {
                if let (Ok(status), RefOr::T(answer)) = (StatusCode::from_bytes(status.as_bytes()), response) {
                    describe_answer(status, answer);
                }
            }
        }
    }
}

/// Its status' name, where nothing else is to be said: the standard wants a description of each. And the headers that come
/// with the status, whatever the handler.
fn describe_answer(status: StatusCode, answer: &mut Answer) {
    if answer.description.is_empty() {
        status.canonical_reason().unwrap_or("Answer").clone_into(&mut answer.description);
    }
    let is_problem = answer.content.contains_key(problem::MEDIA_TYPE);
    for (name, kind, text) in headers(status, is_problem) {
        answer.headers.insert(name.to_string(), header_of(kind, text).into());
    }
}

/// The headers of an answer: name, type and meaning.
fn headers(status: StatusCode, is_problem: bool) -> Vec<(HeaderName, Type, &'static str)> {
    let [limit, remaining, reset] = RATE_LIMIT;
    let retry_after = (header::RETRY_AFTER, Type::Integer, "Seconds until it is worth another try");
    let mut headers = match status {
        StatusCode::UNAUTHORIZED => vec![(header::WWW_AUTHENTICATE, Type::String, "The scheme: `Bearer`")],
        StatusCode::METHOD_NOT_ALLOWED => vec![(header::ALLOW, Type::String, "The methods of this path")],
        StatusCode::TOO_MANY_REQUESTS => vec![
            retry_after,
            (limit, Type::Integer, "Requests allowed in the window"),
            (remaining, Type::Integer, "Requests left of it: 0"),
            (reset, Type::Integer, "Seconds until one more is allowed"),
        ],
        StatusCode::SERVICE_UNAVAILABLE if is_problem => vec![retry_after],
        _ => Vec::new(),
    };
    headers.push((X_REQUEST_ID, Type::String, "Names the request in the log"));
    headers
}

fn header_of(kind: Type, text: &str) -> Header {
    HeaderBuilder::new().schema(Some(Object::with_type(kind))).description(Some(text)).build()
}

/// Swagger UI sets styles on elements and draws icons from data addresses.
async fn allow_own_styles(mut response: Response) -> Response {
    let policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}
