//! Where a gate sends whom: back to its site and nowhere else, whatever a request says, and as each proxy needs it.

use onsale_testkit::{Call, Reply};

use super::{CHECK, OURS, SITE, gated};
use crate::gate::Browser;

const PAGE: &str = "text/html,*/*;q=0.8";

fn location(reply: &Reply) -> &str {
    reply.header("location").unwrap_or_else(|| panic!("nowhere: {reply}"))
}

#[tokio::test]
async fn nothing_that_a_request_says_leads_elsewhere() {
    let server = gated().start();
    let client = server.client();
    for to in [
        "//evil.example",
        "/%5Cevil.example",
        "%5C/evil.example",
        "https://evil.example/",
        "https://shop.example.evil.example/",
        "https://shop.example@evil.example/",
        "https://shop.example:8443/",
        "https://other.example/",
        "http://shop.example/",
        "javascript:alert(1)",
        "/a%0d%0aSet-Cookie:%20a=b",
        "/a%20b",
        "",
        "a",
    ] {
        let refused = client.call(Call::get(format!("/gate/default?to={to}"))).await;
        assert_eq!(refused.refused(400, "BAD_REQUEST")["field"], "to", "{to}");
        assert_eq!(refused.header("set-cookie"), None, "{to}");
    }
    // A person is told so in their language, and can go on.
    for (language, said) in [("en", "This address leads nowhere"), ("ko", "잘못된 주소입니다")] {
        let call = Call::get("/gate/default?to=//evil.example").header("accept", PAGE);
        let page = client.call(call.header("accept-language", language)).await;
        let text = String::from_utf8_lossy(&page.body).into_owned();
        assert_eq!((page.status, page.header("refresh"), page.header("set-cookie")), (400, None, None), "{page}");
        assert!(text.contains(said) && text.contains("href=\"/gate/default?to=%2F\""), "{text}");
    }
    let twice = client.call(Call::get("/gate/default?to=/a&to=/b")).await;
    assert_eq!(twice.refused(400, "BAD_REQUEST")["field"], "to");
    // What a proxy hands on of the visitor's own address is no reason to refuse: it is the start page then.
    for uri in ["//evil.example/", "https://evil.example/", "/\\evil.example", "/a b", "x", ""] {
        let refused = client.call(Call::get(CHECK).header("x-original-uri", uri)).await;
        assert_eq!(location(&refused), format!("{OURS}/gate/default?to=%2F"), "{uri}");
    }
    // The whole address of a page of the site is as good as its path.
    let mut browser = Browser::new(&server);
    let entrance = browser.admitted("https:%2F%2Fshop.example/a").await;
    assert_eq!(location(&browser.enter(&entrance).await), format!("{SITE}/a"));
    // A code that is none leads to the waiting page.
    for code in ["", "?code=", "?code=AAAA", "?code=%0d%0a", "?other=1"] {
        let away = client.call(Call::get(format!("/v1/gate/default/enter{code}"))).await;
        assert_eq!((away.status, location(&away)), (303, "https://queue.example/gate/default?to=%2F"), "{code}");
        assert_eq!(away.header("set-cookie"), None);
    }
    // Neither does another site's, nor a look that takes nothing.
    let query = entrance.split_once('?').map(|(_, query)| query.to_owned()).expect("a code");
    let other = client.call(Call::get(format!("/v1/gate/other/enter?{query}"))).await;
    assert_eq!((location(&other), other.header("set-cookie")), ("https://queue.example/gate/other?to=%2F", None));
    for method in ["HEAD", "POST"] {
        let refused = client.call(Call::new(method, format!("/v1/gate/default/enter?{query}"))).await;
        assert_eq!((refused.status, refused.header("allow")), (405, Some("GET")), "{method}");
    }
}

#[tokio::test]
async fn a_site_without_its_queue_is_told_of() {
    let server = gated().set("gate.sites.third.origin", "https://third.example").start();
    let told = server.output();
    assert!(told.contains("the queue of a gate is not there") && told.contains("third"), "{told}");
    let admin = onsale_testkit::Admin::new(server.client());
    let gates = async || admin.call(Call::get("/v1/admin/ops/now")).await.data()["gates"].clone();
    let third =
        |exists: bool| serde_json::json!({"site": "third", "queue": "third", "queueExists": exists, "standby": null});
    let listed = gates().await;
    assert_eq!((&listed[0]["queueExists"], &listed[2]), (&serde_json::json!(true), &third(false)));
    admin.open_queue("third").await;
    assert_eq!(gates().await[2], third(true));
}

#[tokio::test]
async fn each_proxy_is_answered_as_it_needs_it() {
    let server = gated().start();
    let client = server.client();
    // Caddy and Traefik say what was asked for so; Traefik hands on what it is answered, and browsers follow only a redirection.
    let forwarded = |call: Call| call.header("x-forwarded-uri", "/a?b=c").header("accept", PAGE);
    let refused = client.call(forwarded(Call::get(CHECK))).await;
    assert_eq!((refused.status, location(&refused)), (401, "https://queue.example/gate/default?to=%2Fa%3Fb%3Dc"));
    let sent = client.call(forwarded(Call::get(format!("{CHECK}?redirect=1")))).await;
    assert_eq!((sent.status, location(&sent)), (303, location(&refused)));
    let app = Call::get(format!("{CHECK}?redirect=1")).header("accept", "application/json");
    client.call(app).await.refused(401, "GATE_PASS_NEEDED");
    // What somebody sent with a form cannot be come back to by a redirection.
    let posted = client.call(forwarded(Call::get(CHECK)).header("x-forwarded-method", "POST")).await;
    assert_eq!(location(&posted), "https://queue.example/gate/default?to=%2F");
    // Envoy asks with the visitor's own method and path behind the check's, and lets in with 200 alone.
    let behind = |method: &str| Call::new(method, "/v1/gate/default/check/a/check?b=c").header("accept", PAGE);
    let sent = client.call(behind("GET")).await;
    assert_eq!((sent.status, location(&sent)), (303, "https://queue.example/gate/default?to=%2Fa%2Fcheck%3Fb%3Dc"));
    client.call(behind("DELETE")).await.refused(401, "GATE_PASS_NEEDED");
    let mut browser = Browser::new(&server);
    let entrance = browser.admitted("/").await;
    browser.enter(&entrance).await;
    for method in ["GET", "POST", "DELETE"] {
        let inside = client.call(behind(method).header("cookie", &browser.passes())).await;
        assert_eq!((inside.status, inside.header("onsale-session")), (200, Some("0-0")), "{method}: {inside}");
    }
}

#[tokio::test]
async fn the_page_says_whose_it_is_in_both_languages_and_runs_no_script() {
    let server = gated()
        .set("queue.active_limit", 1)
        .set("page.title", "Shop & <Co>")
        .set("page.color", "#7a1f4b")
        .set("page.welcome_ko", "환영합니다")
        .start();
    Browser::new(&server).admitted("/").await;
    let mut waiting = Browser::new(&server);
    let page = waiting.look("/").await;
    let text = String::from_utf8_lossy(&page.body).into_owned();
    assert!(text.contains("Shop &amp; &lt;Co&gt;") && text.contains("환영합니다"), "{text}");
    assert!(page.header("content-security-policy").is_some_and(|policy| policy.starts_with("default-src 'none'")));
    let style = server.client().call(Call::get("/gate/default/style.css")).await;
    assert!(String::from_utf8_lossy(&style.body).contains("#7a1f4b"));
    let korean = server
        .client()
        .call(Call::get("/gate/default?cookie=1").header("accept", PAGE).header("accept-language", "ko"))
        .await;
    assert!(String::from_utf8_lossy(&korean.body).contains("쿠키가 필요합니다"), "{korean}");
    // A queue that takes nobody in says so.
    onsale_testkit::Admin::new(server.client()).set_queue("default", serde_json::json!({"mode": "CLOSED"})).await;
    let shut = Browser::new(&server).look("/").await;
    assert!(shut.header("refresh").is_some() && String::from_utf8_lossy(&shut.body).contains("Nobody can join now"));
}
