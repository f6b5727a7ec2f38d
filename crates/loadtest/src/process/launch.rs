//! Starting a server so that it is pinned and cannot outlive the program that started it.
//!
//! The program starts itself as `launch`, which pins itself, asks the kernel to be killed when its parent dies
//! (a panic, a SIGKILL), and then becomes the server. This way no code runs between fork and exec.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::getppid;

use crate::cores::Cores;

/// What the hidden subcommand `launch` is told.
#[derive(Debug, clap::Args)]
pub struct Launch {
    #[arg(long)]
    cores: Cores,
    /// The process that must not be outlived.
    #[arg(long)]
    parent: i32,
    #[arg(last = true, required = true)]
    program: Vec<OsString>,
}

/// A command that runs `program` pinned to `cores`, for as long as the thread that spawns it lives. The program that
/// calls this must hand its subcommand `launch` to [`become_program`].
///
/// # Errors
/// When the own executable cannot be found.
pub fn command(program: &Path, cores: &Cores) -> Result<Command> {
    let own = std::env::current_exe().context("finding the own executable")?;
    let mut command = Command::new(own);
    command.arg("launch").arg("--cores").arg(cores.to_string());
    command.arg("--parent").arg(std::process::id().to_string());
    command.arg("--").arg(program);
    Ok(command)
}

/// Becomes the program; returns only when that fails.
///
/// # Errors
/// When the cores are not there, the parent is gone, or the program cannot be started.
pub fn become_program(launch: &Launch) -> Result<()> {
    launch.cores.pin()?;
    prctl::set_pdeathsig(Signal::SIGKILL).context("tying the server to its parent")?;
    ensure!(getppid().as_raw() == launch.parent, "the parent ended before its server began");
    let (program, arguments) = launch.program.split_first().context("no program to launch")?;
    let error = Command::new(program).args(arguments).exec();
    Err(error).with_context(|| format!("starting {}", program.display()))
}
