//! A real Prometheus, on a port and in a directory of its own.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};

use onsale_testkit::{Call, Client, eventually};
use serde_json::Value;
use tempfile::TempDir;

/// Killed when dropped.
pub(crate) struct Prometheus {
    child: Child,
    client: Client,
    _scratch: TempDir,
}

impl Prometheus {
    /// Starts one, and waits until it answers.
    pub(crate) async fn start(configuration: &str) -> Self {
        let scratch = TempDir::new().expect("a scratch directory");
        let file = scratch.path().join("prometheus.yml");
        fs::write(&file, configuration).expect("the scratch directory can be written");
        let address = free_address();
        let log = scratch.path().join("log");
        let mut command = Command::new("prometheus");
        command.arg(format!("--config.file={}", file.display()));
        command.arg(format!("--storage.tsdb.path={}", scratch.path().join("data").display()));
        command.arg(format!("--web.listen-address={address}"));
        let out = File::create(&log).expect("a log");
        command.stdin(Stdio::null()).stdout(out.try_clone().expect("a second handle")).stderr(out);
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}; scripts/test installs it"));
        let mut prometheus = Self { child, client: Client::new(address), _scratch: scratch };
        eventually("Prometheus is ready", async || {
            let ended = prometheus.child.try_wait().expect("its status can be asked for");
            assert!(ended.is_none(), "{}", fs::read_to_string(&log).unwrap_or_default());
            prometheus.client.send(&Call::get("/-/ready")).await.is_ok_and(|reply| reply.status == 200)
        })
        .await;
        prometheus
    }

    /// What its API has at a path.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let reply = self.client.call(Call::get(path)).await;
        assert_eq!(reply.status, 200, "{reply}");
        reply.json()["data"].clone()
    }

    /// The series that an expression gives now.
    pub(crate) async fn query(&self, expression: &str) -> Vec<Value> {
        let data = self.get(&format!("/api/v1/query?query={}", encoded(expression))).await;
        data["result"].as_array().unwrap_or_else(|| panic!("{expression}: {data}")).clone()
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // It may have ended by itself, and both calls then say so.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address that was free a moment ago.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port")
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}
