//! A body that many clients get: tagged, and compressed once.

use std::sync::OnceLock;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue, StatusCode};
use sha2::{Digest as _, Sha256};

use crate::answer::IsKept;
use crate::gzip::gzip;
use crate::negotiate::{self, Encoding};

/// A body, and what a client may already have of it.
pub(crate) struct Fixed {
    media_type: &'static str,
    plain: Bytes,
    gzip: OnceLock<Bytes>,
    tag: String,
}

impl Fixed {
    pub(crate) fn new(media_type: &'static str, body: impl Into<Bytes>) -> Self {
        let plain = body.into();
        let digest = Sha256::digest(&plain);
        let tag = digest[..8].iter().fold(String::from("W/\""), |tag, byte| format!("{tag}{byte:02x}")) + "\"";
        Self { media_type, plain, gzip: OnceLock::new(), tag }
    }

    /// 304 where the client has it; otherwise the body, in the encoding that it takes.
    pub(crate) fn response(&self, request: &HeaderMap) -> Response {
        let mut response = Response::new(Body::empty());
        if negotiate::not_modified(request, &self.tag) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            let body = match negotiate::encoding(request) {
                Encoding::Identity => self.plain.clone(),
                Encoding::Gzip => {
                    response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                    self.gzip.get_or_init(|| gzip(&self.plain)).clone()
                }
            };
            *response.body_mut() = Body::from(body);
            response.extensions_mut().insert(IsKept);
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(self.media_type));
        }
        let headers = response.headers_mut();
        if let Ok(tag) = HeaderValue::from_str(&self.tag) {
            headers.insert(ETAG, tag);
        }
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, no-cache"));
        response
    }
}
