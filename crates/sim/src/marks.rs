//! What was reached, counted: a simulator that does not come to where faults are finds none, and says nothing of it.

use std::collections::BTreeMap;
use std::fmt;

/// All that must be reached in a long run.
const ALL: &[&str] = &[
    "append: acknowledged",
    "append: full",
    "append: unavailable",
    "append: unknown",
    "append: withheld, and went on",
    "call: answered the same as its double",
    "call: outcome unknown",
    "call: refused by a node",
    "compaction: done",
    "compaction: interrupted",
    "database: away",
    "database: clock stepped",
    "database: crashed",
    "database: promoted",
    "database: restored",
    "draw: beacon given",
    "draw: joined behind it",
    "draw: joined in the entry that opens",
    "draw: let in before who joined earlier",
    "draw: node starts before it",
    "draw: node starts behind it",
    "draw: order refused, as others wait",
    "draw: order set",
    "draw: place shown",
    "draw: sealed",
    "draw: sealed with nobody",
    "draw: sealed, and somebody had left",
    "entry: of another node",
    "entry: own, appended",
    "entry: own, read back",
    "history: lost",
    "hold: at several prices",
    "hold: dropped",
    "hold: lapsed",
    "hold: made longer",
    "hold: none side by side",
    "hold: not longer, as others wait",
    "hold: paid",
    "hold: places to stand",
    "hold: several by name",
    "hold: the best of several",
    "hold: too few places to stand",
    "hold: would leave a single seat",
    "idle: a session becomes longer",
    "idle: a session is as long as it may be",
    "idle: changed by an operator",
    "idle: journaled before the answer",
    "idle: kept by a hold",
    "idle: let go",
    "idle: node starts behind it",
    "node: behind what is kept",
    "node: cut off",
    "node: fork",
    "node: journal lost",
    "node: killed",
    "node: older program is refused",
    "node: part stands still",
    "node: start fails",
    "node: starts from tables",
    "node: upgraded",
    "person: admitted",
    "person: came in by name",
    "person: token was used",
    "person: told that what it saw is lost",
    "queue: not yet open",
    "queue: over",
    "read: fresh",
    "read: from memory",
    "read: refused",
    "read: stale",
    "sale: not yet open",
    "sale: over",
    "seat: given back",
    "seat: held back",
    "store: raised",
    "tables: made from the journal",
    "tables: moved",
    "tables: unreachable",
    "tables: went back",
    "tiers: came behind the opening",
    "tiers: count from the middle of a pre-queue on",
    "tiers: drawn each for itself",
    "tiers: let in before who joined earlier",
    "tiers: node starts before the opening",
    "tiers: node starts behind the opening",
    "tiers: none count, as others wait",
    "tiers: opened in order",
    "tiers: opened in order, and somebody had left",
    "tiers: somebody has one",
    "vote: cast",
    "vote: counted again",
    "wallet: a reference again",
    "wallet: a reference for something else",
    "wallet: credited or debited",
];

/// How often each was reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks(BTreeMap<&'static str, u64>);

impl Marks {
    /// Counts one.
    ///
    /// # Panics
    /// If it is not one of all.
    pub fn hit(&mut self, mark: &'static str) {
        debug_assert!(ALL.contains(&mark), "{mark} is not in the list of marks");
        *self.0.entry(mark).or_default() += 1;
    }

    pub fn add(&mut self, other: &Self) {
        for (mark, count) in &other.0 {
            *self.0.entry(mark).or_default() += count;
        }
    }

    /// Those that were never reached.
    #[must_use]
    pub fn missed(&self) -> Vec<&'static str> {
        ALL.iter().filter(|mark| !self.0.contains_key(**mark)).copied().collect()
    }
}

impl fmt::Display for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for mark in ALL {
            writeln!(f, "{:>12}  {mark}", self.0.get(mark).copied().unwrap_or(0))?;
        }
        Ok(())
    }
}
