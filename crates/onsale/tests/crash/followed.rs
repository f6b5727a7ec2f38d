//! Programs that know the events alone, and are killed as the server is.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use onsale_testkit::{ADMIN_KEY, Server};
use serde_json::{Value, json};
use tempfile::TempDir;

const TOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
/// What the one in Python keeps, as lists of rows.
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

/// The programs of `examples/feed`.
#[derive(Clone, Copy)]
pub(crate) enum Program {
    Python,
    TypeScript,
}

/// One of them, with a file of its own.
pub(crate) struct Follower {
    program: Program,
    directory: TempDir,
    server: String,
    running: Option<Child>,
}

impl Follower {
    pub(crate) fn start(server: &Server, program: Program) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::write(directory.path().join("admin.key"), ADMIN_KEY).expect("a file");
        if let Program::TypeScript = program {
            // Node can run it as it is only from 22.18 on.
            let tsc = format!("{TOP}/web/tests/node_modules/.bin/tsc");
            let project = format!("{TOP}/examples/feed/tsconfig.json");
            let made = Command::new(tsc).args(["-p", &project, "--outDir"]).arg(directory.path()).output();
            let made = made.expect("TypeScript is installed: see scripts/tools.sh");
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stdout));
        }
        let mut follower = Self { program, directory, server: address(server), running: None };
        follower.go_on();
        follower
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("mine.db")
    }

    fn command(&self) -> Command {
        let (runs, program) = match self.program {
            Program::Python => ("python3", Path::new(TOP).join("examples/feed/follow.py")),
            Program::TypeScript => ("node", self.directory.path().join("follow.mjs")),
        };
        let mut command = Command::new(runs);
        command.arg(program).args(["--server", &self.server]);
        command.arg("--key-file").arg(self.directory.path().join("admin.key")).arg("--file").arg(self.file());
        command
    }

    fn go_on(&mut self) {
        self.running = Some(self.command().stdin(Stdio::null()).spawn().expect("it runs"));
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
        let last = self.command().arg("--once").output().expect("it runs");
        assert!(last.status.success(), "{}", String::from_utf8_lossy(&last.stderr));
        match self.program {
            Program::Python => ask(&self.file(), KEPT),
            Program::TypeScript => rows(&self.file()),
        }
    }
}

/// What the one in TypeScript keeps, as the same lists of rows.
fn rows(file: &Path) -> [Vec<Value>; 3] {
    let text = std::fs::read_to_string(file).expect("its file");
    let kept: Value = serde_json::from_str(&text).expect("JSON");
    // Its keys are numbers as text.
    let by_number = |map: &Value| -> Vec<(u64, Value)> {
        let pairs = map.as_object().expect("a map").iter();
        let mut pairs: Vec<_> = pairs.map(|(key, value)| (key.parse().expect("a number"), value.clone())).collect();
        pairs.sort_by_key(|(key, _)| *key);
        pairs
    };
    let seats = by_number(&kept["seats"]).into_iter().flat_map(|(date, seats)| {
        let seat = move |(id, seat): (u64, Value)| json!([date, id, seat["state"], seat["reservation"]]);
        by_number(&seats).into_iter().map(seat).collect::<Vec<_>>()
    });
    let payment = |(id, paid): (u64, Value)| json!([id, paid["reservation"], paid["user"], paid["amount"]]);
    let accounts = kept["accounts"].as_object().expect("a map").iter().filter(|(_, balance)| **balance != 0);
    let mut accounts: Vec<(&String, &Value)> = accounts.collect();
    accounts.sort_by_key(|(account, _)| *account);
    let accounts = accounts.into_iter().map(|(account, balance)| json!([account, balance]));
    [seats.collect(), by_number(&kept["payments"]).into_iter().map(payment).collect(), accounts.collect()]
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
