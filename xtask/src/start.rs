//! `cargo xtask start`: build, serve in the working folder, say where.

use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::build;
use crate::error::{Error, Result};
use crate::http;
use crate::process::{self, Group};
use crate::progress::{Steps, clock};
use crate::project::{Profile, Project};
use crate::settings::Addresses;
use crate::watch::Watch;

/// The first start publishes the signals of the last 60 market days before it
/// answers, on a debug build too.
const PATIENCE: Duration = Duration::from_secs(180);

/// Builds and serves until Ctrl-C, SIGTERM, or the server's own end.
///
/// # Errors
/// When the build fails, an address is taken, or the server fails.
pub fn start(project: &Project, profile: Profile) -> Result<()> {
    let addresses = Addresses::read()?;
    addresses.require_free()?;
    let mut steps = Steps::new(build::STEPS + 1);
    let mut watch = Watch::new(project);
    build::build(project, profile, &mut steps)?;
    steps.begin("Starting the server: migrations, market data, first signals");
    let server = serve(project, profile, &addresses);
    if server.is_ok() {
        println!("Ready after {}. Ctrl-C stops it.", clock(steps.elapsed()));
    }
    let ended = match profile {
        Profile::Release => server.and_then(until_it_ends),
        Profile::Dev => serve_and_rebuild(project, &addresses, server, &mut watch),
    };
    match ended {
        Err(Error::Interrupted) => {
            println!("Stopped.");
            Ok(())
        }
        other => other,
    }
}

fn serve(project: &Project, profile: Profile, addresses: &Addresses) -> Result<Group> {
    let mut server = Group::spawn(Command::new(project.server(profile)).arg("serve"))?;
    http::wait_for_health(&mut server, addresses.reachable(), PATIENCE)?;
    announce(addresses);
    Ok(server)
}

fn announce(addresses: &Addresses) {
    let site = addresses.site_url();
    println!("\n  Site            {site}");
    println!("  API             {site}/docs");
    if let Some(sandbox) = addresses.sandbox {
        println!("  Stripe sandbox  http://{sandbox}");
    }
    println!();
}

/// The server's end: clean after Ctrl-C, otherwise with its own exit code.
fn until_it_ends(mut server: Group) -> Result<()> {
    let status = server.wait()?;
    if status.success() {
        return Ok(());
    }
    // Asked to stop and failing at it is a failure too.
    Err(Error::Command { command: server.name().to_owned(), status })
}

/// Rebuilds at every change; a build that fails leaves the old server alone.
fn serve_and_rebuild(project: &Project, addresses: &Addresses, first: Result<Group>, watch: &mut Watch) -> Result<()> {
    let mut server = Some(first?);
    loop {
        process::check_interrupted()?;
        if let Some(running) = &mut server
            && let Some(status) = running.try_wait()?
        {
            process::check_interrupted()?;
            println!("The server ended ({status}); it starts again after the next change.");
            server = None;
        }
        if !watch.changed() {
            thread::sleep(Duration::from_millis(500));
            continue;
        }
        println!("\nSomething changed; building.");
        match build::build(project, Profile::Dev, &mut Steps::new(build::STEPS)) {
            Err(Error::Interrupted) => return Err(Error::Interrupted),
            Err(error) => println!("{error}\nThe build failed; the server of before goes on."),
            Ok(()) => {
                // The port is free only when the old one is gone.
                drop(server.take());
                match serve(project, Profile::Dev, addresses) {
                    Err(Error::Interrupted) => return Err(Error::Interrupted),
                    Err(error) => println!("{error}"),
                    Ok(started) => server = Some(started),
                }
            }
        }
    }
}
