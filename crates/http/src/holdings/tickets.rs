//! Tickets to the concert, in the envelope.

use std::hash::Hasher as _;
use std::sync::Arc;

use bytes::Bytes;
use onsale_domain::ids::{SeatId, UserId};
use onsale_domain::reservation::State;
use onsale_domain::row::ReservationRow;
use onsale_node::{ScheduleView, json as text, local};
use xxhash_rust::xxh3::Xxh3;

use crate::shared::Shared;
use crate::ticket::Ticket;
use crate::times;

/// The paid seats of one reservation.
pub(crate) struct Paid {
    row: Arc<ReservationRow>,
    schedule: Arc<ScheduleView>,
    tickets: Vec<Ticket>,
}

impl Shared {
    /// The tickets of a user, in the envelope: newest payment first.
    pub(crate) fn tickets_json(&self, user: UserId) -> Bytes {
        self.ticket_list(&self.paid_by(user))
    }

    /// What the user paid, newest first.
    pub(crate) fn paid_by(&self, user: UserId) -> Vec<Paid> {
        let rows = self.node.views().users.reservations(user);
        rows.iter().rev().filter_map(|row| self.paid(row)).collect()
    }

    /// The reservation's paid seats, where it is paid.
    fn paid(&self, row: &Arc<ReservationRow>) -> Option<Paid> {
        let State::Paid { payment, at } = row.state else { return None };
        // What is sold keeps its schedule in the catalog.
        let schedule = self.node.views().catalog().schedules.get(&row.schedule)?.clone();
        let (reservation, schedule_id) = (row.id, row.schedule);
        let of = |&seat: &SeatId| Ticket { reservation, payment, schedule: schedule_id, seat, paid_at: at };
        Some(Paid { row: row.clone(), schedule, tickets: row.seats.iter().map(of).collect() })
    }

    /// Changes with everything that the list tells.
    pub(crate) fn tickets_tag(&self, paid: &[Paid]) -> Bytes {
        let mut hash = Xxh3::new();
        if let Some(signer) = self.tokens.load().tickets().next() {
            hash.update(signer.id.as_bytes());
        }
        for Paid { row, schedule, tickets } in paid {
            let starts_at = local(schedule.schedule.starts_at, &schedule.zone);
            let numbers = [row.id.0, row.schedule.0, schedule.schedule.starts_at.0, tickets.len() as u64];
            numbers.iter().for_each(|&number| hash.write_u64(number));
            hash.write_i32(starts_at.offset().seconds());
            write_name(&mut hash, Some(&schedule.concert.title));
            let board = schedule.board();
            for ticket in tickets {
                [ticket.payment.0, ticket.paid_at.0, ticket.seat.0].iter().for_each(|&number| hash.write_u64(number));
                let spec = board.seat(ticket.seat);
                write_name(&mut hash, spec.and_then(|spec| spec.section.as_deref()));
                write_name(&mut hash, spec.and_then(|spec| spec.row.as_deref()));
                write_name(&mut hash, spec.and_then(|spec| spec.number.as_deref()));
            }
        }
        format!("W/\"{:016x}\"", hash.finish()).into()
    }

    /// The body that tells it.
    pub(crate) fn ticket_list(&self, paid: &[Paid]) -> Bytes {
        let mut out = text::HEAD.to_vec();
        let tokens = self.tokens.load();
        if let Some(signer) = tokens.tickets().next() {
            for paid in paid {
                let signed = self.signed.of(&paid.tickets, signer, self.node.store_id());
                paid.tickets
                    .iter()
                    .zip(signed)
                    .for_each(|(ticket, signed)| write_ticket(&mut out, paid, ticket, &signed));
            }
        }
        if out.last() == Some(&b',') {
            out.pop();
        }
        out.extend_from_slice(text::TAIL);
        out.into()
    }
}

/// With its length, so that no two lists of names are one text.
fn write_name(hash: &mut Xxh3, name: Option<&str>) {
    hash.write_u64(name.map_or(u64::MAX, |name| name.len() as u64));
    hash.update(name.unwrap_or_default().as_bytes());
}

/// The ticket, with a comma behind it.
fn write_ticket(out: &mut Vec<u8>, paid: &Paid, ticket: &Ticket, signed: &str) {
    let Paid { schedule, .. } = paid;
    let Ticket { reservation, payment, schedule: schedule_id, seat, paid_at } = *ticket;
    let head = format!(
        "{{\"reservationId\":{reservation},\"paymentId\":{payment},\"scheduleId\":{schedule_id},\"seatId\":{seat},\
         \"concertTitle\":"
    );
    out.extend_from_slice(head.as_bytes());
    text::write_text(out, Some(&schedule.concert.title));
    out.extend_from_slice(b",\"startsAt\":\"");
    times::rfc3339(out, &local(schedule.schedule.starts_at, &schedule.zone));
    let board = schedule.board();
    let spec = board.seat(seat);
    out.extend_from_slice(b"\",\"section\":");
    text::write_text(out, spec.and_then(|spec| spec.section.as_deref()));
    out.extend_from_slice(b",\"row\":");
    text::write_text(out, spec.and_then(|spec| spec.row.as_deref()));
    out.extend_from_slice(b",\"number\":");
    text::write_text(out, spec.and_then(|spec| spec.number.as_deref()));
    out.extend_from_slice(b",\"paidAt\":\"");
    times::rfc3339(out, &local(paid_at, &schedule.zone));
    out.extend_from_slice(b"\",\"ticket\":\"");
    out.extend_from_slice(signed.as_bytes());
    out.extend_from_slice(b"\"},");
}
