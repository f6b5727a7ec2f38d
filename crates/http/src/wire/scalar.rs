//! Numbers of the wire.

use onsale_domain::ids::INTEGER_MAX;
use serde::Serialize;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

/// An id: 1 to 2^53-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Id(pub u64);

/// An amount in the minor unit of the store's currency: 0 to 2^53-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Money(pub u64);

fn integer(minimum: u64, description: &str, example: u64) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(minimum))
        .maximum(Some(INTEGER_MAX))
        .description(Some(description))
        .examples([example])
        .into()
}

impl PartialSchema for Id {
    fn schema() -> RefOr<Schema> {
        integer(1, "An id.", 1)
    }
}

impl ToSchema for Id {}

impl PartialSchema for Money {
    fn schema() -> RefOr<Schema> {
        integer(0, "An amount in the minor unit of the store's currency.", 50_000)
    }
}

impl ToSchema for Money {}
