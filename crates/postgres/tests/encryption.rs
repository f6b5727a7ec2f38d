//! Encrypted connections, to a PostgreSQL whose certificate is made here.

use std::path::{Path, PathBuf};
use std::time::Duration;

use onsale_postgres::{Error, Target};
use onsale_testkit::postgres::{Postgres, Stop};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

/// A server that offers encryption, and the files with its authority's certificate and a stranger's.
struct Encrypted {
    server: Postgres,
    authority: PathBuf,
    stranger: PathBuf,
    _files: TempDir,
}

impl Encrypted {
    fn start() -> Self {
        let files = TempDir::new().expect("a scratch directory");
        let (authority, stranger) = (issuer(), issuer());
        let file = |name: &str, issuer: &CertifiedIssuer<'_, KeyPair>| {
            let path = files.path().join(name);
            std::fs::write(&path, issuer.pem()).expect("a file");
            path
        };
        let paths = (file("authority.pem", &authority), file("stranger.pem", &stranger));
        let key = KeyPair::generate().expect("a key");
        let names = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("names");
        let certificate = names.signed_by(&key, &authority).expect("a certificate");
        let mut server = Postgres::start();
        server.encrypt(&certificate.pem(), &key.serialize_pem());
        server.stop(Stop::Fast);
        server.start_again();
        Self { server, authority: paths.0, stranger: paths.1, _files: files }
    }

    /// Whether a session is encrypted, or why there is none.
    fn try_with(&self, host: &str, options: &str, authority: Option<&Path>) -> Result<bool, String> {
        let url = format!("postgres://onsale@{host}:{}/postgres?{options}", self.server.port());
        is_encrypted(&Target::parse(&url, authority).map_err(|error| error.to_string())?)
    }

    fn with(&self, options: &str) -> Result<bool, String> {
        self.try_with("127.0.0.1", options, None)
    }
}

fn issuer() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a certificate")
}

fn is_encrypted(target: &Target) -> Result<bool, String> {
    let ask = || {
        let session = target.connect("test", Duration::from_secs(10))?;
        let client = session.client();
        session.block(async { client.query_one("select ssl from pg_stat_ssl where pid = pg_backend_pid()", &[]).await })
    };
    ask().map(|row| row.get(0)).map_err(|error: Error| error.to_string())
}

#[track_caller]
fn assert_refused(outcome: Result<bool, String>, why: &str) {
    let said = outcome.expect_err("it was to be refused");
    assert!(said.contains(why), "{why:?} was expected: {said}");
}

#[test]
fn the_servers_certificate_is_checked_as_the_connection_string_says() {
    let encrypted = Encrypted::start();
    let (authority, stranger) = (encrypted.authority.display(), encrypted.stranger.display());
    for mode in ["require", "verify-ca", "verify-full"] {
        assert_eq!(encrypted.with(&format!("sslmode={mode}&sslrootcert={authority}")), Ok(true), "{mode}");
        let refused = encrypted.with(&format!("sslmode={mode}&sslrootcert={stranger}"));
        assert_refused(refused, "of none of the authorities that are trusted: store.ca, sslrootcert");
        assert_refused(encrypted.with(&format!("sslmode={mode}")), "of none of the authorities that are trusted");
    }
    assert_eq!(encrypted.try_with("127.0.0.1", "", Some(&encrypted.authority)), Ok(true));
    assert_refused(encrypted.try_with("127.0.0.1", "", Some(&encrypted.stranger)), "none of the authorities");
    // The certificate is for an address and not for this name.
    let named = encrypted.try_with("localhost", "sslmode=verify-full", Some(&encrypted.authority));
    assert_refused(named, "for another name than the host");
    // Nothing is checked.
    assert_eq!(encrypted.with(""), Ok(true));
    assert_eq!(encrypted.with("sslmode=prefer"), Ok(true));
    assert_eq!(encrypted.with("sslmode=disable"), Ok(false));
    // The key=value form.
    let text = format!(
        "host=127.0.0.1 port={} user=onsale dbname=postgres sslmode=verify-full sslrootcert='{authority}'",
        encrypted.server.port()
    );
    assert_eq!(is_encrypted(&Target::parse(&text, None).expect("sound")), Ok(true));
}

#[test]
fn a_server_without_encryption_is_used_only_where_that_is_allowed() {
    let server = Postgres::start();
    let ask = |options: &str| {
        is_encrypted(&Target::parse(&format!("{}/postgres?{options}", server.url()), None).expect("sound"))
    };
    assert_eq!(ask("sslmode=prefer"), Ok(false));
    assert_refused(ask("sslmode=verify-full"), "server does not support TLS");
}

#[test]
fn of_several_hosts_the_one_that_takes_writes_is_used() {
    let mut primary = Postgres::start();
    let standby = primary.standby("other");
    let url = |hosts: &str| format!("postgres://onsale@{hosts}/postgres?target_session_attrs=read-write");
    let (one, other) = (format!("127.0.0.1:{}", standby.port()), format!("127.0.0.1:{}", primary.port()));
    let port_of = |hosts: &str| {
        let target = Target::parse(&url(hosts), None).expect("sound");
        let session = target.connect("test", Duration::from_secs(10)).map_err(|error| error.to_string())?;
        let client = session.client();
        let port = session.block(async { client.query_one("select inet_server_port()", &[]).await });
        port.map(|row| row.get::<_, i32>(0)).map_err(|error| error.to_string())
    };
    let primary_port = i32::from(primary.port());
    assert_eq!(port_of(&format!("{one},{other}")), Ok(primary_port));
    assert_eq!(port_of(&format!("{other},{one}")), Ok(primary_port));
    let only = port_of(&one).expect_err("a standby takes no writes");
    assert!(only.contains("no PostgreSQL that takes writes can be reached"), "{only}");
    primary.stop(Stop::Immediate);
    standby.promote();
    assert_eq!(port_of(&format!("{other},{one}")), Ok(i32::from(standby.port())));
}
