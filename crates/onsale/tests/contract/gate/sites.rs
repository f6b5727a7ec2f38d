//! What each site has its gate be: for which requests, how its waiting page looks, and whether it stands open while little comes.

use std::fs;

use onsale_testkit::{Admin, Call, Client, Reply, Setup, eventually};
use serde_json::json;
use tempfile::TempDir;

use super::{Browser, CHECK, gated};

const PAGE: &str = "text/html,*/*;q=0.8";
/// The first bytes of a PNG, which is all that is looked at.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

/// A site more, in the queue of the others.
fn with_site(setup: Setup, name: &str, settings: &[(&str, &str)]) -> Setup {
    let setup = setup
        .set(&format!("gate.sites.{name}.origin"), format!("https://{name}.example"))
        .set(&format!("gate.sites.{name}.queue"), "default");
    settings.iter().fold(setup, |setup, (key, value)| setup.set(&format!("gate.sites.{name}.{key}"), value))
}

/// What a check says of nobody's request with these headers: the status, and why.
async fn asks(client: &Client, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
    let call = headers.iter().fold(Call::get(path), |call, (name, value)| call.header(name, value));
    let reply = client.call(call).await;
    (reply.status, reply.header("onsale-gate").unwrap_or_default().to_owned())
}

fn text(reply: &Reply) -> String {
    String::from_utf8_lossy(&reply.body).into_owned()
}

#[tokio::test]
async fn a_gate_is_for_what_its_rules_say_and_for_whatever_is_not_plain() {
    let rules = gated().set("gate.sites.default.only", "POST|PUT /checkout*, /tickets/*");
    let server = rules.set("gate.sites.default.free", "/tickets/help").start();
    let client = server.client();
    let (free, wait) = ((204, "free".to_owned()), (401, "wait".to_owned()));
    let check = async |method: &str, uri: &str| {
        asks(&client, CHECK, &[("x-original-method", method), ("x-original-uri", uri)]).await
    };
    for (method, uri) in
        [("GET", "/"), ("GET", "/checkout"), ("POST", "/about?to=/tickets/1"), ("GET", "/tickets/help")]
    {
        assert_eq!(check(method, uri).await, free, "{method} {uri}");
    }
    for (method, uri) in [
        ("POST", "/checkout/2"),
        ("GET", "/tickets/1"),
        ("GET", "/%74ickets/1"),
        ("GET", "/TICKETS/1"),
        ("GET", "/about/../tickets/1"),
        ("GET", "/about/%2e%2e/tickets/1"),
        ("GET", "//tickets/1"),
        ("GET", "/about;/tickets/1"),
        ("GET", "/about%2f..%2ftickets/1"),
        ("GET", "https://other.example/"),
        ("GET", "/tickets/help/"),
    ] {
        assert_eq!(check(method, uri).await, wait, "{method} {uri}");
    }
    // A client may add the headers that its proxy does not set.
    for headers in [
        &[("x-forwarded-uri", "/tickets/1"), ("x-original-uri", "/")][..],
        &[("x-forwarded-uri", "/"), ("x-original-uri", "/tickets/1")],
        &[("x-original-uri", "/"), ("x-original-uri", "/tickets/1")],
        &[("x-forwarded-method", "POST"), ("x-forwarded-uri", "/checkout"), ("x-original-method", "GET")],
        &[("x-original-uri", "/checkout")],
        &[],
    ] {
        assert_eq!(asks(&client, CHECK, headers).await, wait, "{headers:?}");
    }
    // Envoy's form says it by its own method and path.
    let behind = async |path: &str, uri: &str| {
        let headers: &[_] = if uri.is_empty() { &[] } else { &[("x-original-uri", uri)] };
        asks(&client, &format!("{CHECK}/check{path}"), headers).await
    };
    assert_eq!(behind("/about?a=b", "").await, (200, "free".to_owned()));
    for (path, uri) in [("/tickets/1", "/"), ("/about", "/tickets/1"), ("", "/about"), ("/about/..%2ftickets/1", "")] {
        assert_eq!(behind(path, uri).await, wait, "{path} {uri}");
    }
    // Whoever is inside is known at what is free, too. Another site has no rules.
    let mut browser = Browser::new(&server);
    let entrance = browser.admitted("/").await;
    browser.enter(&entrance).await;
    let known = [("x-original-uri", "/"), ("x-original-method", "GET"), ("cookie", &*browser.passes())];
    // A node that has not heard of their visit yet does not have what is free wait for it.
    eventually("it is known", async || asks(&client, CHECK, &known).await == (204, "inside".to_owned())).await;
    assert_eq!(asks(&client, "/v1/gate/other", &[("x-original-uri", "/")]).await, wait);
}

#[tokio::test]
async fn each_site_has_a_waiting_page_that_looks_like_it() {
    let files = TempDir::new().expect("a directory");
    let logo = files.path().join("logo.png");
    fs::write(&logo, PNG).expect("a file");
    let own = [
        ("title", "Moon & <Co>"),
        ("color", "#0b5d3b"),
        ("logo", logo.to_str().expect("a path")),
        ("welcome_en", "Doors at <8>"),
    ];
    let named = [("title", "Only a name")];
    let setup = gated().set("page.title", "House").set("page.color", "#7a1f4b").set("page.welcome_en", "Of the house");
    let server = with_site(with_site(setup, "moon", &own), "named", &named).start();
    let client = server.client();
    let page = async |site: &str| {
        let page = client.call(Call::get(format!("/gate/{site}?cookie=1")).header("accept", PAGE)).await;
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'self'; img-src 'self';"), "{policy}");
        let style = client.call(Call::get(format!("/gate/{site}/style.css"))).await;
        assert_eq!(style.header("content-type"), Some("text/css; charset=utf-8"));
        let page = text(&page);
        assert!(page.contains(&format!("href=\"/gate/{site}/style.css\"")) && !page.contains("style="), "{page}");
        (page, text(&style))
    };
    let (moon, style) = page("moon").await;
    assert!(moon.contains("alt=\"Moon &amp; &lt;Co&gt;\"") && moon.contains("Doors at &lt;8&gt;"), "{moon}");
    assert!(style.contains("#0b5d3b") && !moon.contains("House"), "{style}");
    let address = moon.split("src=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("the logo");
    let picture = client.call(Call::get(address)).await;
    assert_eq!((picture.status, &picture.body[..]), (200, PNG), "{address}");
    // What a site does not say is as on the buyer's page, but for a logo that is another's.
    let (named, style) = page("named").await;
    assert!(named.contains("Only a name") && named.contains("Of the house") && !named.contains("<img"), "{named}");
    assert!(style.contains("#7a1f4b"), "{style}");
    client.call(Call::get("/gate/nobody/style.css")).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_gate_on_standby_stands_open_until_much_comes_and_opens_again() {
    let standby = [("standby_above", "20"), ("standby_below", "10"), ("standby_calm", "2s")];
    let mut server = with_site(gated(), "calm", &standby).set("queue.active_limit", 1).start();
    let (client, admin) = (server.client(), Admin::new(server.client()));
    let check = async || asks(&client, "/v1/gate/calm", &[("x-original-uri", "/")]).await;
    let state = async || {
        let now = admin.call(Call::get("/v1/admin/ops/now")).await.data();
        let gates = now["gates"].as_array().expect("gates").clone();
        let standby = gates.into_iter().find(|gate| gate["site"] == "calm").expect("the gate")["standby"].clone();
        (standby["holds"].as_bool().expect("whether it holds"), standby["requestsPerSecond"].clone())
    };
    assert_eq!(check().await, (204, "standby".to_owned()));
    assert!(!state().await.0);
    // However the requests fall into seconds, so many that follow one another are too many in one of them.
    eventually("it holds", async || {
        for _ in 0..100 {
            check().await;
        }
        check().await == (401, "wait".to_owned())
    })
    .await;
    assert!(state().await.0);
    let metric = async |line: &str| text(&client.call(Call::get("/metrics")).await).contains(line);
    assert!(metric("onsale_gate_holds{site=\"calm\"} 1").await);
    // Somebody has the one slot, and another waits: it stays closed, however few come.
    let (mut inside, mut waits) = (Browser::new(&server), Browser::new(&server));
    inside.admitted("/").await;
    assert_eq!(waits.look("/").await.status, 200);
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    assert!(state().await.0, "somebody waits");
    // They wait also where the gate has forgotten why: whoever comes after a start does not pass them.
    server.kill();
    server.start_again(onsale_testkit::Port::Same);
    // The connection of before has ended.
    let _ = client.send(&Call::get("/healthz")).await;
    assert_eq!(check().await, (401, "wait".to_owned()));
    assert!(state().await.0, "somebody has waited since before");
    admin.set_queue("default", json!({"activeLimit": 2})).await;
    waits.admitted("/").await;
    eventually("it opens", async || !state().await.0).await;
    assert_eq!(check().await, (204, "standby".to_owned()));
    let log = server.output();
    assert!(log.contains("a gate holds") && log.contains("a gate stands open again"), "{log}");
    // Others are not on standby.
    assert_eq!(asks(&client, "/v1/gate/default", &[("x-original-uri", "/")]).await, (401, "wait".to_owned()));
}

/// It says so to one node, and is believed by all.
#[tokio::test]
async fn a_gate_on_standby_goes_by_what_its_site_says() {
    let standby = [("standby_figure_above", "80"), ("standby_figure_below", "60"), ("standby_calm", "2s")];
    let server = with_site(gated(), "calm", &standby).start();
    let (client, admin) = (server.client(), Admin::new(server.client()));
    let check = async || asks(&client, "/v1/gate/calm", &[("x-original-uri", "/")]).await;
    let say = async |site: &str, body: serde_json::Value| {
        admin.call(Call::put(format!("/v1/admin/gates/{site}/figure")).json(&body)).await
    };
    let (open, held) = ((204, "standby".to_owned()), (401, "wait".to_owned()));
    assert_eq!(check().await, open);
    assert_eq!(say("calm", json!({"figure": 80})).await.data(), json!({"figure": 80, "holds": false}));
    assert_eq!(check().await, open);
    assert_eq!(say("calm", json!({"figure": 81})).await.data(), json!({"figure": 81, "holds": true}));
    eventually("it holds on all nodes", async || {
        let mut checks = Vec::new();
        for _ in 0..6 {
            checks.push(check().await);
        }
        checks.iter().all(|one| *one == held)
    })
    .await;
    let now = admin.call(Call::get("/v1/admin/ops/now")).await.data();
    let gate = now["gates"].as_array().expect("gates").iter().find(|gate| gate["site"] == "calm").expect("the gate");
    assert_eq!((&gate["standby"]["holds"], &gate["standby"]["figure"]), (&json!(true), &json!(81)));
    // Low for long enough, it opens: everywhere.
    eventually("it opens", async || {
        say("calm", json!({"figure": 59})).await.data();
        let mut checks = Vec::new();
        for _ in 0..6 {
            checks.push(check().await);
        }
        checks.iter().all(|one| *one == open)
    })
    .await;
    // What is no figure, and where none is to be said.
    for wrong in [
        json!({"figure": 1_000_000_001}),
        json!({"figure": -1}),
        json!({"figure": 0.5}),
        json!({}),
        json!({"figure": 1, "x": 1}),
    ] {
        assert_eq!(say("calm", wrong.clone()).await.status, 400, "{wrong}");
    }
    say("default", json!({"figure": 1})).await.refused(400, "BAD_REQUEST");
    say("nobody", json!({"figure": 1})).await.refused(404, "NOT_FOUND");
    client
        .call(Call::put("/v1/admin/gates/calm/figure").json(&json!({"figure": 1})))
        .await
        .refused(401, "ADMIN_UNAUTHORIZED");
}
