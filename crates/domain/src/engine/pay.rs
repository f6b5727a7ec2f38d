//! Payment: the debit, the seats and the end of the session, as one step, once.

use crate::changes::Changes;
use crate::concert::is_reason;
use crate::ids::{PaymentId, QueueId, ReservationId, SeatId, UserId};
use crate::level;
use crate::operator::{Kind, NewsRow, Text};
use crate::payment::{Paid, PaymentRow};
use crate::refusal::Refusal;
use crate::reservation::State;
use crate::row::Row;
use crate::time::Time;

use super::Engine;

impl Engine {
    /// Has the tickets of a paid reservation count no more, or that of one of its seats, and others in their place.
    pub(super) fn reissue(
        &mut self,
        id: ReservationId,
        seat: Option<SeatId>,
        reason: &str,
        changes: &mut Changes<'_>,
    ) -> Result<ReservationId, Refusal> {
        if !is_reason(reason) {
            return Err(Refusal::SettingInvalid("reason"));
        }
        let reservation = self.book.get(id).ok_or(Refusal::ReservationNotFound)?;
        if !matches!(reservation.state, State::Paid { .. }) {
            return Err(Refusal::NotPaid);
        }
        let seats = match seat {
            None => &*reservation.seats,
            Some(seat) if reservation.seats.contains(&seat) => &[seat],
            Some(seat) => return Err(Refusal::SeatNotFound([seat].into())),
        };
        self.reissued.add(id, seats, changes)?;
        Ok(id)
    }

    pub(super) fn pay(&mut self, user: UserId, id: ReservationId, changes: &mut Changes<'_>) -> Result<Paid, Refusal> {
        let reservation = self.owned(user, id)?;
        let (amount, schedule, until) = (reservation.amount, reservation.schedule, reservation.reserved_until);
        match reservation.state {
            State::Held => {}
            State::Paid { .. } => return Err(Refusal::AlreadyPaid),
            State::Lapsed { .. } => return Err(Refusal::HoldExpired),
            State::Cancelled { .. } | State::Released { .. } => return Err(Refusal::ReservationCancelled),
        }
        if until <= changes.now {
            return Err(Refusal::HoldExpired);
        }
        let payment = self.next_payment;
        self.wallets.debit(user, amount, payment, changes)?;
        self.next_payment = PaymentId(payment.0 + 1);
        self.book.resolve(id, State::Paid { payment, at: changes.now }, changes);
        changes.row(Row::Payment(PaymentRow { id: payment, reservation: id, user, amount, paid_at: changes.now }));
        self.note_sale(id, changes);
        let queue = self.catalog.queue_of(schedule);
        if let Some(queue) = queue {
            self.codes.pay(user, queue, changes);
        }
        let session_until = queue.and_then(|queue| self.finish_visit(user, queue, changes));
        self.hold_ended(user, changes);
        Ok(Paid { payment, amount, session_until })
    }

    /// Ends the user's session, unless they hold something else that it opens: until when it goes on then.
    fn finish_visit(&mut self, user: UserId, queue: QueueId, changes: &mut Changes<'_>) -> Option<Time> {
        let goes_on = self.level >= level::SELLING && self.holds_in(user, queue, changes);
        let line = &mut self.queues[usize::from(queue.0)];
        if goes_on {
            return line.session_until(user).filter(|&until| until > changes.now);
        }
        line.finish_session(user, changes);
        None
    }

    /// Whether the user has a live hold of a schedule that this queue opens.
    fn holds_in(&mut self, user: UserId, queue: QueueId, changes: &mut Changes<'_>) -> bool {
        // Hardly anybody has a second hold, and who has none is known at once.
        if self.book.holds_by(user) == 0 {
            return false;
        }
        self.lapse_due_of(user, |_| true, changes);
        let dates = self.catalog.sales().map(|sale| sale.schedule.id);
        let mut mine = dates.filter(|&date| self.book.had(user, date).holds > 0);
        mine.any(|date| self.catalog.queue_of(date) == Some(queue))
    }

    /// Counts the seats that were just paid, and tells those who wait when they were the last.
    fn note_sale(&mut self, id: ReservationId, changes: &mut Changes<'_>) {
        let Some(reservation) = self.book.get(id) else { return };
        self.catalog.sell(reservation);
        let schedule = reservation.schedule;
        if self.catalog.sale(schedule).is_some_and(|sale| sale.seats.sold_out()) {
            let (id, at, queue) = (changes.event, changes.now, self.catalog.queue_of(schedule));
            let schedule = Some(schedule);
            changes.row(Row::News(NewsRow { id, at, kind: Kind::SoldOut, queue, schedule, text: Text::default() }));
        }
    }
}
