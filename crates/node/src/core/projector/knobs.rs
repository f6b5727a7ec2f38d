use std::time::Duration;

use super::standby;

/// What shapes a projector's behaviour, and may be drawn for a test.
#[derive(Clone, Debug)]
pub struct Knobs {
    /// A transaction is made when so many rows have gathered: larger ones are cheaper by the row.
    pub transaction_rows: usize,
    /// And when the oldest row has waited so long.
    pub delay: Duration,
    /// One that stands by gathers rows in pieces of so much time, to drop them piece by piece.
    pub piece: Duration,
    /// How long to wait before tables that take nothing are tried again.
    pub retry_pause: Duration,
    /// How often tables that others write too are looked at while there is nothing to project: they may have gone back.
    pub look: Duration,
    /// So many are kept where the tables take nothing, or another node projects. What is let go the journal has.
    pub kept_rows_max: u64,
    pub standby: standby::Knobs,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            transaction_rows: 20_000,
            delay: Duration::from_millis(250),
            piece: Duration::from_millis(1_000),
            retry_pause: Duration::from_millis(500),
            look: Duration::from_secs(5),
            kept_rows_max: 200_000,
            standby: standby::Knobs::default(),
        }
    }
}
