//! One request, as a test writes it down.

use std::fmt;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request};
use http_body_util::Full;
use serde_json::Value;

/// A request, sent exactly as it is written: no header is added but Host and Content-Length.
#[derive(Clone, Debug)]
pub struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
}

impl Call {
    /// A request without a body.
    ///
    /// # Panics
    /// When `method` is not a method's name.
    pub fn new(method: &str, path: impl Into<String>) -> Self {
        let method = Method::from_bytes(method.as_bytes()).expect("a method's name");
        Self { method, path: path.into(), headers: Vec::new(), body: Bytes::new() }
    }

    pub fn get(path: impl Into<String>) -> Self {
        Self::new("GET", path)
    }

    pub fn post(path: impl Into<String>) -> Self {
        Self::new("POST", path)
    }

    pub fn put(path: impl Into<String>) -> Self {
        Self::new("PUT", path)
    }

    pub fn patch(path: impl Into<String>) -> Self {
        Self::new("PATCH", path)
    }

    pub fn delete(path: impl Into<String>) -> Self {
        Self::new("DELETE", path)
    }

    /// The request to the server that `host` names.
    pub(crate) fn request(&self, host: &str) -> Request<Full<Bytes>> {
        let mut request = Request::builder().method(self.method.clone()).uri(self.path.as_str());
        if !self.headers.iter().any(|(name, _)| name == http::header::HOST) {
            request = request.header(http::header::HOST, host);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(Full::new(self.body.clone())).unwrap_or_else(|error| panic!("{self}: {error}"))
    }

    /// Sends this JSON, and says so in Content-Type.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    /// Sends these bytes, with no Content-Type.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Adds a header.
    ///
    /// # Panics
    /// When HTTP has no such header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a header's name");
        self.headers.push((name, HeaderValue::from_str(value).expect("a header's value")));
        self
    }

    /// Sends a queue token raw, as the contract's own examples do.
    #[must_use]
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", token)
    }

    /// Sends a queue token or an admin key as `Bearer`.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Adds an Idempotency-Key.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        let body = String::from_utf8_lossy(&self.body);
        match body.char_indices().nth(200) {
            _ if body.is_empty() => Ok(()),
            Some((end, _)) => write!(f, " {}…", &body[..end]),
            None => write!(f, " {body}"),
        }
    }
}
