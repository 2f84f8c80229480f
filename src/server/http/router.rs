//! The route table: the API, the pages, the files; and what stands before them.

use crate::{
    api::error::Problem,
    app::{App, shell},
    components::shared::SharedTexts,
    domain::backtest::ChartScript,
    server::{
        http::{
            health,
            middleware::{self, compress::compress, error_page::wants_page, form_error::form_error, whole::whole},
            openapi,
            problem::{self, X_REQUEST_ID, not_allowed},
            rest,
        },
        state::AppState,
    },
};
use axum::{
    Router,
    extract::{FromRef, Request},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use leptos::prelude::{LeptosOptions, provide_context};
use leptos_axum::{LeptosRoutes, generate_route_list};
use std::sync::Arc;
use tower::{ServiceBuilder, ServiceExt, util::option_layer};
use tower_http::{catch_panic::CatchPanicLayer, cors::CorsLayer, services::ServeDir};

/// Everything the program answers.
pub fn router(state: AppState) -> Router {
    // One layer of all: of several a router boxes each, and every request clones each box in each.
    let before = ServiceBuilder::new()
        .layer(from_fn_with_state(state.clone(), middleware::outer))
        .layer(option_layer(cors(&state)))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(state.clone(), middleware::inner));
    Router::new().merge(api()).merge(site(&state)).layer(before).with_state(state)
}

/// The HTTP API: under `/api/v1`, the prototype's routes at the root too, and their description.
fn api() -> Router<AppState> {
    let (versioned, document) = openapi::documented(rest::v1()).split_for_parts();
    let (root, _) = rest::prototype().split_for_parts();
    Router::new()
        .merge(versioned)
        .merge(root)
        .nest("/api/v1", rest::market::short_routes())
        .route("/api/v1/", axum::routing::get(health::info))
        .route("/metrics", axum::routing::get(health::metrics))
        .merge(openapi::pages(document))
        .method_not_allowed_fallback(not_allowed)
}

/// The pages, their server functions and files; what is none of these is not found.
fn site(state: &AppState) -> Router<AppState> {
    let (context, options) = (state.clone(), LeptosOptions::from_ref(state));
    let charts = ChartScript(state.assets.entry.lab.chart.clone());
    let texts = SharedTexts::default();
    let provide = move || {
        provide_context(context.clone());
        provide_context(charts.clone());
        provide_context(texts.clone());
    };
    let render = {
        let options = options.clone();
        move || shell(options.clone())
    };
    let pages = leptos_axum::render_app_async_with_context(provide.clone(), render.clone());
    let lab = &state.assets.entry.lab;
    let workers: Arc<[String]> = [&lab.worker, &lab.checker].map(Clone::clone).into();
    let files = ServeDir::new(&state.assets.root)
        .precompressed_br()
        .precompressed_gzip()
        .append_index_html_on_directories(false);
    Router::new()
        .merge(super::site::routes())
        .leptos_routes_with_context(state, generate_route_list(App), provide, render)
        .method_not_allowed_fallback(not_allowed)
        .layer(from_fn(compress))
        .fallback(move |request: Request| {
            let (files, pages, workers) = (files.clone(), pages.clone(), Arc::clone(&workers));
            async move { file_or_not_found(files, pages, &workers, request).await }
        })
        .layer(ServiceBuilder::new().layer(from_fn_with_state(state.clone(), form_error)).layer(from_fn(whole)))
}

/// The policy of a worker that computes: it runs its module and can do nothing else.
const WORKER: &str = "default-src 'none'; script-src 'wasm-unsafe-eval'";

async fn file_or_not_found<F, P>(files: ServeDir, pages: F, workers: &[String], request: Request) -> Response
where
    F: Fn(Request) -> P,
    P: Future<Output = Response>,
{
    let path = request.uri().path();
    let (is_api, is_hashed) = (path.starts_with("/api/"), path.starts_with("/pkg/"));
    let is_worker = workers.iter().any(|worker| worker == path);
    let wants_page = wants_page(request.headers());
    let (parts, body) = request.into_parts();
    if parts.method.is_safe() && !is_api {
        let file = files.oneshot(http::Request::from_parts(parts.clone(), axum::body::Body::empty())).await;
        let Ok(mut file) = file.map(IntoResponse::into_response);
        if file.status() != http::StatusCode::NOT_FOUND {
            let kept = if is_hashed { "public, max-age=31536000, immutable" } else { "public, max-age=3600" };
            file.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
            if is_worker {
                file.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(WORKER));
            }
            return file;
        }
        if wants_page {
            let mut page = pages(Request::from_parts(parts, body)).await;
            *page.status_mut() = http::StatusCode::NOT_FOUND;
            return page;
        }
    }
    Problem::new(404, "not_found", "Not found").detail("There is nothing at this address.").into_response()
}

/// Browsers on the named origins may call the API with a bearer token; cookies stay at home. Refusals are told there too.
fn cors(state: &AppState) -> Option<CorsLayer> {
    let origins = Some(&state.config.allowed_origins).filter(|origins| !origins.is_empty())?;
    let told = [header::RETRY_AFTER, X_REQUEST_ID].into_iter().chain(problem::RATE_LIMIT);
    let layer = CorsLayer::new()
        .allow_origin(origins.clone())
        .allow_methods([http::Method::GET, http::Method::POST, http::Method::PATCH, http::Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers(told.collect::<Vec<_>>());
    Some(layer)
}

fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text =
        panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    let cause = text.unwrap_or_else(|| "a panic without words".to_owned());
    problem::Failure(crate::server::error::ServiceError::internal("answering", cause)).into_response()
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        Self::builder()
            .output_name("signalbox")
            .site_root(state.assets.root.display().to_string())
            .site_addr(state.config.site.addr)
            .build()
    }
}
