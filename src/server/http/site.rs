//! What search engines ask of a site: which pages there are, and which are nobody's but their reader's.

use crate::{pages::head, server::state::AppState};
use axum::{Router, extract::State, response::IntoResponse, routing::get};
use http::header;
use std::fmt::Write;

/// `/robots.txt` and `/sitemap.xml`, with the site's public address in them.
pub fn routes() -> Router<AppState> {
    Router::new().route("/robots.txt", get(robots)).route("/sitemap.xml", get(sitemap))
}

async fn robots(State(state): State<AppState>) -> impl IntoResponse {
    let text = format!(
        "User-agent: *\nDisallow: /account\nDisallow: /dashboard\nDisallow: /api/\nDisallow: /fn/\nDisallow: /dev/\n\n\
         Sitemap: {}\n",
        state.config.link("/sitemap.xml")
    );
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text)
}

async fn sitemap(State(state): State<AppState>) -> impl IntoResponse {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                    <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
        .to_owned();
    for path in head::INDEXED {
        let address = state.config.link(path).replace('&', "&amp;");
        // Writing to a string does not fail.
        _ = writeln!(text, "  <url><loc>{address}</loc></url>");
    }
    text.push_str("</urlset>\n");
    ([(header::CONTENT_TYPE, "application/xml; charset=utf-8")], text)
}
