//! Those who are inside by when they were last heard from: how many of them are silent, and who is let go for it.

use std::collections::BTreeMap;

use crate::changes::Changes;
use crate::ids::UserId;
use crate::settings::QueueSettings;
use crate::time::Time;

use super::{Queue, State, from_tenths};

/// The most that one command lets go.
const LET_GO_MAX: usize = 10_000;

impl QueueSettings {
    /// How long somebody inside is not heard from before they count as silent. A page in the background may be let speak
    /// but once a minute, so it is longer than the silence by which a turn is passed over.
    #[must_use]
    pub fn silence_ms(&self) -> u64 {
        self.waiting_ttl_ms * 2
    }
}

/// How many of those inside were last heard from in each second. There are few such seconds, however many are inside.
#[derive(Debug, Default)]
pub(super) struct Silence {
    inside: BTreeMap<u64, u32>,
}

impl Silence {
    pub(super) fn enter(&mut self, seen: Time) {
        *self.inside.entry(second(seen)).or_default() += 1;
    }

    pub(super) fn leave(&mut self, seen: Time) {
        if let Some(n) = self.inside.get_mut(&second(seen)) {
            *n -= 1;
            if *n == 0 {
                self.inside.remove(&second(seen));
            }
        }
    }

    fn before(&self, time: Time) -> u32 {
        self.inside.range(..time.0.div_ceil(1_000)).map(|(_, n)| n).sum()
    }
}

/// The second in which somebody was heard from, rounded up: nobody is silent earlier than they were.
fn second(seen: Time) -> u64 {
    seen.0.div_ceil(1_000)
}

impl Queue {
    /// How many are inside and have not been heard from for longer than [`QueueSettings::silence_ms`]. 0 below
    /// [`level::FAIRNESS`](crate::level::FAIRNESS), where who is inside is not listened to.
    #[must_use]
    pub fn silent(&self, now: Time) -> u32 {
        self.silent_before(now, self.settings.silence_ms()).map_or(0, |before| self.silence.before(before))
    }

    /// Who was last heard from before this has been silent for longer than so many milliseconds; `None` where nobody can
    /// have been, as there was nobody to hear them.
    fn silent_before(&self, now: Time, silent_ms: u64) -> Option<Time> {
        let before = Time(now.0.checked_sub(silent_ms)?);
        (self.hears_inside && self.seen_floor < before).then_some(before)
    }

    /// When somebody was last heard from.
    pub(super) fn seen_at(&self, number: u32, now: Time) -> Time {
        self.tickets.get(number).map_or(now, |ticket| from_tenths(ticket.seen, now))
    }

    /// Ends the sessions of those who have been silent for longer than `silent_ms`, in the order in which they would end;
    /// whose they were.
    pub(crate) fn let_silent_go(&mut self, silent_ms: u64, changes: &mut Changes<'_>) -> Vec<UserId> {
        let Some(before) = self.silent_before(changes.now, silent_ms) else { return Vec::new() };
        let is_silent = |&number: &u32| second(self.seen_at(number, changes.now)) < before.0.div_ceil(1_000);
        let silent: Vec<_> =
            self.sessions.iter().map(|&(_, number)| number).filter(is_silent).take(LET_GO_MAX).collect();
        let users = silent.iter().filter_map(|&number| Some(self.tickets.get(number)?.user)).collect();
        for number in silent {
            self.set(number, State::Expired { at: changes.now }, changes);
        }
        self.admit(changes);
        users
    }

    /// From now on who is inside is listened to; nobody was silent before.
    pub(crate) fn listen_inside(&mut self, now: Time) {
        self.hears_inside = true;
        self.everybody_is_seen(now);
    }
}
