//! Feature levels: what the nodes of a store may rely on that all of them can read.
//!
//! A journal is read by programs of several versions: by nodes that run side by side while a cluster is upgraded, and by
//! the program of before where somebody goes back to it. So what a version adds (a command, a field that changes what a
//! command means, a rule that changes an outcome) counts from a level on, and the level is state, raised by
//! [`Command::Raise`](crate::command::Command::Raise) in the one order of the journal: every node changes its rules
//! at the same entry, and none meets a command that it cannot read. A store begins at 0, which is what programs before
//! levels knew, and never goes back.

use crate::fingerprint::{Hash, Kind};

/// Rules at the edges: who a token's owner is, when a start counts as everybody seen, free seats, bounds of memory.
pub const EDGES: u32 = 1;

/// Rules between users: tokens that end, holds that are not renewed, silent people who are let go, keys that give way, and
/// sums without an end.
pub const FAIRNESS: u32 = 2;

/// How many seats one person may have.
pub const LIMITS: u32 = 3;

/// Selling to people: who a buyer is, and seats together.
pub const SELLING: u32 = 4;

/// What a date offers, and to whom: prices for adults and children, places to stand, places for wheelchairs, seats that are held
/// back.
pub const OFFERS: u32 = 5;

/// Who stands before others of those who joined before an opening.
pub const TIERS: u32 = 6;

/// Who is inside and does nothing.
pub const IDLE: u32 = 7;

/// Seats that have ranks, single seats over all of a date, and tickets that are issued anew.
pub const RANKS: u32 = 8;

/// What happened, told to those who keep something of their own beside the store.
pub const FEED: u32 = 8;

/// Codes that open a queue.
pub const CODES: u32 = 9;

/// Who is sent what happened.
pub const WEBHOOKS: u32 = 9;

/// Numbers that are passed over in a store that was restored.
pub const RESTORED: u32 = 9;

/// Work that whoever joins shows.
pub const PROOFS: u32 = 9;

/// Sessions that become longer, and that others end or keep.
pub const SESSIONS: u32 = 9;
/// People who are known by a pseudonym that a key makes of what they are called, and who can be erased.
pub const PRIVACY: u32 = 9;

/// Networks that have so many places in a draw, and no more.
pub const NETWORKS: u32 = 10;

/// The highest level that this program can read.
pub const NEWEST: u32 = NETWORKS;

/// Nothing at level 0: a store is then what it was before there were levels.
pub(crate) fn hash(level: u32) -> u64 {
    if level == 0 { 0 } else { Hash::new(Kind::Level).word(u64::from(level)).finish() }
}
