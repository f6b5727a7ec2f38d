//! Responses of calls that are refused: one for each status, with the codes that it may carry.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Value, json};
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{ContentBuilder, Response, ResponseBuilder};

use super::response::{header, reference};
use crate::negotiate::Language;
use crate::problem::Code;

/// The responses to all of these codes, by status.
pub(super) fn refusals(codes: Vec<Code>) -> impl Iterator<Item = (String, Response)> {
    let mut by_status: BTreeMap<StatusCode, Vec<Code>> = BTreeMap::new();
    for code in codes {
        let same = by_status.entry(code.status()).or_default();
        if !same.contains(&code) {
            same.push(code);
        }
    }
    by_status.into_iter().map(|(status, codes)| (status.as_str().to_owned(), refusal(status, &codes)))
}

fn refusal(status: StatusCode, codes: &[Code]) -> Response {
    let names = codes.iter().map(|code| code.as_str());
    let own = ObjectBuilder::new()
        .property("status", ObjectBuilder::new().schema_type(Type::Integer).enum_values(Some([status.as_u16()])))
        .property("code", ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)));
    let schema = AllOfBuilder::new().item(reference("Problem")).item(own).build();
    let examples = codes.iter().map(|&code| {
        let example = ExampleBuilder::new().value(Some(example(code))).build();
        (code.as_str(), example)
    });
    let content = ContentBuilder::new().schema(Some(Schema::AllOf(schema))).examples_from_iter(examples).build();
    let titles: Vec<_> = codes.iter().map(|code| code.text(Language::En).title).collect();
    let response =
        ResponseBuilder::new().description(titles.join(", or ")).content("application/problem+json", content);
    with_headers(status, response).build()
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
    let text = code.text(Language::En);
    json!({
        "resultType": "FAIL",
        "data": {},
        "message": text.message,
        "type": code.address(),
        "title": text.title,
        "status": code.status().as_u16(),
        "detail": text.page,
        "code": code.as_str(),
    })
}
