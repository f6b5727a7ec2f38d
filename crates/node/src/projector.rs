//! Brings the tables up to date behind the engine, many batches in one transaction.

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

pub(crate) struct Projector {
    tables: Tables,
    incoming: Receiver<Batch>,
    stats: Arc<Stats>,
    /// The batch that the tables are at.
    at: u64,
    pending: Coalesced,
    /// Where the pending rows lead; `None` when none are pending.
    newest: Option<(Mark, Hash)>,
    /// What the pending rows add to the backlog.
    gathered: u64,
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
    pub(crate) fn new(tables: Tables, at: u64, inbox: Arc<Inbox>, stats: Arc<Stats>) -> (Feed, Self) {
        let (sender, incoming) = channel();
        stats.projected_seq.store(at, Ordering::Relaxed);
        let feed = Feed { sender, inbox, stats: stats.clone() };
        (feed, Self { tables, incoming, stats, at, pending: Coalesced::default(), newest: None, gathered: 0 })
    }

    /// Runs until the applier has ended and everything is projected, or the tables take nothing then.
    pub(crate) fn run(mut self) {
        step_aside();
        while self.newest.is_some() || self.wait() {
            self.gather(DELAY, TRANSACTION_ROWS);
            if !self.project() {
                break;
            }
        }
        if let Err(error) = self.tables.seal() {
            tracing::warn!(%error, "the tables could not be closed cleanly; the journal has all that they hold");
        }
    }

    /// Waits for a batch; false when none will come.
    fn wait(&mut self) -> bool {
        self.incoming.recv().map(|batch| self.take(batch)).is_ok()
    }

    /// Takes in what comes within that time, until so many rows are pending; false when no more will come.
    fn gather(&mut self, time: Duration, rows_max: usize) -> bool {
        let until = Instant::now() + time;
        while self.pending.len() < rows_max {
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
        self.gathered += batch.weight;
        self.newest = Some((batch.mark, batch.hash));
        for row in batch.rows {
            self.pending.push(row);
        }
    }

    /// Makes one transaction of what is pending. False when the tables take nothing and the node stops: it need not
    /// wait for them, as the journal has it all. Nothing later may be projected then.
    fn project(&mut self) -> bool {
        let Some((mark, hash)) = self.newest.take() else { return true };
        let gathered = core::mem::take(&mut self.gathered);
        let rows = self.pending.drain();
        let start = Instant::now();
        let mut told = None;
        while let Err(error) = self.tables.project(self.at, &mark, hash.as_bytes(), &rows) {
            refused(&error, mark.seq, &mut told);
            if !self.gather(RETRY_PAUSE, usize::MAX) {
                return false;
            }
        }
        if told.is_some() {
            tracing::info!(seq = mark.seq, "the tables can be written again");
        }
        self.at = mark.seq;
        self.stats.projection_us.record_us(start.elapsed());
        self.stats.projected_rows.fetch_add(rows.len() as u64, Ordering::Relaxed);
        self.stats.projected_seq.store(mark.seq, Ordering::Release);
        self.stats.projection_backlog.fetch_sub(gathered, Ordering::Relaxed);
        true
    }
}

/// Tells why the tables take nothing, once for each reason in a row. Where waiting cannot help the process stops: the
/// journal has everything, so a restart rebuilds what is missing here. Going on would let memory grow.
fn refused(error: &Error, seq: u64, told: &mut Option<String>) {
    if !matches!(error, Error::Full(_) | Error::Busy(_)) {
        tracing::error!(%error, seq, "the tables cannot be written; stopping");
        std::process::exit(1);
    }
    let reason = error.to_string();
    if told.as_ref() != Some(&reason) {
        tracing::error!(%error, seq, "the tables cannot be written; trying again until they can");
        *told = Some(reason);
    }
}
