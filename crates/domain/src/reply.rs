//! What a command comes to. Refusals are values: closed, cheap, and decided in one place.

use minicbor::{Decode, Encode};

use crate::ids::{KeyId, PaymentId, QueueId, ReservationId, ScheduleId, SeatId, TicketId};
use crate::queue;
use crate::time::Time;

/// What a command came to: an effect, or a refusal that changed nothing.
pub type Outcome = Result<Reply, Refusal>;

/// The answer to a command that was carried out.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// Done, and nothing to tell.
    Done,
    Joined(Joined),
    /// The ticket's status after `Leave`.
    Left(queue::Status),
    Charged(Stored<Charged>),
    Reserved(Stored<Reserved>),
    Paid(Stored<Paid>),
    Cancelled(ReservationId),
    QueueOpened(QueueId),
    /// How many sessions `LetSilentGo` ended, and how many of their users hold a seat that they can still pay.
    LetGo {
        sessions: u32,
        holding: u32,
    },
    /// How many schedules and seats a `Publish` made or changed.
    Published {
        schedules: u32,
        seats: u32,
    },
}

/// A result that may come from an earlier command with the same Idempotency-Key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored<T> {
    pub value: T,
    pub replayed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    pub ticket: TicketId,
    /// The key that signs this ticket's token.
    pub key: KeyId,
    pub issued_at: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Charged {
    /// The balance after the charge.
    #[n(0)]
    pub balance: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Reserved {
    #[n(0)]
    pub reservation: ReservationId,
    #[n(1)]
    pub schedule: ScheduleId,
    #[n(2)]
    pub amount: u64,
    #[n(3)]
    pub reserved_at: Time,
    #[n(4)]
    pub reserved_until: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Paid {
    #[n(0)]
    pub payment: PaymentId,
    #[n(1)]
    pub amount: u64,
}

/// Why nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The charge is 0, over the limit, or would overflow the wallet.
    AmountInvalid,
    InsufficientBalance,
    /// Waiting, or a ticket of another queue.
    NotAdmitted,
    SessionExpired,
    SessionDone,
    ScheduleNotFound,
    SeatNotFound,
    ReservationNotFound,
    QueueNotFound,
    SeatNotAvailable,
    SoldOut,
    AlreadyPaid,
    HoldLimitReached,
    ReservationCancelled,
    QueueClosed,
    SaleClosed,
    HoldExpired,
    /// The key was used with another request.
    IdempotencyKeyReused,
    /// The user has too many live Idempotency-Keys.
    TooManyKeys,
    /// No seats, too many, or one twice.
    SeatsInvalid,
    /// A setting is out of its range; which one.
    SettingInvalid(&'static str),
    Catalog(CatalogRefusal),
    /// A counter or table is at its limit (ticket numbers, queues, staged bytes).
    Full(&'static str),
}

/// Why a catalog was refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CatalogRefusal {
    NothingStaged,
    IdOutOfRange {
        what: &'static str,
        id: u64,
    },
    UnknownConcert {
        schedule: ScheduleId,
    },
    UnknownSchedule {
        schedule: ScheduleId,
    },
    EndsBeforeStart {
        schedule: ScheduleId,
    },
    DuplicateSeat {
        schedule: ScheduleId,
        seat: SeatId,
    },
    DuplicatePosition {
        schedule: ScheduleId,
        position: u32,
    },
    AmountOutOfRange {
        schedule: ScheduleId,
        seat: SeatId,
    },
    /// The seat is held or sold, so it can be neither removed nor repriced away.
    SeatInUse {
        schedule: ScheduleId,
        seat: SeatId,
    },
    /// Somebody holds or bought a seat of it.
    ScheduleInUse {
        schedule: ScheduleId,
    },
    /// A queue's name is empty, too long, or has other characters than a-z, 0-9, `-` and `_`.
    QueueName {
        name: String,
    },
}
