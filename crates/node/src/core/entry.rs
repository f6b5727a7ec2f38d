//! An entry of the journal on its way to the engine.

use onsale_domain::command::Batch;
use onsale_journal::Appended;

use crate::lane::ReplyTo;

/// An entry that is durable, and who waits for what comes of it.
pub(crate) struct Durable {
    pub(crate) appended: Appended,
    pub(crate) batch: Batch,
    /// For the first commands of the batch; those of the node itself come last and have none.
    pub(crate) replies: Vec<ReplyTo>,
    pub(crate) origin: Origin,
}

/// Who appended an entry, and on which way it came.
pub(crate) enum Origin {
    /// This node, just now. Where there are others, with what its hash covers.
    Appended { hashed: Option<Hashed> },
    /// This node; it was read from the journal.
    ReadBack,
    /// Another node.
    Other,
}

/// What an entry's hash covers, beside its place.
pub(crate) struct Hashed {
    pub(crate) node: u64,
    pub(crate) number: u64,
    pub(crate) payload: Vec<u8>,
}
