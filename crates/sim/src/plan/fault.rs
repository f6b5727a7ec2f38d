//! What goes wrong.

use rand::RngExt as _;
use rand::rngs::SmallRng;
use serde::{Deserialize, Serialize};

use super::Profile;

/// Something that goes wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    pub at_ms: u64,
    pub what: What,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum What {
    /// A node dies, and is started again.
    Kill { node: usize, for_ms: u64 },
    /// Sessions of a node reach the database no more; those of one part alone, or all.
    Cut { node: usize, part: Option<Part>, for_ms: u64 },
    /// A part of a node stands still, or all of them do.
    Freeze { node: usize, part: Option<Part>, for_ms: u64 },
    /// No server can be reached.
    Away { for_ms: u64 },
    /// The server has no room.
    Full { for_ms: u64 },
    /// The server crashes and comes back, with its unflushed projections or without.
    Crash { keeps_projections: bool },
    /// The standby takes its place.
    Promote,
    /// The server's clock is off by so much from now on.
    Clock { offset_ms: i64 },
    /// The journal is compacted; by somebody who dies on the way, after so many operations.
    Compact { dies_after: Option<u32> },
    /// A copy is put in the database's place that has so many transactions fewer.
    Restore { fewer: usize },
    /// A node stops in good order, and is started again with the newest program.
    Upgrade { node: usize, for_ms: u64 },
}

/// A part of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Sequencer,
    Applier,
    Follower,
    Projector,
}

impl Part {
    pub const ALL: [Self; 4] = [Self::Sequencer, Self::Applier, Self::Follower, Self::Projector];
}

impl What {
    /// The node that it befalls, where it befalls one.
    #[must_use]
    pub fn node(&self) -> Option<usize> {
        match self {
            Self::Kill { node, .. }
            | Self::Cut { node, .. }
            | Self::Freeze { node, .. }
            | Self::Upgrade { node, .. } => Some(*node),
            Self::Away { .. }
            | Self::Full { .. }
            | Self::Crash { .. }
            | Self::Promote
            | Self::Clock { .. }
            | Self::Compact { .. }
            | Self::Restore { .. } => None,
        }
    }
}

impl Fault {
    pub(super) fn draw(profile: Profile, nodes: usize, hurt_ms: u64, chance: &mut SmallRng) -> Self {
        let at_ms = chance.random_range(1_000..hurt_ms);
        let node = chance.random_range(0..nodes);
        let part = chance.random_bool(0.5).then(|| Part::ALL[chance.random_range(0..Part::ALL.len())]);
        // Most are short; a long one is what patience runs out in.
        let longest = if chance.random_bool(0.3) { 12_000 } else { 2_500 };
        let for_ms = chance.random_range(10..longest);
        let network = |kind: u32| match kind {
            0 => What::Kill { node, for_ms },
            1 => What::Cut { node, part, for_ms },
            _ => What::Freeze { node, part, for_ms },
        };
        let crash = What::Crash { keeps_projections: chance.random_bool(0.5) };
        let dies_after = chance.random_bool(0.4).then(|| chance.random_range(0..8));
        let clock = What::Clock { offset_ms: [-3_600_000, -5_000, -400, 0, 300, 5_000][chance.random_range(0..6)] };
        let restore = What::Restore { fewer: chance.random_range(1..40) };
        let any = chance.random_range(0..3);
        let what = match (profile, chance.random_range(0..10)) {
            (Profile::Quiet | Profile::Network, _) => network(any),
            (Profile::Database, 0..3) => crash,
            (Profile::Database, 3..5) => What::Promote,
            (Profile::Database, 5..7) => What::Away { for_ms },
            (Profile::Database, 7..8) => What::Full { for_ms },
            (Profile::Clocks, 0..6) => clock,
            (Profile::Compaction, 0..6) => What::Compact { dies_after },
            (Profile::Loss, 0..3) => What::Promote,
            (Profile::Loss, 3..4) => restore,
            (Profile::All, 0) => crash,
            (Profile::All, 1) => What::Promote,
            (Profile::All, 2) => What::Away { for_ms },
            (Profile::All, 3) => clock,
            (Profile::All, 4..6) => What::Compact { dies_after },
            (Profile::All, 6) => What::Full { for_ms },
            _ => network(any),
        };
        Self { at_ms, what }
    }

    pub(super) fn draw_upgrade(node: usize, hurt_ms: u64, chance: &mut SmallRng) -> Self {
        let at_ms = chance.random_range(1_000..hurt_ms);
        Self { at_ms, what: What::Upgrade { node, for_ms: chance.random_range(10..6_000) } }
    }
}
