use onsale_postgres::Kind;

use crate::postgres::connection::Role;

/// An operation that is about to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The node whose client asks.
    pub node: u64,
    /// Its session, numbered in the order in which they were opened.
    pub session: u64,
    /// What the session is for.
    pub role: Role,
    /// What is asked for.
    pub operation: Operation,
}

/// What can be asked of a database: see [`crate::postgres::connection::Connection`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Connect,
    Make,
    Ready,
    Ask,
    Clock,
    LoadStore,
    Last,
    At,
    Behind,
    Next,
    BehindPlace,
    Append,
    BehindOwn,
    TruncatedOwn,
    Number,
    Seal,
    DeletePiece,
    IsLeft,
    Vote,
    Votes,
    Others,
    Wait,
    Commit,
}

/// What becomes of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is carried out and answered.
    Pass,
    /// It is rolled back with an error of this kind.
    Refuse(Kind),
    /// It never arrives, and no answer does.
    Lose,
    /// It is carried out, and the answer does not arrive.
    LoseAnswer,
    /// It has not arrived when its client gives up. An append is carried out when [`super::Database::go_on`] is called;
    /// anything else is lost.
    Late,
    /// The same, with the lock waited for: an append behind its node's own last entry has looked already where that is.
    Wait,
    /// An append is committed and stalls before it is seen, with the lock held. All that need the lock wait behind it.
    /// Anything else is carried out and loses its answer.
    Stall {
        /// Whether a crash leaves it in.
        is_durable: bool,
    },
}

/// A transaction whose client has given up waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// Its client's node.
    pub node: u64,
    /// What it does: appending or sealing.
    pub operation: Operation,
    /// Whether it is committed, and only not seen yet.
    pub is_committed: bool,
}
