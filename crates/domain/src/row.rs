//! What `apply` changed, as rows. The SQL tables keep them, the views are made of them, and an engine that is fed
//! all of them again is the engine that wrote them.

use std::sync::Arc;

use crate::concert::{Concert, Schedule, SeatSpec};
use crate::idempotency;
use crate::ids::{
    KeyId, PaymentId, QueueId, ReservationId, ScheduleId, SeatId, TicketId, TransferId, UploadId, UserId,
};
use crate::operator::{LeverRow, NewsRow};
use crate::queue;
use crate::reservation;
use crate::settings::{QueueSettings, Settings};
use crate::time::Time;

/// One row as it is after a batch (an upsert by its key), or the word that rows are gone.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// Key: none, there is one.
    Settings(Settings),
    /// Key: none, there is one. The store's [level](crate::level); there is no such row at 0.
    Level(u32),
    /// Key: `id`.
    Queue(QueueRow),
    /// Key: `ticket`.
    Ticket(TicketRow),
    /// Key: `queue`, `first`. When each ticket of one block was last heard from, see [`queue::PRESENCE_BLOCK`].
    Presence(PresenceRow),
    /// Tickets of the queue with a number below `before` are forgotten: kept as history, not loaded again.
    TicketsForgotten { queue: QueueId, before: u32 },
    /// Key: `user`.
    Wallet { user: UserId, balance: u64 },
    /// Key: `user`. Their tokens that were issued before `since` are none.
    Revoked { user: UserId, since: Time },
    /// Key: `id`. History: written once, never loaded into the engine.
    Transfer(TransferRow),
    /// Key: `id`.
    Concert(Concert),
    /// Key: `schedule.id`.
    Schedule(ScheduleRow),
    /// All seats of one schedule, replacing those it had; in order of position.
    Seats { schedule: ScheduleId, seats: Arc<[SeatSpec]> },
    /// The schedule is out of the catalog, and its seats with it.
    ScheduleRemoved(ScheduleId),
    /// Key: `id`.
    Reservation(ReservationRow),
    /// The reservation (lapsed, cancelled or released) is forgotten: kept as history, not loaded again.
    ReservationForgotten(ReservationId),
    /// Key: `id`. History as well as state: the reservation names it.
    Payment(PaymentRow),
    /// Key: `user`, `endpoint`, `hash`.
    Idempotency(IdempotencyRow),
    /// The key's time is over.
    IdempotencyForgotten { user: UserId, endpoint: idempotency::Endpoint, hash: [u8; 16] },
    /// Key: `upload`, `part`. An encoded [`crate::command::CatalogPart`].
    Staged { upload: UploadId, part: u32, bytes: Arc<[u8]> },
    /// All parts of the upload are gone: published or discarded.
    Unstaged(UploadId),
    /// Key: `id`. History: written once, never loaded into the engine.
    News(NewsRow),
    /// Key: `id`. History: written once, never loaded into the engine.
    Lever(LeverRow),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueRow {
    pub id: QueueId,
    pub name: String,
    pub mode: queue::Mode,
    pub settings: QueueSettings,
    /// The number that the next ticket gets.
    pub next_number: u32,
    /// The lowest number that is not forgotten.
    pub first_number: u32,
    /// The number that the next ticket to return from absence gets among those who returned.
    pub next_return: u32,
    /// Everybody in it counts as seen at this moment: the last start, the end of the last gap in the journal, or the
    /// moment at which `waiting_ttl` was last lowered.
    pub seen_floor: Time,
    /// Admissions of the last second, as (20 ms slot since the epoch, count), oldest first.
    pub admitted: Vec<(u64, u32)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketRow {
    pub ticket: TicketId,
    pub user: UserId,
    pub key: KeyId,
    pub issued_at: Time,
    pub state: queue::State,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresenceRow {
    pub queue: QueueId,
    /// The number of the block's first ticket, a multiple of [`queue::PRESENCE_BLOCK`].
    pub first: u32,
    /// For each ticket from `first` on, when it was last heard from, in tenths of a second since 2020-01-01 UTC, modulo 2^32.
    pub seen: Box<[u32]>,
}

/// An account of the ledger. The sum over all accounts is zero at every moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// The outside world that money comes from: the negative of all charges.
    Cash,
    /// What was sold.
    Sales,
    /// A user's wallet.
    Wallet(UserId),
}

/// One movement of money: `amount` leaves `debit` and enters `credit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransferRow {
    pub id: TransferId,
    pub at: Time,
    pub debit: Account,
    pub credit: Account,
    pub amount: u64,
    /// The payment that moved it; `None` for a charge.
    pub payment: Option<PaymentId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleRow {
    pub schedule: Schedule,
    /// The operator stopped its sale.
    pub closed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReservationRow {
    pub id: ReservationId,
    pub user: UserId,
    pub schedule: ScheduleId,
    pub seats: Box<[SeatId]>,
    pub amount: u64,
    /// What each of several seats was held at, in their order. Empty for one seat, of which `amount` says it, and for those
    /// that were held below [`level::FAIRNESS`](crate::level::FAIRNESS).
    pub amounts: Box<[u64]>,
    pub reserved_at: Time,
    pub reserved_until: Time,
    pub state: reservation::State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaymentRow {
    pub id: PaymentId,
    pub reservation: ReservationId,
    pub user: UserId,
    pub amount: u64,
    pub paid_at: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdempotencyRow {
    pub user: UserId,
    pub endpoint: idempotency::Endpoint,
    pub hash: [u8; 16],
    /// Of the parsed command: another body under the same key is refused.
    pub fingerprint: u64,
    pub stored_at: Time,
    pub result: idempotency::Result,
}

/// Where the engine stands after a batch. The tables keep the newest beside the rows, in the same transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The number of the last batch applied; 0 before the first.
    pub seq: u64,
    pub time: Time,
    /// Over the whole state, see [`crate::fingerprint`].
    pub fingerprint: u64,
    pub counters: Counters,
}

/// The state that belongs to no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counters {
    pub next_reservation: ReservationId,
    pub next_payment: PaymentId,
    pub next_transfer: TransferId,
    /// All charges so far.
    pub charged: u128,
    /// All payments so far.
    pub sold: u128,
}
