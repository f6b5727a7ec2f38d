use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use super::lock::Lock;
use super::log_end::{self, End};
use super::{connection, row, truncate, verify};
use crate::{Error, Head, genesis};

/// Marks the file as ours ("onsj"), for `file` and for us.
const APPLICATION_ID: i32 = 0x6f6e_736a;
/// The version of the layout below, and of what the hashes cover.
const FORMAT: i32 = 1;

const LAYOUT: &str = "
    create table store (
        id integer primary key check (id = 1),
        store_id integer not null
    ) strict;
    create table checkpoint (
        id integer primary key check (id = 1),
        seq integer not null,
        time_ms integer not null,
        hash blob not null,
        fingerprint integer not null,
        seal blob not null
    ) strict;
    create table entry (
        seq integer primary key,
        time_ms integer not null,
        node integer not null,
        number integer not null,
        hash blob not null,
        payload blob not null
    ) strict;";

/// Which store is in which data directory.
#[derive(Clone)]
pub(super) struct Store {
    pub(super) id: u64,
    pub(super) dir: Arc<Path>,
}

/// A data directory that this process owns.
pub(super) struct Opened {
    pub(super) store: Store,
    pub(super) conn: Connection,
    pub(super) lock: Lock,
}

impl Store {
    /// Takes `dir`, makes a store in it if it is empty, and gives a connection for writing.
    pub(super) fn open(dir: &Path) -> Result<Opened, Error> {
        fs::create_dir_all(dir).map_err(|source| Error::io(format!("making {}", dir.display()), source))?;
        let lock = Lock::take(dir)?;
        refuse_orphaned_wal(dir)?;
        refuse_damaged_wal(dir)?;
        let mut conn = connection::writer(dir)?;
        let failed = |source| connection::reading(1, format!("preparing {}", connection::path(dir).display()), source);
        if is_empty(&conn).map_err(failed)? {
            create(&mut conn).map_err(failed)?;
            sync_names(dir)?;
        }
        let store = Self::known(dir, &conn)?;
        connection::use_wal(&conn).map_err(failed)?;
        Ok(Opened { store, conn, lock })
    }

    /// Takes `dir`, in which a store must be, and gives a connection that cannot write. The file system must take writes
    /// all the same: who looks locks the directory, and SQLite's readers share an index of the log that they make.
    pub(super) fn open_read_only(dir: &Path) -> Result<Opened, Error> {
        let path = connection::path(dir);
        if !path.exists() {
            return Err(Error::Format {
                path,
                reason: "there is no such file; is this the data directory?".to_owned(),
            });
        }
        let lock = match Lock::take(dir) {
            Err(Error::Io { source, .. }) if is_read_only(&*source) => {
                let reason =
                    "it is on a file system that takes no writes: copy the directory as a whole, and look at the \
                              copy"
                        .to_owned();
                return Err(Error::Format { path, reason });
            }
            lock => lock?,
        };
        refuse_orphaned_wal(dir)?;
        refuse_damaged_wal(dir)?;
        let conn = connection::reader(dir)?;
        Ok(Opened { store: Self::known(dir, &conn)?, conn, lock })
    }

    pub(super) fn genesis(&self) -> Head {
        genesis(self.id)
    }

    pub(super) fn known(dir: &Path, conn: &Connection) -> Result<Self, Error> {
        let path = connection::path(dir);
        let failed = |source| connection::reading(1, format!("reading {}", path.display()), source);
        let refuse = |reason: String| Error::Format { path: path.clone(), reason };
        let pragma = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i32>(0)).map_err(failed);
        if pragma("application_id")? != APPLICATION_ID {
            return Err(refuse("it is another program's database".to_owned()));
        }
        let format = pragma("user_version")?;
        if format != FORMAT {
            return Err(refuse(format!("it has format {format}, and this version knows format {FORMAT}")));
        }
        let id = conn.query_row("select store_id from store", [], |found| row::unsigned(found, 0)).optional();
        let id = id.map_err(failed)?.ok_or_else(|| Error::corrupt(1, "the store's identity is missing"))?;
        Ok(Self { id, dir: dir.into() })
    }
}

fn is_read_only(source: &(dyn std::error::Error + 'static)) -> bool {
    source.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::ReadOnlyFilesystem)
}

fn is_empty(conn: &Connection) -> rusqlite::Result<bool> {
    conn.query_row("select not exists (select 1 from sqlite_schema)", [], |row| row.get(0))
}

/// Makes the whole store in one transaction, so that a crash leaves either nothing or all of it.
fn create(conn: &mut Connection) -> rusqlite::Result<()> {
    connection::lay_out(conn)?;
    let making = conn.transaction()?;
    making.execute_batch(LAYOUT)?;
    making.pragma_update(None, "application_id", APPLICATION_ID)?;
    making.pragma_update(None, "user_version", FORMAT)?;
    making.execute("insert into store values (1, ?1)", [row::signed(rand::random())])?;
    making.commit()
}

/// Makes the names of the directory and of what is in it durable: syncing a file does not.
fn sync_names(dir: &Path) -> Result<(), Error> {
    let full = fs::canonicalize(dir).map_err(|source| Error::io(format!("finding {}", dir.display()), source))?;
    for named in [Some(full.as_path()), full.parent()].into_iter().flatten() {
        File::open(named)
            .and_then(|dir| dir.sync_all())
            .map_err(|source| Error::io(format!("syncing {}", named.display()), source))?;
    }
    Ok(())
}

/// SQLite deletes a log whose database is missing or empty. There may be acknowledged entries in it.
fn refuse_orphaned_wal(dir: &Path) -> Result<(), Error> {
    let database = connection::path(dir);
    let log = database.with_extension("db-wal");
    let bytes = |path: &Path| fs::metadata(path).map_or(0, |found| found.len());
    if bytes(&database) == 0 && bytes(&log) > 0 {
        let reason = format!("{} is there, and the file it belongs to is missing or empty", log.display());
        return Err(Error::corrupt(1, reason));
    }
    Ok(())
}

/// SQLite takes a damaged log for a torn one, and deletes it with what lies behind the damage. This comes before.
pub(super) fn refuse_damaged_wal(dir: &Path) -> Result<(), Error> {
    let log = connection::path(dir).with_extension("db-wal");
    let found = log_end::look(&log).map_err(|source| Error::io(format!("reading {}", log.display()), source))?;
    match found {
        End::Whole => Ok(()),
        End::Torn => {
            tracing::warn!(
                log = %log.display(),
                "the last write to the journal's log is not whole: the machine stopped before it was acknowledged, or the \
                 disk has damaged it since"
            );
            Ok(())
        }
        End::Damaged => {
            let reason = format!("{} has a frame that has changed since it was written", log.display());
            Err(Error::corrupt(last_readable(dir) + 1, reason))
        }
    }
}

/// The last entry before the damage.
fn last_readable(dir: &Path) -> u64 {
    let read = || {
        let conn = connection::reader(dir)?;
        let store = Store::known(dir, &conn)?;
        verify::last(&conn, truncate::base(&conn, &store)?)
    };
    read().map_or(0, |head: Head| head.seq)
}
