//! Whose turn it is, as the journal alone tells: a small model of the queue's promise, beside the engine's own queue.

use std::collections::BTreeMap;

use onsale_domain::command::Command;
use onsale_domain::engine::Engine;
use onsale_domain::queue::{Opening, Phase, State};
use onsale_domain::reply::{Outcome, Reply};
use onsale_domain::time::Time;
use roaring::RoaringBitmap;

use crate::check::{Check, Failure};
use crate::draws::{Draws, Entry};
use crate::idle::Opened;

/// The queue keeps the moments at which people were heard from in tenths of a second.
const ROUNDED_MS: u64 = 200;

/// What is known of the tickets of the one queue.
#[derive(Clone, Default)]
pub(crate) struct Turns {
    tickets: BTreeMap<u32, Known>,
    time: Time,
    /// Everybody counts as heard from then.
    floor: Time,
    /// When the queue opens and closes by itself.
    opening: Opening,
    /// What the moments made of it when the last entry was applied.
    phase: Phase,
    pub(crate) draws: Draws,
    /// Whether it opened in the last entry.
    pub(crate) opened: Opened,
    /// What the last entries have shown, as marks.
    pub(crate) reached: Vec<&'static str>,
}

#[derive(Clone, Copy)]
struct Known {
    state: State,
    /// When the journal had word of it last.
    heard: Time,
}

impl Turns {
    /// An entry of that time has been applied. Nobody is passed over of whom there was word within `waiting_ttl`, and nobody is
    /// let in before somebody who has waited for longer, and waits still.
    pub(crate) fn look(
        &mut self,
        engine: &Engine,
        (commands, outcomes): (&[Command], &[Outcome]),
        time: Time,
    ) -> Result<(), Failure> {
        let Some(queue) = engine.queues().first() else { return Ok(()) };
        let now = |number| queue.ticket(number).map(|(_, state)| state);
        let entry = Entry {
            seq: engine.mark().seq,
            now: time,
            waited: self.tickets.values().any(|known| known.state == State::Waiting),
            issued: self.draws.next(),
            waits: (0..queue.issued()).find(|number| now(*number) == Some(State::Waiting)),
            tiered: queue.tiered().map(|tiered| tiered.first),
        };
        let phases = self.follow((commands, outcomes), entry);
        if queue.phase() != self.phase {
            return failed(format!("the queue is {:?} at {time:?}, and should be {:?}", queue.phase(), self.phase));
        }
        let admits = phases.contains(&Phase::Open);
        let takes_in = admits || phases.contains(&Phase::Prequeue);
        let ttl_ms = queue.settings().waiting_ttl_ms;
        // Nodes append more often than that while somebody waits: a longer gap is no silence of theirs.
        if time.ms_since(self.time) > ttl_ms / 4 {
            self.floor = time;
        }
        self.time = time;
        // Whoever came early is as if heard from at the opening, and nobody is passed over before it.
        if phases[0].is_before_opening() {
            self.floor = time;
        }
        self.draws.check(queue, engine.mark().seq)?;
        let waits_on = self
            .tickets
            .iter()
            .filter(|(number, known)| known.state == State::Waiting && now(**number) == Some(State::Waiting));
        let waits_on = waits_on.map(|(number, _)| *number).min_by_key(|number| self.draws.rank(*number));
        for number in 0..queue.issued() {
            let Some(state) = now(number) else { continue };
            let before = self.tickets.get(&number).copied();
            if before.is_none() && !takes_in {
                return failed(format!("ticket {number} is issued at {time:?}, when the queue is {:?}", self.phase));
            }
            let is_let_in =
                before.is_none_or(|before| before.state == State::Waiting) && matches!(state, State::Progress { .. });
            if is_let_in && !admits {
                return failed(format!("ticket {number} is let in at {time:?}, when the queue is {:?}", self.phase));
            }
            let rank = self.draws.rank(number);
            if is_let_in && let Some(first) = waits_on.filter(|first| self.draws.rank(*first) < rank) {
                return failed(format!("ticket {number} is let in at {time:?}, and {first} waits"));
            }
            if is_let_in && waits_on.is_some_and(|first| first < number) {
                self.reached.push(match self.draws.is_draw() {
                    true => "draw: let in before who joined earlier",
                    false => "tiers: let in before who joined earlier",
                });
            }
            let is_passed_over = matches!(state, State::Absent { .. });
            if let Some(before) = before.filter(|before| is_passed_over && before.state == State::Waiting) {
                let heard = before.heard.max(self.floor);
                let silent_ms = time.ms_since(heard);
                if silent_ms + ROUNDED_MS < ttl_ms {
                    return failed(format!("ticket {number} is passed over, {silent_ms} ms after word of {ttl_ms}"));
                }
            }
            self.tickets.insert(number, Known { state, heard: before.map_or(time, |before| before.heard) });
        }
        if phases.iter().any(|phase| phase.is_before_opening()) {
            self.floor = time;
        }
        for command in commands {
            match command {
                Command::Start => self.floor = time,
                Command::Seen { tickets, .. } => {
                    for number in RoaringBitmap::deserialize_from(&tickets[..]).unwrap_or_default() {
                        if let Some(known) = self.tickets.get_mut(&number) {
                            known.heard = time;
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What the queue was before the entry, and at each moment within it; what it draws meanwhile is noted.
    fn follow(&mut self, (commands, outcomes): (&[Command], &[Outcome]), entry: Entry) -> Vec<Phase> {
        let time = entry.now;
        let mut phases = vec![self.phase, phase(self.opening, time)];
        self.opened = Opened::default();
        self.opened.by_time = self.moves(phase(self.opening, time), entry);
        for (command, outcome) in commands.iter().zip(outcomes) {
            match (command, outcome) {
                (Command::SetOpening { opening, .. }, Ok(_)) => {
                    self.opening = *opening;
                    phases.push(phase(*opening, time));
                    self.opened.by_command |= self.moves(phase(*opening, time), entry);
                }
                (Command::SetOrder { order, .. }, Ok(_)) => self.draws.order(*order, entry),
                (Command::SetBeacon { beacon, .. }, Ok(_)) => self.draws.beacon(beacon),
                (Command::Raise { level }, Ok(_)) => {
                    let is_late = self.phase == Phase::Prequeue && self.draws.next() > 0;
                    let before = self.draws.heeds_tiers();
                    self.draws.raised(*level, entry);
                    if is_late && self.draws.heeds_tiers() != before {
                        self.reached.push("tiers: count from the middle of a pre-queue on");
                    }
                }
                (Command::Enter { entry: shown, .. }, Ok(Reply::Entered(entered))) => {
                    self.joins((entered.joined.ticket.number, shown.tier), time);
                }
                (_, Ok(Reply::Joined(joined))) => self.joins((joined.ticket.number, None), time),
                _ => {}
            }
        }
        phases
    }

    /// Gives whether it opens.
    fn moves(&mut self, phase: Phase, entry: Entry) -> bool {
        let opens = phase == Phase::Open && self.phase != Phase::Open;
        let begins = phase == Phase::Prequeue && self.phase != Phase::Prequeue && !self.draws.is_draw();
        self.phase = phase;
        let before = self.draws.given();
        self.draws.moves(phase, entry);
        if begins && before.is_some() && self.draws.given().is_some() {
            self.reached.push("tiers: none count, as others wait");
        }
        let Some((_, tickets, has_tiers)) = self.draws.given().filter(|_| before.is_none()) else { return opens };
        let has_left = self.tickets.values().rev().take(tickets).any(|known| known.state.ended());
        if self.draws.is_draw() {
            self.reached.push(match tickets {
                0 => "draw: sealed with nobody",
                _ if has_left => "draw: sealed, and somebody had left",
                _ => "draw: sealed",
            });
        }
        if has_tiers {
            self.reached.push(match self.draws.is_draw() {
                true => "tiers: drawn each for itself",
                false if has_left => "tiers: opened in order, and somebody had left",
                false => "tiers: opened in order",
            });
        }
        opens
    }

    fn joins(&mut self, (number, tier): (u32, Option<u8>), time: Time) {
        let Some((at, ..)) = self.draws.given().filter(|_| self.draws.next() <= number) else {
            self.draws.joins(number, tier, time);
            return;
        };
        self.draws.joins(number, tier, time);
        if self.draws.is_draw() {
            self.reached.push(match at == time {
                true => "draw: joined in the entry that opens",
                false => "draw: joined behind it",
            });
        }
        if tier.is_some() {
            self.reached.push("tiers: came behind the opening");
        }
    }

    /// Whether nobody is told a place now.
    pub(crate) fn is_before_opening(&self) -> bool {
        self.phase.is_before_opening()
    }
}

/// What the moments make of a queue: the last of them that is past counts, and before the first it is closed unless it only ends.
fn phase(opening: Opening, now: Time) -> Phase {
    let Opening { prequeue_at, opens_at, closes_at } = opening;
    let before = if prequeue_at.or(opens_at).is_some() { Phase::Closed } else { Phase::Open };
    let moments = [(prequeue_at, Phase::Prequeue), (opens_at, Phase::Open), (closes_at, Phase::Over)];
    let mut past = moments.into_iter().filter(|(at, _)| at.is_some_and(|at| at <= now));
    past.next_back().map_or(before, |(_, phase)| phase)
}

fn failed(text: String) -> Result<(), Failure> {
    Err(Failure { check: Check::FirstCome, text })
}
