//! When a queue opens and closes by itself, and what it is meanwhile.

use minicbor::{Decode, Encode};

use crate::changes::Changes;
use crate::fingerprint::Hash;
use crate::ids::INTEGER_MAX;
use crate::operator::Kind;
use crate::refusal::Refusal;
use crate::time::Time;

use super::{Queue, State};

/// The moments that were set for a queue. Where none is, it is open, and only its mode says what it does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Opening {
    /// From here on people may join; nobody is admitted before `opens_at`.
    #[n(0)]
    pub prequeue_at: Option<Time>,
    /// From here on people are admitted.
    #[n(1)]
    pub opens_at: Option<Time>,
    /// From here on nobody joins and nobody is admitted.
    #[n(2)]
    pub closes_at: Option<Time>,
}

/// What the moments make of a queue. Its [mode](super::Mode) stands above: a paused queue that opens stays paused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Nobody may join yet.
    Closed,
    /// People may join, and nobody is told a place.
    Prequeue,
    #[default]
    Open,
    /// Nobody joins any more, and who still waited has lost the place.
    Over,
}

impl Opening {
    fn moments(&self) -> [Option<Time>; 3] {
        [self.prequeue_at, self.opens_at, self.closes_at]
    }

    /// Whether any moment is set.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.moments().iter().any(Option::is_some)
    }

    /// # Errors
    /// The name of the first moment that no number of the wire holds, or that is not later than one before it.
    pub fn check(&self) -> Result<(), &'static str> {
        let mut earliest = Time(0);
        for (name, at) in ["prequeueAt", "opensAt", "closesAt"].into_iter().zip(self.moments()) {
            let Some(at) = at else { continue };
            if at < earliest || at.0 > INTEGER_MAX {
                return Err(name);
            }
            earliest = at.plus_ms(1);
        }
        Ok(())
    }

    /// What they make of the queue at a moment.
    #[must_use]
    pub fn phase_at(&self, now: Time) -> Phase {
        let is_past = |at: Option<Time>| at.is_some_and(|at| at <= now);
        let opens = self.prequeue_at.is_some() || self.opens_at.is_some();
        match () {
            () if is_past(self.closes_at) => Phase::Over,
            () if !opens || is_past(self.opens_at) => Phase::Open,
            () if is_past(self.prequeue_at) => Phase::Prequeue,
            () => Phase::Closed,
        }
    }

    /// The first of them that is later than `now`.
    #[must_use]
    pub fn next_after(&self, now: Time) -> Option<Time> {
        self.moments().into_iter().flatten().find(|&at| at > now)
    }

    pub(super) fn hash(&self, hash: Hash, phase: Phase) -> Hash {
        if !self.is_set() {
            return hash;
        }
        let words = self.moments().map(|at| at.map_or(0, |at| at.0 + 1));
        hash.words([u64::MAX, phase as u64]).words(words)
    }
}

impl Phase {
    /// Before people are admitted: whoever waits is told nothing of a place.
    #[must_use]
    pub fn is_before_opening(self) -> bool {
        matches!(self, Self::Closed | Self::Prequeue)
    }
}

impl Queue {
    #[must_use]
    pub fn opening(&self) -> Opening {
        self.opening
    }

    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Whether free slots are filled.
    #[must_use]
    pub fn admits(&self) -> bool {
        self.mode.admits() && self.phase == Phase::Open
    }

    /// Whether somebody new gets a place.
    pub(crate) fn check_takes_in(&self, now: Time) -> Result<(), Refusal> {
        if !self.mode.takes_in() {
            return Err(Refusal::QueueClosed);
        }
        match self.phase {
            Phase::Prequeue | Phase::Open => Ok(()),
            Phase::Closed => {
                let at = self.opening.next_after(now).unwrap_or(now);
                Err(Refusal::QueueNotYetOpen { at, in_ms: at.ms_since(now) })
            }
            Phase::Over => Err(Refusal::QueueOver),
        }
    }

    /// Sets the moments anew. A moment that is past counts at once; but the end must lie ahead, as it takes places away.
    pub(crate) fn set_opening(&mut self, opening: Opening, changes: &mut Changes<'_>) -> Result<(), Refusal> {
        opening.check().map_err(Refusal::SettingInvalid)?;
        let is_new = opening.closes_at != self.opening.closes_at;
        if is_new && opening.closes_at.is_some_and(|at| at <= changes.now) {
            return Err(Refusal::SettingInvalid("closesAt"));
        }
        self.opening = opening;
        self.dirty = true;
        self.move_phase(changes);
        self.admit(changes);
        Ok(())
    }

    /// Makes the queue what its moments say now; what those who wait should hear of it.
    pub(super) fn move_phase(&mut self, changes: &Changes<'_>) -> Option<Kind> {
        self.moves_at = self.opening.next_after(changes.now);
        let (old, new) = (self.phase, self.opening.phase_at(changes.now));
        if old == new {
            return None;
        }
        self.phase = new;
        self.dirty = true;
        if new == Phase::Open {
            // Who came early need not have listened all the time until now.
            self.everybody_is_seen(changes.now);
            self.seal_draw(changes.now);
            self.seal_tiers(changes.now);
        }
        self.begin_draw();
        self.begin_tiers();
        phase_news(old, new)
    }

    /// Whether the queue is over and somebody still has a place in it.
    pub(super) fn has_places_to_end(&self) -> bool {
        let nobody_waits = self.line.is_empty() && self.returned.is_empty() && self.absent.is_empty();
        self.phase == Phase::Over && !nobody_waits
    }

    /// Ends the places of those who wait in a queue that is over, at most `budget` of them.
    pub(super) fn end_places(&mut self, budget: &mut u32, changes: &mut Changes<'_>) {
        while *budget > 0 && self.has_places_to_end() && self.is_in_order() {
            let absent = self.absent.first().map(|&(_, number)| number);
            let Some(number) = absent.or_else(|| self.next_in_turn()) else { break };
            self.set(number, State::Expired { at: changes.now }, changes);
            *budget -= 1;
        }
    }
}

/// What a change of phase means for those who wait, if anything.
pub(crate) fn phase_news(old: Phase, new: Phase) -> Option<Kind> {
    match (old, new) {
        (old, new) if old == new => None,
        (_, Phase::Open) => Some(Kind::QueueOpen),
        (_, Phase::Over) => Some(Kind::QueueClosed),
        (Phase::Open, Phase::Closed | Phase::Prequeue) => Some(Kind::QueuePaused),
        // Nobody was admitted before, and nobody is.
        (Phase::Closed | Phase::Prequeue | Phase::Over, Phase::Closed | Phase::Prequeue) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Opening = Opening { prequeue_at: Some(Time(10)), opens_at: Some(Time(20)), closes_at: Some(Time(30)) };

    #[test]
    fn a_phase_begins_at_its_millisecond() {
        let check = |opening: Opening, expected: [Phase; 6]| {
            assert_eq!([9, 10, 19, 20, 29, 30].map(|now| opening.phase_at(Time(now))), expected, "{opening:?}");
        };
        let [closed, pre, open, over] = [Phase::Closed, Phase::Prequeue, Phase::Open, Phase::Over];
        check(Opening::default(), [open; 6]);
        check(ALL, [closed, pre, pre, open, open, over]);
        check(Opening { prequeue_at: None, ..ALL }, [closed, closed, closed, open, open, over]);
        check(Opening { opens_at: None, ..ALL }, [closed, pre, pre, pre, pre, over]);
        check(Opening { closes_at: None, ..ALL }, [closed, pre, pre, open, open, open]);
        check(Opening { closes_at: ALL.closes_at, ..Opening::default() }, [open, open, open, open, open, over]);
    }

    #[test]
    fn the_next_moment_is_later_than_now() {
        assert_eq!([0, 9, 10, 29].map(|now| ALL.next_after(Time(now)).map(|at| at.0)), [10, 10, 20, 30].map(Some));
        assert_eq!(ALL.next_after(Time(30)), None);
    }

    #[test]
    fn each_moment_is_later_than_those_before_it() {
        assert_eq!(ALL.check(), Ok(()));
        assert_eq!(Opening { opens_at: Some(Time(10)), ..ALL }.check(), Err("opensAt"));
        assert_eq!(Opening { closes_at: Some(Time(20)), ..ALL }.check(), Err("closesAt"));
        assert_eq!(Opening { opens_at: None, closes_at: Some(Time(9)), ..ALL }.check(), Err("closesAt"));
        assert_eq!(Opening { closes_at: Some(Time(INTEGER_MAX + 1)), ..ALL }.check(), Err("closesAt"));
    }
}
