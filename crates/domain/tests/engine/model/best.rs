//! Which seats a wish gets: every group of seats that there is, and the best of them by what the guide says.

use onsale_domain::concert::{PriceTypeId, Schedule, SeatSpec, Together, Wish};
use onsale_domain::ids::SeatId;
use onsale_domain::reply::Refusal;

/// The seats that are picked, group by group, in the order of their positions within each. `is_kept`: wheelchair places are
/// sold only as such.
pub(crate) fn best<'a>(
    schedule: &Schedule,
    seats: &'a [SeatSpec],
    is_free: &dyn Fn(SeatId) -> bool,
    (wish, is_kept): (&Wish, bool),
) -> Result<Vec<&'a SeatSpec>, Refusal> {
    let price_types: Vec<&PriceTypeId> = wish.price_types.iter().flatten().map(|one| &one.price_type).collect();
    let first = schedule.price_types.iter().flatten().map(|one| &one.id).next();
    let has_prices = |seat: Option<&SeatSpec>| {
        let terms = seat.and_then(|seat| seat.terms.as_ref());
        let prices: Vec<_> = terms.iter().flat_map(|terms| &terms.prices).map(|price| &price.price_type).collect();
        price_types.iter().all(|one| first == Some(one) || prices.contains(one))
    };
    let is_any_priced =
        if seats.is_empty() { has_prices(None) } else { seats.iter().any(|seat| has_prices(Some(seat))) };
    if !is_any_priced {
        return Err(Refusal::PriceTypeNotOffered([].into()));
    }
    let is_meant = |seat: &SeatSpec| {
        let category = seat.terms.as_ref().and_then(|terms| terms.category.clone());
        let is_accessible = seat.attributes().names().any(|name| name != "restrictedView");
        has_prices(Some(seat))
            && (wish.category.is_none() || wish.category == category)
            && !(is_kept && wish.accessible.is_none() && is_accessible)
    };
    let is_any = seats.iter().any(|seat| is_free(seat.seat));
    let is_free = |seat: &SeatSpec| is_meant(seat) && is_free(seat.seat);
    let rows = rows(seats, wish.section.as_deref());
    let found = match wish.accessible {
        None => side_by_side(&rows, &is_free, wish),
        Some(wanted) => accessible(&rows, &is_free, wish.count as usize, wanted as usize),
    };
    match found {
        Err(Refusal::SeatsTooFew) if !is_any => Err(Refusal::SoldOut),
        found => found,
    }
}

/// Whether the date has such a section and such a category.
pub(crate) fn check_names(seats: &[SeatSpec], wish: &Wish) -> Result<(), Refusal> {
    let category = |seat: &SeatSpec| seat.terms.as_ref().and_then(|terms| terms.category.clone());
    if wish.section.is_some() && !seats.iter().any(|seat| seat.section == wish.section) {
        return Err(Refusal::SectionNotFound);
    }
    if wish.category.is_some() && !seats.iter().any(|seat| category(seat) == wish.category) {
        return Err(Refusal::CategoryNotFound);
    }
    Ok(())
}

/// The price type of each seat that is picked, where the wish names any.
pub(crate) fn price_types(wish: &Wish) -> Vec<Option<PriceTypeId>> {
    let Some(named) = &wish.price_types else { return vec![None; wish.count as usize] };
    named.iter().flat_map(|one| vec![Some(one.price_type.clone()); one.count as usize]).collect()
}

fn accessible<'a>(
    rows: &[Vec<&'a SeatSpec>],
    is_free: &dyn Fn(&SeatSpec) -> bool,
    count: usize,
    wanted: usize,
) -> Result<Vec<&'a SeatSpec>, Refusal> {
    let has = |seat: &SeatSpec, name: &str| seat.attributes().names().any(|one| one == name);
    let fits = |group: &[&SeatSpec]| {
        let is_accompanied = |seat: &SeatSpec| {
            group.iter().any(|other| has(other, "wheelchair") && other.position.abs_diff(seat.position) == 1)
        };
        group.iter().filter(|seat| has(seat, "wheelchair")).count() == wanted
            && group.iter().all(|seat| !has(seat, "companion") || is_accompanied(seat))
    };
    let is_other = |seat: &&&SeatSpec| !has(seat, "wheelchair") && !has(seat, "companion");
    let groups = groups(rows, 0, count, is_free).into_iter().filter(|(_, group)| fits(group));
    let best = groups.min_by_key(|(rank, group)| (group.iter().filter(is_other).count(), *rank));
    if let Some((_, group)) = best {
        return Ok(group);
    }
    let free: Vec<_> = rows.iter().flatten().filter(|seat| is_free(seat)).collect();
    let places = free.iter().filter(|seat| has(seat, "wheelchair")).count();
    let is_enough = places >= wanted && free.len() - places >= count - wanted;
    Err(if is_enough { Refusal::SeatsNotTogether } else { Refusal::SeatsTooFew })
}

fn side_by_side<'a>(
    rows: &[Vec<&'a SeatSpec>],
    is_free: &dyn Fn(&SeatSpec) -> bool,
    wish: &Wish,
) -> Result<Vec<&'a SeatSpec>, Refusal> {
    let count = wish.count as usize;
    if let Some((_, group)) = group(rows, 0, count, is_free) {
        return Ok(group);
    }
    if rows.iter().flatten().filter(|seat| is_free(seat)).count() < count {
        return Err(Refusal::SeatsTooFew);
    }
    if wish.together == Together::Required {
        return Err(Refusal::SeatsNotTogether);
    }
    let (mut picked, mut near) = (Vec::<&SeatSpec>::new(), 0);
    while picked.len() < count {
        let is_left = |seat: &SeatSpec| is_free(seat) && !picked.iter().any(|other| other.seat == seat.seat);
        let largest = (1..=count - picked.len()).rev().find_map(|size| group(rows, near, size, &is_left));
        let (row, group) = largest.expect("as many seats are free");
        near = row;
        picked.extend(group);
    }
    Ok(picked)
}

/// The rows of the section, or of all, the first one first.
fn rows<'a>(seats: &'a [SeatSpec], section: Option<&str>) -> Vec<Vec<&'a SeatSpec>> {
    let first = |of_it: &dyn Fn(&SeatSpec) -> bool| seats.iter().position(of_it);
    let mut labels: Vec<_> = seats.iter().map(|seat| (&seat.section, &seat.row)).collect();
    labels.sort();
    labels.dedup();
    labels.retain(|(own, _)| section.is_none() || own.as_deref() == section);
    labels.sort_by_key(|&(section, row)| {
        (first(&|seat| seat.section == *section), first(&|seat| seat.section == *section && seat.row == *row))
    });
    let row = |(section, row)| seats.iter().filter(move |seat| (&seat.section, &seat.row) == (section, row)).collect();
    labels.into_iter().map(row).collect()
}

fn group<'a>(
    rows: &[Vec<&'a SeatSpec>],
    near: usize,
    size: usize,
    is_free: &dyn Fn(&SeatSpec) -> bool,
) -> Option<(usize, Vec<&'a SeatSpec>)> {
    let (rank, seats) = groups(rows, near, size, is_free).into_iter().min_by_key(|(rank, _)| *rank)?;
    Some((rank.2, seats))
}

/// Whether a single seat is left, how far the row is and which it is, how far the middle is, and where the group begins.
type Rank = (bool, usize, usize, usize, usize);

/// All groups of that size.
fn groups<'a>(
    rows: &[Vec<&'a SeatSpec>],
    near: usize,
    size: usize,
    is_free: &dyn Fn(&SeatSpec) -> bool,
) -> Vec<(Rank, Vec<&'a SeatSpec>)> {
    let mut found = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let columns = columns(row);
        let width = columns.last().map_or(0, |last| last + 1);
        for start in 0..row.len() {
            let Some(seats) = row.get(start..start + size) else { break };
            let side_by_side = columns[start + size - 1] - columns[start] == size - 1;
            if side_by_side && seats.iter().all(|seat| is_free(seat)) {
                let leaves_a_single = is_alone(row, start.checked_sub(1), is_free, seats)
                    || is_alone(row, Some(start + size), is_free, seats);
                let from_middle = (2 * columns[start] + size).abs_diff(width);
                let rank = (leaves_a_single, number.abs_diff(near), number, from_middle, start);
                found.push((rank, seats.to_vec()));
            }
        }
    }
    found
}

/// The column of each seat of a row: an aisle is as wide as a seat.
fn columns(row: &[&SeatSpec]) -> Vec<usize> {
    let aisles = |at: usize| row[..=at].windows(2).filter(|two| two[0].position + 1 != two[1].position).count();
    (0..row.len()).map(|at| at + aisles(at)).collect()
}

/// Whether this seat of a row is free, is a neighbour of seats that are taken now, and has no free neighbour any more.
fn is_alone(row: &[&SeatSpec], at: Option<usize>, is_free: &dyn Fn(&SeatSpec) -> bool, taken: &[&SeatSpec]) -> bool {
    let Some((at, seat)) = at.and_then(|at| Some((at, row.get(at)?))) else { return false };
    let is_beside = |other: &&&SeatSpec| other.position.abs_diff(seat.position) == 1;
    let beside: Vec<_> = row[at.saturating_sub(1)..row.len().min(at + 2)].iter().filter(is_beside).collect();
    let is_taken = |other: &SeatSpec| taken.iter().any(|one| one.seat == other.seat);
    is_free(seat)
        && beside.iter().any(|other| is_taken(other))
        && !beside.iter().any(|other| is_free(other) && !is_taken(other))
}
