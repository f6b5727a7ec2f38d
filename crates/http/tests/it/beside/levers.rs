//! Queues, settings, keys: the operator's levers.

use axum::body::Body;
use futures_util::future::join_all;
use http::Request;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::store::Store;

#[tokio::test]
async fn nothing_is_told_without_the_key() {
    let store = Store::open();
    for path in ["/v1/admin/state", "/v1/admin/nothing", "/v1/admin/catalog"] {
        let reply = store.get(path).await;
        reply.refused(401, "ADMIN_UNAUTHORIZED");
        assert_eq!(reply.headers["www-authenticate"], "Bearer");
    }
    let wrong = Request::get("/v1/admin/state").header(AUTHORIZATION, "Bearer wrong").body(Body::empty()).unwrap();
    store.send(wrong).await.refused(401, "ADMIN_UNAUTHORIZED");
    store.admin("GET", "/nothing", &Value::Null).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_lever_moves_alone() {
    let store = Store::open();
    let before = store.admin("GET", "/queues", &Value::Null).await.data()[0].clone();
    let change = json!({"mode": "PAUSED", "admitPerSecond": 5, "sessionTtl": "90s"});
    let after = store.admin("PATCH", "/queues/default", &change).await.data();
    let mut expected = before.clone();
    expected["mode"] = json!("PAUSED");
    expected["admitPerSecond"] = json!(5);
    expected["sessionTtl"] = json!("1m30s");
    expected["estimatedWaitSeconds"] = Value::Null;
    assert_eq!(after, expected);
    let nothing = store.admin("PATCH", "/queues/default", &json!({})).await.data();
    assert_eq!(nothing, expected, "what is not named stays");
    let back = json!({"mode": "OPEN", "admitPerSecond": null, "sessionTtl": before["sessionTtl"]});
    assert_eq!(store.admin("PATCH", "/queues/default", &back).await.data(), before);
}

#[tokio::test]
async fn a_mistyped_lever_is_refused_by_name() {
    let store = Store::open();
    let before = store.admin("GET", "/queues", &Value::Null).await.data();
    for (change, named) in [
        (json!({"activLimit": 5}), "activLimit"),
        (json!({"activeLimit": 0}), "activeLimit"),
        (json!({"activeLimit": "5"}), "activeLimit"),
        (json!({"activeLimit": null}), "activeLimit"),
        (json!({"activeLimit": -1}), "activeLimit"),
        (json!({"admitPerSecond": 0}), "admitPerSecond"),
        (json!({"sessionTtl": "soon"}), "sessionTtl"),
        (json!({"sessionTtl": 5}), "sessionTtl"),
        (json!({"waitingTtl": "0s"}), "waitingTtl"),
        (json!({"mode": "AJAR"}), "mode"),
    ] {
        let problem = store.admin("PATCH", "/queues/default", &change).await.refused(400, "BAD_REQUEST");
        assert!(problem["detail"].as_str().unwrap().contains(named), "{change}: {problem}");
        assert_eq!(problem["field"], named, "{change}");
    }
    assert_eq!(store.admin("GET", "/queues", &Value::Null).await.data(), before);
    for body in ["", "[]", "{", "{} {}", r#"{"mode":"OPEN","mode":"CLOSED"}"#] {
        let request = Request::patch("/v1/admin/queues/default")
            .header(AUTHORIZATION, format!("Bearer {}", super::store::ADMIN_KEY))
            .body(Body::from(body))
            .unwrap();
        store.send(request).await.refused(400, "BAD_REQUEST");
    }
    let text = Request::patch("/v1/admin/settings")
        .header(AUTHORIZATION, format!("Bearer {}", super::store::ADMIN_KEY))
        .header("content-type", "text/plain")
        .body(Body::from("{}"))
        .unwrap();
    store.send(text).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    let long = json!({"queue": "x".repeat(17_000)});
    store.admin("POST", "/queues", &long).await.refused(413, "PAYLOAD_TOO_LARGE");
    store.admin("PATCH", "/queues/nowhere", &json!({"mode": "OPEN"})).await.refused(404, "QUEUE_NOT_FOUND");
}

#[tokio::test]
async fn of_changes_at_the_same_time_none_is_lost() {
    let store = Store::open();
    for round in 1..=20 {
        let changes = [
            json!({"activeLimit": 100 + round}),
            json!({"admitPerSecond": 200 + round}),
            json!({"sessionTtl": format!("{}s", 300 + round)}),
            json!({"waitingTtl": format!("{}ms", 400 + round)}),
        ];
        let all = changes.iter().map(|change| store.admin("PATCH", "/queues/default", change));
        for reply in join_all(all).await {
            reply.data();
        }
        let rules = store.shared.node.views().queues()[0].rules();
        let settings = &rules.settings;
        assert_eq!(
            (settings.active_limit, settings.admit_per_second, settings.session_ttl_ms, settings.waiting_ttl_ms),
            (100 + round, Some(200 + round), u64::from(300 + round) * 1_000, u64::from(400 + round))
        );
    }
}

#[tokio::test]
async fn queues_are_made_once() {
    let store = Store::open();
    for _ in 0..2 {
        assert_eq!(store.admin("POST", "/queues", &json!({"queue": "vip"})).await.data()["queue"], "vip");
    }
    let list = store.admin("GET", "/queues", &Value::Null).await.data();
    let names: Vec<_> = list.as_array().unwrap().iter().map(|queue| queue["queue"].as_str().unwrap()).collect();
    assert_eq!(names, ["default", "vip"]);
    store.admin("POST", "/queues", &json!({"queue": "no blanks"})).await.refused(400, "BAD_REQUEST");
}

#[tokio::test]
async fn settings_are_changed_one_by_one() {
    let store = Store::open();
    let changed = store.admin("PATCH", "/settings", &json!({"chargeLimit": 77, "holdTtl": "500ms"})).await.data();
    assert_eq!(
        changed,
        json!({
            "holdTtl": "500ms",
            "holdLimitPerUser": 4,
            "chargeLimit": 77,
            "seatsPerUser": null,
            "seatsPerUserPerConcert": null,
            "holdExtend": "0s",
        })
    );
    assert_eq!(store.admin("GET", "/settings", &Value::Null).await.data(), changed);
    for change in
        [json!({"chargeLimit": 9_007_199_254_740_992_u64}), json!({"chargeLimit": 0}), json!({"holdTtl": "1ms"})]
    {
        store.admin("PATCH", "/settings", &change).await.refused(400, "BAD_REQUEST");
    }
}

#[tokio::test]
async fn keys_are_rotated_and_the_state_is_told() {
    let store = Store::open();
    let before = store.shared.tokens.load().current();
    let key = store.admin("POST", "/keys/rotate", &Value::Null).await.data()["keyId"].clone();
    let after = store.shared.tokens.load().current();
    assert_ne!(before, after);
    assert_eq!(key, format!("{:08x}", after.0));
    let state = store.admin("GET", "/state", &Value::Null).await.data();
    let mark = store.shared.node.views().mark();
    assert_eq!(state["seq"], mark.seq);
    assert_eq!(state["fingerprint"], format!("{:016x}", mark.fingerprint));
    assert_eq!((&state["waiting"], &state["sold"], &state["currency"]), (&json!(0), &json!(0), &json!("KRW")));
}
