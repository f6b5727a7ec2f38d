use std::ops::ControlFlow;

use rusqlite::Connection;

use super::store::Store;
use super::{connection, truncate, verify};
use crate::{Entry, Error, Head, Limit};

/// Reads in short transactions: one that stayed open would keep the log from being reused.
pub(super) struct Reader {
    conn: Connection,
    store: Store,
    /// The last place that was read and verified; reading on from it needs no look-up.
    at: Head,
}

impl Reader {
    pub(super) fn open(store: &Store) -> Result<Self, Error> {
        let conn = connection::reader(&store.dir)?;
        Ok(Self { conn, store: store.clone(), at: store.genesis() })
    }

    /// Runs `read` on one unchanging view of the store, with the place at which the kept entries begin.
    fn view<T>(&self, read: impl FnOnce(&Connection, Head) -> Result<T, Error>) -> Result<T, Error> {
        let view = self
            .conn
            .unchecked_transaction()
            .map_err(|source| connection::reading(self.at.seq + 1, "reading the journal", source))?;
        read(&view, truncate::base(&view, &self.store)?)
    }
}

impl crate::Reader for Reader {
    fn read_from(&mut self, seq: u64, limit: Limit) -> Result<Vec<Entry>, Error> {
        let seq = seq.max(1);
        let (entries, end) = self.view(|conn, base| {
            let Some(from) = before(conn, base, self.at, seq)? else { return Ok((Vec::new(), self.at)) };
            let mut taken = Vec::new();
            let mut bytes = 0;
            let end = verify::walk(conn, from, |link, hash| {
                bytes += link.payload.len();
                taken.push(Entry {
                    seq: link.seq,
                    time_ms: link.time_ms,
                    node: link.node,
                    number: link.number,
                    hash,
                    payload: link.payload.to_vec(),
                });
                if taken.len() >= limit.entries || bytes >= limit.bytes {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            })?;
            Ok((taken, end))
        })?;
        self.at = end;
        Ok(entries)
    }

    fn head(&mut self) -> Result<Head, Error> {
        self.view(verify::last)
    }

    fn find(&mut self, seq: u64) -> Result<Option<Head>, Error> {
        self.view(|conn, base| match seq.cmp(&base.seq) {
            std::cmp::Ordering::Less => Err(Error::Truncated { seq, checkpoint_seq: base.seq }),
            std::cmp::Ordering::Equal => Ok(Some(base)),
            std::cmp::Ordering::Greater => verify::at(conn, seq),
        })
    }
}

/// The place before entry `seq`, from which the chain is followed; nothing if the journal has not come so far.
fn before(conn: &Connection, base: Head, at: Head, seq: u64) -> Result<Option<Head>, Error> {
    let wanted = seq - 1;
    if wanted < base.seq {
        return Err(Error::Truncated { seq, checkpoint_seq: base.seq });
    }
    for known in [base, at] {
        if known.seq == wanted {
            return Ok(Some(known));
        }
    }
    if let Some(found) = verify::at(conn, wanted)? {
        return Ok(Some(found));
    }
    if verify::last(conn, base)?.seq > wanted {
        return Err(Error::corrupt(wanted, "it is missing"));
    }
    Ok(None)
}
