//! Who is let through with which Authorization.

use onsale_testkit::{ADMIN_KEY, Call, Shop};
use serde_json::json;

use crate::{EIGHT, setup};

/// Everything that needs the queue token, with a body that is fine.
fn guarded() -> Vec<Call> {
    let beside = [
        Call::post("/v1/api/queue/token/leave"),
        Call::post("/v1/api/concerts/reserve/cancel").json(&json!({"reservationId": 1})),
        Call::get("/v1/api/user/reservations"),
    ];
    let body = json!({"amount": 1, "scheduleId": 1, "seatId": 1, "reservationId": 1});
    let eight = EIGHT.iter().filter(|(_, path)| *path != "/v1/api/queue/token").map(|(method, path)| {
        let call = Call::new(method, format!("{path}?scheduleId=1"));
        if *method == "POST" { call.json(&body) } else { call }
    });
    eight.chain(beside).collect()
}

#[tokio::test]
async fn without_a_token_nothing_but_its_issue_is_answered() {
    let shop = Shop::open(setup()).await;
    for call in guarded() {
        shop.client.call(call).await.refused(401, "TOKEN_MISSING");
    }
}

#[tokio::test]
async fn what_is_no_token_is_invalid() {
    let shop = Shop::open(setup()).await;
    for garbage in ["garbage", "a.b.c", "..", "Bearer x.y.z", "Basic dXNlcjpwYXNz", ADMIN_KEY, "Bearer Bearer x"] {
        for call in guarded() {
            shop.client.call(call.token(garbage)).await.refused(401, "TOKEN_INVALID");
        }
    }
    for empty in ["", "Bearer", "Bearer "] {
        let reply = shop.client.call(Call::get("/v1/api/user/amount").token(empty)).await;
        assert_eq!(reply.status, 401, "{reply}");
        reply.problem();
    }
}

#[tokio::test]
async fn a_token_may_come_raw_or_as_bearer() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    for call in guarded() {
        let raw = shop.client.call(call.clone().token(buyer.token())).await;
        assert_ne!(raw.status, 401, "{raw}");
        let bearer = shop.client.call(call.bearer(buyer.token())).await;
        assert_ne!(bearer.status, 401, "{bearer}");
    }
}

#[tokio::test]
async fn any_changed_character_makes_it_invalid() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    let token = buyer.token();
    for at in (0..token.len()).step_by(3) {
        let mut forged = token.as_bytes().to_vec();
        // The last character of a base64 part may carry unused bits; any other one that is changed means other bytes.
        if forged[at] == b'.' || token[at + 1..].starts_with('.') || at + 1 == token.len() {
            continue;
        }
        forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).unwrap();
        shop.client.call(Call::get("/v1/api/user/amount").token(&forged)).await.refused(401, "TOKEN_INVALID");
    }
    for cut in [1, 5, token.len() / 2, token.len() - 1] {
        shop.client.call(Call::get("/v1/api/user/amount").token(&token[..cut])).await.refused(401, "TOKEN_INVALID");
    }
    let longer = format!("{token}A");
    shop.client.call(Call::get("/v1/api/user/amount").token(&longer)).await.refused(401, "TOKEN_INVALID");
}

#[tokio::test]
async fn a_token_of_another_store_is_invalid() {
    let shop = Shop::open(setup()).await;
    let other = Shop::open(setup()).await;
    let foreign = other.insider(1).await;
    shop.insider(1).await;
    for call in guarded() {
        shop.client.call(call.token(foreign.token())).await.refused(401, "TOKEN_INVALID");
    }
}

#[tokio::test]
async fn the_admin_key_is_asked_for() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider(1).await;
    let operations = [
        Call::get("/v1/admin/state"),
        Call::get("/v1/admin/queues"),
        Call::get("/v1/admin/settings"),
        Call::post("/v1/admin/catalog").json(&json!({"concerts": []})),
        Call::patch("/v1/admin/queues/default").json(&json!({"mode": "CLOSED"})),
        Call::post("/v1/admin/keys/rotate"),
        Call::delete("/v1/admin/schedules/1"),
    ];
    // One of the wrong keys each: with more of them it is another refusal.
    let wrong = ["testkit-admin-key-0123456789abcdeF", buyer.token()];
    for (call, key) in operations.into_iter().zip(wrong.into_iter().cycle()) {
        for refused in [shop.client.call(call.clone()).await, shop.client.call(call.bearer(key)).await] {
            assert_eq!(refused.status, 401, "{refused}");
            refused.problem();
        }
    }
    assert_eq!(buyer.status().await, "PROGRESS");
    assert_eq!(buyer.seats(1).await.status, 200);
}

#[tokio::test]
async fn an_admin_key_that_is_not_set_is_made() {
    let server = setup().unset("admin.key").start();
    let reply = server.client().call(Call::get("/v1/admin/state").bearer(ADMIN_KEY)).await;
    assert_eq!(reply.status, 401, "{reply}");
    // It is shown at the first start, and only there.
    let shown = server.output();
    let words = shown.split(|c: char| !(c.is_ascii_alphanumeric() || "-_.+/=".contains(c)));
    let mut accepted = 0;
    for word in words.filter(|word| word.len() >= 32) {
        let call = Call::get("/v1/admin/state").header("authorization", &format!("Bearer {word}"));
        accepted += u32::from(server.client().call(call).await.status == 200);
    }
    assert!(accepted >= 1, "the key that was made should be shown: {shown}");
}
