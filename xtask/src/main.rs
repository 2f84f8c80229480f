//! `cargo xtask start | build | test | bench`: everything that is done to a
//! checkout, with no tool needed beforehand but Rust and Node.js.

mod bench;
mod build;
mod client;
mod debian;
mod digest;
mod disk;
mod error;
mod http;
mod lab;
mod npm;
mod process;
mod progress;
mod project;
mod python;
mod scratch;
mod settings;
mod site;
mod start;
mod test;
mod wasm_target;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;

use lexopt::prelude::{Long, Short, Value};

use crate::error::{Error, Result};
use crate::progress::{Steps, clock};
use crate::project::{Profile, Project};

const USAGE: &str = "\
cargo xtask start [--dev]            build and serve the site, everything embedded
cargo xtask build [--dev]            build server, sandbox, client and site
cargo xtask test [--long] [STEP…]    every proof, or: fmt clippy build unit e2e schema
cargo xtask test unit -- NAME        one test or some: what follows is for cargo nextest, else cargo test
cargo xtask test e2e -- SPEC -g NAME the same in the browser: what follows is for playwright test
cargo xtask bench [--markdown] [NAME…]
                                     measure a release build: engine size startup signals landing
                                     dashboard backtest webhooks logins browser lighthouse
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

fn run() -> Result<()> {
    let (ours, passed_on) = split(std::env::args_os().skip(1).collect());
    let mut parser = lexopt::Parser::from_args(ours);
    let mut command = None;
    let mut operands = Vec::new();
    let (mut dev, mut long, mut markdown) = (false, false, false);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("dev") => dev = true,
            Long("long") => long = true,
            Long("markdown") => markdown = true,
            Short('h') | Long("help") => {
                print!("{USAGE}");
                return Ok(());
            }
            Value(value) if command.is_none() => command = Some(value),
            Value(value) => operands.push(value.to_string_lossy().into_owned()),
            other => return Err(other.unexpected().into()),
        }
    }
    let profile = if dev { Profile::Dev } else { Profile::Release };
    if passed_on.is_some() && command.as_deref() != Some("test".as_ref()) {
        return Err(Error::Usage(USAGE.to_owned()));
    }
    process::pass_signals_on()?;
    match command.as_deref().and_then(|command| command.to_str()) {
        Some("build") => {
            let mut steps = Steps::new(build::STEPS);
            build::build(&Project::open()?, profile, &mut steps)?;
            println!("Built in {}.", clock(steps.elapsed()));
            Ok(())
        }
        Some("start") => start::start(&Project::open()?, profile),
        Some("test") => {
            let steps = operands.iter().map(|name| test::Step::parse(name)).collect::<Result<Vec<_>>>()?;
            let selection = test::Selection::of(steps, passed_on)?;
            test::test(&Project::open()?, &selection, long)
        }
        Some("bench") => bench::bench(&Project::open()?, &operands, markdown),
        _ => Err(Error::Usage(USAGE.to_owned())),
    }
}

/// The arguments before the first `--`, and those after it, if there is one.
fn split(mut arguments: Vec<OsString>) -> (Vec<OsString>, Option<Vec<OsString>>) {
    let Some(position) = arguments.iter().position(|argument| argument == "--") else { return (arguments, None) };
    let passed_on = arguments.split_off(position + 1);
    arguments.pop();
    (arguments, Some(passed_on))
}
