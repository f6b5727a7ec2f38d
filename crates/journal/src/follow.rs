//! Following what several nodes append, and comparing what they made of it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::{Entry, Error, Head, Limit};

/// A node's way to see what others append as it comes. What the node appends itself it hears of elsewhere.
pub trait Tail: Send {
    /// The entries behind `known`, at most as many as `limit` allows. `known` was found to be in the journal still: numbers
    /// can fall, where a database was replaced by an older copy. A read that either of the limits has cut says nothing of
    /// the journal's end.
    ///
    /// # Errors
    /// As [`crate::Reader::read_from`]; [`Error::Corrupt`] too where the journal is not the one that `known` is in;
    /// [`Error::Unavailable`], after which another call may do.
    fn behind(&mut self, known: Head, limit: Limit) -> Result<Behind, Error>;

    /// Waits until another node has appended something, for the waker, or for the time to pass. It may come back early.
    fn wait(&mut self, time: Duration);

    /// What wakes [`Tail::wait`], from any thread.
    fn waker(&self) -> Arc<Notify>;
}

/// What was read behind a place.
#[derive(Clone, Debug)]
pub struct Behind {
    /// The entries, in order.
    pub entries: Vec<Entry>,
    /// Whether the journal ended there at the time of the read. It may have even where this is false.
    pub is_all: bool,
    /// Whether the server that was read is known to take commits still. Where it is not, another may be the journal's.
    pub is_current: bool,
}

/// Where the nodes of a store say what state they have come to.
///
/// A vote is no entry, and less durable than one: a crash of the storage may take back the last of them.
pub trait Votes: Send {
    /// Says once and for all what this node's state is at an entry, and gives what all nodes said of that number, the first
    /// first. Who has come to an entry that is not in the journal says nothing, and is not among them: its end may have been
    /// lost. Votes on entries far behind are forgotten.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: the vote may be cast or not, and can be cast again.
    fn vote(&mut self, at: &Head, fingerprint: u64) -> Result<Vec<Vote>, Error>;

    /// What all nodes have said so far of entry `seq`, the first first.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    fn votes(&mut self, seq: u64) -> Result<Vec<Vote>, Error>;
}

/// What one node says the state is at some entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vote {
    /// The node.
    pub node: u64,
    /// Its state's fingerprint.
    pub fingerprint: u64,
}
