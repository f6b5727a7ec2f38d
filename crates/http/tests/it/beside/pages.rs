//! The public pages.

use axum::body::Body;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, ALLOW, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH,
};
use http::{Request, StatusCode};
use std::io::Read as _;
use std::sync::atomic::Ordering;

use super::store::Store;

#[tokio::test]
async fn pages_for_people_let_nothing_else_in() {
    let store = Store::open();
    for path in ["/docs", "/docs/start", "/problems", "/problems/sold-out"] {
        let page = store.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert_eq!(page.headers[CONTENT_TYPE], "text/html; charset=utf-8", "{path}");
        assert!(
            page.headers[CONTENT_SECURITY_POLICY].to_str().is_ok_and(|policy| policy.contains("default-src 'none'"))
        );
        assert_eq!(page.headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(page.headers["referrer-policy"], "no-referrer", "{path}");
        for foreign in ["http://www", "https://", "<script", "style=\"", "<style"] {
            assert!(!page.text().contains(foreign), "{path} has {foreign}");
        }
    }
}

#[tokio::test]
async fn the_docs_show_every_operation_with_its_fields_and_codes() {
    let store = Store::open();
    let page = store.get("/docs").await;
    let api: serde_json::Value = store.get("/openapi.json").await.json();
    for (path, methods) in api["paths"].as_object().unwrap() {
        for operation in methods.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(page.text().contains(&format!("id=\"{id}\"")), "{id} of {path}");
        }
    }
    for word in [
        "queuePosition",
        "estimatedWaitMaxSeconds",
        "/problems/seat-not-available",
        "Idempotency-Key",
        "schedules[].sections[].amountMin",
    ] {
        assert!(page.text().contains(word), "{word}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem() {
    let store = Store::open();
    for path in
        ["/favicon.ico", "/v1", "/v1/api/nothing", "/problems/nothing", "/docs/nothing", "/docs/", "/problems/%FF"]
    {
        let reply = store.get(path).await;
        assert!(reply.status.is_client_error(), "{path}");
        assert_eq!(reply.headers[CONTENT_TYPE], "application/problem+json", "{path}");
    }
    store.get("/favicon.ico").await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn who_comes_with_a_browser_to_an_address_that_is_none_is_shown_the_way_home_in_both_languages() {
    let store = Store::open();
    let get = async |path: &str, accept: &str, language: &str| {
        let request = Request::get(path).header(ACCEPT, accept).header(ACCEPT_LANGUAGE, language);
        store.send(request.body(Body::empty()).unwrap()).await
    };
    let chrome = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";
    for (path, language) in
        [("/nothing", "en"), ("/favicon.ico", "ko-KR,ko;q=0.9"), ("/problems/nothing", "ko"), ("/docs/x", "de")]
    {
        let page = get(path, chrome, language).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(page.headers[CONTENT_TYPE], "text/html; charset=utf-8", "{path}");
        assert!(page.headers.contains_key(CONTENT_SECURITY_POLICY), "{path}");
        let (en, ko) =
            (page.text().find("nothing at this address").unwrap(), page.text().find("아무것도 없습니다").unwrap());
        assert_eq!(ko < en, language.starts_with("ko"), "{path}: the reader's language comes first");
        assert!(page.text().contains("href=\"/\""), "{path}");
    }
    for accept in ["*/*", "application/json", "application/json, text/html;q=0.5", "text/html;q=0, */*", "image/png"] {
        get("/nothing", accept, "en").await.refused(404, "NOT_FOUND");
    }
    let post = Request::post("/nothing").header(ACCEPT, chrome).body(Body::empty()).unwrap();
    store.send(post).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn the_wrong_method_is_a_problem_that_names_the_right_ones() {
    let store = Store::open();
    let request = Request::delete("/v1/catalog").body(Body::empty()).unwrap();
    let reply = store.send(request).await;
    reply.refused(405, "METHOD_NOT_ALLOWED");
    assert!(reply.headers[ALLOW].to_str().unwrap().contains("GET"));
    let reply = store.admin("PUT", "/queues", &serde_json::Value::Null).await;
    reply.refused(405, "METHOD_NOT_ALLOWED");
    let allow = reply.headers[ALLOW].to_str().unwrap();
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
}

#[tokio::test]
async fn a_fixed_body_is_tagged_and_compressed() {
    let store = Store::open();
    let plain = store.get("/openapi.json").await;
    let request = Request::get("/openapi.json").header(ACCEPT_ENCODING, "gzip").body(Body::empty()).unwrap();
    let packed = store.send(request).await;
    assert_eq!(packed.headers[CONTENT_ENCODING], "gzip");
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&packed.body[..]).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
    let tag = plain.headers[ETAG].clone();
    assert_eq!(packed.headers[ETAG], tag);
    let request = Request::get("/openapi.json").header(IF_NONE_MATCH, tag).body(Body::empty()).unwrap();
    let known = store.send(request).await;
    assert_eq!((known.status, known.body.len()), (StatusCode::NOT_MODIFIED, 0));
}

#[tokio::test]
async fn a_server_is_ready_while_the_journal_takes_writes() {
    let store = Store::open();
    assert_eq!(store.get("/healthz").await.data()["status"], "ALIVE");
    assert_eq!(store.get("/readyz").await.data()["status"], "READY");
    let node = store.shared.node.clone();
    node.stats().journal_full.store(true, Ordering::Relaxed);
    assert_eq!(store.get("/readyz").await.data()["status"], "READY", "there is room again");
    tokio::task::spawn_blocking(move || node.stop()).await.unwrap();
    store.shared.node.stats().journal_full.store(true, Ordering::Relaxed);
    let reply = store.get("/readyz").await;
    reply.refused(503, "UNAVAILABLE");
    assert!(reply.headers.contains_key("retry-after"));
    assert_eq!(store.get("/healthz").await.status, StatusCode::OK);
}
