//! Tickets: joining, waiting, being inside, leaving.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use super::fault::{Fault, NowAndThen};
use super::ranks::Ranks;
use super::rules::Rules;

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Waiting,
    Progress { until: Instant },
    Done,
    Expired,
}

impl Status {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Waiting => "WAITING",
            Self::Progress { .. } => "PROGRESS",
            Self::Done => "DONE",
            Self::Expired => "EXPIRED",
        }
    }

    fn is_live(self) -> bool {
        match self {
            Self::Waiting | Self::Progress { .. } => true,
            Self::Done | Self::Expired => false,
        }
    }
}

/// One place in the queue; its number is its index.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) user: u64,
    pub(super) status: Status,
    /// The place at joining.
    place: u32,
}

#[derive(Debug)]
pub(super) struct Queue {
    fault: Option<Fault>,
    limit: usize,
    admits_every: Duration,
    admitted_at: Option<Instant>,
    session: Duration,
    tickets: Vec<Ticket>,
    waiting: Ranks,
    inside: BTreeSet<(Instant, usize)>,
    live: HashMap<u64, usize>,
    admissions: NowAndThen,
    /// Slots that nobody has, and nobody gets.
    never_free: usize,
    pub(super) admitted: u64,
}

impl Queue {
    pub(super) fn new(rules: &Rules, fault: Option<Fault>) -> Self {
        Self {
            fault,
            limit: rules.active_limit,
            admits_every: rules.admits_every,
            admitted_at: None,
            session: rules.session,
            tickets: Vec::new(),
            waiting: Ranks::new(),
            inside: BTreeSet::new(),
            live: HashMap::new(),
            admissions: NowAndThen::default(),
            never_free: 0,
            admitted: 0,
        }
    }

    pub(super) fn issued(&self) -> usize {
        self.tickets.len()
    }

    pub(super) fn waiting(&self) -> u32 {
        self.waiting.total()
    }

    pub(super) fn active(&self) -> usize {
        self.inside.len()
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    pub(super) fn ticket(&self, number: usize) -> Option<&Ticket> {
        self.tickets.get(number)
    }

    /// 1 for the next to be admitted; 0 when the ticket does not wait.
    pub(super) fn position(&self, number: usize) -> u32 {
        match self.tickets[number].status {
            Status::Waiting if self.fault == Some(Fault::PlacesNeverMove) => self.tickets[number].place,
            Status::Waiting => self.waiting.before(number) + 1,
            Status::Progress { .. } | Status::Done | Status::Expired => 0,
        }
    }

    /// The user's live place, or a new one at the end.
    pub(super) fn join(&mut self, user: u64, now: Instant) -> usize {
        if let Some(&number) = self.live.get(&user).filter(|_| self.fault != Some(Fault::IssuesManyTokens)) {
            return number;
        }
        let number = self.tickets.len();
        let place = self.waiting.total() + 1;
        self.tickets.push(Ticket { user, status: Status::Waiting, place });
        self.waiting.push_marked();
        self.live.insert(user, number);
        self.admit(now);
        number
    }

    /// Ends a ticket that is live, and lets the next in.
    pub(super) fn end(&mut self, number: usize, now: Instant) {
        match self.tickets[number].status {
            Status::Waiting => self.waiting.unmark(number),
            Status::Progress { until } => {
                if self.fault == Some(Fault::QueueStandsStill) {
                    self.never_free += 1;
                }
                self.inside.remove(&(until, number));
            }
            Status::Done | Status::Expired => return,
        }
        self.close(number, Status::Done);
        self.admit(now);
    }

    /// Ends the sessions whose time is up, and lets the next in.
    pub(super) fn advance(&mut self, now: Instant) {
        while let Some(&(until, number)) = self.inside.first().filter(|(until, _)| *until <= now) {
            self.inside.remove(&(until, number));
            self.close(number, Status::Expired);
        }
        self.admit(now);
    }

    /// The live place of a user, where it is one inside.
    pub(super) fn inside_of(&self, user: u64) -> Option<usize> {
        let number = *self.live.get(&user)?;
        matches!(self.tickets[number].status, Status::Progress { .. }).then_some(number)
    }

    fn close(&mut self, number: usize, status: Status) {
        let ticket = &mut self.tickets[number];
        debug_assert!(ticket.status.is_live() && !status.is_live());
        ticket.status = status;
        // With more than one place for a user only the last one is remembered.
        if self.live.get(&ticket.user) == Some(&number) {
            self.live.remove(&ticket.user);
        }
    }

    fn admit(&mut self, now: Instant) {
        if self.admitted_at.is_some_and(|at| now < at + self.admits_every) {
            return;
        }
        if !self.admits_every.is_zero() {
            self.admitted_at = Some(now);
        }
        let too_many = if self.fault == Some(Fault::ExceedsTheLimit) { self.limit.div_ceil(2) } else { 0 };
        let limit = self.limit + too_many;
        while self.inside.len() + self.never_free < limit && self.waiting.total() > 0 {
            let out_of_order = self.fault == Some(Fault::AdmitsOutOfOrder) && self.admissions.comes(2);
            let rank = if out_of_order { self.waiting.total() - 1 } else { 0 };
            let Some(number) = self.waiting.nth(rank) else { return };
            self.waiting.unmark(number);
            let until = now + self.session;
            self.tickets[number].status = Status::Progress { until };
            self.inside.insert((until, number));
            self.admitted += 1;
        }
    }
}
