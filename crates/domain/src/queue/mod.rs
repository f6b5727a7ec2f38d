//! The waiting queue: tickets in order of joining, admitted first come, first served, or in an order that was drawn, some before
//! others.

mod admission;
mod draw;
mod idle;
mod joins;
mod line;
mod load;
mod networks;
mod opening;
mod permutation;
mod places;
mod position;
mod rate;
mod reply;
mod row;
mod seal;
mod silence;
mod sliding;
mod state;
mod tickets;
mod tier;
mod traits;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hashbrown::HashSet;

use crate::changes::Changes;
use crate::ids::{KeyId, QueueId, TicketId, UserId};
use crate::refusal::Refusal;
use crate::settings::QueueSettings;
use crate::time::Time;

pub use draw::{ALGORITHM, Draw, Drawn, Order, hex};
pub use joins::Join;
#[cfg(test)]
pub(crate) use line::CHUNK;
pub use line::{Line, Owner, Shared};
pub use networks::{NETWORKS_MAX, NetworksRow};
pub(crate) use opening::phase_news;
pub use opening::{Opening, Phase};
pub use permutation::Permutation;
pub use places::Places;
pub use position::{place, position};
pub use reply::{Joined, LetGo};
pub use row::{ActivityRow, PresenceRow, QueueRow, TicketRow};
pub use state::{Mode, State, Status, from_tenths, tenths};
pub use tier::{Tier, Tiered};

use idle::{Holds, Idle};
use networks::Networks;
use rate::Rate;
use silence::Silence;
use tickets::{Ticket, Tickets};
use traits::{Traits, ticket_hash, ticket_row};

/// Tickets per [`PresenceRow`].
pub const PRESENCE_BLOCK: u32 = 4_096;

/// The most tickets that one queue remembers; 32 bytes of memory each.
pub const TICKETS_MAX: u32 = 1 << 25;

/// The name of the queue that every store has.
pub const DEFAULT_NAME: &str = "default";

/// One queue of the store.
pub struct Queue {
    id: QueueId,
    name: String,
    mode: Mode,
    opening: Opening,
    phase: Phase,
    /// When the next phase begins.
    moves_at: Option<Time>,
    draw: Option<Box<Draw>>,
    tiered: Option<Tiered>,
    /// Those who left before the opening and are still in the line, see [`Drawn::left`].
    left: Vec<u32>,
    /// When the owners of tickets that a draw knows joined, where their tokens are of later moments.
    joined: BTreeMap<u32, Time>,
    networks: Networks,
    settings: QueueSettings,
    line: Shared,
    /// Those who came back after their turn had passed, by the order of their return.
    returned: BTreeMap<u32, u32>,
    next_return: u32,
    tickets: Tickets,
    /// The most tickets that are remembered.
    tickets_max: u32,
    /// Nobody below this place waits in line.
    head: u32,
    sessions: BTreeSet<(Time, u32)>,
    absent: BTreeSet<(Time, u32)>,
    idle: Idle,
    /// When those inside were let in whose sessions may become longer.
    admitted: BTreeMap<u32, Time>,
    /// Everybody counts as seen at this moment at the latest.
    seen_floor: Time,
    /// Whether those inside are listened to: from [`level::FAIRNESS`](crate::level::FAIRNESS) on.
    hears_inside: bool,
    /// Whether tiers count: from [`level::TIERS`](crate::level::TIERS) on.
    heeds_tiers: bool,
    silence: Silence,
    /// How many more tickets this batch may admit or pass over.
    turns_left: u32,
    rate: Rate,
    /// When admission goes on where something other than a free slot holds it up.
    resume_at: Option<Time>,
    /// Blocks whose presence changed in this batch.
    presence_dirty: BTreeSet<u32>,
    /// The live tickets whose owners have a code, and the owners whose ticket has ended since that was last asked.
    with_code: HashSet<u32>,
    without_place: Vec<UserId>,
    dirty: bool,
    hash: u64,
}

impl Queue {
    pub(crate) fn new(id: QueueId, name: String, settings: QueueSettings) -> Self {
        Self::with(QueueRow {
            id,
            name,
            mode: Mode::Open,
            opening: Opening::default(),
            phase: Phase::Open,
            draw: None,
            tiered: None,
            settings,
            next_number: 0,
            first_number: 0,
            next_return: 0,
            seen_floor: Time::default(),
            admitted: Vec::new(),
        })
    }

    fn with(row: QueueRow) -> Self {
        let line = Line::default();
        if let Some(first) = row.draw.as_deref().and_then(|draw| draw.first) {
            line.begin_joins(first);
        }
        let mut queue = Self {
            id: row.id,
            name: row.name,
            mode: row.mode,
            opening: row.opening,
            phase: row.phase,
            moves_at: None,
            draw: row.draw,
            tiered: row.tiered,
            left: Vec::new(),
            joined: BTreeMap::new(),
            networks: Networks::default(),
            settings: row.settings,
            line: Arc::new(line),
            returned: BTreeMap::new(),
            next_return: row.next_return,
            tickets: Tickets::new(row.first_number),
            tickets_max: TICKETS_MAX,
            head: row.first_number,
            sessions: BTreeSet::new(),
            absent: BTreeSet::new(),
            idle: Idle::default(),
            admitted: BTreeMap::new(),
            seen_floor: row.seen_floor,
            hears_inside: false,
            heeds_tiers: false,
            silence: Silence::default(),
            turns_left: admission::TURNS_PER_BATCH_MAX,
            rate: Rate::load(row.admitted),
            resume_at: None,
            presence_dirty: BTreeSet::new(),
            with_code: HashSet::new(),
            without_place: Vec::new(),
            dirty: true,
            hash: 0,
        };
        queue.head = queue.first_place(queue.head);
        queue
    }

    #[must_use]
    pub fn id(&self) -> QueueId {
        self.id
    }

    pub(crate) fn newest(&self) -> Option<&Ticket> {
        self.tickets.newest()
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[must_use]
    pub fn settings(&self) -> &QueueSettings {
        &self.settings
    }

    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Who waits, for readers.
    #[must_use]
    pub fn line(&self) -> &Shared {
        &self.line
    }

    /// How many came back after their turn had passed, and wait for the next free slots.
    #[must_use]
    pub fn returned(&self) -> u32 {
        self.returned.len() as u32
    }

    /// Whether anybody waits for a turn.
    #[must_use]
    pub fn is_waited_in(&self) -> bool {
        !self.line.is_empty() || !self.returned.is_empty()
    }

    /// How many are PROGRESS.
    #[must_use]
    pub fn active(&self) -> u32 {
        self.sessions.len() as u32
    }

    /// How many tickets were ever issued.
    #[must_use]
    pub fn issued(&self) -> u32 {
        self.tickets.next()
    }

    /// How many tickets are remembered, at most [`TICKETS_MAX`].
    #[must_use]
    pub fn remembered(&self) -> u32 {
        self.tickets.next() - self.tickets.first()
    }

    /// Lets it remember fewer tickets.
    #[cfg(test)]
    pub(crate) fn bound(&mut self, tickets_max: u32) {
        self.tickets_max = tickets_max;
    }

    /// The user and state of a ticket that is remembered.
    #[must_use]
    pub fn ticket(&self, number: u32) -> Option<(UserId, State)> {
        Some((self.tickets.get(number)?.user, self.line.state(number)?))
    }

    /// The number of the user's ticket that has not ended.
    #[must_use]
    pub fn live_ticket(&self, user: UserId) -> Option<u32> {
        self.tickets.live_of(user)
    }

    /// Those who have a ticket that has not ended.
    pub fn live_users(&self) -> impl Iterator<Item = UserId> {
        let numbers = self.tickets.first()..self.tickets.next();
        numbers.filter_map(|number| self.ticket(number).filter(|(_, state)| !state.ended()).map(|(user, _)| user))
    }

    /// The ticket's place among those who wait, from 1; 0 when it does not wait.
    #[must_use]
    pub fn position(&self, number: u32) -> u32 {
        position(&self.line, number)
    }

    /// One live place per user: the same ticket again, whatever tier it has, or a new one at the tail, issued at `since` at the
    /// earliest. `network` is the tag of where somebody comes from for whom nobody vouches.
    pub(crate) fn join(
        &mut self,
        (user, tier, network): (UserId, Option<Tier>, Option<u64>),
        key: KeyId,
        since: Time,
        changes: &mut Changes<'_>,
    ) -> Result<Joined, Refusal> {
        if let Some(joined) = self.again(user, changes) {
            return Ok(joined);
        }
        self.check_takes_in(changes.now)?;
        if self.remembered() >= self.tickets_max || self.tickets.next() == u32::MAX {
            return Err(Refusal::Full("tickets"));
        }
        let tier = tier.or_else(|| self.rank_from(network?));
        let issued_at = changes.now.max(since);
        let number = self.tickets.push(Ticket::new(user, issued_at, key));
        self.tickets.make_live(number);
        self.line.issue(number, Owner::new(user, issued_at.0 / 1_000), tier);
        changes.add(self.ticket_hash(number, State::Waiting));
        self.line.set(number, State::Waiting);
        self.chain(number, issued_at, tier);
        self.dirty = true;
        self.admit(changes);
        if self.line.state(number) == Some(State::Waiting) {
            changes.row(self.ticket_row(number, State::Waiting));
        }
        Ok(Joined { is_new: true, ..self.joined(number) })
    }

    /// The place that the user has, if they have one that is not over.
    pub(crate) fn again(&mut self, user: UserId, changes: &mut Changes<'_>) -> Option<Joined> {
        let number = self.tickets.live_of(user)?;
        // Asking for the token is word from its owner: one whose turn had passed is back.
        if matches!(self.line.state(number), Some(State::Absent { .. })) {
            self.seen(core::iter::once(number), changes);
        }
        if self.tickets.live_of(user).is_some() && !self.end_if_due(number, changes) {
            return Some(self.joined(number));
        }
        self.admit(changes);
        None
    }

    fn joined(&self, number: u32) -> Joined {
        let ticket = self.tickets.get(number).expect("a live ticket is remembered");
        let (id, has_code) = (TicketId { queue: self.id, number }, self.with_code.contains(&number));
        Joined { ticket: id, key: ticket.key, issued_at: ticket.issued_at, has_code, is_new: false }
    }

    /// A code is the user's as long as their ticket lives.
    pub(crate) fn note_code(&mut self, user: UserId) {
        self.with_code.extend(self.tickets.live_of(user));
    }

    /// Those who had a code, and whose ticket has ended since this was last asked.
    pub(crate) fn take_without_place(&mut self) -> Vec<UserId> {
        core::mem::take(&mut self.without_place)
    }

    /// The user's place, where there is one, goes on under a token of `since`: those of before are none.
    pub(crate) fn reissue(&mut self, user: UserId, since: Time, changes: &mut Changes<'_>) {
        let Some(number) = self.tickets.live_of(user) else { return };
        let Some(state) = self.line.state(number) else { return };
        let old = self.ticket_hash(number, state);
        let Some(ticket) = self.tickets.get_mut(number) else { return };
        let joined_at = core::mem::replace(&mut ticket.issued_at, since);
        if self.draw().is_some_and(|draw| draw.covers(number)) {
            // The draw's hash chain has the first moment, and whoever checks it needs to know.
            self.joined.entry(number).or_insert(joined_at);
        }
        changes.replace(old, self.ticket_hash(number, state));
        self.line.issue(number, Owner::new(user, since.0 / 1_000), None);
        // Where its block was not stored yet, a ticket is loaded as seen at its issue.
        self.presence_dirty.insert(number / PRESENCE_BLOCK);
        changes.row(self.ticket_row(number, state));
    }

    /// The owner gives the place up; what the ticket is afterwards. Where `user` is said, it must be theirs.
    pub(crate) fn leave(&mut self, number: u32, user: Option<UserId>, changes: &mut Changes<'_>) -> Status {
        let Some((owner, state)) = self.ticket(number) else { return Status::Expired };
        if user.is_some_and(|user| user != owner) {
            return Status::Expired;
        }
        if state.ended() {
            return state.status();
        }
        if !self.end_if_due(number, changes) {
            self.set(number, State::Done { at: changes.now }, changes);
        }
        self.admit(changes);
        self.line.state(number).map_or(Status::Expired, State::status)
    }

    /// Gives up whatever place the user has.
    pub(crate) fn leave_by(&mut self, user: UserId, changes: &mut Changes<'_>) {
        if let Some(number) = self.tickets.live_of(user) {
            self.leave(number, Some(user), changes);
        }
    }

    /// When the user's session ends at the latest, if they are inside.
    pub(crate) fn session_until(&self, user: UserId) -> Option<Time> {
        match self.line.state(self.tickets.live_of(user)?)? {
            State::Progress { until } => Some(until),
            State::Waiting
            | State::Absent { .. }
            | State::Returned { .. }
            | State::Done { .. }
            | State::Expired { .. } => None,
        }
    }

    /// A payment ends the owner's session; a place in line is kept.
    pub(crate) fn finish_session(&mut self, user: UserId, changes: &mut Changes<'_>) {
        let Some(number) = self.tickets.live_of(user) else { return };
        if !matches!(self.line.state(number), Some(State::Progress { .. })) {
            return;
        }
        if !self.end_if_due(number, changes) {
            self.set(number, State::Done { at: changes.now }, changes);
        }
        self.admit(changes);
    }

    pub(crate) fn configure(
        &mut self,
        settings: Option<QueueSettings>,
        mode: Option<Mode>,
        holds: Holds<'_>,
        changes: &mut Changes<'_>,
    ) {
        if let Some(settings) = settings {
            if settings.admit_per_second.is_none() {
                self.rate.clear();
            }
            let idle_ms = |settings: &QueueSettings| settings.session_idle_ms.unwrap_or(u64::MAX);
            if settings.waiting_ttl_ms < self.settings.waiting_ttl_ms || idle_ms(&settings) < idle_ms(&self.settings) {
                // People still poll, and do something, as the longer time told them to.
                self.everybody_is_seen(changes.now);
            }
            if settings.network_places.is_none() {
                self.forget_networks();
            }
            self.settings = settings;
            self.show_idle(holds);
        }
        self.mode = mode.unwrap_or(self.mode);
        self.dirty = true;
        self.admit(changes);
    }

    /// Makes a ticket what it is now: the one place where tickets change, and all that hangs on it with them.
    fn set(&mut self, number: u32, new: State, changes: &mut Changes<'_>) {
        let Some(old) = self.line.state(number) else { return };
        let was = self.traits_of(number, old);
        match old {
            State::Waiting => {}
            State::Absent { until } => drop(self.absent.remove(&(until, number))),
            State::Returned { order, .. } => {
                self.returned.remove(&order);
            }
            State::Progress { until } => {
                self.sessions.remove(&(until, number));
                self.silence.leave(self.seen_at(number, changes.now));
                self.leave_idle(number, changes);
                self.admitted.remove(&number);
            }
            State::Done { .. } | State::Expired { .. } => return,
        }
        if let State::Progress { .. } = new {
            self.silence.enter(self.seen_at(number, changes.now));
            self.enter_idle(number, changes);
            self.enter_sliding(number, changes.now);
        }
        self.change(number, was, new, changes);
        self.note(number, new);
        if let State::Done { at } | State::Expired { at } = new {
            self.tickets.end(number, at);
            if self.with_code.remove(&number)
                && let Some(ticket) = self.tickets.get(number)
            {
                self.without_place.push(ticket.user);
            }
        }
        self.dirty = true;
    }

    /// Writes down what a ticket is now, and its row.
    fn change(&mut self, number: u32, was: Traits, new: State, changes: &mut Changes<'_>) {
        let traits = Traits { state: new, admitted_at: self.admitted_at(number, new), ..was };
        let ticket = self.tickets.get(number).expect("only remembered tickets change");
        changes.replace(ticket_hash(self.id, number, ticket, was), ticket_hash(self.id, number, ticket, traits));
        changes.row(ticket_row(self.id, number, ticket, traits));
        self.line.set(number, new);
    }

    /// Keeps the lists of those who are inside, absent or back.
    fn note(&mut self, number: u32, state: State) {
        match state {
            State::Waiting | State::Done { .. } | State::Expired { .. } => {}
            State::Absent { until } => drop(self.absent.insert((until, number))),
            State::Returned { order, .. } => {
                self.returned.insert(order, number);
            }
            State::Progress { until } => drop(self.sessions.insert((until, number))),
        }
    }
}
