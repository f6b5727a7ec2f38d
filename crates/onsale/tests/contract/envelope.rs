//! The envelope: one shape for success, one for refusals, and a page behind every refusal's type.

use onsale_testkit::{Buyer, Call, Shop, eventually};
use serde_json::json;

use crate::setup;

#[tokio::test]
async fn a_success_is_an_envelope_of_three_members() {
    let shop = Shop::open(setup()).await;
    let reply = Buyer::ask(&shop.client, 1).await;
    reply.assert_media_type("application/json");
    let envelope = reply.json();
    assert_eq!(envelope["resultType"], "SUCCESS");
    assert_eq!(envelope["message"], "SUCCESS");
    assert!(envelope["data"].is_object());
    assert_eq!(envelope.as_object().unwrap().len(), 3, "{envelope}");
}

#[tokio::test]
async fn a_refusal_is_a_problem_document_with_the_envelope() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    buyer.hold(1, 1).await;
    let document = buyer.reserve(1, 1).await.refused(409, "SEAT_NOT_AVAILABLE");
    assert_eq!(document["type"], "/problems/seat-not-available");
    assert_eq!(document["resultType"], "FAIL");
    assert_eq!(document["data"], json!({}));
}

/// A request that went well needs no name; one that did not is called as its client called it, or by a name of its own.
#[tokio::test]
async fn a_refusal_names_its_request_and_the_log_has_the_name_of_one_that_failed() {
    let shop = Shop::open(setup().set("http.streams_max", 0)).await;
    let buyer = shop.insider(1).await;
    assert_eq!(buyer.call(Call::get("/v1/api/user/amount")).await.header("request-id"), None);
    let of_the_api = buyer.call(Call::get("/v1/api/concerts/seat")).await;
    let of_the_router = shop.client.call(Call::get("/v1/admin/state")).await;
    for refused in [of_the_api, of_the_router] {
        let id = refused.header("request-id").unwrap_or_else(|| panic!("no name: {refused}"));
        assert!(id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    }
    let failed = buyer.call(Call::get("/v1/api/queue/stream").header("x-request-id", "a-1")).await;
    assert_eq!((failed.status, failed.header("request-id")), (503, Some("a-1")), "{failed}");
    eventually("the log has it", async || shop.server.output().contains(r#"request_id="a-1""#)).await;
}

#[tokio::test]
async fn every_code_has_a_page_at_its_type_address() {
    let shop = Shop::open(setup()).await;
    let codes = "BAD_REQUEST AMOUNT_INVALID TOKEN_MISSING TOKEN_INVALID INSUFFICIENT_BALANCE NOT_ADMITTED \
        SESSION_EXPIRED SESSION_DONE SCHEDULE_NOT_FOUND SEAT_NOT_FOUND RESERVATION_NOT_FOUND QUEUE_NOT_FOUND \
        NOT_FOUND SEAT_NOT_AVAILABLE SOLD_OUT ALREADY_PAID HOLD_LIMIT_REACHED RESERVATION_CANCELLED QUEUE_CLOSED \
        SALE_CLOSED HOLD_EXPIRED IDEMPOTENCY_KEY_REUSED RATE_LIMITED TOO_MANY_REQUESTS OVERLOADED UNAVAILABLE OUTCOME_UNKNOWN";
    for code in codes.split_whitespace() {
        let path = format!("/problems/{}", code.to_lowercase().replace('_', "-"));
        let page = shop.client.call(Call::get(path)).await;
        assert_eq!(page.status, 200, "{page}");
        assert!(String::from_utf8_lossy(&page.body).contains(code), "the page should name its code: {page}");
    }
    shop.client.call(Call::get("/problems/no-such-problem")).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn the_types_of_transport_refusals_have_pages_too() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    let wrong_method = buyer.call(Call::delete("/v1/api/user/amount")).await;
    let too_large = buyer.call(Call::post("/v1/api/user/amount").body(vec![b' '; 20_000])).await;
    let text = Call::post("/v1/api/user/amount").header("content-type", "text/plain").body(r#"{"amount":1}"#);
    let not_json = buyer.call(text).await;
    for (reply, status) in [(wrong_method, 405), (too_large, 413), (not_json, 415)] {
        assert_eq!(reply.status, status, "{reply}");
        let page = reply.problem()["type"].as_str().unwrap().to_owned();
        assert_eq!(shop.client.call(Call::get(page.clone())).await.status, 200, "{page}");
    }
}

#[tokio::test]
async fn korean_readers_get_korean() {
    let shop = Shop::open(setup()).await;
    let missing = |language: &str| Call::get("/v1/api/user/amount").header("accept-language", language);
    for language in ["ko", "ko-KR,ko;q=0.9,en;q=0.8"] {
        let document = shop.client.call(missing(language)).await.refused(401, "TOKEN_MISSING");
        let message = document["message"].as_str().unwrap();
        assert!(message.chars().any(|c| ('가'..='힣').contains(&c)), "{language}: {message}");
    }
    for language in ["en", "fr", "*"] {
        let document = shop.client.call(missing(language)).await.refused(401, "TOKEN_MISSING");
        assert!(document["message"].as_str().unwrap().is_ascii(), "{language}: {document}");
    }
}

#[tokio::test]
async fn internal_text_stays_inside() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    let hostile = [
        Call::post("/v1/api/user/amount").body("{\"amount\": 1"),
        Call::post("/v1/api/user/amount").body(vec![0xff, 0xfe, 0x00]),
        Call::post("/v1/api/concerts/reserve").body("{\"scheduleId\": \"'; DROP TABLE seats; --\", \"seatId\": []}"),
        Call::get("/v1/api/concerts/seat?scheduleId=%00%ff"),
        Call::get("/../../etc/passwd"),
    ];
    for call in hostile {
        let reply = buyer.call(call).await;
        assert!((400..500).contains(&reply.status), "{reply}");
        let text = String::from_utf8_lossy(&reply.body).to_lowercase();
        for word in [".rs", "panicked", "sqlite", "select ", "serde", "unwrap", "backtrace", "root:"] {
            assert!(!text.contains(word), "{word}: {reply}");
        }
    }
}
