//! Queues as readers see them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use arc_swap::{ArcSwap, ArcSwapOption};
use onsale_domain::ids::{QueueId, TicketId, UserId};
use onsale_domain::queue::{self, Draw, Join, Mode, Opening, Owner, Phase, Queue, Shared, State, Tier};
use onsale_domain::row::TicketRow;
use onsale_domain::settings::QueueSettings;
use onsale_domain::time::Time;

use super::pace::{Estimate, Pace};
use super::placed::Placed;

/// One queue. The line is shared with the engine; the rest is set after each batch.
#[derive(Debug)]
pub struct QueueView {
    pub id: QueueId,
    pub name: String,
    line: Shared,
    rules: ArcSwap<Rules>,
    active: AtomicU32,
    silent: AtomicU32,
    returned: AtomicU32,
    issued: AtomicU64,
    remembered: AtomicU32,
    /// When everybody counts as active at the latest.
    seen_floor_ms: AtomicU64,
    admitted: AtomicU64,
    /// How many were inside at the last note.
    inside_noted: AtomicU32,
    pace: Pace,
    /// Who may have a place, where whoever has none shows some work first.
    placed: ArcSwapOption<Placed>,
}

/// What an operator can change, and what time makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    pub mode: Mode,
    pub opening: Opening,
    pub phase: Phase,
    pub draw: Option<DrawView>,
    pub settings: QueueSettings,
}

/// A queue's draw as everybody may know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawView {
    pub commitment: [u8; 32],
    pub beacon: Option<Box<str>>,
    /// From the opening on, all that the places were made of.
    pub drawn: Option<Draw>,
}

impl DrawView {
    fn of(draw: &Draw) -> Self {
        let drawn = draw.drawn.is_some().then(|| draw.clone());
        Self { commitment: draw.commitment(), beacon: draw.beacon.clone(), drawn }
    }

    /// Whether it shows the draw as it is. What is not shown may have changed.
    fn is_of(&self, draw: &Draw) -> bool {
        match &self.drawn {
            Some(drawn) => drawn == draw,
            None => draw.drawn.is_none() && self.beacon == draw.beacon && self.commitment == draw.commitment(),
        }
    }
}

impl Rules {
    fn of(queue: &Queue) -> Self {
        let (mode, settings) = (queue.mode(), queue.settings().clone());
        let draw = queue.draw().map(DrawView::of);
        Self { mode, opening: queue.opening(), phase: queue.phase(), draw, settings }
    }

    fn are_of(&self, queue: &Queue) -> bool {
        let Self { mode, opening, phase, draw, settings } = self;
        let is_drawn = match (draw, queue.draw()) {
            (Some(shown), Some(draw)) => shown.is_of(draw),
            (shown, draw) => shown.is_none() && draw.is_none(),
        };
        (*mode, *opening, *phase) == (queue.mode(), queue.opening(), queue.phase())
            && settings == queue.settings()
            && is_drawn
    }

    /// Whether free slots are filled.
    #[must_use]
    pub fn admits(&self) -> bool {
        self.mode.admits() && self.phase == Phase::Open
    }
}

/// A ticket at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketView {
    /// `None` when the ticket is not known, or forgotten.
    pub state: Option<State>,
    /// From 1; 0 when it does not wait, and before the opening, when nobody is told a place.
    pub position: u32,
    /// The place that it drew, from 1, and of how many: from the opening on, where it took part.
    pub drawn: Option<(u32, u32)>,
}

/// What is left of a time, in hundredths.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Left(u64);

impl Left {
    const HALF: Self = Self(50);
    const MOST: Self = Self(75);
}

impl QueueView {
    pub(crate) fn new(queue: &Queue) -> Self {
        Self {
            id: queue.id(),
            name: queue.name().to_owned(),
            line: queue.line().clone(),
            rules: ArcSwap::from_pointee(Rules::of(queue)),
            active: AtomicU32::new(queue.active()),
            silent: AtomicU32::new(0),
            returned: AtomicU32::new(queue.returned()),
            issued: AtomicU64::new(u64::from(queue.issued())),
            remembered: AtomicU32::new(queue.remembered()),
            seen_floor_ms: AtomicU64::new(queue.seen_floor().0),
            admitted: AtomicU64::new(0),
            inside_noted: AtomicU32::new(queue.active()),
            pace: Pace::of(queue),
            placed: ArcSwapOption::from_pointee(placed(queue)),
        }
    }

    /// Takes over what the engine's queue is after a batch.
    pub(crate) fn refresh(&self, queue: &Queue) {
        self.active.store(queue.active(), Ordering::Relaxed);
        self.returned.store(queue.returned(), Ordering::Relaxed);
        self.issued.store(u64::from(queue.issued()), Ordering::Relaxed);
        self.remembered.store(queue.remembered(), Ordering::Relaxed);
        self.seen_floor_ms.store(queue.seen_floor().0, Ordering::Relaxed);
        if !self.rules.load().are_of(queue) {
            // Before anybody is asked for work: nobody is to be refused who has a place.
            if queue.settings().proof_bits.is_none() || self.placed.load().is_none() {
                self.placed.store(placed(queue).map(Arc::new));
            }
            self.rules.store(Arc::new(Rules::of(queue)));
        }
    }

    /// Takes note of those who were let in with a batch, and of those who were passed over.
    pub(crate) fn note(&self, admitted: u32, passed_over: u32, now: Time) {
        self.admitted.fetch_add(u64::from(admitted), Ordering::Relaxed);
        let inside = self.active();
        // Who was let in and is not inside has left: people who fill slots that were free say nothing of the pace.
        let left =
            i64::from(admitted) - i64::from(inside) + i64::from(self.inside_noted.swap(inside, Ordering::Relaxed));
        self.pace.note(u64::try_from(left).unwrap_or_default() + u64::from(passed_over), inside, now);
    }

    /// Takes note of whose a ticket is.
    pub(crate) fn note_place(&self, row: &TicketRow) {
        if let Some(placed) = &*self.placed.load() {
            placed.note(row.user);
        }
    }

    /// Whether the user may have a place here, which the engine knows for sure; false only where they have none.
    #[must_use]
    pub fn may_have_place(&self, user: UserId) -> bool {
        self.placed.load().as_ref().is_none_or(|placed| placed.may_have(user))
    }

    /// What the ticket is, and its place.
    #[must_use]
    pub fn ticket(&self, number: u32) -> TicketView {
        let (state, position, drawn) = queue::place(&self.line, number);
        let waits = state.is_some_and(|state| state.status() == queue::Status::Waiting);
        if !waits && drawn.is_none() {
            return TicketView { state, position: 0, drawn };
        }
        let rules = self.rules.load();
        let position = if waits && !rules.phase.is_before_opening() { position.max(1) } else { 0 };
        let drawn = drawn.filter(|_| rules.draw.as_ref().is_some_and(|draw| draw.drawn.is_some()));
        TicketView { state, position, drawn }
    }

    /// When those joined who took part in the draw, with a number in the range.
    #[must_use]
    pub fn joins(&self, numbers: core::ops::Range<u32>) -> Vec<Join> {
        self.line.joins(numbers)
    }

    /// The tier of the ticket's owner.
    #[must_use]
    pub fn tier(&self, number: u32) -> Option<Tier> {
        self.line.tier(number)
    }

    /// How many of those who wait came from a network that had its places already.
    #[must_use]
    pub fn waiting_surplus(&self) -> u32 {
        self.line.waiting_surplus()
    }

    /// How many of those who wait are in each tier, from the first on.
    #[must_use]
    pub fn waiting_by_tier(&self) -> [u32; Tier::LAST as usize] {
        self.line.waiting_by_tier()
    }

    /// What the ticket is.
    #[must_use]
    pub fn state(&self, number: u32) -> Option<State> {
        self.line.state(number)
    }

    /// Whose the ticket is, and what it is.
    #[must_use]
    pub fn owner(&self, number: u32) -> Option<(Owner, State)> {
        self.line.owner(number)
    }

    /// Notes that a ticket was heard from.
    pub fn hear(&self, number: u32) {
        self.line.hear(number);
    }

    /// Notes that a ticket's owner did something. True where so little is left of their time that it is better journaled at once:
    /// what is only noted is lost with the node.
    #[must_use]
    pub fn act(&self, number: u32, now: Time) -> bool {
        let Some(left) = self.left(number, now) else { return false };
        self.line.act(number);
        left < Left::HALF
    }

    /// Whether it would change anything to journal now that a ticket's owner did something: not where that was just done.
    #[must_use]
    pub fn is_worth_a_word(&self, number: u32, now: Time) -> bool {
        self.left(number, now).is_some_and(|left| left < Left::MOST)
    }

    /// How much is left until the owner of a ticket has to have done something; `None` where that changes nothing.
    fn left(&self, number: u32, now: Time) -> Option<Left> {
        let rules = self.rules.load();
        let settings = &rules.settings;
        let part = |at: Time, of_ms: u64| Left(at.ms_since(now).saturating_mul(100) / of_ms.max(1));
        let idle = self.idle_at(number).zip(settings.session_idle_ms).map(|(at, of_ms)| part(at, of_ms));
        let slides = match self.line.state(number)? {
            State::Progress { until } if settings.slid(until, self.line.admitted(number), now).is_some() => {
                Some(part(until, settings.session_ttl_ms))
            }
            _ => None,
        };
        idle.into_iter().chain(slides).min()
    }

    /// When the session ends unless its owner does something before; `None` where it does not end for that, as while they hold a seat.
    #[must_use]
    pub fn idle_at(&self, number: u32) -> Option<Time> {
        let idle_ms = self.rules.load().settings.session_idle_ms?;
        let Some(State::Progress { .. }) = self.line.state(number) else { return None };
        let since = self.line.active(number).unwrap_or_default();
        (since != Time::NEVER).then(|| since.max(Time(self.seen_floor_ms.load(Ordering::Relaxed))).plus_ms(idle_ms))
    }

    /// To when the session's end moves at the most as long as its owner does something; `None` where it moves no more.
    #[must_use]
    pub fn session_max_at(&self, number: u32) -> Option<Time> {
        let rules = self.rules.load();
        rules.settings.session_max_ms?;
        let Some(State::Progress { until }) = self.line.state(number) else { return None };
        rules.settings.last_end(until, self.line.admitted(number))
    }

    pub(crate) fn drain_active(&self, take: impl FnMut(Vec<u32>)) {
        self.line.drain_active(take);
    }

    pub(crate) fn drain_heard(&self, take: impl FnMut(Vec<u32>)) {
        self.line.drain_heard(take);
    }

    /// How many wait.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        self.line.len() + self.returned.load(Ordering::Relaxed)
    }

    /// How many are PROGRESS.
    #[must_use]
    pub fn active(&self) -> u32 {
        self.active.load(Ordering::Relaxed)
    }

    /// How many of them have not been heard from for twice `waiting_ttl`.
    #[must_use]
    pub fn silent(&self) -> u32 {
        self.silent.load(Ordering::Relaxed)
    }

    pub(crate) fn set_silent(&self, silent: u32) {
        self.silent.store(silent, Ordering::Relaxed);
    }

    /// How many tickets are remembered, ended ones too.
    #[must_use]
    pub fn remembered(&self) -> u32 {
        self.remembered.load(Ordering::Relaxed)
    }

    /// How many tickets were ever issued, and how many this node has seen admitted since it started.
    #[must_use]
    pub fn totals(&self) -> (u64, u64) {
        (self.issued.load(Ordering::Relaxed), self.admitted.load(Ordering::Relaxed))
    }

    #[must_use]
    pub fn rules(&self) -> arc_swap::Guard<Arc<Rules>> {
        self.rules.load()
    }

    /// How long one at this place will wait under these settings, as a range.
    #[must_use]
    pub fn estimate(&self, position: u32, settings: &QueueSettings) -> Estimate {
        self.pace.estimate(position, self.active(), settings)
    }

    #[must_use]
    pub fn id_of(&self, number: u32) -> TicketId {
        TicketId { queue: self.id, number }
    }
}

/// Who may have a place in the queue, where that has to be known.
fn placed(queue: &Queue) -> Option<Placed> {
    queue.settings().proof_bits.map(|_| Placed::of(queue.live_users()))
}
