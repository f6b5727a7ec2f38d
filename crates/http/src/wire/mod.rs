//! The bodies of requests and answers: what a handler reads or writes is the type that describes it in the document.
//!
//! `onsale-catalog` reads catalogs; their form is here for the document alone. Bodies that one handler alone has are beside
//! that handler.

mod area;
mod best;
mod by_hand;
mod catalog;
mod concert;
mod duration;
mod envelope;
pub(crate) mod fields;
mod order;
mod orphans;
mod payment;
mod queue;
mod queue_state;
mod request;
mod reservation;
mod scalar;
mod user;
mod wish;

pub use area::WishedArea;
pub use best::{BestSeats, SeatsAtPrice, SideBySide};
pub use catalog::{
    CatalogDocument, DocumentArea, DocumentCategory, DocumentConcert, DocumentPriceType, DocumentRow,
    DocumentRowAttributes, DocumentSchedule, DocumentSeat, DocumentSection,
};
pub use concert::{Availability, Schedule, Seat, SeatAttribute, SeatPrice, SeatStatus, Section};
pub(crate) use duration::Milliseconds;
pub(crate) use envelope::envelope;
pub use envelope::{Envelope, Nothing};
pub use order::DrawnPlace;
pub(crate) use order::{Draw, Join, Joins, Order};
pub use orphans::Orphans;
pub use payment::{Paid, PaidQueueStatus, PaidSeatStatus, Payment};
pub use queue::{Issue, Issued, Place, TicketStatus};
pub(crate) use queue_state::{Mode, Phase, QueueState, queue_states};
pub use reservation::{
    Cancel, Cancelled, CancelledSeatStatus, Extend, Extended, Reservation, ReservationStatus, Reserved,
    ReservedSeatStatus, SeatAmount, SeatTicket,
};
pub use scalar::{Id, Money};
pub use user::{Balance, Charge};
pub(crate) use wish::Wish;
pub use wish::{Reserve, WishedSeat};
