//! What is stored of a webhook, each part as JSON.

use std::collections::VecDeque;

use onsale_node::events::Cursor;
use serde::{Deserialize, Serialize};

use super::signature::Scheme;

/// How many attempts are remembered, and how many of those that went well: they would push the others out.
const ATTEMPTS_MAX: usize = 50;
const DELIVERED_MAX: usize = 10;
/// No error is remembered at greater length.
const ERROR_CHARS_MAX: usize = 200;

/// What a webhook is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Definition {
    pub(crate) url: String,
    /// Which events, as the feed is asked for them; the usual ones where it is absent.
    pub(crate) types: Option<String>,
    pub(crate) order: Order,
    pub(crate) scheme: Scheme,
    /// The newest first. Those of before sign beside it until they end.
    pub(crate) secrets: Vec<Secret>,
    pub(crate) made_at_ms: u64,
    /// What operators had sent once more, the oldest first; some of it may be done with.
    #[serde(default)]
    pub(crate) again: Vec<Again>,
}

/// An event that an operator had sent once more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Again {
    /// Counts those of a webhook.
    pub(crate) number: u64,
    #[serde(with = "text")]
    pub(crate) at: Option<Cursor>,
}

/// Whether one message waits for the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Order {
    Ordered,
    Parallel,
}

impl Order {
    /// The most messages that are on their way at a time. With as many webhooks as there may be, all have a thread.
    pub(super) fn at_once(self) -> usize {
        match self {
            Self::Ordered => 1,
            Self::Parallel => 4,
        }
    }

    /// The most that were begun with and are not delivered.
    pub(super) fn window(self) -> usize {
        match self {
            Self::Ordered => 1,
            Self::Parallel => 64,
        }
    }
}

/// What signs, sealed with the store's keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Secret {
    pub(crate) sealed: String,
    /// What the receiver verifies with, where that is no secret.
    pub(crate) public: Option<String>,
    pub(crate) made_at_ms: u64,
    /// `None` for the one that has no successor yet.
    pub(crate) until_ms: Option<u64>,
}

/// Whether a webhook is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct State {
    pub(crate) is: Is,
    pub(crate) why: Option<Why>,
    /// Since when.
    pub(crate) at_ms: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Is {
    On,
    Paused,
    /// The receiver has said that it wants no more.
    Gone,
}

/// Why it is paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Why {
    Operator,
    /// A message was tried for as long as that goes on.
    RetriesExhausted,
    /// What comes next is not kept any more.
    FeedTrimmed,
    /// Its place is of a history that is not this store's.
    FeedOtherHistory,
    /// The store's keys do not open what it signs with.
    SecretLost,
}

/// How far a webhook has got.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Progress {
    /// All up to here was begun with; nothing yet where it is absent.
    #[serde(with = "text")]
    pub(crate) cursor: Option<Cursor>,
    /// What of it is not delivered.
    pub(crate) pending: Vec<Pending>,
    /// How many attempts have failed since the last that went well.
    pub(crate) failures: u32,
    /// Up to which number what operators had sent once more is done with.
    #[serde(default)]
    pub(crate) again: u64,
}

/// A message that was begun with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Pending {
    #[serde(with = "text")]
    pub(crate) at: Option<Cursor>,
    /// When it happened, in the journal's time.
    pub(crate) time_ms: u64,
    pub(crate) tries: u32,
    /// When it failed first.
    pub(crate) since_ms: Option<u64>,
    /// Not before this.
    pub(crate) next_ms: u64,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attempt {
    /// Of the message.
    pub(crate) id: String,
    pub(crate) at_ms: u64,
    pub(crate) took_ms: u64,
    /// Which attempt of the message it was, from 1.
    pub(crate) number: u32,
    /// What the receiver answered, where it did.
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<String>,
    /// When the next is due.
    pub(crate) next_ms: Option<u64>,
    /// Whether an operator had it sent once more.
    #[serde(default)]
    pub(crate) again: bool,
}

impl Attempt {
    pub(crate) fn is_delivered(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// The attempts that were last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Log(pub(crate) VecDeque<Attempt>);

impl Log {
    pub(super) fn push(&mut self, mut attempt: Attempt) {
        attempt.error = attempt.error.map(|error| error.chars().take(ERROR_CHARS_MAX).collect());
        let delivered = attempt.is_delivered();
        self.0.push_back(attempt);
        let all_delivered = self.0.iter().filter(|attempt| attempt.is_delivered()).count();
        if delivered
            && all_delivered > DELIVERED_MAX
            && let Some(oldest) = self.0.iter().position(Attempt::is_delivered)
        {
            self.0.remove(oldest);
        }
        if self.0.len() > ATTEMPTS_MAX {
            self.0.pop_front();
        }
    }
}

/// Reads what was stored; what no version has written is as nothing.
pub(crate) fn read<T: for<'de> Deserialize<'de>>(what: &str, text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| format!("its {what} is not what was stored: {error}"))
}

pub(crate) fn written<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("it is made of what JSON has")
}

/// Places as text.
mod text {
    use onsale_node::events::Cursor;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(cursor: &Option<Cursor>, serializer: S) -> Result<S::Ok, S::Error> {
        match cursor {
            Some(cursor) => serializer.collect_str(cursor),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Cursor>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(number: u32, status: u16) -> Attempt {
        Attempt {
            id: "1-0-00000000".to_owned(),
            at_ms: 1,
            took_ms: 1,
            number,
            status: Some(status),
            error: Some("x".repeat(500)),
            next_ms: None,
            again: false,
        }
    }

    #[test]
    fn the_log_is_short_and_what_failed_stays_longer() {
        let mut log = Log::default();
        log.push(attempt(0, 500));
        (1..1_000).for_each(|number| log.push(attempt(number, 204)));
        assert_eq!((log.0.len(), log.0[0].status), (DELIVERED_MAX + 1, Some(500)));
        (0..1_000).for_each(|number| log.push(attempt(number, 503)));
        assert_eq!(log.0.len(), ATTEMPTS_MAX);
        assert!(log.0.iter().all(|attempt| attempt.error.as_ref().is_some_and(|error| error.len() == ERROR_CHARS_MAX)));
    }

    #[test]
    fn what_is_stored_is_read_again() {
        let cursor = "12-3-00abcdef".parse::<Cursor>().expect("a cursor");
        let pending = Pending { at: Some(cursor), time_ms: 1, tries: 2, since_ms: Some(3), next_ms: 4 };
        let progress = Progress { cursor: Some(cursor), pending: vec![pending], failures: 5, again: 6 };
        let text = written(&progress);
        assert_eq!(read::<Progress>("place", &text), Ok(progress));
        assert_eq!(read::<Progress>("place", r#"{"cursor":null,"pending":[],"failures":0}"#), Ok(Progress::default()));
        assert!(read::<Progress>("place", r#"{"cursor":"12","pending":[],"failures":0}"#).is_err());
    }
}
