//! What nodes have noted of people and have not said in the journal.

use std::collections::BTreeMap;
use std::time::Duration;

use onsale_domain::command::{Batch, Command};
use onsale_domain::engine::Engine;
use onsale_domain::queue::{Queue, State};
use roaring::RoaringBitmap;

use crate::check::{Check, Failure};

/// What is noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Whom a node has heard from.
    Heard,
    /// Who is inside and has done something.
    Acted,
}

/// Whom nodes have noted, each by itself.
pub(crate) struct Words {
    kind: Kind,
    words: BTreeMap<(u64, u32), Word>,
}

struct Word {
    since: Duration,
    /// How many entries the node has appended since it was to say so.
    entries: u32,
}

/// A node says what it has noted many times in each `waiting_ttl`, or several times in each `session_idle`, with the next entry that it
/// appends. One that was on its way then, and one that failed, are not counted against it.
const ENTRIES_MAX: u32 = 6;
const UNDERWAY: Duration = Duration::from_secs(3);

impl Words {
    pub(crate) fn of(kind: Kind) -> Self {
        Self { kind, words: BTreeMap::new() }
    }

    /// A node has noted somebody.
    pub(crate) fn heard(&mut self, node: u64, ticket: u32, now: Duration) {
        self.words.entry((node, ticket)).or_insert(Word { since: now, entries: 0 });
    }

    /// A node's entry has come in.
    pub(crate) fn look(&mut self, engine: &Engine, node: u64, batch: &Batch, now: Duration) -> Result<(), Failure> {
        for command in &batch.commands {
            let ((Kind::Heard, Command::Seen { tickets, .. }) | (Kind::Acted, Command::Active { tickets, .. })) =
                (self.kind, command)
            else {
                continue;
            };
            for number in RoaringBitmap::deserialize_from(&tickets[..]).unwrap_or_default() {
                self.words.remove(&(node, number));
            }
        }
        let Some(queue) = engine.queues().first() else { return Ok(()) };
        let Some(within_ms) = self.within_ms(queue) else {
            self.words.clear();
            return Ok(());
        };
        let due = UNDERWAY + Duration::from_millis(within_ms);
        let kind = self.kind;
        for (&(_, ticket), word) in self.words.range_mut((node, 0)..=(node, u32::MAX)) {
            word.entries += u32::from(now > word.since + due);
            let counts = queue.ticket(ticket).is_some_and(|(_, state)| match kind {
                Kind::Heard => !state.ended(),
                Kind::Acted => matches!(state, State::Progress { .. }),
            });
            if counts && word.entries > ENTRIES_MAX {
                let since_s = word.since.as_secs_f64();
                let text =
                    format!("ticket {ticket} was noted at {since_s:.3} s ({kind:?}), and the node does not say so");
                return Err(Failure { check: kind.check(), text });
            }
        }
        Ok(())
    }

    /// Within what time a node says it; `None` where nobody asks.
    fn within_ms(&self, queue: &Queue) -> Option<u64> {
        match self.kind {
            Kind::Heard => Some(queue.settings().waiting_ttl_ms / 6),
            Kind::Acted => queue.settings().activity_ms().map(|ms| ms / 2),
        }
    }
}

impl Kind {
    fn check(self) -> Check {
        match self {
            Self::Heard => Check::FirstCome,
            Self::Acted => Check::Idle,
        }
    }
}
