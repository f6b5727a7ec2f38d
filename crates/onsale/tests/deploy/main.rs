//! What `deploy` has for those who run it: a package, alerts and a dashboard.

mod package;
mod prometheus;
mod root;
mod supervised;
mod traces;
mod watch;

use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository.
fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace")
}

/// Runs a program, and expects it to end well: what it printed to its stdout.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; scripts/test installs it"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{text}{told}", output.status);
    text
}
