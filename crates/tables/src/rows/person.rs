//! What there is under one user's number, as of one moment: state and history alike.

use onsale_domain::codes::CodeUseRow;
use onsale_domain::idempotency::Endpoint;
use onsale_domain::ids::{PaymentId, TransferId, UserId};
use onsale_domain::operator::LeverRow;
use onsale_domain::row::{ReservationRow, TicketRow};
use onsale_domain::time::Time;
use onsale_domain::user::Direction;

use super::{adjustment, codes, idempotency, operator, reservation, ticket};
use crate::code;
use crate::error::Error;
use crate::fields::{Fields, Query, Source, read};
use crate::mark;
use crate::place::Place;
use crate::value::Value;

const WALLET: Source =
    Source { table: "wallets", sql: "SELECT user_id, balance FROM wallets WHERE user_id = ?", key_columns: 1 };
const REVOKED: Source =
    Source { table: "revoked", sql: "SELECT user_id, since FROM revoked WHERE user_id = ?", key_columns: 1 };
const ERASED: Source =
    Source { table: "erasures", sql: "SELECT user_id, at FROM erasures WHERE user_id = ?", key_columns: 1 };
const SEATS: Source =
    Source { table: "seat_limits", sql: "SELECT user_id, seats FROM seat_limits WHERE user_id = ?", key_columns: 1 };
const SUBJECTS: Source = Source {
    table: "subjects",
    sql: "SELECT digest FROM subjects WHERE user_id = ? ORDER BY digest LIMIT ?",
    key_columns: 1,
};
const ENTRIES: Source = Source {
    table: "entries",
    sql: "SELECT digest, until FROM entries WHERE user_id = ? ORDER BY until, digest LIMIT ?",
    key_columns: 1,
};
const RETRIES: Source = Source {
    table: "idempotency",
    sql: "SELECT user_id, endpoint, hash, stored_at FROM idempotency WHERE user_id = ? ORDER BY stored_at, endpoint, hash \
          LIMIT ?",
    key_columns: 3,
};
const MOVEMENTS: Source = Source {
    table: "transfers",
    sql: "SELECT t.transfer_id, t.at, t.credit, t.amount, t.payment_id, a.direction, a.reference FROM transfers t \
          LEFT JOIN (SELECT transfer_id, direction, reference FROM adjustments WHERE user_id = ?) a \
          ON a.transfer_id = t.transfer_id WHERE t.debit = ? OR t.credit = ? ORDER BY t.transfer_id LIMIT ?",
    key_columns: 1,
};
const TICKETS: Source = Source {
    table: "tickets",
    sql: "SELECT ticket_id, user_id, key_id, issued_at, state, state_at, return_order, joined_at, tier, admitted_at \
          FROM tickets WHERE user_id = ? ORDER BY issued_at, ticket_id LIMIT ?",
    key_columns: 1,
};
const CODE_USES: Source = Source {
    table: "code_uses",
    sql: "SELECT ticket_id, user_id, campaign_id, number, digest, taken_at, paid, ended_at FROM code_uses \
          WHERE user_id = ? ORDER BY taken_at, ticket_id LIMIT ?",
    key_columns: 1,
};
const RESERVATIONS: Source = Source {
    table: "reservations",
    sql: "SELECT reservation_id, user_id, schedule_id, seat_id, seat_count, amount, reserved_at, reserved_until, state, state_at, \
          payment_id, forgotten, seat_amount, price_type, extended FROM reservations WHERE user_id = ? \
          ORDER BY reservation_id LIMIT ?",
    key_columns: 1,
};
const MORE_SEATS: Source = Source {
    table: "reservations_more_seats",
    sql: "SELECT m.reservation_id, m.place, m.seat_id, m.seat_amount, m.price_type FROM \
          (SELECT reservation_id, seat_count FROM reservations WHERE user_id = ? ORDER BY reservation_id LIMIT ?) r \
          JOIN reservations_more_seats m ON m.reservation_id = r.reservation_id AND m.place < r.seat_count \
          ORDER BY m.reservation_id, m.place",
    key_columns: 2,
};
/// Of those that are moved on somebody, by their codes: their words say on whom (`onsale_domain`, `operator/words.rs`). Messages are any
/// words, and so are not among them.
const LEVERS: Source = Source {
    table: "levers",
    sql: "SELECT lever_id, at, key_id, operator, action, target, before, after FROM levers \
          WHERE action IN (6, 10, 15, 46, 48, 66) AND (target = ? OR target LIKE ? OR target LIKE ?) \
          ORDER BY lever_id LIMIT ?",
    key_columns: 1,
};

/// Money that came into somebody's wallet, or left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    pub id: TransferId,
    pub at: Time,
    pub is_into: bool,
    pub amount: u64,
    pub payment: Option<PaymentId>,
    /// Of what a shop or an operator moved, and what they call it.
    pub adjustment: Option<(Direction, String)>,
}

/// What the tables have of somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The entry of the journal that this is as of.
    pub seq: u64,
    pub balance: u64,
    pub tokens_valid_since: Option<Time>,
    pub erased_at: Option<Time>,
    /// As the newest entry token that said so said.
    pub seats_max: Option<u32>,
    /// What stands for what entry tokens call them.
    pub subjects: Vec<[u8; 32]>,
    /// Until when entry tokens that they have used are remembered.
    pub entries: Vec<Time>,
    pub movements: Vec<Movement>,
    /// Those that are history too.
    pub reservations: Vec<ReservationRow>,
    /// Those that are history too.
    pub tickets: Vec<TicketRow>,
    pub code_uses: Vec<CodeUseRow>,
    /// Calls with an Idempotency-Key whose outcome is remembered, and since when.
    pub retries: Vec<(Endpoint, Time)>,
    pub levers: Vec<LeverRow>,
}

impl Person {
    /// Reads what there is of `user`, at most `limit` of each kind, in a snapshot of its own: whoever writes to the tables is not kept
    /// waiting. There is no index by user, which each sale would pay for, so this looks through the tables. Blocks.
    ///
    /// # Errors
    /// When the tables cannot be read.
    pub fn read(place: &Place, user: UserId, limit: u32) -> Result<Self, Error> {
        let reader = place.reader(true)?;
        let query = &*reader;
        let number = code::integer("the user", user.0)?;
        let id = Value::from(number);
        let some = [id, Value::from(limit)];
        let one = |source| one(query, source, id);
        let mut person = Self { seq: mark::seq(query)?, ..Self::default() };
        person.balance = one(&WALLET)?.unwrap_or_default();
        person.tokens_valid_since = one(&REVOKED)?.map(Time);
        person.erased_at = one(&ERASED)?.map(Time);
        person.seats_max = one(&SEATS)?.and_then(|seats| u32::try_from(seats).ok());
        read(query, &SUBJECTS, &some, |row| push(&mut person.subjects, row.array(0)?))?;
        read(query, &ENTRIES, &some, |row| push(&mut person.entries, row.time(1)?))?;
        read(query, &RETRIES, &some, |row| {
            push(&mut person.retries, (row.map(1, idempotency::endpoint_from)?, row.time(3)?))
        })?;
        read(query, &MOVEMENTS, &[id, id, id, Value::from(limit)], |row| {
            push(&mut person.movements, movement(row, number)?)
        })?;
        read(query, &TICKETS, &some, |row| push(&mut person.tickets, ticket::of(row)?))?;
        read(query, &CODE_USES, &some, |row| push(&mut person.code_uses, codes::use_of(row)?))?;
        let sources = (&MORE_SEATS, &RESERVATIONS);
        reservation::read_all(query, sources, &some, &mut |row| push(&mut person.reservations, row))?;
        let [alone, behind, among] =
            [format!("user {number}"), format!("queue %, user {number}"), format!("reservation %(user {number}, %")];
        let words = [&*alone, &*behind, &*among].map(Value::from);
        let [alone, behind, among] = words;
        read(query, &LEVERS, &[alone, behind, among, Value::from(limit)], |row| {
            push(&mut person.levers, operator::lever_of(row)?)
        })?;
        Ok(person)
    }
}

fn push<T>(all: &mut Vec<T>, one: T) -> Result<(), Error> {
    all.push(one);
    Ok(())
}

/// The number beside a user's.
fn one(query: &dyn Query, source: &Source, user: Value<'_>) -> Result<Option<u64>, Error> {
    let mut found = None;
    read(query, source, &[user], |row| {
        found = Some(row.u64(1)?);
        Ok(())
    })?;
    Ok(found)
}

fn movement(row: &Fields<'_>, user: i64) -> Result<Movement, Error> {
    let direction = row.map_optional(5, adjustment::from_code)?;
    Ok(Movement {
        id: TransferId(row.u64(0)?),
        at: row.time(1)?,
        is_into: row.map(2, |credit| Some(credit == user))?,
        amount: row.u64(3)?,
        payment: row.map_optional(4, |id| u64::try_from(id).ok())?.map(PaymentId),
        adjustment: direction.zip(row.text_optional(6)?),
    })
}
