//! Who a buyer is, where the organiser wants to know: an entry token, a JWS (RFC 7515) that the organiser's shop or identity
//! provider has signed, and that is shown once, for a queue token.
//!
//! Nothing that a token says of itself decides how it is looked at (RFC 8725): its key is pinned to one algorithm.

mod claims;
mod keys;
mod source;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use onsale_domain::command::Entrant;
use onsale_domain::time::Time;

use crate::problem::{Code, Problem};
use crate::token::Secret;
use keys::Head;
use source::Turn;

pub use claims::Rules;
pub use keys::{KeySet, KeySetError};

/// How long a token whose key is not known waits for the keys to be fetched.
const PATIENCE: Duration = Duration::from_secs(3);

/// What of the service is open to everybody. Each node's own, as its configuration has it.
#[derive(Debug)]
pub struct Doors {
    pub users: Users,
    pub charge: Charge,
}

impl Doors {
    /// For a service of which nothing is real, or that others stand before.
    pub const OPEN: Self = Self { users: Users::Open, charge: Charge::Open };

    /// The keys of those that are open.
    #[must_use]
    pub fn open(&self) -> Vec<&'static str> {
        let users = matches!(self.users, Users::Open).then_some("access.users");
        users.into_iter().chain((self.charge == Charge::Open).then_some("access.charge")).collect()
    }
}

/// Who may say who they are.
#[derive(Debug)]
pub enum Users {
    /// Anybody is any user.
    Open,
    /// Whoever an entry token names.
    Signed(Arc<Entry>),
}

/// Who may add to a wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charge {
    /// Everybody to their own.
    Open,
    /// Operators and shops, for others.
    Operator,
    /// Nobody.
    Off,
}

/// Whom an entry token names, and what it says of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) entrant: Entrant,
    /// The only queue that the token opens; all of them where it names none.
    pub(crate) queue: Option<String>,
    /// Where the token is good once: what it is known by, and until when it has to be.
    pub(crate) once: Option<([u8; 16], Time)>,
    /// The most seats of one date that they may have.
    pub(crate) limit: Option<u32>,
}

/// The keys of those who sign entry tokens, and what their tokens must say.
pub struct Entry {
    rules: Rules,
    keys: ArcSwapOption<KeySet>,
    /// Where the keys are fetched, when they are; `None` where they never change.
    turn: Option<Turn>,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("rules", &self.rules).finish_non_exhaustive()
    }
}

impl Entry {
    /// Of tokens that are signed with HS256 and this secret.
    #[must_use]
    pub fn of_secret(rules: Rules, secret: &Secret) -> Self {
        Self { rules, keys: ArcSwapOption::from_pointee(KeySet::of_secret(secret)), turn: None }
    }

    /// Of tokens whose keys are fetched. Until somebody has [`Entry::put`] them, nobody comes in. Keys that were put longer ago
    /// than `stale_max` are not trusted any more.
    #[must_use]
    pub fn fetched(rules: Rules, stale_max: Duration) -> Self {
        Self { rules, keys: ArcSwapOption::empty(), turn: Some(Turn::new(stale_max)) }
    }

    /// Waits until the keys should be fetched: after `at_most`, or as soon as a token needs one that is not known. False when
    /// they need not be any more. Blocks.
    pub fn wait(&self, at_most: Duration) -> bool {
        self.turn.as_ref().is_some_and(|turn| turn.wait(at_most))
    }

    /// Takes over what was fetched; `None` where that has failed, and the keys of before go on.
    pub fn put(&self, keys: Option<KeySet>) {
        let is_new = keys.is_some();
        if let Some(keys) = keys {
            self.keys.store(Some(Arc::new(keys)));
        }
        if let Some(turn) = &self.turn {
            turn.done(is_new);
        }
    }

    /// Ends every [`Entry::wait`].
    pub fn close(&self) {
        if let Some(turn) = &self.turn {
            turn.close();
        }
    }

    /// Whom the token names, at this moment in seconds since 1970.
    ///
    /// # Errors
    /// Where it is not good for a place here, and where there are no keys to tell by.
    pub(crate) async fn person(&self, token: &str, now_s: f64) -> Result<Person, Problem> {
        let head = Head::of(token)?;
        let mut keys = self.trusted();
        if keys.as_ref().is_none_or(|keys| keys.lacks(&head)) && self.fetch().await {
            keys = self.trusted();
        }
        let Some(keys) = keys else { return Err(Problem::new(Code::Unavailable)) };
        let claims = keys.verify(token, &head, self.rules.kind.as_deref())?;
        self.rules.person(&claims, now_s)
    }

    fn trusted(&self) -> Option<Arc<KeySet>> {
        let is_trusted = self.turn.as_ref().is_none_or(Turn::is_trusted);
        self.keys.load_full().filter(|_| is_trusted)
    }

    /// Has the keys fetched and waits for them. False where they were fetched just now: whoever invents keys causes no more
    /// than a call every few seconds.
    async fn fetch(&self) -> bool {
        let Some(turn) = &self.turn else { return false };
        let Some(done) = turn.ask() else { return false };
        let mut done = done;
        tokio::time::timeout(PATIENCE, done.changed()).await.is_ok()
    }
}
