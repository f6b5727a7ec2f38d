//! Responses of calls that are refused: one for each status, with the codes that it may carry. Many operations are refused
//! alike, so each response is kept once, by the name of its codes, and operations refer to it.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::Value;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{ContentBuilder, Response, ResponseBuilder};

use super::response::{header, reference};
use crate::negotiate::Language;
use crate::problem::{Code, Problem, document};

/// A response that several operations share.
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// Of the response; the schema of its body is called the same and `Problem`.
    pub(super) name: String,
    pub(super) response: Response,
    pub(super) schema: Schema,
}

impl Refusal {
    pub(super) fn schema_name(&self) -> String {
        schema_name(&self.name)
    }
}

/// The responses to all of these codes, by status.
pub(super) fn refusals(codes: Vec<Code>) -> impl Iterator<Item = Refusal> {
    let mut by_status: BTreeMap<StatusCode, Vec<Code>> = BTreeMap::new();
    for code in codes {
        let same = by_status.entry(code.status()).or_default();
        if !same.contains(&code) {
            same.push(code);
        }
    }
    by_status.into_iter().map(|(status, codes)| refusal(status, &codes))
}

fn schema_name(response: &str) -> String {
    format!("{response}Problem")
}

/// `SeatNotAvailableOrSoldOut` of SEAT_NOT_AVAILABLE and SOLD_OUT.
fn name(codes: &[Code]) -> String {
    let word = |word: &str| word[..1].to_owned() + &word[1..].to_lowercase();
    let names = codes.iter().map(|code| code.as_str().split('_').map(word).collect::<String>());
    names.collect::<Vec<_>>().join("Or")
}

fn refusal(status: StatusCode, codes: &[Code]) -> Refusal {
    let name = name(codes);
    let names = codes.iter().map(|code| code.as_str());
    let own = ObjectBuilder::new()
        .property("status", ObjectBuilder::new().schema_type(Type::Integer).enum_values(Some([status.as_u16()])))
        .property("code", ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)));
    let schema = AllOfBuilder::new().item(reference("Problem")).item(own).build();
    let examples = codes.iter().map(|&code| {
        let example = ExampleBuilder::new().value(Some(example(code))).build();
        (code.as_str(), example)
    });
    let content =
        ContentBuilder::new().schema(Some(reference(&schema_name(&name)))).examples_from_iter(examples).build();
    let titles: Vec<_> = codes.iter().map(|code| code.text(Language::En).title).collect();
    let response =
        ResponseBuilder::new().description(titles.join(", or ")).content("application/problem+json", content);
    Refusal { status, name, response: with_headers(status, response).build(), schema: Schema::AllOf(schema) }
}

fn with_headers(status: StatusCode, response: ResponseBuilder) -> ResponseBuilder {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let seconds = || ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1));
    match status {
        StatusCode::UNAUTHORIZED => {
            response.header("WWW-Authenticate", header(text(), "The scheme of the credentials that are needed."))
        }
        StatusCode::METHOD_NOT_ALLOWED => response.header("Allow", header(text(), "The methods that the path takes.")),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            response.header("Retry-After", header(seconds(), "How many seconds to wait before the next attempt."))
        }
        _ => response,
    }
}

fn example(code: Code) -> Value {
    serde_json::from_slice(&document(&Problem::new(code), Language::En)).expect("a problem document is JSON")
}
