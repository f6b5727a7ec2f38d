//! How a server under test is started.

use std::ffi::{OsStr, OsString};
use std::fmt::Display;
use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

use crate::admin::ADMIN_KEY;
use crate::postgres::Database;
use crate::process;
use crate::server::Server;

/// How long a server may take to refuse to start.
const REFUSAL_PATIENCE: Duration = Duration::from_secs(20);

/// Where the servers under test have their stores, if not in their data directories: `postgres`, or `cluster` for three
/// nodes behind a load balancer in place of each server.
pub(crate) const STORE: &str = "TESTKIT_STORE";
const POSTGRES: &str = "postgres";
const CLUSTER: &str = "cluster";

/// The database that stands for a data directory: made when it is first asked for, and noted in the directory.
fn database_of(data: &Path) -> String {
    let note = data.join("postgres-url");
    if let Ok(url) = fs::read_to_string(&note) {
        return url;
    }
    let url = Database::for_store().url().to_owned();
    fs::create_dir_all(data).and_then(|()| fs::write(&note, &url)).expect("the data directory can be written");
    url
}

/// The command line and environment of a server under test. [`Setup::start`] runs it.
#[derive(Clone, Debug)]
pub struct Setup {
    binary: PathBuf,
    wrapper: Vec<OsString>,
    flags: Vec<OsString>,
    settings: Vec<(String, String)>,
    environment: Vec<(OsString, OsString)>,
    data: Option<PathBuf>,
    store: Option<String>,
    directory: bool,
    /// Its address, and what keeps it.
    socket: Option<(SocketAddr, Arc<TcpListener>)>,
}

impl Setup {
    /// A server of this binary on a port of its own and a new data directory, with [`ADMIN_KEY`] as admin key.
    pub fn new(binary: impl Into<PathBuf>) -> Self {
        Self {
            binary: binary.into(),
            wrapper: Vec::new(),
            flags: Vec::new(),
            settings: Vec::new(),
            environment: Vec::new(),
            data: None,
            store: None,
            directory: false,
            socket: None,
        }
        .set("admin.key", ADMIN_KEY)
    }

    /// Adds `--set key=value`; a key that is set already is replaced.
    #[must_use]
    pub fn set(mut self, key: &str, value: impl Display) -> Self {
        self.settings.retain(|(known, _)| known != key);
        self.settings.push((key.to_owned(), value.to_string()));
        self
    }

    /// Leaves a key to the server's own choice again.
    #[must_use]
    pub fn unset(mut self, key: &str) -> Self {
        self.settings.retain(|(known, _)| known != key);
        self
    }

    /// Adds an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Adds a flag of `onsale serve`.
    #[must_use]
    pub fn flag(mut self, flag: impl Into<OsString>) -> Self {
        self.flags.push(flag.into());
        self
    }

    /// Runs the binary by way of another program, which must replace itself with it (as `nsenter` does): the
    /// process that is started is taken for the server.
    #[must_use]
    pub fn under<S: AsRef<OsStr>>(mut self, wrapper: &[S]) -> Self {
        self.wrapper = wrapper.iter().map(|word| word.as_ref().to_owned()).collect();
        self
    }

    /// Opens the socket here, and passes it to each server that is started, as systemd does by a socket unit: clients that come while there
    /// is no server wait in it.
    ///
    /// # Panics
    /// When there is no port.
    #[must_use]
    pub fn with_socket(mut self) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = socket.local_addr().expect("its address");
        rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::empty()).expect("the server inherits it");
        let passing = format!("LISTEN_FDS=1 LISTEN_PID=$$ exec \"$@\" 3<&{}", socket.as_raw_fd());
        self.socket = Some((address, Arc::new(socket)));
        // dash, which is sh here, knows descriptors of one digit alone.
        self.under(&["bash", "-c", &passing, "bash"])
    }

    /// Uses this data directory instead of a new one.
    #[must_use]
    pub fn data(mut self, directory: impl Into<PathBuf>) -> Self {
        self.data = Some(directory.into());
        self
    }

    /// Uses this database, wherever the other servers under test have their stores.
    #[must_use]
    pub fn store_url(mut self, url: impl Into<String>) -> Self {
        self.store = Some(url.into());
        self
    }

    /// Keeps the store in the data directory, wherever the other servers under test have theirs.
    #[must_use]
    pub fn in_directory(mut self) -> Self {
        self.directory = true;
        self
    }

    /// How many nodes one server under test is made of, behind a load balancer.
    pub(crate) fn nodes(&self) -> usize {
        if self.store.is_none() && !self.directory && std::env::var(STORE).is_ok_and(|kind| kind == CLUSTER) {
            3
        } else {
            1
        }
    }

    /// Starts the server and waits until it says that it listens.
    ///
    /// # Panics
    /// When it does not come up; what it printed is in the message.
    #[must_use]
    pub fn start(self) -> Server {
        Server::start(self)
    }

    /// Runs a server that is expected to refuse to start: its exit status and what it printed.
    ///
    /// # Panics
    /// When it goes on running.
    #[must_use]
    pub fn refused(self) -> (ExitStatus, String) {
        let scratch = TempDir::new().expect("a scratch directory");
        let data = self.data.clone().unwrap_or_else(|| scratch.path().join("data"));
        let log = scratch.path().join("log");
        let file = File::create(&log).expect("a log file in the scratch directory");
        let mut command = self.serve("127.0.0.1:0", &data);
        command.stdin(Stdio::null()).stdout(file.try_clone().expect("a second handle")).stderr(file);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("starting {command:?}: {error}"));
        let status = process::wait_until_exit(&mut child, REFUSAL_PATIENCE);
        // When it runs after all, it must not go on doing so.
        let _ = child.kill();
        let _ = child.wait();
        let printed = fs::read_to_string(&log).unwrap_or_default();
        (status.unwrap_or_else(|| panic!("it started ({command:?})\n{printed}")), printed)
    }

    pub(crate) fn chosen_data(&self) -> Option<&Path> {
        self.data.as_deref()
    }

    /// `onsale <subcommand> …` by way of the wrapper, where there is one.
    pub(crate) fn command(&self, subcommand: &str) -> Command {
        let mut words = self.wrapper.iter().map(OsString::as_os_str).chain([self.binary.as_os_str()]);
        let mut command = Command::new(words.next().expect("the binary is always there"));
        command.args(words).arg(subcommand);
        // What the developer's own shell sets for a service must not reach the one under test.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("ONSALE_") {
                command.env_remove(name);
            }
        }
        command
    }

    /// The flags that name the store that belongs to this data directory: itself, or a database of its own.
    pub(crate) fn store(&self, data: &Path) -> [OsString; 2] {
        if let Some(url) = &self.store {
            return ["--store".into(), url.into()];
        }
        if self.directory {
            return ["--data".into(), data.into()];
        }
        match std::env::var(STORE) {
            Ok(kind) if kind == POSTGRES || kind == CLUSTER => ["--store".into(), database_of(data).into()],
            Ok(kind) if !kind.is_empty() => panic!("{STORE} is {kind:?}, and can be {POSTGRES} or {CLUSTER}"),
            Ok(_) | Err(_) => ["--data".into(), data.into()],
        }
    }

    /// `onsale serve …` with everything that was chosen.
    pub(crate) fn serve(&self, listen: &str, data: &Path) -> Command {
        let mut command = self.command("serve");
        let own = self.socket.as_ref().map(|(address, _)| address.to_string());
        command.args(["--listen", own.as_deref().unwrap_or(listen)]).args(self.store(data)).args(&self.flags);
        for (key, value) in &self.settings {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}
