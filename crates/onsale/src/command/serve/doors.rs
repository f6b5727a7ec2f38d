//! What of the service is open to everybody, and where the keys of entry tokens come from.

use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::Context as _;
use onsale_http::entry::{Charge, Doors, Entry, KeySet, Users};

use crate::command::bounded;
use crate::config::{Access, EntryKeys, UsersDoor};

/// How often keys are fetched when nobody asks for one that is not known.
const EVERY: Duration = Duration::from_secs(60);
/// How long a fetch may take, all of it.
const TIMEOUT: Duration = Duration::from_secs(5);
/// No set of keys is longer.
const BYTES_MAX: u64 = 1 << 18;

/// The thread that fetches keys. Ends with it.
pub(super) struct Fetching {
    entry: Arc<Entry>,
    thread: Option<JoinHandle<()>>,
}

enum Source {
    File(PathBuf),
    Url(ureq::Agent, String),
}

/// The doors as the configuration has them, and what fetches their keys.
///
/// # Errors
/// Where the keys are in a file that cannot be used, and where the system gives no thread.
pub(super) fn doors(access: &Access) -> anyhow::Result<(Doors, Option<Fetching>)> {
    let charge = access.charge.unwrap_or(Charge::Open);
    let (Some(UsersDoor::Signed), Some(configured)) = (access.users, &access.entry) else {
        return Ok((Doors { users: Users::Open, charge }, None));
    };
    let rules = configured.rules.clone();
    let source = match &configured.keys {
        EntryKeys::Secret(secret) => {
            let entry = Arc::new(Entry::of_secret(rules, secret));
            return Ok((Doors { users: Users::Signed(entry), charge }, None));
        }
        EntryKeys::File(path) => Source::File(path.clone()),
        EntryKeys::Url(url) => {
            let agent = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).max_redirects(0).build().into();
            Source::Url(agent, url.clone())
        }
    };
    let entry = Arc::new(Entry::fetched(rules, configured.stale_max));
    match (source.fetch(), &source) {
        (Ok(keys), _) => entry.put(Some(keys)),
        (Err(error), Source::File(_)) => return Err(error.context("entry.keys cannot be used")),
        // The identity provider may be back before the first buyer is there.
        (Err(error), Source::Url(..)) => {
            tracing::warn!(
                error = format!("{error:#}"),
                "the keys of entry tokens cannot be fetched: nobody joins until they are"
            );
            entry.put(None);
        }
    }
    let fetched = entry.clone();
    let run = move || fetch_on(&fetched, &source);
    let thread = thread::Builder::new().name("entry-keys".to_owned()).spawn(run)?;
    let fetching = Fetching { entry: entry.clone(), thread: Some(thread) };
    Ok((Doors { users: Users::Signed(entry), charge }, Some(fetching)))
}

/// Says what is open.
pub(super) fn tell(doors: &Doors) {
    for key in doors.open() {
        match key {
            "access.users" => tracing::warn!("access.users is open: anybody may be any user"),
            _ => tracing::warn!("{key} is open: everybody may add to their wallet what they like"),
        }
    }
}

fn fetch_on(entry: &Entry, source: &Source) {
    while entry.wait(EVERY) {
        match source.fetch() {
            Ok(keys) => entry.put(Some(keys)),
            Err(error) => {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "the keys of entry tokens cannot be fetched: those of before go on"
                );
                entry.put(None);
            }
        }
    }
}

impl Source {
    fn fetch(&self) -> anyhow::Result<KeySet> {
        let (text, place) = match self {
            Self::File(path) => {
                let place = path.display().to_string();
                (bounded::read(path, BYTES_MAX).with_context(|| place.clone())?, place)
            }
            Self::Url(agent, url) => (fetch(agent, url).with_context(|| url.clone())?, url.clone()),
        };
        KeySet::of_jwks(&text).with_context(|| place)
    }
}

fn fetch(agent: &ureq::Agent, url: &str) -> anyhow::Result<Vec<u8>> {
    let response = agent.get(url).header("Accept", "application/jwk-set+json, application/json").call()?;
    if !response.status().is_success() {
        anyhow::bail!("it answers {}", response.status());
    }
    let mut text = Vec::new();
    response.into_body().into_reader().take(BYTES_MAX + 1).read_to_end(&mut text)?;
    if text.len() as u64 > BYTES_MAX {
        anyhow::bail!("it is larger than {BYTES_MAX} bytes");
    }
    Ok(text)
}

impl Drop for Fetching {
    fn drop(&mut self) {
        self.entry.close();
        if let Some(thread) = self.thread.take() {
            // Where it panicked, there is nothing to add to what was logged.
            let _ = thread.join();
        }
    }
}
