//! Nodes of one store, and what must hold between them.

use std::process::Command;

use onsale_testkit::postgres::Database;
use onsale_testkit::{Admin, Catalog, Client, Server, Setup, eventually};

use crate::setup;

/// How many seats they sell, which no test gets through, and for how much each.
pub(crate) const SEATS: u32 = 20_000;
pub(crate) const PRICE: u64 = 1_000;

/// Three nodes with something to sell.
pub(crate) struct Nodes {
    pub(crate) servers: Vec<Server>,
    url: String,
}

impl Nodes {
    /// Starts three on a database, each reaching it as `urls` says, in turn.
    pub(crate) async fn open(urls: &[String], change: impl Fn(Setup) -> Setup) -> Self {
        let servers = (0..3).map(|at| change(setup()).store_url(&urls[at % urls.len()]).start()).collect();
        let nodes = Self { servers, url: urls[0].clone() };
        let reply = nodes.admin(0).publish(&Catalog::hall(SEATS, PRICE)).await;
        assert_eq!(reply.status, 200, "{reply}");
        nodes
    }

    pub(crate) async fn on(database: &Database) -> Self {
        Self::open(&[database.url().to_owned()], |setup| setup).await
    }

    /// Nodes on whose queue more come than are let in.
    pub(crate) async fn crowded(urls: &[String]) -> Self {
        Self::open(urls, |setup| setup.set("queue.active_limit", 8)).await
    }

    pub(crate) fn clients(&self) -> Vec<Client> {
        self.servers.iter().map(Server::client).collect()
    }

    pub(crate) fn admin(&self, node: usize) -> Admin {
        Admin::new(self.servers[node].client())
    }

    /// Waits until all nodes are at the same entry, and expects the same state there. Then the store itself is audited.
    pub(crate) async fn assert_agreed(&self) {
        let mut states = Vec::new();
        eventually("all nodes are at the same entry", async || {
            states.clear();
            for node in 0..self.servers.len() {
                states.push(self.admin(node).state().await);
            }
            states.iter().all(|state| state["seq"] == states[0]["seq"])
        })
        .await;
        for state in &states {
            assert_eq!(state["fingerprint"], states[0]["fingerprint"], "{states:?}");
        }
        self.assert_audit_clean(&self.url);
    }

    /// Audits the store while its nodes go on.
    pub(crate) fn assert_audit_clean(&self, url: &str) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onsale"));
        let output = command.args(["audit", "--store", url]).output().expect("the audit can be run");
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the audit found something:\n{said}");
    }
}
