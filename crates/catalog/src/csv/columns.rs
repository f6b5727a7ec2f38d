//! The header line: which column is where.

use csv::StringRecord;
use onsale_domain::concert::{PRICE_TYPES_MAX, PriceTypeId};

use crate::problem::Problems;
use crate::rule;

/// The columns a file may have, in the order in which the documentation lists them.
const NAMES: [&str; 21] = [
    "concert_id",
    "title",
    "queue",
    "schedule_id",
    "zone",
    "starts_at",
    "ends_at",
    "on_sale_at",
    "off_sale_at",
    "orphans",
    "seat_id",
    "position",
    "amount",
    "section",
    "row",
    "number",
    "category",
    "attributes",
    "accessible_until",
    "capacity",
    "rank",
];

/// What a column begins with that has the prices at a price type, whose name follows.
const PRICE: &str = "price:";

/// The columns a file must have, beside one with prices.
const REQUIRED: [&str; 5] = ["concert_id", "title", "schedule_id", "starts_at", "ends_at"];

/// What separates cells: a comma, or what spreadsheets put where commas are in numbers. The one that finds most columns.
pub(super) fn delimiter(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let header = header.split('\r').next().unwrap_or_default();
    let found = |delimiter: u8| {
        let names = header.split(char::from(delimiter)).map(|name| name.trim().trim_matches('"'));
        names.filter(|name| NAMES.contains(name) || name.starts_with(PRICE)).count()
    };
    // The last of the best: the comma where they are equal.
    [b'\t', b';', b','].into_iter().max_by_key(|&delimiter| found(delimiter)).unwrap_or(b',')
}

/// Where each column is.
pub(super) struct Columns {
    places: [Option<usize>; NAMES.len()],
    /// Those of price types, in the order of the header.
    prices: Vec<(PriceTypeId, usize)>,
    pub(super) width: usize,
}

impl Columns {
    pub(super) fn find(header: &StringRecord) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        // A spreadsheet writes columns at the end that were used once and are empty now.
        let width = (0..header.len()).rfind(|&i| !header[i].is_empty()).map_or(0, |last| last + 1);
        let mut columns = Self { places: [None; NAMES.len()], prices: Vec::new(), width };
        for (i, name) in header.iter().take(width).enumerate() {
            if let Some(price_type) = name.strip_prefix(PRICE) {
                columns.add_price(price_type, i, &mut problems);
                continue;
            }
            match NAMES.iter().position(|known| *known == name) {
                None if name.is_empty() => problems.add("line 1", format!("column {} has no name", i + 1)),
                None => problems.add("line 1", rule::unknown("column", name, &NAMES)),
                Some(at) if columns.places[at].is_some() => {
                    problems.add("line 1", format!("column {name:?} is given twice"));
                }
                Some(at) => columns.places[at] = Some(i),
            }
        }
        // With prices for several, the first of them is what `amount` is where there is one for all.
        let prices = if columns.prices.is_empty() { Some("amount") } else { None };
        for name in REQUIRED.into_iter().chain(prices) {
            if !columns.has(name) {
                problems.add("line 1", format!("column {name:?} is missing"));
            }
        }
        if prices.is_none() && columns.has("amount") {
            problems.add(
                "line 1",
                "has the column \"amount\" beside prices for several: the first of these takes its place",
            );
        }
        if columns.prices.len() > PRICE_TYPES_MAX {
            problems.add("line 1", format!("a date has at most {PRICE_TYPES_MAX} price types"));
        }
        problems.or(columns)
    }

    fn add_price(&mut self, name: &str, at: usize, problems: &mut Problems) {
        match rule::price_type(name) {
            Err(what) => problems.add("line 1", format!("column \"{PRICE}{name}\": the price type {what}")),
            Ok(id) if self.prices.iter().any(|(other, _)| *other == id) => {
                problems.add("line 1", format!("column \"{PRICE}{name}\" is given twice"));
            }
            Ok(id) => self.prices.push((id, at)),
        }
    }

    /// The price types that have columns.
    pub(super) fn price_types(&self) -> impl Iterator<Item = &PriceTypeId> {
        self.prices.iter().map(|(id, _)| id)
    }

    /// For each price type its name as a column, and its cell where that is not empty.
    pub(super) fn prices<'r>(&self, record: &'r StringRecord) -> Vec<(PriceTypeId, String, Option<&'r str>)> {
        let cell = |at: usize| record.get(at).filter(|cell| !cell.is_empty());
        self.prices.iter().map(|(id, at)| (id.clone(), format!("{PRICE}{id}"), cell(*at))).collect()
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
