//! Areas where people stand: so many places that are alike.

use std::collections::HashSet;

use onsale_domain::concert::{SharedTerms, Terms};

use crate::document::Seat;
use crate::problem::Problems;
use crate::rule;
use crate::{SEATS_IN_ROWS_MAX, SEATS_PER_SCHEDULE_MAX};

use super::fields::Fields;
use super::node::Node;
use super::path::Path;
use super::prices::{Priced, Tariff};

/// An area, not yet taken apart into places.
struct Area {
    name: String,
    capacity: u64,
    amount: u64,
    terms: Option<SharedTerms>,
    first_id: Option<u64>,
}

/// Adds the places of the schedule's areas behind its seats.
pub(super) fn add(schedule: &Fields<'_>, node: &Node, tariff: &Tariff, seats: &mut Vec<Seat>, problems: &mut Problems) {
    let path = schedule.path.field("areas");
    let mut ids: HashSet<u64> = seats.iter().map(|seat| seat.seat_id).collect();
    let mut names: HashSet<String> = seats.iter().filter_map(|seat| seat.section.clone()).collect();
    let (mut total, mut last_id) = (seats.len() as u64, seats.iter().map(|seat| seat.seat_id).max().unwrap_or(0));
    for (i, node) in schedule.filled("areas", node, problems).iter().enumerate() {
        let at = path.index(i);
        let Some(area) = area(node, &at, tariff, problems) else { continue };
        if !names.insert(area.name.clone()) {
            problems.add(at.field("area"), format!("{:?} is already the name of a section or an area", area.name));
        }
        total += area.capacity;
        if total > SEATS_PER_SCHEDULE_MAX as u64 {
            let most = SEATS_PER_SCHEDULE_MAX;
            problems
                .add(at.field("capacity"), format!("a schedule has at most {most} seats, and has {total} up to here"));
            return;
        }
        if !problems.has_room_for(area.capacity) {
            let what =
                format!("a catalog has at most {SEATS_IN_ROWS_MAX} seats in rows and areas, and has more up to here");
            return problems.add(at, what);
        }
        let first = area.first_id.unwrap_or(last_id + 1);
        let last = first + area.capacity - 1;
        if let Err(what) = rule::id(last) {
            problems.add(at.field("firstSeatId"), format!("the last place's id {what}"));
            continue;
        }
        if let Some(id) = (first..=last).find(|id| !ids.insert(*id)) {
            problems.add(at.field("firstSeatId"), format!("{id} is already used by another seat"));
            continue;
        }
        last_id = last_id.max(last);
        let before = seats.last().map_or(0, |seat| seat.position);
        let Ok(last_position) = rule::position(u64::from(before) + area.capacity) else {
            problems.add(at, "there are no positions left behind the last seat");
            continue;
        };
        let places = (1..=area.capacity).zip(first..).zip(before + 1..=last_position);
        seats.extend(places.map(|((number, id), position)| {
            Seat::of_area(&area.name, (area.amount, area.terms.clone()), number, (id, position))
        }));
    }
}

fn area(node: &Node, path: &Path<'_>, tariff: &Tariff, problems: &mut Problems) -> Option<Area> {
    let known = &["area", "capacity", "amount", "firstSeatId", "category", "prices"];
    let fields = Fields::open(node, path, known, problems)?;
    let name = fields.text("area", rule::label, problems);
    let capacity = fields.integer("capacity", |n| rule::within(n, 1, SEATS_PER_SCHEDULE_MAX as u64), problems);
    let priced = tariff.of(&fields, problems);
    if let Ok(None) = priced {
        problems.add(path.field("amount"), "is missing");
    }
    let first_id = match fields.optional("firstSeatId") {
        Some(_) => Some(fields.integer("firstSeatId", rule::id, problems)?),
        None => None,
    };
    let Priced { amount, category, prices } = priced.ok()??;
    let terms = Terms { category, prices, ..Terms::default() }.shared();
    Some(Area { name: name?, capacity: capacity?, amount, terms, first_id })
}
