//! Brings the tables up to date behind the engine, many batches in one transaction.
//!
//! Where nodes share the tables, each could; one does, and the others stand by: they drop what they find projected, and
//! one of them goes on where it stops. No two of them can do harm: see [`Tables::project`].

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use onsale_domain::row::{Mark, Row};
use onsale_journal::Hash;
use onsale_tables::{Coalesced, Error, Tables};

use crate::lane::Inbox;
use crate::stats::Stats;

/// A transaction is made when so many rows have gathered: larger ones are cheaper by the row.
const TRANSACTION_ROWS: usize = 20_000;
/// Or when the oldest row has waited so long.
const DELAY: Duration = Duration::from_millis(250);
/// How long to wait before tables that take nothing are tried again.
const RETRY_PAUSE: Duration = Duration::from_millis(500);
/// After so long without a change in the tables, one that stands by takes over.
const TAKE_OVER: Duration = Duration::from_millis(1_500);
/// One that stands by gathers rows in pieces of so much time, to drop them piece by piece.
const PIECE: Duration = Duration::from_millis(1_000);
/// How far the projector's thread steps back behind the others, as in nice(1).
const NICENESS: i32 = 10;
/// When so many rows wait, large ones counted by their size, the applier waits too, and the node refuses what it
/// cannot take.
const BACKLOG_ROWS_MAX: u64 = 400_000;

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

/// Rows of consecutive batches, to be projected together.
struct Piece {
    rows: Coalesced,
    /// Where they lead.
    newest: (Mark, Hash),
    weight: u64,
    begun: Instant,
}

pub(crate) struct Projector {
    tables: Tables,
    incoming: Receiver<Batch>,
    stats: Arc<Stats>,
    /// The batch that the tables are at, as far as is known.
    at: u64,
    /// What is to be projected, the oldest first.
    pieces: VecDeque<Piece>,
    /// Where others project too: whether this one stands by, and since when the tables have not changed.
    standby: Option<Instant>,
    shared: bool,
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
    pub(crate) fn new(tables: Tables, at: u64, shared: bool, inbox: Arc<Inbox>, stats: Arc<Stats>) -> (Feed, Self) {
        let (sender, incoming) = channel();
        stats.projected_seq.store(at, Ordering::Relaxed);
        let feed = Feed { sender, inbox, stats: stats.clone() };
        let standby = shared.then(Instant::now);
        (feed, Self { tables, incoming, stats, at, pieces: VecDeque::new(), standby, shared })
    }

    /// Runs until the applier has ended and everything is projected, or the tables take nothing then.
    pub(crate) fn run(mut self) {
        step_aside();
        while !self.pieces.is_empty() || self.wait() {
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

    /// Waits for a batch; false when none will come.
    fn wait(&mut self) -> bool {
        let is_there = self.incoming.recv().map(|batch| self.take(batch)).is_ok();
        if let Some(since) = &mut self.standby {
            // While there was nothing to project nobody was late with it.
            *since = Instant::now();
        }
        is_there
    }

    /// Takes in what comes within that time, until so many rows are pending; false when no more will come.
    fn gather(&mut self, time: Duration, rows_max: usize) -> bool {
        let until = Instant::now() + time;
        while self.standby.is_some() || self.pieces.iter().map(|piece| piece.rows.len()).sum::<usize>() < rows_max {
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
        let Batch { mark, hash, rows, weight } = batch;
        let is_full = |piece: &Piece| self.standby.is_some() && piece.begun.elapsed() > PIECE;
        if self.pieces.back().is_none_or(is_full) {
            let rows = Coalesced::default();
            self.pieces.push_back(Piece { rows, newest: (mark, hash), weight: 0, begun: Instant::now() });
        }
        if let Some(piece) = self.pieces.back_mut() {
            piece.newest = (mark, hash);
            piece.weight += weight;
            rows.into_iter().for_each(|row| piece.rows.push(row));
        }
    }

    /// Makes a transaction of each piece. False when the tables take nothing and the node stops: it need not wait for
    /// them, as the journal has it all. Nothing later may be projected then.
    fn project(&mut self) -> bool {
        while let Some(mut piece) = self.pieces.pop_front() {
            let (mark, hash) = piece.newest;
            let rows = piece.rows.drain();
            let start = Instant::now();
            let mut told = None;
            while self.at < mark.seq {
                let Err(error) = self.tables.project(self.at, &mark, hash.as_bytes(), &rows) else {
                    self.at = mark.seq;
                    self.stats.projected_rows.fetch_add(rows.len() as u64, Ordering::Relaxed);
                    break;
                };
                if let Error::Moved { found, .. } = error
                    && self.shared
                    && found > self.at
                {
                    // Another node projects.
                    self.at = found;
                    self.standby = Some(Instant::now());
                    self.put_back(piece, rows);
                    return true;
                }
                refused(&error, mark.seq, &mut told);
                if !self.gather(RETRY_PAUSE, usize::MAX) {
                    return false;
                }
            }
            if told.is_some() {
                tracing::info!(seq = mark.seq, "the tables can be written again");
            }
            self.stats.projection_us.record_us(start.elapsed());
            self.done(self.at, piece.weight);
        }
        true
    }

    /// Keeps rows for when this node projects again. Written behind where others have brought the tables, the outcome is
    /// the same.
    fn put_back(&mut self, mut piece: Piece, rows: Vec<Row>) {
        rows.into_iter().for_each(|row| piece.rows.push(row));
        self.pieces.push_front(piece);
    }

    fn done(&self, seq: u64, weight: u64) {
        self.stats.projected_seq.store(seq, Ordering::Release);
        self.stats.projection_backlog.fetch_sub(weight, Ordering::Relaxed);
    }

    /// Drops what others have projected, and takes over where nobody does. Always true: it goes on.
    fn stand_by(&mut self) -> bool {
        let found = match self.tables.refresh() {
            Ok(found) => found,
            Err(error) => {
                tracing::debug!(%error, "whether another node projects cannot be told");
                return true;
            }
        };
        if found > self.at {
            self.at = found;
            self.standby = Some(Instant::now());
        }
        while self.pieces.front().is_some_and(|piece| piece.newest.0.seq <= found) {
            if let Some(piece) = self.pieces.pop_front() {
                self.done(found, piece.weight);
            }
        }
        let is_idle = self.pieces.is_empty();
        let patience = TAKE_OVER.mul_f64(0.75 + rand::random::<f64>() / 2.0);
        match self.standby {
            _ if is_idle => self.standby = Some(Instant::now()),
            Some(since) if since.elapsed() > patience => {
                tracing::info!(seq = found, "this node projects from here on");
                self.standby = None;
                return self.project();
            }
            Some(_) | None => {}
        }
        true
    }
}

/// Tells why the tables take nothing, once for each reason in a row. Where waiting cannot help the process stops: the
/// journal has everything, so a restart rebuilds what is missing here. Going on would let memory grow.
fn refused(error: &Error, seq: u64, told: &mut Option<String>) {
    if !matches!(error, Error::Full(_) | Error::Busy(_) | Error::Away(_)) {
        tracing::error!(%error, seq, "the tables cannot be written; stopping");
        std::process::exit(1);
    }
    let reason = error.to_string();
    if told.as_ref() != Some(&reason) {
        tracing::error!(%error, seq, "the tables cannot be written; trying again until they can");
        *told = Some(reason);
    }
}
