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
