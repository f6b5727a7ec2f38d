//! The engine's refusals, and what else becomes of a command, as codes.

use onsale_domain::reply::{CatalogRefusal, Refusal};
use onsale_node::Error;

use super::{Code, Problem};

/// A key is kept for 24 hours, and nobody knows here when the caller's first was used: their next attempt comes often
/// enough once an hour.
const TOO_MANY_KEYS_RETRY_AFTER_S: u32 = 3_600;

/// Where all users' keys together are too many, somebody's end every moment.
const NO_ROOM_RETRY_AFTER_S: u32 = 10;

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal.into(),
            Error::Overloaded => Self::new(Code::Overloaded),
            Error::Unavailable => Self::new(Code::Unavailable),
            Error::OutcomeUnknown => Self::new(Code::OutcomeUnknown),
        }
    }
}

/// The share of the live Idempotency-Keys that this caller may use is full; others' keys end one by one.
pub(crate) fn no_room_for_keys() -> Problem {
    Problem::new(Code::TooManyRequests)
        .with_detail("Too many Idempotency-Keys of all users are live.")
        .with_retry_after_s(NO_ROOM_RETRY_AFTER_S)
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            Refusal::AmountInvalid => Code::AmountInvalid,
            Refusal::InsufficientBalance => Code::InsufficientBalance,
            Refusal::NotAdmitted => Code::NotAdmitted,
            Refusal::SessionExpired => Code::SessionExpired,
            Refusal::SessionDone => Code::SessionDone,
            Refusal::ScheduleNotFound => Code::ScheduleNotFound,
            Refusal::SeatNotFound => Code::SeatNotFound,
            Refusal::ReservationNotFound => Code::ReservationNotFound,
            Refusal::QueueNotFound => Code::QueueNotFound,
            Refusal::SeatNotAvailable => Code::SeatNotAvailable,
            Refusal::SoldOut => Code::SoldOut,
            Refusal::AlreadyPaid => Code::AlreadyPaid,
            Refusal::HoldLimitReached => Code::HoldLimitReached,
            Refusal::ReservationCancelled => Code::ReservationCancelled,
            Refusal::QueueClosed => Code::QueueClosed,
            Refusal::SaleClosed => Code::SaleClosed,
            Refusal::HoldExpired => Code::HoldExpired,
            Refusal::IdempotencyKeyReused => Code::IdempotencyKeyReused,
            Refusal::TooManyKeys => {
                return Self::new(Code::TooManyRequests).with_retry_after_s(TOO_MANY_KEYS_RETRY_AFTER_S);
            }
            Refusal::SeatsInvalid => {
                return Self::field("seatId", "The seats must be at least one, and each named once.");
            }
            Refusal::SettingInvalid(setting) => return Self::field(setting, "The setting is out of its range."),
            Refusal::Catalog(refusal) => return catalog(refusal),
            Refusal::Full(what) => {
                return Self::new(Code::Overloaded).with_detail(format!("There is no more room for {what}."));
            }
        };
        Self::new(code)
    }
}

fn catalog(refusal: CatalogRefusal) -> Problem {
    match refusal {
        CatalogRefusal::NothingStaged => Problem::new(Code::BadRequest).with_detail("Nothing is staged to publish."),
        CatalogRefusal::IdOutOfRange { what, id } => Problem::field(what, format!("The id {id} is out of range.")),
        CatalogRefusal::UnknownConcert { schedule } => {
            Problem::field("concertId", format!("Schedule {schedule} names a concert that does not exist."))
        }
        CatalogRefusal::UnknownSchedule { schedule } => {
            Problem::field("scheduleId", format!("Schedule {schedule} does not exist."))
        }
        CatalogRefusal::EndsBeforeStart { schedule } => {
            Problem::field("endsAt", format!("Schedule {schedule} ends before it starts."))
        }
        CatalogRefusal::DuplicateSeat { schedule, seat } => {
            Problem::field("seatId", format!("Schedule {schedule} has seat {seat} twice."))
        }
        CatalogRefusal::DuplicatePosition { schedule, position } => {
            Problem::field("position", format!("Schedule {schedule} has position {position} twice."))
        }
        CatalogRefusal::AmountOutOfRange { schedule, seat } => {
            Problem::field("amount", format!("The price of seat {seat} of schedule {schedule} is out of range."))
        }
        CatalogRefusal::SeatInUse { schedule, seat } => {
            Problem::new(Code::CatalogInUse).with_detail(format!("Seat {seat} of schedule {schedule} is held or sold."))
        }
        CatalogRefusal::SeatRenamed { schedule, seat } => Problem::new(Code::CatalogInUse).with_detail(format!(
            "Seat {seat} of schedule {schedule} is held or sold, and would have another section, row or number. Seats without \
             ids are numbered in order: give them ids, or put new ones last."
        )),
        CatalogRefusal::ScheduleInUse { schedule } => Problem::new(Code::ScheduleInUse)
            .with_detail(format!("Schedule {schedule} has seats that are held or sold.")),
        CatalogRefusal::QueueName { name } => Problem::field(
            "queue",
            format!("The queue name {name:?} is not made of 1 to 64 of the characters a-z, 0-9, - and _."),
        ),
    }
}
