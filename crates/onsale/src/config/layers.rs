//! The sources of the configuration, laid over one another.
//!
//! Every value is kept as text until its key's type reads it: an environment variable has no type, and a key such as
//! `0123…` must not become a number on the way.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::origin::Origin;
use super::{DEFAULT, Error, gate, suggest};
use crate::command::bounded;

/// What every variable of ours starts with.
const PREFIX: &str = "ONSALE_";
/// The variable that stands for the flag `--config`, which is not a key.
const CONFIG_VARIABLE: &str = "ONSALE_CONFIG";

/// No configuration is longer.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Where to look.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    pub(crate) file: Option<PathBuf>,
    /// Variables; those that are not ours are passed over.
    pub(crate) environment: Vec<(String, String)>,
    /// The flag, the key, the value.
    pub(crate) flags: Vec<(&'static str, String, String)>,
}

/// A value and where it came from.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) text: String,
    pub(super) origin: Origin,
}

/// For every key there is, the value that rules.
#[derive(Debug)]
pub(crate) struct Layers {
    pub(super) entries: BTreeMap<String, Entry>,
}

impl Layers {
    /// # Errors
    /// Where the file cannot be read, and for every key that there is not.
    pub(crate) fn gather(sources: &Sources) -> Result<Self, Error> {
        let defaults = parse(DEFAULT).map_err(|problem| Error(vec![format!("the default file: {problem}")]))?;
        let mut flat = Vec::new();
        flatten("", &defaults, &mut flat);
        let entries = flat.into_iter().map(|(key, text)| (key, Entry { text, origin: Origin::Default }));
        let mut layers = Self { entries: entries.collect() };
        let mut problems = Vec::new();
        for (key, text, origin) in given(sources)? {
            layers.put(&key, text, origin, &mut problems);
        }
        if problems.is_empty() { Ok(layers) } else { Err(Error(problems)) }
    }

    /// Whether somebody gave this key a value.
    pub(super) fn is_explicit(&self, key: &str) -> bool {
        self.entries.get(key).is_some_and(|entry| entry.origin != Origin::Default)
    }

    /// The text of a key, where there is one.
    pub(super) fn text_of(&self, key: &str) -> Option<&str> {
        self.entries.get(key).map(|entry| entry.text.as_str())
    }

    /// The names that keys have next behind a prefix.
    pub(super) fn names_below(&self, prefix: &str) -> impl Iterator<Item = &str> {
        self.entries.keys().filter_map(move |key| key.strip_prefix(prefix)?.split('.').next())
    }

    fn put(&mut self, key: &str, text: String, origin: Origin, problems: &mut Vec<String>) {
        if let Some(entry) = self.entries.get_mut(key) {
            *entry = Entry { text, origin };
            return;
        }
        if gate::default_of(key).is_some() {
            self.entries.insert(key.to_owned(), Entry { text, origin });
            return;
        }
        let hint = match suggest::nearest(key, self.entries.keys().map(String::as_str)) {
            Some(near) => format!("did you mean {near}?"),
            None => "onsale config lists all keys".to_owned(),
        };
        problems.push(format!("unknown key {key} ({origin}); {hint}"));
    }
}

/// What the sources give, in order of rising precedence.
fn given(sources: &Sources) -> Result<Vec<(String, String, Origin)>, Error> {
    let mut given = Vec::new();
    if let Some(path) = &sources.file {
        let mut flat = Vec::new();
        flatten("", &read(path)?, &mut flat);
        given.extend(flat.into_iter().map(|(key, text)| (key, text, Origin::File(path.clone()))));
    }
    for (name, text) in &sources.environment {
        let Some(rest) = name.strip_prefix(PREFIX).filter(|_| name != CONFIG_VARIABLE) else {
            continue;
        };
        if is_service_link(rest, text) {
            continue;
        }
        let key = rest.to_lowercase().replace("__", ".");
        given.push((key, text.clone(), Origin::Environment(name.clone())));
    }
    given.extend(sources.flags.iter().map(|(flag, key, text)| (key.clone(), text.clone(), Origin::Flag(flag))));
    Ok(given)
}

/// Whether this is what Kubernetes tells each pod of a Service that is called `onsale`, or begins so (`onsale-admin`): where it
/// listens. No key of ours is called so, and with another value it is taken for a key that is misspelt.
fn is_service_link(rest: &str, text: &str) -> bool {
    if rest.contains("__") {
        return false;
    }
    let is_port = |text: &str| text.parse::<u16>().is_ok();
    let is_address = |text: &str| text.parse::<IpAddr>().is_ok();
    let is_url = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| text.starts_with(scheme));
    let words: Vec<&str> = rest.split('_').collect();
    (0..words.len()).any(|first| match &words[first..] {
        ["SERVICE", "HOST"] => is_address(text),
        ["SERVICE", "PORT", ..] => is_port(text),
        ["PORT"] => is_url,
        ["PORT", port, "TCP" | "UDP" | "SCTP", rest @ ..] if is_port(port) => match rest {
            [] => is_url,
            ["PROTO"] => matches!(text, "tcp" | "udp" | "sctp"),
            ["PORT"] => is_port(text),
            ["ADDR"] => is_address(text),
            _ => false,
        },
        _ => false,
    })
}

fn read(path: &Path) -> Result<Table, Error> {
    let failed = |what: String| Error(vec![format!("{}: {what}", path.display())]);
    let bytes = bounded::read(path, FILE_BYTES_MAX).map_err(|error| failed(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| failed(error.to_string()))?;
    parse(&text).map_err(failed)
}

fn parse(text: &str) -> Result<Table, String> {
    text.parse().map_err(|error: toml::de::Error| {
        // Not the error's own text, which quotes the line: there may be a key on it.
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        format!("line {}: {}", before.matches('\n').count() + 1, error.message())
    })
}

fn flatten(prefix: &str, table: &Table, into: &mut Vec<(String, String)>) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Table(table) => flatten(&key, table, into),
            Value::String(text) => into.push((key, text.clone())),
            Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) | Value::Array(_) => {
                into.push((key, value.to_string()));
            }
        }
    }
}
