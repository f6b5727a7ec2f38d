//! One operation of the document, put together.

use utoipa::openapi::path::{HttpMethod, OperationBuilder, Parameter, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Required, Response, ResponseBuilder, SecurityRequirement};
use utoipa::{PartialSchema as _, ToSchema};

use super::parameter;
use super::refusals::{Refusal, refusals};
use super::response::{also, batch, envelope, events, not_modified, page, reference, see_other, success, tagged};
use crate::problem::{AreaLeft, Code, Document, Invalid};

/// Named schemas that operations refer to.
pub(super) type Schemas = Vec<(String, RefOr<Schema>)>;

/// An operation that is being described.
pub(super) struct Call {
    pub(super) method: HttpMethod,
    pub(super) path: &'static str,
    pub(super) schemas: Schemas,
    operation: OperationBuilder,
    success: Option<Response>,
    not_modified: bool,
    no_content: Option<&'static str>,
    redirect: Option<&'static str>,
    codes: Vec<Code>,
}

impl Call {
    /// `id` is the operation's name in generated clients.
    pub(super) fn new(method: HttpMethod, path: &'static str, id: &str, summary: &str) -> Self {
        Self {
            method,
            path,
            schemas: Schemas::new(),
            operation: OperationBuilder::new().operation_id(Some(id)).summary(Some(summary)),
            success: None,
            not_modified: false,
            no_content: None,
            redirect: None,
            // The wrong method, and a server that has no connection left, concern every path.
            codes: vec![Code::MethodNotAllowed, Code::Overloaded],
        }
    }

    pub(super) fn get(path: &'static str, id: &str, summary: &str) -> Self {
        Self::new(HttpMethod::Get, path, id, summary)
    }

    pub(super) fn post(path: &'static str, id: &str, summary: &str) -> Self {
        Self::new(HttpMethod::Post, path, id, summary)
    }

    pub(super) fn describe(self, text: &str) -> Self {
        Self { operation: self.operation.description(Some(text)), ..self }
    }

    pub(super) fn tag(self, tag: &str) -> Self {
        Self { operation: self.operation.tag(tag), ..self }
    }

    /// Needs the credentials of this security scheme.
    pub(super) fn secured(self, scheme: &str) -> Self {
        let none: [&str; 0] = [];
        Self { operation: self.operation.security(SecurityRequirement::new(scheme, none)), ..self }
    }

    pub(super) fn refuses(mut self, codes: &[Code]) -> Self {
        self.codes.extend_from_slice(codes);
        self
    }

    /// A change goes through the journal, which may have no room, or fail while it writes.
    pub(super) fn writes(self) -> Self {
        self.refuses(&[Code::Unavailable, Code::OutcomeUnknown])
    }

    fn parameter(self, parameter: impl Into<Parameter>) -> Self {
        Self { operation: self.operation.parameter(parameter), ..self }
    }

    /// An id in the query.
    pub(super) fn query_id(self, name: &str, required: bool, description: &str) -> Self {
        self.parameter(parameter::id(name, ParameterIn::Query, required, description)).refuses(&[Code::BadRequest])
    }

    /// A whole number in the query, with a range.
    pub(super) fn query_number(self, name: &str, min: u64, max: Option<u64>, description: &str) -> Self {
        self.parameter(parameter::number(name, min, max, description)).refuses(&[Code::BadRequest])
    }

    /// A text in the query.
    pub(super) fn query_text(self, name: &str, description: &str) -> Self {
        self.parameter(parameter::text(name, ParameterIn::Query, description, None))
    }

    /// Takes what an identity provider has a browser bring back.
    pub(super) fn brings_back(self) -> Self {
        self.query_text("state", "What the browser was sent to the provider with.")
            .query_text("code", "What the provider gives an identity for, once.")
            .query_text("error", "Why the provider gives none.")
            .query_text("iss", "The provider (RFC 9207).")
    }

    /// One of several words in the query.
    pub(super) fn query_choice(self, name: &str, words: &[&'static str], description: &str) -> Self {
        self.parameter(parameter::choice(name, words, description)).refuses(&[Code::BadRequest])
    }

    /// The id in the path.
    pub(super) fn path_id(self, description: &str) -> Self {
        self.parameter(parameter::id("id", ParameterIn::Path, true, description)).refuses(&[Code::BadRequest])
    }

    /// The name in the path.
    pub(super) fn path_name(self, description: &str, pattern: &str) -> Self {
        self.parameter(parameter::text("name", ParameterIn::Path, description, Some(pattern)))
    }

    /// Takes an Idempotency-Key.
    pub(super) fn keyed(self) -> Self {
        let mut call = self.parameter(parameter::idempotency_key()).refuses(&[
            Code::BadRequest,
            Code::IdempotencyKeyReused,
            Code::TooManyRequests,
        ]);
        call.success = call.success.map(super::response::replayable);
        call
    }

    /// Takes an Idempotency-Key with an entry token that is good once.
    pub(super) fn retried_by_key(self) -> Self {
        self.parameter(parameter::retry_key()).refuses(&[Code::BadRequest])
    }

    /// Takes the name of the operator.
    pub(super) fn signed(self) -> Self {
        self.parameter(parameter::operator()).refuses(&[Code::BadRequest])
    }

    /// Takes a JSON body.
    pub(super) fn takes<T: ToSchema>(self) -> Self {
        self.body::<T>(Required::True)
    }

    /// Takes a JSON body that may be left out.
    pub(super) fn may_take<T: ToSchema>(self) -> Self {
        self.body::<T>(Required::False)
    }

    fn body<T: ToSchema>(mut self, required: Required) -> Self {
        let schema = self.reference::<T>();
        let content = ContentBuilder::new().schema(Some(schema)).build();
        let body = RequestBodyBuilder::new().content("application/json", content).required(Some(required));
        Self { operation: self.operation.request_body(Some(body.build())), ..self }.refuses(&[
            Code::BadRequest,
            Code::PayloadTooLarge,
            Code::UnsupportedMediaType,
        ])
    }

    /// Answers with this in the envelope.
    pub(super) fn gives<T: ToSchema>(mut self) -> Self {
        let schema = self.reference::<T>();
        self.success = Some(success(envelope(schema)));
        self
    }

    /// Answers with a list of these in the envelope.
    pub(super) fn gives_list<T: ToSchema>(mut self) -> Self {
        let list = ArrayBuilder::new().items(self.reference::<T>());
        self.success = Some(success(envelope(list)));
        self
    }

    /// Answers with an empty object in the envelope.
    pub(super) fn gives_nothing(mut self) -> Self {
        let nothing = ObjectBuilder::new().schema_type(Type::Object).max_properties(Some(0));
        self.success = Some(success(envelope(nothing)));
        self
    }

    /// Answers with this JSON, without the envelope: it has a form of its own, that others know.
    pub(super) fn gives_plain<T: ToSchema>(mut self) -> Self {
        let schema = self.reference::<T>();
        self.success = Some(success(schema));
        self
    }

    /// Answers with something that is not in the envelope.
    pub(super) fn gives_page(mut self, media_type: &str, description: &str) -> Self {
        self.success = Some(page(media_type, description));
        self
    }

    /// Answers with a list of these as it is, which is of this media type, and with the place that it comes to.
    pub(super) fn gives_batch<T: ToSchema>(mut self, media_type: &str, cursor: &str) -> Self {
        let list = ArrayBuilder::new().items(self.reference::<T>());
        self.success = Some(batch(list, media_type, cursor));
        self
    }

    /// Answers with events (`text/event-stream`) whose data are these.
    pub(super) fn gives_events<T: ToSchema>(mut self, description: &str) -> Self {
        let schema = self.reference::<T>();
        self.success = Some(events(schema, description));
        self
    }

    /// The answer may be of this media type as well.
    pub(super) fn also(mut self, media_type: &str) -> Self {
        self.success = self.success.map(|success| also(success, media_type));
        self
    }

    /// The answer has an entity tag, and 304 where the client has it already.
    pub(super) fn tagged(mut self) -> Self {
        self.success = self.success.map(tagged);
        self.not_modified = true;
        self.parameter(parameter::if_none_match())
    }

    /// Answers with a status and headers alone.
    pub(super) fn gives_no_content(self, description: &'static str) -> Self {
        Self { no_content: Some(description), ..self }
    }

    /// Answers with another address, and nothing else.
    pub(super) fn redirects(self, to: &'static str) -> Self {
        Self { redirect: Some(to), ..self }
    }

    fn reference<T: ToSchema>(&mut self) -> RefOr<Schema> {
        let name = T::name().into_owned();
        T::schemas(&mut self.schemas);
        let named = reference(&name);
        self.schemas.push((name, T::schema()));
        named
    }

    /// The operation, with all its responses, and those of them that it only refers to.
    pub(super) fn finish(self) -> (OperationBuilder, Vec<Refusal>) {
        let mut operation = self.operation;
        if let Some(success) = self.success {
            operation = operation.response("200", success);
        }
        if let Some(description) = self.no_content {
            operation = operation.response("204", ResponseBuilder::new().description(description).build());
        }
        if self.not_modified {
            operation = operation.response("304", not_modified());
        }
        if let Some(to) = self.redirect {
            operation = operation.response("303", see_other(to));
        }
        let refusals: Vec<Refusal> = refusals(self.codes).collect();
        for refusal in &refusals {
            operation = operation.response(refusal.status.as_str(), Ref::from_response_name(&refusal.name));
        }
        (operation, refusals)
    }
}

/// The schemas that refusals refer to.
pub(super) fn shared_schemas() -> Schemas {
    vec![
        ("Problem".to_owned(), Document::schema()),
        ("Invalid".to_owned(), Invalid::schema()),
        ("AreaLeft".to_owned(), AreaLeft::schema()),
    ]
}
