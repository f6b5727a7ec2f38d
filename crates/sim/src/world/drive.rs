//! The parts of a node have their turns, as the threads of production give them.

use std::sync::atomic::Ordering;
use std::time::Duration;

use onsale_domain::engine::Engine;
use onsale_journal::{Appended, Error as JournalError, Head, Journal as _, Limit, Tail as _, Votes as _};
use onsale_node::core::{Message, applier, follower, projector, sequencer};
use onsale_node::{OpenError, recovery};
use onsale_tables::Error as TablesError;
use rand::RngExt as _;

use super::{Check, Event, STORE, World};
use crate::node::Waits;
use crate::plan::Part;

impl World<'_> {
    pub(super) fn turn(&mut self, node: usize, id: u64, part: Part) {
        let now = self.now;
        let Some(found) = self.node(node, id) else { return };
        found.waits[part as usize] = Waits::ForItsTurn;
        let until = found.stands_until[part as usize];
        if now < until {
            return self.at(until, Event::Turn { node, id, part });
        }
        match part {
            Part::Sequencer => self.sequence(node, id),
            Part::Applier => self.apply(node, id),
            Part::Follower => self.follow(node, id),
            Part::Projector => self.project(node, id),
        }
    }

    pub(super) fn time_out(&mut self, node: usize, id: u64, part: Part) {
        if part == Part::Projector
            && let Some(found) = self.node(node, id)
        {
            found.projector.nothing_came();
        }
        self.turn(node, id, part);
    }

    /// A machine waits for what another hands it, at most so long.
    fn wait(&mut self, node: usize, id: u64, part: Part, within: Option<Duration>) {
        self.waits += 1;
        let wait = self.waits;
        let Some(found) = self.node(node, id) else { return };
        found.waits[part as usize] = Waits::ForWork(wait);
        if let Some(within) = within {
            self.at(self.now + within, Event::TimeOut { node, id, part, wait });
        }
    }

    /// Another has handed a machine something.
    pub(super) fn hand(&mut self, node: usize, part: Part) {
        let Some(found) = &mut self.nodes[node] else { return };
        if found.waits[part as usize] != Waits::ForItsTurn {
            found.waits[part as usize] = Waits::ForItsTurn;
            let id = found.id;
            self.turn_soon(node, id, part);
        }
    }

    /// Who waits for others to append hears of it, or not.
    pub(super) fn wake_followers(&mut self) {
        for node in 0..self.nodes.len() {
            if self.chance.random_bool(0.9) {
                self.hand(node, Part::Follower);
            }
        }
    }

    fn sequence(&mut self, node: usize, id: u64) {
        let now = self.node_now(node);
        let Some(found) = self.node(node, id) else { return };
        match found.sequencer.next(now) {
            sequencer::Todo::Wait(time) => match found.commands.pop_front() {
                Some(message) => self.take(node, message),
                // The message that ends the wait is taken at the turn that it brings.
                None => return self.wait(node, id, Part::Sequencer, Some(time)),
            },
            sequencer::Todo::Sleep(time) => {
                return self.at(now.monotonic + time, Event::Turn { node, id, part: Part::Sequencer });
            }
            sequencer::Todo::Drain => self.drain(node),
            sequencer::Todo::Append => return self.append(node, id),
            sequencer::Todo::Probe => {
                let result = found.journal.probe();
                return self.answered(0.002, Event::Probed { node, id, result });
            }
            sequencer::Todo::ProbeIfIdle => {
                let result = found.journal.probe_if_idle();
                return self.answered(0.002, Event::Probed { node, id, result });
            }
            sequencer::Todo::HandOn(entry) => {
                self.place(&entry);
                let Some(found) = self.node(node, id) else { return };
                found.entries.push_back(entry);
                self.hand(node, Part::Applier);
            }
            sequencer::Todo::Answer(answers) => self.answer(answers),
            sequencer::Todo::Door { is_open } => {
                found.is_open = is_open;
                if !is_open {
                    self.marks.hit("node: cut off");
                }
            }
            sequencer::Todo::End => return,
            sequencer::Todo::Stop(fault) => return self.stop(node, fault.kind, &fault.reason),
        }
        self.turn_soon(node, id, Part::Sequencer);
    }

    fn take(&mut self, node: usize, message: Message) {
        let Some(found) = &mut self.nodes[node] else { return };
        if let Message::Command(_, to) = &message {
            found.gathered.push(to.told_as());
        }
        found.sequencer.take(message);
    }

    fn drain(&mut self, node: usize) {
        while let Some(found) = &mut self.nodes[node]
            && found.sequencer.has_room()
            && let Some(message) = found.commands.pop_front()
        {
            self.take(node, message);
        }
    }

    fn append(&mut self, node: usize, id: u64) {
        let Some(found) = self.node(node, id) else { return };
        let (number, payload) = found.sequencer.outgoing();
        let payload = payload.to_vec();
        let result = found.journal.append(number, &payload);
        let gathered = std::mem::take(&mut found.gathered);
        self.check_follows(node, &gathered);
        match &result {
            Ok(_) => self.marks.hit("append: acknowledged"),
            Err(JournalError::Full) => self.marks.hit("append: full"),
            Err(JournalError::Unavailable { .. }) => self.marks.hit("append: unavailable"),
            Err(JournalError::Unknown { .. }) => self.marks.hit("append: unknown"),
            Err(_) => {}
        }
        self.look();
        self.answered(0.004, Event::Appended { node, id, result });
        self.wake_followers();
    }

    pub(super) fn appended(&mut self, node: usize, id: u64, result: Result<Appended, JournalError>) {
        let now = self.node_now(node);
        let Some(found) = self.node(node, id) else { return };
        let ahead_ms = found.journal.time().ahead_ms;
        found.sequencer.appended(result, ahead_ms, now);
        self.turn(node, id, Part::Sequencer);
    }

    fn apply(&mut self, node: usize, id: u64) {
        let now = self.now;
        let Some(found) = self.node(node, id) else { return };
        match found.applier.next(now) {
            applier::Todo::Take { within } => match found.entries.pop_front() {
                Some(entry) => found.applier.take(entry),
                None => return self.wait(node, id, Part::Applier, within),
            },
            applier::Todo::Answer(answers) => self.answer(answers),
            applier::Todo::Wake => {
                found.commands.push_back(Message::Wake);
                self.hand(node, Part::Sequencer);
            }
            applier::Todo::Look => self.hand(node, Part::Follower),
            applier::Todo::Vote { at, fingerprint } => found.follower.vote_on(at, fingerprint),
            applier::Todo::Project(batch) => {
                found.stats.projection_backlog.fetch_add(batch.weight, Ordering::Relaxed);
                let (hash, mark) = (batch.hash, batch.mark);
                found.batches.push_back(batch);
                if self.is_traced {
                    self.tell(&format!(
                        "node {node} is at entry {}, {hash}, in state {:016x}",
                        mark.seq, mark.fingerprint
                    ));
                }
                let checked = self.oracle.came_to(&hash, mark.seq, mark.fingerprint);
                self.require(checked);
                self.hand(node, Part::Projector);
            }
            applier::Todo::End => return,
            applier::Todo::Stop(fault) => return self.stop(node, fault.kind, &fault.reason),
        }
        self.turn_soon(node, id, Part::Applier);
    }

    fn follow(&mut self, node: usize, id: u64) {
        let now = self.now;
        let Some(found) = self.node(node, id) else { return };
        match found.follower.next(now) {
            follower::Todo::Look { known, limit } => {
                let result = found.tail.behind(known, limit);
                return self.answered(0.003, Event::Looked { node, id, result });
            }
            follower::Todo::HandOn(entry) => {
                let is_own = matches!(entry.origin, onsale_node::core::entry::Origin::ReadBack);
                found.entries.push_back(entry);
                self.marks.hit(if is_own { "entry: own, read back" } else { "entry: of another node" });
                self.hand(node, Part::Applier);
            }
            follower::Todo::Vote { at, fingerprint } => {
                let result = found.tail.vote(&at, fingerprint);
                self.marks.hit("vote: cast");
                return self.answered(0.003, Event::Counted { node, id, result });
            }
            follower::Todo::Count { seq } => {
                let result = found.tail.votes(seq);
                self.marks.hit("vote: counted again");
                return self.answered(0.003, Event::Counted { node, id, result });
            }
            follower::Todo::Wait(time) => return self.wait(node, id, Part::Follower, Some(time)),
            follower::Todo::Sleep(time) => {
                return self.at(now + time, Event::Turn { node, id, part: Part::Follower });
            }
            follower::Todo::Stop(fault) => return self.stop(node, fault.kind, &fault.reason),
        }
        self.turn_soon(node, id, Part::Follower);
    }

    pub(super) fn beat(&mut self, node: usize, id: u64) {
        let Some(found) = self.node(node, id) else { return };
        // A commit that fails shows in what reads are worth.
        let _ = found.pulse.beat();
        let spent = self.database.take_spent();
        self.at(self.now + spent + Duration::from_millis(250), Event::Beat { node, id });
    }

    fn project(&mut self, node: usize, id: u64) {
        let now = self.now;
        let Some(found) = self.node(node, id) else { return };
        match found.projector.next(now) {
            projector::Todo::Take { within } => match found.batches.pop_front() {
                Some(batch) => found.projector.take(batch, now),
                None => return self.wait(node, id, Part::Projector, within),
            },
            projector::Todo::Drain => {
                while let Some(batch) = found.batches.pop_front() {
                    found.projector.take(batch, now);
                }
            }
            projector::Todo::Confirm(head) => {
                let confirmed = found.reader.expect(&head);
                found.projector.confirmed(confirmed, now);
            }
            projector::Todo::Write => return self.write(node, id),
            projector::Todo::Load => {
                self.marks.hit("tables: made from the journal");
                let loaded = self.load(node);
                if let Some(found) = self.node(node, id) {
                    found.projector.loaded(loaded, now);
                }
            }
            projector::Todo::Read { seq } => {
                let read = found.reader.read_from(seq, Limit::default());
                found.projector.read(read, now);
            }
            projector::Todo::Refresh => {
                let is_there = self.reaches_tables(node).1;
                let refreshed = if is_there { Ok(self.tables.seq()) } else { Err(unreachable_tables()) };
                if let Some(found) = self.node(node, id) {
                    found.projector.refreshed(refreshed, now);
                }
            }
            projector::Todo::End => return,
        }
        let spent = self.database.take_spent() + self.takes(0.002);
        self.at(now + spent, Event::Turn { node, id, part: Part::Projector });
    }

    /// An engine that stands where the tables do, as the projector's thread makes it.
    fn load(&mut self, node: usize) -> Result<Engine, OpenError> {
        let beginnings = self.beginnings;
        if let Some(found) = &mut self.nodes[node] {
            // It is a session of its own, whatever became of the one before.
            found.tables_session = beginnings;
        }
        if !self.reaches_tables(node).1 {
            return Err(unreachable_tables().into());
        }
        let stored = self.tables.mark(STORE);
        let engine = recovery::engine(&mut &self.tables, stored.as_ref())?;
        if let (Some(stored), Some(found)) = (&stored, &mut self.nodes[node]) {
            let (seq, time_ms) = (stored.mark.seq, stored.mark.time.0);
            found.reader.expect(&Head { seq, time_ms, hash: stored.hash.into() })?;
        }
        Ok(engine)
    }

    /// Whether an operation on the tables is carried out, and whether it is answered. In a session that has ended it is
    /// neither, once: so `onsale_tables` tells whoever has one that the next may be with another server.
    fn reaches_tables(&mut self, node: usize) -> (bool, bool) {
        let beginnings = self.beginnings;
        let Some(found) = &mut self.nodes[node] else { return (false, false) };
        let before = std::mem::replace(&mut found.tables_session, beginnings);
        if before != beginnings || self.is_away() {
            return (false, false);
        }
        self.conditions.tables(node)
    }

    fn write(&mut self, node: usize, id: u64) {
        let (is_done, is_answered) = self.reaches_tables(node);
        let Some(found) = self.nodes[node].as_ref() else { return };
        let (from, mark, hash, rows) = found.projector.transaction();
        let seq = mark.seq;
        let result = match is_done && !self.is_full() {
            true => self.tables.project(from, *mark, hash, rows, self.database.copy()),
            false => Err(unreachable_tables()),
        };
        if result.is_ok() && self.oracle.hash(seq) != Some(hash) {
            let text = format!("node {node} projects entry {seq}, which is not in the journal");
            self.fail(Check::Tables, text);
        }
        if matches!(result, Err(TablesError::Moved { .. })) {
            self.marks.hit("tables: moved");
        }
        let result = if is_answered || result.is_err() { result } else { Err(unreachable_tables()) };
        let takes = self.takes(0.02);
        self.at(self.now + takes, Event::Projected { node, id, result });
    }

    pub(super) fn projected(&mut self, node: usize, id: u64, result: Result<(), TablesError>) {
        let now = self.now;
        if matches!(result, Err(TablesError::Busy(_))) {
            self.marks.hit("tables: unreachable");
        }
        if let Some(found) = self.node(node, id) {
            found.projector.written(result, now);
            self.turn(node, id, Part::Projector);
        }
    }
}

/// What the projector is told: it takes all that it may try again alike.
fn unreachable_tables() -> TablesError {
    TablesError::Busy("the database does not answer".into())
}
