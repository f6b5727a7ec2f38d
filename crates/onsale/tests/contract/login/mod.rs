//! Signing in with an identity provider: what no real provider does wrong, and what nobody does in a browser. The rest is in
//! web/tests/login.spec.js, with a real one.

mod operators;
mod provider;

use onsale_testkit::{Buyer, Call, Reply, Setup, Shop};
use serde_json::{Value, json};

use crate::entry::{Key, TOKEN, enter, now, user_of};
use crate::setup;
use provider::Provider;

const ORIGIN: &str = "https://tickets.example";

fn with(provider: &Provider) -> Setup {
    setup()
        .set("login.issuer", provider.issuer())
        .set("login.client_id", "onsale")
        .set("login.client_secret", "between us")
        .set("login.origin", ORIGIN)
}

/// A browser, as far as cookies go.
#[derive(Clone, Default)]
struct Browser {
    cookies: Vec<(String, String)>,
}

impl Browser {
    async fn get(&mut self, shop: &Shop, path: &str) -> Reply {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let reply = shop.client.call(Call::get(path).header("cookie", &cookies.join("; "))).await;
        for set in reply.headers.get_all("set-cookie") {
            let set = set.to_str().unwrap();
            let (pair, attributes) = set.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            assert!(
                name.starts_with("__Host-") && attributes.contains("; Secure") && attributes.contains("HttpOnly"),
                "{set}"
            );
            self.cookies.retain(|(known, _)| known != name);
            if !attributes.contains("Max-Age=0") {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        reply
    }

    /// Sets out to sign in: the state and the nonce that the browser is sent to the provider with.
    async fn begin(&mut self, shop: &Shop, path: &str) -> (String, String) {
        let to = location(&self.get(shop, path).await);
        (part(&to, "state"), part(&to, "nonce"))
    }

    /// Comes back from the provider: where it is sent then.
    async fn end(&mut self, shop: &Shop, path: &str, parts: &[(&str, &str)]) -> String {
        let query: Vec<_> = parts.iter().map(|(name, value)| format!("{name}={value}")).collect();
        location(&self.get(shop, &format!("{path}?{}", query.join("&"))).await)
    }
}

#[track_caller]
fn location(reply: &Reply) -> String {
    assert_eq!(reply.status, 303, "{reply}");
    assert_eq!(
        (reply.header("cache-control"), reply.header("referrer-policy")),
        (Some("no-store"), Some("no-referrer"))
    );
    reply.header("location").expect("where to").to_owned()
}

/// A part of an address that needs no unescaping.
#[track_caller]
fn part(address: &str, name: &str) -> String {
    let mut parts = address.split(['?', '&', '#']);
    let start = format!("{name}=");
    parts.find_map(|part| part.strip_prefix(&start)).unwrap_or_else(|| panic!("no {name} in {address}")).to_owned()
}

/// Signs somebody in, and gives the entry token that the page joins with.
async fn sign_in(shop: &Shop, provider: &Provider, subject: &str) -> String {
    let mut browser = Browser::default();
    let (state, nonce) = browser.begin(shop, "/login?queue=default&concert=1").await;
    let code = provider.code(provider.claims(subject, &nonce));
    let to = browser.end(shop, "/login/callback", &[("code", &code), ("state", &state)]).await;
    assert!(to.starts_with("/#entry=") && to.ends_with("&by=login&queue=default&concert=1"), "{to}");
    assert!(browser.cookies.is_empty(), "it is over");
    part(&to, "entry")
}

#[tokio::test]
async fn whoever_signs_in_is_the_same_user_for_ever_and_comes_in_once_for_it() {
    let provider = Provider::start();
    let shop = Shop::open(with(&provider)).await;
    let token = sign_in(&shop, &provider, "ann").await;
    let ann = enter(&shop, &token).await;
    assert_eq!(Buyer::from_issue(&shop.client, user_of(&ann), &ann).balance().await, 0);
    enter(&shop, &token).await.refused(401, "ENTRY_TOKEN_REPLAYED");
    let again = enter(&shop, &sign_in(&shop, &provider, "ann").await).await;
    assert_eq!(again.data()["queueToken"], ann.data()["queueToken"], "one person, one place");
    // Some providers have numbers, which are no shop's.
    let seven = user_of(&enter(&shop, &sign_in(&shop, &provider, "7").await).await);
    assert!(seven != 7 && seven != user_of(&ann));

    Buyer::ask(&shop.client, 7).await.refused(401, "ENTRY_TOKEN_MISSING");
    let catalog = shop.client.call(Call::get("/v1/catalog")).await.data();
    assert_eq!(catalog["shop"]["signIn"], true);
    let sale = shop.client.call(Call::get("/v1/sale")).await.data();
    assert_eq!(sale["entrySigned"], true);
    // The provider's own token, and a shop's, are none here.
    enter(&shop, &Key::ed25519("first").sign(&provider.claims("ann", "n")))
        .await
        .refused(401, "ENTRY_TOKEN_KEY_UNKNOWN");
}

#[tokio::test]
async fn the_provider_is_asked_as_it_should_be() {
    let provider = Provider::start();
    let shop = Shop::open(with(&provider)).await;
    let mut browser = Browser::default();
    // What the request says of its host is nobody's word.
    let call = Call::get("/login?other=1").header("host", "evil.example").header("x-forwarded-host", "evil.example");
    let to = location(&shop.client.call(call).await);
    assert!(to.starts_with(&format!("{}/auth?response_type=code&client_id=onsale&", provider.issuer())), "{to}");
    assert_eq!(part(&to, "redirect_uri"), "https%3A%2F%2Ftickets.example%2Flogin%2Fcallback");
    assert_eq!((part(&to, "code_challenge_method"), part(&to, "scope")), ("S256".to_owned(), "openid".to_owned()));
    assert_eq!((part(&to, "prompt"), part(&to, "code_challenge").len()), ("login".to_owned(), 43));
    let (state, nonce) = browser.begin(&shop, "/login").await;
    let code = provider.code(provider.claims("ann", &nonce));
    browser.end(&shop, "/login/callback", &[("code", &code), ("state", &state)]).await;
    let form = provider.last_form();
    assert!(form.contains("grant_type=authorization_code") && form.contains("code_verifier="), "{form}");
    // `onsale:between+us`, as RFC 6749 has it.
    assert!(form.to_lowercase().contains("authorization: basic b25zywxlomjldhdlzw4rdxm="), "{form}");
    for (path, field) in
        [("/login?queue=A%20B", "queue"), ("/login?concert=x", "concert"), ("/login?concert=0", "concert")]
    {
        let refused = shop.client.call(Call::get(path)).await;
        assert_eq!(refused.refused(400, "BAD_REQUEST")["field"], field);
    }
    shop.client.call(Call::post("/login")).await.refused(405, "METHOD_NOT_ALLOWED");
}

#[tokio::test]
async fn nobody_comes_back_but_the_browser_that_set_out_and_that_once() {
    let provider = Provider::start();
    let shop = Shop::open(with(&provider).set("login.operators", "ann=admin")).await;
    let mut victim = Browser::default();
    let mut other = Browser::default();
    let (state, nonce) = other.begin(&shop, "/login?queue=default").await;
    let code = provider.code(provider.claims("other", &nonce));
    let back = [("code", code.as_str()), ("state", state.as_str())];
    // Somebody has the victim's browser end what they have begun.
    assert_eq!(victim.end(&shop, "/login/callback", &back).await, "/#login=unknown");
    let (own, _) = victim.begin(&shop, "/login").await;
    assert_eq!(victim.end(&shop, "/login/callback", &back).await, "/#login=unknown");
    assert_eq!(victim.end(&shop, "/login/callback", &[("code", &code)]).await, "/#login=unknown");
    assert_ne!(own, state);
    // A buyer's sign-in makes no operator.
    assert_eq!(other.end(&shop, "/ops/login/callback", &back).await, "/ops#login=unknown");

    let before = other.clone();
    let to = other.end(&shop, "/login/callback", &back).await;
    assert!(to.starts_with("/#entry="), "{to}");
    assert_eq!(other.end(&shop, "/login/callback", &back).await, "/#login=unknown", "it is over");
    // Whoever has kept the cookie has a code that the provider gives nothing for any more.
    assert_eq!(before.clone().end(&shop, "/login/callback", &back).await, "/#login=refused&queue=default");
    for sealed in ["", "AAAA", &before.cookies[0].1[1..]] {
        let mut forged = Browser { cookies: vec![(before.cookies[0].0.clone(), sealed.to_owned())] };
        assert_eq!(forged.end(&shop, "/login/callback", &back).await, "/#login=unknown");
    }
}

#[tokio::test]
async fn as_many_tabs_as_there_are_sign_in_beside_each_other() {
    let provider = Provider::start();
    let shop = Shop::open(with(&provider)).await;
    let mut browser = Browser::default();
    let mut begun = Vec::new();
    for queue in ["a", "b", "c", "d", "e"] {
        begun.push(browser.begin(&shop, &format!("/login?queue={queue}")).await);
    }
    for ((state, nonce), queue) in begun.iter().zip(["a", "b", "c", "d", "e"]).rev() {
        let code = provider.code(provider.claims("ann", nonce));
        let to = browser.end(&shop, "/login/callback", &[("code", &code), ("state", state)]).await;
        match queue {
            "a" => assert_eq!(to, "/#login=unknown", "one too many"),
            _ => assert!(to.starts_with("/#entry=") && to.ends_with(&format!("&queue={queue}")), "{to}"),
        }
    }
}

#[tokio::test]
async fn a_token_of_the_provider_that_is_not_as_it_should_be_names_nobody() {
    let provider = Provider::start();
    let shop = Shop::open(with(&provider)).await;
    for (name, value) in [
        ("nonce", json!("another")),
        ("nonce", Value::Null),
        ("aud", json!("other")),
        ("aud", json!(["onsale", "other"])),
        ("azp", json!("other")),
        ("iss", json!("https://other.example")),
        ("exp", json!(now() - 60)),
        ("iat", json!(now() + 600)),
        ("sub", json!("")),
    ] {
        let mut browser = Browser::default();
        let (state, nonce) = browser.begin(&shop, "/login").await;
        let mut claims = provider.claims("ann", &nonce);
        claims[name] = value.clone();
        let code = provider.code(claims);
        let to = browser.end(&shop, "/login/callback", &[("code", &code), ("state", &state)]).await;
        assert_eq!(to, "/#login=refused", "{name}={value}");
    }
    let mut browser = Browser::default();
    let (state, nonce) = browser.begin(&shop, "/login").await;
    let code = provider.code(provider.claims("ann", &nonce));
    let parts = [("code", code.as_str()), ("state", &state), ("iss", "https%3A%2F%2Fother.example")];
    assert_eq!(browser.end(&shop, "/login/callback", &parts).await, "/#login=refused", "RFC 9207");
}

#[tokio::test]
async fn who_does_not_sign_in_is_told_why_and_is_where_they_were() {
    let provider = Provider::start();
    let shop = Shop::open(with(&provider)).await;
    for (error, word) in
        [("access_denied", "denied"), ("temporarily_unavailable", "unavailable"), ("invalid_scope", "refused")]
    {
        let mut browser = Browser::default();
        let (state, _) = browser.begin(&shop, "/login?queue=vip&concert=3").await;
        let to = browser.end(&shop, "/login/callback", &[("error", error), ("state", &state)]).await;
        assert_eq!(to, format!("/#login={word}&queue=vip&concert=3"));
    }
}

#[tokio::test]
async fn a_rotation_at_the_provider_loses_nobody() {
    let provider = Provider::start();
    let shop = Shop::open(with(&provider)).await;
    sign_in(&shop, &provider, "ann").await;
    // They were fetched at the start: whoever comes back waits until they may be fetched again.
    provider.rotate(Key::ed25519("second"));
    assert_eq!(enter(&shop, &sign_in(&shop, &provider, "ann").await).await.status, 200);
}

#[tokio::test]
async fn a_provider_that_is_away_keeps_nobody_else_out() {
    let provider = Provider::start();
    provider.is_broken(true);
    // Of several nodes each asks for itself.
    let shop = Shop::open(with(&provider).in_directory()).await;
    let mut browser = Browser::default();
    assert_eq!(location(&browser.get(&shop, "/login?queue=default").await), "/#login=unavailable&queue=default");
    provider.is_broken(false);
    // Whoever asked has it asked again.
    onsale_testkit::eventually("the provider is known", async || {
        location(&Browser::default().get(&shop, "/login").await).starts_with("http")
    })
    .await;
    let token = sign_in(&shop, &provider, "ann").await;
    let (state, nonce) = browser.begin(&shop, "/login").await;
    let code = provider.code(provider.claims("bob", &nonce));
    provider.hangs(true);
    let began = std::time::Instant::now();
    let parts = [("code", code.as_str()), ("state", state.as_str())];
    let back = browser.end(&shop, "/login/callback", &parts);
    let others = async {
        let call = Call::post(TOKEN).json(&json!({"entryToken": token}));
        assert_eq!(shop.client.call(call).await.status, 200);
        began.elapsed()
    };
    let (to, joined_after) = tokio::join!(back, others);
    assert_eq!(to, "/#login=unavailable");
    assert!(joined_after.as_secs() < 3 && began.elapsed().as_secs() < 15, "{joined_after:?} {:?}", began.elapsed());
}
