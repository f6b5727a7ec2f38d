//! The real binary, started, watched, hurt and started again.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::balancer::Balancer;
use crate::client::Client;
use crate::process;
use crate::setup::Setup;

/// What the service prints, before its address, once it serves.
const READY: &str = "listening on ";
/// How long a start or a graceful stop may take before the test is given up.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many lines of each log a failing test shows.
const LOG_LINES_SHOWN: usize = 120;

/// Which port a restarted server listens on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// Any free one.
    Any,
    /// The one it had before.
    Same,
}

/// A running (or, after [`Server::kill`] and [`Server::terminate`], stopped) server. It is killed when dropped, and
/// when that happens in a failing test, its logs are shown.
pub struct Server {
    setup: Setup,
    scratch: TempDir,
    data: PathBuf,
    child: Option<Child>,
    /// The other nodes, and what stands before them all, where a server is made of several.
    others: Vec<Child>,
    balancer: Option<Balancer>,
    address: SocketAddr,
}

impl Server {
    pub(crate) fn start(setup: Setup) -> Self {
        let scratch = TempDir::new().expect("a scratch directory");
        let data = setup.chosen_data().map_or_else(|| scratch.path().join("data"), Path::to_path_buf);
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut server = Self { setup, scratch, data, child: None, others: Vec::new(), balancer: None, address };
        server.launch("127.0.0.1:0");
        server
    }

    /// Starts a stopped server on the same data directory, and says how long it took until it served.
    ///
    /// # Panics
    /// When it still runs, or does not come up.
    pub fn start_again(&mut self, port: Port) -> Duration {
        assert!(self.child.is_none(), "the server still runs");
        let listen = match port {
            Port::Any => "127.0.0.1:0".to_owned(),
            Port::Same => self.address.to_string(),
        };
        let began = Instant::now();
        self.launch(&listen);
        began.elapsed()
    }

    /// Changes how the next start is made: another limit, another environment.
    pub fn reconfigure(&mut self, change: impl FnOnce(Setup) -> Setup) {
        self.setup = change(self.setup.clone());
    }

    fn launch(&mut self, listen: &str) {
        let nodes = self.setup.nodes();
        if nodes == 1 {
            let (child, address) = self.launch_one(listen);
            self.child = Some(child);
            self.address = address;
            return;
        }
        // The first makes the store.
        let (first, address) = self.launch_one("127.0.0.1:0");
        self.child = Some(first);
        let mut addresses = vec![address];
        let others: Vec<_> = thread::scope(|scope| {
            let starting: Vec<_> = (1..nodes).map(|_| scope.spawn(|| self.launch_one("127.0.0.1:0"))).collect();
            starting.into_iter().map(thread::ScopedJoinHandle::join).collect()
        });
        for other in others {
            let (child, address) = other.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            addresses.push(address);
            self.others.push(child);
        }
        let balancer = Balancer::start(listen.parse().expect("an address"), &addresses, self.scratch.path());
        self.address = balancer.address();
        self.balancer = Some(balancer);
    }

    fn launch_one(&self, listen: &str) -> (Child, SocketAddr) {
        let mut command = self.setup.serve(listen, &self.data);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(self.log("stderr"));
        let mut child = command.spawn().unwrap_or_else(|error| panic!("starting {command:?}: {error}"));
        let stdout = child.stdout.take().expect("its stdout is a pipe");
        let (sender, receiver) = mpsc::channel();
        let log = self.log("stdout");
        thread::spawn(move || copy_stdout(stdout, log, &sender));
        let ready = receiver.recv_timeout(PATIENCE).ok();
        if ready.is_none() {
            let _ = child.kill();
            let _ = child.wait();
        }
        let address =
            ready.unwrap_or_else(|| panic!("the server did not say that it listens ({command:?})\n{}", self.logs()));
        (child, address)
    }

    fn log(&self, name: &str) -> File {
        let path = self.scratch.path().join(name);
        OpenOptions::new().create(true).append(true).open(path).expect("a log file in the scratch directory")
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A new client of it, with connections of its own.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// Its data directory.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The server's process id.
    ///
    /// # Panics
    /// When it is stopped.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.running().id()
    }

    /// The user and system CPU time it has used since its last start.
    #[must_use]
    pub fn cpu_time(&self) -> Duration {
        process::cpu_time(self.process_id())
    }

    /// `kill -9`, and waits until it is gone.
    pub fn kill(&mut self) {
        self.balancer = None;
        let first = self.child.take().expect("the server runs");
        for mut child in self.others.drain(..).chain([first]) {
            process::send(&child, Signal::KILL);
            child.wait().expect("a killed process can be waited for");
        }
    }

    /// SIGTERM, and waits until it is gone: the exit status.
    ///
    /// # Panics
    /// When it does not stop.
    pub fn terminate(&mut self) -> ExitStatus {
        process::send(self.running(), Signal::TERM);
        for mut other in self.others.drain(..) {
            process::send(&other, Signal::TERM);
            let status = process::wait_until_exit(&mut other, PATIENCE);
            assert!(status.is_some_and(|status| status.success()), "a node did not stop on SIGTERM: {status:?}");
        }
        self.balancer = None;
        let child = self.child.as_mut().expect("the server runs");
        let status = process::wait_until_exit(child, PATIENCE);
        let status = status.unwrap_or_else(|| panic!("the server did not stop on SIGTERM"));
        self.child = None;
        status
    }

    /// SIGSTOP: it stands still, with its connections open.
    pub fn pause(&self) {
        self.others.iter().chain([self.running()]).for_each(|child| process::send(child, Signal::STOP));
    }

    /// SIGCONT, after [`Server::pause`].
    pub fn resume(&self) {
        self.others.iter().chain([self.running()]).for_each(|child| process::send(child, Signal::CONT));
    }

    /// `onsale audit --data DIR` on the stopped server's data.
    ///
    /// # Panics
    /// When the server runs (the data directory has one owner), or the program cannot be started.
    #[must_use]
    pub fn audit(&self) -> Output {
        assert!(self.child.is_none(), "stop the server before its data is audited");
        self.run("audit", &[])
    }

    /// Runs `onsale NAME` on the server's store, wherever that is.
    ///
    /// # Panics
    /// When the program cannot be started.
    #[must_use]
    pub fn run(&self, name: &str, more: &[&str]) -> Output {
        let mut command = self.setup.command(name);
        command.args(self.setup.store(&self.data)).args(more);
        command.output().unwrap_or_else(|error| panic!("running {command:?}: {error}"))
    }

    /// Runs [`Server::audit`] and expects that everything holds.
    pub fn assert_audit_clean(&self) {
        let output = self.audit();
        assert!(
            output.status.success(),
            "the audit found something ({}):\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
    }

    /// Its exit status, if it has ended by itself.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        let status = self.child.as_mut()?.try_wait().expect("its status can be asked for")?;
        self.child = None;
        Some(status)
    }

    /// What it has printed to stdout and stderr so far, over all its starts.
    #[must_use]
    pub fn output(&self) -> String {
        ["stdout", "stderr"].map(|name| fs::read_to_string(self.scratch.path().join(name)).unwrap_or_default()).concat()
    }

    fn running(&self) -> &Child {
        self.child.as_ref().expect("the server runs")
    }

    fn logs(&self) -> String {
        ["stdout", "stderr"].map(|name| self.log_tail(name)).concat()
    }

    fn log_tail(&self, name: &str) -> String {
        let bytes = fs::read(self.scratch.path().join(name)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        let tail = &lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..];
        format!("--- the server's {name} ---\n{}\n", tail.join("\n"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for child in self.others.iter_mut().chain(&mut self.child) {
            // It may have ended by itself, and both calls then say so: nothing is left to do.
            let _ = child.kill();
            let _ = child.wait();
        }
        if thread::panicking() {
            eprintln!("{}", self.logs());
        }
    }
}

/// Reports the address once it is printed, and goes on copying, so that the server never blocks on a full pipe.
fn copy_stdout(stdout: ChildStdout, mut log: File, ready: &mpsc::Sender<SocketAddr>) {
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        // The log is only for people: a full disk must not stop the test's reading.
        let _ = writeln!(log, "{line}");
        if let Some(address) = printed_address(&line) {
            // Nobody listens after the first.
            let _ = ready.send(address);
        }
    }
}

fn printed_address(line: &str) -> Option<SocketAddr> {
    let (_, url) = line.split_once(READY)?;
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ':')).unwrap_or(rest.len());
    rest[..end].trim_end_matches(['.', ':']).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_a_line() {
        let expected = Some(SocketAddr::from(([127, 0, 0, 1], 8080)));
        assert_eq!(printed_address("onsale 0.1.0 listening on http://127.0.0.1:8080"), expected);
        assert_eq!(printed_address("listening on http://127.0.0.1:8080/ (HTTP/1.1)"), expected);
        assert_eq!(printed_address("listening on http://127.0.0.1:8080."), expected);
        assert_eq!(printed_address("listening on https://127.0.0.1:8080"), expected);
        assert_eq!(printed_address("not yet listening"), None);
    }
}
