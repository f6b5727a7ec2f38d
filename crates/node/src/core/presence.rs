//! Who was heard from: polls, and whatever those inside ask for, set a bit in memory, and the node journals the bits many times in each `waiting_ttl`.

use std::sync::Arc;

use onsale_domain::command::Command;
use onsale_domain::ids::QueueId;
use onsale_domain::level;
use roaring::RoaringBitmap;

use crate::views::Views;

/// A gap in the journal of more than a quarter of `waiting_ttl` counts as downtime. While anybody waits a node speaks
/// three times as often, so that a slow sync or a busy machine is not taken for one.
const REPORTS_PER_TTL: u64 = 12;

#[derive(Debug)]
pub struct Presence {
    views: Arc<Views>,
    reported_ms: u64,
}

impl Presence {
    pub fn new(views: Arc<Views>) -> Self {
        Self { views, reported_ms: 0 }
    }

    /// When the next report is due, by the shortest `waiting_ttl` that holds now.
    pub fn next_ms(&self) -> u64 {
        let queues = self.views.queues();
        let shortest = queues.iter().map(|queue| queue.rules().settings.waiting_ttl_ms).min().unwrap_or(60_000);
        self.reported_ms + (shortest / REPORTS_PER_TTL).max(1)
    }

    /// Adds one command for each block of tickets heard from; a tick where nobody was, and somebody waits, or is inside and
    /// may be silent: a gap in the journal would pass for everybody's word.
    pub fn report(&mut self, now_ms: u64, commands: &mut Vec<Command>) {
        let mut awaited = false;
        let hears_inside = self.views.level() >= level::FAIRNESS;
        for queue in self.views.queues().iter() {
            awaited |= queue.waiting() > 0 || hears_inside && queue.active() > 0;
            queue.drain_heard(|numbers| commands.push(seen(queue.id, &numbers)));
        }
        if awaited && commands.is_empty() {
            commands.push(Command::Tick);
        }
        self.reported_ms = now_ms;
    }
}

/// The command that says these tickets of a queue were heard from.
#[must_use]
pub fn seen(queue: QueueId, numbers: &[u32]) -> Command {
    let mut bitmap: RoaringBitmap = numbers.iter().copied().collect();
    bitmap.optimize();
    let mut tickets = Vec::with_capacity(bitmap.serialized_size());
    bitmap.serialize_into(&mut tickets).expect("writing to memory does not fail");
    Command::Seen { queue, tickets }
}
