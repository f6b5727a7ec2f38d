//! Tickets: the table that grows fastest.

use onsale_domain::ids::{KeyId, QueueId, UserId};
use onsale_domain::queue::{State, Tier};
use onsale_domain::row::{Row, TicketRow};
use onsale_domain::time::Time;

use super::Receiver;
use crate::code;
use crate::error::Error;
use crate::fields::{Fields, Query, read};
use crate::table::{Table, table};
use crate::value::{Value, Writer};

pub(super) static TABLE: Table = table! {
    "tickets", key 1: {
        ticket_id: Integer,
        user_id: Integer,
        key_id: Integer,
        issued_at: Integer,
        state: Integer,
        state_at: Integer,
        return_order: Integer,
        joined_at: Integer,
        tier: Integer,
        admitted_at: Integer,
    },
    from "tickets WHERE ticket_id BETWEEN ? AND ? ORDER BY ticket_id"
};
const FORGET: &str = "INSERT INTO tickets_forgotten (queue_id, before_number) VALUES (?, ?) \
    ON CONFLICT (queue_id) DO UPDATE SET before_number = excluded.before_number \
    WHERE excluded.before_number > tickets_forgotten.before_number";
pub(super) static FORGOTTEN: Table = table! {
    "tickets_forgotten", key 1: {
        queue_id: Integer,
        before_number: Integer,
    },
    from "tickets_forgotten ORDER BY queue_id"
};

pub(super) fn write(writer: &mut dyn Writer, row: &TicketRow) -> Result<(), Error> {
    let TicketRow { ticket, user, key, issued_at, joined_at, tier, admitted_at, state } = row;
    let (state, state_at, return_order) = state_codes(*state);
    let values = [
        Value::from(code::ticket(ticket.queue, ticket.number)),
        Value::from(code::integer("the user", user.0)?),
        Value::from(key.0),
        Value::from(code::time(*issued_at)?),
        Value::from(state),
        Value::from(state_at.map(code::time).transpose()?),
        Value::from(return_order),
        code::time_optional(*joined_at)?,
        Value::from(tier.map(|tier| u32::from(tier.number()))),
        code::time_optional(*admitted_at)?,
    ];
    writer.upsert(&TABLE.upsert, &values)
}

pub(super) fn forget(writer: &mut dyn Writer, queue: QueueId, before: u32) -> Result<(), Error> {
    writer.run(FORGET, &[Value::from(queue.0), Value::from(before)])
}

/// Reads the stretches of the table between those that are history, so that history costs a start nothing.
pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    let mut from = i64::MIN;
    for (queue, before) in forgotten(query)? {
        load_stretch(query, from, code::ticket(queue, 0) - 1, into)?;
        from = code::ticket(queue, before);
    }
    load_stretch(query, from, i64::MAX, into)
}

fn forgotten(query: &dyn Query) -> Result<Vec<(QueueId, u32)>, Error> {
    let mut all = Vec::new();
    read(query, &FORGOTTEN.source, &[], |row| {
        all.push((QueueId(row.map(0, |id| u16::try_from(id).ok())?), row.u32(1)?));
        Ok(())
    })?;
    Ok(all)
}

fn load_stretch(query: &dyn Query, from: i64, to: i64, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &TABLE.source, &[Value::from(from), Value::from(to)], |row| into(Row::Ticket(of(row)?)))
}

/// The row, of all the table's columns.
pub(super) fn of(row: &Fields<'_>) -> Result<TicketRow, Error> {
    Ok(TicketRow {
        ticket: row.map(0, code::ticket_from)?,
        user: UserId(row.u64(1)?),
        key: KeyId(row.u32(2)?),
        issued_at: row.time(3)?,
        joined_at: row.time_optional(7)?,
        tier: row.map_optional(8, tier_from)?,
        admitted_at: row.time_optional(9)?,
        state: state_from(row)?,
    })
}

pub(crate) fn tier_from(stored: i64) -> Option<Tier> {
    u8::try_from(stored).ok().and_then(Tier::kept)
}

fn state_codes(state: State) -> (i64, Option<Time>, Option<u32>) {
    match state {
        State::Waiting => (0, None, None),
        State::Absent { until } => (1, Some(until), None),
        State::Returned { order, until } => (2, Some(until), Some(order)),
        State::Progress { until } => (3, Some(until), None),
        State::Done { at } => (4, Some(at), None),
        State::Expired { at } => (5, Some(at), None),
    }
}

fn state_from(row: &Fields<'_>) -> Result<State, Error> {
    let state = row.map(4, Some)?;
    let at = row.map_optional(5, code::time_from)?;
    let order = row.map_optional(6, |order| u32::try_from(order).ok())?;
    match (state, at, order) {
        (0, None, None) => Ok(State::Waiting),
        (1, Some(until), None) => Ok(State::Absent { until }),
        (2, Some(until), Some(order)) => Ok(State::Returned { order, until }),
        (3, Some(until), None) => Ok(State::Progress { until }),
        (4, Some(at), None) => Ok(State::Done { at }),
        (5, Some(at), None) => Ok(State::Expired { at }),
        _ => Err(row.corrupt(4)),
    }
}
