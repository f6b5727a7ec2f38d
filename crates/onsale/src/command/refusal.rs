//! Why the engine would not take a catalog, for people.

use onsale_catalog::Refused;
use onsale_domain::reply::{CatalogRefusal, Refusal};
use onsale_node::Error;

/// The error in words.
pub(super) fn describe(error: Error) -> anyhow::Error {
    match error {
        Error::Refused(Refusal::Catalog(refusal)) => anyhow::anyhow!("the catalog is refused: {}", catalog(&refusal)),
        Error::Refused(Refusal::Full(what)) => {
            anyhow::anyhow!("the catalog is refused: the store has no room for more {what}")
        }
        Error::Refused(_) | Error::Overloaded | Error::Unavailable | Error::OutcomeUnknown => error.into(),
    }
}

fn catalog(refusal: &CatalogRefusal) -> String {
    if *refusal == CatalogRefusal::NothingStaged {
        // Nobody staged anything here: it is the whole of a file.
        return "there is nothing in it".to_owned();
    }
    let refused = Refused::of(refusal);
    if let CatalogRefusal::SeatInUse { .. } = refusal {
        return format!("{refused}, and must be among the schedule's new seats");
    }
    refused.to_string()
}
