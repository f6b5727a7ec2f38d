//! Operators who sign in.

use onsale_testkit::{Buyer, Call, Reply, Shop};
use serde_json::{Value, json};

use super::provider::Provider;
use super::{Browser, with};

/// Signs an operator in: where the browser is sent, and the browser.
async fn sign_in(shop: &Shop, provider: &Provider, subject: &str, userinfo: Value) -> (String, Browser) {
    let mut browser = Browser::default();
    let (state, nonce) = browser.begin(shop, "/ops/login").await;
    let code = provider.code(provider.claims(subject, &nonce));
    provider.says_of_people(userinfo);
    let to = browser.end(shop, "/ops/login/callback", &[("code", &code), ("state", &state)]).await;
    (to, browser)
}

async fn call(shop: &Shop, browser: &Browser, call: Call) -> Reply {
    let cookies: Vec<_> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    shop.client.call(call.header("cookie", &cookies.join("; "))).await
}

async fn as_operator(shop: &Shop, browser: &Browser, of: Call) -> Reply {
    call(shop, browser, of.header("onsale-session", "1")).await
}

#[tokio::test]
async fn an_operator_has_the_role_that_the_provider_or_the_configuration_says() {
    let provider = Provider::start();
    let shop = Shop::open(
        with(&provider)
            .set("login.buyers", "off")
            .set("login.role_claim", "realm_access.roles")
            .set("login.roles", "sale-admins=admin, desk=desk")
            .set("login.operators", "kim@id.example=viewer, sub-9=gate"),
    )
    .await;
    let roles = |subject: &str, roles: Value| json!({"sub": subject, "preferred_username": "ann", "realm_access": {"roles": roles}});
    let mail =
        |subject: &str, mail: &str, verified: bool| json!({"sub": subject, "email": mail, "email_verified": verified});
    for (subject, userinfo, expected) in [
        ("a", roles("a", json!(["other", "desk"])), Some(("ann", "DESK"))),
        ("a", roles("a", json!(["desk", "sale-admins"])), Some(("ann", "ADMIN"))),
        ("a", roles("a", json!("desk")), Some(("ann", "DESK"))),
        ("a", roles("a", json!(["other"])), None),
        ("a", json!({"sub": "a"}), None),
        ("a", mail("a", "Kim@id.example", true), Some(("Kim@id.example", "VIEWER"))),
        ("a", mail("a", "kim@id.example", false), None),
        ("sub-9", json!({"sub": "sub-9"}), Some(("sub-9", "GATE"))),
    ] {
        let (to, browser) = sign_in(&shop, &provider, subject, userinfo.clone()).await;
        assert_eq!(to, if expected.is_some() { "/ops" } else { "/ops#login=no-role" }, "{userinfo}");
        let oneself = as_operator(&shop, &browser, Call::get("/v1/admin/whoami")).await;
        match expected {
            Some((name, role)) => {
                let oneself = oneself.data();
                assert_eq!((&oneself["name"], &oneself["role"]), (&json!(name), &json!(role)), "{userinfo}");
            }
            None => drop(oneself.refused(401, "ADMIN_UNAUTHORIZED")),
        }
    }
    let (to, _) = sign_in(&shop, &provider, "a", roles("b", json!(["desk"]))).await;
    assert_eq!(to, "/ops#login=refused", "userinfo of somebody else");
    // Buyers do not sign in here.
    shop.client.call(Call::get("/login")).await.refused(404, "NOT_FOUND");
    assert_eq!(shop.client.call(Call::get("/v1/catalog")).await.data()["shop"]["signIn"], false);
}

#[tokio::test]
async fn a_session_opens_its_role_to_the_page_alone_and_ends() {
    let provider = Provider::start();
    let shop = Shop::open(with(&provider).set("login.operators", "kim=desk")).await;
    let (to, browser) = sign_in(&shop, &provider, "kim", json!({"sub": "kim", "name": "\u{202e}miK"})).await;
    assert_eq!(to, "/ops");
    let session = browser.cookies.iter().find(|(name, _)| name == "__Host-onsale-ops").expect("a session");
    assert!(!session.1.contains("kim"));
    let door = call(&shop, &browser, Call::get("/ops/session")).await.data();
    assert_eq!(door, json!({"signIn": true, "session": {"name": "kim"}}));

    // The cookie alone is what a page of another site could have a browser send.
    call(&shop, &browser, Call::get("/v1/admin/state")).await.refused(401, "ADMIN_UNAUTHORIZED");
    as_operator(&shop, &browser, Call::get("/v1/admin/state")).await.data();
    as_operator(&shop, &browser, Call::post("/v1/admin/keys/rotate")).await.refused(403, "ROLE_FORBIDDEN");
    // A key that is sent is what counts.
    as_operator(&shop, &browser, Call::get("/v1/admin/state").bearer("a-key-that-is-none"))
        .await
        .refused(401, "ADMIN_UNAUTHORIZED");

    let buyer = Buyer::ask(&shop.client, 7).await;
    buyer.refused(401, "ENTRY_TOKEN_MISSING");
    let message = Call::post("/v1/admin/messages").json(&json!({"text": {"en": "Ten more minutes."}}));
    as_operator(&shop, &browser, message.header("onsale-operator", "Eve")).await.data();
    let record = shop.admin.call(Call::get("/v1/admin/levers")).await.data();
    assert_eq!((&record[0]["action"], &record[0]["operator"]), (&json!("SEND_MESSAGE"), &json!("kim")));

    let left = call(&shop, &browser, Call::delete("/ops/session")).await;
    assert!(
        left.header("set-cookie").is_some_and(|set| set.contains("__Host-onsale-ops=;") && set.contains("Max-Age=0"))
    );
    // Whoever has kept it is out when the keys are rotated.
    as_operator(&shop, &browser, Call::get("/v1/admin/state")).await.data();
    shop.admin.call(Call::post("/v1/admin/keys/rotate")).await.data();
    as_operator(&shop, &browser, Call::get("/v1/admin/state")).await.refused(401, "ADMIN_UNAUTHORIZED");
    assert_eq!(call(&shop, &browser, Call::get("/ops/session")).await.data()["session"], Value::Null);
}

#[tokio::test]
async fn without_a_provider_there_is_nothing_to_sign_in_with() {
    let shop = Shop::open(crate::setup()).await;
    for path in ["/login", "/login/callback?code=a&state=b", "/ops/login", "/ops/login/callback"] {
        shop.client.call(Call::get(path)).await.refused(404, "NOT_FOUND");
    }
    let door = shop.client.call(Call::get("/ops/session")).await.data();
    assert_eq!(door, json!({"signIn": false, "session": null}));
    shop.client.call(Call::delete("/ops/session")).await.refused(404, "NOT_FOUND");
}
