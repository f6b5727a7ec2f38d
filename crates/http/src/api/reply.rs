//! Writing answers: the envelope, and what lists have besides.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use onsale_node::Error;

use crate::negotiate::{self, Encoding};
use crate::problem::{Code, Problem};
use crate::server::Body;

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

    fn name(&mut self, name: &str) -> &mut Vec<u8> {
        if !core::mem::take(&mut self.empty) {
            self.out.push(b',');
        }
        self.out.push(b'"');
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

    pub(super) fn into_response(mut self) -> Response<Body> {
        self.out.extend_from_slice(br#"},"message":"SUCCESS"}"#);
        json(self.out.into())
    }
}

/// 200 with a body of JSON.
pub(super) fn json(body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::once(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Says that the answer is that of an earlier request with the same key.
pub(super) fn replayed(mut response: Response<Body>, replayed: bool) -> Response<Body> {
    if replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// A list that is rendered ahead, in the encoding that the client takes. 304 where it has it already.
pub(super) fn list(
    parts: &Parts,
    tag: Bytes,
    identity: impl FnOnce() -> Body,
    gzip: impl FnOnce() -> Bytes,
) -> Response<Body> {
    let known = core::str::from_utf8(&tag).is_ok_and(|tag| negotiate::not_modified(&parts.headers, tag));
    let mut response = if known {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        match negotiate::encoding(&parts.headers) {
            Encoding::Identity => Response::new(identity()),
            Encoding::Gzip => {
                let mut response = Response::new(Body::once(gzip()));
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
    response
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal.into(),
            Error::Overloaded => Self::new(Code::Overloaded),
            Error::Unavailable => Self::new(Code::Unavailable),
            Error::OutcomeUnknown => Self::new(Code::OutcomeUnknown),
        }
    }
}

/// For a reply of another kind than the command has. It cannot be; were it ever, what was done would not be known here.
pub(super) fn unexpected() -> Problem {
    Problem::new(Code::OutcomeUnknown)
}
