//! What those who wait are told.

use minicbor::{Decode, Encode};

use crate::ids::{EventId, QueueId, ScheduleId};
use crate::time::Time;

/// The longest text of a message, in bytes of UTF-8.
pub const NEWS_BYTES_MAX: usize = 1_000;

/// What a piece of news is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Kind {
    /// The operator's own words.
    #[n(0)]
    Message,
    /// Every seat of a schedule is paid.
    #[n(1)]
    SoldOut,
    /// Nobody is admitted any more, and nobody is taken in.
    #[n(2)]
    QueueClosed,
    /// Nobody is admitted for now; places are kept.
    #[n(3)]
    QueuePaused,
    /// Admission goes on.
    #[n(4)]
    QueueOpen,
    /// A schedule takes no new holds.
    #[n(5)]
    SaleClosed,
    /// A schedule takes holds again.
    #[n(6)]
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
    /// Whether there is something to say, in texts that are neither empty nor too long, and that every table can hold:
    /// of the control characters only the end of a line is allowed.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let mut given = [&self.en, &self.ko].into_iter().flatten().peekable();
        let is_text = |text: &str| !text.trim().is_empty() && !text.chars().any(|c| c.is_control() && c != '\n');
        given.peek().is_some() && given.all(|text| text.len() <= NEWS_BYTES_MAX && is_text(text))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_says_something_that_every_table_can_hold() {
        let valid = |text: &str| Text { en: Some(text.to_owned()), ko: None }.is_valid();
        assert!(valid("Ten more minutes.\nThank you."));
        assert!(valid(&"x".repeat(NEWS_BYTES_MAX)));
        for text in ["", "  ", "\0", "a\u{0}b", "a\rb", "\u{7f}"] {
            assert!(!valid(text), "{text:?}");
        }
        assert!(!valid(&format!("x{}", " ".repeat(NEWS_BYTES_MAX))));
        assert!(!Text { en: None, ko: None }.is_valid());
    }
}
