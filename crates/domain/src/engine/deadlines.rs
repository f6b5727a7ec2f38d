//! What time alone does. Deadlines fire here, in journal time, before the commands of the batch that reaches them.

use crate::changes::Changes;
use crate::ids::{EventId, QueueId, ReservationId, ScheduleId, UserId};
use crate::operator::{Kind, NewsRow, Text};
use crate::reservation::State;
use crate::row::Row;
use crate::time::Time;

use super::Engine;

/// The most deadlines that fire in one batch. Whoever uses what is due and has not fired checks the time again.
const FIRED_MAX: u32 = 10_000;
/// The most news of one batch that time alone brings about: as many as are shown.
const NEWS_MAX: usize = 1_000;

/// What time alone brought about: whom it concerns, and which schedule.
pub(super) type Due = (Kind, Option<QueueId>, Option<ScheduleId>);

impl Engine {
    /// When something happens next without anybody asking: a batch is due at that time. [`Time::NEVER`] for nothing.
    #[must_use]
    pub fn next_deadline(&self) -> Time {
        let hold = self.book.next_due().map_or(Time::NEVER, |(at, _)| at);
        let first = self.catalog.next_moment().map_or(hold, |at| hold.min(at));
        self.queues.iter().map(crate::queue::Queue::next_deadline).fold(first, Time::min)
    }

    /// A gap in the journal longer than a quarter of a queue's `waiting_ttl`, or `session_idle`, is our own downtime, and nobody's
    /// silence there: while anybody waits or is inside, nodes append more often than that.
    pub(super) fn note_gap(&mut self, time: Time) {
        let gap_ms = time.ms_since(self.time);
        for queue in &mut self.queues {
            if self.seq > 0 && gap_ms > queue.settings().patience_ms() / 4 {
                queue.everybody_is_seen(time);
            }
        }
    }

    /// A node started: what came before was downtime, however short the gap.
    pub(super) fn start(&mut self, changes: &Changes<'_>) {
        for queue in &mut self.queues {
            queue.everybody_is_seen(changes.now);
        }
    }

    /// Does what is due, and gives what those who wait should hear of it.
    pub(super) fn fire(&mut self, changes: &mut Changes<'_>) -> Vec<Due> {
        let sales = self.catalog.fire(changes);
        let mut news: Vec<_> = sales.into_iter().map(|(kind, queue, schedule)| (kind, queue, Some(schedule))).collect();
        let mut budget = FIRED_MAX;
        while budget > 0
            && let Some((at, id)) = self.book.next_due()
            && at <= changes.now
        {
            self.drop_hold(id, State::Lapsed { at: changes.now }, changes);
            budget -= 1;
        }
        let holds = |user| self.book.holds_by(user) > 0;
        for queue in &mut self.queues {
            let told = queue.fire(&mut budget, &holds, changes);
            news.extend(told.map(|kind| (kind, Some(queue.id()), None)));
        }
        self.keys.fire(&mut budget, changes);
        self.entries.fire(&mut budget, changes);
        self.book.forget(&mut budget, changes);
        news
    }

    /// Writes down what time alone brought about. Its ids are behind those of the batch's commands.
    pub(super) fn tell_due(seq: u64, news: Vec<Due>, changes: &mut Changes<'_>) {
        let last = news.len().min(NEWS_MAX);
        for ((kind, queue, schedule), before) in news.into_iter().zip((0..last as u16).rev()) {
            let (id, at, text) = (EventId::new(seq, u16::MAX - before), changes.now, Text::default());
            changes.row(Row::News(NewsRow { id, at, kind, queue, schedule, text }));
        }
    }

    /// Ends a hold without a payment, and frees its seats.
    pub(super) fn drop_hold(&mut self, id: ReservationId, state: State, changes: &mut Changes<'_>) {
        let Some(reservation) = self.book.get(id) else { return };
        self.catalog.free(reservation.schedule, &reservation.seats, id);
        let user = reservation.user;
        self.book.resolve(id, state, changes);
        self.hold_ended(user, changes);
    }

    /// Whichever queue its owner is inside: a hold counts in all of them.
    pub(super) fn hold_ended(&mut self, user: UserId, changes: &mut Changes<'_>) {
        let held = self.book.holds_by(user) > 0;
        for queue in &mut self.queues {
            queue.hold_ended(user, held, changes);
        }
        if !held {
            for queue in self.codes.queues_of(user) {
                self.settle_code(user, queue, changes);
            }
        }
    }
}
