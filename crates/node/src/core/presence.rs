//! Who was heard from: polls, and whatever those inside ask for, set a bit in memory, and the node journals the bits many times in each `waiting_ttl`.
//! Who inside did something has a bit of its own, journaled four times in each `session_idle`,
//! or `session_ttl` where sessions become longer.

use std::sync::Arc;

use onsale_domain::command::Command;
use onsale_domain::ids::QueueId;
use onsale_domain::level;
use roaring::RoaringBitmap;

use crate::views::Views;

/// A gap in the journal of more than a quarter of `waiting_ttl` counts as downtime. While anybody waits a node speaks
/// three times as often, so that a slow sync or a busy machine is not taken for one.
const REPORTS_PER_TTL: u64 = 12;
/// Of those who go on doing something nobody needs to know more often: each time counts from its report on.
const REPORTS_PER_IDLE: u64 = 4;

#[derive(Debug)]
pub struct Presence {
    views: Arc<Views>,
    reported_ms: u64,
    /// The same of who was active, by queue.
    active_reported_ms: Vec<u64>,
}

impl Presence {
    pub fn new(views: Arc<Views>) -> Self {
        Self { views, reported_ms: 0, active_reported_ms: Vec::new() }
    }

    /// When the next report is due, by the shortest `waiting_ttl`, `session_idle` or sliding `session_ttl` that holds now.
    pub fn next_ms(&self) -> u64 {
        let queues = self.views.queues();
        let shortest = queues.iter().map(|queue| {
            let settings = &queue.rules().settings;
            settings.patience_ms().min(settings.activity_ms().unwrap_or(u64::MAX))
        });
        let shortest = shortest.min().unwrap_or(60_000);
        self.reported_ms + (shortest / REPORTS_PER_TTL).max(1)
    }

    /// Adds one command for each block of tickets heard from; a tick where nobody was, and somebody waits, or is inside and
    /// may be silent: a gap in the journal would pass for everybody's word.
    pub fn report(&mut self, now_ms: u64, commands: &mut Vec<Command>) {
        let mut awaited = false;
        let hears_inside = self.views.level() >= level::FAIRNESS;
        let queues = self.views.queues();
        self.active_reported_ms.resize(queues.len(), 0);
        for (queue, active_reported_ms) in queues.iter().zip(&mut self.active_reported_ms) {
            awaited |= queue.waiting() > 0 || hears_inside && queue.active() > 0;
            queue.drain_heard(|numbers| commands.push(seen(queue.id, &numbers)));
            let activity_ms = queue.rules().settings.activity_ms();
            if activity_ms.is_some_and(|ms| *active_reported_ms + ms / REPORTS_PER_IDLE <= now_ms) {
                queue.drain_active(|numbers| commands.push(active(queue.id, &numbers)));
                *active_reported_ms = now_ms;
            }
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
    Command::Seen { queue, tickets: bitmap(numbers) }
}

/// The command that says that the owners of these tickets, inside, did something.
#[must_use]
pub fn active(queue: QueueId, numbers: &[u32]) -> Command {
    Command::Active { queue, tickets: bitmap(numbers) }
}

fn bitmap(numbers: &[u32]) -> Vec<u8> {
    let mut bitmap: RoaringBitmap = numbers.iter().copied().collect();
    bitmap.optimize();
    let mut tickets = Vec::with_capacity(bitmap.serialized_size());
    bitmap.serialize_into(&mut tickets).expect("writing to memory does not fail");
    tickets
}
