//! What making a store of a copy needs: where it is to end, what is behind that, and what remains of a journal that was lost.

use std::ops::ControlFlow;
use std::path::Path;

use rusqlite::Connection;

use super::connection::{self, reading, writing};
use super::lock::Lock;
use super::read_only::ReadOnly;
use super::store::{Opened, Store};
use super::{row, truncate, verify};
use crate::{Entry, Error, Head};

/// How far a store is restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// With this entry.
    Seq(u64),
    /// With the last entry at this moment or before it, in milliseconds since 1970 in UTC.
    TimeMs(u64),
}

impl ReadOnly {
    /// The last entry until then, or the checkpoint; `None` where the journal begins later, or ends before that entry. Before its first
    /// entry a store is none.
    ///
    /// # Errors
    /// [`Error::Corrupt`]; [`Error::Io`].
    pub fn last(&self, until: Until) -> Result<Option<Head>, Error> {
        const UNTIL: &str =
            "select seq, time_ms, hash from entry where seq > ?1 and time_ms <= ?2 order by seq desc limit 1";
        let store = self.store();
        let conn = connection::reader(&store.dir)?;
        let base = truncate::base(&conn, store)?;
        match until {
            Until::Seq(0) => Ok(None),
            Until::Seq(seq) if seq == base.seq => Ok(Some(base)),
            Until::Seq(seq) if seq > base.seq => verify::at(&conn, seq),
            Until::Seq(_) => Ok(None),
            Until::TimeMs(time_ms) => {
                let failed = |source| reading(base.seq + 1, "reading the journal", source);
                let mut query = conn.prepare(UNTIL).map_err(failed)?;
                // No time that SQLite cannot have is in the journal.
                let latest = i64::try_from(time_ms).unwrap_or(i64::MAX);
                let mut rows = query.query([row::signed(base.seq), latest]).map_err(failed)?;
                match rows.next().map_err(failed)? {
                    Some(found) => row::head(found).map(Some).map_err(failed),
                    None => Ok((base.seq > 0 && base.time_ms <= time_ms).then_some(base)),
                }
            }
        }
    }
}

/// Takes what is behind entry `seq` out of a copy that nobody has opened yet, for good.
///
/// # Errors
/// [`Error::Locked`]; [`Error::Full`]; [`Error::Io`].
pub fn cut(dir: &Path, seq: u64) -> Result<(), Error> {
    let _lock = Lock::take(dir)?;
    let conn = connection::writer(dir)?;
    conn.execute("delete from entry where seq > ?1", [row::signed(seq)]).map_err(|source| writing(&source))?;
    Ok(())
}

/// What remains of a journal whose store was lost, behind the end of a copy.
pub struct Remains {
    conn: Connection,
    from: Head,
    _lock: Lock,
}

impl Remains {
    /// Looks for the copy's end, `from`, in the journal of `dir`. Nothing there is changed.
    ///
    /// # Errors
    /// [`Error::Locked`] while a server runs on it; [`Error::Format`] where it is no journal, another store's, or does not have that
    /// entry; [`Error::Corrupt`]; [`Error::Io`].
    pub fn open(dir: &Path, store_id: u64, from: Head) -> Result<Self, Error> {
        let Opened { store, conn, lock } = Store::open_read_only(dir)?;
        let refuse = |reason: &str| Err(Error::Format { path: connection::path(dir), reason: reason.to_owned() });
        if store.id != store_id {
            return refuse("it is another store's");
        }
        let base = truncate::base(&conn, &store)?;
        if base.seq > from.seq {
            return refuse(&format!("it begins behind entry {}, and the copy ends before", base.seq));
        }
        let found = if base.seq == from.seq { Some(base) } else { verify::at(&conn, from.seq)? };
        match found {
            Some(found) if found == from => Ok(Self { conn, from, _lock: lock }),
            Some(_) => refuse("it is of another history than the copy"),
            None => refuse(&format!("it ends before entry {}, at which the copy does", from.seq)),
        }
    }

    /// Hands on what can be read, in order, until `each` has enough; what is wrong behind it, if anything is.
    pub fn read(&self, mut each: impl FnMut(Entry) -> ControlFlow<()>) -> Option<Error> {
        let read = verify::walk(&self.conn, self.from, |link, hash| {
            let (seq, time_ms, node, number) = (link.seq, link.time_ms, link.node, link.number);
            each(Entry { seq, time_ms, node, number, hash, payload: link.payload.to_vec() })
        });
        read.err()
    }
}
