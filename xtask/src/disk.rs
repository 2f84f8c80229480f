//! Free disk space, which a build with all its dependencies wants a lot of.

use std::process::Command;

use crate::process;
use crate::project::Project;

const WANTED_GB: u64 = 10;

/// Says so when the target folder's disk is nearly full. Only a warning: a
/// warm build needs far less.
pub fn warn_when_full(project: &Project) {
    // The target folder itself may not exist yet; the cache folder does.
    let folder = if project.target.exists() { &project.target } else { &project.cache };
    let table = process::output(Command::new("df").args(["--output=avail", "--block-size=1G"]).arg(folder));
    if let Some(free) = table.ok().as_deref().and_then(available)
        && free < WANTED_GB
    {
        println!("Warning: {free} GB are free for {}; a build from nothing needs about {WANTED_GB}.", folder.display());
    }
}

fn available(table: &str) -> Option<u64> {
    table.lines().nth(1)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_under_its_heading() {
        assert_eq!(available("Avail\n   77\n"), Some(77));
        assert_eq!(available("Avail\n"), None);
    }
}
