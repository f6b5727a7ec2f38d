//! The thread that writes the tables, and the way to it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use onsale_domain::engine::Engine;
use onsale_journal::{Head, Limit, Reader};
use onsale_tables::Tables;

use super::{Part, Timer};
use crate::core::fault::Fault;
use crate::core::projector::{Batch, Projector, Todo};
use crate::lane::Inbox;
use crate::open_error::OpenError;
use crate::recovery;
use crate::stats::Stats;

/// How far the projector's thread steps back behind the others, as in nice(1).
const NICENESS: i32 = 10;
/// When so many rows wait, large ones counted by their size, the applier waits too, and the node refuses what it
/// cannot take.
const BACKLOG_ROWS_MAX: u64 = 400_000;

/// The applier's end.
pub(crate) struct Feed {
    sender: Sender<Batch>,
    inbox: Arc<Inbox>,
    stats: Arc<Stats>,
}

impl Feed {
    pub(crate) fn new(inbox: Arc<Inbox>, stats: Arc<Stats>) -> (Self, Receiver<Batch>) {
        let (sender, receiver) = channel();
        (Self { sender, inbox, stats }, receiver)
    }

    /// Hands a batch's rows on. Waits while too many wait already, but not when the node stops: the journal has them.
    pub(crate) fn send(&self, batch: Batch) {
        let backlog = self.stats.projection_backlog.fetch_add(batch.weight, Ordering::Relaxed);
        let _ = self.sender.send(batch);
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

pub(crate) struct Projecting {
    pub(crate) core: Projector,
    pub(crate) timer: Timer,
    pub(crate) tables: Tables,
    /// For what the rows at hand do not say.
    pub(crate) journal: Box<dyn Reader>,
    pub(crate) incoming: Receiver<Batch>,
    pub(crate) inbox: Arc<Inbox>,
}

impl Part for Projecting {
    const NAME: &'static str = "projector";

    /// Runs until the applier has ended and everything is projected, or the tables take nothing then.
    fn run(&mut self) -> Result<(), Fault> {
        step_aside();
        loop {
            if self.inbox.is_condemned() {
                // What this node has come to must not get into the tables.
                return Ok(());
            }
            match self.core.next(self.timer.elapsed()) {
                Todo::Take { within } => self.take(within),
                Todo::Drain => self.drain(),
                Todo::Confirm(head) => {
                    let confirmed = self.journal.expect(&head);
                    self.core.confirmed(confirmed, self.timer.elapsed());
                }
                Todo::Write => self.write(),
                Todo::Load => {
                    let loaded = self.load();
                    self.core.loaded(loaded, self.timer.elapsed());
                }
                Todo::Read { seq } => {
                    let read = self.journal.read_from(seq, Limit::default());
                    self.core.read(read, self.timer.elapsed());
                }
                Todo::Refresh => {
                    let refreshed = self.tables.refresh();
                    self.core.refreshed(refreshed, self.timer.elapsed());
                }
                Todo::End => break,
            }
        }
        if let Err(error) = self.tables.seal() {
            tracing::warn!(%error, "the tables could not be closed cleanly; the journal has all that they hold");
        }
        Ok(())
    }
}

impl Projecting {
    fn take(&mut self, within: Option<Duration>) {
        match self.incoming.recv_timeout(within.unwrap_or(Duration::MAX)) {
            Ok(batch) => self.core.take(batch, self.timer.elapsed()),
            Err(RecvTimeoutError::Timeout) => self.core.nothing_came(),
            Err(RecvTimeoutError::Disconnected) => self.core.end(),
        }
    }

    fn drain(&mut self) {
        while let Ok(batch) = self.incoming.try_recv() {
            self.core.take(batch, self.timer.elapsed());
        }
    }

    fn write(&mut self) {
        let (from, mark, hash, rows) = self.core.transaction();
        let written = self.tables.project(from, mark, hash.as_bytes(), rows);
        self.core.written(written, self.timer.elapsed());
    }

    /// An engine that stands where the tables do, at a place that is in the journal.
    fn load(&mut self) -> Result<Engine, OpenError> {
        let stored = self.tables.snapshot()?;
        let engine = recovery::engine(&mut self.tables, stored.as_ref())?;
        if let Some(stored) = &stored {
            let (seq, time_ms) = (stored.mark.seq, stored.mark.time.0);
            self.journal.expect(&Head { seq, time_ms, hash: stored.hash.into() })?;
        }
        Ok(engine)
    }
}

/// Nobody waits for the tables, and a transaction of many rows keeps a core busy for tens of milliseconds: where cores are
/// scarce those who serve go first.
fn step_aside() {
    let thread = rustix::thread::gettid();
    if let Err(error) = rustix::process::setpriority_process(Some(thread), NICENESS) {
        tracing::debug!(%error, "the projector keeps the priority of the others");
    }
}
