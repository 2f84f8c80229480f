//! What a browser loads before a page is interactive.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::server::Server;
use super::subscriber::Subscriber;
use super::table::{Goal, Row};
use super::{fetch, references};
use crate::error::{Error, Result};
use crate::project::Project;
use crate::scratch::Scratch;

/// The sizes of the landing page and of all that it loads, as the server
/// sends them to a browser that takes brotli, and of what a paying user's
/// login and dashboard load.
///
/// # Errors
/// When a file is missing, comes uncompressed, or a page loads none.
pub fn run(project: &Project) -> Result<Vec<Row>> {
    let scratch = Scratch::new("bench")?;
    let server = Server::start(project, scratch.path(), &[])?;
    let subscriber = Subscriber::sign_up(&server)?;
    let landing = Loaded::by(server.address, "/", "")?;
    let login = Loaded::by(server.address, "/login", "")?;
    let dashboard = Loaded::by(server.address, "/dashboard", &format!("Cookie: {}\r\n", subscriber.cookie))?;
    let backtest = Loaded::by(server.address, "/backtest", "")?.code() - landing.code();
    Ok(vec![
        Row::new("first route's WASM and JS, brotli", landing.code(), "kB", Goal::AtMost(250.0)),
        Row::new("of it JS", landing.kilobytes(".js"), "kB", Goal::None),
        Row::new("stylesheet, brotli", landing.kilobytes(".css"), "kB", Goal::None),
        Row::new("landing page's HTML, compressed", landing.html, "kB", Goal::None),
        Row::new("login's WASM and JS, brotli", login.code(), "kB", Goal::None),
        Row::new("dashboard's WASM and JS, brotli", dashboard.code(), "kB", Goal::None),
        Row::new("backtest page's extra WASM and JS, brotli", backtest, "kB", Goal::AtMost(150.0)),
    ])
}

/// The attributes in which a page names what its script loads.
const BY_SCRIPTS: [&str; 3] = ["worker", "module", "charts"];

/// A page and the files that it loads, as they are sent.
struct Loaded {
    /// Its HTML, in kB.
    html: f64,
    /// Bytes by path.
    files: BTreeMap<String, usize>,
}

impl Loaded {
    fn by(address: SocketAddr, page: &str, headers: &str) -> Result<Self> {
        let headers = format!("Accept: text/html\r\n{headers}");
        let html = fetch::get(address, page, &headers)?.text();
        let sent =
            fetch::get(address, page, &format!("{headers}Accept-Encoding: gzip, deflate, br, zstd\r\n"))?.body.len();
        let mut loaded = Self { html: sent as f64 / 1e3, files: BTreeMap::new() };
        loaded.add(address, references::of_page(&html, page))?;
        loaded.add(address, references::of_data(&html, &BY_SCRIPTS))?;
        if loaded.kilobytes(".wasm") == 0.0 || loaded.kilobytes(".js") == 0.0 {
            return Err(Error::Check(format!("{page} loads no WASM or no JS: {:?}", loaded.files)));
        }
        Ok(loaded)
    }

    /// Adds code and stylesheets of these paths, and what scripts among them import.
    fn add(&mut self, address: SocketAddr, paths: Vec<String>) -> Result<()> {
        for path in paths {
            let counted = [".js", ".wasm", ".css"].iter().any(|extension| path.ends_with(extension));
            if !counted || self.files.contains_key(&path) {
                continue;
            }
            let sent = fetch::get(address, &path, "Accept-Encoding: br\r\n")?;
            if !sent.headers("content-encoding").any(|encoding| encoding == "br") {
                return Err(Error::Check(format!("{path} is not sent in brotli")));
            }
            self.files.insert(path.clone(), sent.body.len());
            if path.ends_with(".js") {
                let script = fetch::get(address, &path, "")?.text();
                self.add(address, references::of_script(&script, &path))?;
            }
        }
        Ok(())
    }

    fn code(&self) -> f64 {
        self.kilobytes(".wasm") + self.kilobytes(".js")
    }

    fn kilobytes(&self, extension: &str) -> f64 {
        let of_kind = self.files.iter().filter(|(path, _)| path.ends_with(extension));
        of_kind.map(|(_, size)| *size as f64 / 1e3).sum()
    }
}
