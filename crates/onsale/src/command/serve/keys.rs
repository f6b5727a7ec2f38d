//! The keys, wherever the store is.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use onsale_http::token::{self, FILE_NAME, Keys, Overrides, Place, Vault};
use onsale_node::Target;

use crate::config::Config;

/// The keys of the store, made at its first start.
pub(super) fn load(config: &Config, store_id: u64, overrides: &Overrides) -> anyhow::Result<(Place, Keys)> {
    let (place, keys) = match &config.store.target {
        // The node holds the directory's lock, so the keys are ours to make.
        None => (Place::Directory(config.data.clone()), token::load(&config.data, store_id, overrides)),
        Some(target) => {
            let vault = Arc::new(Shelf::new(target));
            let keys = token::load_shared(&*vault, store_id, overrides);
            (Place::Vault(vault), keys)
        }
    };
    Ok((place, keys.context("the keys cannot be had")?))
}

/// Where the keys are, for people.
pub(super) fn shown(config: &Config) -> String {
    match &config.store.target {
        None => config.data.join(FILE_NAME).display().to_string(),
        Some(target) => format!("the table secrets of {}", target.shown()),
    }
}

/// The keys in the store's database.
struct Shelf(Mutex<onsale_tables::Keys>);

impl Shelf {
    fn new(target: &Target) -> Self {
        Self(Mutex::new(onsale_tables::Keys::new(target)))
    }
}

impl Vault for Shelf {
    fn read(&self) -> Result<Option<String>, String> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.read().map_err(|error| error.to_string())
    }

    fn replace(&self, before: Option<&str>, after: &str) -> Result<bool, String> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.replace(before, after).map_err(|error| error.to_string())
    }
}
