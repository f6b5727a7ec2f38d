//! The machine's own root, to install things into: what is written goes into memory, and is gone afterwards.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::run;

/// An overlay over `/` in a mount namespace of its own, which ends when this is dropped.
pub(crate) struct Root {
    holder: Child,
    enter: Vec<String>,
    _mount_point: TempDir,
}

impl Root {
    /// Mounts it.
    ///
    /// # Panics
    /// Where nobody may mount anything: root may, and who has `sudo` without a password.
    pub(crate) fn mount() -> Self {
        let mount_point = TempDir::new().expect("a scratch directory");
        let path = mount_point.path().display();
        let script = format!(
            "set -e; mount -t tmpfs tmpfs {path}; cd {path}; mkdir upper work root; \
             mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root; \
             for own in dev proc sys; do mount --rbind /$own root/$own; done; echo $$; exec cat"
        );
        let sudo: &[&str] = if rustix::process::geteuid().is_root() { &[] } else { &["sudo", "-n"] };
        let words = sudo.iter().chain(&["unshare", "-m", "sh", "-c", &script]).copied().collect::<Vec<_>>();
        let mut command = Command::new(words[0]);
        // It ends when its stdin is closed.
        command.args(&words[1..]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut holder = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut id = String::new();
        BufReader::new(holder.stdout.take().expect("a pipe")).read_line(&mut id).expect("its process id");
        assert!(!id.trim().is_empty(), "{command:?}: nothing could be mounted");
        let target = format!("--target={}", id.trim());
        let root = format!("{path}/root");
        let enter = ["nsenter", &target, "--mount", "chroot", &root];
        let enter = sudo.iter().chain(&enter).map(|&word| word.to_owned()).collect();
        Self { holder, enter, _mount_point: mount_point }
    }

    /// The command line that runs a program there: put the program behind it.
    pub(crate) fn enter(&self) -> &[String] {
        &self.enter
    }

    /// The same, as this user and group of what is installed there.
    pub(crate) fn enter_as(&self, user: &str) -> Vec<String> {
        let (root, before) = self.enter.split_last().expect("a directory");
        before.iter().cloned().chain([format!("--userspec={user}:{user}"), root.clone()]).collect()
    }

    /// Runs a script there, and expects it to end well: what it printed.
    pub(crate) fn sh(&self, script: &str) -> String {
        run(Command::new(&self.enter[0]).args(&self.enter[1..]).args(["sh", "-ec", script]))
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        // With it the namespace ends.
        let _ = self.holder.wait();
    }
}
