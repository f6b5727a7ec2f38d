//! Gates: who comes in to a site that others serve, and who does not. Browsers are played here; proxies before a site are in `proxies`.

mod browser;
mod links;
mod passes;
mod proxies;
mod sites;
mod ways;
mod work;

use onsale_testkit::{Call, Reply, Server, Setup};
use serde_json::json;

use crate::setup;
use browser::Browser;

/// Where browsers reach the service, and the site.
const OURS: &str = "https://queue.example";
const SITE: &str = "https://shop.example";
const CHECK: &str = "/v1/gate/default";

/// Two sites: `default` in the queue of that name, and `other` in the same.
fn gated() -> Setup {
    setup()
        .set("gate.origin", OURS)
        .set("gate.sites.default.origin", SITE)
        .set("gate.sites.other.origin", "https://other.example")
        .set("gate.sites.other.queue", "default")
}

/// A check as a proxy makes it, with the cookies of a browser, for whoever asked for this path of the site.
async fn check(server: &Server, cookies: &str, path: &str) -> Reply {
    server.client().call(Call::get(CHECK).header("cookie", cookies).header("x-original-uri", path)).await
}

/// Has the next one be let in.
async fn limit(server: &Server, active: u64) {
    onsale_testkit::Admin::new(server.client()).set_queue("default", json!({"activeLimit": active})).await;
}

#[tokio::test]
async fn whoever_is_let_in_comes_back_once_and_is_inside() {
    let mut server = gated().set("queue.active_limit", 1).start();
    let mut first = Browser::new(&server);
    let refused = check(&server, "", "/seats?date=1").await;
    refused.refused(401, "GATE_PASS_NEEDED");
    assert_eq!(refused.header("location"), Some("https://queue.example/gate/default?to=%2Fseats%3Fdate%3D1"));
    assert_eq!((refused.header("onsale-gate"), refused.header("cache-control")), (Some("wait"), Some("no-store")));

    let entrance = first.admitted("/seats?date=1").await;
    let entered = first.enter(&entrance).await;
    assert_eq!(entered.header("location"), Some("https://shop.example/seats?date=1"));
    let inside = check(&server, &first.passes(), "/").await;
    assert_eq!((inside.status, inside.header("onsale-gate")), (204, Some("inside")), "{inside}");
    assert_eq!(inside.header("onsale-session"), Some("0-0"));
    assert_eq!(inside.header("set-cookie"), None, "the pass is new");

    let mut second = Browser::new(&server);
    let page = second.look("/").await;
    assert_eq!(page.status, 200, "{page}");
    let text = String::from_utf8_lossy(&page.body).into_owned();
    assert!(text.contains("Your place: <strong>1</strong>") && !text.contains("<script"), "{text}");
    assert!(page.header("refresh").is_some_and(|refresh| refresh.ends_with("; url=/gate/default?to=%2F")), "{page}");

    // Somebody else with the code gets nothing for it, and neither does a browser without cookies.
    let mut thief = Browser::new(&server);
    let replayed = thief.enter(&entrance).await;
    assert_eq!(
        replayed.header("location"),
        Some("https://queue.example/gate/default?to=%2Fseats%3Fdate%3D1&again=1"),
        "{replayed}"
    );
    assert_eq!(replayed.header("set-cookie"), None);
    // The one who came in by it may have opened it in another tab.
    let again = first.enter(&entrance).await;
    assert_eq!(again.header("location"), Some("https://shop.example/seats?date=1"));

    // A crash forgets neither who is inside nor that the code was used.
    server.kill();
    server.start_again(onsale_testkit::Port::Any);
    let mut thief = thief.at(&server);
    assert_eq!(check(&server, &first.passes(), "/").await.status, 204);
    let replayed = thief.enter(&entrance).await;
    assert!(replayed.header("location").is_some_and(|to| to.starts_with(OURS)), "{replayed}");
    assert_eq!(replayed.header("set-cookie"), None);
    assert!(server.terminate().success());
    server.assert_audit_clean();
}

#[tokio::test]
async fn an_app_waits_with_json_and_its_place_is_kept() {
    let server = gated().set("queue.active_limit", 1).start();
    let [mut first, mut second] = [Browser::app(&server), Browser::app(&server)];
    let inside = first.look("/a").await.data();
    assert_eq!((&inside["status"], &inside["pollAfterMillis"]), (&json!("PROGRESS"), &json!(null)));
    let entrance = inside["enter"].as_str().expect("where to go").to_owned();
    assert!(entrance.starts_with("https://shop.example/.onsale/enter?code="), "{entrance}");
    let waiting = second.look("/a").await.data();
    assert_eq!((&waiting["status"], &waiting["queuePosition"]), (&json!("WAITING"), &json!(1)));
    assert!(waiting["pollAfterMillis"].is_u64() && waiting["enter"].is_null(), "{waiting}");
    assert_eq!(second.look("/b").await.data()["queuePosition"], 1, "one place, however often it is looked at");
    limit(&server, 2).await;
    onsale_testkit::eventually("the second is let in", async || second.look("/").await.data()["status"] == "PROGRESS")
        .await;
    // An app that keeps no cookie does not join again and again.
    let lost = server.client().call(Call::get("/gate/default?cookie=1")).await;
    assert_eq!(lost.refused(400, "BAD_REQUEST")["field"], "Cookie");
}

#[tokio::test]
async fn silence_ends_a_slot_and_a_check_is_a_sign_of_life() {
    let server = gated().set("queue.active_limit", 2).set("queue.session_idle", "3s").start();
    let [mut reader, mut gone, mut next] = [(); 3].map(|()| Browser::new(&server));
    for browser in [&mut reader, &mut gone] {
        let entrance = browser.admitted("/").await;
        browser.enter(&entrance).await;
    }
    assert_eq!(check(&server, &gone.passes(), "/").await.status, 204);
    assert_eq!(next.look("/").await.status, 200, "it waits");
    onsale_testkit::eventually("the slot of the silent one is the next one's", async || {
        assert_eq!(check(&server, &reader.passes(), "/").await.status, 204, "who asks for something stays");
        next.look("/").await.status == 303
    })
    .await;
    // Its signature is as good as before; its session is not.
    check(&server, &gone.passes(), "/").await.refused(401, "GATE_PASS_NEEDED");
    assert_eq!(check(&server, &reader.passes(), "/").await.status, 204);
    let over = gone.look("/").await;
    let text = String::from_utf8_lossy(&over.body).into_owned();
    assert!(text.contains("Your time is over") && text.contains("<form method=\"post\""), "{text}");
    // Whoever joins again stands at the end.
    gone.join_again("/").await;
    let text = String::from_utf8_lossy(&gone.look("/").await.body).into_owned();
    assert!(text.contains("Your place: <strong>1</strong>"), "{text}");
}

#[tokio::test]
async fn a_check_writes_nothing_however_many_there_are() {
    let server = gated().set("queue.session_idle", "10m").start();
    let mut browser = Browser::new(&server);
    let entrance = browser.admitted("/").await;
    browser.enter(&entrance).await;
    let admin = onsale_testkit::Admin::new(server.client());
    let entries = async || admin.state().await["seq"].clone();
    let before = entries().await;
    for _ in 0..200 {
        assert_eq!(check(&server, &browser.passes(), "/").await.status, 204);
        assert_eq!(check(&server, "onsale-pass=a.b.c", "/").await.status, 401);
    }
    let (before, after) = (before.as_u64(), entries().await.as_u64());
    // The node's own ticks may come in meanwhile, and who was heard: no more than a few.
    assert!(before.zip(after).is_some_and(|(before, after)| after - before < 20), "{before:?} {after:?}");
}

#[tokio::test]
async fn a_configuration_that_cannot_be_meant_is_refused_by_its_keys() {
    for (key, value, named) in [
        ("gate.origin", "", "gate.origin"),
        ("gate.origin", "https://queue.example/a", "gate.origin"),
        ("gate.pass_ttl", "2h", "gate.pass_ttl"),
        ("gate.pass_ttl", "1s", "gate.pass_ttl"),
        ("gate.sites.default.origin", "http://shop.example", "gate.sites.default.origin"),
        ("gate.sites.default.origin", "https://other.example", "gate.sites.other.origin"),
        ("gate.sites.default.origin", "https://OTHER.example:8443", "gate.sites.other.origin"),
        ("gate.sites.default.origin", OURS, "gate.sites.default.origin"),
        ("gate.sites.default.queue", "BAD!", "gate.sites.default.queue"),
        ("gate.sites.default.origin", "https://shop.example:99999", "gate.sites.default.origin"),
        ("gate.sites.default.origin", "https://shop.example:", "gate.sites.default.origin"),
        ("gate.sites.default.origin", "https://user@shop.example", "gate.sites.default.origin"),
        ("gate.sites.default.origin", "https://shop.example;x", "gate.sites.default.origin"),
        ("gate.sites.default.guests", "default", "gate.sites.default.guests"),
        ("gate.sites.default.enter", "//evil.example", "gate.sites.default.enter"),
        ("gate.sites.default.enter", "/v1/../x", "gate.sites.default.enter"),
        ("gate.sites.default.enter", "/", "gate.sites.default.enter"),
        ("gate.sites.default.fail", "ajar", "gate.sites.default.fail"),
        ("gate.sites.default.only", "static/*", "gate.sites.default.only"),
        ("gate.sites.default.free", "/static/../*", "gate.sites.default.free"),
        ("gate.sites.default.color", "red", "gate.sites.default.color"),
        ("gate.sites.default.title", "a name of more than the forty that there may be", "gate.sites.default.title"),
        ("gate.sites.default.logo", "none.png", "gate.sites.default.logo"),
        ("gate.sites.default.standby_above", "0", "gate.sites.default.standby_above"),
        ("gate.sites.default.standby_below", "5", "gate.sites.default.standby_above"),
        ("gate.sites.default.standby_calm", "2h", "gate.sites.default.standby_calm"),
        ("gate.sites.default.standby_figure_above", "1.5", "gate.sites.default.standby_figure_above"),
        ("gate.sites.default.standby_figure_below", "5", "gate.sites.default.standby_figure_above"),
        ("gate.sites.default.standby_figure_good_for", "0", "gate.sites.default.standby_figure_good_for"),
        ("gate.sites.default.opens", "red", "gate.sites.default.opens"),
        ("gate.sites.a b.origin", "https://a.example", "gate.sites.a b.origin"),
        ("gate.sites.third.queue", "default", "gate.sites.third.origin"),
    ] {
        let (status, printed) = gated().set(key, value).refused();
        assert_eq!(status.code(), Some(2), "{key}={value}: {printed}");
        assert!(printed.contains(named), "{key}={value}: {printed}");
    }
}
