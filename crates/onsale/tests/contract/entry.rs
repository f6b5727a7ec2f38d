//! Entry tokens: who comes in with one, and what is none.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use onsale_testkit::{Buyer, Call, Reply, Setup, Shop};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::setup;

const SECRET: &str = "a-shop-s-secret-for-tests-0123456789abcdef";
pub(crate) const TOKEN: &str = "/v1/api/queue/token";

/// A key of the shop's, private and public.
pub(crate) struct Key {
    algorithm: Algorithm,
    private: EncodingKey,
    pub(crate) public: Value,
}

impl Key {
    pub(crate) fn ed25519(id: &str) -> Self {
        let pair = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        let x = URL_SAFE_NO_PAD.encode(pair.public_key_raw());
        let public = json!({"kty": "OKP", "crv": "Ed25519", "kid": id, "x": x});
        Self { algorithm: Algorithm::EdDSA, private: EncodingKey::from_ed_der(pair.serialized_der()), public }
    }

    fn p256(id: &str) -> Self {
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let (x, y) = pair.public_key_raw()[1..].split_at(32);
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        let public = json!({"kty": "EC", "crv": "P-256", "kid": id, "x": x, "y": y, "use": "sig"});
        Self { algorithm: Algorithm::ES256, private: EncodingKey::from_ec_der(pair.serialized_der()), public }
    }

    /// Made once, for these tests alone: to make one takes seconds.
    fn rsa(id: &str) -> Self {
        let (private, modulus) = include_str!("rsa-2048.txt").trim().split_once('\n').unwrap();
        let public = json!({"kty": "RSA", "n": modulus, "e": "AQAB", "kid": id, "alg": "RS256"});
        let private = EncodingKey::from_rsa_der(&STANDARD.decode(private).unwrap());
        Self { algorithm: Algorithm::RS256, private, public }
    }

    pub(crate) fn secret() -> Self {
        let private = EncodingKey::from_secret(SECRET.as_bytes());
        Self { algorithm: Algorithm::HS256, private, public: Value::Null }
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        let kid = self.public["kid"].as_str().map(str::to_owned);
        encode(&Header { kid, ..Header::new(self.algorithm) }, claims, &self.private).unwrap()
    }
}

pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

pub(crate) fn claims(user: &str) -> Value {
    json!({"iss": "https://shop.example", "aud": "tickets", "sub": user, "exp": now() + 3_600, "nbf": now() - 1})
}

pub(crate) fn with(name: &str, value: Value) -> Value {
    let mut claims = claims("7");
    claims[name] = value;
    claims
}

fn signed() -> Setup {
    setup().set("access.users", "signed").set("entry.issuer", "https://shop.example").set("entry.audience", "tickets")
}

pub(crate) fn by_secret() -> Setup {
    signed().set("entry.secret", SECRET)
}

pub(crate) async fn enter(shop: &Shop, token: &str) -> Reply {
    shop.client.call(Call::post(TOKEN).json(&json!({"entryToken": token}))).await
}

pub(crate) fn user_of(reply: &Reply) -> u64 {
    let token = reply.data()["queueToken"].as_str().unwrap().to_owned();
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice::<Value>(&claims).unwrap()["sub"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn whoever_the_token_names_comes_in_and_nobody_else() {
    let shop = Shop::open(by_secret()).await;
    let key = Key::secret();
    let token = key.sign(&claims("7"));
    let first = enter(&shop, &token).await;
    assert_eq!(user_of(&first), 7);
    assert_eq!(Buyer::from_issue(&shop.client, 7, &first).balance().await, 0);
    // As the credentials of the call, which is what it is.
    let bearer = shop.client.call(Call::post(TOKEN).json(&json!({})).bearer(&token)).await;
    assert_eq!(bearer.data()["queueToken"], first.data()["queueToken"], "one place");
    let bare = shop.client.call(Call::post(TOKEN).bearer(&token)).await;
    assert_eq!(bare.data()["queueToken"], first.data()["queueToken"], "and nothing else to say");
    shop.client.call(Call::post(TOKEN)).await.refused(401, "ENTRY_TOKEN_MISSING");
    // The body's may be there beside an older queue token, and says who it is.
    let queue_token = first.data()["queueToken"].as_str().unwrap().to_owned();
    let beside = Call::post(TOKEN).json(&json!({"entryToken": token, "userId": 7})).bearer(&queue_token);
    assert_eq!(user_of(&shop.client.call(beside).await), 7);
    shop.client
        .call(Call::post(TOKEN).json(&json!({"userId": 7})).bearer(&queue_token))
        .await
        .refused(401, "ENTRY_TOKEN_INVALID");
    let other = json!({"entryToken": token, "userId": 8});
    shop.client.call(Call::post(TOKEN).json(&other)).await.refused(403, "ENTRY_TOKEN_OTHER_USER");
    shop.client.call(Call::post(TOKEN).json(&json!({"userId": 7}))).await.refused(401, "ENTRY_TOKEN_MISSING");
    shop.client.call(Call::post(TOKEN).json(&json!({"entryToken": 7}))).await.refused(400, "BAD_REQUEST");
    let sale = shop.client.call(Call::get("/v1/sale")).await.data();
    assert_eq!(sale["entrySigned"], true);
}

#[tokio::test]
async fn the_shop_of_the_guide_signs_what_is_taken() {
    let shop = Shop::open(by_secret()).await;
    let guide = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/shop.md")).unwrap();
    let lines = guide.split("```js\n").nth(1).and_then(|rest| rest.split("```").next()).expect("the lines");
    let made = Command::new("node").args(["-e", lines]).env("ONSALE_ENTRY__SECRET", SECRET).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    assert_eq!(user_of(&enter(&shop, String::from_utf8(made.stdout).unwrap().trim()).await), 7);
}

#[tokio::test]
async fn a_token_may_open_one_queue_alone() {
    let shop = Shop::open(by_secret()).await;
    let token = Key::secret().sign(&with("queue", json!("vip")));
    let ask = |body: Value| shop.client.call(Call::post(TOKEN).json(&body));
    ask(json!({"entryToken": token, "queue": "default"})).await.refused(403, "ENTRY_TOKEN_OTHER_QUEUE");
    let named = ask(json!({"entryToken": token, "queue": "vip"})).await;
    assert_eq!(user_of(&named), 7);
    let unnamed = ask(json!({"entryToken": token})).await;
    assert_eq!(unnamed.data()["queueToken"], named.data()["queueToken"], "the queue that it opens");
    let token = Key::secret().sign(&with("queue", json!("default")));
    assert_eq!(user_of(&ask(json!({"entryToken": token})).await), 7);
    ask(json!({"entryToken": token, "queue": "vip"})).await.refused(403, "ENTRY_TOKEN_OTHER_QUEUE");
}

#[tokio::test]
async fn a_token_that_does_not_say_what_it_must_is_refused_by_what_is_wrong() {
    let shop = Shop::open(by_secret()).await;
    let key = Key::secret();
    for (name, value, code) in [
        ("iss", json!("https://other.example"), "ENTRY_TOKEN_ISSUER"),
        ("aud", json!("other"), "ENTRY_TOKEN_AUDIENCE"),
        ("aud", json!(["other", "another"]), "ENTRY_TOKEN_AUDIENCE"),
        ("exp", json!(now() - 60), "ENTRY_TOKEN_EXPIRED"),
        ("nbf", json!(now() + 600), "ENTRY_TOKEN_NOT_YET"),
        ("iss", Value::Null, "ENTRY_TOKEN_INVALID"),
        ("aud", Value::Null, "ENTRY_TOKEN_INVALID"),
        ("exp", Value::Null, "ENTRY_TOKEN_INVALID"),
        ("nbf", Value::Null, "ENTRY_TOKEN_INVALID"),
        ("sub", Value::Null, "ENTRY_TOKEN_INVALID"),
        ("exp", json!("soon"), "ENTRY_TOKEN_INVALID"),
        ("sub", json!(7), "ENTRY_TOKEN_INVALID"),
        ("sub", json!("0"), "ENTRY_TOKEN_INVALID"),
        ("queue", json!(3), "ENTRY_TOKEN_INVALID"),
    ] {
        let reply = enter(&shop, &key.sign(&with(name, value.clone()))).await;
        assert_eq!(reply.code().as_deref(), Some(code), "{name}={value}: {reply}");
        let is_claim = code == "ENTRY_TOKEN_INVALID";
        assert_eq!(is_claim, reply.json()["field"] == format!("entryToken.{name}"), "{reply}");
    }
    // A list may have others too, clocks may be apart a little, and what else it says is the shop's matter.
    for (name, value) in [
        ("aud", json!(["other", "tickets"])),
        ("exp", json!(now() - 5)),
        ("nbf", json!(now() + 5)),
        ("exp", json!(now() as f64 + 0.5)),
        ("role", json!({"any": "thing"})),
    ] {
        assert_eq!(user_of(&enter(&shop, &key.sign(&with(name, value))).await), 7, "{name}");
    }
}

#[tokio::test]
async fn forgeries_name_nobody() {
    let keys = [Key::ed25519("ed"), Key::p256("ec"), Key::rsa("rsa")];
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("keys.json");
    let enc = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "enc", "use": "enc"});
    let set: Vec<&Value> = keys.iter().map(|key| &key.public).chain([&enc]).collect();
    fs::write(&file, json!({"keys": set}).to_string()).unwrap();
    let shop = Shop::open(signed().set("entry.keys", file.display())).await;
    for key in &keys {
        let token = key.sign(&claims("7"));
        assert_eq!(user_of(&enter(&shop, &token).await), 7, "{:?}", key.algorithm);
        // Remembered is what was verified, and not what is like it.
        for other in [&token[..token.len() - 4], &format!("{token}AAAA"), &swap_claims(&token, &claims("8"))] {
            enter(&shop, other).await.refused(401, "ENTRY_TOKEN_INVALID");
        }
        assert_eq!(user_of(&enter(&shop, &token).await), 7, "again");
    }
    let head = |head: Value, key: &EncodingKey, algorithm| {
        let message = format!("{}.{}", part(&head), part(&claims("7")));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
        format!("{message}.{signature}")
    };
    let rsa_as_secret = EncodingKey::from_secret(keys[2].public["n"].as_str().unwrap().as_bytes());
    let foreign = Key::ed25519("ed");
    let unsigned = format!("{}.{}.", part(&json!({"alg": "none", "kid": "ed"})), part(&claims("7")));
    let crit = json!({"alg": "EdDSA", "kid": "ed", "crit": ["exp"]});
    let own_key = json!({"alg": "EdDSA", "kid": "ed", "jwk": foreign.public});
    let mut tried = JoinSet::new();
    for (token, code) in [
        (unsigned.clone(), "ENTRY_TOKEN_UNSIGNED"),
        (
            unsigned.replace(&part(&json!({"alg": "none", "kid": "ed"})), &part(&json!({"alg": "NoNe"}))),
            "ENTRY_TOKEN_UNSIGNED",
        ),
        // A public key is no secret of HMAC.
        (head(json!({"alg": "HS256", "kid": "rsa"}), &rsa_as_secret, Algorithm::HS256), "ENTRY_TOKEN_ALGORITHM"),
        // The right key, and another way to sign with it.
        (head(json!({"alg": "RS512", "kid": "rsa"}), &keys[2].private, Algorithm::RS512), "ENTRY_TOKEN_ALGORITHM"),
        (head(json!({"alg": "PS256", "kid": "rsa"}), &keys[2].private, Algorithm::PS256), "ENTRY_TOKEN_ALGORITHM"),
        (head(json!({"alg": "EdDSA", "kid": "ec"}), &keys[0].private, Algorithm::EdDSA), "ENTRY_TOKEN_ALGORITHM"),
        (foreign.sign(&claims("7")), "ENTRY_TOKEN_INVALID"),
        (head(own_key, &foreign.private, Algorithm::EdDSA), "ENTRY_TOKEN_INVALID"),
        (head(crit, &keys[0].private, Algorithm::EdDSA), "ENTRY_TOKEN_INVALID"),
        (Key::ed25519("new").sign(&claims("7")), "ENTRY_TOKEN_KEY_UNKNOWN"),
        (Key::rsa("enc").sign(&claims("7")), "ENTRY_TOKEN_KEY_UNKNOWN"),
        (head(json!({"alg": "EdDSA"}), &keys[0].private, Algorithm::EdDSA), "ENTRY_TOKEN_KEY_UNKNOWN"),
        (Key::secret().sign(&claims("7")), "ENTRY_TOKEN_KEY_UNKNOWN"),
        (String::new(), "ENTRY_TOKEN_INVALID"),
        ("a.b".to_owned(), "ENTRY_TOKEN_INVALID"),
        ("..".to_owned(), "ENTRY_TOKEN_INVALID"),
        ("a".repeat(9_000), "ENTRY_TOKEN_INVALID"),
    ] {
        let to = shop.client.clone();
        // Of a key that is not known the server says so when it has looked again, which is seconds later: all at once.
        tried.spawn(async move {
            let reply = to.call(Call::post(TOKEN).json(&json!({"entryToken": token}))).await;
            reply.refused(401, code);
        });
    }
    tried.join_all().await;
    let korean = Call::post(TOKEN).json(&json!({"entryToken": unsigned})).header("accept-language", "ko");
    let reply = shop.client.call(korean).await;
    assert!(reply.problem()["message"].as_str().is_some_and(|message| message.contains("판매처")), "{reply}");
}

/// A part of a JWS.
fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// The token with other claims, and the signature of before.
fn swap_claims(token: &str, claims: &Value) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    format!("{}.{}.{}", parts[0], part(claims), parts[2])
}

#[tokio::test]
async fn however_many_clients_a_subject_has_one_place() {
    const SUBJECTS: u64 = 100;
    let shop = Shop::open(by_secret().set("queue.active_limit", 1)).await;
    let key = Key::secret();
    let mut clients = JoinSet::new();
    for client in 0..SUBJECTS * 10 {
        let token = key.sign(&claims(&(client % SUBJECTS + 1).to_string()));
        let to = shop.client.clone();
        clients.spawn(async move { to.call(Call::post(TOKEN).json(&json!({"entryToken": token}))).await.data() });
    }
    let places: std::collections::BTreeSet<String> =
        clients.join_all().await.iter().map(|data| data["queueToken"].as_str().unwrap().to_owned()).collect();
    assert_eq!(places.len() as u64, SUBJECTS);
}

/// A server of keys, that can be told to fail.
struct Provider {
    address: SocketAddr,
    keys: Arc<Mutex<Option<String>>>,
    asked: Arc<AtomicUsize>,
}

impl Provider {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (keys, asked) = (Arc::new(Mutex::new(None::<String>)), Arc::new(AtomicUsize::new(0)));
        let (served, counted) = (keys.clone(), asked.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let head = BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
                assert!(head.count() > 0);
                counted.fetch_add(1, Ordering::SeqCst);
                let body = served.lock().unwrap().clone();
                let (status, body) = body.map_or(("500 Broken", String::new()), |body| ("200 OK", body));
                let length = body.len();
                let answer =
                    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        Self { address, keys, asked }
    }

    fn publish(&self, keys: &[&Key]) {
        let keys: Vec<&Value> = keys.iter().map(|key| &key.public).collect();
        *self.keys.lock().unwrap() = Some(json!({"keys": keys}).to_string());
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn a_rotation_of_keys_loses_nobody_and_invented_keys_cost_nothing() {
    let provider = Provider::start();
    let setup = signed().in_directory().set("entry.keys", format!("http://{}/jwks", provider.address));
    let shop = Shop::open(setup).await;
    let (old, new) = (Key::ed25519("old"), Key::ed25519("new"));
    // The provider failed at the start: whoever comes waits for the next fetch.
    provider.publish(&[&old]);
    assert_eq!(user_of(&enter(&shop, &old.sign(&claims("1"))).await), 1);
    let join = |token: String| {
        let to = shop.client.clone();
        async move { to.call(Call::post(TOKEN).json(&json!({"entryToken": token}))).await }
    };
    // They were fetched just now, so the next time is seconds away.
    let before = provider.asked();
    provider.publish(&[&old, &new]);
    let (mut joining, mut forgers) = (JoinSet::new(), JoinSet::new());
    for person in 0..50 {
        let key = if person % 2 == 0 { &old } else { &new };
        joining.spawn(join(key.sign(&claims(&format!("{}", person + 10)))));
        forgers.spawn(join(Key::ed25519(&format!("forged {person}")).sign(&claims("4"))));
    }
    for joined in joining.join_all().await {
        assert!((10..60).contains(&user_of(&joined)), "nobody is refused: {joined}");
    }
    for forged in forgers.join_all().await {
        forged.refused(401, "ENTRY_TOKEN_KEY_UNKNOWN");
    }
    // The one of each minute may come in between.
    assert!((1..=2).contains(&(provider.asked() - before)), "one fetch is everybody's");
    // The provider is away: the last known keys go on, and of others nobody can say that they are none.
    *provider.keys.lock().unwrap() = None;
    assert_eq!(user_of(&enter(&shop, &new.sign(&claims("5"))).await), 5);
    let unsettled = enter(&shop, &Key::ed25519("newest").sign(&claims("6"))).await.refused(503, "UNAVAILABLE");
    assert!(unsettled["detail"].as_str().is_some_and(|detail| detail.contains("keys")), "{unsettled}");
}
