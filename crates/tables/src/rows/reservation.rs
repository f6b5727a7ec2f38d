//! Reservations. Nearly all of them hold one seat, which is in the row itself; a second table has the others.

use std::collections::{HashMap, HashSet};

use onsale_domain::concert::PriceTypeId;
use onsale_domain::ids::{PaymentId, ReservationId, ScheduleId, SeatId, UserId};
use onsale_domain::reservation::State;
use onsale_domain::row::{ReservationRow, Row};
use onsale_domain::time::Time;

use super::Receiver;
use crate::code::{integer, time, time_from};
use crate::error::Error;
use crate::fields::{Fields, Query, Source, read};
use crate::table::{Table, table};
use crate::value::Type::{Integer, Text};
use crate::value::{Upsert, Value, Writer};

pub(super) static TABLE: Table = table! {
    "reservations", key 1: {
        reservation_id: Integer,
        user_id: Integer,
        schedule_id: Integer,
        seat_id: Integer,
        seat_count: Integer,
        amount: Integer,
        reserved_at: Integer,
        reserved_until: Integer,
        state: Integer,
        state_at: Integer,
        payment_id: Integer,
        forgotten: Integer,
        seat_amount: Integer,
        price_type: Text,
        extended: Integer,
    },
    from "reservations WHERE forgotten = 0 ORDER BY reservation_id"
};
pub(super) static UPSERT_MORE: Upsert = Upsert {
    table: "reservations_more_seats",
    columns: &[
        ("reservation_id", Integer),
        ("place", Integer),
        ("seat_id", Integer),
        ("seat_amount", Integer),
        ("price_type", Text),
    ],
    key: 2,
};
const FORGET: &str = "UPDATE reservations SET forgotten = 1 WHERE reservation_id = ?";
const MORE: Source = Source {
    table: "reservations_more_seats",
    sql: "SELECT m.reservation_id, m.place, m.seat_id, m.seat_amount, m.price_type FROM reservations_more_seats m \
          JOIN reservations r ON r.reservation_id = m.reservation_id AND r.forgotten = 0 AND m.place < r.seat_count \
          ORDER BY m.reservation_id, m.place",
    key_columns: 2,
};

/// A seat, what it was held at, and at which price type.
type Seat = (SeatId, Option<u64>, Option<PriceTypeId>);

/// The seats behind the first, of those few reservations that have more.
type MoreSeats = HashMap<i64, Vec<Seat>>;

/// The price types that were read: there are few, and reservations share their texts.
#[derive(Default)]
struct PriceTypes(HashSet<PriceTypeId>);

impl PriceTypes {
    fn of(&mut self, row: &Fields<'_>, column: usize) -> Result<Option<PriceTypeId>, Error> {
        let Some(text) = row.text_optional(column)? else { return Ok(None) };
        let read = PriceTypeId::from(&*text);
        if let Some(known) = self.0.get(&read) {
            return Ok(Some(known.clone()));
        }
        self.0.insert(read.clone());
        Ok(Some(read))
    }
}

pub(super) fn write(writer: &mut dyn Writer, row: &ReservationRow) -> Result<(), Error> {
    let ReservationRow {
        id,
        user,
        schedule,
        seats,
        amount,
        amounts,
        price_types,
        reserved_at,
        reserved_until,
        extended,
        state,
    } = row;
    let reservation_id = integer("the reservation id", id.0)?;
    let first = seats.first().map(|seat| integer("the seat", seat.0)).transpose()?;
    let (state, state_at, payment) = state_codes(*state);
    let seat_amount =
        |place: u32| amounts.get(place as usize).map(|amount| integer("the seat's amount", *amount)).transpose();
    let price_type = |place: u32| price_types.get(place as usize).map(PriceTypeId::as_str);
    let values = [
        Value::from(reservation_id),
        Value::from(integer("the user", user.0)?),
        Value::from(integer("the schedule", schedule.0)?),
        Value::from(first),
        Value::from(u32::try_from(seats.len()).unwrap_or(u32::MAX)),
        Value::from(integer("the amount", *amount)?),
        Value::from(time(*reserved_at)?),
        Value::from(time(*reserved_until)?),
        Value::from(state),
        Value::from(state_at.map(time).transpose()?),
        Value::from(payment.map(|payment| integer("the payment id", payment.0)).transpose()?),
        Value::from(0_i64),
        Value::from(seat_amount(0)?),
        Value::from(price_type(0)),
        Value::from(extended.then_some(1_i64)),
    ];
    writer.upsert(&TABLE.upsert, &values)?;
    for (place, seat) in (0_u32..).zip(seats).skip(1) {
        let seat = integer("the seat", seat.0)?;
        let values = [
            Value::from(reservation_id),
            Value::from(place),
            Value::from(seat),
            Value::from(seat_amount(place)?),
            Value::from(price_type(place)),
        ];
        writer.upsert(&UPSERT_MORE, &values)?;
    }
    Ok(())
}

pub(super) fn forget(writer: &mut dyn Writer, reservation: ReservationId) -> Result<(), Error> {
    writer.run(FORGET, &[Value::from(integer("the reservation id", reservation.0)?)])
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read_all(query, (&MORE, &TABLE.source), &[], &mut |row| into(Row::Reservation(row)))
}

/// Those of `sources`, the seats behind the first and the reservations themselves, whose columns are those of [`MORE`] and the table.
pub(super) fn read_all(
    query: &dyn Query,
    (more_seats, reservations): (&Source, &Source),
    values: &[Value<'_>],
    into: &mut dyn FnMut(ReservationRow) -> Result<(), Error>,
) -> Result<(), Error> {
    let (mut more, mut known) = (MoreSeats::new(), PriceTypes::default());
    read(query, more_seats, values, |row| {
        let amount = row.map_optional(3, |amount| u64::try_from(amount).ok())?;
        let seat = (SeatId(row.u64(2)?), amount, known.of(row, 4)?);
        more.entry(row.map(0, Some)?).or_default().push(seat);
        Ok(())
    })?;
    read(query, reservations, values, |row| {
        let (seats, amounts, price_types) = seats(&mut more, &mut known, row)?;
        into(ReservationRow {
            id: ReservationId(row.u64(0)?),
            user: UserId(row.u64(1)?),
            schedule: ScheduleId(row.u64(2)?),
            seats,
            amount: row.u64(5)?,
            amounts,
            price_types,
            reserved_at: row.time(6)?,
            reserved_until: row.time(7)?,
            extended: row.map_optional(14, |code| (code == 1).then_some(true))?.is_some(),
            state: state_from(row)?,
        })
    })
}

/// The seats, what each was held at where that is known, and at which price type where there were any.
type Seats = (Box<[SeatId]>, Box<[u64]>, Box<[PriceTypeId]>);

fn seats(more: &mut MoreSeats, known: &mut PriceTypes, row: &Fields<'_>) -> Result<Seats, Error> {
    let first = row.map_optional(3, |seat| u64::try_from(seat).ok())?;
    let amount = row.map_optional(12, |amount| u64::try_from(amount).ok())?;
    let price_type = known.of(row, 13)?;
    let count = row.u32(4)?;
    match (first, count) {
        (None, 0) => Ok(Seats::default()),
        (Some(first), 1) => Ok((Box::new([SeatId(first)]), Box::default(), price_type.into_iter().collect())),
        (Some(first), 2..) => {
            let mut all = vec![(SeatId(first), amount, price_type)];
            all.append(&mut more.remove(&row.map(0, Some)?).unwrap_or_default());
            let amounts: Box<[u64]> = all.iter().filter_map(|&(_, amount, _)| amount).collect();
            let price_types: Box<[_]> = all.iter().filter_map(|(.., price_type)| price_type.clone()).collect();
            if u32::try_from(all.len()) != Ok(count) {
                return Err(row.corrupt(4));
            }
            if !amounts.is_empty() && amounts.len() != all.len() {
                return Err(row.corrupt(12));
            }
            if !price_types.is_empty() && price_types.len() != all.len() {
                return Err(row.corrupt(13));
            }
            Ok((all.into_iter().map(|(seat, ..)| seat).collect(), amounts, price_types))
        }
        (Some(_), 0) | (None, 1..) => Err(row.corrupt(4)),
    }
}

fn state_codes(state: State) -> (i64, Option<Time>, Option<PaymentId>) {
    match state {
        State::Held => (0, None, None),
        State::Paid { payment, at } => (1, Some(at), Some(payment)),
        State::Lapsed { at } => (2, Some(at), None),
        State::Cancelled { at } => (3, Some(at), None),
        State::Released { at } => (4, Some(at), None),
    }
}

fn state_from(row: &Fields<'_>) -> Result<State, Error> {
    let state = row.map(8, Some)?;
    let at = row.map_optional(9, time_from)?;
    let payment = row.map_optional(10, |id| u64::try_from(id).ok())?.map(PaymentId);
    match (state, at, payment) {
        (0, None, None) => Ok(State::Held),
        (1, Some(at), Some(payment)) => Ok(State::Paid { payment, at }),
        (2, Some(at), None) => Ok(State::Lapsed { at }),
        (3, Some(at), None) => Ok(State::Cancelled { at }),
        (4, Some(at), None) => Ok(State::Released { at }),
        _ => Err(row.corrupt(8)),
    }
}
