//! PgBouncer in front of a PostgreSQL.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::postgres::{Database, as_unprivileged};

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(20);
/// Debian keeps it out of the path of most.
const DEBIAN: &str = "/usr/sbin/pgbouncer";

/// A running PgBouncer, killed when dropped.
#[derive(Debug)]
pub struct Pooler {
    child: Child,
    url: String,
    scratch: TempDir,
}

impl Pooler {
    /// Starts one that pools by `mode`: `session`, `transaction` or `statement`.
    ///
    /// # Panics
    /// When PgBouncer is not installed or does not start.
    #[must_use]
    pub fn start(database: &Database, mode: &str) -> Self {
        let listen = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port");
        let (user, address) = database.url().trim_start_matches("postgres://").split_once('@').expect("a user");
        let server = address.split(['/', '?']).next().and_then(|server| server.rsplit_once(':'));
        let (host, port) = server.expect("a host and a port");
        let text = format!(
            "[databases]\n* = host={host} port={port} user={user}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {}\nunix_socket_dir =\nauth_type = any\npool_mode = {mode}\n",
            listen.port()
        );
        let scratch = TempDir::new().expect("a scratch directory");
        let file = scratch.path().join("pgbouncer.ini");
        fs::write(&file, text).expect("the scratch directory can be written");
        open_to_all(scratch.path());
        open_to_all(&file);
        let log = fs::File::create(scratch.path().join("log")).expect("a log");
        let name = if Path::new(DEBIAN).exists() { DEBIAN } else { "pgbouncer" };
        let mut command = as_unprivileged(name);
        command.arg(&file).stdin(Stdio::null()).stdout(log.try_clone().expect("a second handle")).stderr(log);
        let child = command.spawn().unwrap_or_else(|error| panic!("starting {command:?}: {error}"));
        let url = format!("postgres://{user}@{listen}/{}", database.name());
        let pooler = Self { child, url, scratch };
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(listen).is_err() {
            let said = fs::read_to_string(pooler.scratch.path().join("log")).unwrap_or_default();
            assert!(Instant::now() < until, "PgBouncer does not start (apt-get install pgbouncer): {said}");
            thread::sleep(Duration::from_millis(20));
        }
        pooler
    }

    /// The database by way of it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn open_to_all(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a file of ours");
}
