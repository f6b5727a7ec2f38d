//! Sessions that become longer as long as their owners do something, up to an end that nothing puts off; and the word of others, that
//! somebody's session goes on, or is over.
//!
//! An end that was told moves later and never sooner, whatever is changed meanwhile.

use crate::changes::Changes;
use crate::ids::UserId;
use crate::refusal::Refusal;
use crate::time::Time;

use super::idle::Holds;
use super::{Queue, State};

impl Queue {
    /// Somebody was let in.
    pub(super) fn enter_sliding(&mut self, number: u32, now: Time) {
        if self.settings.session_max_ms.is_some() {
            self.admitted.insert(number, now);
            self.line.set_admitted(number, now);
        }
    }

    /// Somebody inside did something just now: the end of their session is put off.
    pub(super) fn slide(&mut self, number: u32, changes: &mut Changes<'_>) {
        let Some(State::Progress { until }) = self.line.state(number) else { return };
        let known = self.admitted.get(&number).copied();
        let Some(end) = self.settings.slid(until, known, changes.now) else { return };
        let was = self.traits_of(number, State::Progress { until });
        // Whoever was let in before this was asked for counts as let in a session before their end.
        let admitted = known.unwrap_or_else(|| self.settings.admitted_by(until));
        self.admitted.insert(number, admitted);
        self.line.set_admitted(number, admitted);
        self.sessions.remove(&(until, number));
        self.sessions.insert((end, number));
        self.change(number, was, State::Progress { until: end }, changes);
    }

    /// Whoever has a hold at the end of their session is doing something. Says whether it goes on.
    pub(super) fn is_kept(&mut self, number: u32, holds: Holds<'_>, changes: &mut Changes<'_>) -> bool {
        if self.settings.session_max_ms.is_none() || !self.is_held_by(number, holds) {
            return false;
        }
        let now = changes.now;
        self.slide(number, changes);
        matches!(self.line.state(number), Some(State::Progress { until }) if until > now)
    }

    /// Somebody else ends the user's session. What they hold stays theirs until it lapses, and can be paid as long.
    pub(crate) fn end_session(&mut self, user: UserId, changes: &mut Changes<'_>) -> Result<(), Refusal> {
        let number = self.inside(user, changes)?;
        self.set(number, State::Done { at: changes.now }, changes);
        self.admit(changes);
        Ok(())
    }

    /// Somebody else says that the user is doing something. Gives when the session ends now.
    pub(crate) fn keep_session(
        &mut self,
        user: UserId,
        holds: Holds<'_>,
        changes: &mut Changes<'_>,
    ) -> Result<Time, Refusal> {
        let number = self.inside(user, changes)?;
        self.active_again(core::iter::once(number), holds, changes);
        match self.line.state(number) {
            Some(State::Progress { until }) => Ok(until),
            _ => Err(Refusal::SessionExpired),
        }
    }

    /// The ticket of a user who is inside.
    fn inside(&mut self, user: UserId, changes: &mut Changes<'_>) -> Result<u32, Refusal> {
        let number = self.tickets.live_of(user).ok_or(Refusal::NotAdmitted)?;
        if self.end_if_due(number, changes) {
            self.admit(changes);
            return Err(Refusal::SessionExpired);
        }
        match self.line.state(number) {
            Some(State::Progress { .. }) => Ok(number),
            _ => Err(Refusal::NotAdmitted),
        }
    }
}
