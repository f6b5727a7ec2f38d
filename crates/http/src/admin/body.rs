//! What operators send: bodies without unknown fields, and ids in paths.

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use bytes::Bytes;
use http::request::Parts;
use http_body::Body as _;
use onsale_domain::ids::INTEGER_MAX;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny};

use crate::head::{foreign, is_foreign};
use crate::negotiate;
use crate::problem::{Code, Problem};
use crate::server::read;

/// The largest body that is not a catalog.
const BODY_BYTES_MAX: usize = 16 << 10;
/// The largest body of codes: as many as one call adds, of twice the usual length.
const CODES_BYTES_MAX: usize = 2 << 20;
/// The largest catalog document in one request.
const CATALOG_BYTES_MAX: usize = 64 << 20;

/// A JSON object, with every field known.
pub(super) struct Json<T>(pub(super) T);

/// The same, of up to 2 MiB.
pub(super) struct LargeJson<T>(pub(super) T);

/// The same where the body may be left out.
pub(super) struct MaybeJson<T>(pub(super) T);

/// The bytes of a catalog document.
pub(super) struct Document(pub(super) Bytes);

/// An id in the path: 1 to 2^53-1.
pub(super) struct Id(pub(super) u64);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        parse(&json_body(request, BODY_BYTES_MAX).await?).map(Self)
    }
}

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for LargeJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        parse(&json_body(request, CODES_BYTES_MAX).await?).map(Self)
    }
}

impl<T: DeserializeOwned + Default, S: Sync> FromRequest<S> for MaybeJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        // Without a body, its type is nobody's concern; but whatever page has sent the call is.
        if request.body().is_end_stream() {
            return if is_foreign(request.uri(), request.headers()) { Err(foreign()) } else { Ok(Self(T::default())) };
        }
        parse(&json_body(request, BODY_BYTES_MAX).await?).map(Self)
    }
}

impl<S: Sync> FromRequest<S> for Document {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        json_body(request, CATALOG_BYTES_MAX).await.map(Self)
    }
}

async fn json_body(request: Request, bytes_max: usize) -> Result<Bytes, Problem> {
    if !negotiate::json(request.headers()) {
        return Err(Problem::new(Code::UnsupportedMediaType));
    }
    if is_foreign(request.uri(), request.headers()) {
        return Err(foreign());
    }
    Ok(read(request.into_body(), bytes_max).await?)
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // What is derived would take a list for an object whose fields have no names.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(Problem::new(Code::BadRequest).with_detail("The body must be a JSON object."));
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let field = error.path().to_string();
        let what = error.inner().to_string();
        let what = what.split(" at line ").next().unwrap_or_default();
        if let Some(name) = what.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
            let field = if field == "." { name.to_owned() } else { format!("{field}.{name}") };
            Problem::field(field.clone(), format!("{field} is missing."))
        } else if error.inner().is_data() && field != "." {
            Problem::field(field.clone(), format!("{field}: {}.", in_words(what)))
        } else if field != "." && serde_json::from_slice::<IgnoredAny>(body).is_ok() {
            // JSON all the same: the parser has no other word for what is not one of the names that are known.
            Problem::field(field.clone(), format!("{field}: expected a text, one of the names that it may have."))
        } else {
            Problem::new(Code::BadRequest).with_detail(format!("The body is not what was expected: {what}."))
        }
    })?;
    reader.end().map_err(|_| Problem::new(Code::BadRequest).with_detail("There is more after the JSON object."))?;
    Ok(value)
}

/// A range where the parser names a type of this program's.
fn in_words(what: &str) -> String {
    let range = |max: u64| format!("expected a whole number from 0 to {max}");
    what.replace("expected u32", &range(u32::MAX.into())).replace("expected u64", &range(INTEGER_MAX))
}

/// For a field that may be left out, but not be `null` unless its own type has it: a lever that is `null` by mistake
/// must not pass for one that is left alone.
pub(super) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let wrong =
            || Problem::field("id", format!("The id in the path must be a whole number from 1 to {INTEGER_MAX}."));
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| wrong())?;
        // Digits alone: what else `parse` takes (a plus sign) is no integer on the wire.
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(id @ 1..=INTEGER_MAX) if digits => Ok(Self(id)),
            _ => Err(wrong()),
        }
    }
}
