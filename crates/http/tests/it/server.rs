//! The server over real sockets: protocols, limits and shutdown.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use onsale_http::server;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::common;
use crate::common::{Server, get, options, read_response};

#[tokio::test]
async fn keep_alive_and_date() {
    let server = Server::start(options());
    let mut client = server.connect().await;
    for _ in 0..3 {
        client.write_all(&get("/")).await.unwrap();
        let response = read_response(&mut client).await;
        assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
        assert!(response.to_lowercase().contains("\r\ndate: "), "{response}");
    }
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = Server::start(options());
    let mut client = server.connect().await;
    let requests: Vec<u8> = (0..50).flat_map(|number| common::post("/echo", &format!("body {number}"))).collect();
    client.write_all(&requests).await.unwrap();
    for number in 0..50 {
        let response = read_response(&mut client).await;
        assert!(response.ends_with(&format!("\r\n\r\nbody {number}")), "{response}");
    }
}

#[tokio::test]
async fn a_half_closed_client_is_answered() {
    let server = Server::start(options());
    let mut client = server.connect().await;
    client.write_all(&get("/slow")).await.unwrap();
    client.shutdown().await.unwrap();
    server.gate.entered().await;
    server.gate.open();
    let response = common::read_to_end(&mut client).await;
    assert!(response.ends_with("slow"), "{response}");
}

#[tokio::test]
async fn bad_http_is_a_400_and_a_long_head_a_431() {
    let server = Server::start(options());
    let long = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "x".repeat(100_000));
    let many = format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "x: x\r\n".repeat(1_000));
    for (request, status) in [("nonsense\r\n\r\n", "400"), (&long, "431"), (&many, "431")] {
        let mut client = server.connect().await;
        client.write_all(request.as_bytes()).await.unwrap();
        let response = common::read_to_end(&mut client).await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{response}");
    }
}

#[tokio::test]
async fn bodies_have_a_limit_and_an_end() {
    let server = Server::start(options());
    let whole = "x".repeat(common::BODY_BYTES_MAX);
    let chunked = |bytes: &str| {
        format!(
            "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{bytes}\r\n0\r\n\r\n",
            bytes.len()
        )
    };
    let announced = "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 100000000\r\n\r\n".to_owned();
    for (request, end) in [
        (String::from_utf8(common::post("/echo", &whole)).unwrap(), whole.clone()),
        (chunked(&whole), whole.clone()),
        (chunked(&format!("{whole}x")), "TooLarge".to_owned()),
        (chunked("in one chunk"), "in one chunk".to_owned()),
        (announced, "TooLarge".to_owned()),
    ] {
        let mut client = server.connect().await;
        client.write_all(request.as_bytes()).await.unwrap();
        let response = read_response(&mut client).await;
        assert!(response.ends_with(&format!("\r\n\r\n{end}")), "{response:.200}");
    }
    let mut client = server.connect().await;
    client.write_all(b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nab").await.unwrap();
    client.shutdown().await.unwrap();
    let response = common::read_to_end(&mut client).await;
    assert!(response.ends_with("Incomplete"), "{response}");
}

#[tokio::test]
async fn chunk_lists_and_streams() {
    let server = Server::start(options());
    let mut client = server.connect().await;
    client.write_all(&get("/chunks")).await.unwrap();
    let response = read_response(&mut client).await;
    assert!(response.contains("content-length: 6\r\n") && response.ends_with("\r\n\r\nabcdef"), "{response}");
    client.write_all(&get("/stream")).await.unwrap();
    let response = read_response(&mut client).await;
    assert!(response.ends_with("\r\n\r\nstreamed"), "{response}");
}

#[tokio::test]
async fn many_connections_at_once() {
    let server = Server::start(options());
    // Both ends are in this process; leave some descriptors for everything else.
    let (soft, _) = common::descriptors_max();
    let count = usize::try_from(soft).unwrap().saturating_sub(200).min(20_000) / 2;
    let mut clients = Vec::new();
    for _ in 0..count {
        clients.push(server.connect().await);
    }
    for client in &mut clients {
        client.write_all(&get("/")).await.unwrap();
    }
    for client in &mut clients {
        assert!(read_response(client).await.starts_with("HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn one_connection_too_many_is_told_so() {
    let server = Server::start(server::Options { connections_max: 2, ..options() });
    let mut first = server.connect().await;
    let mut second = server.connect().await;
    for client in [&mut first, &mut second] {
        client.write_all(&get("/slow")).await.unwrap();
        server.gate.entered().await;
    }
    let mut third = server.connect().await;
    third.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nX-Request-Id: a-1\r\n\r\n").await.unwrap();
    let response = common::read_to_end(&mut third).await;
    assert!(response.starts_with("HTTP/1.1 503 ") && response.contains("\r\nrequest-id: a-1\r\n\r\n{"), "{response}");
    let mut third = server.connect().await;
    third.write_all(&get("/")).await.unwrap();
    let response = common::read_to_end(&mut third).await;
    let id = response.split("\r\nrequest-id: ").nth(1).and_then(|rest| rest.split("\r\n").next());
    assert!(id.is_some_and(|id| id.len() == 16), "a name of its own: {response}");
    assert!(response.contains("\r\nretry-after: 1\r\n") && response.contains(r#""code":"OVERLOADED""#), "{response}");
    // A place that is given up can be had again.
    server.gate.open();
    loop {
        let mut next = server.connect().await;
        next.write_all(&get("/")).await.unwrap();
        if common::read_some(&mut next).await.starts_with("HTTP/1.1 200") {
            break;
        }
    }
}

#[tokio::test]
async fn who_asks_for_nothing_makes_room() {
    let counts = Arc::<server::Counts>::default();
    let limited = server::Options { threads: 1, connections_max: 20, counts: counts.clone(), ..options() };
    let server = Server::start(limited);
    let mut hoard = Vec::new();
    for _ in 0..20 {
        let mut client = server.connect().await;
        client.write_all(&get("/")).await.unwrap();
        assert!(read_response(&mut client).await.starts_with("HTTP/1.1 200"));
        hoard.push(client);
    }
    // All are open and wait for nothing. Whoever comes gets in, as often as they like.
    for _ in 0..50 {
        let mut client = server.connect().await;
        client.write_all(&get("/")).await.unwrap();
        assert!(read_response(&mut client).await.starts_with("HTTP/1.1 200"));
    }
    assert_eq!(counts.full.load(Relaxed), 0);
    assert!(counts.shed.load(Relaxed) > 0);
}

#[tokio::test]
async fn who_says_nothing_makes_room_too() {
    let limited = server::Options { threads: 1, connections_max: 12, ..options() };
    let server = Server::start(limited);
    let mut hoard = Vec::new();
    let begun = ["", "GET / HTTP/1.1\r\nhos", "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nab"];
    for begin in begun.into_iter().cycle().take(12) {
        let mut client = server.connect().await;
        client.write_all(begin.as_bytes()).await.unwrap();
        hoard.push(client);
    }
    let ask = async || {
        let mut client = server.connect().await;
        client.write_all(&get("/")).await.unwrap();
        let answer = common::read_some(&mut client).await;
        (answer.starts_with("HTTP/1.1 200"), client)
    };
    // Until they have been silent for a while, they may be about to ask.
    while !ask().await.0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // So has the last of them by then, also where a busy machine has let them come one after the other.
    tokio::time::sleep(Duration::from_secs(2)).await;
    // Those who have asked keep their places before those who have not, and all who come get in.
    let mut clients = Vec::new();
    for _ in 0..8 {
        let (got_in, client) = ask().await;
        assert!(got_in);
        clients.push(client);
    }
    for client in &mut clients {
        client.write_all(&get("/")).await.unwrap();
        assert!(read_response(client).await.starts_with("HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn an_idle_connection_ends_with_an_end() {
    let server = Server::start(server::Options { idle_timeout: Duration::from_millis(20), ..options() });
    let mut client = server.connect().await;
    client.write_all(&get("/")).await.unwrap();
    assert!(read_response(&mut client).await.starts_with("HTTP/1.1 200"));
    assert_eq!(client.read(&mut [0; 16]).await.unwrap(), 0, "an end, and no reset");
}

#[tokio::test]
async fn slow_clients_are_dropped() {
    let body = "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nab";
    let short = Duration::from_millis(20);
    let long = Duration::from_secs(3_600);
    let patient = server::Options {
        head_timeout: long,
        body_timeout: long,
        idle_timeout: long,
        write_timeout: long,
        ..options()
    };
    for (what, begin, options) in [
        ("says nothing", String::new(), server::Options { head_timeout: short, ..patient.clone() }),
        ("half a head", "GET / HTTP/1.1\r\nhos".to_owned(), server::Options { head_timeout: short, ..patient.clone() }),
        ("half a body", body.to_owned(), server::Options { body_timeout: short, ..patient.clone() }),
        ("idle", String::from_utf8(get("/")).unwrap(), server::Options { idle_timeout: short, ..patient.clone() }),
        ("never reads", String::from_utf8(get("/large")).unwrap(), server::Options { write_timeout: short, ..patient }),
    ] {
        let server = Server::start(options);
        let mut client = server.connect().await;
        client.write_all(begin.as_bytes()).await.unwrap();
        // Ends only when the server closes: no patience of ours is involved.
        server.all_gone(&mut client).await;
        drop(client);
        assert_eq!(server.stop().await, 0, "{what}");
    }
}

#[tokio::test]
async fn a_trickle_of_head_bytes_gains_no_time() {
    let server = Server::start(server::Options { head_timeout: Duration::from_millis(50), ..options() });
    let mut client = server.connect().await;
    client.write_all(b"GET / HTTP/1.1\r\nx: ").await.unwrap();
    while client.write_all(b"x").await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_reader_that_makes_progress_gets_all_of_it() {
    let server = Server::start(server::Options { write_timeout: Duration::from_secs(3_600), ..options() });
    let mut client = server.connect().await;
    client.write_all(&get("/large")).await.unwrap();
    let (mut total, mut buffer) = (0, vec![0; 1 << 20]);
    while total < common::LARGE_BYTES {
        let bytes = client.read(&mut buffer).await.unwrap();
        assert!(bytes > 0, "closed after {total} bytes");
        total += bytes;
    }
}

#[test]
fn a_port_has_one_server() {
    let bound = server::bind(options()).unwrap();
    assert_ne!(bound.address().port(), 0);
    let again = server::bind(server::Options { listen: bound.address(), ..options() });
    assert!(matches!(again, Err(server::BindError::Listen { .. })));
}
