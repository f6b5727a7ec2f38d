//! Writing answers: the envelope, and what lists have besides.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY, X_CONTENT_TYPE_OPTIONS};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use xxhash_rust::xxh3::xxh3_64;

use crate::body::Body;
use crate::gzip::gzip;
use crate::negotiate::{self, Encoding};

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// An object of data within the envelope, written field by field.
pub(super) struct Data {
    out: Vec<u8>,
    empty: bool,
}

impl Data {
    /// With room for about `bytes` of fields.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        let mut out = Vec::with_capacity(bytes + 64);
        out.extend_from_slice(br#"{"resultType":"SUCCESS","data":{"#);
        Self { out, empty: true }
    }

    /// An object of its own, without the envelope, after what `out` has.
    pub(super) fn within(mut out: Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, empty: true }
    }

    /// What [`Data::within`] began.
    pub(super) fn into_object(mut self) -> Vec<u8> {
        self.out.push(b'}');
        self.out
    }

    fn name(&mut self, name: &str) -> &mut Vec<u8> {
        let start: &[u8] = if core::mem::take(&mut self.empty) { b"\"" } else { b",\"" };
        self.out.extend_from_slice(start);
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        &mut self.out
    }

    pub(super) fn number(&mut self, name: &str, number: u64) -> &mut Self {
        self.name(name).extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
        self
    }

    pub(super) fn optional(&mut self, name: &str, number: Option<u64>) -> &mut Self {
        match number {
            Some(number) => self.number(name, number),
            None => self.null(name),
        }
    }

    pub(super) fn null(&mut self, name: &str) -> &mut Self {
        self.name(name).extend_from_slice(b"null");
        self
    }

    /// Text that needs no escaping: names, times and tokens of our own making.
    pub(super) fn text(&mut self, name: &str, text: &[u8]) -> &mut Self {
        self.written(name, |out| out.extend_from_slice(text))
    }

    pub(super) fn written(&mut self, name: &str, write: impl FnOnce(&mut Vec<u8>)) -> &mut Self {
        let out = self.name(name);
        out.push(b'"');
        write(out);
        out.push(b'"');
        self
    }

    /// The body.
    pub(super) fn into_body(mut self) -> Bytes {
        self.out.extend_from_slice(br#"},"message":"SUCCESS"}"#);
        // A boxed slice becomes `Bytes` as it is; room to spare would need a second allocation beside it.
        self.out.into_boxed_slice().into()
    }

    /// 200 with the body.
    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::once(self.into_body()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    }
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
