//! No two seats of a schedule may share an id, a position or a label, as people see it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

use crate::document::Seat;
use crate::look::seen;

/// What two seats share.
pub(crate) enum Shared {
    Id,
    Position,
    Label,
}

/// Where each id, position and label was given: an index or a line, as the reader counts.
#[derive(Default)]
pub(crate) struct Unique {
    ids: HashMap<u64, u64>,
    positions: HashMap<u32, u64>,
    /// By what is seen of them.
    labels: HashMap<[String; 3], u64>,
}

impl Unique {
    /// Notes the seat at `place`. Returns what it shares with an earlier one, and where that is.
    pub(crate) fn add(&mut self, seat: &Seat, place: u64) -> Vec<(Shared, u64)> {
        let mut shared = Vec::new();
        shared.extend(earlier(&mut self.ids, seat.seat_id, place).map(|at| (Shared::Id, at)));
        shared.extend(earlier(&mut self.positions, seat.position, place).map(|at| (Shared::Position, at)));
        if let (Some(section), Some(row), Some(number)) = (&seat.section, &seat.row, &seat.number) {
            let label = [section, row, number].map(|part| seen(part));
            shared.extend(earlier(&mut self.labels, label, place).map(|at| (Shared::Label, at)));
        }
        shared
    }
}

fn earlier<K: Eq + Hash>(seen: &mut HashMap<K, u64>, key: K, place: u64) -> Option<u64> {
    match seen.entry(key) {
        Entry::Occupied(entry) => Some(*entry.get()),
        Entry::Vacant(entry) => {
            entry.insert(place);
            None
        }
    }
}
