//! Bodies as types, where the code that reads or writes them has none: the handlers of [`crate::api`] read and write
//! theirs by hand, and `onsale-catalog` reads catalogs. The others are described beside their own types.

mod catalog;
mod concert;
mod duration;
mod payment;
mod problem;
mod queue;
mod queue_state;
mod reservation;
mod scalar;
mod user;

pub use catalog::{CatalogDocument, DocumentConcert, DocumentRow, DocumentSchedule, DocumentSeat, DocumentSection};
pub use concert::{Availability, Schedule, Seat, SeatStatus, Section};
pub(crate) use duration::Milliseconds;
pub use payment::{Paid, PaidQueueStatus, PaidSeatStatus, Payment};
pub use problem::{Invalid, Problem};
pub use queue::{Issue, Issued, Place, TicketStatus};
pub(crate) use queue_state::{Mode, QueueState, queue_states};
pub use reservation::{
    Cancel, Cancelled, CancelledSeatStatus, Reservation, ReservationStatus, Reserve, Reserved, ReservedSeatStatus,
    SeatTicket,
};
pub use scalar::{Id, Money};
pub use user::{Balance, Charge};
