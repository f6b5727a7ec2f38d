//! A node: opened on a store, stopped in good order.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use onsale_domain::command::{Batch, Command};
use onsale_domain::engine::Engine;
use onsale_domain::feed::Before;
use onsale_domain::ids::KeyId;
use onsale_domain::queue::Queue;
use onsale_domain::time::Time;
use onsale_journal::local::{self, Progress};
use onsale_journal::postgres::{self, Pulse, Tail};
use onsale_journal::{Journal, Reader, Tail as _};
use onsale_postgres::Target;
use onsale_tables::{Nodes, Tables};

use crate::cluster::Cluster;
use crate::core::applier::{Applier, Member};
use crate::core::follower::Follower;
use crate::core::presence::Presence;
use crate::core::projector::{Batch as Changed, Projector};
use crate::core::sequencer::{self, Sequencer};
use crate::core::{Knobs, clock};
use crate::events::Events;
use crate::lane::{Inbox, Lane, Message};
use crate::open_error::OpenError;
use crate::options::{Currency, Difference, Options, Overrides, Store};
use crate::recovery;
use crate::stats::Stats;
use crate::threads::applier::{Applying, ToFollower};
use crate::threads::follower::{Beating, Following};
use crate::threads::neighbours;
use crate::threads::projector::{Feed, Projecting};
use crate::threads::sequencer::Sequencing;
use crate::threads::{Timer, chance, spawn};
use crate::trail::Trail;
use crate::views::Views;

/// Entries that may be durable and not yet applied: enough that neither side waits for the other's hiccups.
const AHEAD_MAX: usize = 4;

/// A running node. Stop it with [`Node::stop`].
#[derive(Debug)]
pub struct Node {
    views: Arc<Views>,
    inbox: Arc<Inbox>,
    stats: Arc<Stats>,
    store_id: u64,
    id: u64,
    level_max: u32,
    overrides: Overrides,
    currency: String,
    newest_key: Option<KeyId>,
    level_found: u32,
    timer: Timer,
    cluster: Option<Arc<Cluster>>,
    events: Arc<Events>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Node {
    /// Opens the store, brings the engine up to the journal's end, and starts to work.
    /// `progress` hears of the journal's verification, which takes seconds when the journal is long.
    ///
    /// # Errors
    /// See [`OpenError`]. The journal has no new entry then, unless a thread could not be started; the tables may have
    /// been migrated, and brought closer to the journal's end.
    pub fn open(options: &Options, progress: &mut dyn FnMut(Progress)) -> Result<Self, OpenError> {
        let timer = Timer::start();
        let knobs = knobs(options);
        let Opened { mut journal, mut tables, tail, is_joined } = Opened::new(&options.store, progress)?;
        tables = tables.with_feed_keep(options.feed_keep_ms);
        if !options.trust_clock && !is_joined {
            clock::check(&journal.head(), journal.time().source_ms).map_err(OpenError::Clock)?;
        }
        tables.claim(journal.store_id())?;
        let currency = decide_currency(&options.currency, &mut tables)?;
        let stored = tables.snapshot()?;
        let (mut engine, views) = recovery::load(&mut tables, stored.as_ref())?;
        let stats = Arc::new(Stats::default());
        let (inbox, incoming) = Inbox::new(options.pending_max, stats.clone());
        let shared = tail.is_some();
        let (feed, batches) = Feed::new(inbox.clone(), stats.clone());
        let at = engine.mark().seq;
        let core = Projector::new(at, shared, stats.clone(), knobs.projector.clone(), chance(), timer.elapsed());
        let projecting =
            Projecting { core, timer, tables, journal: journal.reader()?, incoming: batches, inbox: inbox.clone() };
        let projecting = spawn(projecting, &inbox)?;
        // One for all that an opening reads: in a database each has a session, which costs more than what is read.
        let mut reader = journal.reader()?;
        let mut replay = |journal: &dyn Journal, engine: &mut Engine| {
            recovery::replay(journal, &mut *reader, stored.as_ref(), engine, &views, &mut |batch| feed.send(batch))
        };
        let mut entries = replay(&*journal, &mut engine)?;
        let level_found = engine.level();
        start(&mut *journal, options, &mut engine, &views, &feed, shared)?;
        if shared {
            // The start, with what others have appended before it.
            entries += replay(&*journal, &mut engine)?;
        }
        let took_ms = timer.elapsed().as_millis() as u64;
        tracing::info!(seq = engine.mark().seq, replayed = entries, took_ms, "the store is open");
        let newest_key = engine.newest_key();
        let events = Arc::new(Events::new(&options.store));
        let parts = Parts { knobs, timer, journal, tail, engine, views, stats, inbox, incoming, feed, events };
        let (mut node, mut threads) = parts.run(&mut *reader)?;
        threads.push(projecting);
        node.threads = Mutex::new(threads);
        node.level_max = options.level_max;
        node.overrides = options.overrides.clone();
        node.currency = currency;
        node.newest_key = newest_key;
        node.level_found = level_found;
        Ok(node)
    }

    /// What this node knows of the others; `None` where it is the only one.
    #[must_use]
    pub fn cluster(&self) -> Option<&Arc<Cluster>> {
        self.cluster.as_ref()
    }

    /// Whether the journal can be reached. While it cannot, commands are refused at once.
    #[must_use]
    pub fn is_away(&self) -> bool {
        self.inbox.is_away()
    }

    /// Whether the process is about to end because what it holds is not to be relied on.
    #[must_use]
    pub fn is_condemned(&self) -> bool {
        self.inbox.is_condemned()
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

    /// This node's number in the journal, made at random when it was opened.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The highest level that this node raises the store to.
    #[must_use]
    pub fn level_max(&self) -> u32 {
        self.level_max
    }

    /// The store's level as this start found it.
    #[must_use]
    pub fn level_found(&self) -> u32 {
        self.level_found
    }

    /// The key that signed the newest token when the node was opened, where that is remembered.
    #[must_use]
    pub fn newest_key(&self) -> Option<KeyId> {
        self.newest_key
    }

    /// The journal's time now, in milliseconds since 1970, as this node knows it: by it holds and sessions end. `None` before the
    /// node works.
    #[must_use]
    pub fn journal_ms(&self) -> Option<u64> {
        let began_ms = self.stats.journal_began_ms.load(Ordering::Relaxed);
        (began_ms > 0).then(|| began_ms + self.timer.elapsed().as_millis() as u64)
    }

    /// What the store's amounts are of, ISO 4217; empty for a node that was opened without a word on it.
    #[must_use]
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// Settings that were given, where the store has others now.
    #[must_use]
    pub fn differences(&self) -> Vec<Difference> {
        let queues = self.views.queues();
        let rules = queues.first().map(|queue| queue.rules());
        self.overrides.differences(&self.views.settings(), rules.as_ref().map(|rules| &rules.settings))
    }

    /// What happened, to be read by operators' programs.
    #[must_use]
    pub fn events(&self) -> &Arc<Events> {
        &self.events
    }

    /// How many commands wait for their outcome.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.inbox.pending()
    }

    /// Follows where the time of commands goes.
    #[must_use]
    pub fn trail(&self) -> Arc<Trail> {
        Trail::new(self.timer)
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
        if let Some(cluster) = &self.cluster {
            cluster.waker().notify_one();
        }
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

/// What shapes the parts' behaviour, with what the operator says of it.
fn knobs(options: &Options) -> Knobs {
    let mut knobs = Knobs::default();
    knobs.sequencer.batch_max = options.batch_max;
    knobs.sequencer.pace.least = options.commit_interval;
    knobs
}

/// The parts of a node whose engine has come up to the journal's end.
struct Parts {
    knobs: Knobs,
    timer: Timer,
    journal: Box<dyn Journal>,
    tail: Option<(Tail, Pulse)>,
    engine: Engine,
    views: Arc<Views>,
    stats: Arc<Stats>,
    inbox: Arc<Inbox>,
    incoming: Receiver<Message>,
    feed: Feed,
    events: Arc<Events>,
}

impl Parts {
    /// Puts them to work, each in a thread of its own.
    fn run(self, reader: &mut dyn Reader) -> Result<(Node, Vec<JoinHandle<()>>), OpenError> {
        let cluster = self.cluster(reader)?;
        let Self { knobs, timer, journal, tail, engine, views, stats, inbox, incoming, feed, events } = self;
        let (durable, entries) = sync_channel(AHEAD_MAX);
        let deadline_ms = Arc::new(AtomicU64::new(engine.next_deadline().0));
        let (store_id, node) = (journal.store_id(), journal.node());
        let shared = sequencer::Shared {
            node,
            deadline_ms: deadline_ms.clone(),
            presence: Presence::new(views.clone()),
            stats: stats.clone(),
            cluster: cluster.clone(),
        };
        let sequencing = Sequencing {
            core: Sequencer::new(shared, 1, knobs.sequencer, chance()),
            timer,
            journal,
            incoming,
            inbox: inbox.clone(),
            durable: durable.clone(),
            stats: stats.clone(),
        };
        let mut threads = vec![spawn(sequencing, &inbox)?];
        let mut to_follower = None;
        if let Some(((tail, pulse), cluster)) = tail.zip(cluster.clone()) {
            let (votes, voting) = channel();
            to_follower = Some(ToFollower { wake: tail.waker(), votes });
            let core = Follower::new(cluster, node, knobs.follower, chance());
            let following = Following { core, timer, tail, inbox: inbox.clone(), entries: durable, votes: voting };
            threads.push(spawn(following, &inbox)?);
            threads.push(spawn(Beating { pulse, inbox: inbox.clone() }, &inbox)?);
        }
        let member = cluster.clone().map(|cluster| Member::new(cluster, knobs.member));
        let core = Applier::new(engine, views.clone(), deadline_ms, member);
        let applying = Applying { core, timer, incoming: entries, inbox: inbox.clone(), feed, follower: to_follower };
        threads.push(spawn(applying, &inbox)?);
        let node = Node {
            views,
            inbox,
            stats,
            store_id,
            id: node,
            level_max: 0,
            overrides: Overrides::default(),
            currency: String::new(),
            newest_key: None,
            level_found: 0,
            timer,
            cluster,
            events,
            threads: Mutex::default(),
        };
        Ok((node, threads))
    }

    /// What this node knows of the others, where there may be some.
    fn cluster(&self, reader: &mut dyn Reader) -> Result<Option<Arc<Cluster>>, OpenError> {
        let Some((tail, _)) = &self.tail else { return Ok(None) };
        let mark = self.engine.mark();
        let at = reader.find(mark.seq)?.unwrap_or_else(|| self.journal.head());
        let before = recovery::before(&*self.journal, reader, at.seq)?;
        let (store_id, wake) = (self.journal.store_id(), tail.waker());
        Ok(Some(Arc::new(Cluster::new(store_id, &before, at, mark.fingerprint, wake, self.timer))))
    }
}

/// What a store is made of, opened.
struct Opened {
    journal: Box<dyn Journal>,
    tables: Tables,
    /// Where others append too.
    tail: Option<(Tail, Pulse)>,
    /// Whether the time is that of nodes that live, and not the clock's.
    is_joined: bool,
}

impl Opened {
    fn new(store: &Store, progress: &mut dyn FnMut(Progress)) -> Result<Self, OpenError> {
        match store {
            Store::Directory(dir) => {
                let journal = Box::new(local::Journal::open_with(dir, progress)?);
                Ok(Self { journal, tables: Tables::open(dir)?, tail: None, is_joined: false })
            }
            Store::Postgres(target) => {
                refuse_half_a_copy(target)?;
                let mut journal = Box::new(postgres::Journal::open(target)?);
                let tail = Some((journal.tail(), journal.pulse()));
                let tables = Tables::open_postgres(target)?;
                let is_joined = neighbours::join(&mut journal, &mut Nodes::new(target))?;
                Ok(Self { journal, tables, tail, is_joined })
            }
        }
    }
}

/// Where the tables are claimed and there is no journal, a store is being copied there: a server that made a journal now
/// would sell all its seats again.
fn refuse_half_a_copy(target: &Target) -> Result<(), OpenError> {
    if postgres::exists(target)? || Tables::open_postgres(target)?.store_id()?.is_none() {
        return Ok(());
    }
    // Another node's first start makes the journal and claims the tables behind it.
    if postgres::exists(target)? { Ok(()) } else { Err(OpenError::JournalMissing) }
}

/// The store's currency, which its first server decides.
fn decide_currency(said: &Currency, tables: &mut Tables) -> Result<String, OpenError> {
    let (Currency::Default(first) | Currency::Given(first)) = said else { return Ok(String::new()) };
    let store = tables.currency(first)?;
    match said {
        Currency::Given(given) if *given != store => Err(OpenError::Currency { given: given.clone(), store }),
        _ => Ok(store),
    }
}

/// The first entry of every run: the start, and in a new store the settings that were given. Where others append too, it is
/// read back with what they have appended.
fn start(
    journal: &mut dyn Journal,
    options: &Options,
    engine: &mut Engine,
    views: &Views,
    feed: &Feed,
    shared: bool,
) -> Result<(), OpenError> {
    let wanted = options.overrides.applied_to(engine.settings().clone());
    wanted.check().map_err(OpenError::Setting)?;
    // Where others append, their entries show that there was no downtime, or the gap between them that there was: a node
    // that comes and goes says nothing of anybody's silence.
    let mut commands = vec![if shared && engine.mark().seq > 0 { Command::Tick } else { Command::Start }];
    // An empty store, and one in a directory, has no node but this one. Elsewhere the nodes find out together what all of
    // them can read, see `crate::level`.
    let mut level = engine.level();
    if (!shared || engine.mark().seq == 0) && level < options.level_max {
        level = options.level_max;
        commands.push(Command::Raise { level });
    }
    let settings = options.overrides.commands(engine, options.force_settings);
    if !settings.is_empty() {
        wanted.beyond(level).map_or(Ok(()), |setting| Err(OpenError::SettingBeyond { setting, level }))?;
    }
    if settings.is_empty() {
        tell_differences(options, engine);
    }
    commands.extend(settings);
    let batch = Batch { commands };
    let mut payload = Vec::new();
    batch.encode_into(&mut payload);
    let appended = journal.append(1, &payload)?;
    if !shared {
        let (before, mut rows) = (Before::of(engine), Vec::new());
        engine.apply(appended.seq, Time(appended.time_ms), &batch, &mut rows);
        views.update(engine, &rows);
        feed.send(Changed::new(before, views.mark(), appended.hash, rows));
    }
    Ok(())
}

/// Says which settings the store has otherwise than they were given.
fn tell_differences(options: &Options, engine: &Engine) {
    let default_queue = engine.queues().first().map(Queue::settings);
    for Difference { key, given, in_force } in options.overrides.differences(engine.settings(), default_queue) {
        tracing::warn!(
            key,
            given,
            in_force,
            "the store's setting goes before the configuration's; --force-settings takes the latter"
        );
    }
}
