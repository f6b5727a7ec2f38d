//! Where to connect.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::Error;
use crate::hosts::Hosts;
use crate::libpq::Encryption;
use crate::session::Session;
use crate::tls;

/// How long one host may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// After so long without an answer an idle connection is probed.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(10);

/// A connection string, understood.
#[derive(Clone)]
pub struct Target {
    hosts: Arc<Hosts>,
    tls: MakeRustlsConnect,
    shown: Arc<str>,
    /// Where its tables are, where that is not for the database to say.
    schema: Option<Arc<str>>,
}

/// Why a connection string cannot be used. It never quotes the string, which may have a password in it.
#[derive(Debug, thiserror::Error)]
pub enum Bad {
    #[error("is not a connection string such as postgres://user@host:5432/database: {0}")]
    Syntax(String),
    #[error("names no host")]
    NoHost,
    #[error("names {hosts} hosts, and {others} {what}: one for each, or one port for all")]
    Uneven { hosts: usize, others: usize, what: &'static str },
    #[error("the certificates of the authority cannot be used: {0}")]
    Authority(String),
    #[error("has sslmode={0:?}, which is none of disable, prefer, require, verify-ca and verify-full")]
    Mode(String),
    #[error("has sslmode=disable, and an authority is named whose certificate the database must have: leave one out")]
    Contradiction,
    #[error("names an authority as sslrootcert, and the configuration another one: leave one out")]
    TwoAuthorities,
}

impl Target {
    /// Reads a connection string: a URL or `key=value` pairs, as libpq has them, with one host or several. Only a server
    /// that takes writes is ever used (`target_session_attrs=read-write`).
    ///
    /// `sslmode`: `prefer`, the default, encrypts where the server can and checks no certificate, as libpq does;
    /// `require`, `verify-ca` and `verify-full` all check it, with the host's name, against `authority` (a PEM file) or
    /// `sslrootcert`, which is the same, or else the system's authorities; `disable` never encrypts. Where an authority is
    /// named, `prefer` means `verify-full`.
    ///
    /// # Errors
    /// [`Bad`], for people.
    pub fn parse(text: &str, authority: Option<&Path>) -> Result<Self, Bad> {
        let (encryption, rest) = Encryption::take_from(text);
        let mut config: tokio_postgres::Config = rest.parse().map_err(|error| Bad::Syntax(words(&error)))?;
        if config.get_hosts().is_empty() {
            return Err(Bad::NoHost);
        }
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        config.keepalives_idle(KEEPALIVE_IDLE);
        let tls = encrypt(&mut config, &encryption, authority)?;
        let shown = shown(&config).into();
        Ok(Self { hosts: Arc::new(Hosts::of(&config)?), tls: MakeRustlsConnect::new(tls), shown, schema: None })
    }

    /// The same database, of which sessions see one schema only. `name` is an identifier that needs no quotes.
    #[must_use]
    pub fn within(&self, name: &str) -> Self {
        Self { schema: Some(name.into()), ..self.clone() }
    }

    /// Opens a session with the first host that takes writes, as [`Hosts`] has them in order. `name` shows in
    /// `pg_stat_activity`; queries get `patience` to be answered.
    ///
    /// # Errors
    /// [`Error::Connect`], [`Error::Silent`].
    pub fn connect(&self, name: &str, patience: Duration) -> Result<Session, Error> {
        let session = Hosts::find(&self.hosts, |host| {
            let mut config = host.config().clone();
            config.application_name(format!("onsale {name}"));
            Session::open(&config, self.tls.clone(), patience, host.clone())
        })?;
        if let Some(schema) = &self.schema {
            let client = session.client();
            session.block(async { client.batch_execute(&format!("SET search_path = {schema}")).await })?;
        }
        Ok(session)
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

/// Sets what the connection string says of encryption.
fn encrypt(
    config: &mut tokio_postgres::Config,
    encryption: &Encryption,
    authority: Option<&Path>,
) -> Result<rustls::ClientConfig, Bad> {
    let system = encryption.root.as_deref() == Some("system");
    let named = encryption.root.as_deref().filter(|_| !system).map(Path::new);
    if named.is_some() && authority.is_some() && named != authority {
        return Err(Bad::TwoAuthorities);
    }
    let authority = authority.or(named);
    let is_checked = match encryption.mode.as_deref() {
        Some("disable") if authority.is_some() => return Err(Bad::Contradiction),
        Some("disable") => {
            config.ssl_mode(SslMode::Disable);
            return Ok(tls::unchecked());
        }
        None | Some("prefer") => authority.is_some() || system,
        Some("require" | "verify-ca" | "verify-full") => true,
        Some(other) => return Err(Bad::Mode(other.to_owned())),
    };
    if !is_checked {
        config.ssl_mode(SslMode::Prefer);
        return Ok(tls::unchecked());
    }
    config.ssl_mode(SslMode::Require);
    tls::checked(authority).map_err(Bad::Authority)
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
        let uneven = Target::parse("host=a,b,c port=1,2 dbname=x", None);
        assert!(matches!(uneven, Err(Bad::Uneven { hosts: 3, others: 2, what: "ports" })));
        assert!(matches!(Target::parse("postgres://h/x?sslmode=allow", None), Err(Bad::Mode(_))));
        let disabled = Target::parse("postgres://h/x?sslmode=disable&sslrootcert=/ca.pem", None);
        assert!(matches!(disabled, Err(Bad::Contradiction)));
        let two = Target::parse("postgres://h/x?sslrootcert=/a.pem", Some(Path::new("/b.pem")));
        assert!(matches!(two, Err(Bad::TwoAuthorities)));
        let missing = Path::new("/no/such/file.pem");
        assert!(matches!(Target::parse("postgres://h/x", Some(missing)), Err(Bad::Authority(_))));
    }
}
