//! What is served where, and what ends it.

use std::net::SocketAddr;

use onsale_testkit::{ADMIN_KEY, Call, Client, Server, eventually, exchange};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::setup;

/// Where the server said that its operators' page is, on a line after the one by which it is known to listen.
async fn operators_address(server: &Server) -> SocketAddr {
    eventually("the server says where its operators' page is", async || server.output().contains("/ops ")).await;
    let output = server.output();
    let before = output.split("/ops ").next().expect("there is something before it");
    before.rsplit("http://").next().and_then(|address| address.parse().ok()).unwrap_or_else(|| panic!("{output}"))
}

#[tokio::test]
async fn operators_can_have_a_listener_that_buyers_cannot_fill() {
    let server = setup().in_directory().set("admin.listen", "127.0.0.1:0").set("http.connections_max", 2).start();
    let (buyers, operators) = (server.client(), Client::new(operators_address(&server).await));
    // Nothing of the operators' is where the buyers are, with the key or without.
    for path in ["/ops", "/metrics", "/v1/admin/state", "/v1/admin", "/v1/admin/nothing"] {
        buyers.call(Call::get(path).bearer(ADMIN_KEY)).await.refused(404, "NOT_FOUND");
    }
    // All places are taken, by clients that have begun to ask. One that finds none is hung up on; the next round has another.
    let mut hoard = Vec::new();
    eventually("the places are taken", async || {
        let mut connection = TcpStream::connect(server.address()).await.expect("it accepts connections");
        let _ = connection.write_all(b"GET / HTTP/1.1\r\nhost:").await;
        hoard.push(connection);
        let answer = exchange(server.address(), b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
        let metrics = operators.call(Call::get("/metrics")).await;
        let are_taken = br#"onsale_http_connections{listener="main"} 2"#;
        let says_so = metrics.body.windows(are_taken.len()).any(|text| text == are_taken);
        answer.starts_with(b"HTTP/1.1 503") && says_so
    })
    .await;
    for path in ["/healthz", "/readyz", "/metrics", "/ops", "/v1/admin/state"] {
        let reply = operators.call(Call::get(path).bearer(ADMIN_KEY)).await;
        assert_eq!(reply.status, 200, "{path}: {reply}");
    }
}

#[tokio::test]
async fn a_signal_that_means_nothing_ends_no_sale() {
    let mut server = setup().in_directory().start();
    let pid = Pid::from_raw(i32::try_from(server.process_id()).expect("a process id")).expect("a process");
    let nothing = [
        Signal::HUP,
        Signal::USR1,
        Signal::USR2,
        Signal::ALARM,
        Signal::VTALARM,
        Signal::PROF,
        Signal::IO,
        Signal::POWER,
        Signal::STKFLT,
        Signal::XFSZ,
    ];
    for signal in nothing {
        kill_process(pid, signal).expect("it can be sent");
        assert_eq!(server.client().call(Call::get("/readyz")).await.status, 200, "{signal:?}");
    }
    eventually("each is told", async || server.output().matches("passed over").count() == nothing.len()).await;
    kill_process(pid, Signal::QUIT).expect("it can be sent");
    eventually("it has ended well", async || server.ended().is_some_and(|status| status.success())).await;
}
