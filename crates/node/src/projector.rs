//! Brings the tables up to date behind the engine, many batches in one transaction.
//!
//! Where nodes share the tables, each could; one does, and the others stand by: they drop what they find projected, and
//! one of them goes on where it stops. No two of them can do harm: see [`Tables::project`].
//!
//! The journal has all that the tables hold, so nothing that happens to them ends a node: while they take nothing they
//! stand, and what is let go meanwhile, or what a crash of the database took back, is made once more from the journal.

mod pieces;
mod standby;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use onsale_domain::command::Batch as Commands;
use onsale_domain::row::{Mark, Row};
use onsale_domain::time::Time;
use onsale_journal::{Hash, Head, Limit, Reader};
use onsale_tables::{Coalesced, Error as TablesError, Tables};

use crate::fault;
use crate::lane::Inbox;
use crate::node::OpenError;
use crate::recovery;
use crate::stats::Stats;

use pieces::{Next, Pieces, TRANSACTION_ROWS};
use standby::Standby;

/// A transaction is made too when the oldest row has waited so long.
const DELAY: Duration = Duration::from_millis(250);
/// How long to wait before tables that take nothing are tried again.
const RETRY_PAUSE: Duration = Duration::from_millis(500);
/// How often tables that others write too are looked at while there is nothing to project: they may have gone back.
const LOOK: Duration = Duration::from_secs(5);
/// How far the projector's thread steps back behind the others, as in nice(1).
const NICENESS: i32 = 10;
/// When so many rows wait, large ones counted by their size, the applier waits too, and the node refuses what it
/// cannot take.
const BACKLOG_ROWS_MAX: u64 = 400_000;
/// So many are kept where the tables take nothing, or another node projects. What is let go the journal has.
const KEPT_ROWS_MAX: u64 = 200_000;

struct Batch {
    mark: Mark,
    hash: Hash,
    rows: Vec<Row>,
    weight: u64,
}

/// The applier's end.
pub(crate) struct Feed {
    sender: Sender<Batch>,
    inbox: Arc<Inbox>,
    stats: Arc<Stats>,
}

impl Feed {
    /// One whose rows nobody projects.
    #[cfg(test)]
    pub(crate) fn to_nobody(inbox: Arc<Inbox>, stats: Arc<Stats>) -> Self {
        Self { sender: channel().0, inbox, stats }
    }

    /// Hands a batch's rows on. Waits while too many wait already, but not when the node stops: the journal has them.
    pub(crate) fn send(&self, mark: Mark, hash: Hash, rows: Vec<Row>) {
        let weight = rows.iter().map(Coalesced::weight).sum::<usize>() as u64;
        let backlog = self.stats.projection_backlog.fetch_add(weight, Ordering::Relaxed);
        let _ = self.sender.send(Batch { mark, hash, rows, weight });
        if backlog > BACKLOG_ROWS_MAX {
            self.wait_for_room();
        }
    }

    fn wait_for_room(&self) {
        while self.stats.projection_backlog.load(Ordering::Relaxed) > BACKLOG_ROWS_MAX && !self.inbox.stopping() {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

pub(crate) struct Projector {
    tables: Tables,
    /// For what the rows at hand do not say.
    journal: Box<dyn Reader>,
    incoming: Receiver<Batch>,
    stats: Arc<Stats>,
    /// The batch that the tables are at, as far as is known.
    at: u64,
    /// What is to be projected.
    pieces: Pieces,
    /// Where others project too, and this one does not.
    standby: Option<Standby>,
    shared: bool,
    /// Whether the tables may be another server's by now, which may have another history.
    doubtful: bool,
    /// Why the tables stand, as it was told last.
    told: Option<String>,
}

/// Nobody waits for the tables, and a transaction of many rows keeps a core busy for tens of milliseconds: where cores are
/// scarce those who serve go first.
fn step_aside() {
    let thread = rustix::thread::gettid();
    if let Err(error) = rustix::process::setpriority_process(Some(thread), NICENESS) {
        tracing::debug!(%error, "the projector keeps the priority of the others");
    }
}

impl Projector {
    pub(crate) fn new(
        tables: Tables,
        journal: Box<dyn Reader>,
        at: u64,
        shared: bool,
        inbox: Arc<Inbox>,
        stats: Arc<Stats>,
    ) -> (Feed, Self) {
        let (sender, incoming) = channel();
        stats.projected_seq.store(at, Ordering::Relaxed);
        let feed = Feed { sender, inbox, stats: stats.clone() };
        let (pieces, standby) = (Pieces::new(at), shared.then(Standby::begin));
        let (doubtful, told) = (false, None);
        (feed, Self { tables, journal, incoming, stats, at, pieces, standby, shared, doubtful, told })
    }

    /// Runs until the applier has ended and everything is projected, or the tables take nothing then.
    pub(crate) fn run(mut self) {
        step_aside();
        while self.pieces.next(self.at) != Next::Nothing || self.wait() {
            if fault::is_condemned() {
                // What this node has come to must not get into the tables.
                return;
            }
            let more = self.gather(DELAY, TRANSACTION_ROWS);
            // Whoever stops leaves nothing behind, where it can be helped.
            let goes_on = if self.standby.is_some() && more { self.stand_by() } else { self.project() };
            if !goes_on {
                break;
            }
        }
        if let Err(error) = self.tables.seal() {
            tracing::warn!(%error, "the tables could not be closed cleanly; the journal has all that they hold");
        }
    }

    /// Waits until there is something to project; false when nothing will come.
    fn wait(&mut self) -> bool {
        while self.pieces.next(self.at) == Next::Nothing {
            match self.incoming.recv_timeout(if self.shared { LOOK } else { Duration::MAX }) {
                Ok(batch) => self.take(batch),
                Err(RecvTimeoutError::Timeout) => {
                    self.look();
                }
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
        if let Some(standby) = &mut self.standby {
            // While there was nothing to project nobody was late with it.
            standby.moved = Instant::now();
        }
        true
    }

    /// Takes in what comes within that time, until so many rows are pending; false when no more will come.
    fn gather(&mut self, time: Duration, rows_max: usize) -> bool {
        let until = Instant::now() + time;
        while self.standby.is_some() || self.pieces.rows() < rows_max {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            match self.incoming.recv_timeout(left) {
                Ok(batch) => self.take(batch),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
        true
    }

    fn take(&mut self, batch: Batch) {
        self.pieces.take(batch, self.standby.is_some());
    }

    /// Brings the tables to the newest batch, or leaves that to another node. False when they take nothing and the node
    /// stops: it need not wait for them, as the journal has it all.
    fn project(&mut self) -> bool {
        loop {
            let dropped = self.pieces.drop_until(self.at);
            self.done(dropped);
            let result = match self.pieces.next(self.at) {
                Next::Nothing => return true,
                Next::Write => self.write(),
                Next::Remake => self.remake(),
            };
            match result {
                Ok(()) => self.well(),
                Err(OpenError::Tables(TablesError::Moved { found, .. })) if self.shared && found > self.at => {
                    // Another node projects.
                    self.found(found);
                    self.standby = Some(Standby::begin());
                    return true;
                }
                Err(OpenError::Tables(TablesError::Moved { found, .. })) if found < self.at => self.found(found),
                Err(error) => {
                    self.stand(&error);
                    if !self.gather(RETRY_PAUSE, usize::MAX) {
                        return false;
                    }
                    self.shed();
                }
            }
        }
    }

    /// The tables are elsewhere than this node knew.
    fn found(&mut self, found: u64) {
        if found < self.at {
            tracing::warn!(found, at = self.at, "the database has lost what was projected last; it is made once more");
            self.doubtful = true;
        }
        self.at = found;
    }

    /// Makes a transaction of the first piece.
    fn write(&mut self) -> Result<(), OpenError> {
        let Some(mut piece) = self.pieces.pop() else { return Ok(()) };
        let (mark, hash) = piece.newest;
        let rows = piece.rows.drain();
        let result = self.confirm(&mark, hash).and_then(|()| self.transact(&mark, hash, &rows));
        match &result {
            Ok(()) => self.done(piece.weight),
            Err(_) => self.pieces.put_back(piece, rows),
        }
        result
    }

    fn transact(&mut self, mark: &Mark, hash: Hash, rows: &[Row]) -> Result<(), OpenError> {
        let start = Instant::now();
        self.tables.project(self.at, mark, hash.as_bytes(), rows)?;
        self.at = mark.seq;
        self.stats.projected_rows.fetch_add(rows.len() as u64, Ordering::Relaxed);
        self.stats.projection_us.record_us(start.elapsed());
        Ok(())
    }

    /// After a failure the tables may be those of a server that took the place of the one before: rows of what it has
    /// lost must not come into them.
    fn confirm(&mut self, mark: &Mark, hash: Hash) -> Result<(), OpenError> {
        if self.doubtful {
            self.journal.expect(&Head { seq: mark.seq, time_ms: mark.time.0, hash })?;
            self.doubtful = false;
        }
        Ok(())
    }

    /// Brings the tables forward from the journal, as a start does: with an engine that begins where they stand.
    fn remake(&mut self) -> Result<(), OpenError> {
        let until = self.pieces.newest();
        let stored = self.tables.snapshot()?;
        self.at = stored.as_ref().map_or(0, |stored| stored.mark.seq);
        let mut engine = recovery::engine(&mut self.tables, stored.as_ref())?;
        if let Some(stored) = &stored {
            let (seq, time_ms) = (stored.mark.seq, stored.mark.time.0);
            self.journal.expect(&Head { seq, time_ms, hash: stored.hash.into() })?;
        }
        tracing::info!(from = self.at, until, "rows for the tables are made from the journal");
        let mut made = Coalesced::default();
        while engine.mark().seq < until {
            let read = self.journal.read_from(engine.mark().seq + 1, Limit::default())?;
            let Some(last) = read.last().map(|entry| entry.hash) else {
                return Err(OpenError::JournalShort { seq: until });
            };
            for entry in read {
                let batch = Commands::decode(&entry.payload)
                    .map_err(|error| OpenError::Undecodable { seq: entry.seq, reason: error.to_string() })?;
                let mut rows = Vec::new();
                engine.apply(entry.seq, Time(entry.time_ms), &batch, &mut rows);
                rows.into_iter().for_each(|row| made.push(row));
            }
            if made.len() >= TRANSACTION_ROWS || engine.mark().seq >= until {
                self.transact(&engine.mark(), last, &made.drain())?;
                self.take_ready();
            }
        }
        Ok(())
    }

    /// Takes in what has come meanwhile.
    fn take_ready(&mut self) {
        while let Ok(batch) = self.incoming.try_recv() {
            self.take(batch);
        }
        self.shed();
    }

    /// Keeps memory bounded while rows cannot be, or need not be, written here.
    fn shed(&mut self) {
        if self.pieces.weight() > KEPT_ROWS_MAX {
            let dropped = self.pieces.drop_all();
            self.done(dropped);
        }
    }

    fn done(&self, weight: u64) {
        self.stats.projected_seq.store(self.at, Ordering::Release);
        self.stats.projection_backlog.fetch_sub(weight, Ordering::Relaxed);
    }

    /// Finds where others have brought the tables; false when it cannot be told.
    fn look(&mut self) -> bool {
        match self.tables.refresh() {
            Ok(found) => {
                if found > self.at
                    && let Some(standby) = &mut self.standby
                {
                    standby.moved = Instant::now();
                }
                self.found(found);
                self.well();
                true
            }
            Err(error) => {
                self.stand(&error.into());
                false
            }
        }
    }

    /// Drops what others have projected, and takes over where nobody does. False when the node stops and the tables take
    /// nothing.
    fn stand_by(&mut self) -> bool {
        let is_known = self.look();
        let dropped = self.pieces.drop_until(self.at);
        self.done(dropped);
        self.shed();
        if !is_known {
            return true;
        }
        let is_idle = self.pieces.next(self.at) == Next::Nothing;
        let jitter = 0.75 + rand::random::<f64>() / 2.0;
        match &mut self.standby {
            Some(standby) if is_idle => standby.moved = Instant::now(),
            Some(standby) if standby.is_over(Instant::now(), self.pieces.age(), self.pieces.weight(), jitter) => {
                tracing::info!(seq = self.at, "this node projects from here on");
                self.standby = None;
                return self.project();
            }
            Some(_) | None => {}
        }
        true
    }

    /// The tables take nothing: that is told, once for each reason in a row, and tried again. The journal has everything,
    /// so nobody who buys needs them.
    fn stand(&mut self, error: &OpenError) {
        self.doubtful = true;
        self.stats.tables_stand.store(true, Ordering::Relaxed);
        let reason = error.to_string();
        if self.told.as_ref() != Some(&reason) {
            tracing::error!(reason, seq = self.at, "the tables stand; trying again until they can be written");
            self.told = Some(reason);
        }
    }

    fn well(&mut self) {
        if self.told.take().is_some() {
            self.stats.tables_stand.store(false, Ordering::Relaxed);
            tracing::info!(seq = self.at, "the tables can be written again");
        }
    }
}
