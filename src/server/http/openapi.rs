//! The API's description, made from its handlers, and the pages that show it.

use crate::{api::error::Problem, server::state::AppState};
use axum::{
    Router,
    middleware::map_response,
    response::{Redirect, Response},
    routing::get,
};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        RefOr,
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

/// Gives answers of which nothing is to be said their status' name: the standard wants a description of each.
fn describe(document: &mut utoipa::openapi::OpenApi) {
    for path in document.paths.paths.values_mut() {
        for operation in [&mut path.get, &mut path.post, &mut path.put, &mut path.patch, &mut path.delete] {
            let responses = operation.iter_mut().flat_map(|operation| &mut operation.responses.responses);
            for (status, response) in responses {
                if let RefOr::T(response) = response
                    && response.description.is_empty()
                {
                    let name =
                        StatusCode::from_bytes(status.as_bytes()).ok().and_then(|status| status.canonical_reason());
                    name.unwrap_or("Answer").clone_into(&mut response.description);
                }
            }
        }
    }
}

/// Swagger UI sets styles on elements and draws icons from data addresses.
async fn allow_own_styles(mut response: Response) -> Response {
    let policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}
