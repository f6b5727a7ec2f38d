//! What is a pass, and what is none; and that others verify the same by the public keys.

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use onsale_testkit::{Admin, Call, Server};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{CHECK, SITE, check, gated};
use crate::gate::Browser;

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/gate");
const NAME: &str = "__Host-onsale-pass=";

/// A server, and a browser that is inside with its pass.
async fn inside(setup: onsale_testkit::Setup) -> (Server, String) {
    let server = setup.start();
    let mut browser = Browser::new(&server);
    let entrance = browser.admitted("/").await;
    browser.enter(&entrance).await;
    let pass = browser.passes().strip_prefix(NAME).expect("the pass alone").to_owned();
    (server, pass)
}

async fn keys(server: &Server) -> Value {
    let reply = server.client().call(Call::get("/v1/gate/default/keys")).await;
    assert_eq!(reply.header("cache-control"), Some("public, max-age=300"), "{reply}");
    reply.json()
}

fn claims(pass: &str) -> Value {
    let claims = URL_SAFE_NO_PAD.decode(pass.split('.').nth(1).expect("claims")).expect("base64");
    serde_json::from_slice(&claims).expect("JSON")
}

#[tokio::test]
async fn what_is_no_pass_opens_nothing() {
    let (server, pass) = inside(gated()).await;
    let status = async |pass: &str| check(&server, &format!("{NAME}{pass}"), "/").await.status;
    assert_eq!(status(&pass).await, 204);

    let parts: Vec<_> = pass.split('.').collect();
    let head = decode_header(&pass).expect("a header");
    assert_eq!((head.alg, head.typ.as_deref()), (Algorithm::EdDSA, Some("onsale-gate+jwt")));
    let with = |head: &Value| format!("{}.{}", URL_SAFE_NO_PAD.encode(head.to_string()), parts[1]);
    let kid = head.kid.clone().expect("a key");
    let none = with(&json!({"alg": "none", "kid": kid, "typ": "onsale-gate+jwt"}));
    let mut later = claims(&pass);
    later["exp"] = json!(later["exp"].as_u64().unwrap() + 1);
    let later = URL_SAFE_NO_PAD.encode(later.to_string());
    // The public key as the secret of a symmetric algorithm.
    let public = keys(&server).await["keys"][0]["x"].as_str().expect("a key").to_owned();
    let mut symmetric = Header::new(Algorithm::HS256);
    (symmetric.kid, symmetric.typ) = (Some(kid.clone()), head.typ.clone());
    let secret = EncodingKey::from_secret(&URL_SAFE_NO_PAD.decode(public).expect("base64"));
    let symmetric = encode(&symmetric, &claims(&pass), &secret).expect("a token");
    // A token of the API, and a pass of another store that knows its own.
    let token = server.client().call(Call::post("/v1/api/queue/token").json(&json!({"userId": 1}))).await.data();
    let (_other, foreign) = inside(gated()).await;
    for (what, forged) in [
        ("alg none", format!("{none}.")),
        ("alg none, with the signature", format!("{none}.{}", parts[2])),
        ("a later end", format!("{}.{later}.{}", parts[0], parts[2])),
        ("a symmetric key", symmetric),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("something behind it", format!("{pass}.x")),
        ("a queue token", token["queueToken"].as_str().expect("a token").to_owned()),
        ("another store's", foreign),
        ("nothing", String::new()),
        ("much", "a".repeat(7_000)),
    ] {
        assert_eq!(status(&forged).await, 401, "{what}");
    }
    // It is good for its own site alone, though both have one queue, and not under a name that others can set.
    let other = Call::get("/v1/gate/other").header("cookie", &format!("{NAME}{pass}"));
    server.client().call(other).await.refused(401, "GATE_PASS_NEEDED");
    assert_eq!(check(&server, &format!("onsale-pass={pass}"), "/").await.status, 401);
    // Of several cookies any good one will do, of the first few.
    let beside = |others: usize| format!("{}{NAME}{pass}", format!("{NAME}a.b.c; ").repeat(others));
    assert_eq!(check(&server, &beside(3), "/").await.status, 204);
    assert_eq!(check(&server, &beside(4), "/").await.status, 401);
    server.client().call(Call::get("/v1/gate/nobody")).await.refused(404, "NOT_FOUND");
    server.client().call(Call::post(CHECK)).await.refused(405, "METHOD_NOT_ALLOWED");
    assert_eq!(status(&pass).await, 204);
}

#[tokio::test]
async fn a_pass_is_short_and_renewed_while_its_session_goes_on() {
    let (server, pass) = inside(gated().set("gate.pass_ttl", "10s").set("queue.session_ttl", "14s")).await;
    let first = claims(&pass);
    assert_eq!(first["aud"], SITE);
    assert!(first["end"].as_u64() >= first["exp"].as_u64(), "{first}");
    let with = |pass: &str| format!("{NAME}{pass}");
    let renewed = onsale_testkit::eventually_some("it is renewed in the second half of its time", async || {
        let reply = check(&server, &with(&pass), "/").await;
        assert_eq!(reply.status, 204, "{reply}");
        let set = reply.header("set-cookie")?;
        Some(set.strip_prefix(NAME).expect("the cookie").split(';').next().expect("a value").to_owned())
    })
    .await;
    let second = claims(&renewed);
    assert!(second["exp"].as_u64() > first["exp"].as_u64(), "{first} {second}");
    assert_eq!((&second["sid"], &second["end"]), (&first["sid"], &first["end"]));
    assert_eq!(second["exp"], second["end"], "the end is nearer than a pass's time");
    onsale_testkit::eventually("the first has expired, and its session goes on", async || {
        check(&server, &with(&pass), "/").await.status == 401
    })
    .await;
    assert_eq!(check(&server, &with(&renewed), "/").await.status, 204);
    onsale_testkit::eventually("the session is over", async || {
        check(&server, &with(&renewed), "/").await.status == 401
    })
    .await;
}

#[tokio::test]
async fn who_is_sent_away_by_an_operator_is_outside_at_once_and_a_rotation_ends_nothing() {
    let (server, pass) = inside(gated()).await;
    let admin = Admin::new(server.client());
    admin.rotate_keys().await.data();
    assert_eq!(check(&server, &format!("{NAME}{pass}"), "/").await.status, 204);
    assert_eq!(keys(&server).await["keys"].as_array().map(Vec::len), Some(2), "the one of before verifies still");
    let user = claims(&pass)["sub"].as_str().and_then(|user| user.parse().ok()).expect("a number");
    admin.revoke(user).await.data();
    check(&server, &format!("{NAME}{pass}"), "/").await.refused(401, "GATE_PASS_NEEDED");
}

#[tokio::test]
async fn anybody_verifies_a_pass_by_the_public_keys() {
    let (server, pass) = inside(gated()).await;
    let set = keys(&server).await;
    let known: JwkSet = serde_json::from_value(set.clone()).expect("a set");
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_audience(&[SITE]);
    let key = DecodingKey::from_jwk(&known.keys[0]).expect("a key");
    assert!(decode::<Value>(&pass, &key, &rules).is_ok());

    let scratch = TempDir::new().expect("a scratch directory");
    let file = scratch.path().join("keys.json");
    std::fs::write(&file, set.to_string()).expect("a file");
    let mut forged = pass.clone();
    forged
        .replace_range(pass.len() - 5..pass.len() - 4, if pass.as_bytes()[pass.len() - 5] == b'A' { "B" } else { "A" });
    // Debian's own has the library by Debian's package; another that comes first may have it too.
    let has_library = |python: &&str| {
        let tried = Command::new(python).args(["-c", "import cryptography"]).output();
        tried.is_ok_and(|output| output.status.success())
    };
    let python = ["python3", "/usr/bin/python3"].into_iter().find(has_library).expect("python3-cryptography");
    for (program, script) in [("node", "verify.mjs"), (python, "verify.py")] {
        let says = |site: &str, pass: &str| {
            let mut command = Command::new(program);
            command.arg(format!("{EXAMPLES}/{script}")).arg(&file).args([site, pass]);
            let output = command.output().unwrap_or_else(|error| panic!("starting {command:?}: {error}"));
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(errors.is_empty(), "{script}: {errors}");
            (output.status.code(), String::from_utf8_lossy(&output.stdout).trim().to_owned())
        };
        let (status, said) = says(SITE, &pass);
        assert_eq!(status, Some(0), "{script}: {said}");
        assert_eq!(serde_json::from_str::<Value>(&said).expect("JSON"), claims(&pass), "{script}");
        for (site, pass) in [("https://other.example", pass.as_str()), (SITE, &forged), (SITE, "a.b.c"), (SITE, "")] {
            assert_eq!(says(site, pass), (Some(1), "refused".to_owned()), "{script}: {site} {pass}");
        }
        let bare = Command::new(program).arg(format!("{EXAMPLES}/{script}")).output().expect("it starts");
        let usage = String::from_utf8_lossy(&bare.stderr).into_owned();
        assert!(!bare.status.success() && usage.starts_with("usage: ") && usage.lines().count() == 1, "{usage}");
    }
}
