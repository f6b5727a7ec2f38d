//! What a hold answers.

use minicbor::{Decode, Encode};

use crate::ids::{ReservationId, ScheduleId};
use crate::time::Time;

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

/// A hold whose owner has made it longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extended {
    pub reservation: ReservationId,
    pub schedule: ScheduleId,
    pub reserved_until: Time,
}
