//! What of the service is open to everybody, and where the keys of entry tokens come from.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use onsale_http::entry::{Charge, Doors, Entry, KeySet, Keys, Own, Signers, Users};
use onsale_http::trace::{Tracer, calling};
use ureq::http::Request;

use super::fetching::{self, BYTES_MAX, Fetching};
use crate::command::bounded;
use crate::config::{self, Config, EntryConfig, EntryKeys, UsersDoor};

enum Source {
    File(PathBuf),
    Url { agent: ureq::Agent, url: String, tracer: Option<Arc<Tracer>> },
}

/// The doors as the configuration has them, and what fetches the keys of a shop's tokens.
///
/// # Errors
/// Where the keys are in a file that cannot be used, and where the system gives no thread.
pub(super) fn doors(config: &Config, tracer: Option<&Arc<Tracer>>) -> anyhow::Result<(Doors, Option<Fetching>)> {
    let access = &config.access;
    let charge = access.charge.unwrap_or(Charge::Open);
    if access.users != Some(UsersDoor::Signed) {
        return Ok((Doors { users: Users::Open, charge }, None));
    }
    let settings = config.login.as_ref().map(|login| &login.settings).filter(|settings| settings.buyers.is_some());
    let own = settings.map(|settings| Own::of_people_of(&settings.issuer));
    let (shop, fetching) = access.entry.as_ref().map(|configured| entry(configured, tracer)).transpose()?.unzip();
    Ok((Doors { users: Users::Signed(Signers { shop, own }), charge }, fetching.flatten()))
}

fn entry(configured: &EntryConfig, tracer: Option<&Arc<Tracer>>) -> anyhow::Result<(Entry, Option<Fetching>)> {
    let rules = configured.rules.clone();
    let source = match &configured.keys {
        EntryKeys::Secret(secret) => return Ok((Entry::of_secret(rules, secret), None)),
        EntryKeys::File(path) => Source::File(path.clone()),
        EntryKeys::Url(url) => Source::Url { agent: fetching::agent(), url: url.clone(), tracer: tracer.cloned() },
    };
    let keys = Arc::new(Keys::fetched(configured.stale_max));
    match (source.fetch(), &source) {
        (Ok(set), _) => keys.put(Some(set)),
        (Err(error), Source::File(_)) => return Err(config::Error(vec![format!("entry.keys: {error:#}")]).into()),
        // The identity provider may be back before the first buyer is there.
        (Err(error), Source::Url { .. }) => {
            tracing::warn!(
                error = format!("{error:#}"),
                "the keys of entry tokens cannot be fetched: nobody joins until they are"
            );
            keys.put(None);
        }
    }
    let fetched = keys.clone();
    let fetching = Fetching::start("entry-keys", &keys, move || fetch_on(&fetched, &source))?;
    Ok((Entry::of_keys(rules, keys), Some(fetching)))
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

fn fetch_on(keys: &Keys, source: &Source) {
    let had_any = keys.has_any();
    match source.fetch() {
        Ok(set) => {
            keys.put(Some(set));
            if !had_any {
                tracing::info!("the keys of entry tokens are there: people join");
            }
        }
        Err(error) => {
            let error = format!("{error:#}");
            if had_any {
                tracing::warn!(error, "the keys of entry tokens cannot be fetched: those of before go on");
            } else {
                tracing::warn!(error, "the keys of entry tokens cannot be fetched: nobody joins until they are");
            }
            keys.put(None);
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
            Self::Url { agent, url, tracer } => {
                (fetch(agent, url, tracer.as_ref()).with_context(|| url.clone())?, url.clone())
            }
        };
        KeySet::of_jwks(&text).with_context(|| place)
    }
}

fn fetch(agent: &ureq::Agent, url: &str, tracer: Option<&Arc<Tracer>>) -> anyhow::Result<Vec<u8>> {
    let request = Request::get(url).header("Accept", "application/jwk-set+json, application/json").body(())?;
    let response =
        calling(tracer, "keys", request, |request| agent.run(request), |response| response.status().as_u16())?;
    if !response.status().is_success() {
        anyhow::bail!("it answers {}", response.status());
    }
    fetching::body(response.into_body())
}
