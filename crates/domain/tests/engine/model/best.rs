//! Which seats a wish gets: every group of seats that there is, and the best of them by what the guide says.

use onsale_domain::concert::{SeatSpec, Together, Wish};
use onsale_domain::ids::SeatId;
use onsale_domain::reply::Refusal;

/// The seats that are picked, group by group, in the order of their positions within each.
pub(crate) fn best<'a>(
    seats: &'a [SeatSpec],
    is_free: &dyn Fn(SeatId) -> bool,
    wish: &Wish,
) -> Result<Vec<&'a SeatSpec>, Refusal> {
    let rows = rows(seats, wish.section.as_deref());
    if wish.section.is_some() && rows.is_empty() {
        return Err(Refusal::SectionNotFound);
    }
    let count = wish.count as usize;
    let is_free = |seat: &SeatSpec| is_free(seat.seat);
    if let Some((_, group)) = group(&rows, 0, count, &is_free) {
        return Ok(group);
    }
    if rows.iter().flatten().filter(|seat| is_free(seat)).count() < count {
        let is_any = seats.iter().any(is_free);
        return Err(if is_any { Refusal::SeatsTooFew } else { Refusal::SoldOut });
    }
    if wish.together == Together::Required {
        return Err(Refusal::SeatsNotTogether);
    }
    let (mut picked, mut near) = (Vec::<&SeatSpec>::new(), 0);
    while picked.len() < count {
        let is_left = |seat: &SeatSpec| is_free(seat) && !picked.iter().any(|other| other.seat == seat.seat);
        let largest = (1..=count - picked.len()).rev().find_map(|size| group(&rows, near, size, &is_left));
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
    let (rank, seats) = found.into_iter().min_by_key(|(rank, _)| *rank)?;
    Some((rank.2, seats))
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
