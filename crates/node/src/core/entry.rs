//! An entry of the journal on its way to the engine.

use std::sync::Arc;

use onsale_domain::command::Batch;
use onsale_journal::Appended;

use crate::lane::ReplyTo;
use crate::trail::Passage;

/// An entry that is durable, and who waits for what comes of it.
pub struct Durable {
    pub appended: Appended,
    pub batch: Batch,
    /// For the first commands of the batch; those of the node itself come last and have none.
    pub replies: Vec<ReplyTo>,
    pub origin: Origin,
    /// Where a command in it is followed.
    pub passage: Option<Arc<Passage>>,
}

/// Who appended an entry, and on which way it came.
pub enum Origin {
    /// This node, just now. Where there are others, with what its hash covers.
    Appended { hashed: Option<Hashed> },
    /// This node; it was read from the journal.
    ReadBack,
    /// Another node.
    Other,
}

/// What an entry's hash covers, beside its place.
pub struct Hashed {
    pub node: u64,
    pub number: u64,
    pub payload: Vec<u8>,
}
