//! The program: reads the command line and does what it says.

use clap::Parser;
use signalbox::server::command::{self, Command};
use std::{process::ExitCode, time::Duration};

/// A page is made of thousands of small pieces: with the system's allocator nearly half of its time went into them.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// How long what still runs may take at the end.
const AT_THE_END: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let command = Command::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("signalbox: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(command::run(command));
    // A name that is still being looked up holds up no stop.
    runtime.shutdown_timeout(AT_THE_END);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("signalbox: {error}");
            error.exit_code()
        }
    }
}
