//! Stores that may refuse to be served: copies of directories, and the binary started on them.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use onsale_testkit::Client;

/// All files below a directory, relative to it.
pub(crate) fn files(root: &Path, below: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root.join(below)).unwrap().flatten() {
        let path = below.join(entry.file_name());
        if entry.path().is_dir() {
            found.extend(files(root, &path));
        } else {
            found.push(path);
        }
    }
    found
}

pub(crate) fn copy_of(data: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in files(data, Path::new("")) {
        let to = copy.path().join(&file);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(data.join(&file), to).unwrap();
    }
    copy
}

/// What came of a start.
pub(crate) enum Started {
    Serves(Child, Client),
    Refused(ExitStatus, String),
}

pub(crate) fn start(data: &Path) -> Started {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onsale"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let address = lines.filter_map(|line| line.strip_prefix("listening on http://")?.parse().ok()).next();
    match address {
        Some(address) => Started::Serves(child, Client::new(address)),
        None => {
            let output = child.wait_with_output().unwrap();
            Started::Refused(output.status, String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }
}

pub(crate) fn end(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}
