//! One module for each table or two: what its rows look like in SQL, both ways.

mod activity;
mod adjustment;
mod blocks;
mod codes;
mod concert;
mod idempotency;
mod level;
mod networks;
mod operator;
mod payment;
mod people;
mod person;
mod presence;
mod queue;
mod reissued;
mod reservation;
mod revoked;
mod roster;
mod schedule;
mod seats;
mod settings;
mod staged;
mod ticket;
mod transfer;
mod wallet;
mod withheld;

pub use person::{Movement, Person};
pub(crate) use ticket::tier_from;

use core::mem::discriminant;

use onsale_domain::row::Row;

use crate::error::Error;
use crate::feed;
use crate::fields::Query;
use crate::value::{Upsert, Writer};

/// How much of what operators did, and of the news, is loaded to be shown.
const NEWEST: u32 = 1_000;

/// Who takes the rows that are loaded.
type Receiver<'a> = dyn FnMut(Row) -> Result<(), Error> + 'a;

/// Writes all of them. Those of one table are best together.
pub(crate) fn write_all(writer: &mut dyn Writer, rows: &[Row]) -> Result<(), Error> {
    for alike in rows.chunk_by(|one, other| is_one(one) && is_one(other) && discriminant(one) == discriminant(other)) {
        if alike.len() > 1 {
            writer.announce(alike.len());
        }
        alike.iter().try_for_each(|row| write(writer, row))?;
    }
    Ok(())
}

/// Whether it is of a kind of which there are many, and one row in the table.
fn is_one(row: &Row) -> bool {
    match row {
        Row::Reservation(reservation) => reservation.seats.len() < 2,
        Row::Ticket(_)
        | Row::Wallet { .. }
        | Row::Adjustment(_)
        | Row::Transfer(_)
        | Row::Code(_)
        | Row::CodeUse(_)
        | Row::Payment(_)
        | Row::Idempotency(_) => true,
        _ => false,
    }
}

fn write(writer: &mut dyn Writer, row: &Row) -> Result<(), Error> {
    match row {
        Row::Settings(settings) => settings::write(writer, settings),
        Row::Level(level) => level::write(writer, *level),
        Row::Queue(queue) => queue::write(writer, queue),
        Row::Ticket(ticket) => ticket::write(writer, ticket),
        Row::Presence(presence) => presence::write(writer, presence),
        Row::Activity(activity) => activity::write(writer, activity),
        Row::Networks(row) => networks::write(writer, row),
        Row::TicketsForgotten { queue, before } => {
            ticket::forget(writer, *queue, *before)?;
            blocks::forget(writer, presence::FORGET, *queue, *before)?;
            blocks::forget(writer, activity::FORGET, *queue, *before)
        }
        Row::Wallet { user, balance } => wallet::write(writer, *user, *balance),
        Row::Adjustment(row) => adjustment::write(writer, row),
        Row::Subject { digest, user } => people::write_subject(writer, digest, *user),
        Row::SubjectForgotten(digest) => people::forget_subject(writer, digest),
        Row::Erased(row) => people::write_erased(writer, row),
        Row::Entry(entry) => people::write_entry(writer, entry),
        Row::EntryForgotten(digest) => people::forget_entry(writer, digest),
        Row::SeatLimit { user, seats } => people::write_limit(writer, *user, *seats),
        Row::Revoked { user, since } => revoked::write(writer, *user, *since),
        Row::Operator(operator) => roster::write(writer, operator),
        Row::OperatorRemoved(name) => roster::remove(writer, name),
        Row::Transfer(transfer) => transfer::write(writer, transfer),
        Row::Concert(concert) => concert::write(writer, concert),
        Row::Schedule(schedule) => schedule::write(writer, schedule),
        Row::Seats { schedule, seats } => seats::write(writer, *schedule, seats),
        Row::ScheduleRemoved(schedule) => {
            schedule::remove(writer, *schedule)?;
            seats::remove(writer, *schedule)
        }
        Row::Reservation(reservation) => reservation::write(writer, reservation),
        Row::ReservationForgotten(reservation) => reservation::forget(writer, *reservation),
        Row::Reissued(row) => reissued::write(writer, row),
        Row::Withheld(row) => withheld::write(writer, row),
        Row::GivenBack { schedule, seat } => withheld::give_back(writer, *schedule, *seat),
        Row::Campaign(row) => codes::write_campaign(writer, row),
        Row::Code(row) => codes::write_code(writer, row),
        Row::CodeUse(row) => codes::write_use(writer, row),
        Row::Payment(payment) => payment::write(writer, payment),
        Row::Idempotency(idempotency) => idempotency::write(writer, idempotency),
        Row::IdempotencyForgotten { user, endpoint, hash } => idempotency::forget(writer, *user, *endpoint, hash),
        Row::Staged { upload, part, bytes } => staged::write(writer, *upload, *part, bytes),
        Row::Unstaged(upload) => staged::remove(writer, *upload),
        Row::News(news) => operator::write_news(writer, news),
        Row::Lever(lever) => operator::write_lever(writer, lever),
        // All of a transaction's go together, behind the other rows.
        Row::Told(_) => Ok(()),
    }
}

/// All rows of the state, in the order that [`crate::Tables::load`] promises.
pub(crate) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    settings::load(query, into)?;
    level::load(query, into)?;
    queue::load(query, into)?;
    ticket::load(query, into)?;
    presence::load(query, into)?;
    activity::load(query, into)?;
    networks::load(query, into)?;
    wallet::load(query, into)?;
    adjustment::load(query, into)?;
    people::load(query, into)?;
    revoked::load(query, into)?;
    roster::load(query, into)?;
    concert::load(query, into)?;
    schedule::load(query, into)?;
    seats::load(query, into)?;
    reservation::load(query, into)?;
    reissued::load(query, into)?;
    withheld::load(query, into)?;
    codes::load(query, into)?;
    payment::load(query, into)?;
    idempotency::load(query, into)?;
    staged::load(query, into)?;
    operator::load(query, NEWEST, into)
}

/// Every table that rows are put into, the history too.
pub(crate) static ALL: &[&Upsert] = &[
    &activity::TABLE.upsert,
    &adjustment::TABLE.upsert,
    &codes::CAMPAIGNS.upsert,
    &codes::CODES.upsert,
    &codes::USES.upsert,
    &concert::TABLE.upsert,
    &feed::TABLE.upsert,
    &idempotency::TABLE.upsert,
    &level::TABLE.upsert,
    &networks::TABLE.upsert,
    &operator::LEVERS.upsert,
    &operator::NEWS.upsert,
    &payment::TABLE.upsert,
    &people::ENTRIES.upsert,
    &people::ERASURES.upsert,
    &people::SEAT_LIMITS.upsert,
    &people::SUBJECTS.upsert,
    &presence::TABLE.upsert,
    &queue::TABLE.upsert,
    &reissued::TABLE.upsert,
    &reservation::TABLE.upsert,
    &reservation::UPSERT_MORE,
    &revoked::TABLE.upsert,
    &roster::TABLE.upsert,
    &schedule::PRICE_TYPES,
    &schedule::TABLE.upsert,
    &seats::TABLE.upsert,
    &settings::TABLE.upsert,
    &staged::TABLE.upsert,
    &ticket::TABLE.upsert,
    &transfer::UPSERT,
    &wallet::TABLE.upsert,
    &withheld::TABLE.upsert,
    &ticket::FORGOTTEN.upsert,
];
