//! Webhooks: what happened, sent to whom operators have named, by the Standard Webhooks specification.
//!
//! The feed is what there is to send, and each webhook has its place in it. One thread of the node sends, with a few helpers that wait
//! for receivers; nobody who buys waits for any of them. What is delivered is kept a moment later, so after a crash the last of it
//! is sent again, with the same ids.

mod address;
mod again;
mod endpoint;
mod helpers;
mod record;
mod retry;
mod sender;
mod signature;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use http::Request;
use onsale_node::events::Cursor;
use onsale_node::webhooks::{Changed, Webhooks as Stored};

pub(crate) use address::check;
pub use address::{Private, is_public};
pub(crate) use helpers::now_ms;
pub(crate) use record::{
    Again, Attempt, Definition, Is, Log, Order, Progress, Secret, State, Why, read as read_stored, written,
};
pub use retry::FOR as TRIED_FOR;
pub use sender::Sending;
pub(crate) use signature::{Scheme, Signer};

/// What the configuration says of them.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub private: Private,
    /// For how long a message is tried before its webhook is paused.
    pub tried_for: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { private: Private::Refuse, tried_for: TRIED_FOR }
    }
}

/// Pauses those that are sent to, for [`Why::FeedOtherHistory`]: their store is restored from a copy, and what its end was they have told
/// their receivers. Says how many.
///
/// # Errors
/// Where they cannot be read or written, for people.
pub fn pause_restored(webhooks: &mut Stored) -> Result<usize, String> {
    let mut paused = 0;
    for one in webhooks.all().map_err(|error| error.to_string())? {
        let state: State = read_stored("state", &one.state)?;
        if state.is == Is::On {
            let state = written(&State { is: Is::Paused, why: Some(Why::FeedOtherHistory), at_ms: now_ms() });
            let changed = Changed { definition: &one.definition, state: &state, progress: None };
            webhooks.change(one.id, one.version, changed).map_err(|error| error.to_string())?;
            paused += 1;
        }
    }
    Ok(paused)
}

/// The way to receivers. A call takes some seconds at the most, whatever the receiver does, and reads little of what it answers. It goes
/// to no address that the settings do not allow, and follows nobody elsewhere. Blocks.
pub trait Client: Send + Sync {
    /// # Errors
    /// What went wrong, for people.
    fn post(&self, request: Request<Vec<u8>>) -> Result<Said, String>;
}

/// What a receiver answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub status: u16,
    /// Its header `Retry-After`.
    pub retry_after: Option<String>,
}

/// An event as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// Where it is in the feed: its id.
    pub(crate) cursor: Cursor,
    /// When it happened, in the journal's time.
    pub(crate) time_ms: u64,
    pub(crate) body: Vec<u8>,
}

/// What became of a message that was on its way.
pub(crate) struct Answer {
    id: u64,
    moved: u64,
    at: Cursor,
    /// Its number, where an operator had it sent once more.
    again: Option<u64>,
    began_ms: u64,
    took_ms: u64,
    said: Result<Said, String>,
}

/// What there is behind a place of the feed.
#[derive(Debug)]
pub(crate) enum Found {
    /// What was looked for, and the place up to which was looked; whether there may be more already.
    Messages(Vec<Message>, Option<Cursor>, bool),
    /// What was there is not kept any more.
    Trimmed,
    /// There is no such place.
    Elsewhere,
}

/// Where messages come from, and what they are signed with. Blocks.
pub(crate) trait Feed: Send + Sync {
    /// Some messages behind `after` of these types.
    fn read(&self, after: Option<Cursor>, types: Option<&str>) -> Result<Found, String>;

    /// The one message at this place.
    fn one(&self, at: Cursor) -> Result<Found, String>;

    /// Which entry there may be something of.
    fn projected(&self) -> u64;

    /// What was sealed with the store's keys.
    fn unsealed(&self, sealed: &str) -> Option<Vec<u8>>;

    /// Whether this node has all of the store's keys.
    fn knows_keys(&self) -> bool;
}

/// How one stands that this node sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) id: u64,
    pub(crate) state: State,
    /// When the oldest event happened that is not delivered, in the journal's time.
    pub(crate) oldest_ms: Option<u64>,
}

/// What this node has counted.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    delivered: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
}

impl Counts {
    /// Attempts by what became of them: 2xx, another answer, and none.
    pub(crate) fn all(&self) -> [(&'static str, u64); 3] {
        let counts = [("delivered", &self.delivered), ("refused", &self.refused), ("failed", &self.failed)];
        counts.map(|(name, count)| (name, count.load(Relaxed)))
    }
}

/// The webhooks of the store, as the handlers of this node know them.
pub(crate) struct Webhooks {
    pub(crate) settings: Settings,
    /// For operators' changes, which are there for good once they are answered.
    pub(crate) stored: Arc<Mutex<Stored>>,
    pub(crate) counts: Counts,
    standing: Mutex<Vec<Standing>>,
    /// What the thread has to know.
    touched: Mutex<Touched>,
    touch: Condvar,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Touched {
    No,
    /// A message is delivered, or not.
    Answered,
    /// An operator has changed something.
    Changed,
    /// The thread is to end.
    Ending,
}

impl Webhooks {
    pub(crate) fn new(stored: Stored) -> Self {
        Self {
            settings: Settings::default(),
            stored: Arc::new(Mutex::new(stored)),
            counts: Counts::default(),
            standing: Mutex::default(),
            touched: Mutex::new(Touched::No),
            touch: Condvar::new(),
        }
    }

    pub(crate) fn with_settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// Those that this node sends, as it saw them last.
    pub(crate) fn standing(&self) -> Vec<Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Has the thread look at once.
    pub(crate) fn touch(&self) {
        self.note(Touched::Changed);
    }

    fn note(&self, what: Touched) {
        let mut touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        *touched = what.max(*touched);
        self.touch.notify_all();
    }

    /// Waits for something to know, for so long at the most.
    fn wait(&self, time: Duration) -> Touched {
        let touched = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.touch.wait_timeout_while(touched, time, |touched| *touched == Touched::No);
        let mut touched = waited.unwrap_or_else(PoisonError::into_inner).0;
        let was = *touched;
        if was != Touched::Ending {
            *touched = Touched::No;
        }
        was
    }
}

impl std::fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Webhooks").field("settings", &self.settings).finish_non_exhaustive()
    }
}
