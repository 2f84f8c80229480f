//! Child processes: each in a process group of its own, all of them ended when
//! xtask ends, whether it finishes, fails or is interrupted.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::error::{Doing, Error, Result};

/// How long children may take to stop after SIGTERM before SIGKILL; longer
/// than the server's own hard deadline.
const GRACE: Duration = Duration::from_secs(40);
const POLL: Duration = Duration::from_millis(25);

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
static GROUPS: Mutex<Vec<Running>> = Mutex::new(Vec::new());

/// What the signal handler knows of a child.
struct Running {
    group: Pid,
    stop_with: Signal,
    /// A second polite signal would be taken as impatience by some.
    told: bool,
}

/// Passes Ctrl-C, SIGTERM and SIGHUP on to the children as SIGTERM; a second
/// signal, or the end of the grace period, kills them.
///
/// # Errors
/// When the handlers cannot be installed.
pub fn pass_signals_on() -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).doing("installing the signal handlers")?;
    thread::spawn(move || {
        for _ in signals.forever() {
            if INTERRUPTED.swap(true, Ordering::SeqCst) {
                kill_all();
                continue;
            }
            for running in groups().iter_mut() {
                running.tell();
            }
            thread::spawn(|| {
                thread::sleep(GRACE);
                kill_all();
            });
        }
    });
    Ok(())
}

/// Whether Ctrl-C or SIGTERM came.
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// `Err(Interrupted)` once Ctrl-C or SIGTERM came, for loops that wait.
///
/// # Errors
/// [`Error::Interrupted`].
pub fn check_interrupted() -> Result<()> {
    if interrupted() {
        return Err(Error::Interrupted);
    }
    Ok(())
}

/// Runs a command to its end, its output passed through.
///
/// # Errors
/// When it cannot be started, fails, or xtask is interrupted.
pub fn run(command: &mut Command) -> Result<()> {
    let status = Group::spawn(command)?.wait()?;
    succeed(command, status)
}

/// Runs a command silently and returns what it wrote to standard output.
///
/// # Errors
/// As [`run`]; a failing command's standard error is shown.
pub fn output(command: &mut Command) -> Result<String> {
    check_interrupted()?;
    let output = command.stdin(Stdio::null()).output().doing(format!("starting {}", name(command)))?;
    if !output.status.success() {
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
    }
    succeed(command, output.status)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a command to its end, shows its output and keeps the lines of it.
///
/// The status is returned, not judged: a failed test run has counts as well.
///
/// # Errors
/// When it cannot be started or xtask is interrupted.
pub fn run_and_read(command: &mut Command) -> Result<(ExitStatus, Vec<String>)> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut group = Group::spawn(command)?;
    let lines = Arc::new(Mutex::new(Vec::new()));
    let readers = [
        group.child.stdout.take().map(|pipe| show(pipe, &lines)),
        group.child.stderr.take().map(|pipe| show(pipe, &lines)),
    ];
    let status = group.wait()?;
    for reader in readers.into_iter().flatten() {
        // A reader ends with its pipe and has nothing to report.
        let _ = reader.join();
    }
    let lines = std::mem::take(&mut *lines.lock().unwrap_or_else(PoisonError::into_inner));
    Ok((status, lines))
}

/// `Ok` for a successful status, else the error that names the command.
///
/// # Errors
/// [`Error::Interrupted`] or [`Error::Command`].
pub fn succeed(command: &Command, status: ExitStatus) -> Result<()> {
    check_interrupted()?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Command { command: name(command), status })
}

/// A running child and everything it started. Dropping it stops them.
pub struct Group {
    child: Child,
    name: String,
    group: Pid,
    finished: bool,
}

impl Group {
    /// Starts a command in a process group of its own.
    ///
    /// # Errors
    /// When it cannot be started or xtask was interrupted.
    pub fn spawn(command: &mut Command) -> Result<Self> {
        check_interrupted()?;
        let child =
            command.stdin(Stdio::null()).process_group(0).spawn().doing(format!("starting {}", name(command)))?;
        let group = Pid::from_raw(child.id().cast_signed());
        groups().push(Running { group, stop_with: Signal::SIGTERM, told: false });
        let started = Self { child, name: name(command), group, finished: false };
        // An interruption between the check and the registration.
        check_interrupted()?;
        Ok(started)
    }

    /// Stops by another signal than SIGTERM, for programs whose polite stop is
    /// a different one (PostgreSQL waits for its clients on SIGTERM).
    #[must_use]
    pub fn stop_with(self, signal: Signal) -> Self {
        for running in groups().iter_mut().filter(|running| running.group == self.group) {
            running.stop_with = signal;
        }
        self
    }

    /// The command, as the person at the terminal would type it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The process id of the command itself.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the command to end.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        let status = self.child.wait().doing("waiting for a command")?;
        self.forget();
        Ok(status)
    }

    /// The status if the command has ended.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub fn try_wait(&mut self) -> Result<Option<ExitStatus>> {
        let status = self.child.try_wait().doing("asking after a command")?;
        if status.is_some() {
            self.forget();
        }
        Ok(status)
    }

    /// Stops the command and what it started: politely, then by force.
    pub fn stop(&mut self) {
        if self.finished {
            return;
        }
        for running in groups().iter_mut().filter(|running| running.group == self.group) {
            running.tell();
        }
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                break;
            }
            thread::sleep(POLL);
        }
        let _ = killpg(self.group, Signal::SIGKILL);
        let _ = self.child.wait();
        self.forget();
    }

    fn forget(&mut self) {
        self.finished = true;
        groups().retain(|running| running.group != self.group);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Running {
    fn tell(&mut self) {
        if !self.told {
            self.told = true;
            // The group may be gone already, which is what is wanted.
            let _ = killpg(self.group, self.stop_with);
        }
    }
}

fn groups() -> MutexGuard<'static, Vec<Running>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn kill_all() {
    for running in groups().iter() {
        let _ = killpg(running.group, Signal::SIGKILL);
    }
}

fn name(command: &Command) -> String {
    let mut name = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        name.push(' ');
        name.push_str(&argument.to_string_lossy());
    }
    name
}

fn show(pipe: impl Read + Send + 'static, lines: &Arc<Mutex<Vec<String>>>) -> thread::JoinHandle<()> {
    let lines = Arc::clone(lines);
    thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(|line| line.ok()) {
            let line = String::from_utf8_lossy(&line).into_owned();
            println!("{line}");
            lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    })
}
