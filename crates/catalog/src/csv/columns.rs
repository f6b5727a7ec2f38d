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

/// What separates cells: a comma, or what spreadsheets put where commas are in numbers. The one that finds most columns.
pub(super) fn delimiter(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let header = header.split('\r').next().unwrap_or_default();
    let found = |delimiter: u8| {
        let names = header.split(char::from(delimiter)).map(|name| name.trim().trim_matches('"'));
        names.filter(|name| NAMES.contains(name)).count()
    };
    // The last of the best: the comma where they are equal.
    [b'\t', b';', b','].into_iter().max_by_key(|&delimiter| found(delimiter)).unwrap_or(b',')
}

/// Where each column is.
pub(super) struct Columns {
    places: [Option<usize>; NAMES.len()],
    pub(super) width: usize,
}

impl Columns {
    pub(super) fn find(header: &StringRecord) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        // A spreadsheet writes columns at the end that were used once and are empty now.
        let width = (0..header.len()).rfind(|&i| !header[i].is_empty()).map_or(0, |last| last + 1);
        let mut columns = Self { places: [None; NAMES.len()], width };
        for (i, name) in header.iter().take(width).enumerate() {
            match NAMES.iter().position(|known| *known == name) {
                None if name.is_empty() => problems.add("line 1", format!("column {} has no name", i + 1)),
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
