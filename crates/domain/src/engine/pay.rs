//! Payment: the debit, the seats and the end of the session, as one step, once.

use crate::changes::Changes;
use crate::ids::{PaymentId, ReservationId, UserId};
use crate::operator::{Kind, NewsRow, Text};
use crate::payment::{Paid, PaymentRow};
use crate::refusal::Refusal;
use crate::reservation::State;
use crate::row::Row;

use super::Engine;

impl Engine {
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
        if let Some(queue) = self.catalog.queue_of(schedule) {
            self.queues[usize::from(queue.0)].finish_session(user, changes);
        }
        Ok(Paid { payment, amount })
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
