//! One node: the machines of production, and what they drive.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use onsale_domain::command::{Batch, Command};
use onsale_journal::postgres::model::{Client, Database};
use onsale_journal::postgres::{Journal, Pulse, Tail};
use onsale_journal::{Journal as _, Limit, Reader, Tail as _};
use onsale_node::core::applier::{Applier, Member};
use onsale_node::core::entry::Durable;
use onsale_node::core::follower::Follower;
use onsale_node::core::presence::Presence;
use onsale_node::core::projector::{Batch as Changed, Projector};
use onsale_node::core::sequencer::{Sequencer, Shared};
use onsale_node::core::{Knobs, Message, Timer, clock};
use onsale_node::{Cluster, LevelWatch, OpenError, Stats, Views, recovery};
use rand::SeedableRng as _;
use rand::rngs::SmallRng;

use crate::plan;
use crate::tables::Tables;

/// What one of the machines waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waits {
    /// It has its turn by and by, or hears from the database.
    ForItsTurn,
    /// For what another hands it, or for the time to pass that belongs to this number.
    ForWork(u64),
}

pub(crate) struct Node {
    /// In the journal: another at each start.
    pub(crate) id: u64,
    pub(crate) began: Duration,
    /// When it was open.
    pub(crate) open_at: Duration,
    pub(crate) journal: Journal<Client>,
    pub(crate) tail: Tail<Client>,
    pub(crate) pulse: Pulse<Client>,
    /// The projector's.
    pub(crate) reader: Box<dyn Reader>,
    pub(crate) sequencer: Sequencer,
    pub(crate) applier: Applier,
    pub(crate) follower: Follower,
    pub(crate) projector: Projector,
    /// Of each part.
    pub(crate) waits: [Waits; 4],
    pub(crate) stands_until: [Duration; 4],
    /// Until when some part has stood still last: it has its turn then, also where all is mended before.
    pub(crate) stood_until: Duration,
    pub(crate) commands: VecDeque<Message>,
    /// Whose commands the sequencer has taken in, and not yet sent.
    pub(crate) gathered: Vec<usize>,
    /// When the follower has last read what all append.
    pub(crate) followed: Duration,
    pub(crate) entries: VecDeque<Durable>,
    pub(crate) batches: VecDeque<Changed>,
    /// The database's beginning that its session with the tables is of.
    pub(crate) tables_session: u64,
    pub(crate) is_open: bool,
    /// The highest level that its program can read.
    pub(crate) level: u32,
    pub(crate) level_watch: LevelWatch,
    /// The call by which it raises the store.
    pub(crate) raising: Option<usize>,
    /// When it has told the others of itself, and whether it could not once.
    pub(crate) said: Vec<Duration>,
    pub(crate) is_unheard: bool,
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) views: Arc<Views>,
    pub(crate) stats: Arc<Stats>,
}

/// What a node is opened with.
pub(crate) struct Opening<'a> {
    pub(crate) node: usize,
    pub(crate) database: &'a Database,
    pub(crate) tables: &'a Tables,
    pub(crate) knobs: &'a Knobs,
    pub(crate) now: Duration,
    pub(crate) seed: u64,
    pub(crate) beginnings: u64,
    /// The highest level that its program can read.
    pub(crate) level: u32,
}

impl Node {
    /// As `onsale_node::Node::open` does it.
    pub(crate) fn open(opening: &Opening<'_>) -> Result<Self, OpenError> {
        let Opening { node, database, tables, knobs, now, seed, beginnings, level } = opening;
        let mut journal = Journal::open(&database.client(*node as u64))?;
        let (tail, pulse) = (journal.tail(), journal.pulse());
        clock::check(&journal.head(), journal.time().source_ms).map_err(OpenError::Clock)?;
        let stored = tables.mark(journal.store_id());
        let (mut engine, views) = recovery::load(&mut &**tables, stored.as_ref())?;
        let stats = Arc::new(Stats::default());
        let mut batches = VecDeque::new();
        let chance = |part| SmallRng::seed_from_u64(seed ^ part);
        let at = engine.mark().seq;
        let projector = Projector::new(at, true, stats.clone(), knobs.projector.clone(), chance(4), *now);
        let reader = journal.reader()?;
        recovery::replay(&journal, &mut *journal.reader()?, stored.as_ref(), &mut engine, &views, &mut |batch| {
            batches.push_back(batch);
        })?;
        let mut payload = Vec::new();
        Batch { commands: vec![Command::Tick] }.encode_into(&mut payload);
        journal.append(1, &payload)?;
        recovery::replay(&journal, &mut *journal.reader()?, stored.as_ref(), &mut engine, &views, &mut |batch| {
            batches.push_back(batch);
        })?;
        let mark = engine.mark();
        let head = journal.reader()?.find(mark.seq)?.unwrap_or_else(|| journal.head());
        let before = recovery::before(&journal, &mut *journal.reader()?, head.seq)?;
        let (id, store_id) = (journal.node(), journal.store_id());
        let cluster = Cluster::new(store_id, &before, head, mark.fingerprint, tail.waker(), Timer::start());
        let cluster = Arc::new(cluster);
        // A node that has just come up is as old as its first look.
        cluster.answer(0, mark.seq, *now);
        let deadline_ms = Arc::new(AtomicU64::new(engine.next_deadline().0));
        let shared = Shared {
            node: id,
            deadline_ms: deadline_ms.clone(),
            presence: Presence::new(views.clone()),
            stats: stats.clone(),
            cluster: Some(cluster.clone()),
        };
        let member = Member::new(cluster.clone(), knobs.member.clone());
        Ok(Self {
            id,
            began: *now,
            open_at: *now,
            sequencer: Sequencer::new(shared, 1, knobs.sequencer.clone(), chance(1)),
            applier: Applier::new(engine, views.clone(), deadline_ms, Some(member)),
            follower: Follower::new(cluster.clone(), id, knobs.follower.clone(), chance(2)),
            projector,
            journal,
            tail,
            pulse,
            reader,
            waits: [Waits::ForItsTurn; 4],
            stands_until: [Duration::ZERO; 4],
            stood_until: Duration::ZERO,
            commands: VecDeque::new(),
            gathered: Vec::new(),
            followed: *now,
            entries: VecDeque::new(),
            batches,
            tables_session: *beginnings,
            is_open: true,
            level: *level,
            level_watch: LevelWatch::default(),
            raising: None,
            said: Vec::new(),
            is_unheard: false,
            cluster,
            views,
            stats,
        })
    }
}

/// The knobs of all parts, as the plan has them.
pub(crate) fn knobs(plan: &plan::Knobs) -> Knobs {
    let mut knobs = Knobs::default();
    knobs.sequencer.batch_max = plan.batch_max;
    knobs.follower.limit = Limit { entries: plan.read_entries, bytes: plan.read_bytes };
    knobs.member.votes.every = plan.vote_every;
    knobs.projector.transaction_rows = plan.transaction_rows;
    knobs.projector.kept_rows_max = plan.kept_rows_max;
    knobs
}
