//! The seats of a schedule: one by one, or as sections of rows.

use std::collections::HashMap;

use onsale_domain::concert::{Attributes, SharedTerms, Terms};

use crate::document::Seat;
use crate::problem::Problems;
use crate::rule;
use crate::unique::{Shared, Unique};
use crate::{SEATS_IN_ROWS_MAX, SEATS_PER_SCHEDULE_MAX};

use super::areas;
use super::fields::Fields;
use super::node::Node;
use super::path::Path;
use super::prices::{self, Priced, Tariff};

/// The greatest `firstNumber`.
const FIRST_NUMBER_MAX: u64 = 1_000_000;

/// The seats, or none where the schedule gives none or they are wrong. Places of areas come behind all others.
pub(super) fn read(schedule: &Fields<'_>, tariff: &Tariff, problems: &mut Problems) -> Vec<Seat> {
    let mut seats = match (schedule.optional("sections"), schedule.optional("seats")) {
        (None, None) => Vec::new(),
        (Some(_), Some(_)) => {
            problems.add(schedule.path, "has both sections and seats; give one of them");
            Vec::new()
        }
        (Some(sections), None) => sections_of(schedule, sections, tariff, problems),
        (None, Some(seats)) => seats_of(schedule, seats, tariff, problems),
    };
    if let Some(areas) = schedule.optional("areas") {
        areas::add(schedule, areas, tariff, &mut seats, problems);
    }
    seats
}

fn seats_of(schedule: &Fields<'_>, node: &Node, tariff: &Tariff, problems: &mut Problems) -> Vec<Seat> {
    let path = schedule.path.field("seats");
    let nodes = schedule.filled("seats", node, problems);
    if nodes.len() > SEATS_PER_SCHEDULE_MAX {
        problems
            .add(path, format!("a schedule has at most {SEATS_PER_SCHEDULE_MAX} seats, but this has {}", nodes.len()));
        return Vec::new();
    }
    let mut unique = Unique::default();
    let mut seats = Vec::with_capacity(nodes.len());
    for (i, node) in nodes.iter().enumerate() {
        let at = path.index(i);
        let Some(seat) = seat(node, &at, tariff, problems) else { continue };
        for (shared, earlier) in unique.add(&seat, i as u64) {
            let (field, what) = match shared {
                Shared::Id => ("seatId", seat.seat_id.to_string()),
                Shared::Position => ("position", seat.position.to_string()),
                Shared::Label => ("number", "the same section, row and number".to_owned()),
            };
            problems.add(at.field(field), format!("{what} is already used by seats[{earlier}]"));
        }
        seats.push(seat);
    }
    seats.sort_by_key(|seat| seat.position);
    if let Some(section) = rule::mixed_section(&seats) {
        problems.add(path, format!("section {section:?} has both seats and places to stand"));
    }
    seats
}

fn seat(node: &Node, path: &Path<'_>, tariff: &Tariff, problems: &mut Problems) -> Option<Seat> {
    let known = &[
        "seatId",
        "position",
        "amount",
        "section",
        "row",
        "number",
        "category",
        "prices",
        "attributes",
        "standing",
        "rank",
    ];
    let fields = Fields::open(node, path, known, problems)?;
    let seat_id = fields.integer("seatId", rule::id, problems);
    let position = fields.integer("position", rule::position, problems);
    let priced = tariff.of(&fields, problems);
    if let Ok(None) = priced {
        problems.add(path.field("amount"), "is missing");
    }
    let section = fields.label("section", problems);
    let row = fields.label("row", problems);
    let number = fields.label("number", problems);
    let attributes = prices::attributes(&fields, problems);
    let standing = fields.flag("standing", problems);
    if standing && (section.is_none() || row.is_some()) {
        problems.add(path.field("standing"), "is for places of a section without rows");
    }
    let rank = rank(&fields, problems);
    if standing && rank.is_some() {
        problems.add(path.field("rank"), "is for seats, and this is a place to stand");
    }
    let Priced { amount, category, prices } = priced.ok()??;
    let terms = Terms { category, prices, attributes }.shared();
    Some(Seat { seat_id: seat_id?, position: position?, amount, section, row, number, terms, standing, rank })
}

/// How good a seat is, or all of a row.
fn rank(fields: &Fields<'_>, problems: &mut Problems) -> Option<u32> {
    fields.optional("rank").and_then(|_| fields.integer("rank", rule::rank, problems))
}

/// One row of one section, not yet taken apart into seats.
struct Row {
    section: String,
    priced: Priced,
    row: String,
    seats: u64,
    first_number: u64,
    /// Of those numbers that have any.
    attributes: Vec<(u64, Attributes)>,
    rank: Option<u32>,
}

impl Row {
    /// What each number of the row has beside its amount: one for all that have the same.
    fn terms(&self) -> impl Fn(u64) -> Option<SharedTerms> + use<> {
        let Priced { category, prices, .. } = &self.priced;
        let terms = |attributes| Terms { category: category.clone(), prices: prices.clone(), attributes }.shared();
        let most = terms(Attributes::default());
        let others: HashMap<u64, _> = self.attributes.iter().map(|(number, has)| (*number, terms(*has))).collect();
        move |number| others.get(&number).unwrap_or(&most).clone()
    }
}

fn sections_of(schedule: &Fields<'_>, node: &Node, tariff: &Tariff, problems: &mut Problems) -> Vec<Seat> {
    let path = schedule.path.field("sections");
    let nodes = schedule.filled("sections", node, problems);
    let mut rows = Vec::new();
    let mut names = HashMap::new();
    for (i, node) in nodes.iter().enumerate() {
        section((node, &path.index(i), i), tariff, &mut names, &mut rows, problems);
    }
    let total = rows.iter().map(|row| row.seats).sum::<u64>();
    if total > SEATS_PER_SCHEDULE_MAX as u64 {
        problems.add(path, format!("a schedule has at most {SEATS_PER_SCHEDULE_MAX} seats, but this has {total}"));
        return Vec::new();
    }
    if !problems.has_room_for(total) {
        problems.add(path, format!("a catalog has at most {SEATS_IN_ROWS_MAX} seats in rows, and has more up to here"));
        return Vec::new();
    }
    let labels = rows.into_iter().flat_map(|row| {
        let numbers = row.first_number..row.first_number + row.seats;
        let terms = row.terms();
        let seat =
            move |number| ((row.priced.amount, row.rank), row.section.clone(), row.row.clone(), number, terms(number));
        numbers.map(seat)
    });
    let seats = (1..).zip(labels).map(|(position, ((amount, rank), section, row, number, terms))| Seat {
        seat_id: u64::from(position),
        position,
        amount,
        section: Some(section),
        row: Some(row),
        number: Some(number.to_string()),
        terms,
        standing: false,
        rank,
    });
    seats.collect()
}

fn section(
    (node, path, index): (&Node, &Path<'_>, usize),
    tariff: &Tariff,
    names: &mut HashMap<String, usize>,
    rows: &mut Vec<Row>,
    problems: &mut Problems,
) {
    let Some(fields) = Fields::open(node, path, &["section", "amount", "rows", "category", "prices"], problems) else {
        return;
    };
    let name = fields.text("section", rule::label, problems);
    if let Some(name) = &name
        && let Some(earlier) = names.insert(name.clone(), index)
    {
        problems.add(path.field("section"), format!("{name:?} is already used by sections[{earlier}]"));
    }
    let priced = tariff.of(&fields, problems);
    let Some(list) = fields.required("rows", problems) else { return };
    let rows_path = path.field("rows");
    let mut row_names = HashMap::new();
    let mut is_amount_missing = false;
    for (i, node) in fields.filled("rows", list, problems).iter().enumerate() {
        let at = rows_path.index(i);
        let Some(head) = row(node, &at, tariff, problems) else { continue };
        let RowHead { name: row, seats, first_number, priced: own, attributes, rank } = head;
        if let Some(earlier) = row_names.insert(row.clone(), i) {
            problems.add(at.field("row"), format!("{row:?} is already used by rows[{earlier}]"));
        }
        // A row says it itself, or is as its section.
        let priced = match own.as_ref().or(priced.as_ref().ok().and_then(Option::as_ref)) {
            Some(priced) => priced.clone(),
            None => {
                is_amount_missing |= priced.is_ok();
                continue;
            }
        };
        if let Some(section) = &name {
            rows.push(Row { section: section.clone(), priced, row, seats, first_number, attributes, rank });
        }
    }
    if is_amount_missing {
        problems.add(path.field("amount"), "is missing");
    }
}

/// A row as it is given.
struct RowHead {
    name: String,
    seats: u64,
    first_number: u64,
    /// Where it has a price of its own.
    priced: Option<Priced>,
    attributes: Vec<(u64, Attributes)>,
    rank: Option<u32>,
}

fn row(node: &Node, path: &Path<'_>, tariff: &Tariff, problems: &mut Problems) -> Option<RowHead> {
    let known = ["row", "seats", "firstNumber", "amount", "category", "prices", "attributes", "rank"];
    let fields = Fields::open(node, path, &known, problems)?;
    let name = fields.text("row", rule::label, problems);
    let seats = fields.integer("seats", |n| rule::within(n, 1, SEATS_PER_SCHEDULE_MAX as u64), problems);
    let first_number = match fields.optional("firstNumber") {
        Some(_) => fields.integer("firstNumber", |n| rule::within(n, 0, FIRST_NUMBER_MAX), problems),
        None => Some(1),
    };
    let priced = tariff.of(&fields, problems);
    let rank = rank(&fields, problems);
    let (name, seats, first_number) = (name?, seats?, first_number?);
    let attributes = prices::attributes_of_row(&fields, (first_number, seats), problems);
    Some(RowHead { name, seats, first_number, priced: priced.ok()?, attributes, rank })
}
