//! What `apply` changed, as rows. The SQL tables keep them, the views are made of them, and an engine that is fed
//! all of them again is the engine that wrote them. Each row is written down with its domain, and named here.

use std::sync::Arc;

use crate::codes::Campaign;
use crate::concert::{Concert, SeatSpec};
use crate::feed::Told;
use crate::idempotency::Endpoint;
use crate::ids::{QueueId, ReservationId, ScheduleId, SeatId, UploadId, UserId};
use crate::operator::{LeverRow, NewsRow, OperatorRow};
use crate::settings::Settings;
use crate::time::Time;

pub use crate::codes::{CodeRow, CodeUseRow};
pub use crate::concert::{ScheduleRow, WithheldRow};
pub use crate::engine::{Counters, Mark};
pub use crate::idempotency::IdempotencyRow;
pub use crate::payment::PaymentRow;
pub use crate::queue::{ActivityRow, NetworksRow, PresenceRow, QueueRow, TicketRow};
pub use crate::reservation::{ReissuedRow, ReservationRow};
pub use crate::user::{Account, AdjustmentRow, EntryRow, ErasedRow, TransferRow};

/// One row as it is after a batch (an upsert by its key), or the word that rows are gone. Each hold hands several of them on from thread
/// to thread, so what is large and rare is boxed.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// Key: none, there is one.
    Settings(Box<Settings>),
    /// Key: none, there is one. The store's [level](crate::level); there is no such row at 0.
    Level(u32),
    /// Key: `id`.
    Queue(Box<QueueRow>),
    /// Key: `ticket`.
    Ticket(TicketRow),
    /// Key: `queue`, `first`. When each ticket of one block was last heard from, see [`crate::queue::PRESENCE_BLOCK`].
    Presence(PresenceRow),
    /// Key: `queue`, `first`. When each of those inside, of one block of tickets, last did something; the blocks are those of
    /// [`crate::queue::PRESENCE_BLOCK`]. From [`level::IDLE`](crate::level::IDLE) on.
    Activity(ActivityRow),
    /// Key: `queue`, `block`. How many joined from which network. From [`level::NETWORKS`](crate::level::NETWORKS) on.
    Networks(NetworksRow),
    /// Tickets of the queue with a number below `before` are forgotten: kept as history, not loaded again.
    TicketsForgotten { queue: QueueId, before: u32 },
    /// Key: `user`.
    Wallet { user: UserId, balance: u64 },
    /// Key: `reference`.
    Adjustment(AdjustmentRow),
    /// Key: `digest`. Somebody whom entry tokens name by something else than a number.
    Subject { digest: [u8; 32], user: UserId },
    /// Nobody is called so any more.
    SubjectForgotten([u8; 32]),
    /// Key: `user`. From [`level::PRIVACY`](crate::level::PRIVACY) on.
    Erased(ErasedRow),
    /// Key: `digest`. An entry token that was used.
    Entry(EntryRow),
    /// The entry token has expired.
    EntryForgotten([u8; 16]),
    /// Key: `user`. The most seats of one schedule that they may have.
    SeatLimit { user: UserId, seats: u32 },
    /// Key: `user`. Their tokens that were issued before `since` are none.
    Revoked { user: UserId, since: Time },
    /// Key: `id`. From [`level::CODES`](crate::level::CODES) on, as the next two.
    Campaign(Box<Campaign>),
    /// Key: `campaign`, `number`.
    Code(CodeRow),
    /// Key: `ticket`. Once it has ended it is kept as history, not loaded again.
    CodeUse(CodeUseRow),
    /// Key: `id`. History: written once, never loaded into the engine.
    Transfer(TransferRow),
    /// Key: `name`.
    Operator(OperatorRow),
    /// The operator's key is none any more.
    OperatorRemoved(String),
    /// Key: `id`.
    Concert(Concert),
    /// Key: `schedule.id`.
    Schedule(Box<ScheduleRow>),
    /// All seats of one schedule, replacing those it had; in order of position.
    Seats { schedule: ScheduleId, seats: Arc<[SeatSpec]> },
    /// The schedule is out of the catalog, and its seats with it.
    ScheduleRemoved(ScheduleId),
    /// Key: `schedule`, `seat`. A seat that an operator holds back.
    Withheld(WithheldRow),
    /// The seat is on sale again.
    GivenBack { schedule: ScheduleId, seat: SeatId },
    /// Key: `id`.
    Reservation(ReservationRow),
    /// Key: `reservation`, `seat`. From [`level::RANKS`](crate::level::RANKS) on.
    Reissued(ReissuedRow),
    /// The reservation (lapsed, cancelled or released) is forgotten: kept as history, not loaded again.
    ReservationForgotten(ReservationId),
    /// Key: `id`. History as well as state: the reservation names it.
    Payment(PaymentRow),
    /// Key: `user`, `endpoint`, `hash`.
    Idempotency(IdempotencyRow),
    /// The key's time is over.
    IdempotencyForgotten { user: UserId, endpoint: Endpoint, hash: [u8; 16] },
    /// Key: `upload`, `part`. An encoded [`crate::command::CatalogPart`].
    Staged { upload: UploadId, part: u32, bytes: Arc<[u8]> },
    /// All parts of the upload are gone: published or discarded.
    Unstaged(UploadId),
    /// Key: `id`. History: written once, never loaded into the engine.
    News(NewsRow),
    /// Key: `id`. History: written once, never loaded into the engine.
    Lever(LeverRow),
    /// Key: `seq`. History, made of the other rows of an entry before they are merged ([`crate::feed`]); the engine emits none.
    Told(Told),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_no_larger_than_that_of_a_hold_with_its_kind() {
        assert_eq!(size_of::<Row>(), size_of::<(u8, ReservationRow)>());
    }
}
