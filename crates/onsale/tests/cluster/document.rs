//! The load balancers of `docs/cluster.md`, as they stand there, before three nodes.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use onsale_testkit::postgres::Database;
use onsale_testkit::{Buyer, Call, Client, eventually};
use tempfile::TempDir;
use tokio::time::timeout;

use crate::nodes::Nodes;

/// How long a connection that is cut may take to end. Far above anything that is measured.
const ENDS_WITHIN: Duration = Duration::from_secs(60);
const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cluster.md");

/// A program that stands before the nodes; it is killed when dropped.
struct Before {
    child: Child,
    client: Client,
    _scratch: TempDir,
}

impl Drop for Before {
    fn drop(&mut self) {
        // It may have ended by itself, and both calls then say so.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The block of the document that begins with this word, with the ports of these servers.
fn block(first: &str, listen: u16, nodes: &Nodes) -> String {
    let document = fs::read_to_string(DOCUMENT).expect("the document");
    let blocks = document.split("```").skip(1).step_by(2);
    let mut blocks = blocks.map(|block| block.split_once('\n').map_or("", |(_, text)| text));
    let mut text = blocks.find(|text| text.starts_with(first)).expect("the block is there").to_owned();
    for (port, server) in (8081..).zip(&nodes.servers) {
        text = text.replace(&format!("127.0.0.1:{port}"), &server.address().to_string());
    }
    let here = |directive: &str| format!("{directive} 127.0.0.1:{listen}");
    text.replace("bind :8080", &here("bind")).replace("listen 8080", &here("listen"))
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// Starts a program on a configuration, and waits until it passes something on.
async fn start(program: &str, arguments: &[&str], text: &str, listen: u16) -> Before {
    let scratch = TempDir::new().expect("a scratch directory");
    let file = scratch.path().join("configuration");
    fs::write(&file, text).expect("a file");
    let mut command = Command::new(program);
    command.args(arguments).arg(&file).current_dir(scratch.path()).stdin(Stdio::null());
    let child = command.spawn().unwrap_or_else(|error| panic!("starting {command:?}: {error}"));
    let client = Client::new(SocketAddr::from(([127, 0, 0, 1], listen)));
    let before = Before { child, client, _scratch: scratch };
    eventually("a node answers through it", async || {
        before.client.send(&Call::get("/readyz")).await.is_ok_and(|reply| reply.status == 200)
    })
    .await;
    before
}

async fn haproxy(nodes: &Nodes) -> Before {
    let listen = free_port();
    start("haproxy", &["-db", "-f"], &block("global", listen, nodes), listen).await
}

async fn nginx(nodes: &Nodes) -> Before {
    let listen = free_port();
    // What Debian's /etc/nginx/nginx.conf has around it.
    let text = format!(
        "daemon off; master_process off; pid nginx.pid; error_log stderr; events {{}} http {{ access_log off; client_body_temp_path body; \
         proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;\n{}\n}}",
        block("upstream", listen, nodes)
    );
    start("nginx", &["-p", ".", "-e", "stderr", "-c"], &text, listen).await
}

/// A purchase through it; then a node dies, and is missed by nobody who comes later.
async fn assert_serves(before: Before, mut nodes: Nodes, users: u64) {
    let buyer = Buyer::admitted(&before.client, users).await;
    buyer.charge(1_000).await.data();
    let reservation = buyer.hold(1, users).await;
    buyer.pay(reservation).await.data();
    nodes.servers[1].kill();
    eventually("the others take over", async || {
        let mut served = 0;
        for user in 1..=12 {
            let issued = before.client.send(&Buyer::issue(users + user)).await;
            served += u64::from(issued.is_ok_and(|reply| reply.status == 200));
        }
        served == 12
    })
    .await;
    for user in 1..=12 {
        let buyer = Buyer::join(&before.client, users + user).await;
        buyer.charge(user).await.data();
        assert_eq!(buyer.balance().await, user);
    }
    nodes.servers[1].start_again(onsale_testkit::Port::Same);
    nodes.assert_agreed().await;
}

/// A stream at a node that stands still ends, so that its page finds another.
async fn assert_ends_streams(before: &Before, nodes: &Nodes) {
    let stream = Buyer::join(&before.client, 50).await.stream().await;
    let mut serving = None;
    for (server, client) in nodes.servers.iter().zip(nodes.clients()) {
        let metrics = client.call(Call::get("/metrics")).await;
        if String::from_utf8_lossy(&metrics.body).contains("\nonsale_streams 1") {
            serving = Some(server);
        }
    }
    let serving = serving.expect("a node has the stream");
    serving.pause();
    // As a connection ends that is cut.
    timeout(ENDS_WITHIN, stream.end()).await.expect("the stream ends");
    serving.resume();
}

#[tokio::test]
async fn haproxy_as_the_document_has_it_serves_through_the_death_of_a_node() {
    let nodes = Nodes::on(&Database::fresh()).await;
    let before = haproxy(&nodes).await;
    assert_ends_streams(&before, &nodes).await;
    assert_serves(before, nodes, 100).await;
}

#[tokio::test]
async fn nginx_as_the_document_has_it_serves_through_the_death_of_a_node() {
    let nodes = Nodes::on(&Database::fresh()).await;
    assert_serves(nginx(&nodes).await, nodes, 200).await;
}
