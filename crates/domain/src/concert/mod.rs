//! Concerts, their schedules and seats.

mod best;
mod catalog;
mod publish;
mod reply;
mod row;
mod seats;

use minicbor::{Decode, Encode};

use crate::ids::{ConcertId, ScheduleId, SeatId};
use crate::time::Time;

pub use best::{Together, Wish};
pub(crate) use catalog::Catalog;
pub(crate) use publish::queue_name_is_valid;
pub use reply::Published;
pub use row::ScheduleRow;
pub use seats::{Layout, SeatCounts};

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Concert {
    #[n(0)]
    pub id: ConcertId,
    #[n(1)]
    pub title: String,
    /// The name of the queue whose tickets open this concert.
    #[n(2)]
    pub queue: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Schedule {
    #[n(0)]
    pub id: ScheduleId,
    #[n(1)]
    pub concert: ConcertId,
    /// An IANA time zone, such as `Asia/Seoul`. The edge checks it; the engine only keeps it.
    #[n(2)]
    pub zone: String,
    #[n(3)]
    pub starts_at: Time,
    #[n(4)]
    pub ends_at: Time,
}

/// A seat as the catalog describes it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SeatSpec {
    #[n(0)]
    pub schedule: ScheduleId,
    #[n(1)]
    pub seat: SeatId,
    /// The seat's place in the list, from 1; seats are listed in this order.
    #[n(2)]
    pub position: u32,
    /// The price, in the minor unit of the currency.
    #[n(3)]
    pub amount: u64,
    #[n(4)]
    pub section: Option<String>,
    #[n(5)]
    pub row: Option<String>,
    #[n(6)]
    pub number: Option<String>,
}

impl SeatSpec {
    /// Whether somebody who was told of the other finds this one: what it is called by is called the same here.
    #[must_use]
    pub(crate) fn is_called_as(&self, other: &Self) -> bool {
        let same = |own: &Option<String>, others: &Option<String>| others.is_none() || own == others;
        same(&self.section, &other.section) && same(&self.row, &other.row) && same(&self.number, &other.number)
    }
}
