//! Tickets to the concert, for who paid.

use http::request::Parts;
use onsale_domain::reservation::State;
use onsale_domain::row::ReservationRow;
use onsale_node::{json as text, local};

use super::reply::tagged;
use super::{Answer, Api, times};
use crate::ticket::Ticket;

impl Api {
    /// One for each paid seat of the caller's, newest payment first.
    pub(super) fn tickets(&self, parts: &Parts) -> Answer {
        let user = self.caller(parts)?.user;
        let rows = self.shared.node.views().users.reservations(user);
        let mut out = text::HEAD.to_vec();
        for row in rows.iter().rev() {
            self.write_tickets(&mut out, row);
        }
        if out.last() == Some(&b',') {
            out.pop();
        }
        out.extend_from_slice(text::TAIL);
        Ok(tagged(parts, &out.into()))
    }

    /// The tickets of a reservation, each with a comma behind it. None where it is not paid.
    fn write_tickets(&self, out: &mut Vec<u8>, row: &ReservationRow) {
        let State::Paid { payment, at } = row.state else { return };
        let catalog = self.shared.node.views().catalog();
        // What is sold keeps its schedule in the catalog.
        let Some(schedule) = catalog.schedules.get(&row.schedule) else { return };
        let board = schedule.board();
        let tokens = self.shared.tokens.load();
        let Some(signer) = tokens.tickets().next() else { return };
        for &seat in &row.seats {
            let (reservation, schedule_id) = (row.id, row.schedule);
            let ticket = Ticket { reservation, payment, schedule: schedule_id, seat, paid_at: at };
            let head = format!(
                "{{\"reservationId\":{reservation},\"paymentId\":{payment},\"scheduleId\":{schedule_id},\"seatId\":{seat},\
                 \"concertTitle\":"
            );
            out.extend_from_slice(head.as_bytes());
            text::write_text(out, Some(&schedule.concert.title));
            out.extend_from_slice(b",\"startsAt\":\"");
            times::rfc3339(out, &local(schedule.schedule.starts_at, &schedule.zone));
            out.extend_from_slice(b"\",\"section\":");
            let spec = board.seat(seat);
            text::write_text(out, spec.and_then(|spec| spec.section.as_deref()));
            out.extend_from_slice(b",\"row\":");
            text::write_text(out, spec.and_then(|spec| spec.row.as_deref()));
            out.extend_from_slice(b",\"number\":");
            text::write_text(out, spec.and_then(|spec| spec.number.as_deref()));
            out.extend_from_slice(b",\"paidAt\":\"");
            times::rfc3339(out, &local(at, &schedule.zone));
            out.extend_from_slice(b"\",\"ticket\":\"");
            out.extend_from_slice(signer.sign(&ticket, self.shared.node.store_id()).as_bytes());
            out.extend_from_slice(b"\"},");
        }
    }
}
