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

use std::process::ExitCode;

use lexopt::prelude::{Long, Short, Value};

use crate::error::{Error, Result};
use crate::progress::{Steps, clock};
use crate::project::{Profile, Project};

const USAGE: &str = "\
cargo xtask start [--dev]            build and serve the site, everything embedded
cargo xtask build [--dev]            build server, sandbox, client and site
cargo xtask test [--long] [STEP…]    every proof, or: fmt clippy build unit e2e schema
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
    let mut parser = lexopt::Parser::from_env();
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
            test::test(&Project::open()?, &steps, long)
        }
        Some("bench") => bench::bench(&Project::open()?, &operands, markdown),
        _ => Err(Error::Usage(USAGE.to_owned())),
    }
}
