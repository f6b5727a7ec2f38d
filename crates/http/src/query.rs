//! What stands behind the `?` of an address.

use std::collections::BTreeSet;

use axum::extract::{FromRequestParts, Query as Parsed};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::problem::{Code, Problem};

/// What stands there, by name. A name that is asked for is there once, or the refusal says which is not.
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let failed = match Parsed::try_from_uri(&parts.uri) {
            Ok(Parsed(query)) => return Ok(Self(query)),
            Err(failed) => failed.body_text(),
        };
        let query = parts.uri.query().unwrap_or_default();
        let mut known = BTreeSet::new();
        let mut repeated = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| !known.insert(name.clone()));
        // Others may be there as often as somebody likes: nobody looks at them.
        match repeated.find(|(name, _)| failed.contains(&format!("duplicate field `{name}`"))) {
            Some((name, _)) => {
                let what = format!("{name} must be given once.");
                Err(Problem::field(name.into_owned(), what))
            }
            None => {
                Err(Problem::new(Code::BadRequest)
                    .with_detail("What stands behind the ? of the address cannot be read."))
            }
        }
    }
}

/// A whole number of the query, `default` where it is left out.
pub(crate) fn number(
    name: &'static str,
    text: Option<&str>,
    (min, max): (u64, u64),
    default: u64,
) -> Result<u64, Problem> {
    let Some(text) = text else { return Ok(default) };
    let number = if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None };
    number
        .filter(|number| (min..=max).contains(number))
        .ok_or_else(|| Problem::field(name, format!("{name} must be a whole number from {min} to {max}.")))
}

#[cfg(test)]
mod tests {
    use http::Request;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Page {
        after: Option<String>,
        limit: Option<String>,
    }

    async fn of(query: &str) -> Result<Page, Problem> {
        let (mut parts, ()) = Request::get(format!("/a?{query}")).body(()).expect("an address").into_parts();
        Query::from_request_parts(&mut parts, &()).await.map(|Query(page)| page)
    }

    #[tokio::test]
    async fn what_is_given_twice_is_named() {
        let page = of("limit=5&x=1&x=2").await.expect("nobody asks for x");
        assert_eq!((page.after, page.limit.as_deref()), (None, Some("5")));
        for query in ["limit=5&limit=5", "x=1&x=2&limit=5&l%69mit=6&after=1"] {
            let twice = Problem::field("limit", "limit must be given once.");
            assert_eq!(of(query).await.expect_err(query), twice, "{query}");
        }
    }
}
