//! `onsale loadtest` as its user has it: the exit status is the verdict, and the report says why.

mod faults;
mod foreign;
mod hooks;
mod invalid;
mod quick;
mod reports;
mod rules;
mod signed;
mod silence;
mod slowness;
mod stopped;
mod usage;

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output};

use onsale_loadtest::report::Report;

/// The program with these arguments, in a directory of its own.
pub(crate) fn loadtest(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onsale"));
    command.current_dir(directory).arg("loadtest").args(arguments);
    command
}

/// A quick run of one part, or of several, against a server that runs already.
pub(crate) fn against(server: SocketAddr, directory: &Path, parts: &[&str]) -> Output {
    let url = format!("http://{server}");
    let arguments = [&["--quick", "--target", &url, "--allow-writes", "--only"], parts].concat();
    loadtest(directory, &arguments).output().expect("onsale can be run")
}

/// What it wrote to `report/`.
pub(crate) fn report(directory: &Path) -> Report {
    let path = directory.join("report/report.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Report::from_json(&text).unwrap()
}

/// Everything that it printed.
pub(crate) fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
