//! The description of the API (OpenAPI 3.1), made from the types of its bodies and the codes of its problems.
//!
//! The repository keeps what it comes to as `docs/openapi.json`, and a test fails where the two differ.

mod buyers;
mod call;
mod feed;
mod gate;
mod operators;
mod parameter;
mod people;
mod public;
mod refusals;
mod response;
mod sessions;
mod sign_in;
mod webhooks;

use utoipa::openapi::path::Paths;
use utoipa::openapi::schema::ComponentsBuilder;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{Info, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, ServerBuilder, Tag as TagObject};

use call::shared_schemas;

/// The security scheme of buyers.
const QUEUE_TOKEN: &str = "queueToken";
/// The security scheme of operators.
const ADMIN_KEY: &str = "adminKey";

/// A group of operations.
#[derive(Clone, Copy)]
enum Tag {
    Queue,
    Wallet,
    Concerts,
    Reservations,
    Public,
    Operators,
}

impl Tag {
    const ALL: [Self; 6] =
        [Self::Queue, Self::Wallet, Self::Concerts, Self::Reservations, Self::Public, Self::Operators];

    fn name(self) -> &'static str {
        match self {
            Self::Queue => "Queue",
            Self::Wallet => "Wallet",
            Self::Concerts => "Concerts",
            Self::Reservations => "Reservations",
            Self::Public => "Public",
            Self::Operators => "Operators",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::Queue => "A place in line, and the token that stands for it.",
            Self::Wallet => "Money to pay with.",
            Self::Concerts => "Dates and seats, for those who are inside.",
            Self::Reservations => "Holding seats, and paying for them.",
            Self::Public => "What needs no credentials.",
            Self::Operators => "Publishing, limits and levers, with the admin key.",
        }
    }
}

fn calls() -> impl Iterator<Item = call::Call> {
    buyers::calls()
        .into_iter()
        .chain(public::calls())
        .chain(sign_in::calls())
        .chain(gate::calls())
        .chain(operators::calls())
}

/// The document.
#[must_use]
pub fn document() -> OpenApi {
    let mut paths = Paths::new();
    let mut components = ComponentsBuilder::new()
        .security_scheme(QUEUE_TOKEN, SecurityScheme::ApiKey(ApiKey::Header(queue_token())))
        .security_scheme(ADMIN_KEY, SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()));
    for (name, schema) in shared_schemas() {
        components = components.schema(name, schema);
    }
    for mut call in calls() {
        for (name, schema) in std::mem::take(&mut call.schemas) {
            components = components.schema(name, schema);
        }
        let (path, method) = (call.path, call.method.clone());
        let (operation, refusals) = call.finish();
        for refusal in refusals {
            components = components.schema(refusal.schema_name(), refusal.schema.clone());
            components = components.response(refusal.name, refusal.response);
        }
        paths.add_path_operation(path, vec![method], operation.build());
    }
    OpenApiBuilder::new()
        .info(info())
        .servers(Some([ServerBuilder::new()
            .url("/")
            .description(Some("The service that gives this document."))
            .build()]))
        .tags(Some(Tag::ALL.map(tag)))
        .paths(paths)
        .components(Some(components.build()))
        .build()
}

/// The document as JSON, one line a member.
#[must_use]
pub fn json() -> String {
    document().to_pretty_json().expect("the document is made of what JSON has") + "\n"
}

/// [`json`] for a store with this limit for one charge, and for who joins with an entry token or without.
pub(crate) fn json_with(charge_limit: u64, is_signed: bool) -> String {
    let mut document = serde_json::to_value(document()).expect("the document is made of what JSON has");
    let maximum = document.pointer_mut("/components/schemas/Charge/properties/amount/maximum");
    *maximum.expect("a charge has an amount with a maximum") = charge_limit.into();
    if is_signed {
        let required = document.pointer_mut("/components/schemas/Issue/required");
        *required.expect("a place is asked for by a user") = serde_json::json!([]);
        let body = document.pointer_mut("/paths/~1v1~1api~1queue~1token/post/requestBody/required");
        *body.expect("it says whether it is needed") = false.into();
    }
    document.to_string()
}

fn info() -> Info {
    let license = LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build();
    InfoBuilder::new()
        .title("onsale")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Sells a concert out under mass concurrent access. Successes come as `{\"resultType\":\"SUCCESS\",\
             \"data\":…,\"message\":\"SUCCESS\"}`; refusals are problem documents (RFC 9457) with a `code` for \
             programs. Ids and amounts are integers up to 2^53-1, amounts in the minor unit of the store's one \
             currency. Where GET is taken, HEAD is too.",
        ))
        .license(Some(license))
        .build()
}

fn queue_token() -> ApiKeyValue {
    ApiKeyValue::with_description(
        "Authorization",
        "The token of POST /v1/api/queue/token, as it is or after `Bearer`. It has no expiry of its own: its \
         ticket's status decides.",
    )
}

fn tag(tag: Tag) -> TagObject {
    TagBuilder::new().name(tag.name()).description(Some(tag.description())).build()
}

#[cfg(test)]
mod tests {
    /// Of two types with one name, one would be described as the other.
    #[test]
    fn a_name_is_that_of_one_schema() {
        let mut known = std::collections::BTreeMap::new();
        for (name, schema) in super::calls().flat_map(|call| call.schemas) {
            let schema = serde_json::to_value(schema).expect("a schema is JSON");
            let first = known.entry(name.clone()).or_insert_with(|| schema.clone());
            assert_eq!(*first, schema, "{name} is the name of two schemas");
        }
    }

    #[test]
    fn a_store_tells_its_own_limit_and_door() {
        let document = |is_signed| -> serde_json::Value {
            serde_json::from_str(&super::json_with(12_345, is_signed)).expect("JSON")
        };
        let (open, signed) = (document(false), document(true));
        assert_eq!(open["components"]["schemas"]["Charge"]["properties"]["amount"]["maximum"], 12_345);
        let required = |document: &serde_json::Value| document["components"]["schemas"]["Issue"]["required"].clone();
        assert_eq!((required(&open), required(&signed)), (serde_json::json!(["userId"]), serde_json::json!([])));
        let body = |document: &serde_json::Value| {
            document["paths"]["/v1/api/queue/token"]["post"]["requestBody"]["required"].clone()
        };
        assert_eq!((body(&open), body(&signed)), (true.into(), false.into()));
    }
}
