//! Who was heard from: polls set a bit in memory, and the node journals the bits a few times in each `waiting_ttl`.

use std::sync::Arc;

use onsale_domain::command::Command;
use onsale_domain::ids::QueueId;
use roaring::RoaringBitmap;

use crate::views::Views;

/// A gap in the journal of more than a quarter of `waiting_ttl` counts as downtime, so while anybody waits a node
/// speaks a little more often than that.
const REPORTS_PER_TTL: u64 = 5;

#[derive(Debug)]
pub(crate) struct Presence {
    views: Arc<Views>,
    next_ms: u64,
}

impl Presence {
    pub(crate) fn new(views: Arc<Views>) -> Self {
        Self { views, next_ms: 0 }
    }

    /// When the next report is due.
    pub(crate) fn next_ms(&self) -> u64 {
        self.next_ms
    }

    /// Adds one command for each block of tickets heard from; a tick where nobody was, and somebody waits.
    pub(crate) fn report(&mut self, now_ms: u64, commands: &mut Vec<Command>) {
        let queues = self.views.queues();
        let mut waiting = false;
        for queue in queues.iter() {
            waiting |= queue.waiting() > 0;
            queue.drain_heard(|numbers| commands.push(seen(queue.id, &numbers)));
        }
        if waiting && commands.is_empty() {
            commands.push(Command::Tick);
        }
        let shortest = queues.iter().map(|queue| queue.rules().settings.waiting_ttl_ms).min().unwrap_or(60_000);
        self.next_ms = now_ms + (shortest / REPORTS_PER_TTL).max(1);
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
