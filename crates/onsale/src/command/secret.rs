//! Secrets on the command line, which every user of the machine can read in the list of processes.

use std::path::Path;

use anyhow::Context as _;

use crate::admin::Admin;
use crate::cli::Running;

use super::bounded;

/// No key is longer than this.
const KEY_BYTES_MAX: u64 = 4 << 10;

/// What to say where an argument has a secret in it.
pub(super) fn exposed(mut arguments: impl Iterator<Item = String>) -> Option<&'static str> {
    while let Some(argument) = arguments.next() {
        let (flag, value) = match argument.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag.to_owned(), Some(value.to_owned())),
            _ => (argument, None),
        };
        if !matches!(flag.as_str(), "--admin-key" | "--set" | "--store") {
            continue;
        }
        let value = value.or_else(|| arguments.next()).unwrap_or_default();
        match flag.as_str() {
            "--admin-key" => {
                return Some(
                    "the admin key is on the command line, where others can read it: use --admin-key-file, or ONSALE_ADMIN__KEY",
                );
            }
            "--set" if is_key(&value, "admin.key") || is_key(&value, "token.key") => {
                return Some(
                    "a key is on the command line, where others can read it: use ONSALE_ADMIN__KEY, ONSALE_TOKEN__KEY or --config",
                );
            }
            "--set" if is_key(&value, "login.client_secret") => {
                return Some(
                    "a secret is on the command line, where others can read it: use login.client_secret_file, or ONSALE_LOGIN__CLIENT_SECRET",
                );
            }
            "--set" if !is_key(&value, "store.url") => {}
            _ if has_password(&value) => {
                return Some(
                    "a password is on the command line, where others can read it: use ONSALE_STORE__URL or --config",
                );
            }
            _ => {}
        }
    }
    None
}

fn is_key(pair: &str, key: &str) -> bool {
    pair.split_once('=').is_some_and(|(name, value)| name.trim() == key && !value.trim().is_empty())
}

fn has_password(url: &str) -> bool {
    let user = url.split_once("://").and_then(|(_, rest)| rest.split(['/', '?']).next()?.rsplit_once('@'));
    user.is_some_and(|(user, _)| user.contains(':')) || url.contains("password=")
}

/// Says on stderr that a secret is on this process's command line, where one is.
pub(super) fn warn() {
    if let Some(what) = exposed(std::env::args()) {
        eprintln!("warning: {what}");
    }
}

/// The way into the server that the command line names.
///
/// # Errors
/// Where it names none, or no key.
pub(super) fn enter(running: &Running) -> anyhow::Result<Admin> {
    warn();
    let Running { server, admin_key: given, admin_key_file: file } = running;
    Admin::new(server, &admin_key(given.as_deref(), file.as_deref())?)
}

/// The admin key: that of the file, `-` for stdin, or the one that was given.
pub(super) fn admin_key(given: Option<&str>, file: Option<&Path>) -> anyhow::Result<String> {
    let Some(file) = file else {
        return Ok(given.context("--server needs --admin-key-file, or ONSALE_ADMIN__KEY")?.to_owned());
    };
    let from = if file == Path::new("-") { Path::new("/dev/stdin") } else { file };
    let bytes = bounded::read(from, KEY_BYTES_MAX).with_context(|| format!("{} cannot be read", file.display()))?;
    let text = String::from_utf8(bytes).with_context(|| format!("{} is no text", file.display()))?;
    Ok(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_among_the_arguments_is_seen() {
        let exposed = |line: &str| exposed(line.split(' ').map(str::to_owned)).is_some();
        for line in [
            "onsale import a.csv --admin-key KEY",
            "onsale import a.csv --admin-key=KEY",
            "onsale serve --set admin.key=KEY",
            "onsale serve --set=token.key=KEY",
            "onsale serve --set login.client_secret=SECRET",
            "onsale serve --store postgres://onsale:pw@db/onsale",
            "onsale serve --set store.url=postgres://onsale:pw@db/onsale",
            "onsale audit --store=postgres://db/onsale?user=onsale&password=pw",
        ] {
            assert!(exposed(line), "{line}");
        }
        for line in [
            "onsale import a.csv --admin-key-file KEY",
            "onsale serve --set queue.active_limit=5 --set admin.key=",
            "onsale serve --store postgres://onsale@db:5432/onsale",
            "onsale serve --set store.url=postgres://onsale@db:5432/onsale",
        ] {
            assert!(!exposed(line), "{line}");
        }
    }
}
