//! Passes, in the envelope.

use std::hash::Hasher as _;
use std::sync::Arc;

use bytes::Bytes;
use onsale_domain::ids::{ReservationId, SeatId, UserId};
use onsale_domain::reservation::State;
use onsale_domain::row::ReservationRow;
use onsale_node::{Board, ScheduleView, in_zone};
use xxhash_rust::xxh3::Xxh3;

use crate::pass::Pass;
use crate::shared::Shared;
use crate::times;
use crate::wire::{Id, SeatTicket, envelope};

/// The paid seats of one reservation.
pub(crate) struct Paid {
    row: Arc<ReservationRow>,
    schedule: Arc<ScheduleView>,
    passes: Vec<Pass>,
    /// The one seat that is asked for, where not all of them are.
    only: Option<SeatId>,
}

impl Shared {
    /// The passes of a user, in the envelope: newest payment first.
    pub(crate) fn passes_json(&self, user: UserId) -> Bytes {
        self.pass_list(&self.paid_by(user))
    }

    /// The passes of one paid reservation, or of a seat of it, in the envelope.
    pub(crate) fn passes_of(&self, reservation: ReservationId, seat: Option<SeatId>) -> Bytes {
        let paid = self.node.views().users.paid(reservation).and_then(|row| self.paid(&row));
        let mut paid: Vec<Paid> = paid.into_iter().collect();
        for one in &mut paid {
            one.only = seat;
        }
        self.pass_list(&paid)
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
        let reissued = &self.node.views().reissued;
        let of = |&seat: &SeatId| {
            let issue = reissued.of(reservation, seat);
            Pass { reservation, payment, schedule: schedule_id, seat, paid_at: at, issue }
        };
        Some(Paid { row: row.clone(), schedule, passes: row.seats.iter().map(of).collect(), only: None })
    }

    /// Changes with everything that the list tells.
    pub(crate) fn passes_tag(&self, paid: &[Paid]) -> Bytes {
        let mut hash = Xxh3::new();
        if let Some(signer) = self.tokens.load().pass_signers().next() {
            hash.update(signer.id.as_bytes());
        }
        for Paid { row, schedule, passes, only: _ } in paid {
            let starts_at = in_zone(schedule.schedule.starts_at, &schedule.zone);
            let numbers = [row.id.0, row.schedule.0, schedule.schedule.starts_at.0, passes.len() as u64];
            numbers.iter().for_each(|&number| hash.write_u64(number));
            hash.write_i32(starts_at.offset().seconds());
            write_name(&mut hash, Some(&schedule.concert.title));
            let board = schedule.board();
            for (at, pass) in passes.iter().enumerate() {
                let (price_type, title) = price_type(row, schedule, at);
                write_name(&mut hash, price_type);
                write_name(&mut hash, title);
                [pass.payment.0, pass.paid_at.0, pass.seat.0, u64::from(pass.issue)]
                    .iter()
                    .for_each(|&number| hash.write_u64(number));
                let spec = board.seat(pass.seat);
                write_name(&mut hash, spec.and_then(|spec| spec.section.as_deref()));
                write_name(&mut hash, spec.and_then(|spec| spec.row.as_deref()));
                write_name(&mut hash, spec.and_then(|spec| spec.number.as_deref()));
            }
        }
        format!("W/\"{:016x}\"", hash.finish()).into()
    }

    /// The body that tells it.
    pub(crate) fn pass_list(&self, paid: &[Paid]) -> Bytes {
        self.with_passes(paid, |list| envelope(list).into())
    }

    /// What is made of the list.
    pub(crate) fn with_passes<T>(&self, paid: &[Paid], then: impl FnOnce(Vec<SeatTicket<'_>>) -> T) -> T {
        let tokens = self.tokens.load();
        let Some(signer) = tokens.pass_signers().next() else { return then(Vec::new()) };
        let signed: Vec<_> =
            paid.iter().map(|paid| self.signed.of(&paid.passes, signer, self.node.store_id())).collect();
        let boards: Vec<_> = paid.iter().map(|paid| paid.schedule.board()).collect();
        let mut list = Vec::new();
        for ((paid, board), signed) in paid.iter().zip(&boards).zip(&signed) {
            let passes = paid.passes.iter().zip(signed);
            let passes = passes.enumerate().filter(|(_, (pass, _))| paid.only.is_none_or(|seat| seat == pass.seat));
            list.extend(passes.map(|(at, (pass, signed))| told((paid, at), board, pass, signed)));
        }
        then(list)
    }
}

/// With its length, so that no two lists of names are one text.
fn write_name(hash: &mut Xxh3, name: Option<&str>) {
    hash.write_u64(name.map_or(u64::MAX, |name| name.len() as u64));
    hash.update(name.unwrap_or_default().as_bytes());
}

/// For whom the seat at this place of a reservation was sold, and what people call that.
fn price_type<'a>(
    row: &'a ReservationRow,
    schedule: &'a ScheduleView,
    at: usize,
) -> (Option<&'a str>, Option<&'a str>) {
    let Some(id) = row.price_types.get(at) else { return (None, None) };
    let mut known = schedule.schedule.price_types().iter();
    (Some(id.as_str()), known.find(|one| one.id == *id).and_then(|one| one.title.as_deref()))
}

fn told<'a>((paid, at): (&'a Paid, usize), board: &'a Board, pass: &Pass, signed: &'a str) -> SeatTicket<'a> {
    let schedule = &paid.schedule;
    let (price_type, price_type_title) = price_type(&paid.row, schedule, at);
    let spec = board.seat(pass.seat);
    SeatTicket {
        reservation_id: Id(pass.reservation.0),
        payment_id: Id(pass.payment.0),
        schedule_id: Id(pass.schedule.0),
        seat_id: Id(pass.seat.0),
        concert_title: &schedule.concert.title,
        starts_at: times::rfc3339(&in_zone(schedule.schedule.starts_at, &schedule.zone)),
        section: spec.and_then(|spec| spec.section.as_deref()),
        row: spec.and_then(|spec| spec.row.as_deref()),
        number: spec.and_then(|spec| spec.number.as_deref()),
        paid_at: times::rfc3339(&in_zone(pass.paid_at, &schedule.zone)),
        price_type,
        price_type_title,
        ticket: signed,
    }
}
