//! Why a node must not go on.

/// What makes it that nothing may be sold on what this node holds. Whoever drives the part that found it ends the process; a
/// start builds the node anew from what is stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Fault {
    pub kind: Kind,
    pub reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nobody knows what is durable. At the next start the journal itself says.
    Lost,
    /// The journal has another history than this node has followed.
    Fork,
    /// An entry came before one that it follows.
    Missing,
    /// What this node has not followed yet is not kept any more.
    Behind,
    /// A newer program wrote what this one cannot read.
    Newer,
    /// Other nodes agree on another state.
    Outvoted,
}

impl Fault {
    pub fn new(kind: Kind, reason: impl Into<String>) -> Self {
        Self { kind, reason: reason.into() }
    }
}
