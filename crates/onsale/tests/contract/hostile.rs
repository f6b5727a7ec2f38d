//! Clients that are broken, slow of mind or mean no good. Nobody else must notice.

use onsale_testkit::{Buyer, Call, Shop, exchange, exchange_and_break_off, storm};

use crate::setup;

/// The statuses in what came back over one connection.
fn statuses(answer: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(answer);
    text.match_indices("HTTP/1.1 ").map(|(at, _)| text[at + 9..].chars().take(3).collect()).collect()
}

#[tokio::test]
async fn what_is_no_http_is_refused_or_hung_up_on() {
    let shop = Shop::open(setup()).await;
    let address = shop.server.address();
    let host = "host: x\r\n";
    let requests: Vec<Vec<u8>> = vec![
        b"\r\n\r\n\r\n".to_vec(),
        b"nonsense\r\n\r\n".to_vec(),
        vec![0; 4_096],
        (0..=255).cycle().take(70_000).collect(),
        b"GET /healthz HTTP/9.9\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        format!("POST /v1/api/queue/token HTTP/1.1\r\n{host}content-length: -1\r\n\r\n").into_bytes(),
        format!("POST /v1/api/queue/token HTTP/1.1\r\n{host}content-length: 5\r\ncontent-length: 6\r\n\r\n12345")
            .into_bytes(),
        format!("POST /v1/api/queue/token HTTP/1.1\r\n{host}transfer-encoding: chunked\r\n\r\nzz\r\n").into_bytes(),
        format!("GET /{} HTTP/1.1\r\n{host}\r\n", "a".repeat(200_000)).into_bytes(),
        format!("GET /healthz HTTP/1.1\r\n{host}x: {}\r\n\r\n", "a".repeat(2_000_000)).into_bytes(),
        format!("GET /healthz HTTP/1.1\r\n{host}{}\r\n", "a: b\r\n".repeat(5_000)).into_bytes(),
        // The body that was announced never comes.
        format!("POST /v1/api/queue/token HTTP/1.1\r\n{host}content-length: 100\r\n\r\n{{\"userId\":").into_bytes(),
    ];
    for request in requests {
        let answer = exchange_and_break_off(address, &request).await;
        for status in statuses(&answer) {
            assert!(
                status.starts_with('4') || status == "505",
                "{status} for {}",
                String::from_utf8_lossy(&request[..request.len().min(80)])
            );
        }
        assert_eq!(shop.client.call(Call::get("/healthz")).await.status, 200, "everybody else is served");
    }
}

#[tokio::test]
async fn requests_sent_ahead_are_answered_in_order() {
    let shop = Shop::open(setup()).await;
    let body = r#"{"userId":1}"#;
    let issue = format!("POST /v1/api/queue/token HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let requests = format!(
        "{issue}GET /nowhere HTTP/1.1\r\nhost: x\r\n\r\n{issue}GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    );
    let answer = exchange(shop.server.address(), requests.as_bytes()).await;
    assert_eq!(statuses(&answer), ["200", "404", "200", "200"]);
}

#[tokio::test]
async fn a_chunked_body_is_a_body() {
    let shop = Shop::open(setup()).await;
    let head =
        "POST /v1/api/queue/token HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    let answer =
        exchange(shop.server.address(), format!("{head}5\r\n{{\"use\r\n7\r\nrId\":1}}\r\n0\r\n\r\n").as_bytes()).await;
    assert_eq!(statuses(&answer), ["200"]);
    let piece = format!("1000\r\n{}\r\n", "x".repeat(4_096));
    let endless = format!("{head}{}", piece.repeat(20));
    for status in statuses(&exchange(shop.server.address(), endless.as_bytes()).await) {
        assert_eq!(status, "413");
    }
    assert_eq!(Buyer::join(&shop.client, 2).await.balance().await, 0);
}

#[tokio::test]
async fn hanging_up_in_the_middle_hurts_nobody() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    let mut sent = 0_u64;
    for _ in 0..50 {
        let mut connection = shop.client.connect().await.expect("it accepts connections");
        let call = Buyer::charging(1).token(buyer.token());
        // Given up before the answer, at some point or other: done or not, but not by halves.
        let given_up = tokio::time::timeout(std::time::Duration::from_micros(sent * 20), connection.send(&call)).await;
        drop(given_up);
        sent += 1;
    }
    let settled = buyer.charge(1).await.data()["amount"].as_u64().unwrap();
    assert!((1..=sent + 1).contains(&settled), "{settled} of {sent}");
    assert_eq!(shop.client.call(Call::get("/readyz")).await.status, 200);
}

/// What a network between does to a request: it comes twice, in another connection again, or as far as some byte.
#[tokio::test]
async fn a_request_that_comes_twice_or_in_part_is_done_once_or_not() {
    let shop = Shop::open(setup()).await;
    let (address, buyer) = (shop.server.address(), shop.insider(1).await);
    let charge = |key: &str| {
        let (token, body) = (buyer.token(), r#"{"amount":1}"#);
        let head = format!("POST /v1/api/user/amount HTTP/1.1\r\nhost: x\r\nauthorization: {token}\r\n");
        let type_and_size = format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len());
        format!("{head}{type_and_size}idempotency-key: {key}\r\n\r\n{body}")
    };
    let once = charge("once");
    for end in (0..once.len()).step_by(7).chain([once.len() - 1]) {
        let answer = exchange_and_break_off(address, &once.as_bytes()[..end]).await;
        assert!(statuses(&answer).iter().all(|status| status.starts_with('4')), "the first {end} bytes");
    }
    assert_eq!(buyer.balance().await, 0);
    let twice = exchange_and_break_off(address, once.repeat(2).as_bytes()).await;
    assert_eq!(statuses(&twice), ["200", "200"]);
    assert_eq!(String::from_utf8_lossy(&twice).matches("idempotency-replayed: true").count(), 1);
    let again = exchange_and_break_off(address, once.as_bytes()).await;
    assert!(String::from_utf8_lossy(&again).contains("idempotency-replayed: true"));
    assert_eq!(buyer.balance().await, 1);
    // Two requests, since two keys were meant as two.
    exchange_and_break_off(address, format!("{}{}", charge("a"), charge("b")).as_bytes()).await;
    assert_eq!(buyer.balance().await, 3);
}

#[tokio::test]
async fn many_idle_connections_keep_nobody_out() {
    let shop = Shop::open(setup()).await;
    let mut idle = Vec::new();
    for _ in 0..300 {
        idle.push(shop.client.connect().await.expect("it accepts connections"));
    }
    let replies = storm(&shop.client, vec![Call::get("/healthz"); 100]).await;
    assert!(replies.iter().all(|reply| reply.status == 200));
    drop(idle);
}
