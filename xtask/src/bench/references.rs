//! What a page has the browser load before it is interactive: what it links,
//! and what its scripts import.
//!
//! A script loads more later, by `import("…")` or by the name of a module:
//! that is another route's, and no reference here, unless the page itself
//! preloads it or says so in a script of its own.

/// The paths of what a page found at `base` loads, each from the site's root.
pub fn of_page(html: &str, base: &str) -> Vec<String> {
    let mut found = Vec::new();
    for tag in tags(html) {
        match tag.name {
            "link" if LOADED.iter().any(|rel| tag.attribute("rel") == Some(rel)) => {
                found.extend(tag.attribute("href").map(str::to_owned));
            }
            "script" => match tag.attribute("src") {
                Some(source) => found.push(source.to_owned()),
                None if matches!(tag.attribute("type"), None | Some("module")) => {
                    found.extend(imports(tag.text).map(|import| import.path.to_owned()));
                    found.extend(modules(tag.text));
                }
                None => {}
            },
            _ => {}
        }
    }
    from_root(found, base)
}

/// The paths that the attributes `data-…` of these names give, wherever they stand in the page: what a script of the
/// page loads.
pub fn of_data(html: &str, names: &[&str]) -> Vec<String> {
    let value = |name: &&str| {
        let (_, after) = html.split_once(&format!(" data-{name}=\""))?;
        Some(after.split_once('"')?.0.to_owned())
    };
    names.iter().filter_map(value).collect()
}

/// The paths of what a script found at `base` imports before it runs.
pub fn of_script(script: &str, base: &str) -> Vec<String> {
    let found = imports(script).filter(|import| !import.later);
    from_root(found.map(|import| import.path.to_owned()).collect(), base)
}

/// The links that a browser follows at once.
const LOADED: [&str; 3] = ["stylesheet", "preload", "modulepreload"];

/// A start tag, and for a script the text up to its end.
struct Tag<'html> {
    name: &'html str,
    attributes: Vec<(&'html str, &'html str)>,
    text: &'html str,
}

impl Tag<'_> {
    fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map(|(_, value)| *value)
    }
}

/// The links and scripts of a page. What stands in a script is no tag.
fn tags(html: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut rest = html;
    std::iter::from_fn(move || {
        loop {
            let (_, after) = rest.split_once('<')?;
            rest = after;
            let Some(name) = ["link", "script"].into_iter().find(|name| is_tag(after, name)) else { continue };
            let (attributes, after) = attributes(&after[name.len()..]);
            let text = if name == "script" { after.split("</script").next().unwrap_or_default() } else { "" };
            rest = &after[text.len()..];
            return Some(Tag { name, attributes, text });
        }
    })
}

fn is_tag(text: &str, name: &str) -> bool {
    text.strip_prefix(name).is_some_and(|after| after.starts_with([' ', '\n', '\t', '>', '/']))
}

/// The attributes of a tag, whose name was read, and what follows it.
fn attributes(mut rest: &str) -> (Vec<(&str, &str)>, &str) {
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\n', '\t', '/']);
        let Some(end) = rest.find(['=', '>', ' ', '\n', '\t', '/']) else { return (found, "") };
        let (name, after) = rest.split_at(end);
        rest = after;
        if let Some(after) = rest.strip_prefix('=') {
            let quote = after.chars().next().filter(|first| "\"'".contains(*first));
            let (value, after) = match quote {
                Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                None => after.split_at(after.find([' ', '\n', '\t', '>']).unwrap_or(after.len())),
            };
            found.push((name, value));
            rest = after;
        } else if let Some(after) = rest.strip_prefix('>') {
            return (found, after);
        }
    }
}

/// An import whose path is written out.
struct Import<'script> {
    path: &'script str,
    /// `import("…")`: when the script comes to it.
    later: bool,
}

/// `import "…"`, `import … from "…"`, `export … from "…"` and `import("…")`.
fn imports(script: &str) -> impl Iterator<Item = Import<'_>> {
    ["import", "from"].into_iter().flat_map(move |word| {
        script.match_indices(word).filter_map(move |(at, _)| {
            let part_of_a_word = script[..at].ends_with(|c: char| c.is_alphanumeric() || "_$.".contains(c));
            let after = script[at + word.len()..].trim_start();
            let called = after.strip_prefix('(').filter(|_| word == "import");
            let path = literal(called.unwrap_or(after).trim_start()).filter(|_| !part_of_a_word)?;
            let by_path = path.starts_with(['/', '.']);
            by_path.then_some(Import { path, later: called.is_some() })
        })
    })
}

/// The names of WASM modules that are written out.
fn modules(script: &str) -> impl Iterator<Item = String> {
    const END: &str = ".wasm";
    script.match_indices(END).filter_map(|(at, _)| {
        let quote = script[at + END.len()..].chars().next().filter(|next| "\"'`".contains(*next))?;
        Some(script[script[..at].rfind(quote)? + 1..at + END.len()].to_owned())
    })
}

/// The text in the quotes that `script` begins with.
fn literal(script: &str) -> Option<&str> {
    let quote = script.chars().next().filter(|first| "\"'`".contains(*first))?;
    script[1..].split(quote).next()
}

/// Paths of this site that were found at `base`, each once.
fn from_root(found: Vec<String>, base: &str) -> Vec<String> {
    let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut paths: Vec<String> = Vec::new();
    for path in found.into_iter().filter(|path| !path.contains("//") && !path.starts_with("data:")) {
        let mut parts: Vec<&str> = if path.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
        for part in path.split('/') {
            match part {
                "." => {}
                ".." => drop(parts.pop()),
                part => parts.push(part),
            }
        }
        let path = format!("/{}", parts.join("/").trim_start_matches('/'));
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<!DOCTYPE html><head><link rel="icon" href="/favicon.ico"><link rel=stylesheet href=/pkg/a.css>
        <link rel="preload" href="/pkg/a.wasm" as="fetch" crossorigin><link href='/pkg/a.js' rel='modulepreload'/>
        <link rel="prefetch" href="/pkg/other.wasm"><script src="/pkg/old.js" defer></script>
        <script type="module" nonce="x">import init,{hydrate} from '/pkg/a.js';
        init({module_or_path:'/pkg/a.wasm'}).then(()=>import("./pkg/b.js"))</script>
        <script type="application/json">{"text":"import \"/pkg/never.js\""}</script></head>
        <a href="/pkg/linked.js">"/pkg/said.js"</a><script>var t='<link rel="preload" href="/pkg/text.js">'</script>"#;

    #[test]
    fn a_page_loads_what_it_links_and_imports() {
        let loaded = ["/pkg/a.css", "/pkg/a.wasm", "/pkg/a.js", "/pkg/old.js", "/pkg/b.js"];
        assert_eq!(of_page(PAGE, "/"), loaded);
    }

    #[test]
    fn data_names_what_a_script_loads() {
        let page = r#"<signalbox-x class="x" data-module="/pkg/m.wasm" data-worker="/pkg/w.js"></signalbox-x>"#;
        assert_eq!(of_data(page, &["worker", "module", "charts"]), ["/pkg/w.js", "/pkg/m.wasm"]);
    }

    #[test]
    fn a_script_loads_what_it_imports_before_it_runs() {
        let script = "import{a}from\"./c.js\";import './d.js';export*from '../e.js';x.from(\"./f.js\");\
            const later=()=>import(\"./g.js\");fetch(new URL('h.wasm',import.meta.url));important(\"./i.js\");\
            import react from 'react';import k from 'https://example.com/k.js'";
        let mut loaded = of_script(script, "/pkg/a.js");
        loaded.sort();
        assert_eq!(loaded, ["/e.js", "/pkg/c.js", "/pkg/d.js"]);
    }
}
