//! What the amounts are of. It stands beside the projection: no command sets it.

use crate::value::{Type, Upsert};

pub(crate) static UPSERT: Upsert =
    Upsert { table: "currency", columns: &[("one", Type::Integer), ("code", Type::Text)], key: 1 };

/// For the first one that has a currency to give.
pub(crate) const DECIDE: &str = "INSERT INTO currency (one, code) VALUES (1, $1) ON CONFLICT DO NOTHING";
pub(crate) const FIND: &str = "SELECT code FROM currency";
