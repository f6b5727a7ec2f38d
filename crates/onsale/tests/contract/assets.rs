//! The pages and their files, as a browser asks for them.

use std::fs;
use std::os::unix::fs::OpenOptionsExt as _;

use onsale_testkit::{Call, Client, Reply};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::setup;

async fn get(client: &Client, path: &str, encodings: &str) -> Reply {
    client.call(Call::get(path).header("Accept-Encoding", encodings)).await
}

/// The files that a page names.
fn named(page: &str) -> Vec<String> {
    page.split('"').filter(|part| part.starts_with("/assets/")).map(str::to_owned).collect()
}

#[tokio::test]
async fn pages_have_a_strict_policy_and_a_tag() {
    let server = setup().start();
    let client = server.client();
    for path in ["/", "/verify"] {
        let page = get(&client, path, "identity").await;
        assert_eq!(page.status, 200, "{path}: {page}");
        page.assert_media_type("text/html");
        let policy = page.header("content-security-policy").expect("a policy").to_owned();
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self';"), "{path}: {policy}");
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{path}: {policy}");
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(page.header("cache-control"), Some("public, no-cache"), "{path}");
        let text = String::from_utf8(page.body.to_vec()).expect("text");
        for inline in ["<style", "style=", "onclick", "http://", "https://"] {
            assert!(!text.contains(inline), "{path} has {inline}");
        }
        let tag = page.header("etag").expect("a tag").to_owned();
        let known = client.call(Call::get(path).header("If-None-Match", &tag)).await;
        assert_eq!((known.status, known.body.len()), (304, 0), "{path}");
    }
}

/// Only of what came over TLS: a browser believes no other, and a shop that leaves TLS again must not be locked out.
#[tokio::test]
async fn a_browser_that_came_over_tls_is_told_to_come_by_no_other_way() {
    let directory = tempfile::tempdir().expect("a scratch directory");
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let [cert, key] = ["cert.pem", "key.pem"].map(|name| directory.path().join(name));
    fs::write(&cert, made.cert.pem()).expect("it can be written");
    let mut private = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&key).expect("it is made");
    std::io::Write::write_all(&mut private, made.signing_key.serialize_pem().as_bytes()).expect("it can be written");
    let server = setup().set("tls.cert", cert.display()).set("tls.key", key.display()).start();
    let roots = RootCerts::new_with_certs(&[Certificate::from_der(made.cert.der()).to_owned()]);
    let tls = TlsConfig::builder().root_certs(roots).build();
    let agent: ureq::Agent = ureq::Agent::config_builder().tls_config(tls).build().into();
    for path in ["/", "/ops", "/verify"] {
        let address = format!("https://{}{path}", server.address());
        let page = agent.get(&address).call().expect("an answer");
        assert_eq!(page.headers().get("strict-transport-security").expect(path), "max-age=31536000");
    }
    let plain = get(&setup().start().client(), "/", "identity").await;
    assert_eq!((plain.status, plain.header("strict-transport-security")), (200, None));
}

#[tokio::test]
async fn files_are_packed_and_kept_for_ever() {
    let server = setup().start();
    let client = server.client();
    let page = get(&client, "/", "identity").await;
    let files = named(std::str::from_utf8(&page.body).expect("text"));
    assert!(files.len() > 5, "{files:?}");
    for file in files {
        let plain = get(&client, &file, "identity").await;
        assert_eq!(plain.status, 200, "{file}");
        assert_eq!(plain.header("content-encoding"), None, "{file}");
        for (accepted, coding) in [("gzip", "gzip"), ("gzip, deflate, br", "br"), ("br;q=0.5, gzip;q=0.9", "gzip")] {
            let packed = get(&client, &file, accepted).await;
            assert_eq!(packed.header("content-encoding"), Some(coding), "{file} for {accepted}");
            assert_eq!(packed.header("vary"), Some("accept-encoding"), "{file}");
            let cache = packed.header("cache-control").expect("a word on caching");
            assert!(cache.contains("immutable") && cache.contains("max-age=31536000"), "{file}: {cache}");
            assert!(packed.body.len() < plain.body.len(), "{file} as {coding}");
        }
    }
}

#[tokio::test]
async fn another_version_s_address_is_answered_and_not_kept() {
    let server = setup().start();
    let client = server.client();
    let page = get(&client, "/", "identity").await;
    let file = named(std::str::from_utf8(&page.body).expect("text")).remove(0);
    let name = file.splitn(4, '/').nth(3).expect("a path below the hash");
    let other = get(&client, &format!("/assets/0123456789abcdef/{name}"), "identity").await;
    assert_eq!((other.status, other.header("cache-control")), (200, Some("public, no-cache")));
    let none = get(&client, "/assets/0123456789abcdef/nothing.js", "identity").await;
    none.refused(404, "NOT_FOUND");
    client.call(Call::post("/").body("x")).await.refused(405, "METHOD_NOT_ALLOWED");
}

/// A shop's logo is a picture and nothing else, whoever opens its address, at one that names its content.
#[tokio::test]
async fn the_shop_s_logo_and_words_are_in_the_catalog_and_the_logo_is_kept() {
    let logo = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/shop/logo.png");
    let words = [("page.title", "Moon Tickets"), ("page.welcome_en", "<b>Hello</b>"), ("page.ticket_ko", "안녕")];
    let setup = words.into_iter().fold(setup().set("page.logo", logo), |setup, (key, value)| setup.set(key, value));
    let server = setup.start();
    let client = server.client();
    let shop = client.call(Call::get("/v1/catalog")).await.data()["shop"].clone();
    assert_eq!(shop["welcome"], serde_json::json!({"en": "<b>Hello</b>", "ko": null}), "text, as it was written");
    assert_eq!(shop["ticket"], serde_json::json!({"en": null, "ko": "안녕"}));
    let address = shop["logo"].as_str().expect("an address");
    let picture = client.call(Call::get(address)).await;
    picture.assert_media_type("image/png");
    assert_eq!(picture.body, fs::read(logo).expect("it is there"));
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cache-control", "public, max-age=31536000, immutable"),
    ] {
        assert_eq!(picture.header(name), Some(value), "{picture}");
    }
    let other = client.call(Call::get("/assets/logo/another.png")).await;
    assert_eq!((other.status, other.header("cache-control")), (200, Some("public, no-cache")), "{other}");
    let without = self::setup().start();
    assert_eq!(without.client().call(Call::get("/assets/logo/another.png")).await.status, 404);
}
