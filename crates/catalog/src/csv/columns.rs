//! The header line: which column is where.

use csv::StringRecord;

use crate::problem::Problems;
use crate::rule;

/// The columns a file may have, in the order in which the documentation lists them.
const NAMES: [&str; 13] = [
    "concert_id",
    "title",
    "queue",
    "schedule_id",
    "zone",
    "starts_at",
    "ends_at",
    "seat_id",
    "position",
    "amount",
    "section",
    "row",
    "number",
];

/// The columns a file must have.
const REQUIRED: [&str; 6] = ["concert_id", "title", "schedule_id", "starts_at", "ends_at", "amount"];

/// Where each column is.
pub(super) struct Columns {
    places: [Option<usize>; NAMES.len()],
    pub(super) width: usize,
}

impl Columns {
    pub(super) fn find(header: &StringRecord) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let mut columns = Self { places: [None; NAMES.len()], width: header.len() };
        for (i, name) in header.iter().enumerate() {
            match NAMES.iter().position(|known| *known == name) {
                None => problems.add("line 1", rule::unknown("column", name, &NAMES)),
                Some(at) if columns.places[at].is_some() => {
                    problems.add("line 1", format!("column {name:?} is given twice"));
                }
                Some(at) => columns.places[at] = Some(i),
            }
        }
        for name in REQUIRED {
            if !columns.has(name) {
                problems.add("line 1", format!("column {name:?} is missing"));
            }
        }
        problems.or(columns)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    /// The cell of the column; `None` where it is absent or empty.
    pub(super) fn cell<'r>(&self, name: &str, record: &'r StringRecord) -> Option<&'r str> {
        record.get(self.place(name)?).filter(|cell| !cell.is_empty())
    }

    fn place(&self, name: &str) -> Option<usize> {
        NAMES.iter().position(|known| *known == name).and_then(|at| self.places[at])
    }
}
