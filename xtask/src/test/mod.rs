//! `cargo xtask test`: every proof, in the order that fails fastest. All steps
//! run even when one fails; a missing tool is a failure like any other.

mod address;
mod browser;
mod lint;
pub mod postgres;
pub mod programs;
pub mod redis;
mod schema;
mod summary;
mod unit;

use std::ffi::OsString;
use std::time::Instant;

use crate::build::{self, Modules};
use crate::client;
use crate::disk;
use crate::error::{Error, Result};
use crate::lab;
use crate::npm::Tools;
use crate::process;
use crate::project::{Profile, Project};
use crate::wasm_target;
use summary::{Counts, Outcome, Table};

/// A part of the proof, by the name it has on the command line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Fmt,
    Clippy,
    Build,
    Unit,
    E2e,
    Schema,
}

const ALL: [Step; 6] = [Step::Fmt, Step::Clippy, Step::Build, Step::Unit, Step::E2e, Step::Schema];

impl Step {
    /// The step of a name on the command line.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn parse(name: &str) -> Result<Self> {
        ALL.into_iter().find(|step| step.name() == name).ok_or_else(|| {
            let names: Vec<_> = ALL.iter().map(|step| step.name()).collect();
            Error::Usage(format!("no test step `{name}`; there are: {}", names.join(", ")))
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Clippy => "clippy",
            Self::Build => "build",
            Self::Unit => "unit",
            Self::E2e => "e2e",
            Self::Schema => "schema",
        }
    }

    /// What is announced when it begins.
    fn title(self) -> &'static str {
        match self {
            Self::Fmt => "Formatting",
            Self::Clippy => "Clippy: ssr, and hydrate on wasm32",
            Self::Build => "Server, tests, client and site in the dev profile",
            Self::Unit => "Unit and integration tests",
            Self::E2e => "Browser tests",
            Self::Schema => "API fuzzing over openapi.json",
        }
    }

    /// Whether it runs the programs and the site that `build` makes.
    fn needs_build(self) -> bool {
        matches!(self, Self::Unit | Self::E2e | Self::Schema)
    }
}

/// What is to be run.
pub struct Selection {
    /// In their order, with the build that they need.
    steps: Vec<Step>,
    /// For the runner of the one step that was chosen; empty for all of its tests.
    filter: Vec<OsString>,
}

impl Selection {
    /// The steps chosen, all when none is, and what is passed on to the runner of a single one.
    ///
    /// # Errors
    /// When something is passed on to anything but unit and integration tests alone, or browser tests alone.
    pub fn of(chosen: Vec<Step>, passed_on: Option<Vec<OsString>>) -> Result<Self> {
        if passed_on.is_some() && !matches!(chosen[..], [Step::Unit | Step::E2e]) {
            return Err(Error::Usage("what follows `--` is for one of: test unit, test e2e".to_owned()));
        }
        let needs_build = chosen.iter().any(|step| step.needs_build());
        let wanted = |step: &Step| chosen.is_empty() || chosen.contains(step) || (*step == Step::Build && needs_build);
        Ok(Self { steps: ALL.into_iter().filter(wanted).collect(), filter: passed_on.unwrap_or_default() })
    }
}

/// Runs what is selected; `long` fuzzes for longer.
///
/// # Errors
/// When any step fails.
pub fn test(project: &Project, Selection { steps, filter }: &Selection, long: bool) -> Result<()> {
    disk::warn_when_full(project);
    let mut table = Table::default();
    let mut built = true;
    let started = Instant::now();
    for (index, step) in steps.iter().enumerate() {
        println!("\n[{}/{} {}] {}", index + 1, steps.len(), crate::progress::clock(started.elapsed()), step.title());
        if step.needs_build() && !built {
            table.add(step.name(), std::time::Duration::ZERO, Outcome::NotRun);
            continue;
        }
        let begun = Instant::now();
        let outcome = match run(project, *step, filter, long) {
            Ok(counts) => Outcome::Ran(counts),
            Err(Error::Interrupted) => return Err(Error::Interrupted),
            Err(error) => {
                println!("{error}");
                Outcome::Failed
            }
        };
        built &= *step != Step::Build || outcome.is_good();
        table.add(step.name(), begun.elapsed(), outcome);
    }
    println!("\n{table}");
    if table.all_good() { Ok(()) } else { Err(Error::Check("the tests failed".into())) }
}

fn run(project: &Project, step: Step, filter: &[OsString], long: bool) -> Result<Counts> {
    match step {
        Step::Fmt => lint::formatting(project).map(|()| Counts::default()),
        Step::Clippy => lint::clippy(project).map(|()| Counts::default()),
        Step::Build => build_once(project).map(|()| Counts::default()),
        Step::Unit => unit::run(project, filter),
        Step::E2e => browser::run(project, filter),
        Step::Schema => schema::run(project, long).map(|()| Counts { passed: 1, failed: 0 }),
    }
}

/// The one server build and the one WASM build that all further steps use.
fn build_once(project: &Project) -> Result<()> {
    wasm_target::ensure(project)?;
    let tools = Tools::ready(project)?;
    // The same packages and targets as the test run chooses, so that the
    // features of the dependencies, and with them their builds, are the same.
    process::run(project.cargo("build").args(["--workspace", "--bins", "--tests"]))?;
    let client = client::compile(project, Profile::Dev)?;
    let lab = lab::compile(project, Profile::Dev)?;
    build::assemble(project, &tools, Profile::Dev, &Modules { client, lab })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(chosen: &[Step], passed_on: Option<&[&str]>) -> Result<Vec<&'static str>> {
        let passed_on = passed_on.map(|words| words.iter().map(OsString::from).collect());
        let selection = Selection::of(chosen.to_vec(), passed_on)?;
        Ok(selection.steps.into_iter().map(Step::name).collect())
    }

    #[test]
    fn what_needs_the_programs_has_them_built_first() {
        assert_eq!(names(&[], None).unwrap().len(), ALL.len());
        assert_eq!(names(&[Step::E2e], None).unwrap(), ["build", "e2e"]);
        assert_eq!(names(&[Step::Clippy, Step::Fmt], None).unwrap(), ["fmt", "clippy"]);
    }

    #[test]
    fn a_filter_is_for_one_runner() {
        assert_eq!(names(&[Step::Unit], Some(&["quota"])).unwrap(), ["build", "unit"]);
        for chosen in [&[][..], &[Step::Fmt], &[Step::Unit, Step::E2e], &[Step::Schema]] {
            assert!(matches!(names(chosen, Some(&["quota"])), Err(Error::Usage(_))));
        }
    }
}
