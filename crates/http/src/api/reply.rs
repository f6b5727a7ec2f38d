//! Answers with their headers, and what lists have besides.

use std::sync::LazyLock;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY, X_CONTENT_TYPE_OPTIONS};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_64;

use crate::body::Body;
use crate::gzip::gzip;
use crate::negotiate::{self, Encoding};
use crate::wire::envelope;

/// What all of these answers have. To copy them takes a third of the instructions that putting them together does.
static OF_JSON: LazyLock<HeaderMap> = LazyLock::new(|| {
    HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ])
});
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// 200 with `data` in the envelope.
pub(super) fn success<T: Serialize>(data: T) -> Response<Body> {
    json(envelope(data))
}

/// 200 with a body that was made for this request.
pub(super) fn json(body: Vec<u8>) -> Response<Body> {
    // A boxed slice becomes `Bytes` as it is; room to spare would need a second allocation beside it.
    let mut response = Response::new(Body::once(body.into_boxed_slice().into()));
    *response.headers_mut() = OF_JSON.clone();
    response
}

/// Says that the answer is that of an earlier request with the same key.
pub(super) fn replayed(mut response: Response<Body>, replayed: bool) -> Response<Body> {
    if replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// Below this, the head and the body of the answer fit one packet either way: gzip would save nobody anything.
pub(super) const GZIP_BYTES_MIN: usize = 512;

/// A body that was made for this request, with a tag of its content. 304 where the client has it already.
pub(super) fn tagged(parts: &Parts, body: &Bytes) -> Response<Body> {
    let tag = format!("W/\"{:016x}\"", xxh3_64(body));
    let packed = || (body.len() >= GZIP_BYTES_MIN).then(|| Body::once(gzip(body)));
    list(parts, tag.into(), || Body::once(body.clone()), packed)
}

/// A body with a tag, in the encoding that the client takes; `gzip` is `None` where it is not worth it. 304 where the
/// client has it already.
pub(super) fn list(
    parts: &Parts,
    tag: Bytes,
    identity: impl FnOnce() -> Body,
    gzip: impl FnOnce() -> Option<Body>,
) -> Response<Body> {
    let known = core::str::from_utf8(&tag).is_ok_and(|tag| negotiate::not_modified(&parts.headers, tag));
    let mut response = if known {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        let packed = match negotiate::encoding(&parts.headers) {
            Encoding::Identity => None,
            Encoding::Gzip => gzip(),
        };
        match packed {
            None => Response::new(identity()),
            Some(packed) => {
                let mut response = Response::new(packed);
                response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                response
            }
        }
    };
    let headers = response.headers_mut();
    if !known {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if let Ok(tag) = HeaderValue::from_maybe_shared(tag) {
        headers.insert(ETAG, tag);
    }
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
