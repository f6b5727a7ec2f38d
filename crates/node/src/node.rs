//! A node: opened on a data directory, stopped in good order.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use onsale_domain::command::{Batch, Command};
use onsale_domain::engine::{Engine, LoadError};
use onsale_domain::time::Time;
use onsale_journal::local::{Journal, Progress};
use onsale_journal::{Error as JournalError, Journal as _};
use onsale_tables::{Error as TablesError, Tables};

use crate::applier::Applier;
use crate::lane::{Inbox, Lane, Message};
use crate::options::Options;
use crate::presence::Presence;
use crate::projector::{Feed, Projector};
use crate::recovery;
use crate::sequencer::Sequencer;
use crate::stats::Stats;
use crate::views::Views;

/// Entries that may be durable and not yet applied: enough that neither side waits for the other's hiccups.
const AHEAD_MAX: usize = 4;

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Tables(#[from] TablesError),
    #[error(
        "the tables do not hold a state that can be taken up: {0}. Keep a copy of the data directory; the tables \
             (onsale.db) can be rebuilt by moving them away, as long as the journal is whole"
    )]
    State(#[from] LoadError),
    #[error("the journal was truncated at entry {checkpoint}, and the tables that hold what came before are missing")]
    TablesMissing { checkpoint: u64 },
    #[error("entry {seq} of the journal cannot be read: {reason}. It was written by a newer program")]
    Undecodable { seq: u64, reason: String },
    #[error("a setting was refused: {0} is out of its range")]
    Setting(&'static str),
    #[error("a thread cannot be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// A running node. Stop it with [`Node::stop`].
#[derive(Debug)]
pub struct Node {
    views: Arc<Views>,
    inbox: Arc<Inbox>,
    stats: Arc<Stats>,
    store_id: u64,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Node {
    /// Opens the store in a data directory, brings the engine up to the journal's end, and starts to work.
    /// `progress` hears of the journal's verification, which takes seconds when the journal is long.
    ///
    /// # Errors
    /// See [`OpenError`]. The journal has no new entry then, unless a thread could not be started; the tables may have
    /// been migrated, and brought closer to the journal's end.
    pub fn open(options: &Options, progress: &mut dyn FnMut(Progress)) -> Result<Self, OpenError> {
        let started = Instant::now();
        let mut journal = Journal::open_with(&options.dir, progress)?;
        let mut tables = Tables::open(&options.dir)?;
        tables.claim(journal.store_id())?;
        let stored = tables.mark()?;
        let (mut engine, views) = recovery::load(&mut tables, stored.as_ref())?;
        let stats = Arc::new(Stats::default());
        let (inbox, incoming) = Inbox::new(options.pending_max, stats.clone());
        let (feed, projector) = Projector::new(tables, engine.mark().seq, inbox.clone(), stats.clone());
        let projecting = spawn("projector", move || projector.run())?;
        let entries = recovery::replay(&journal, stored.as_ref(), &mut engine, &views, &feed)?;
        start(&mut journal, options, &mut engine, &views, &feed)?;
        let took_ms = started.elapsed().as_millis() as u64;
        tracing::info!(seq = engine.mark().seq, replayed = entries, took_ms, "the store is open");
        Self::run(journal, engine, views, stats, feed, projecting, (inbox, incoming, options.batch_max))
    }

    fn run(
        journal: Journal,
        engine: Engine,
        views: Arc<Views>,
        stats: Arc<Stats>,
        feed: Feed,
        projecting: JoinHandle<()>,
        (inbox, incoming, batch_max): (Arc<Inbox>, Receiver<Message>, usize),
    ) -> Result<Self, OpenError> {
        let (durable, applied) = sync_channel(AHEAD_MAX);
        let deadline_ms = Arc::new(AtomicU64::new(engine.next_deadline().0));
        let store_id = journal.store_id();
        let sequencer = Sequencer {
            clock: journal.clock(),
            journal: Box::new(journal),
            incoming,
            inbox: inbox.clone(),
            durable,
            deadline_ms: deadline_ms.clone(),
            presence: Presence::new(views.clone()),
            stats: stats.clone(),
            batch_max,
            number: 1,
            full_until: None,
            unsent: Vec::new(),
        };
        let applier =
            Applier { engine, incoming: applied, views: views.clone(), inbox: inbox.clone(), feed, deadline_ms };
        let threads =
            vec![spawn("sequencer", move || sequencer.run())?, spawn("applier", move || applier.run())?, projecting];
        Ok(Self { views, inbox, stats, store_id, threads: Mutex::new(threads) })
    }

    #[must_use]
    pub fn views(&self) -> &Arc<Views> {
        &self.views
    }

    #[must_use]
    pub fn stats(&self) -> &Arc<Stats> {
        &self.stats
    }

    /// Made at random with the store.
    #[must_use]
    pub fn store_id(&self) -> u64 {
        self.store_id
    }

    /// How many commands wait for their outcome.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.inbox.pending()
    }

    /// A way to submit commands from the current thread's runtime. Open one for each thread.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn lane(&self) -> Lane {
        Lane::open(self.inbox.clone())
    }

    /// Finishes what was taken, brings the tables up to date, and ends. Blocks; later calls do nothing.
    pub fn stop(&self) {
        self.inbox.stop();
        let threads = core::mem::take(&mut *self.threads.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        if threads.is_empty() {
            return;
        }
        for thread in threads {
            // A thread that panicked has stopped the process already.
            let _ = thread.join();
        }
        let seq = self.stats.projected_seq.load(Ordering::Acquire);
        tracing::info!(seq, "the store is closed");
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The first entry of every run: the start, and the settings that were given and differ.
fn start(
    journal: &mut Journal,
    options: &Options,
    engine: &mut Engine,
    views: &Views,
    feed: &Feed,
) -> Result<(), OpenError> {
    let wanted = options.overrides.applied_to(engine.settings().clone());
    wanted.check().map_err(OpenError::Setting)?;
    let mut commands = vec![Command::Start];
    commands.extend(options.overrides.commands(engine));
    let batch = Batch { commands };
    let mut payload = Vec::new();
    batch.encode_into(&mut payload);
    let appended = journal.append(1, &payload)?;
    let mut rows = Vec::new();
    engine.apply(appended.seq, Time(appended.time_ms), &batch, &mut rows);
    views.update(engine, &rows);
    feed.send(views.mark(), appended.hash, rows);
    Ok(())
}

/// Stops the process when its thread panics: an engine that has broken an invariant must not sell on, and a node
/// without one of its threads would only hang.
struct StopOnPanic(&'static str);

impl Drop for StopOnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            tracing::error!(thread = self.0, "a thread of the node panicked; stopping the process");
            std::process::abort();
        }
    }
}

fn spawn(name: &'static str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, std::io::Error> {
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        let _guard = StopOnPanic(name);
        run();
    })
}
