//! What those who wait are told.

use minicbor::{Decode, Encode};

use crate::ids::{EventId, QueueId, ScheduleId};
use crate::time::Time;

/// The longest text of a message, in bytes of UTF-8.
pub const NEWS_BYTES_MAX: usize = 1_000;

/// What a piece of news is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The operator's own words.
    Message,
    /// Every seat of a schedule is paid.
    SoldOut,
    /// Nobody is admitted any more, and nobody is taken in.
    QueueClosed,
    /// Nobody is admitted for now; places are kept.
    QueuePaused,
    /// Admission goes on.
    QueueOpen,
    /// A schedule takes no new holds.
    SaleClosed,
    /// A schedule takes holds again.
    SaleOpen,
}

/// A message in the languages that buyers read, one of them at least.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Text {
    #[n(0)]
    pub en: Option<String>,
    #[n(1)]
    pub ko: Option<String>,
}

impl Text {
    /// Whether there is something to say, in texts that are neither empty nor too long.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let mut given = [&self.en, &self.ko].into_iter().flatten().peekable();
        given.peek().is_some() && given.all(|text| (1..=NEWS_BYTES_MAX).contains(&text.trim().len()))
    }
}

/// A piece of news. History: written once, never loaded into the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewsRow {
    pub id: EventId,
    pub at: Time,
    pub kind: Kind,
    /// Whom it concerns; `None` for everybody.
    pub queue: Option<QueueId>,
    pub schedule: Option<ScheduleId>,
    /// Of a message.
    pub text: Text,
}
