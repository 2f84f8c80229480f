//! Notices when a file that the build reads has changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use crate::process::interrupted;
use crate::project::Project;

const SOURCES: [&str; 12] = [
    "src",
    "engine",
    "lab/src",
    "lab/verifier/src",
    "lab/web/src",
    "sandbox",
    "migration",
    "style",
    "public",
    "Cargo.toml",
    "Cargo.lock",
    "Leptos.toml",
];
/// Quiet time that ends a burst of writes, such as an editor's or a checkout's.
const QUIET: Duration = Duration::from_millis(300);

type Seen = BTreeMap<PathBuf, SystemTime>;

/// The sources as they were when last looked at.
pub struct Watch {
    roots: Vec<PathBuf>,
    seen: Seen,
}

impl Watch {
    /// Takes the present state as known.
    pub fn new(project: &Project) -> Self {
        Self::of(SOURCES.iter().map(|name| project.root.join(name)).collect())
    }

    /// Whether anything changed since the last look; waits for a burst of
    /// changes to end.
    pub fn changed(&mut self) -> bool {
        let mut now = look(&self.roots);
        if now == self.seen {
            return false;
        }
        loop {
            thread::sleep(QUIET);
            let later = look(&self.roots);
            if later == now || interrupted() {
                break;
            }
            now = later;
        }
        self.seen = now;
        true
    }

    fn of(roots: Vec<PathBuf>) -> Self {
        let seen = look(&roots);
        Self { roots, seen }
    }
}

fn look(roots: &[PathBuf]) -> Seen {
    let mut seen = Seen::new();
    for root in roots {
        visit(root, &mut seen);
    }
    seen
}

/// A file that vanishes while it is looked at is a change, not an error.
fn visit(path: &Path, seen: &mut Seen) {
    let Ok(metadata) = fs::metadata(path) else { return };
    if metadata.is_dir() {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            visit(&entry.path(), seen);
        }
    } else if let Ok(modified) = metadata.modified() {
        seen.insert(path.to_owned(), modified);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_changed_and_removed_files_are_noticed_once() {
        let folder = std::env::temp_dir().join(format!("signalbox-watch-{}", std::process::id()));
        fs::create_dir_all(folder.join("below")).unwrap();
        let file = folder.join("below/file");
        let mut watch = Watch::of(vec![folder.clone()]);
        assert!(!watch.changed());
        fs::write(&file, "one").unwrap();
        assert!(watch.changed());
        assert!(!watch.changed());
        fs::File::options().append(true).open(&file).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert!(watch.changed());
        fs::remove_file(&file).unwrap();
        assert!(watch.changed());
        fs::remove_dir_all(&folder).unwrap();
    }
}
