//! Which store a command is for.

use anyhow::Context as _;
use onsale_node::Target;
use onsale_tables::Place;

use crate::cli::{Authority, Where};

/// Names the database where no flag names a store.
const VARIABLE: &str = "ONSALE_STORE__URL";

pub(super) fn of(of: &Where, authority: &Authority) -> anyhow::Result<Place> {
    match (&of.data, &of.store) {
        (Some(data), _) => Ok(Place::Directory(data.clone())),
        (None, Some(url)) => target(url, authority).map(Place::Postgres),
        (None, None) => match std::env::var(VARIABLE) {
            Ok(url) => target(&url, authority).map(Place::Postgres),
            Err(_) => anyhow::bail!("name the store with --data or --store"),
        },
    }
}

pub(super) fn target(url: &str, authority: &Authority) -> anyhow::Result<Target> {
    Target::parse(url, authority.store_ca.as_deref())
        .map_err(|error| anyhow::anyhow!("--store {error}"))
        .context("the database cannot be named")
}
