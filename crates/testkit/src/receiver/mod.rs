//! Somebody who is sent webhooks: a program with the official library of Standard Webhooks, in Python or JavaScript.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// What a receiver is written in.
#[derive(Clone, Copy, Debug)]
pub enum Tongue {
    Python,
    Node,
}

/// A receiver on a port of its own. It ends with this.
pub struct Receiver {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    port: u64,
}

impl Receiver {
    /// Starts one that answers 204.
    ///
    /// # Panics
    /// When it does not start: what `scripts/tools.sh` installs may be missing.
    #[must_use]
    pub fn start(tongue: Tongue) -> Self {
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/receiver");
        let words: Vec<PathBuf> = match tongue {
            Tongue::Python => vec![top.join("target/venv/bin/python"), programs.join("receive.py")],
            Tongue::Node => vec!["node".into(), programs.join("receive.mjs"), top.join("web/tests/package.json")],
        };
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}; see scripts/tools.sh"));
        let to = child.stdin.take().expect("it is piped");
        let from = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut receiver = Self { child, to, from, port: 0 };
        receiver.port = receiver.hear()["port"].as_u64().expect("a port");
        receiver
    }

    /// Where it is sent to.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/events", self.port)
    }

    /// Has it answer so from now on: a `status`, 0 for none at all; `retryAfter`; `slow`, in seconds.
    pub fn answer(&mut self, answer: &Value) {
        self.say(&json!({"answer": answer}));
    }

    /// What it has received, in order, each with whether it verifies by each of the keys.
    #[must_use]
    pub fn messages(&mut self, keys: &[&str]) -> Vec<Value> {
        self.say(&json!({"verify": keys})).as_array().expect("a list").clone()
    }

    fn say(&mut self, what: &Value) -> Value {
        writeln!(self.to, "{what}").expect("it listens");
        self.hear()
    }

    fn hear(&mut self) -> Value {
        let mut line = String::new();
        self.from.read_line(&mut line).expect("it speaks");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("the receiver says {line:?}: {error}"))
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
