//! What a command comes to. What each domain answers is written down with that domain, and named here, as refusals are.

use crate::ids::{QueueId, ReservationId};
use crate::queue::Status;
use crate::time::Time;

pub use crate::codes::CodesAdded;
pub use crate::concert::Published;
pub use crate::payment::Paid;
pub use crate::queue::{Joined, LetGo};
pub use crate::refusal::{CatalogRefusal, Refusal};
pub use crate::reservation::{Extended, Reserved};
pub use crate::user::{Charged, Entered, Erased};

/// What a command came to: an effect, or a refusal that changed nothing.
pub type Outcome = Result<Reply, Refusal>;

/// The answer to a command that was carried out.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// Done, and nothing to tell.
    Done,
    Joined(Joined),
    Entered(Entered),
    /// The ticket's status after `Leave`.
    Left(Status),
    Charged(Once<Charged>),
    Adjusted(Once<Charged>),
    Reserved(Once<Reserved>),
    Paid(Once<Paid>),
    Extended(Extended),
    Cancelled(ReservationId),
    Reissued(ReservationId),
    QueueOpened(QueueId),
    LetGo(LetGo),
    /// When the session ends now, unless its owner does more.
    SessionKept(Time),
    Published(Published),
    CodesAdded(CodesAdded),
    Erased(Erased),
}

/// A result that may come from an earlier command with the same Idempotency-Key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Once<T> {
    pub value: T,
    pub replayed: bool,
}
