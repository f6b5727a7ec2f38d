//! A real PostgreSQL, on a port and in a directory of its own.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::process;

/// Names a server that is there already: `postgres://user@host:port`. `scripts/test` starts one for all tests.
pub const SERVER: &str = "TESTKIT_POSTGRES";
/// Names a database in that server which has a store's tables, and nothing in them: what new stores are copies of.
pub const TEMPLATE: &str = "TESTKIT_TEMPLATE";
/// The superuser of the servers that are started here.
const USER: &str = "onsale";
/// Where Debian has the programs, by version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// How long a start or a stop may take before the test is given up.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a test's server is told: small, on loopback, and as durable as any. With hundreds of databases, each of which is gone in
/// seconds, it is not to look through one after the other for what could be vacuumed.
const CONFIGURATION: &str = "
listen_addresses = '127.0.0.1'
max_connections = 600
shared_buffers = '64MB'
max_wal_size = '2GB'
autovacuum_naptime = '10min'
wal_level = replica
hot_standby = on
max_wal_senders = 4
log_min_messages = warning
";

/// A server that is stopped when this is dropped.
#[derive(Debug)]
pub struct Postgres {
    scratch: TempDir,
    port: u16,
    child: Option<Child>,
    /// Ends the server of a process that cannot do it itself.
    guard: Option<Child>,
}

/// How a server is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Sessions are ended, and everything is written.
    Fast,
    /// As a crash: the next start recovers.
    Immediate,
}

/// A database of a test's own, empty at first. It stays behind in a server that goes by itself.
#[derive(Debug)]
pub struct Database {
    url: String,
    name: String,
}

impl Postgres {
    /// Makes a server and starts it.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        let scratch = TempDir::new().expect("a scratch directory");
        let mut server = Self { scratch, port: 0, child: None, guard: None };
        server.hand_over();
        let data = server.data();
        let mut command = as_unprivileged("initdb");
        command.args(["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-U", USER, "-D"]).arg(&data);
        run(&mut command);
        server.configure(CONFIGURATION);
        // No sooner than it is taken: while a directory is made, another test may come by it.
        server.port = free_port();
        server.start_again();
        server
    }

    /// A copy of this one that follows it: its standby, named `name` in `synchronous_standby_names`.
    #[must_use]
    pub fn standby(&self, name: &str) -> Self {
        let scratch = TempDir::new().expect("a scratch directory");
        let mut standby = Self { scratch, port: 0, child: None, guard: None };
        standby.hand_over();
        let mut command = as_unprivileged("pg_basebackup");
        command.args(["--no-sync", "-c", "fast", "-R", "-D"]).arg(standby.data());
        command.args(["-d", &format!("host=127.0.0.1 port={} user={USER} application_name={name}", self.port)]);
        run(&mut command);
        standby.port = free_port();
        standby.start_again();
        standby
    }

    /// Adds lines to its configuration; they hold from the next start on, or from [`Postgres::reload`].
    pub fn configure(&self, lines: &str) {
        let path = self.data().join("postgresql.conf");
        let text = fs::read_to_string(&path).expect("a configuration") + lines + "\n";
        fs::write(&path, text).expect("the configuration can be written");
    }

    /// Has it offer encryption, with a certificate and its key in PEM, from the next start on.
    ///
    /// # Panics
    /// When they cannot be written.
    pub fn encrypt(&self, certificate: &str, key: &str) {
        for (name, text) in [("server.crt", certificate), ("server.key", key)] {
            let path = self.data().join(name);
            fs::write(&path, text).expect("its directory can be written");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("it is ours to close");
            if let Some((user, group)) = unprivileged() {
                std::os::unix::fs::chown(&path, Some(user), Some(group)).expect("it is ours to give");
            }
        }
        self.configure("ssl = on");
    }

    /// Has it read its configuration again.
    pub fn reload(&self) {
        let child = self.child.as_ref().expect("it runs");
        process::send(child, Signal::HUP);
    }

    /// Starts it on its directory and port, and waits until it answers.
    ///
    /// # Panics
    /// When it runs already or does not come up.
    pub fn start_again(&mut self) {
        assert!(self.child.is_none(), "it runs already");
        let log = File::options().create(true).append(true).open(self.scratch.path().join("log")).expect("a log");
        let mut command = as_unprivileged("postgres");
        command.arg("-D").arg(self.data()).args(["-p", &self.port.to_string()]);
        command.arg("-k").arg(self.scratch.path());
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a second handle")).stderr(log);
        self.child = Some(command.spawn().unwrap_or_else(|error| panic!("starting {command:?}: {error}")));
        let answers = || psql(&format!("{}/postgres", self.url()), "select 1").is_ok();
        if !wait_for(answers) {
            let log = fs::read_to_string(self.scratch.path().join("log")).unwrap_or_default();
            panic!("PostgreSQL does not answer:\n{log}");
        }
    }

    /// Stops it, and waits until it is gone.
    pub fn stop(&mut self, how: Stop) {
        let mut child = self.child.take().expect("it runs");
        process::send(&child, if how == Stop::Fast { Signal::INT } else { Signal::QUIT });
        child.wait().expect("it can be waited for");
    }

    /// Makes a standby the primary, and waits until it is.
    pub fn promote(&self) {
        let url = format!("{}/postgres", self.url());
        psql(&url, "select pg_promote(true, 60)").unwrap_or_else(|error| panic!("promoting: {error}"));
        let is_primary = || psql(&url, "select pg_is_in_recovery()").is_ok_and(|answer| answer.trim() == "f");
        assert!(wait_for(is_primary), "it is no primary");
    }

    /// Where it is, without a database: `postgres://user@host:port`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://{USER}@127.0.0.1:{}", self.port)
    }

    /// Its port on loopback.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A new database in it.
    #[must_use]
    pub fn database(&self) -> Database {
        Database::new(&self.url(), "template1")
    }

    /// Runs statements in one of its databases, and gives what they print: one line a row, unaligned.
    ///
    /// # Panics
    /// When they fail.
    #[must_use]
    pub fn run(&self, database: &str, sql: &str) -> String {
        psql(&format!("{}/{database}", self.url()), sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The process id of the server itself.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    fn data(&self) -> PathBuf {
        self.scratch.path().join("data")
    }

    /// The server refuses to run as root, and its directory must be its own.
    fn hand_over(&mut self) {
        if let Some((user, group)) = unprivileged() {
            std::os::unix::fs::chown(self.scratch.path(), Some(user), Some(group)).expect("it is ours to give");
        }
        let open = fs::Permissions::from_mode(0o755);
        fs::set_permissions(self.scratch.path(), open).expect("it is ours to open");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.child.is_some() {
            self.stop(Stop::Immediate);
        }
    }
}

impl Database {
    /// A new database in the server that all tests share, or in one that this process starts.
    #[must_use]
    pub fn fresh() -> Self {
        Self::new(&server(), "template1")
    }

    /// As [`Database::fresh`], with a store's tables where there is a template of them: they take as long to make as to serve a
    /// test.
    pub(crate) fn for_store() -> Self {
        let template = std::env::var(TEMPLATE).ok().filter(|template| !template.is_empty());
        Self::new(&server(), template.as_deref().unwrap_or("template1"))
    }

    fn new(server: &str, template: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        // The server outlives many processes, and the numbers of those come again.
        let moment = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        let name = format!("test_{}_{moment}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let make = format!("create database {name} template {template}");
        psql(&format!("{server}/postgres"), &make).unwrap_or_else(|error| panic!("{make}: {error}"));
        Self { url: format!("{server}/{name}"), name }
    }

    /// How to connect to it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs statements in it, and gives what they print: one line a row, unaligned.
    ///
    /// # Panics
    /// When they fail.
    pub fn run(&self, sql: &str) -> String {
        psql(&self.url, sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }
}

/// A session of somebody else, which stays open, with what it has begun, until this is dropped.
#[derive(Debug)]
pub struct Session {
    child: Child,
}

impl Session {
    /// Opens one, and returns when it has run `sql`.
    ///
    /// # Panics
    /// When it fails.
    #[must_use]
    pub fn open(url: &str, sql: &str) -> Self {
        const DONE: &str = "it has run";
        let mut command = Command::new(program("psql"));
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("starting {command:?}: {error}"));
        let stdin = child.stdin.as_mut().expect("its stdin is a pipe");
        writeln!(stdin, "{sql}\n\\echo {DONE}").expect("it reads");
        let stdout = child.stdout.take().expect("its stdout is a pipe");
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        assert!(lines.any(|line| line == DONE), "{sql} failed");
        Self { child }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The server may have ended it, and both calls then say so.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The server that all tests share. Where none is named, this process starts one, which ends with it.
fn server() -> String {
    static OWN: OnceLock<Postgres> = OnceLock::new();
    match std::env::var(SERVER) {
        Ok(url) if !url.is_empty() => url,
        _ => {
            let own = OWN.get_or_init(Postgres::start_dying_with_us);
            own.url()
        }
    }
}

impl Postgres {
    /// [`Postgres::start`], for a process that may never drop it: a guard ends the server when this process is gone.
    ///
    /// # Panics
    /// As [`Postgres::start`].
    #[must_use]
    pub fn start_dying_with_us() -> Self {
        let mut server = Self::start();
        let script = format!(
            "while kill -0 {} 2>/dev/null; do sleep 0.2; done; kill -QUIT {} 2>/dev/null; sleep 1; rm -rf {}",
            std::process::id(),
            server.process_id(),
            server.scratch.path().display()
        );
        let mut guard = Command::new("setsid");
        guard.args(["sh", "-c", &script]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        server.guard = Some(guard.spawn().unwrap_or_else(|error| panic!("starting {guard:?}: {error}")));
        server
    }
}

fn psql(url: &str, sql: &str) -> Result<String, String> {
    let mut command = Command::new(program("psql"));
    command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql]);
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// One of PostgreSQL's programs: Debian keeps those of the server out of the path.
fn program(name: &str) -> PathBuf {
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().filter_map(Result::ok);
    let mut found: Vec<PathBuf> =
        versions.map(|version| version.path().join("bin").join(name)).filter(|path| path.exists()).collect();
    found.sort();
    found.pop().unwrap_or_else(|| Path::new(name).to_owned())
}

pub(crate) fn as_unprivileged(name: &str) -> Command {
    let path = program(name);
    match unprivileged() {
        Some((user, group)) => {
            let mut command = Command::new("setpriv");
            command.args([format!("--reuid={user}"), format!("--regid={group}")]).arg("--clear-groups").arg(path);
            command
        }
        None => Command::new(path),
    }
}

/// Whom the server is to run as, where we are root: user and group of `nobody`.
fn unprivileged() -> Option<(u32, u32)> {
    rustix::process::geteuid().is_root().then_some((65_534, 65_534))
}

fn run(command: &mut Command) {
    let output = command.current_dir("/").output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Looks again and again until `look` says yes; false when it has not in time.
fn wait_for(look: impl Fn() -> bool) -> bool {
    let until = Instant::now() + PATIENCE;
    while !look() {
        if Instant::now() > until {
            return false;
        }
        thread::sleep(Duration::from_millis(20));
    }
    true
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}
