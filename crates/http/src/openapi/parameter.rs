//! Parameters of operations.

use onsale_domain::ids::INTEGER_MAX;
use utoipa::openapi::Required;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

fn named(name: &str, place: ParameterIn, description: &str, schema: ObjectBuilder) -> ParameterBuilder {
    let parameter = ParameterBuilder::new().name(name).parameter_in(place).required(Required::False);
    parameter.description(Some(description)).schema(Some(schema))
}

fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// A whole number from 1 to 2^53-1.
pub(super) fn id(name: &str, place: ParameterIn, required: bool, description: &str) -> ParameterBuilder {
    let schema = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1_u64)).maximum(Some(INTEGER_MAX));
    let parameter = named(name, place, description, schema.examples([1]));
    if required { parameter.required(Required::True) } else { parameter }
}

/// A whole number that may be left out.
pub(super) fn number(name: &str, min: u64, max: Option<u64>, description: &str) -> ParameterBuilder {
    let schema = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(min));
    named(name, ParameterIn::Query, description, schema.maximum(Some(max.unwrap_or(INTEGER_MAX))))
}

/// A text. It is required where it has a pattern to follow.
pub(super) fn text(name: &str, place: ParameterIn, description: &str, pattern: Option<&str>) -> ParameterBuilder {
    let parameter = named(name, place, description, string().pattern(pattern));
    if pattern.is_some() { parameter.required(Required::True) } else { parameter }
}

/// One of several words.
pub(super) fn choice(name: &str, words: &[&'static str], description: &str) -> ParameterBuilder {
    named(name, ParameterIn::Query, description, string().enum_values(Some(words.iter().copied())))
}

pub(super) fn idempotency_key() -> ParameterBuilder {
    let description = "Makes the call safe to repeat: a success is kept with its effect for 24 hours, and given again. \
                       A refusal frees the key.";
    let schema = string().min_length(Some(1)).max_length(Some(255));
    named("Idempotency-Key", ParameterIn::Header, description, schema)
}

/// That of a join, which needs none to be repeated unless its entry token is good once.
pub(super) fn retry_key() -> ParameterBuilder {
    let description = "Who sends an entry token that is good once (`jti`) may send both again as long as the place is there, and has \
                       the same answer. Of no account elsewhere.";
    let schema = string().min_length(Some(1)).max_length(Some(255));
    named("Idempotency-Key", ParameterIn::Header, description, schema)
}

pub(super) fn if_none_match() -> ParameterBuilder {
    named("If-None-Match", ParameterIn::Header, "The `ETag` of an answer that the client has.", string())
}

pub(super) fn operator() -> ParameterBuilder {
    let schema = string().pattern(Some("^[!-~]([ -~]{0,62}[!-~])?$"));
    let description = "The operator's name, for the record of levers: 1 to 64 characters of any script, in UTF-8 or as RFC 8187 has \
                       it (`UTF-8''%EA%B9%80`).";
    named("Onsale-Operator", ParameterIn::Header, description, schema)
}
