use std::path::Path;
use std::time::Instant;

use rusqlite::{Connection, params};

use super::files::Files;
use super::lock::Lock;
use super::reader::Reader;
use super::store::{Opened, Store};
use super::verify::{self, Progress};
use super::wal::Keeper;
use super::{connection, repeat, row, truncate, wal};
use crate::clock::{Clock, machine_ms};
use crate::{Appended, Checkpoint, Error, Head, Link, PAYLOAD_BYTES_MAX, Time, Truncated};

/// The journal of the one process that owns a data directory.
pub struct Journal {
    // Before the connection: its thread must end first.
    wal: Keeper,
    conn: Connection,
    store: Store,
    node: u64,
    clock: Clock,
    /// The clock that the journal's time follows.
    wall: fn() -> u64,
    head: Head,
    checkpoint: Option<Checkpoint>,
    /// The last entry of others: all behind it are this node's.
    opened_at: u64,
    number_last: Option<u64>,
    /// What is appended to, to see that it is still what others will find.
    files: Files,
    lost: Option<String>,
    // After the connection: the directory is free when nothing writes any more.
    _lock: Lock,
}

impl Journal {
    /// Opens the store in `dir`, or makes one, and verifies its whole chain.
    ///
    /// # Errors
    /// [`Error::Locked`] if another process owns `dir`; [`Error::Corrupt`] with the first bad entry; [`Error::Format`];
    /// [`Error::Full`]; [`Error::Lost`]; [`Error::Io`].
    pub fn open(dir: &Path) -> Result<Self, Error> {
        Self::open_with(dir, &mut |_| ())
    }

    /// [`Journal::open`], reporting the progress of the verification every 16 MiB.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub fn open_with(dir: &Path, progress: &mut dyn FnMut(Progress)) -> Result<Self, Error> {
        let Opened { store, mut conn, lock } = Store::open(dir)?;
        wal::write_afresh(&conn)?;
        let checkpoint = truncate::load(&conn, store.id)?;
        let base = checkpoint.map_or_else(|| store.genesis(), |sealed| sealed.head());
        let head = verify::all(&conn, base, progress)?;
        let wal = Keeper::start(&store, &mut conn)?;
        let files = Files::at(dir)?;
        let clock = Clock::starting(head.time_ms, machine_ms(), Instant::now());
        let (node, opened_at) = (rand::random(), head.seq);
        let mut journal = Self {
            wal,
            conn,
            store,
            node,
            clock,
            wall: machine_ms,
            head,
            checkpoint,
            opened_at,
            number_last: None,
            files,
            lost: None,
            _lock: lock,
        };
        journal.finish_truncation()?;
        Ok(journal)
    }

    /// Deletes what a crash has left of a truncation. Without room for that it waits for the next opening.
    fn finish_truncation(&mut self) -> Result<(), Error> {
        let Some(sealed) = self.checkpoint else { return Ok(()) };
        while truncate::is_unfinished(&self.conn, sealed.seq)? {
            match crate::Journal::truncate(self, &sealed) {
                Ok(Truncated::Partly | Truncated::Done) => {}
                Err(Error::Full) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn next(&self, number: u64, payload: &[u8], now: Instant, wall_ms: u64) -> Head {
        let (seq, time_ms) = (self.head.seq + 1, self.clock.stamp(now, self.head.time_ms, wall_ms));
        let link = Link { seq, time_ms, node: self.node, number, payload };
        Head { seq, time_ms, hash: link.hash(&self.head.hash) }
    }

    /// One statement on its own is one transaction: begun, committed and, if it fails, rolled back within the call.
    fn insert(&self, next: &Head, number: u64, payload: &[u8]) -> rusqlite::Result<()> {
        let mut insert = self.conn.prepare_cached("insert into entry values (?1, ?2, ?3, ?4, ?5, ?6)")?;
        insert.execute(params![
            row::signed(next.seq),
            row::signed(next.time_ms),
            row::signed(self.node),
            row::signed(number),
            next.hash.as_bytes(),
            payload,
        ])?;
        Ok(())
    }

    fn repeated(&self, number: u64, payload: &[u8]) -> Result<Appended, Error> {
        let kept = self.checkpoint.map_or(0, |sealed| sealed.seq);
        repeat::find(&self.conn, self.opened_at.max(kept) + 1, self.head.seq, number, payload)
    }

    fn check_usable(&self) -> Result<(), Error> {
        self.lost.as_ref().map_or(Ok(()), |reason| Err(Error::Lost { reason: reason.clone() }))
    }

    /// Remembers a loss: after it, nothing may be written as if nothing had happened.
    fn noted<T>(&mut self, result: Result<T, Error>) -> Result<T, Error> {
        if let Err(Error::Lost { reason }) = &result {
            self.lost = Some(reason.clone());
        }
        result
    }

    #[cfg(test)]
    pub(super) fn follow(&mut self, wall: fn() -> u64) {
        self.wall = wall;
    }

    #[cfg(test)]
    pub(super) fn connection(&self) -> &Connection {
        &self.conn
    }

    #[cfg(test)]
    pub(super) fn log_frames(&self) -> u32 {
        self.wal.frames()
    }
}

impl crate::Journal for Journal {
    fn store_id(&self) -> u64 {
        self.store.id
    }

    fn node(&self) -> u64 {
        self.node
    }

    fn time(&self) -> Time {
        self.clock.time(Instant::now())
    }

    fn head(&self) -> Head {
        self.head
    }

    fn append(&mut self, number: u64, payload: &[u8]) -> Result<Appended, Error> {
        self.check_usable()?;
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(Error::TooLarge { bytes: payload.len() });
        }
        if self.number_last.is_some_and(|last| number <= last) {
            return self.repeated(number, payload);
        }
        let tended = self.wal.tend(&self.conn);
        self.noted(tended)?;
        let (now, wall_ms) = (Instant::now(), (self.wall)());
        let (began_ms, next) = (self.clock.now_ms(now), self.next(number, payload, now, wall_ms));
        let inserted = self.insert(&next, number, payload).map_err(|source| connection::writing(&source));
        self.noted(inserted)?;
        let there = self.files.check();
        self.noted(there)?;
        self.wal.grown();
        self.clock.observe(Instant::now(), began_ms, next.time_ms, wall_ms);
        self.head = next;
        self.number_last = Some(number);
        Ok(next)
    }

    fn reader(&self) -> Result<Box<dyn crate::Reader>, Error> {
        Ok(Box::new(Reader::open(&self.store)?))
    }

    /// Finds out whether anybody from outside holds the lock that a write needs.
    fn probe(&mut self) -> Result<(), Error> {
        self.check_usable()?;
        let probed =
            self.conn.execute_batch("begin immediate; rollback").map_err(|source| connection::writing(&source));
        self.noted(probed)
    }

    fn checkpoint(&self) -> Option<Checkpoint> {
        self.checkpoint
    }

    fn truncate(&mut self, checkpoint: &Checkpoint) -> Result<Truncated, Error> {
        self.check_usable()?;
        truncate::check(&self.conn, self.checkpoint, checkpoint)?;
        let tended = self.wal.tend(&self.conn);
        self.noted(tended)?;
        let step = truncate::step(&mut self.conn, self.store.id, checkpoint);
        let done = self.noted(step)?;
        self.wal.grown();
        self.checkpoint = Some(*checkpoint);
        Ok(done)
    }
}
