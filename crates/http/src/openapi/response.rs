//! Responses of calls that succeed.

use utoipa::PartialSchema as _;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{ContentBuilder, Header, Ref, RefOr, Response, ResponseBuilder};

use crate::wire::{Envelope, Nothing};

pub(super) fn reference(schema: &str) -> RefOr<Schema> {
    Ref::from_schema_name(schema).into()
}

fn word(value: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some([value]))
}

/// The envelope of a success around `data`.
pub(super) fn envelope(data: impl Into<RefOr<Schema>>) -> RefOr<Schema> {
    let RefOr::T(Schema::Object(mut envelope)) = Envelope::<Nothing>::schema() else {
        unreachable!("a struct with names is an object")
    };
    // What is described is the envelope, wherever it is: the data are each call's own.
    envelope.description = None;
    *envelope.properties.get_mut("data").expect("the envelope has data") = data.into();
    RefOr::T(Schema::Object(envelope))
}

pub(super) fn success(schema: RefOr<Schema>) -> Response {
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description("Done").content("application/json", content).build()
}

/// 200 with what is not in the envelope.
pub(super) fn page(media_type: &str, description: &str) -> Response {
    let schema_type = if media_type == "application/json" { Type::Object } else { Type::String };
    let content = ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(schema_type))).build();
    ResponseBuilder::new().description(description).content(media_type, content).build()
}

/// A stream of events whose data have this schema.
pub(super) fn events(schema: RefOr<Schema>, description: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(description).content("text/event-stream", content).build()
}

/// A list of events, with the place that it comes to.
pub(super) fn batch(list: impl Into<RefOr<Schema>>, media_type: &str, cursor: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(list)).build();
    let place = header(
        ObjectBuilder::new().schema_type(Type::String),
        "The place up to which all was looked through, to be sent back as `after`; absent where nothing has happened yet.",
    );
    let response = ResponseBuilder::new().description("Events, in order; none where there are none yet");
    response.content(media_type, content).header(cursor, place).build()
}

/// The same as another media type.
pub(super) fn also(mut response: Response, media_type: &str) -> Response {
    if let Some(content) = response.content.values().next().cloned() {
        response.content.insert(media_type.to_owned(), content);
    }
    response
}

pub(super) fn header(schema: ObjectBuilder, description: &str) -> Header {
    HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build()
}

fn tag() -> Header {
    let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^(W/)?\".*\"$"));
    header(schema, "The entity tag, for `If-None-Match`.")
}

/// With an entity tag.
pub(super) fn tagged(mut response: Response) -> Response {
    response.headers.insert("ETag".to_owned(), tag().into());
    response
}

pub(super) fn not_modified() -> Response {
    ResponseBuilder::new().description("The client has the newest already").header("ETag", tag()).build()
}

/// 303, with where to.
pub(super) fn see_other(to: &str) -> Response {
    let location = header(ObjectBuilder::new().schema_type(Type::String), to);
    ResponseBuilder::new().description("Elsewhere").header("Location", location).build()
}

/// With the word that this is the answer to an earlier call.
pub(super) fn replayable(mut response: Response) -> Response {
    let replayed = header(word("true"), "There when the answer is that of an earlier call with the same key.");
    response.headers.insert("Idempotency-Replayed".to_owned(), replayed.into());
    response
}
