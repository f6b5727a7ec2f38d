//! Pieces of uploads.

use minicbor::{Decode, Encode};

use crate::concert::{Concert, Schedule, SeatSpec};

/// A piece of a catalog upload, small enough for one journal entry.
#[derive(Clone, Debug, Default, PartialEq, Encode, Decode)]
pub struct CatalogPart {
    #[n(0)]
    pub concerts: Vec<Concert>,
    #[n(1)]
    pub schedules: Vec<Schedule>,
    #[n(2)]
    pub seats: Vec<SeatSpec>,
}
