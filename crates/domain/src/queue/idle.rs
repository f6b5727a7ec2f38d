//! Those who are inside and do nothing: when each of them last did something, and who is let go for it.
//!
//! Nodes tell it with [`Command::Active`](crate::command::Command::Active), each many requests of many people at once. Whoever has a
//! live hold, in whatever sale, is doing something; from its end on they have the whole time again.

use std::collections::{BTreeMap, BTreeSet};

use crate::changes::Changes;
use crate::fingerprint::{Hash, Kind};
use crate::ids::UserId;
use crate::row::Row;
use crate::time::Time;

use super::{ActivityRow, PRESENCE_BLOCK, Queue, State};

/// Whether a user has a live hold.
pub(crate) type Holds<'a> = &'a dyn Fn(UserId) -> bool;

#[derive(Debug, Default)]
pub(super) struct Idle {
    /// When each last did something: of those who were let in, or did something, while it was asked for.
    since: BTreeMap<u32, Time>,
    /// All who are inside, whoever was idle for longest first, where it is asked for. Who is not in `since` counts as of the beginning
    /// of time, and goes by the moment at which everybody was seen.
    order: BTreeSet<(Time, u32)>,
    /// Blocks of which something changed in this batch.
    dirty: BTreeSet<u32>,
}

impl Idle {
    fn key(&self, number: u32) -> (Time, u32) {
        (self.since.get(&number).copied().unwrap_or_default(), number)
    }
}

impl Queue {
    /// Somebody was let in.
    pub(super) fn enter_idle(&mut self, number: u32, changes: &mut Changes<'_>) {
        self.act(number, false, changes);
    }

    /// Somebody is inside no more.
    pub(super) fn leave_idle(&mut self, number: u32, changes: &mut Changes<'_>) {
        if !self.idle.order.is_empty() {
            self.idle.order.remove(&self.idle.key(number));
        }
        if let Some(since) = self.idle.since.remove(&number) {
            changes.remove(self.activity_hash(number, since));
            self.idle.dirty.insert(number / PRESENCE_BLOCK);
        }
    }

    /// Somebody inside did something just now; `held` where they have a hold, too, so that readers know of no end.
    fn act(&mut self, number: u32, held: bool, changes: &mut Changes<'_>) {
        if self.settings.session_idle_ms.is_none() {
            return;
        }
        self.idle.order.remove(&self.idle.key(number));
        self.idle.order.insert((changes.now, number));
        if let Some(old) = self.idle.since.insert(number, changes.now) {
            changes.remove(self.activity_hash(number, old));
        }
        changes.add(self.activity_hash(number, changes.now));
        self.line.set_active(number, if held { Time::NEVER } else { changes.now });
        self.idle.dirty.insert(number / PRESENCE_BLOCK);
    }

    /// Tickets whose owners did something, as a node saw. It is too late for those whose time is over.
    pub(crate) fn active_again(
        &mut self,
        numbers: impl Iterator<Item = u32>,
        holds: Holds<'_>,
        changes: &mut Changes<'_>,
    ) {
        for number in numbers {
            let inside = matches!(self.line.state(number), Some(State::Progress { .. }));
            if inside && !self.is_idle(number, holds, changes.now) && !self.end_if_due(number, changes) {
                let held = self.is_held_by(number, holds);
                self.act(number, held, changes);
                self.slide(number, changes);
            }
        }
        self.admit(changes);
    }

    pub(super) fn is_held_by(&self, number: u32, holds: Holds<'_>) -> bool {
        self.tickets.get(number).is_some_and(|ticket| holds(ticket.user))
    }

    /// A hold of the user's has begun: as long as it lives, readers know of no end.
    pub(crate) fn hold_began(&mut self, user: UserId, changes: &mut Changes<'_>) {
        if self.settings.activity_ms().is_some()
            && let Some(number) = self.tickets.live_of(user)
            && let Some(State::Progress { until }) = self.line.state(number)
        {
            if self.settings.session_idle_ms.is_some() {
                self.line.set_active(number, Time::NEVER);
            }
            if until > changes.now {
                self.slide(number, changes);
            }
        }
    }

    /// A hold of the user's has ended: until now they were doing something. `held` where they have another.
    pub(crate) fn hold_ended(&mut self, user: UserId, held: bool, changes: &mut Changes<'_>) {
        if self.settings.activity_ms().is_some()
            && let Some(number) = self.tickets.live_of(user)
            && let Some(State::Progress { until }) = self.line.state(number)
            && until > changes.now
        {
            self.act(number, held, changes);
            self.slide(number, changes);
        }
    }

    /// Whether the ticket's owner has done nothing for so long that their session is over, whether or not its deadline has fired.
    pub(crate) fn is_idle(&self, number: u32, holds: Holds<'_>, now: Time) -> bool {
        let is_due = self.idle_at(self.idle.key(number).0).is_some_and(|at| at <= now);
        is_due && !self.is_held_by(number, holds)
    }

    /// When a session ends whose owner last did something at `since`, unless they do something before.
    fn idle_at(&self, since: Time) -> Option<Time> {
        Some(since.max(self.seen_floor).plus_ms(self.settings.session_idle_ms?))
    }

    /// When the next session ends for idleness, or is found to be kept by a hold.
    pub(super) fn next_idle(&self) -> Option<Time> {
        self.idle_at(self.idle.order.first()?.0)
    }

    /// Ends the sessions of those who have done nothing for too long, at most `budget` of them.
    pub(super) fn end_idle(&mut self, budget: &mut u32, holds: Holds<'_>, changes: &mut Changes<'_>) {
        while *budget > 0
            && let Some(&(since, number)) = self.idle.order.first()
            && self.idle_at(since).is_some_and(|at| at <= changes.now)
        {
            if self.is_held_by(number, holds) {
                self.act(number, true, changes);
            } else {
                self.set(number, State::Expired { at: changes.now }, changes);
            }
            *budget -= 1;
        }
    }

    /// Puts all those inside in order, and shows them to readers: what began and ended while it was not asked for is not known to them.
    pub(super) fn show_idle(&mut self, holds: Holds<'_>) {
        if self.settings.session_idle_ms.is_none() {
            self.idle.order.clear();
            return;
        }
        self.idle.order = self.sessions.iter().map(|&(_, number)| self.idle.key(number)).collect();
        for &(_, number) in &self.sessions {
            let since = if self.is_held_by(number, holds) { Time::NEVER } else { self.idle.key(number).0 };
            self.line.set_active(number, since);
        }
    }

    /// When everybody counts as having done something at the latest.
    #[must_use]
    pub fn seen_floor(&self) -> Time {
        self.seen_floor
    }

    fn activity_hash(&self, number: u32, since: Time) -> u64 {
        Hash::new(Kind::Active).words([u64::from(self.id.0) << 32 | u64::from(number), since.0]).finish()
    }

    /// Emits who was active where that changed in this batch.
    pub(super) fn end_batch_of_idle(&mut self, changes: &mut Changes<'_>) {
        for block in core::mem::take(&mut self.idle.dirty) {
            let first = block * PRESENCE_BLOCK;
            let last = first + (PRESENCE_BLOCK - 1);
            let since = self.idle.since.range(first..=last).map(|(&number, &at)| (number, at)).collect();
            changes.row(Row::Activity(ActivityRow { queue: self.id, first, since }));
        }
    }

    /// Its tickets are loaded before.
    pub(crate) fn load_activity(&mut self, row: &ActivityRow) -> Result<(), String> {
        for &(number, at) in &row.since {
            if !matches!(self.line.state(number), Some(State::Progress { .. })) {
                return Err(format!("ticket {number} of queue {} is active, and not inside", self.id));
            }
            self.idle.since.insert(number, at);
        }
        Ok(())
    }

    /// When all rows are in: the sum of the hashes of who was active when.
    pub(super) fn finish_load_of_idle(&mut self, holds: Holds<'_>) -> u64 {
        self.show_idle(holds);
        let hashes = self.idle.since.iter().map(|(&number, &at)| self.activity_hash(number, at));
        hashes.fold(0, u64::wrapping_add)
    }
}
