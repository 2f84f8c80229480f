//! The site folder that the server serves: public files, the client, the
//! stylesheet, what runs backtests and the bundled candles under names that
//! change with their content, and `assets.json`, which tells the server those
//! names.
//!
//! ```text
//! site/
//! ├── assets.json              {"js": "/pkg/…", "wasm": "/pkg/…", "css": "/pkg/…", "lab": {…}, "series": {…}}
//! ├── pkg/signalbox-HASH.{js,css}  pkg/signalbox_bg-HASH.wasm   immutable, as all in pkg/
//! ├── pkg/lab-{page,worker,charts}-HASH.js  pkg/lab_bg-HASH.wasm
//! ├── pkg/BTCUSDT_1h-HASH.csv …
//! └── …                        public/, as it is
//! ```
//! A release has `.br` and `.gz` beside each file that gets smaller by it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::client::Client;
use crate::digest;
use crate::error::{Doing, Error, Result};
use crate::lab::Lab;
use crate::npm::Tools;
use crate::project::{Profile, Project};

const COMPRESSIBLE: [&str; 10] = ["js", "css", "wasm", "csv", "svg", "html", "txt", "xml", "json", "webmanifest"];

/// Assembles the site folder of a profile and returns it.
///
/// The old one is replaced in one step, when the new one is complete.
///
/// # Errors
/// When a source is missing or a tool fails.
pub fn assemble(project: &Project, tools: &Tools, profile: Profile, client: &Client, lab: &Lab) -> Result<PathBuf> {
    let site = project.site(profile);
    let fresh = site.with_extension("new");
    remove(&fresh)?;
    let options = &project.options;
    if options.assets_dir.is_dir() {
        copy(&options.assets_dir, &fresh)?;
    }
    let package = fresh.join(&options.pkg_dir);
    fs::create_dir_all(&package).doing(format!("creating {}", package.display()))?;
    let names = Names::write(project, tools, client, &package)?;
    let address = |name: &str| format!("/{}/{name}", options.pkg_dir);
    let addresses = |files: &[(String, PathBuf)]| -> Result<Value> {
        let of = |(key, file): &(String, PathBuf)| Ok((key.clone(), address(&hashed(file, &package)?).into()));
        Ok(Value::Object(files.iter().map(of).collect::<Result<_>>()?))
    };
    let assets = json!({
        "js": address(&names.js),
        "wasm": address(&names.wasm),
        "css": address(&names.css),
        "lab": addresses(&lab.files)?,
        "series": addresses(&series(project)?)?,
    });
    // Not compressed: the server reads it, nobody fetches it.
    if profile == Profile::Release {
        tools.compress(&compressible(&fresh)?)?;
    }
    fs::write(fresh.join("assets.json"), format!("{assets:#}\n")).doing("writing assets.json")?;
    let old = site.with_extension("old");
    remove(&old)?;
    if site.exists() {
        fs::rename(&site, &old).doing(format!("replacing {}", site.display()))?;
    }
    fs::rename(&fresh, &site).doing(format!("replacing {}", site.display()))?;
    remove(&old)?;
    Ok(site)
}

/// Copies a file into a folder, under a name with its content's hash in it;
/// returns that name.
fn hashed(file: &Path, folder: &Path) -> Result<String> {
    let content = fs::read(file).doing(format!("reading {}", file.display()))?;
    let part = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let name = format!("{}-{}.{}", part(file.file_stem()), digest::short(&content), part(file.extension()));
    fs::write(folder.join(&name), content).doing(format!("writing {name}"))?;
    Ok(name)
}

/// The bundled candles, each by symbol and timeframe.
fn series(project: &Project) -> Result<Vec<(String, PathBuf)>> {
    let folder = project.root.join("engine/data");
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).doing(format!("listing {}", folder.display()))? {
        let path = entry.doing(format!("listing {}", folder.display()))?.path();
        if path.extension().is_some_and(|extension| extension == "csv") {
            found.push((path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), path));
        }
    }
    Ok(found)
}

/// The names of the written files, content hash included.
struct Names {
    js: String,
    wasm: String,
    css: String,
}

impl Names {
    fn write(project: &Project, tools: &Tools, client: &Client, package: &Path) -> Result<Self> {
        let output = &project.options.output_name;
        let style = package.join("style.css");
        tools.bundle(&project.options.style_file, &style, &project.options.assets_dir)?;
        let css = fs::read(&style).doing("reading the bundled stylesheet")?;
        fs::remove_file(&style).doing("removing the unhashed stylesheet")?;
        let wasm = fs::read(&client.wasm).doing(format!("reading {}", client.wasm.display()))?;
        let js = fs::read_to_string(&client.js).doing(format!("reading {}", client.js.display()))?;
        let wasm_name = format!("{output}_bg-{}.wasm", digest::short(&wasm));
        if !js.contains(&client.wasm_name) {
            return Err(Error::Check(format!("{} does not name {}", client.js.display(), client.wasm_name)));
        }
        let js = js.replace(&client.wasm_name, &wasm_name);
        let names = Self {
            js: format!("{output}-{}.js", digest::short(js.as_bytes())),
            css: format!("{output}-{}.css", digest::short(&css)),
            wasm: wasm_name,
        };
        for (name, content) in [(&names.js, js.as_bytes()), (&names.css, &css), (&names.wasm, &wasm)] {
            fs::write(package.join(name), content).doing(format!("writing {name}"))?;
        }
        Ok(names)
    }
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).doing(format!("removing {}", folder.display()))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).doing(format!("creating {}", to.display()))?;
    for entry in fs::read_dir(from).doing(format!("listing {}", from.display()))? {
        let path = entry.doing(format!("listing {}", from.display()))?.path();
        let Some(name) = path.file_name() else {
            continue;
        };
        let target = to.join(name);
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            fs::copy(&path, &target).doing(format!("copying {}", path.display()))?;
        }
    }
    Ok(())
}

fn compressible(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).doing(format!("listing {}", folder.display()))? {
        let path = entry.doing(format!("listing {}", folder.display()))?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_dir() {
            files.extend(compressible(&path)?);
        } else if extension.is_some_and(|extension| COMPRESSIBLE.contains(&extension)) {
            files.push(path);
        }
    }
    Ok(files)
}
