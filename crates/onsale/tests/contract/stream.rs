//! The place as a stream of events.

use std::time::Duration;

use onsale_testkit::{Buyer, Call, Events, Shop, eventually};
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpSocket;
use tokio::time::sleep;

use crate::queue::line;
use crate::setup;

#[tokio::test]
async fn who_waits_is_told_the_place_as_it_changes_up_to_the_end() {
    let shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    let buyers = line(&shop, 3).await;
    let mut stream = buyers[2].stream().await;
    let first = stream.next().await.expect("the place, at once");
    assert_eq!((first.name.as_str(), first.id), ("place", None));
    let checked = buyers[2].check().await;
    assert_eq!(
        first.data.as_object().unwrap().keys().collect::<Vec<_>>(),
        checked.as_object().unwrap().keys().collect::<Vec<_>>()
    );
    assert_eq!((&first.data["queuePosition"], &first.data["status"]), (&checked["queuePosition"], &checked["status"]));
    assert_eq!(first.data["queuePosition"], 2);
    buyers[0].leave().await.data();
    stream.place(|place| place["queuePosition"] == 1).await;
    buyers[1].leave().await.data();
    let place = stream.place(|place| place["status"] == "PROGRESS").await;
    assert!(place["sessionExpiresAt"].is_string() && place["queuePosition"] == 0, "{place}");
    buyers[2].leave().await.data();
    let last = stream.place(|place| place["status"] == "DONE").await;
    assert_eq!(last["queuePosition"], 0);
    assert_eq!(stream.next().await, None, "the stream ends with its ticket");
}

#[tokio::test]
async fn an_ended_ticket_and_another_store_s_are_told_so() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    buyer.leave().await.data();
    let mut stream = buyer.stream().await;
    assert_eq!(stream.next_of("place").await["status"], "DONE");
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn a_stream_needs_a_token_and_get() {
    let shop = Shop::open(setup()).await;
    let path = "/v1/api/queue/stream";
    shop.client.call(Call::get(path)).await.refused(401, "TOKEN_MISSING");
    shop.client.call(Call::get(path).token("forged")).await.refused(401, "TOKEN_INVALID");
    let reply = shop.client.call(Call::post(path)).await;
    reply.refused(405, "METHOD_NOT_ALLOWED");
    assert_eq!(reply.header("allow"), Some("GET, HEAD"));
}

#[tokio::test]
async fn a_stream_keeps_the_place_as_polls_do() {
    let settings = setup().set("queue.active_limit", 1).set("queue.waiting_ttl", "2s").set("queue.waiting_grace", "1h");
    let shop = Shop::open(settings).await;
    let buyers = line(&shop, 3).await;
    let mut stream = buyers[2].stream().await;
    // Longer than anybody may be silent: the second in line is, the third has a stream.
    sleep(Duration::from_millis(3_500)).await;
    buyers[0].leave().await.data();
    stream.place(|place| place["status"] == "PROGRESS").await;
    // Who was passed over is back with a stream, and next.
    let mut back = buyers[1].stream().await;
    assert_eq!(stream_status(&mut back).await, "WAITING");
    buyers[2].leave().await.data();
    back.place(|place| place["status"] == "PROGRESS").await;
}

#[tokio::test]
async fn a_stream_keeps_the_place_however_short_the_silence_may_be() {
    let settings =
        setup().set("queue.active_limit", 1).set("queue.waiting_ttl", "300ms").set("queue.waiting_grace", "1ms");
    let shop = Shop::open(settings).await;
    let buyers = line(&shop, 2).await;
    let mut stream = buyers[1].stream().await;
    sleep(Duration::from_millis(2_000)).await;
    buyers[0].leave().await.data();
    let place = stream.place(|place| place["status"] != "WAITING").await;
    assert_eq!(place["status"], "PROGRESS");
}

async fn stream_status(stream: &mut Events) -> String {
    stream.next_of("place").await["status"].as_str().expect("a text").to_owned()
}

#[tokio::test]
async fn there_are_as_many_streams_as_configured() {
    // Each server's own limit: one server.
    let shop = Shop::open(setup().in_directory().set("queue.active_limit", 1).set("http.streams_max", 2)).await;
    let buyers = line(&shop, 3).await;
    let (first, _second) = (buyers[0].stream().await, buyers[1].stream().await);
    let refused = buyers[2].try_stream().await.err().expect("no third stream");
    refused.refused(503, "OVERLOADED");
    assert!(refused.header("retry-after").is_some());
    assert_eq!(buyers[2].status().await, "WAITING", "polls are answered");
    drop(first);
    eventually("the stream that was closed makes room", async || {
        buyers[0].leave().await.data();
        buyers[2].try_stream().await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_dropped_and_one_that_leaves_is_forgotten() {
    // Metrics are each server's own: one server.
    let shop = Shop::open(setup().in_directory().set("http.write_timeout", "500ms").set("queue.active_limit", 1)).await;
    let buyers = line(&shop, 3).await;
    let reader = buyers[1].stream().await;
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(2_048).expect("a small buffer");
    let mut deaf = socket.connect(shop.client.address()).await.expect("the server accepts connections");
    let head = format!("GET /v1/api/queue/stream HTTP/1.1\r\nHost: x\r\nAuthorization: {}\r\n\r\n", buyers[2].token());
    deaf.write_all(head.as_bytes()).await.expect("the request is sent");
    eventually("both streams are open", async || streams(&shop).await == 2).await;
    let text = json!({"text": {"en": "x".repeat(1_000), "ko": "y".repeat(1_000)}});
    eventually("who does not read is dropped", async || {
        shop.admin.call(Call::post("/v1/admin/messages").json(&text)).await.data();
        streams(&shop).await == 1
    })
    .await;
    drop(reader);
    eventually("who left is forgotten", async || streams(&shop).await == 0).await;
}

async fn streams(shop: &Shop) -> u64 {
    let now = shop.admin.call(Call::get("/v1/admin/ops/now")).await.data();
    now["nodes"][0]["streams"].as_u64().expect("a number")
}

#[tokio::test]
async fn one_ticket_has_a_few_streams_and_no_more() {
    let shop = Shop::open(setup().set("http.threads", 1).set("queue.active_limit", 1)).await;
    let buyers = line(&shop, 2).await;
    let mut open = Vec::new();
    let refused = loop {
        match buyers[1].try_stream().await {
            Ok(stream) => open.push(stream),
            Err(reply) => break reply,
        }
        assert!(open.len() < 100, "no end of streams");
    };
    refused.refused(429, "TOO_MANY_REQUESTS");
    assert!(open.len() >= 4, "some tabs and devices: {}", open.len());
    shop.visitor(77).await.stream().await.next_of("place").await;
}

#[tokio::test]
async fn a_shutdown_ends_streams_in_good_order() {
    let mut shop = Shop::open(setup().set("queue.active_limit", 1)).await;
    let buyers = line(&shop, 2).await;
    let mut streams = vec![buyers[0].stream().await, buyers[1].stream().await];
    for stream in &mut streams {
        stream.next_of("place").await;
    }
    assert!(shop.server.terminate().success());
    for stream in &mut streams {
        assert_eq!(stream.next().await, None, "the last chunk came");
    }
    let _: Vec<Buyer> = buyers;
}
