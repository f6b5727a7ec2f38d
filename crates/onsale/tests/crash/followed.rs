//! A program that knows the events alone, and is killed as the server is.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use onsale_testkit::{ADMIN_KEY, Server};
use serde_json::Value;
use tempfile::TempDir;

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/feed/follow.py");
/// What the program keeps, as lists of rows.
const KEPT: [&str; 3] = [
    "SELECT schedule, seat, state, reservation FROM seats ORDER BY 1, 2",
    "SELECT payment, reservation, user, amount FROM payments ORDER BY 1",
    "SELECT account, balance FROM accounts WHERE balance != 0 ORDER BY 1",
];
/// The same of the tables.
const TABLES: [&str; 3] = [
    "SELECT schedule_id, seat_id, status, reservation_id FROM seats_now ORDER BY 1, 2",
    "SELECT payment_id, reservation_id, user_id, amount FROM payments ORDER BY 1",
    "SELECT account || coalesce('/' || user_id, ''), balance FROM accounts_now WHERE balance != 0 ORDER BY 1",
];
/// Prints what the queries behind a file's name come to.
const ASK: &str = "import sqlite3, json, sys
db = sqlite3.connect(sys.argv[1])
print(json.dumps([db.execute(sql).fetchall() for sql in sys.argv[2:]]))";

/// `examples/feed/follow.py`, with a file of its own.
pub(crate) struct Follower {
    directory: TempDir,
    server: String,
    running: Option<Child>,
}

impl Follower {
    pub(crate) fn start(server: &Server) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::write(directory.path().join("admin.key"), ADMIN_KEY).expect("a file");
        let mut follower = Self { directory, server: address(server), running: None };
        follower.go_on();
        follower
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("mine.db")
    }

    fn command(&self) -> Command {
        let mut command = Command::new("python3");
        command.arg(PROGRAM).args(["--server", &self.server]);
        command.arg("--key-file").arg(self.directory.path().join("admin.key")).arg("--file").arg(self.file());
        command
    }

    fn go_on(&mut self) {
        self.running = Some(self.command().stdin(Stdio::null()).spawn().expect("Python runs"));
    }

    /// Kills it, wherever it is, and starts it again.
    pub(crate) fn kill(&mut self) {
        let mut running = self.running.take().expect("it runs");
        assert!(running.try_wait().expect("it can be looked at").is_none(), "it ended by itself");
        running.kill().expect("it can be killed");
        running.wait().expect("it ends");
        self.go_on();
    }

    /// Has it come to the end of the feed, and gives what it keeps: seats, payments and accounts.
    pub(crate) fn finish(mut self, server: &Server) -> [Vec<Value>; 3] {
        self.kill();
        self.server = address(server);
        let mut running = self.running.take().expect("it runs");
        running.kill().expect("it can be killed");
        running.wait().expect("it ends");
        let last = self.command().arg("--once").output().expect("Python runs");
        assert!(last.status.success(), "{}", String::from_utf8_lossy(&last.stderr));
        ask(&self.file(), KEPT)
    }
}

fn address(server: &Server) -> String {
    format!("http://{}", server.address())
}

impl Drop for Follower {
    fn drop(&mut self) {
        if let Some(mut running) = self.running.take() {
            let _ = running.kill();
            let _ = running.wait();
        }
    }
}

/// Seats, payments and accounts of a store that is stopped, as its tables have them.
pub(crate) fn tables(data: &Path) -> [Vec<Value>; 3] {
    ask(&data.join("onsale.db"), TABLES)
}

fn ask(file: &Path, queries: [&str; 3]) -> [Vec<Value>; 3] {
    let output = Command::new("python3").args(["-c", ASK]).arg(file).args(queries).output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("three lists")
}
