//! The keys, wherever the store is.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use onsale_domain::level;
use onsale_http::token::{FILE_NAME, KeyStore, Keys, Overrides, StoreError, Vault};
use onsale_node::{Node, Target};

use crate::config::Config;
use crate::failure::Hint;

const WAY_BACK: &str = "put the file back from where the store was backed up; where there is none, --new-keys on a store without \
    the file makes new keys, and every token and ticket that is out is worthless then";

/// The keys of the store, made at its first start.
///
/// # Errors
/// Where they cannot be had, and where they are gone, unless new ones are wanted.
pub(super) fn load(config: &Config, node: &Node, new: bool) -> anyhow::Result<(KeyStore, Keys)> {
    let store_id = node.store_id();
    let overrides = Overrides { admin: config.keys.admin.clone(), token: config.keys.token.clone() };
    let (store, are_gone) = match &config.store.target {
        // The node holds the directory's lock, so the keys are ours to make.
        None => {
            let are_gone = !config.data.join(FILE_NAME).try_exists().unwrap_or(true);
            (KeyStore::in_directory(&config.data, store_id, overrides), are_gone)
        }
        Some(target) => {
            let vault = Arc::new(Shelf::new(target));
            let are_gone = vault.read().is_ok_and(|text| text.is_none());
            (KeyStore::in_vault(vault, store_id, overrides), are_gone)
        }
    };
    check_kept(are_gone && !new, config, node)?;
    let keys = store.load().map_err(|error| {
        let is_broken = matches!(error, StoreError::Syntax { .. });
        let error = anyhow::Error::new(error).context("the keys cannot be had");
        if is_broken { error.context(Hint(WAY_BACK.to_owned())) } else { error }
    });
    let keys = keys?;
    check_known(&keys, config, node, new)?;
    if node.views().level() >= level::PRIVACY {
        check_people(&store, config, node, new)?;
        store.have_people().context("the keys cannot be had")?;
    }
    Ok((store, keys))
}

/// A store that has given tokens out had keys. Without them no token of its is known and every ticket is forged, so that new
/// ones must be what somebody wants.
fn check_kept(are_gone: bool, config: &Config, node: &Node) -> anyhow::Result<()> {
    let gave_tokens = node.views().queues().iter().any(|queue| queue.totals().0 > 0);
    if !are_gone || !gave_tokens || config.keys.token.is_some() {
        return Ok(());
    }
    let what = format!("the keys of this store are gone: {} is not there, and tokens were given out", shown(config));
    Err(anyhow::anyhow!(what).context(Hint(WAY_BACK.to_owned())))
}

/// What people who come by a name are known by is made with a key of the store's. Another one would make everybody somebody new, and what
/// they have would be nobody's. In a directory each start on a store of [`level::NETWORKS`] has made it before anybody could come in.
fn check_people(store: &KeyStore, config: &Config, node: &Node, new: bool) -> anyhow::Result<()> {
    let was_there = config.store.target.is_none() && node.level_found() >= level::NETWORKS;
    let is_needed = was_there && !new && node.views().people.subjects() > 0;
    if !is_needed || !store.lacks_people().context("the keys cannot be had")? {
        return Ok(());
    }
    let what = format!(
        "these are not the keys with which this store last served: {} has no [people], so whoever comes by a name would be somebody new, \
         and what they have would be nobody's",
        shown(config)
    );
    let hint = "bring back the newest keys.toml; --new-keys goes on without, and whoever came by a name since level 9 is lost then";
    Err(anyhow::anyhow!(what).context(Hint(hint.to_owned())))
}

/// Tokens and tickets are out that other keys have signed: another store's, older ones that a backup brought back, or another
/// `token.key`. Nobody who has one would get in.
fn check_known(keys: &Keys, config: &Config, node: &Node, new: bool) -> anyhow::Result<()> {
    if new || node.newest_key().is_none_or(|key| keys.tokens.knows(key)) {
        return Ok(());
    }
    let place = match &config.keys.token {
        Some(_) => "token.key".to_owned(),
        None => shown(config),
    };
    let what = format!(
        "these are not the keys of this store: its newest token was signed with one that is not among them ({place}), so all \
         tokens that are out would be refused, and tickets be forged"
    );
    let hint = "bring back the keys with which it last served; --new-keys goes on with these, and is needed until somebody has \
        joined a queue";
    Err(anyhow::anyhow!(what).context(Hint(hint.to_owned())))
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

    fn people(&self, known: u64) -> Result<Option<String>, String> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.people(known).map_err(|error| error.to_string())
    }

    fn replace_people(&self, before: u64, after: &str) -> Result<bool, String> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.replace_people(before, after).map_err(|error| error.to_string())
    }
}
