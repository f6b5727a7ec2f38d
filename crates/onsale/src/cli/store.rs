//! Commands on a store as a whole.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser as _};
use jiff::SignedDuration;
use onsale_domain::time::Time;
use onsale_journal::local::Until;

use crate::bucket::Address;

pub(super) const AUDIT_EXAMPLES: &str = "\
Examples:
  onsale audit --data onsale-data
  onsale audit --data onsale-data --json
  onsale audit --store postgres://onsale@db/onsale
  onsale audit --copy s3://backups/onsale

It exits with 0 only when everything holds. A server that owns the directory must be stopped; those that share a database
may run. Nothing is changed.";

pub(super) const BACKUP_EXAMPLES: &str = "\
Examples:
  onsale backup --data /var/lib/onsale --to /backup/onsale
  onsale backup --data /var/lib/onsale --to /backup/onsale --every 5s
  onsale backup --data /var/lib/onsale --to s3://backups/onsale --every 5s

The first copy is whole; each later one to the same place adds what the journal has more. What it makes in a directory is a
data directory: it can be audited, and a server starts on it. It has the store's keys: keep it as secret as the store.

A bucket is Amazon's, or that of the server in AWS_ENDPOINT_URL; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY say who asks.";

pub(super) const RESTORE_EXAMPLES: &str = "\
Examples:
  onsale restore --from /backup/onsale --data /var/lib/onsale
  onsale restore --from /backup/onsale --data /var/lib/onsale --old /var/lib/onsale.lost --lost lost.csv
  onsale restore --from s3://backups/onsale --data /var/lib/onsale --until 2027-05-01T10:00:00Z

The copy stays as it is. Reservations, payments, movements of money and users are numbered far behind whatever the store may have given
out until --lost-until, and tokens of that time open nothing. The store is audited before it gets its name.";

pub(super) const COMPACT_EXAMPLES: &str = "\
Examples:
  onsale compact --data onsale-data
  onsale compact --store postgres://onsale@db/onsale

A start verifies the whole journal, at up to a gigabyte a second; this makes it short again. What came before cannot be
replayed any more: back the store up first. The tables keep all history, and `onsale audit` goes on from here. A store in
a directory must be stopped; nodes that share one in a database go on.";

pub(super) const MIGRATE_EXAMPLES: &str = "\
Example:
  onsale migrate-store --data onsale-data --store postgres://onsale@db/onsale
  onsale audit --store postgres://onsale@db/onsale

Journal, tables and keys move as they are: tokens that are out stay valid. A run that was broken off leaves nothing behind.
One that was not leaves a file \"moved\" in the directory, and a start there is refused. Removing it is the way back.";

/// Which store; without either, the database that ONSALE_STORE__URL names.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub(crate) struct Where {
    /// The data directory
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The PostgreSQL database [default: what the environment has in ONSALE_STORE__URL]
    #[arg(long, value_name = "URL")]
    pub(crate) store: Option<String>,
}

/// The certificate of the database's authority.
#[derive(Args, Debug)]
pub(crate) struct Authority {
    /// A PEM file with the certificate of the database's authority
    #[arg(long, value_name = "FILE", env = "ONSALE_STORE__CA")]
    pub(crate) store_ca: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct Audit {
    #[command(flatten)]
    pub(crate) of: Where,
    #[command(flatten)]
    pub(crate) authority: Authority,
    /// A copy in a bucket, as s3://BUCKET/PREFIX: it is read as a whole
    #[arg(long, value_name = "PLACE", conflicts_with_all = ["data", "store"])]
    pub(crate) copy: Option<Address>,
    /// Print the report as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Backup {
    /// The data directory; a server may own it
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Where the copy is, or is made: a directory, or s3://BUCKET/PREFIX
    #[arg(long, value_name = "PLACE", value_parser = OsStringValueParser::new().try_map(place))]
    pub(crate) to: CopyPlace,
    /// Go on, and add what is new so often, until it is stopped
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) every: Option<Duration>,
    /// Do not prove the copy by a replay, which takes as long as a start on it
    #[arg(long)]
    pub(crate) no_audit: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Restore {
    /// The copy, as onsale backup made it: a directory, or s3://BUCKET/PREFIX
    #[arg(long, value_name = "PLACE", value_parser = OsStringValueParser::new().try_map(place))]
    pub(crate) from: CopyPlace,
    /// The new data directory, in which there must be nothing
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Leave out what came behind this entry, or after this time (as 2027-05-01T10:00:00Z)
    #[arg(long, value_name = "ENTRY|TIME", value_parser = until)]
    pub(crate) until: Option<Until>,
    /// When the store served last; nothing was given out later [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) lost_until: Option<Time>,
    /// What remains of the lost store's directory: what can be read of it behind the copy's end is listed
    #[arg(long, value_name = "DIR")]
    pub(crate) old: Option<PathBuf>,
    /// The file for that list, which must not exist
    #[arg(long, value_name = "FILE", requires = "old")]
    pub(crate) lost: Option<PathBuf>,
    /// How the list is written
    #[arg(long, value_enum, default_value_t = super::ExportFormat::Csv, requires = "lost")]
    pub(crate) format: super::ExportFormat,
    /// The machine's clock is right, however far it is from the time of the copy's last entry
    #[arg(long)]
    pub(crate) trust_clock: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Compact {
    #[command(flatten)]
    pub(crate) of: Where,
    #[command(flatten)]
    pub(crate) authority: Authority,
}

#[derive(Args, Debug)]
pub(crate) struct MigrateStore {
    /// The data directory of a stopped server; only a file "moved" is added
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// The PostgreSQL database, in which there must be no store yet
    #[arg(long, value_name = "URL", env = "ONSALE_STORE__URL", hide_env_values = true)]
    pub(crate) store: String,
    #[command(flatten)]
    pub(crate) authority: Authority,
}

/// Where a copy is.
#[derive(Clone, Debug)]
pub(crate) enum CopyPlace {
    Directory(PathBuf),
    Bucket(Address),
}

impl fmt::Display for CopyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) => path.display().fmt(f),
            Self::Bucket(address) => address.fmt(f),
        }
    }
}

fn place(text: OsString) -> Result<CopyPlace, String> {
    match text.to_str() {
        Some(text) if Address::is_meant(text) => text.parse().map(CopyPlace::Bucket),
        Some("") => Err("it names nothing".to_owned()),
        _ => Ok(CopyPlace::Directory(text.into())),
    }
}

/// A second at least: each time the journal's end is looked for on the disk that every sale waits for.
fn duration(text: &str) -> Result<Duration, String> {
    let parsed = text.parse::<SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok());
    match parsed {
        Some(duration) if duration >= Duration::from_secs(1) => Ok(duration),
        Some(_) => Err("it must be at least 1s".to_owned()),
        None => Err("it must be a duration such as 5s or 10m".to_owned()),
    }
}

/// An entry's number, or a time.
fn until(text: &str) -> Result<Until, String> {
    match text.parse() {
        Ok(seq) => Ok(Until::Seq(seq)),
        Err(_) => time(text).map(|time| Until::TimeMs(time.0)),
    }
}

fn time(text: &str) -> Result<Time, String> {
    onsale_catalog::absolute(text)
}
