//! What a browser loads before a page is interactive.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::fetch;
use super::server::Server;
use super::table::{Goal, Row};
use crate::error::{Error, Result};
use crate::project::Project;
use crate::scratch::Scratch;

/// The sizes of the landing page and of all that it loads, as the server
/// sends them to a browser that takes brotli.
///
/// # Errors
/// When a file is missing, comes uncompressed, or the page names none.
pub fn run(project: &Project) -> Result<Vec<Row>> {
    let scratch = Scratch::new("bench")?;
    let server = Server::start(project, scratch.path(), &[])?;
    let page = fetch::get(server.address, "/", "Accept: text/html\r\n")?.text();
    let mut files = BTreeMap::new();
    load(server.address, &page, "/", &mut files)?;
    let kilobytes = |extension: &str| {
        let named = files.iter().filter(|(path, _)| path.ends_with(extension));
        named.map(|(_, size)| *size as f64 / 1e3).sum::<f64>()
    };
    let (wasm, js, css) = (kilobytes(".wasm"), kilobytes(".js"), kilobytes(".css"));
    if wasm == 0.0 || js == 0.0 {
        return Err(Error::Check(format!("the landing page names no WASM or no JS: {files:?}")));
    }
    let html = fetch::get(server.address, "/", "Accept: text/html\r\nAccept-Encoding: br\r\n")?.body.len();
    Ok(vec![
        Row::new("first route's WASM and JS, brotli", wasm + js, "kB", Goal::AtMost(250.0)),
        Row::new("of it JS", js, "kB", Goal::None),
        Row::new("stylesheet, brotli", css, "kB", Goal::None),
        Row::new("landing page's HTML, brotli", html as f64 / 1e3, "kB", Goal::None),
    ])
}

/// Adds the files that `text`, found at `base`, names, and those that the
/// scripts among them name, with their sizes in brotli.
fn load(address: SocketAddr, text: &str, base: &str, files: &mut BTreeMap<String, usize>) -> Result<()> {
    for path in named(text, base) {
        if files.contains_key(&path) {
            continue;
        }
        let sent = fetch::get(address, &path, "Accept-Encoding: br\r\n")?;
        if !sent.headers("content-encoding").any(|encoding| encoding == "br") {
            return Err(Error::Check(format!("{path} is not sent in brotli")));
        }
        files.insert(path.clone(), sent.body.len());
        if path.ends_with(".js") {
            let script = fetch::get(address, &path, "")?.text();
            load(address, &script, &path, files)?;
        }
    }
    Ok(())
}

/// The paths of scripts, modules and stylesheets that stand in quotes. A page
/// names them from the site's root, a script beside itself.
fn named(text: &str, base: &str) -> Vec<String> {
    let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
    let literals = text.split(['"', '\'', '`']);
    let paths = literals.filter_map(|literal| {
        let wanted = [".js", ".wasm", ".css"].iter().any(|extension| literal.ends_with(extension));
        let plain = literal.chars().all(|letter| letter.is_ascii_alphanumeric() || "/._-".contains(letter));
        if !wanted || !plain {
            None
        } else if literal.starts_with('/') {
            Some(literal.to_owned())
        } else {
            Some(format!("{folder}/{}", literal.trim_start_matches("./")))
        }
    });
    paths.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_linked_or_imported_is_found() {
        let page = r#"<link rel="stylesheet" href="/pkg/a.css"><script>import("/pkg/a.js");x('/pkg/a.wasm')</script>
            <a href="https://example.com/b.js">"js"</a>"#;
        assert_eq!(named(page, "/"), ["/pkg/a.css", "/pkg/a.js", "/pkg/a.wasm"]);
        let script = "import './c.js';new URL(`a_bg.wasm`,import.meta.url)";
        assert_eq!(named(script, "/pkg/a.js"), ["/pkg/c.js", "/pkg/a_bg.wasm"]);
    }
}
