//! The keys, wherever the store is.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use onsale_http::api::Shared;
use onsale_http::token::{self, FILE_NAME, Keys, Overrides, Place, Vault};
use onsale_node::Target;

use crate::config::Config;

/// How often a node looks what others have done to the keys.
const LOOK: Duration = Duration::from_secs(1);

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

/// Takes up what other nodes do to the keys, and what the database counts, as long as there is somebody to take it up for.
pub(super) fn follow(shared: &Arc<Shared>, target: &Target) -> anyhow::Result<()> {
    let shared = Arc::downgrade(shared);
    let mut database = onsale_tables::Keys::new(target);
    let look = move || while look(&shared, &mut database) {};
    thread::Builder::new().name("keys".to_owned()).spawn(look)?;
    Ok(())
}

fn look(shared: &Weak<Shared>, database: &mut onsale_tables::Keys) -> bool {
    thread::sleep(LOOK);
    let Some(shared) = shared.upgrade() else { return false };
    if let Err(error) = shared.refresh_keys() {
        tracing::debug!(%error, "the keys cannot be looked at");
    }
    if let Ok(onsale_tables::Figures { commits, rollbacks, deadlocks, wal_bytes, lock_waits }) = database.figures() {
        let counts = &shared.database;
        counts.commits.store(commits, Ordering::Relaxed);
        counts.rollbacks.store(rollbacks, Ordering::Relaxed);
        counts.deadlocks.store(deadlocks, Ordering::Relaxed);
        counts.wal_bytes.store(wal_bytes, Ordering::Relaxed);
        counts.lock_waits.store(lock_waits, Ordering::Relaxed);
    }
    true
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
