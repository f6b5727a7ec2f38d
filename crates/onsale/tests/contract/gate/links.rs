//! Links that let some people in past the line: so many, so long, and until they are withdrawn.

use onsale_testkit::{Admin, Call, Port, Reply, Setup};
use serde_json::{Value, json};

use super::{Browser, check, gated};

const LINKS: &str = "/v1/admin/gates/default/links";

/// A site with a queue of guests, behind a line in which one is inside.
fn with_guests() -> Setup {
    gated().set("queue.active_limit", 1).set("gate.sites.default.guests", "guests")
}

async fn make(admin: &Admin, link: Value) -> Reply {
    admin.call(Call::post(LINKS).json(&link)).await
}

fn text(reply: &Reply) -> String {
    String::from_utf8_lossy(&reply.body).into_owned()
}

#[tokio::test]
async fn a_link_lets_in_as_many_as_it_says_however_many_come_at_once() {
    let mut server = with_guests().start();
    let admin = Admin::new(server.client());
    make(&admin, json!({"uses": 2, "goodFor": "1h"})).await.refused(404, "QUEUE_NOT_FOUND");
    admin.open_queue("guests").await;
    admin.set_queue("guests", json!({"activeLimit": 10})).await;
    let link = make(&admin, json!({"uses": 3, "goodFor": "1h"})).await.data();
    let url = link["url"].as_str().expect("an address").to_owned();
    assert!(server.output().contains("a link that lets in was made"), "{}", server.output());

    // The line is full, and whoever has the link is not in it.
    Browser::new(&server).admitted("/").await;
    assert_eq!(Browser::new(&server).look("/").await.status, 200, "it waits");
    let mut guest = Browser::new(&server);
    // A look uses nothing up, and neither does a program that looks at what is behind an address.
    for _ in 0..5 {
        let looked = server.client().call(Call::get(url.strip_prefix(super::OURS).expect("ours"))).await;
        assert_eq!(looked.status, 303, "{looked}");
    }
    let sent = guest.use_link(&url).await;
    assert_eq!((sent.status, sent.header("location")), (303, Some("/gate/default?to=%2F")), "{sent}");
    let entrance = guest.admitted("/seats").await;
    let entered = guest.enter(&entrance).await;
    assert_eq!(entered.header("location"), Some("https://shop.example/seats"));
    let inside = check(&server, &guest.passes(), "/").await;
    assert_eq!((inside.status, inside.header("onsale-session")), (204, Some("1-0")), "{inside}");
    // Whoever comes again by it uses it once.
    assert_eq!(guest.use_link(&url).await.status, 303);

    // Ten at once, for two that are left.
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (mut browser, url) = (Browser::new(&server), url.clone());
        all.spawn(async move { browser.use_link(&url).await.status });
    }
    let mut statuses = all.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![303; 2], vec![410; 8]].concat());
    // Who presses the button twice uses it once.
    let twice = make(&admin, json!({"uses": 2, "goodFor": "1h"})).await.data()["url"].as_str().expect("one").to_owned();
    let mut hasty = Browser::new(&server);
    assert_eq!(hasty.press_twice(&twice).await, [303, 303]);
    assert_eq!(hasty.press_twice(&twice).await, [303, 303], "and once more");
    assert_eq!(Browser::new(&server).use_link(&twice).await.status, 303, "the other use is there");
    assert_eq!(Browser::new(&server).use_link(&twice).await.status, 410);
    let late = Browser::new(&server).use_link(&url).await;
    assert!(text(&late).contains("The link is not good any more"), "{late}");

    // A crash gives no use back.
    server.kill();
    server.start_again(Port::Any);
    assert_eq!(Browser::new(&server).use_link(&url).await.status, 410);
    assert_eq!(check(&server, &guest.passes(), "/").await.status, 204);
    assert!(server.terminate().success());
    server.assert_audit_clean();
}

#[tokio::test]
async fn a_link_ends_is_withdrawn_and_is_its_site_s_alone() {
    let server = with_guests().set("gate.sites.other.guests", "guests").start();
    let admin = Admin::new(server.client());
    admin.open_queue("guests").await;
    for (link, field) in [
        (json!({"uses": 0, "goodFor": "1h"}), "uses"),
        (json!({"uses": 1_001, "goodFor": "1h"}), "uses"),
        (json!({"uses": 1, "goodFor": "721h"}), "goodFor"),
        (json!({"uses": 1, "goodFor": "0s"}), "goodFor"),
        (json!({"uses": 1}), "goodFor"),
    ] {
        assert_eq!(make(&admin, link.clone()).await.refused(400, "BAD_REQUEST")["field"], field, "{link}");
    }
    admin
        .call(Call::post("/v1/admin/gates/nobody/links").json(&json!({"uses": 1, "goodFor": "1h"})))
        .await
        .refused(404, "NOT_FOUND");
    let url = async |good_for: &str| {
        let link = make(&admin, json!({"uses": 1_000, "goodFor": good_for})).await.data();
        (link["url"].as_str().expect("an address").to_owned(), link["linkId"].clone())
    };
    let ((short, _), (long, id)) = (url("1s").await, url("1h").await);
    assert_eq!(Browser::new(&server).use_link(&long).await.status, 303);
    // Of another site, changed, or none.
    for other in [
        long.replace("/default/", "/other/"),
        format!("{long}x"),
        long.replace("link=", "link=A"),
        format!("{}/gate/default/in", super::OURS),
    ] {
        assert_eq!(Browser::new(&server).use_link(&other).await.status, 410, "{other}");
    }
    onsale_testkit::eventually("the short one ends", async || {
        Browser::new(&server).use_link(&short).await.status == 410
    })
    .await;
    // A number that was typed wrong withdraws nothing, and says so; the link of another site is none of this one's.
    let wrong = id.as_u64().expect("a number") ^ 1;
    for other in [format!("{LINKS}/7"), format!("{LINKS}/{wrong}"), format!("/v1/admin/gates/other/links/{id}")] {
        admin.call(Call::delete(other)).await.refused(404, "NOT_FOUND");
    }
    let withdrawn = admin.call(Call::delete(format!("{LINKS}/{id}"))).await.data();
    assert_eq!(withdrawn["linkId"], id);
    assert_eq!(Browser::new(&server).use_link(&long).await.status, 410);
    let levers = admin.call(Call::get("/v1/admin/levers")).await.data();
    assert!(
        levers.as_array().is_some_and(|levers| levers.iter().any(|lever| lever["action"] == "REVOKE_TOKENS")),
        "{levers}"
    );
    // Where no guests are configured there is no such page.
    let plain = gated().start();
    assert_eq!(plain.client().call(Call::get("/gate/default/in?link=x")).await.status, 404);
}
