//! The open streams of one thread, and the walk over them.
//!
//! A timer per stream would cost more than the stream. Instead they lie in a wheel, and one task walks it: it passes
//! every stream once a second, a few of them at each tick, so that no request waits behind ten thousand writes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use onsale_domain::ids::{EventId, TicketId};
use onsale_domain::queue::Owner;
use onsale_node::{Lane, Node, seen};
use tokio::time::{MissedTickBehavior, interval};

use super::super::{news, recent};
use super::place::{self, Said};
use super::slot::{Found, Slot};
use crate::place::{Heard, hear};

/// The parts of the wheel, and how often it moves on: once around in a second.
const PARTS: usize = 200;
const TICK: Duration = Duration::from_millis(5);

/// So many streams are told something before whoever asked something is looked after. Each costs a write of some
/// microseconds, and a request should not wait behind those of a whole tick.
const AT_ONCE: usize = 8;

/// A comment goes out after so many rounds without an event, so that proxies keep the connection, and a client that is
/// gone is found out.
const HEARTBEAT_ROUNDS: u32 = 15;
const HEARTBEAT: &[u8] = b":\n\n";

/// After how many milliseconds who was sent away comes again: at least, and by how much that is spread.
const RETRY_MS: (u32, u32) = (1_000, 4_000);

/// The most streams of one ticket on one thread: some tabs and devices.
const PER_TICKET_MAX: u8 = 8;

/// The streams of one thread.
pub(in crate::api) struct Hub {
    node: Arc<Node>,
    lane: Lane,
    wheel: Mutex<Wheel>,
}

struct Wheel {
    parts: Vec<Vec<Entry>>,
    of_ticket: HashMap<TicketId, u8>,
    count: usize,
    walking: bool,
    closed: bool,
}

/// One stream.
struct Entry {
    slot: Arc<Slot>,
    ticket: TicketId,
    /// As what the token said; it counts as long as the ticket is theirs.
    owner: Owner,
    said: Said,
    /// The newest piece of news that it has been told of, or has nothing to do with.
    news: Option<EventId>,
    /// The round in which something was written last.
    written: u32,
}

/// What became of a stream at a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Passed {
    Silent,
    /// Something is to be written.
    Told,
    /// It has ended.
    Over,
}

/// Why there cannot be another stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// The ticket has enough of them.
    Ticket,
    /// The server is stopping.
    Closed,
}

impl Hub {
    pub(in crate::api) fn new(node: Arc<Node>, lane: Lane) -> Arc<Self> {
        let parts = (0..PARTS).map(|_| Vec::new()).collect();
        let wheel = Wheel { parts, of_ticket: HashMap::new(), count: 0, walking: false, closed: false };
        Arc::new(Self { node, lane, wheel: Mutex::new(wheel) })
    }

    /// The lock is this thread's own: nobody waits for it.
    fn lock(&self) -> MutexGuard<'_, Wheel> {
        self.wheel.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a stream in that was told `said` already, and the news up to `news`.
    pub(super) fn enter(
        self: &Arc<Self>,
        (ticket, owner): (TicketId, Owner),
        slot: Arc<Slot>,
        said: Said,
        news: Option<EventId>,
    ) -> Result<(), Full> {
        let start = {
            let mut wheel = self.lock();
            if wheel.closed {
                return Err(Full::Closed);
            }
            let of_ticket = wheel.of_ticket.entry(ticket).or_default();
            if *of_ticket >= PER_TICKET_MAX {
                return Err(Full::Ticket);
            }
            *of_ticket += 1;
            wheel.count += 1;
            // By the ticket, so that those who come in the same moment are not written to in the same moment.
            let part = ticket.number as usize % PARTS;
            wheel.parts[part].push(Entry { slot, ticket, owner, said, news, written: 0 });
            !core::mem::replace(&mut wheel.walking, true)
        };
        if start {
            tokio::spawn(self.clone().walk());
        }
        Ok(())
    }

    /// Ends all streams, and takes no more.
    pub(in crate::api) fn close(&self) {
        let mut wheel = self.lock();
        wheel.closed = true;
        for entry in wheel.parts.iter_mut().flat_map(|part| part.drain(..)) {
            entry.slot.put(Bytes::new(), true);
        }
        wheel.of_ticket.clear();
        wheel.count = 0;
    }

    /// Runs as long as there are streams.
    async fn walk(self: Arc<Self>) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for round in 1_u32.. {
            for part in 0..PARTS {
                ticks.tick().await;
                self.visit(part, round).await;
                let silence = self.ticks_of_silence();
                if silence < PARTS && part % silence == 0 {
                    self.hear_all();
                }
            }
            let mut wheel = self.lock();
            if wheel.count == 0 {
                wheel.walking = false;
                return;
            }
        }
    }

    /// After how many ticks everybody is heard from once more, where once a round would be too seldom: three times in
    /// the shortest `waiting_ttl`, as those who poll are told to.
    fn ticks_of_silence(&self) -> usize {
        let queues = self.node.views().queues();
        let ttl_ms = queues.iter().map(|queue| queue.rules().settings.waiting_ttl_ms).min().unwrap_or(u64::MAX);
        let ticks = u128::from(ttl_ms / 3) / TICK.as_millis();
        usize::try_from(ticks).unwrap_or(PARTS).clamp(1, PARTS)
    }

    fn hear_all(&self) {
        let queues = self.node.views().queues();
        for entry in self.lock().parts.iter().flatten() {
            if let Some(queue) = queues.get(usize::from(entry.ticket.queue.0)) {
                hear(queue, entry.ticket.number);
            }
        }
    }

    async fn visit(&self, part: usize, round: u32) {
        let (mut at, mut back) = (0, Vec::new());
        while self.visit_some(part, &mut at, round, &mut back) {
            tokio::task::yield_now().await;
        }
        self.bring_back(back);
    }

    /// Visits streams of a part from `at` on, until enough of them were told something; false when all were visited.
    fn visit_some(&self, part: usize, at: &mut usize, round: u32, back: &mut Vec<TicketId>) -> bool {
        let mut wheel = self.lock();
        let mut told = 0;
        while told < AT_ONCE {
            let wheel = &mut *wheel;
            let Some(entry) = wheel.parts[part].get_mut(*at) else { return false };
            match self.pass(entry, round, back) {
                Passed::Silent => *at += 1,
                Passed::Told => (*at, told) = (*at + 1, told + 1),
                Passed::Over => {
                    let entry = wheel.parts[part].swap_remove(*at);
                    wheel.forget(entry.ticket);
                    told += 1;
                }
            }
        }
        true
    }

    /// Tells one stream what is new to it.
    fn pass(&self, entry: &mut Entry, round: u32, back: &mut Vec<TicketId>) -> Passed {
        match entry.slot.look() {
            Found::Gone => return Passed::Over,
            // Whoever does not read is told nothing more: the next event that fits has the place as it is then.
            Found::Full => return Passed::Silent,
            Found::Free => {}
        }
        if self.node.cluster().is_some_and(|cluster| recent::keeps_nobody(cluster)) {
            // Its place is old, and nobody hears here that its client waits. Another node tells it what became of it.
            let spread_ms = RETRY_MS.0 + entry.ticket.number % RETRY_MS.1;
            entry.slot.put(format!("retry: {spread_ms}\n\n").into(), true);
            return Passed::Over;
        }
        let queues = self.node.views().queues();
        let Some(queue) = queues.get(usize::from(entry.ticket.queue.0)) else { return Passed::Over };
        // Its token was revoked: whoever comes again with it is told so.
        if queue.owner(entry.ticket.number).is_some_and(|(owner, _)| owner != entry.owner) {
            entry.slot.put(Bytes::new(), true);
            return Passed::Over;
        }
        // An open stream is a sign of life, as a poll is.
        if hear(queue, entry.ticket.number) == Heard::Absent {
            back.push(entry.ticket);
        }
        let said = place::now(queue, entry.ticket.number);
        let mut out = Vec::new();
        let record = &self.node.views().record;
        if record.newest() > entry.news {
            entry.news = news::events(self.node.views(), queue.id, entry.news.or(Some(EventId(0))), &mut out);
        }
        if said != entry.said {
            place::write(queue, entry.ticket.number, said, &mut out);
            entry.said = said;
        }
        if !out.is_empty() {
            entry.written = round;
            entry.slot.put(out.into(), said.ended());
            return if said.ended() { Passed::Over } else { Passed::Told };
        }
        let ttl_rounds = u32::try_from(queue.rules().settings.waiting_ttl_ms / 3_000).unwrap_or(u32::MAX);
        // A client that is gone must not pass for one that waits: it is found out within the time of silence.
        if round.wrapping_sub(entry.written) >= ttl_rounds.clamp(1, HEARTBEAT_ROUNDS) {
            entry.written = round;
            entry.slot.put(Bytes::from_static(HEARTBEAT), false);
            return Passed::Told;
        }
        Passed::Silent
    }

    /// Those whose turn passed while they were silent are back with their stream.
    fn bring_back(&self, mut tickets: Vec<TicketId>) {
        if tickets.is_empty() {
            return;
        }
        tickets.sort_unstable();
        let lane = self.lane.clone();
        tokio::spawn(async move {
            for of_queue in tickets.chunk_by(|a, b| a.queue == b.queue) {
                let numbers: Vec<u32> = of_queue.iter().map(|ticket| ticket.number).collect();
                // Where it cannot be taken now, the next round tries again.
                let _ = lane.submit(seen(of_queue[0].queue, &numbers)).await;
            }
        });
    }
}

impl Wheel {
    fn forget(&mut self, ticket: TicketId) {
        self.count -= 1;
        if let Some(of_ticket) = self.of_ticket.get_mut(&ticket) {
            *of_ticket -= 1;
            if *of_ticket == 0 {
                self.of_ticket.remove(&ticket);
            }
        }
    }
}
