//! Values by type and range. A value that is wrong is noted, and something harmless stands in for it, so that one
//! start names everything that is wrong; nobody gets to see a configuration with such a value.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;
use onsale_http::token::Secret;

use super::Error;
use super::layers::Layers;
use super::origin::Origin;

/// The longest duration that a key takes, as the engine's: 366 days.
const DURATION_MAX: Duration = Duration::from_secs(366 * 24 * 3_600);

/// A secret of fewer different characters is none.
const KINDS_MIN: usize = 8;

pub(super) struct Reader<'l> {
    layers: &'l Layers,
    problems: Vec<String>,
}

impl<'l> Reader<'l> {
    pub(super) fn new(layers: &'l Layers) -> Self {
        Self { layers, problems: Vec::new() }
    }

    pub(super) fn finish<T>(self, value: T) -> Result<T, Error> {
        if self.problems.is_empty() { Ok(value) } else { Err(Error(self.problems)) }
    }

    /// The key's text; every key has one, as the default file gives them all.
    pub(super) fn text(&self, key: &'static str) -> &'l str {
        self.layers.entries.get(key).map_or("", |entry| &entry.text)
    }

    /// Whether somebody gave it, be it the default's value.
    pub(super) fn is_explicit(&self, key: &'static str) -> bool {
        self.layers.is_explicit(key)
    }

    /// Whether a flag gave it.
    pub(super) fn is_flag(&self, key: &'static str) -> bool {
        self.layers.entries.get(key).is_some_and(|entry| matches!(entry.origin, Origin::Flag(_)))
    }

    /// Notes what is wrong with the key.
    pub(super) fn refuse(&mut self, key: &'static str, what: &str) {
        self.refuse_at(key, what);
    }

    /// The same of a key whose name somebody has given.
    pub(super) fn refuse_at(&mut self, key: &str, what: &str) {
        let origin = self.layers.entries.get(key).map(|entry| &entry.origin);
        let origin = origin.map(|origin| format!(" ({origin})")).unwrap_or_default();
        self.problems.push(format!("{key} {what}{origin}"));
    }

    pub(super) fn read<T>(
        &mut self,
        key: &'static str,
        stand_in: T,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> T {
        parse(self.text(key)).unwrap_or_else(|what| {
            self.refuse(key, &what);
            stand_in
        })
    }

    pub(super) fn integer(&mut self, key: &'static str, min: u64, max: u64) -> u64 {
        self.read(key, min, |text| integer(text, min, max))
    }

    pub(super) fn duration(&mut self, key: &'static str, min: Duration) -> Duration {
        self.read(key, min, |text| duration(text, min))
    }

    pub(super) fn address(&mut self, key: &'static str) -> SocketAddr {
        self.read(key, SocketAddr::from(([127, 0, 0, 1], 0)), |text| {
            text.parse().map_err(|_| format!("must be an address and a port such as 127.0.0.1:8080, but is {text:?}"))
        })
    }

    /// `None` where it is empty.
    pub(super) fn optional_address(&mut self, key: &'static str) -> Option<SocketAddr> {
        (!self.text(key).is_empty()).then(|| self.address(key))
    }

    /// Addresses with commas between them.
    pub(super) fn addresses(&mut self, key: &'static str) -> Vec<IpAddr> {
        self.read(key, Vec::new(), |text| {
            let each = text.split(',').map(str::trim).filter(|address| !address.is_empty());
            let parse = |address: &str| {
                address.parse().map_err(|_| format!("must be addresses with commas between them, but has {address:?}"))
            };
            each.map(parse).collect()
        })
    }

    pub(super) fn path(&mut self, key: &'static str) -> PathBuf {
        self.read(key, PathBuf::new(), |text| {
            if text.is_empty() { Err("must not be empty".to_owned()) } else { Ok(text.into()) }
        })
    }

    /// `None` where it is empty. What is wrong is told without the secret.
    pub(super) fn secret(&mut self, key: &'static str) -> Option<Secret> {
        self.read(key, None, |text| {
            if text.is_empty() {
                return Ok(None);
            }
            if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
                return Err("must have neither spaces nor line ends: no header can carry them".to_owned());
            }
            let kinds: std::collections::BTreeSet<u8> = text.bytes().collect();
            if text.len() >= KINDS_MIN && kinds.len() < KINDS_MIN {
                return Err(format!("can be guessed: it has fewer than {KINDS_MIN} different characters"));
            }
            Secret::new(text).map(Some).map_err(|error| format!("is too short: {error}"))
        })
    }
}

pub(super) fn integer(text: &str, min: u64, max: u64) -> Result<u64, String> {
    let digits: String = text.chars().filter(|&c| c != '_').collect();
    match digits.parse() {
        Ok(value) if (min..=max).contains(&value) => Ok(value),
        _ => Err(format!("must be a whole number between {min} and {max}, but is {text:?}")),
    }
}

pub(super) fn duration(text: &str, min: Duration) -> Result<Duration, String> {
    let parsed = text.parse::<SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok());
    let Some(duration) = parsed else {
        return Err(format!("must be a duration such as 500ms, 2s, 10m or 1h30m, but is {text:?}"));
    };
    if duration < min {
        Err(format!("must be at least {min:?}, but is {text:?}"))
    } else if duration > DURATION_MAX {
        Err(format!("must be at most 366 days, but is {text:?}"))
    } else {
        Ok(duration)
    }
}
