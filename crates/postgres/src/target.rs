//! Where to connect.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::Error;
use crate::session::Session;
use crate::tls;

/// How long one host may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// After so long without an answer an idle connection is probed.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(10);

/// A connection string, understood.
#[derive(Clone)]
pub struct Target {
    config: Arc<tokio_postgres::Config>,
    tls: MakeRustlsConnect,
    shown: Arc<str>,
}

/// Why a connection string cannot be used. It never quotes the string, which may have a password in it.
#[derive(Debug, thiserror::Error)]
pub enum Bad {
    #[error("is not a connection string such as postgres://user@host:5432/database: {0}")]
    Syntax(String),
    #[error("names no host")]
    NoHost,
    #[error("the certificates of the authority cannot be used: {0}")]
    Authority(String),
}

impl Target {
    /// Reads a connection string: a URL or `key=value` pairs, as libpq has them, with one host or several. Only a server
    /// that takes writes is ever used (`target_session_attrs=read-write`).
    ///
    /// `sslmode`: `prefer`, the default, encrypts where the server can and checks no certificate, as libpq does;
    /// `require` checks it, with the host's name, against `authority` (a PEM file) or else the system's authorities;
    /// `disable` never encrypts.
    ///
    /// # Errors
    /// [`Bad`], for people.
    pub fn parse(text: &str, authority: Option<&Path>) -> Result<Self, Bad> {
        let mut config: tokio_postgres::Config = text.parse().map_err(|error| Bad::Syntax(words(&error)))?;
        if config.get_hosts().is_empty() {
            return Err(Bad::NoHost);
        }
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        config.keepalives_idle(KEEPALIVE_IDLE);
        let tls = match config.get_ssl_mode() {
            SslMode::Disable | SslMode::Prefer if authority.is_none() => tls::unchecked(),
            SslMode::Disable | SslMode::Prefer | SslMode::Require | _ => {
                if config.get_ssl_mode() != SslMode::Disable {
                    config.ssl_mode(SslMode::Require);
                }
                tls::checked(authority).map_err(Bad::Authority)?
            }
        };
        let shown = shown(&config).into();
        Ok(Self { config: Arc::new(config), tls: MakeRustlsConnect::new(tls), shown })
    }

    /// Opens a session. `name` shows in `pg_stat_activity`; queries get `patience` to be answered.
    ///
    /// # Errors
    /// [`Error::Connect`], [`Error::Silent`].
    pub fn connect(&self, name: &str, patience: Duration) -> Result<Session, Error> {
        let mut config = tokio_postgres::Config::clone(&self.config);
        config.application_name(format!("onsale {name}"));
        Session::open(&config, self.tls.clone(), patience)
    }

    /// Hosts, ports and database, without secrets.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown)
    }
}

fn shown(config: &tokio_postgres::Config) -> String {
    let ports = config.get_ports();
    let hosts: Vec<String> = (0..)
        .zip(config.get_hosts())
        .map(|(i, host): (usize, _)| {
            let port = ports.get(i).or(ports.first()).copied().unwrap_or(5432);
            match host {
                Host::Tcp(name) => format!("{name}:{port}"),
                Host::Unix(path) => format!("{}:{port}", path.display()),
            }
        })
        .collect();
    let database = config.get_dbname().or(config.get_user()).unwrap_or_default();
    format!("postgres://{}/{database}", hosts.join(","))
}

fn words(error: &tokio_postgres::Error) -> String {
    let source = std::error::Error::source(error);
    source.map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_has_no_secret() {
        let target = Target::parse("postgres://me:secret@one:5433,two:5434/shop?sslmode=disable", None).expect("sound");
        assert_eq!(target.shown(), "postgres://one:5433,two:5434/shop");
        assert_eq!(format!("{target:?}"), target.shown());
    }

    #[test]
    fn bad_strings_are_refused_without_being_quoted() {
        for bad in ["postgres://me:secret@host:notaport/x", "postgres://host/x?colour=secret", "secret"] {
            let error = Target::parse(bad, None).map(|target| target.shown().to_owned()).expect_err(bad).to_string();
            assert!(!error.contains("secret@"), "{error}");
        }
        assert!(matches!(Target::parse("dbname=x", None), Err(Bad::NoHost)));
        let missing = Path::new("/no/such/file.pem");
        assert!(matches!(Target::parse("postgres://h/x", Some(missing)), Err(Bad::Authority(_))));
    }
}
