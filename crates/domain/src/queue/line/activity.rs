//! When those inside last did something, and when they were let in.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::time::Time;

use super::{CHUNK, Line, Slots, place};

type Moments = OnceLock<Box<[AtomicU64]>>;

impl Line {
    /// When the ticket's owner last did something, as far as it is in the journal; [`Time::NEVER`] as long as they have a hold.
    #[must_use]
    pub fn active(&self, number: u32) -> Option<Time> {
        self.moment(number, |slots| &slots.active)
    }

    /// Makes it known. Only the engine calls this.
    pub(crate) fn set_active(&self, number: u32, since: Time) {
        self.set_moment(number, |slots| &slots.active, since);
    }

    /// When the ticket's owner was let in; `None` of those of whom that is not kept, as their sessions were not to become longer.
    #[must_use]
    pub fn admitted(&self, number: u32) -> Option<Time> {
        self.moment(number, |slots| &slots.admitted).filter(|at| *at != Time::default())
    }

    /// Makes it known, likewise.
    pub(crate) fn set_admitted(&self, number: u32, at: Time) {
        self.set_moment(number, |slots| &slots.admitted, at);
    }

    fn moment(&self, number: u32, which: fn(&Slots) -> &Moments) -> Option<Time> {
        let at = place(number);
        let tickets = self.chunk(&at)?.tickets.load();
        Some(Time(which(tickets.as_ref()?).get()?[at.slot].load(Ordering::Relaxed)))
    }

    fn set_moment(&self, number: u32, which: fn(&Slots) -> &Moments, moment: Time) {
        let at = place(number);
        if let Some(tickets) = self.chunk_or_new(&at).tickets.load().as_ref() {
            let all = which(tickets).get_or_init(|| (0..CHUNK).map(|_| AtomicU64::new(0)).collect());
            all[at.slot].store(moment.0, Ordering::Relaxed);
        }
    }
}
