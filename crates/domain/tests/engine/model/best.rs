//! Which seats a wish gets: every group of seats that there is, and the best of them by what the guide says. Likewise, whether seats
//! that somebody has chosen need leave a single one.

use core::ops::Range;

use onsale_domain::concert::{Orphans, PriceTypeId, Schedule, SeatSpec, Together, Wish};
use onsale_domain::ids::SeatId;
use onsale_domain::reply::Refusal;

/// The seats that are picked, group by group, in the order of their positions within each. `is_kept`: wheelchair places are
/// sold only as such.
pub(crate) fn best<'a>(
    schedule: &Schedule,
    seats: &'a [SeatSpec],
    is_free: &dyn Fn(SeatId) -> bool,
    (wish, is_kept, orphans): (&Wish, bool, Orphans),
) -> Result<Vec<&'a SeatSpec>, Refusal> {
    let price_types: Vec<&PriceTypeId> = wish.price_types.iter().flatten().map(|one| &one.price_type).collect();
    let first = schedule.price_types.iter().flatten().map(|one| &one.id).next();
    let has_prices = |seat: Option<&SeatSpec>| {
        let terms = seat.and_then(|seat| seat.terms.as_ref());
        let prices: Vec<_> = terms.iter().flat_map(|terms| &terms.prices).map(|price| &price.price_type).collect();
        price_types.iter().all(|one| first == Some(one) || prices.contains(one))
    };
    let category_of = |seat: &SeatSpec| seat.terms.as_ref().and_then(|terms| terms.category.clone());
    let is_in_category = |seat: &SeatSpec| wish.category.is_none() || category_of(seat) == wish.category;
    let is_any_priced = match seats {
        [] => has_prices(None),
        seats => seats.iter().any(|seat| is_in_category(seat) && has_prices(Some(seat))),
    };
    if !is_any_priced {
        return Err(Refusal::PriceTypeNotOffered([].into()));
    }
    let is_meant = |seat: &SeatSpec| {
        let is_accessible = seat.attributes().names().any(|name| name != "restrictedView");
        has_prices(Some(seat)) && is_in_category(seat) && !(is_kept && wish.accessible.is_none() && is_accessible)
    };
    let is_any = seats.iter().any(|seat| is_free(seat.seat));
    let is_free = |seat: &SeatSpec| is_meant(seat) && is_free(seat.seat);
    if let (None, Some(area)) = (wish.accessible, wish.section.as_deref().filter(|section| is_area(seats, section))) {
        let is_left = |seat: SeatId| seats.iter().any(|spec| spec.seat == seat && is_free(spec));
        let found = places(seats, area, wish.count, &is_left);
        let is_enough = found.len() == wish.count as usize;
        return if is_enough { Ok(found) } else { Err(if is_any { Refusal::SeatsTooFew } else { Refusal::SoldOut }) };
    }
    let rows = rows(seats, wish.section.as_deref());
    let found = match wish.accessible {
        None => side_by_side(&rows, &is_free, wish, orphans),
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
    let groups = groups(rows, count, is_free).into_iter().filter(|group| fits(&group.seats));
    let best = groups.min_by_key(|group| (group.seats.iter().filter(is_other).count(), group.rank(0)));
    if let Some(group) = best {
        return Ok(group.seats);
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
    orphans: Orphans,
) -> Result<Vec<&'a SeatSpec>, Refusal> {
    let count = wish.count as usize;
    let group = |near: usize, size: usize, is_free: &dyn Fn(&SeatSpec) -> bool| {
        let mut groups = groups(rows, size, is_free);
        if orphans == Orphans::Allow {
            groups.iter_mut().for_each(|group| group.leaves_a_single = false);
        }
        groups.into_iter().min_by_key(|group| group.rank(near)).map(|group| (group.row, group.seats))
    };
    if let Some((_, group)) = group(0, count, is_free) {
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
        let largest = (1..=count - picked.len()).rev().find_map(|size| group(near, size, &is_left));
        let (row, group) = largest.expect("as many seats are free");
        near = row;
        picked.extend(group);
    }
    Ok(picked)
}

/// Whether people stand there.
pub(crate) fn is_area(seats: &[SeatSpec], name: &str) -> bool {
    seats.iter().any(|spec| spec.standing && spec.section.as_deref() == Some(name))
}

/// The first of an area's places that are free, as many as are wanted or are left.
pub(crate) fn places<'a>(
    seats: &'a [SeatSpec],
    area: &str,
    wanted: u32,
    is_free: &dyn Fn(SeatId) -> bool,
) -> Vec<&'a SeatSpec> {
    let of_area = seats.iter().filter(|spec| spec.standing && spec.section.as_deref() == Some(area));
    of_area.filter(|spec| is_free(spec.seat)).take(wanted as usize).collect()
}

/// The rows of the section, or of all, the first one first. People who stand are in none.
fn rows<'a>(seats: &'a [SeatSpec], section: Option<&str>) -> Vec<Vec<&'a SeatSpec>> {
    let seats: Vec<&SeatSpec> = seats.iter().filter(|spec| !spec.standing).collect();
    let first = |of_it: &dyn Fn(&SeatSpec) -> bool| seats.iter().position(|seat| of_it(seat));
    let mut labels: Vec<_> = seats.iter().map(|seat| (&seat.section, &seat.row)).collect();
    labels.sort();
    labels.dedup();
    labels.retain(|(own, _)| section.is_none() || own.as_deref() == section);
    // By the best rank of each, and those without any behind them.
    let rank = |section: &Option<String>, row: &Option<String>| {
        let of_row = seats.iter().filter(|seat| seat.section == *section && seat.row == *row);
        of_row.filter_map(|seat| seat.rank).min().unwrap_or(u32::MAX)
    };
    labels.sort_by_key(|&(section, row)| {
        let place =
            (first(&|seat| seat.section == *section), first(&|seat| seat.section == *section && seat.row == *row));
        (rank(section, row), place)
    });
    let of_row = |(section, row)| {
        seats.iter().copied().filter(move |seat| (&seat.section, &seat.row) == (section, row)).collect()
    };
    labels.into_iter().map(of_row).collect()
}

/// Free seats of one row, side by side.
struct Group<'a> {
    seats: Vec<&'a SeatSpec>,
    leaves_a_single: bool,
    /// The row's number.
    row: usize,
    from_middle: usize,
    start: usize,
}

impl Group<'_> {
    /// Less is better.
    fn rank(&self, near: usize) -> (bool, usize, usize, usize, usize) {
        (self.leaves_a_single, self.row.abs_diff(near), self.row, self.from_middle, self.start)
    }
}

/// All groups of a size.
fn groups<'a>(rows: &[Vec<&'a SeatSpec>], size: usize, is_free: &dyn Fn(&SeatSpec) -> bool) -> Vec<Group<'a>> {
    let mut found = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let columns = columns(row);
        let best = row.iter().filter_map(|seat| seat.rank).min();
        let is_best = |seat: &&SeatSpec| best.is_none() || seat.rank == best;
        // The columns of the best seats, first and last: of all, where no rank tells them apart.
        let ends = row.iter().position(is_best).zip(row.iter().rposition(is_best));
        let middle =
            ends.map_or(
                0,
                |(first, last)| {
                    if best.is_none() { columns[last] + 1 } else { columns[first] + columns[last] + 1 }
                },
            );
        for start in 0..row.len() {
            let Some(seats) = row.get(start..start + size) else { break };
            let side_by_side = columns[start + size - 1] - columns[start] == size - 1;
            if side_by_side && seats.iter().all(|seat| is_free(seat)) {
                found.push(Group {
                    leaves_a_single: singles_beside(row, start..start + size, is_free).next().is_some(),
                    from_middle: (2 * columns[start] + size).abs_diff(middle),
                    seats: seats.to_vec(),
                    row: number,
                    start,
                });
            }
        }
    }
    found
}

/// Where else there might be as many seats that leave none single.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Others {
    OfSection,
    /// Wheelchair places, and seats beside them, are none while they are kept.
    OfDate {
        is_kept: bool,
    },
}

/// The seats that would be left single, and need not, if these, which are free, were held; in the order of their positions.
pub(crate) fn left_alone(
    seats: &[SeatSpec],
    is_free: &dyn Fn(SeatId) -> bool,
    held: &[SeatId],
    others: Others,
) -> Vec<SeatId> {
    let everywhere = others != Others::OfSection;
    let is_meant = |spec: &SeatSpec| {
        others != Others::OfDate { is_kept: true } || !spec.attributes().names().any(|name| name != "restrictedView")
    };
    let seats: Vec<&SeatSpec> = seats.iter().filter(|spec| !spec.standing).collect();
    let held: Vec<SeatId> =
        seats.iter().filter(|spec| is_meant(spec) && held.contains(&spec.seat)).map(|spec| spec.seat).collect();
    let is_left = |seat: &SeatSpec| is_meant(seat) && is_free(seat.seat) && !held.contains(&seat.seat);
    let mut alone: Vec<&SeatSpec> = Vec::new();
    for first in seats.iter().filter(|spec| held.contains(&spec.seat)) {
        let of_row: Vec<_> =
            seats.iter().copied().filter(|spec| (&spec.section, &spec.row) == (&first.section, &first.row)).collect();
        let is_held = |at: usize| of_row.get(at).is_some_and(|spec| held.contains(&spec.seat));
        let follows = |at: usize| at > 0 && of_row[at - 1].position + 1 == of_row[at].position;
        let start = of_row.iter().position(|spec| spec.seat == first.seat).expect("it is in its row");
        if follows(start) && is_held(start - 1) {
            continue;
        }
        // It is the first of its group.
        let mut end = start + 1;
        while is_held(end) && follows(end) {
            end += 1;
        }
        let singles: Vec<_> = singles_beside(&of_row, start..end, &is_left).collect();
        let of_group = &of_row[start..end];
        let can_move = |seat: &SeatSpec| is_left(seat) || of_group.iter().any(|one| one.seat == seat.seat);
        let mut of_section: Vec<_> =
            seats.iter().copied().filter(|spec| everywhere || spec.section == first.section).collect();
        let row_of = |spec: &SeatSpec| (spec.section.clone(), spec.row.clone());
        of_section.sort_by_key(|spec| row_of(spec));
        let rows: Vec<Vec<_>> =
            of_section.chunk_by(|one, next| row_of(one) == row_of(next)).map(<[_]>::to_vec).collect();
        if groups(&rows, end - start, &can_move).iter().any(|group| !group.leaves_a_single) {
            alone.extend(singles);
        }
    }
    alone.sort_by_key(|spec| spec.position);
    alone.dedup_by_key(|spec| spec.seat);
    alone.into_iter().map(|spec| spec.seat).collect()
}

/// The column of each seat of a row: an aisle is as wide as a seat.
fn columns(row: &[&SeatSpec]) -> Vec<usize> {
    let aisles = |at: usize| row[..=at].windows(2).filter(|two| two[0].position + 1 != two[1].position).count();
    (0..row.len()).map(|at| at + aisles(at)).collect()
}

/// The free seats next to these of a row that would have no free neighbour any more, if these were taken.
fn singles_beside<'a>(
    row: &[&'a SeatSpec],
    taken: Range<usize>,
    is_free: &dyn Fn(&SeatSpec) -> bool,
) -> impl Iterator<Item = &'a SeatSpec> {
    let is_left = |at: usize| !taken.contains(&at) && row.get(at).is_some_and(|seat| is_free(seat));
    let is_beside = |at: usize, other: usize| {
        row.get(at).zip(row.get(other)).is_some_and(|(seat, other)| seat.position.abs_diff(other.position) == 1)
    };
    let is_single = |at: usize, towards: usize, away: Option<usize>| {
        is_left(at) && is_beside(at, towards) && !away.is_some_and(|away| is_left(away) && is_beside(at, away))
    };
    let before = taken.start.checked_sub(1).filter(|&at| is_single(at, taken.start, at.checked_sub(1)));
    let behind = Some(taken.end).filter(|&at| is_single(at, taken.end - 1, Some(at + 1)));
    before.into_iter().chain(behind).map(|at| row[at])
}
