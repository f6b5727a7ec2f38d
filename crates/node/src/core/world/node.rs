//! One node, made of the machines.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use onsale_domain::command::Batch;
use onsale_domain::engine::Engine;
use onsale_domain::time::Time;
use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use tokio::sync::Notify;

use super::store::Store;
use crate::cluster::Cluster;
use crate::core::Knobs;
use crate::core::applier::{Applier, Member};
use crate::core::entry::Durable;
use crate::core::follower::Follower;
use crate::core::presence::Presence;
use crate::core::sequencer::{Sequencer, Shared};
use crate::lane::Message;
use crate::threads::Timer;
use crate::views::Views;

/// What one of the machines waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waits {
    /// It has its turn by and by, or hears from the store.
    ForItsTurn,
    /// For what another hands it, or for the time to pass that belongs to this number.
    ForWork(u64),
}

pub(super) struct Node {
    /// In the journal: another at each start.
    pub(super) id: u64,
    pub(super) sequencer: Sequencer,
    pub(super) applier: Applier,
    pub(super) follower: Follower,
    /// Of sequencer, applier and follower.
    pub(super) waits: [Waits; 3],
    pub(super) commands: VecDeque<Message>,
    pub(super) entries: VecDeque<Durable>,
    pub(super) is_open: bool,
    pub(super) cluster: Arc<Cluster>,
}

impl Node {
    /// A node that has come up to the journal's end.
    pub(super) fn open(id: u64, store: &Store, now: Duration, knobs: &Knobs, seed: u64) -> Self {
        let mut engine = Engine::new();
        for entry in &store.entries {
            let batch = Batch::decode(&entry.payload).expect("a batch");
            engine.apply(entry.seq, Time(entry.time_ms), &batch, &mut Vec::new());
        }
        let mark = engine.mark();
        let cluster = Cluster::new(1, &[], store.head(), mark.fingerprint, Arc::new(Notify::new()), Timer::start());
        let cluster = Arc::new(cluster);
        // It has heard of the others just now.
        cluster.answer(0, mark.seq, now);
        let views = Arc::new(Views::new(&engine));
        let deadline_ms = Arc::new(AtomicU64::new(engine.next_deadline().0));
        let shared = Shared {
            node: id,
            deadline_ms: deadline_ms.clone(),
            presence: Presence::new(views.clone()),
            stats: Arc::default(),
            cluster: Some(cluster.clone()),
        };
        let chance = |part| SmallRng::seed_from_u64(seed ^ part);
        let member = Member::new(cluster.clone(), knobs.member.clone());
        Self {
            id,
            sequencer: Sequencer::new(shared, 0, knobs.sequencer.clone(), chance(1)),
            applier: Applier::new(engine, views, deadline_ms, Some(member)),
            follower: Follower::new(cluster.clone(), id, knobs.follower.clone(), chance(2)),
            waits: [Waits::ForItsTurn; 3],
            commands: VecDeque::new(),
            entries: VecDeque::new(),
            is_open: true,
            cluster,
        }
    }
}
