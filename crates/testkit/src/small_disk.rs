//! A file system of a few megabytes that a test can fill and free.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A tmpfs in a mount namespace of its own. Programs see it when they run under [`SmallDisk::enter`].
pub struct SmallDisk {
    /// Keeps the namespace alive until its stdin is closed.
    holder: Child,
    mount_point: TempDir,
    enter: Vec<String>,
}

impl SmallDisk {
    /// Mounts one of this size.
    ///
    /// # Panics
    /// Where this user may not make namespaces, with or without being root.
    #[must_use]
    pub fn mount(megabytes: u32) -> Self {
        let mount_point = TempDir::new().expect("a scratch directory");
        let script = format!(
            "mount -t tmpfs -o size={megabytes}m,mode=0777 tmpfs '{}' && echo mounted && exec cat",
            mount_point.path().display()
        );
        // An own user namespace lets anybody mount; where those are switched off, root does not need one.
        let attempts: [(&[&str], &[&str]); 2] =
            [(&["-rm"], &["-U", "-m", "--preserve-credentials"]), (&["-m"], &["-m"])];
        for (unshare, nsenter) in attempts {
            if let Some(holder) = hold(unshare, &script) {
                let target = holder.id().to_string();
                let words = ["nsenter", "-t", &target].into_iter().chain(nsenter.iter().copied());
                let enter = words.map(str::to_owned).collect();
                return Self { holder, mount_point, enter };
            }
        }
        panic!("no small file system could be mounted: run this as root, or allow user namespaces");
    }

    /// The command line that runs a program where the disk is mounted: put the program behind it.
    #[must_use]
    pub fn enter(&self) -> &[String] {
        &self.enter
    }

    /// Where the disk is for programs that run under [`SmallDisk::enter`].
    #[must_use]
    pub fn path(&self) -> &Path {
        self.mount_point.path()
    }

    /// Leaves no room: what was free is taken by a file of no use.
    pub fn fill(&self) {
        let mut ballast = fs::File::create(self.ballast()).expect("a file on the small disk");
        // Large pieces first, then pages: tmpfs gives out whole pages.
        for piece in [1 << 20, 4_096] {
            let zeros = vec![0_u8; piece];
            let full = std::iter::repeat_with(|| ballast.write_all(&zeros)).find_map(Result::err);
            let full = full.expect("the disk has an end");
            assert_eq!(full.kind(), ErrorKind::StorageFull, "filling the small disk: {full}");
        }
    }

    /// Gives the room back.
    pub fn free(&self) {
        fs::remove_file(self.ballast()).expect("the small disk was filled");
    }

    /// Seen from outside, by way of the process that lives in the namespace.
    fn ballast(&self) -> PathBuf {
        let inside = self.mount_point.path().join("ballast");
        let relative = inside.strip_prefix("/").expect("scratch directories have absolute paths");
        PathBuf::from(format!("/proc/{}/root", self.holder.id())).join(relative)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // The namespace and the mount end with their last process.
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

fn hold(unshare: &[&str], script: &str) -> Option<Child> {
    let mut command = Command::new("unshare");
    command.args(unshare).args(["sh", "-c", script]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("unshare (of util-linux) should be installed");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("its stdout is a pipe");
    BufReader::new(stdout).read_line(&mut line).expect("its stdout can be read");
    if line.trim() == "mounted" {
        return Some(child);
    }
    child.wait().expect("a child can be waited for");
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fills_and_frees() {
        let disk = SmallDisk::mount(2);
        let write = |bytes: u32| {
            let target = disk.path().join("probe");
            let script = format!("head -c {bytes} /dev/zero > '{}'", target.display());
            let (program, words) = disk.enter().split_first().expect("nsenter");
            Command::new(program).args(words).args(["sh", "-c", &script]).status().expect("nsenter runs").success()
        };
        assert!(write(65_536));
        disk.fill();
        assert!(!write(262_144));
        disk.free();
        assert!(write(262_144));
    }
}
