//! Brings the tables up to date behind the engine, many batches in one transaction.
//!
//! Where nodes share the tables, each could; one does, and the others stand by: they drop what they find projected, and
//! one of them goes on where it stops. No two of them can do harm: see [`onsale_tables::Tables::project`].
//!
//! The journal has all that the tables hold, so nothing that happens to them ends a node: while they take nothing they
//! stand, and what is let go meanwhile, or what a crash of the database took back, is made once more from the journal.

mod knobs;
mod pieces;
mod remake;
mod standby;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use onsale_domain::engine::Engine;
use onsale_domain::feed;
use onsale_domain::row::{Mark, Row};
use onsale_journal::{Entry, Error as JournalError, Hash, Head};
use onsale_tables::{Coalesced, Error as TablesError};
use rand::RngExt as _;
use rand::rngs::SmallRng;

use crate::open_error::OpenError;
use crate::stats::Stats;

pub use knobs::Knobs;
use pieces::{Next, Piece, Pieces};
use remake::Remake;
use standby::Standby;

/// What a batch of commands has changed, and where it led.
pub struct Batch {
    pub mark: Mark,
    pub hash: Hash,
    pub rows: Vec<Row>,
    /// What was before it, to tell what its rows mean.
    before: feed::Before,
    /// How many rows it has, large ones counted by their size.
    pub weight: u64,
}

impl Batch {
    pub fn new(before: feed::Before, mark: Mark, hash: Hash, rows: Vec<Row>) -> Self {
        let weight = rows.iter().map(Coalesced::weight).sum::<usize>() as u64;
        Self { mark, hash, rows, before, weight }
    }
}

/// What the driver is to do, after which it asks again.
pub enum Todo {
    /// Hand in the next batch: wait for it at most so long, or as long as there may be one.
    Take { within: Option<Duration> },
    /// Hand in the batches that are there.
    Drain,
    /// Find out whether this place is in the journal.
    Confirm(Head),
    /// Make the transaction that [`Projector::transaction`] tells of.
    Write,
    /// Load an engine that stands where the tables do.
    Load,
    /// Read the journal from entry `seq` on.
    Read { seq: u64 },
    /// Find out where the tables are.
    Refresh,
    /// Close the tables: nothing more will come, or they take nothing.
    End,
}

/// Where the projector is between two things that its driver does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// There is nothing to project.
    Idle,
    /// For a while nothing came. Others may have written the tables, or their server may have lost what was written.
    Looking,
    /// What comes until then goes into one transaction.
    Gathering {
        until: Duration,
    },
    /// The tables are brought to the newest batch.
    Projecting,
    /// Between two transactions of what is made from the journal.
    Draining,
    /// The tables took nothing, and are not tried again before then.
    Pausing {
        until: Duration,
    },
    /// After that, where others write the tables too: one of them may have gone on with them.
    Returning,
    Ended,
}

/// A transaction that is being made.
struct Transaction {
    mark: Mark,
    hash: Hash,
    rows: Vec<Row>,
    /// What it is of, where it was not made from the journal.
    piece: Option<Piece>,
    /// Whether its place was found in the journal.
    is_confirmed: bool,
    began: Duration,
}

pub struct Projector {
    knobs: Knobs,
    chance: SmallRng,
    stats: Arc<Stats>,
    phase: Phase,
    /// The batch that the tables are at, as far as is known.
    at: u64,
    /// What is to be projected.
    pieces: Pieces,
    writing: Option<Transaction>,
    remake: Option<Remake>,
    /// Where others project too, and this one does not.
    standby: Option<Standby>,
    shared: bool,
    /// Whether no batch will come any more.
    is_ended: bool,
    /// Whether the tables may be another server's by now, which may have another history. From then on each place is
    /// looked for in the journal: behind one that is there may be rows of what is lost, and more may be on their way.
    doubtful: bool,
    /// Why the tables stand, as it was told last.
    told: Option<String>,
}

impl Projector {
    pub fn new(at: u64, shared: bool, stats: Arc<Stats>, knobs: Knobs, chance: SmallRng, now: Duration) -> Self {
        stats.projected_seq.store(at, Ordering::Relaxed);
        Self {
            knobs,
            chance,
            stats,
            phase: Phase::Idle,
            at,
            pieces: Pieces::new(at),
            writing: None,
            remake: None,
            standby: shared.then(|| Standby::begin(now)),
            shared,
            is_ended: false,
            doubtful: false,
            told: None,
        }
    }

    /// What is to be done now, when the node has run for `now`.
    pub fn next(&mut self, now: Duration) -> Todo {
        loop {
            match self.phase {
                Phase::Idle if self.pieces.next(self.at) != Next::Nothing => {
                    self.phase = Phase::Gathering { until: now + self.knobs.delay };
                }
                Phase::Idle if self.is_ended => self.phase = Phase::Ended,
                Phase::Idle => return Todo::Take { within: self.shared.then_some(self.knobs.look) },
                Phase::Looking => return Todo::Refresh,
                Phase::Gathering { until } => {
                    let is_enough = self.standby.is_none() && self.pieces.rows() >= self.knobs.transaction_rows;
                    if !is_enough && !self.is_ended && now < until {
                        return Todo::Take { within: Some(until - now) };
                    }
                    // Whoever stops leaves nothing behind, where it can be helped.
                    if self.standby.is_some() && !self.is_ended {
                        return Todo::Refresh;
                    }
                    self.phase = Phase::Projecting;
                }
                Phase::Projecting => {
                    if let Some(todo) = self.project(now) {
                        return todo;
                    }
                }
                Phase::Draining => {
                    self.phase = Phase::Projecting;
                    return Todo::Drain;
                }
                // The node need not wait for the tables when it stops, as the journal has it all.
                Phase::Pausing { .. } if self.is_ended => self.phase = Phase::Ended,
                Phase::Pausing { until } if now < until => return Todo::Take { within: Some(until - now) },
                Phase::Pausing { .. } => {
                    self.shed();
                    self.phase = if self.shared { Phase::Returning } else { Phase::Projecting };
                }
                Phase::Returning => return Todo::Refresh,
                Phase::Ended => return Todo::End,
            }
        }
    }

    /// Takes in what the applier hands on.
    pub fn take(&mut self, batch: Batch, now: Duration) {
        let time_max = if self.standby.is_some() { self.knobs.piece } else { Duration::MAX };
        let was_idle = self.phase == Phase::Idle;
        self.pieces.take(batch, self.knobs.transaction_rows, time_max, now);
        if let Some(standby) = self.standby.as_mut().filter(|_| was_idle) {
            // While there was nothing to project nobody was late with it.
            standby.moved = now;
        }
        if self.remake.is_some() {
            self.shed();
        }
    }

    /// No batch came in time.
    pub fn nothing_came(&mut self) {
        if self.phase == Phase::Idle {
            self.phase = Phase::Looking;
        }
    }

    /// No batch will come any more.
    pub fn end(&mut self) {
        self.is_ended = true;
    }

    /// From which batch to which, by that batch's hash, and with which rows.
    pub fn transaction(&self) -> (u64, &Mark, Hash, &[Row]) {
        let Some(Transaction { mark, hash, rows, .. }) = &self.writing else {
            unreachable!("there is nothing to write")
        };
        (self.at, mark, *hash, rows)
    }

    /// The next step to bring the tables to the newest batch.
    fn project(&mut self, now: Duration) -> Option<Todo> {
        if let Some(writing) = &self.writing {
            // After a failure the tables may be those of a server that took the place of the one before: rows of what it
            // has lost must not come into them. What is made from the journal is in it.
            let Transaction { mark, hash, piece, is_confirmed, .. } = writing;
            let is_confirmed = *is_confirmed || !self.doubtful || piece.is_none();
            let head = Head { seq: mark.seq, time_ms: mark.time.0, hash: *hash };
            return Some(if is_confirmed { Todo::Write } else { Todo::Confirm(head) });
        }
        if let Some(remake) = &mut self.remake {
            let Some((mark, hash, rows)) = remake.ready(self.knobs.transaction_rows) else {
                return Some(Todo::Read { seq: remake.next() });
            };
            self.writing = Some(Transaction { mark, hash, rows, piece: None, is_confirmed: false, began: now });
            return None;
        }
        let dropped = self.pieces.drop_until(self.at);
        self.done(dropped);
        match self.pieces.next(self.at) {
            Next::Nothing => self.phase = Phase::Idle,
            Next::Remake => return Some(Todo::Load),
            Next::Write => {
                let mut piece = self.pieces.pop()?;
                let ((mark, hash), rows) = (piece.newest, piece.rows.drain());
                self.writing =
                    Some(Transaction { mark, hash, rows, piece: Some(piece), is_confirmed: false, began: now });
            }
        }
        None
    }

    /// Whether what is to be written is in the journal.
    pub fn confirmed(&mut self, result: Result<(), JournalError>, now: Duration) {
        match (result, &mut self.writing) {
            (Ok(()), Some(writing)) => writing.is_confirmed = true,
            (Ok(()), None) => {}
            (Err(error), _) => self.failed(error.into(), now),
        }
    }

    /// What came of the transaction.
    pub fn written(&mut self, result: Result<(), TablesError>, now: Duration) {
        if let Err(error) = result {
            return self.failed(error.into(), now);
        }
        let Some(Transaction { mark, rows, piece, began, .. }) = self.writing.take() else { return };
        self.at = mark.seq;
        self.stats.projected_rows.fetch_add(rows.len() as u64, Ordering::Relaxed);
        self.stats.projection_us.record_us(now.saturating_sub(began));
        match piece {
            Some(piece) => {
                self.done(piece.weight);
                self.pieces.written(piece);
            }
            None if self.remake.as_ref().is_some_and(Remake::is_done) => self.remake = None,
            // It takes a while, and more has come.
            None => return self.phase = Phase::Draining,
        }
        self.well();
    }

    /// An engine that stands where the tables do, and what is there.
    pub fn loaded(&mut self, result: Result<Engine, OpenError>, now: Duration) {
        match result {
            Ok(engine) => {
                self.at = engine.mark().seq;
                // The tables were loaded in a session of its own: what is written next goes through that one.
                self.doubtful |= self.shared;
                let until = self.pieces.newest();
                tracing::info!(from = self.at, until, "rows for the tables are made from the journal");
                self.remake = Some(Remake::new(engine, until));
            }
            Err(error) => self.failed(error, now),
        }
    }

    /// What was read from the journal.
    pub fn read(&mut self, result: Result<Vec<Entry>, JournalError>, now: Duration) {
        let Some(remake) = &mut self.remake else { return };
        if let Err(error) = result.map_err(OpenError::from).and_then(|entries| remake.apply(&entries)) {
            self.failed(error, now);
        }
    }

    /// Keeps memory bounded while rows cannot be, or need not be, written here.
    fn shed(&mut self) {
        if self.pieces.weight() > self.knobs.kept_rows_max {
            let dropped = self.pieces.drop_all();
            self.done(dropped);
        }
    }

    /// What could not be done is tried again. The tables may be elsewhere than this node knew.
    fn failed(&mut self, error: OpenError, now: Duration) {
        self.remake = None;
        if let Some(Transaction { rows, piece: Some(piece), .. }) = self.writing.take() {
            self.pieces.put_back(piece, rows);
        }
        match error {
            OpenError::Tables(TablesError::Moved { found, .. }) if self.shared && found > self.at => {
                self.found(found);
                self.give_way(now);
            }
            OpenError::Tables(TablesError::Moved { found, .. }) if found < self.at => self.found(found),
            error => {
                self.stand(&error);
                self.phase = Phase::Pausing { until: now + self.knobs.retry_pause };
            }
        }
    }

    /// The tables are there, whoever brought them there: what they hold is let go, and it shows at once, as nothing may
    /// come after it for a long time.
    fn found(&mut self, found: u64) {
        if found < self.at {
            tracing::warn!(found, at = self.at, "the database has lost what was projected last; it is made once more");
            self.doubtful = true;
        }
        self.at = found;
        let dropped = self.pieces.drop_until(self.at);
        self.done(dropped);
    }

    fn done(&self, weight: u64) {
        self.stats.projected_seq.store(self.at, Ordering::Release);
        self.stats.projection_backlog.fetch_sub(weight, Ordering::Relaxed);
    }

    /// Where others have brought the tables.
    pub fn refreshed(&mut self, result: Result<u64, TablesError>, now: Duration) {
        let before = self.at;
        let is_known = match result {
            Ok(found) => {
                if found > self.at
                    && let Some(standby) = &mut self.standby
                {
                    standby.moved = now;
                }
                self.found(found);
                // That they can be read says nothing of a disk that is full.
                if self.phase != Phase::Returning {
                    self.well();
                }
                true
            }
            Err(error) => {
                self.stand(&error.into());
                false
            }
        };
        match self.phase {
            Phase::Looking => self.phase = Phase::Idle,
            Phase::Returning if !is_known => self.phase = Phase::Pausing { until: now + self.knobs.retry_pause },
            Phase::Returning if self.at > before => self.give_way(now),
            Phase::Returning => self.phase = Phase::Projecting,
            _ => self.stand_by(is_known, now),
        }
    }

    /// Another node projects.
    fn give_way(&mut self, now: Duration) {
        self.well();
        self.standby = Some(Standby::begin(now));
        self.phase = Phase::Idle;
    }

    /// Takes over where nobody else projects.
    fn stand_by(&mut self, is_known: bool, now: Duration) {
        self.phase = Phase::Idle;
        self.shed();
        let (Some(standby), true) = (&mut self.standby, is_known) else { return };
        if self.pieces.next(self.at) == Next::Nothing {
            standby.moved = now;
            return;
        }
        let jitter = 0.75 + self.chance.random::<f64>() / 2.0;
        if standby.is_over(&self.knobs.standby, now, self.pieces.age(now), self.pieces.weight(), jitter) {
            tracing::info!(seq = self.at, "this node projects from here on");
            self.standby = None;
            self.phase = Phase::Projecting;
        }
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

#[cfg(test)]
mod tests;
