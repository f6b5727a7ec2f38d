//! A queue, as a list of tickets.

use onsale_domain::ids::{KeyId, QueueId, TicketId, UserId};
use onsale_domain::queue::{Mode, Opening, Phase, State, Status};
use onsale_domain::reply::{Joined, Refusal};
use onsale_domain::settings::QueueSettings;
use onsale_domain::time::Time;
use roaring::RoaringBitmap;

use super::draw::Draw;
use super::tiers::Tiered;

#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    pub user: UserId,
    pub key: KeyId,
    pub issued_at: u64,
    pub tier: Option<u8>,
    pub seen: u64,
    /// When the owner, inside, last did something.
    pub active: u64,
    /// When the owner was let in; 0 where the session was not to become longer.
    pub admitted: u64,
    pub state: State,
}

pub(crate) struct Line {
    pub id: QueueId,
    pub name: String,
    pub mode: Mode,
    pub opening: Opening,
    pub phase: Phase,
    pub draw: Option<Draw>,
    pub heeds_tiers: bool,
    pub tiered: Option<Tiered>,
    /// Of those who are counted for the draw to come, the networks.
    pub networks: Vec<u64>,
    pub settings: QueueSettings,
    pub tickets: Vec<Ticket>,
    returns: u32,
    /// Everybody counts as seen at this moment.
    pub everybody_seen: u64,
    /// When somebody was admitted, since there is a limit on the rate.
    admitted: Vec<u64>,
}

/// Presence, and the end of the grace of one who came back, are kept in tenths of a second, rounded up.
fn tenth(ms: u64) -> u64 {
    ms.div_ceil(100) * 100
}

impl Line {
    pub(crate) fn new(id: QueueId, name: &str, settings: QueueSettings) -> Self {
        let (tickets, admitted) = (Vec::new(), Vec::new());
        let (mode, opening, phase) = (Mode::Open, Opening::default(), Phase::Open);
        let (name, returns, everybody_seen, draw) = (name.to_owned(), 0, 0, None);
        let (heeds_tiers, tiered, networks) = (false, None, Vec::new());
        Self {
            id,
            name,
            mode,
            opening,
            phase,
            draw,
            heeds_tiers,
            tiered,
            networks,
            settings,
            tickets,
            returns,
            everybody_seen,
            admitted,
        }
    }

    pub(crate) fn inside(&self) -> u32 {
        self.tickets.iter().filter(|ticket| ticket.state.status() == Status::Progress).count() as u32
    }

    pub(crate) fn is_waited_in(&self) -> bool {
        self.tickets.iter().any(|ticket| matches!(ticket.state, State::Waiting | State::Returned { .. }))
    }

    pub(crate) fn live(&self, user: UserId) -> Option<usize> {
        self.tickets.iter().position(|ticket| ticket.user == user && !ticket.state.ended())
    }

    pub(crate) fn join(
        &mut self,
        (user, tier, network): (UserId, Option<u8>, Option<u64>),
        key: KeyId,
        now: u64,
        since: u64,
    ) -> Result<Joined, Refusal> {
        let is_new = self.live(user).is_none();
        let number = match (self.live(user), self.mode) {
            (Some(number), _) => {
                if matches!(self.tickets[number].state, State::Absent { .. }) {
                    self.hear_from(number, now);
                }
                number
            }
            (None, Mode::Draining | Mode::Closed) => return Err(Refusal::QueueClosed),
            (None, Mode::Open | Mode::Paused) => {
                self.may_join(now)?;
                let issued_at = now.max(since);
                let tier = tier.or_else(|| self.count_network(network?));
                self.tickets.push(Ticket {
                    user,
                    key,
                    issued_at,
                    tier,
                    seen: tenth(issued_at),
                    active: 0,
                    admitted: 0,
                    state: State::Waiting,
                });
                self.join_draw((self.tickets.len() - 1, tier), issued_at);
                self.tickets.len() - 1
            }
        };
        let Ticket { key, issued_at, .. } = self.tickets[number];
        let ticket = TicketId { queue: self.id, number: number as u32 };
        Ok(Joined { ticket, key, issued_at: Time(issued_at), has_code: false, is_new })
    }

    pub(crate) fn seen(&mut self, bitmap: &[u8], now: u64, inside_too: bool) {
        let Ok(numbers) = RoaringBitmap::deserialize_from(bitmap) else { return };
        for number in numbers {
            self.hear_from(number as usize, now);
            if let Some(ticket) = self.tickets.get_mut(number as usize)
                && inside_too
                && ticket.state.status() == Status::Progress
            {
                ticket.seen = tenth(now);
            }
        }
    }

    /// Those inside who were last heard from, to the second rounded up, longer ago than that.
    pub(crate) fn silent(&self, now: u64, silent_ms: u64) -> Vec<usize> {
        let Some(before) = now.checked_sub(silent_ms).filter(|&before| self.everybody_seen < before) else {
            return Vec::new();
        };
        let silent = |ticket: &Ticket| {
            ticket.state.status() == Status::Progress && ticket.seen.div_ceil(1_000) < before.div_ceil(1_000)
        };
        (0..self.tickets.len()).filter(|&number| silent(&self.tickets[number])).collect()
    }

    fn hear_from(&mut self, number: usize, now: u64) {
        let Some(ticket) = self.tickets.get_mut(number) else { return };
        if ticket.state.status() == Status::Waiting {
            ticket.seen = tenth(now);
        }
        if let State::Absent { until } = ticket.state {
            ticket.state = State::Returned { order: self.returns, until: Time(tenth(until.0)) };
            self.returns += 1;
        }
    }

    pub(crate) fn owner(&self, number: u32) -> Option<UserId> {
        Some(self.tickets.get(number as usize)?.user)
    }

    pub(crate) fn leave(&mut self, number: u32, now: u64) -> Status {
        let Some(ticket) = self.tickets.get_mut(number as usize) else { return Status::Expired };
        if !ticket.state.ended() {
            ticket.state = State::Done { at: Time(now) };
        }
        ticket.state.status()
    }

    /// When the user's session ends, if they are inside.
    pub(crate) fn session_until(&self, user: UserId) -> Option<Time> {
        self.tickets.iter().filter(|ticket| ticket.user == user).find_map(|ticket| match ticket.state {
            State::Progress { until } => Some(until),
            _ => None,
        })
    }

    /// A payment ends the user's session.
    pub(crate) fn paid(&mut self, user: UserId, now: u64) {
        for ticket in &mut self.tickets {
            if ticket.user == user && ticket.state.status() == Status::Progress {
                ticket.state = State::Done { at: Time(now) };
            }
        }
    }

    pub(crate) fn configure(&mut self, settings: Option<QueueSettings>, mode: Option<Mode>, now: u64) {
        if let Some(settings) = settings {
            let idle_ms = |settings: &QueueSettings| settings.session_idle_ms.unwrap_or(u64::MAX);
            if settings.waiting_ttl_ms < self.settings.waiting_ttl_ms || idle_ms(&settings) < idle_ms(&self.settings) {
                self.everybody_seen = now;
            }
            self.settings = settings;
            if self.settings.network_places.is_none() {
                self.networks.clear();
            }
        }
        if self.settings.admit_per_second.is_none() {
            self.admitted.clear();
        }
        self.mode = mode.unwrap_or(self.mode);
    }

    pub(crate) fn end_what_is_due(&mut self, now: u64, holders: &[UserId]) {
        self.begin_phase(now);
        self.end_idle(now, holders);
        for number in 0..self.tickets.len() {
            let ticket = &self.tickets[number];
            let is_due = matches!(ticket.state, State::Progress { until } if until.0 <= now);
            if is_due && holders.contains(&ticket.user) {
                self.slide(number, now);
            }
            let ticket = &mut self.tickets[number];
            if let State::Progress { until } | State::Absent { until } = ticket.state
                && until.0 <= now
            {
                ticket.state = State::Expired { at: Time(now) };
            }
        }
    }

    /// Whose turn it is: first whoever came back, in that order, then the line.
    fn first_in_turn(&self) -> Option<usize> {
        let returned = self.tickets.iter().enumerate().filter_map(|(number, ticket)| match ticket.state {
            State::Returned { order, .. } => Some((order, number)),
            State::Waiting | State::Absent { .. } | State::Progress { .. } => None,
            State::Done { .. } | State::Expired { .. } => None,
        });
        let waiting = || {
            let waiting = (0..self.tickets.len()).filter(|&number| self.tickets[number].state == State::Waiting);
            waiting.min_by_key(|&number| self.place(number))
        };
        returned.min().map(|(_, number)| number).or_else(waiting)
    }

    /// Whether there is a slot, and whose it would be.
    fn due_a_slot(&self) -> Option<usize> {
        let admits = matches!(self.mode, Mode::Open | Mode::Draining) && self.phase == Phase::Open;
        if admits && self.inside() < self.settings.active_limit { self.first_in_turn() } else { None }
    }

    pub(crate) fn admit(&mut self, now: u64) {
        while let Some(number) = self.due_a_slot() {
            let grace_end = now + self.settings.waiting_grace_ms;
            let may_admit = self.rate_allows(now);
            let ticket = &mut self.tickets[number];
            if now.saturating_sub(ticket.seen.max(self.everybody_seen)) > self.settings.waiting_ttl_ms {
                let until = if let State::Returned { until, .. } = ticket.state { until.0 } else { grace_end };
                let gone = until <= now;
                ticket.state =
                    if gone { State::Expired { at: Time(now) } } else { State::Absent { until: Time(until) } };
            } else if may_admit {
                ticket.state = State::Progress { until: Time(now + self.settings.session_ttl_ms) };
                ticket.active = if self.settings.session_idle_ms.is_some() { now } else { 0 };
                ticket.admitted = if self.settings.session_max_ms.is_some() { now } else { 0 };
                if self.settings.admit_per_second.is_some() {
                    self.admitted.push(now);
                }
            } else {
                break;
            }
        }
    }

    /// The pace, which the contract leaves open within its bound: slots of 20 ms, 51 of them cover any second, and
    /// one takes a twenty-fifth of the limit.
    fn rate_allows(&self, now: u64) -> bool {
        let Some(limit) = self.settings.admit_per_second else { return true };
        let in_last = |slots: u64| self.admitted.iter().filter(|&&at| at / 20 + slots > now / 20).count();
        in_last(51) < limit as usize && in_last(1) < limit.div_ceil(25) as usize
    }

    /// What callers see: a place from 1, and 0 when not waiting.
    pub(crate) fn position(&self, number: usize) -> u32 {
        let ahead = |counts: &dyn Fn(usize, State) -> bool| {
            let others = self.tickets.iter().enumerate();
            others.filter(|&(other, ticket)| counts(other, ticket.state)).count() as u32
        };
        match self.tickets[number].state {
            State::Waiting => {
                1 + ahead(&|other, state| self.place(other) < self.place(number) && state == State::Waiting)
            }
            State::Absent { .. } | State::Returned { .. } => 1,
            State::Progress { .. } | State::Done { .. } | State::Expired { .. } => 0,
        }
    }

    pub(crate) fn next_deadline(&self, now: u64) -> Option<u64> {
        let ends = self.tickets.iter().filter_map(|ticket| match ticket.state {
            State::Progress { until } | State::Absent { until } => Some(until.0),
            State::Waiting | State::Returned { .. } | State::Done { .. } | State::Expired { .. } => None,
        });
        let idle = self.next_idle();
        // A silent ticket would have been passed over: who is due a slot now lacks only the rate's leave.
        let number = self.due_a_slot();
        let admission = number.and_then(|_| (now + 1..now + 2_000).find(|&at| self.rate_allows(at)));
        let moments = [self.opening.prequeue_at, self.opening.opens_at, self.opening.closes_at];
        let phase = moments.into_iter().flatten().map(|at| at.0).filter(|&at| at > now).min();
        ends.chain(idle).chain(admission).chain(phase).min()
    }
}
