//! Who may use whom, and how long a file may get. The map is in ARCHITECTURE.md; when the design is wrong, change both.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Lines that a source file may have.
const CEILING: usize = 500;

/// What stands in the files under `here` only: anywhere else in `src/` the words are a wrong turn.
struct Only {
    words: &'static [&'static str],
    here: &'static [&'static str],
}

const ONLY: [Only; 6] = [
    Only { words: &["sea_orm::", "sea_orm;"], here: &["server/store/"] },
    Only { words: &["fred::"], here: &["server/cache/redis.rs", "server/cache/redis/"] },
    Only {
        words: &[
            "stripe::",
            "stripe_client_core::",
            "stripe_checkout::",
            "stripe_billing::",
            "stripe_core::",
            "stripe_product::",
            "stripe_shared::",
            "stripe_webhook::",
            "stripe_types::",
        ],
        here: &["server/payments/"],
    },
    Only { words: &["apalis::"], here: &["server/jobs/"] },
    Only { words: &["lettre::"], here: &["server/mail/"] },
    Only { words: &["migration::"], here: &["server/store/"] },
];

/// Files under `from` may not use any of `not`.
struct Never {
    from: &'static str,
    not: &'static [&'static str],
}

const NEVER: [Never; 14] = [
    Never {
        from: "domain/",
        not: &["crate::server", "crate::api", "crate::pages", "crate::components", "crate::session", "leptos"],
    },
    Never {
        from: "components/",
        not: &[
            "crate::server",
            "crate::pages",
            "api::account",
            "api::admin",
            "api::auth",
            "api::billing",
            "api::notices",
            "api::record",
            "api::signals",
        ],
    },
    Never { from: "pages/", not: &["crate::server"] },
    Never { from: "session.rs", not: &["crate::server", "crate::pages"] },
    Never {
        from: "api/",
        not: &[
            "crate::pages",
            "crate::components",
            "server::store",
            "server::cache",
            "server::payments",
            "server::http",
        ],
    },
    Never {
        from: "server/store/",
        not: &[
            "crate::api",
            "server::service",
            "server::http",
            "server::jobs",
            "server::cache",
            "server::payments",
            "server::mail",
            "server::market",
        ],
    },
    Never {
        from: "server/cache/",
        not: &["crate::api", "server::service", "server::http", "server::jobs", "server::store"],
    },
    Never {
        from: "server/market/",
        not: &["crate::api", "server::service", "server::http", "server::jobs", "server::store"],
    },
    Never {
        from: "server/backtests/",
        not: &["crate::api", "server::service", "server::http", "server::jobs", "server::store", "server::cache"],
    },
    Never { from: "server/payments/", not: &["crate::api", "server::http", "server::jobs", "server::store"] },
    Never {
        from: "server/mail/",
        not: &["crate::api", "server::service", "server::http", "server::jobs", "server::store"],
    },
    Never {
        from: "server/service/",
        not: &["crate::pages", "server::http", "server::jobs", "server::rpc", "axum::", "axum_"],
    },
    Never {
        from: "server/http/",
        not: &[
            "server::store",
            "server::cache",
            "server::backtests",
            "state.store",
            "state.cache",
            "state.backtests",
            "server::jobs",
            "server::rpc",
        ],
    },
    Never { from: "server/jobs/", not: &["server::http", "server::store", "server::rpc"] },
];

#[test]
fn libraries_stay_behind_their_doors() {
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        for only in &ONLY {
            let at_home = only.here.iter().any(|here| name.starts_with(here));
            wrong.extend(
                only.words
                    .iter()
                    .filter(|word| !at_home && uses(&text, word))
                    .map(|word| format!("{name} uses {word}")),
            );
        }
        // Leptos renders pages and answers server functions; nothing else on the server knows of it.
        let may_use_leptos =
            !name.starts_with("server/") || ["server/http/router.rs", "server/rpc.rs"].contains(&name.as_str());
        if !may_use_leptos && (uses(&text, "leptos::") || uses(&text, "leptos_axum::")) {
            wrong.push(format!("{name} uses leptos"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn arrows_point_one_way() {
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        for never in NEVER.iter().filter(|never| name.starts_with(never.from)) {
            wrong.extend(never.not.iter().filter(|word| uses(&text, word)).map(|word| format!("{name} uses {word}")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn module_level_cfg_stands_in_the_table_of_contents_only() {
    let doors: Vec<String> = sources()
        .into_iter()
        .filter(|(name, _)| name != "lib.rs")
        .filter(|(_, text)| {
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            lines.windows(2).any(|pair| {
                pair[0].starts_with("#[cfg(feature") && pair[1].trim_start_matches("pub ").starts_with("mod ")
            })
        })
        .map(|(name, _)| name)
        .collect();
    assert!(doors.is_empty(), "{doors:?}");
}

#[test]
fn files_fit_a_reader() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut long = Vec::new();
    for folder in ["src", "engine", "lab", "sandbox", "migration", "xtask", "tests", "end2end", "style"] {
        for file in files(&root.join(folder)) {
            let kind = file.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
            if ["rs", "ts", "css"].contains(&kind) {
                let lines = fs::read_to_string(&file).unwrap().lines().count();
                long.extend((lines > CEILING).then(|| format!("{}: {lines}", file.display())));
            }
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn no_drawers_for_odds_and_ends() {
    let names = ["utils", "helpers", "common", "models", "traits", "misc"];
    let drawers: Vec<String> = sources()
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| name.split(['/', '.']).any(|part| names.contains(&part)))
        .collect();
    assert!(drawers.is_empty(), "{drawers:?}");
}

/// Whether code, not a comment, holds the words; in a `use` also where they are spread over a tree.
fn uses(text: &str, words: &str) -> bool {
    let code: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.starts_with("//")).collect();
    let imported = imports(&code.join(" "));
    code.into_iter().chain(imported.iter().map(String::as_str)).any(|line| {
        line.match_indices(words).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
        })
    })
}

/// Every path that a `use` names, whole.
fn imports(code: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for statement in code.split(';') {
        if let Some((_, tree)) = statement.split_once("use crate::") {
            paths.extend(branches(&format!("crate::{}", tree.trim())));
        }
    }
    paths
}

/// The paths of a tree such as `a::{b, c::{d, e}}`.
fn branches(tree: &str) -> Vec<String> {
    let Some((stem, rest)) = tree.split_once('{') else { return vec![tree.trim().to_owned()] };
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, c) in rest.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                let branch = rest[start..at].trim();
                found.extend(branches(branch).into_iter().filter(|path| !path.is_empty()));
                start = at + 1;
            }
            _ => {}
        }
    }
    found.into_iter().map(|path| format!("{}{path}", stem.trim())).collect()
}

#[test]
fn a_path_is_seen_in_a_tree_too() {
    let text = "use crate::{\n    api::error,\n    server::{\n        http::{self, client::Client},\n        state,\n    },\n};";
    for words in ["crate::api::error", "server::http::self", "server::http::client", "server::state"] {
        assert!(uses(text, words), "{words}");
    }
    for words in ["server::client", "api::server", "crate::state"] {
        assert!(!uses(text, words), "{words}");
    }
}

/// Every source file of the crate, named from `src/`.
fn sources() -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let named = |file: PathBuf| {
        let name = file.strip_prefix(&src).unwrap().to_string_lossy().replace('\\', "/");
        (name, fs::read_to_string(&file).unwrap())
    };
    let found: Vec<_> =
        files(&src).into_iter().filter(|file| file.extension().is_some_and(|kind| kind == "rs")).map(named).collect();
    assert!(found.len() > 50, "the sources were not found");
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !["node_modules", "target", "data"].contains(&name.as_str()) {
            found.extend(files(&path));
        } else if path.is_file() {
            found.push(path);
        }
    }
    found
}
