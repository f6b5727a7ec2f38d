//! Nodes start, and end.

use std::time::Duration;

use onsale_domain::level;
use onsale_domain::queue::Queue;
use onsale_journal::Error as JournalError;
use onsale_node::OpenError;
use onsale_node::core::fault::Kind;
use rand::RngExt as _;

use super::{Check, Event, World};
use crate::node::{Node, Opening};
use crate::plan::Part;

impl World<'_> {
    pub(super) fn start(&mut self, node: usize) {
        if self.nodes[node].is_some() {
            return;
        }
        if self.oracle.engine.level() > self.versions[node] {
            // It ends at its start, by the tables' version or the journal's entry, and is replaced.
            self.marks.hit("node: older program is refused");
            self.versions[node] = level::NEWEST;
        }
        let level = self.versions[node];
        self.started += 1;
        let seed = self.plan.schedule.wrapping_add(self.started << 8);
        let Self { database, tables, knobs, now, beginnings, .. } = self;
        let (now, beginnings) = (*now, *beginnings);
        let opened = Node::open(&Opening { node, database, tables, knobs, now, seed, beginnings, level });
        let spent = self.database.take_spent();
        self.note_withheld();
        self.look();
        match opened {
            Ok(mut opened) => {
                opened.open_at += spent;
                let id = opened.id;
                self.tell(&format!("node {node} starts as {id:016x} at entry {}", opened.cluster.applied().seq));
                if self.tables.seq() > 0 {
                    self.marks.hit("node: starts from tables");
                }
                let (head, fingerprint) = opened.cluster.state();
                let checked = self.oracle.came_to(&head.hash, head.seq, fingerprint);
                self.require(checked);
                let queue = self.oracle.engine.queues().first();
                let draw = queue.and_then(|queue| queue.draw()).map(|draw| draw.drawn.is_some());
                let tiers = queue.and_then(Queue::tiered).map(|tiered| tiered.opened.is_some());
                let idle = |queue: &Queue| queue.settings().session_idle_ms.is_some() && queue.active() > 0;
                if queue.is_some_and(idle) {
                    self.marks.hit("idle: node starts behind it");
                }
                match (draw, tiers) {
                    (Some(true), _) => self.marks.hit("draw: node starts behind it"),
                    (Some(false), _) => self.marks.hit("draw: node starts before it"),
                    (None, Some(true)) => self.marks.hit("tiers: node starts behind the opening"),
                    (None, Some(false)) => self.marks.hit("tiers: node starts before the opening"),
                    (None, None) => {}
                }
                self.nodes[node] = Some(opened);
                for part in Part::ALL {
                    let takes = self.takes(0.001);
                    self.at(self.now + spent + takes, Event::Turn { node, id, part });
                }
                self.at(self.now + spent, Event::Beat { node, id });
                self.at(self.now + spent, Event::Meet { node, id });
                self.wake_followers();
            }
            Err(error) => {
                self.marks.hit("node: start fails");
                self.tell(&format!("node {node} does not start: {error}"));
                if !self.may_not_start(&error) {
                    self.fail(Check::Exits, format!("node {node} does not start: {error}"));
                }
                let after = spent + Duration::from_millis(self.chance.random_range(200..1_500));
                self.at(self.now + after, Event::Start { node });
            }
        }
    }

    /// Whether a node that does not start will do so later.
    fn may_not_start(&self, error: &OpenError) -> bool {
        match error {
            OpenError::Journal(error) => matches!(
                error,
                JournalError::Unavailable { .. }
                    | JournalError::Unknown { .. }
                    | JournalError::Full
                    | JournalError::Truncated { .. }
            ),
            // An hour is less than what a start takes for wrong.
            _ => false,
        }
    }

    /// A node has found that it must not go on.
    pub(super) fn stop(&mut self, node: usize, kind: Kind, reason: &str) {
        let Some(found) = self.nodes[node].take() else { return };
        self.tell(&format!("node {node} ends: {kind:?}: {reason}"));
        let is_excused = match kind {
            Kind::Fork | Kind::Lost => self.oracle.has_lost_since(found.began),
            Kind::Behind => self.compactions.iter().any(|(at, _)| *at >= found.began),
            Kind::Newer => self.is_unheard(&found),
            Kind::Missing | Kind::Outvoted => false,
        };
        if !is_excused {
            self.fail(Check::Exits, format!("node {node} ends for no fault: {kind:?}: {reason}"));
        }
        match kind {
            Kind::Fork => self.marks.hit("node: fork"),
            Kind::Lost => self.marks.hit("node: journal lost"),
            Kind::Behind => self.marks.hit("node: behind what is kept"),
            // An older one is cut off for so long too seldom for a mark.
            Kind::Newer | Kind::Missing | Kind::Outvoted => {}
        }
        self.lose_calls(found.id);
        let after = self.takes(0.5);
        self.at(self.now + after, Event::Start { node });
    }
}
