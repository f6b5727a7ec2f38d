//! The row of a schedule; a concert and a seat are rows as they are.

use super::Schedule;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleRow {
    pub schedule: Schedule,
    /// The operator stopped its sale.
    pub closed: bool,
}
