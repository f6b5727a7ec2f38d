//! What a part may know of the moment.

use std::time::Duration;

#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// How long the node has been there. It never goes back, and no clock moves it.
    pub monotonic: Duration,
    /// The journal's time, in milliseconds since 1970.
    pub journal_ms: u64,
}
