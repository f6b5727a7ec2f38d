//! What can become of a query.

use std::time::Duration;

use rustls::CertificateError;
use tokio_postgres::error::SqlState;

/// Why a session gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No server could be reached that takes writes.
    #[error("no PostgreSQL that takes writes can be reached: {}", chain(.0))]
    Connect(#[source] tokio_postgres::Error),
    /// There was no answer in time. What was sent may still be carried out.
    #[error("PostgreSQL gave no answer within {} ms", .0.as_millis())]
    Silent(Duration),
    /// The server's own words, or the connection's end.
    #[error("PostgreSQL: {}", chain(.0))]
    Query(#[source] tokio_postgres::Error),
    /// The commit stands on this server alone: somebody cancelled the wait for its synchronous standby.
    #[error("the wait for the synchronous standby was cancelled")]
    NotReplicated,
    /// The session cannot be used any more: an earlier query ended it.
    #[error("the session with PostgreSQL has ended")]
    Ended,
    /// A thread's own runtime cannot be made.
    #[error("a runtime cannot be started: {0}")]
    Runtime(#[from] std::io::Error),
}

/// What an error asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The server has no room on its disk.
    Full,
    /// The transaction lost against another, or waited too long for a lock, and was rolled back: it may be tried again.
    Again,
    /// The session is of no use: another must be opened.
    Gone,
    /// Anything else: trying again will not help.
    Refused,
}

impl Error {
    /// What is to be done about it.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Connect(_) | Self::Silent(_) | Self::Ended | Self::NotReplicated | Self::Runtime(_) => Kind::Gone,
            Self::Query(error) => error.code().map_or(Kind::Gone, kind),
        }
    }

    /// The server's code, if it was the server that spoke.
    #[must_use]
    pub fn code(&self) -> Option<&SqlState> {
        match self {
            Self::Connect(error) | Self::Query(error) => error.code(),
            Self::Silent(_) | Self::Ended | Self::NotReplicated | Self::Runtime(_) => None,
        }
    }
}

fn kind(code: &SqlState) -> Kind {
    match code.code() {
        "53100" => Kind::Full,
        // Serialization failure, deadlock, lock timeout, statement timeout or a cancelled query.
        "40001" | "40P01" | "55P03" | "57014" => Kind::Again,
        // A server that became read-only has been replaced as the primary.
        "25006" => Kind::Gone,
        // Connection trouble, too many connections, out of memory, and operator intervention: shutdown, crash, starting.
        code if ["08", "53", "57"].contains(&&code[..2]) => Kind::Gone,
        // A transaction or session that timed out idle; a transaction that had failed before.
        "25P03" | "25P02" => Kind::Gone,
        _ => Kind::Refused,
    }
}

/// The error with all its causes: `tokio_postgres` shows only that there was one.
fn chain(error: &tokio_postgres::Error) -> String {
    if let Some(db) = error.as_db_error() {
        return format!("{} (SQLSTATE {})", db.message(), db.code().code());
    }
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        if let Some(hint) = hint(cause) {
            text = format!("{text} ({hint})");
        }
        source = cause.source();
    }
    text
}

/// What is to be done about a certificate that was refused.
fn hint(cause: &(dyn std::error::Error + 'static)) -> Option<&'static str> {
    let refused = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    match refused.and_then(|refused| refused.downcast_ref::<rustls::Error>())? {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature) => Some(
            "the database's certificate is of none of the authorities that are trusted: store.ca, sslrootcert, or else \
             the system's",
        ),
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => Some("the database's certificate is for another name than the host in store.url"),
        _ => None,
    }
}
