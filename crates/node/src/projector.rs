//! Brings the tables up to date behind the engine, many batches in one transaction.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use onsale_domain::row::{Mark, Row};
use onsale_journal::Hash;
use onsale_tables::{Coalesced, Error, Tables};

use crate::stats::Stats;

/// A transaction is made when so many rows have gathered: larger ones are cheaper by the row.
const TRANSACTION_ROWS: usize = 20_000;
/// Or when the oldest row has waited so long.
const DELAY: Duration = Duration::from_millis(250);
/// How long to wait before a full disk is tried again.
const FULL_PAUSE: Duration = Duration::from_millis(500);
/// When so many rows wait, the applier waits too, and the node refuses what it cannot take.
const BACKLOG_ROWS_MAX: u64 = 400_000;

struct Batch {
    mark: Mark,
    hash: Hash,
    rows: Vec<Row>,
}

/// The applier's end.
pub(crate) struct Feed {
    sender: Sender<Batch>,
    stats: Arc<Stats>,
}

impl Feed {
    /// Hands a batch's rows on. Waits while too many wait already.
    pub(crate) fn send(&self, mark: Mark, hash: Hash, rows: Vec<Row>) {
        let backlog = self.stats.projection_backlog.fetch_add(rows.len() as u64, Ordering::Relaxed);
        let _ = self.sender.send(Batch { mark, hash, rows });
        if backlog > BACKLOG_ROWS_MAX {
            self.wait_for_room();
        }
    }

    fn wait_for_room(&self) {
        while self.stats.projection_backlog.load(Ordering::Relaxed) > BACKLOG_ROWS_MAX {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

pub(crate) struct Projector {
    tables: Tables,
    incoming: Receiver<Batch>,
    stats: Arc<Stats>,
    /// The batch that the tables are at.
    at: u64,
    pending: Coalesced,
    newest: Option<(Mark, Hash)>,
    gathered: u64,
}

impl Projector {
    pub(crate) fn new(tables: Tables, at: u64, stats: Arc<Stats>) -> (Feed, Self) {
        let (sender, incoming) = channel();
        stats.projected_seq.store(at, Ordering::Relaxed);
        let feed = Feed { sender, stats: stats.clone() };
        (feed, Self { tables, incoming, stats, at, pending: Coalesced::default(), newest: None, gathered: 0 })
    }

    /// Runs until the applier has ended and everything is projected.
    pub(crate) fn run(mut self) {
        while let Ok(batch) = self.incoming.recv() {
            self.take(batch);
            let open = self.gather();
            self.project();
            if !open {
                break;
            }
        }
        if let Err(error) = self.tables.seal() {
            tracing::warn!(%error, "the tables could not be closed cleanly; the journal has all that they hold");
        }
    }

    /// Says whether more may come.
    fn gather(&mut self) -> bool {
        let until = Instant::now() + DELAY;
        while self.pending.len() < TRANSACTION_ROWS {
            match self.incoming.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(batch) => self.take(batch),
                Err(RecvTimeoutError::Timeout) => return true,
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
        true
    }

    fn take(&mut self, batch: Batch) {
        self.gathered += batch.rows.len() as u64;
        self.newest = Some((batch.mark, batch.hash));
        for row in batch.rows {
            self.pending.push(row);
        }
    }

    /// Waits before the next try; false when the node stops, which need not wait for room: the journal has it all.
    fn pause(&mut self) -> bool {
        match self.incoming.recv_timeout(FULL_PAUSE) {
            Ok(batch) => self.take(batch),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return false,
        }
        true
    }

    fn project(&mut self) {
        let Some((mark, hash)) = self.newest.take() else { return };
        let rows = self.pending.drain();
        let start = Instant::now();
        loop {
            match self.tables.project(self.at, &mark, hash.as_bytes(), &rows) {
                Ok(()) => break,
                Err(Error::Full(_)) => {
                    tracing::error!(backlog_rows = rows.len(), "the disk with the tables is full; trying again");
                    if !self.pause() {
                        return;
                    }
                }
                // The journal has everything: a restart rebuilds what is missing here. Going on would let memory grow.
                Err(error) => {
                    tracing::error!(%error, seq = mark.seq, "the tables cannot be written; stopping");
                    std::process::exit(1);
                }
            }
        }
        self.at = mark.seq;
        self.stats.projection_us.record_us(start.elapsed());
        self.stats.projected_rows.fetch_add(rows.len() as u64, Ordering::Relaxed);
        self.stats.projected_seq.store(mark.seq, Ordering::Release);
        self.stats.projection_backlog.fetch_sub(core::mem::take(&mut self.gathered), Ordering::Relaxed);
    }
}
