//! A store under test, and how it is called.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use onsale_http::api::ROUTES;
use onsale_http::metrics::Metrics;
use onsale_http::shared::{Shared, StreamLimit};
use onsale_http::token::{KeyStore, Overrides, Secret};
use onsale_http::{observe, router};
use onsale_node::{Lane, Node, Options};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;

pub(crate) const ADMIN_KEY: &str = "an-admin-key-for-tests-0123456789";

/// A node and its router, in a directory that goes with it.
pub(crate) struct Store {
    pub(crate) shared: Arc<Shared>,
    pub(crate) lane: Lane,
    router: Router,
    _dir: TempDir,
}

/// An answer, read whole.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Store {
    /// A new, empty store.
    pub(crate) fn open() -> Self {
        let dir = TempDir::new().expect("a scratch directory");
        let options = Options::new(onsale_node::Store::Directory(dir.path().to_owned()));
        let node = Arc::new(Node::open(&options, &mut |_| ()).expect("an empty directory opens"));
        let overrides = Overrides { admin: Some(Secret::new(ADMIN_KEY).expect("long enough")), ..Overrides::default() };
        let key_store = KeyStore::in_directory(dir.path(), node.store_id(), overrides);
        let keys = key_store.load().expect("keys are made");
        let lane = node.lane();
        let (metrics, streams) = (Metrics::new(ROUTES), StreamLimit::new(10));
        let shared = Arc::new(Shared::new(node, metrics, "KRW".to_owned(), keys, key_store, streams));
        observe::register(&shared);
        let router = router::router(shared.clone(), lane.clone());
        Self { shared, lane, router, _dir: dir }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let Ok(response) = self.router.clone().oneshot(request).await;
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("bodies are whole").to_bytes().to_vec();
        Reply { status: head.status, headers: head.headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path).body(Body::empty()).expect("a request")).await
    }

    /// With the admin key; a body of `Null` is none.
    pub(crate) async fn admin(&self, method: &str, path: &str, body: &Value) -> Reply {
        let request = Request::builder().method(method).uri(format!("/v1/admin{path}"));
        let request = request.header(AUTHORIZATION, format!("Bearer {ADMIN_KEY}"));
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.send(request.body(body).expect("a request")).await
    }
}

impl Reply {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.text()))
    }

    /// The data of a success.
    #[track_caller]
    pub(crate) fn data(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        let mut json = self.json();
        assert_eq!((&json["resultType"], &json["message"]), (&"SUCCESS".into(), &"SUCCESS".into()));
        json["data"].take()
    }

    /// The document of a refusal, which must be this one.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json");
        let json = self.json();
        assert_eq!((&json["code"], &json["status"]), (&code.into(), &status.into()), "{json}");
        json
    }
}
