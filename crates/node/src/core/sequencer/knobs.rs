use std::time::Duration;

use crate::core::interval::Pace;
use crate::core::pause::Bounds;

/// What shapes a sequencer's behaviour, and may be drawn for a test.
#[derive(Clone, Debug)]
pub struct Knobs {
    /// The most commands in one entry.
    pub batch_max: usize,
    /// An entry takes no further command once it has so many bytes.
    pub batch_bytes_max: usize,
    pub pace: Pace,
    /// How long nothing is appended after the disk was found full, so that refusals are quick.
    pub full_pause: Duration,
    /// A journal that refused so many appends in a row, and answered each time, is not back before it takes one.
    pub refused_max: u32,
    /// How often it is looked whether a journal that others append to can be reached, where nobody appends.
    pub looked_every: Duration,
    /// One of many nodes is late with a tick by less than this.
    pub tick_delay_ms_max: u64,
    pub pauses: Bounds,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            batch_max: crate::options::Options::BATCH_MAX,
            batch_bytes_max: 1 << 20,
            pace: Pace::default(),
            full_pause: Duration::from_millis(250),
            refused_max: 3,
            looked_every: Duration::from_secs(1),
            tick_delay_ms_max: 20,
            pauses: Bounds::default(),
        }
    }
}
