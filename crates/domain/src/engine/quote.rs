//! What the seats come to that somebody asks for, or why they cannot be had.

use crate::concert::{Attributes, Line, PriceTypeId, Sale, SeatSpec};
use crate::ids::SeatId;
use crate::refusal::Refusal;
use crate::time::Time;

/// What lines come to, when all of them can be had.
pub(super) struct Quote {
    pub(super) amount: u64,
    /// What each of several costs: of one, the amount says it.
    pub(super) amounts: Box<[u64]>,
    /// At which price type; none where the schedule has none.
    pub(super) price_types: Box<[PriceTypeId]>,
}

/// A line, and the seat that it names.
type Asked<'a> = (&'a Line, &'a SeatSpec);

pub(super) fn quote(sale: &Sale, lines: &[Line], now: Time) -> Result<Quote, Refusal> {
    let mut asked: Vec<Asked<'_>> = Vec::with_capacity(lines.len());
    let mut is_taken = false;
    for line in lines {
        let (spec, by) = sale
            .seats
            .get(line.seat)
            .ok_or_else(|| Refusal::SeatNotFound(of_several(lines, |seat| sale.seats.get(seat).is_none())))?;
        is_taken |= by.is_some() || sale.seats.is_withheld(line.seat);
        asked.push((line, spec));
    }
    sale.check_on(now)?;
    match is_taken {
        true if sale.seats.available() == 0 => return Err(Refusal::SoldOut),
        true => {
            let is_taken = |seat| sale.seats.is_taken(seat) || sale.seats.is_withheld(seat);
            return Err(Refusal::SeatNotAvailable(of_several(lines, is_taken)));
        }
        false => {}
    }
    let quote = price(sale, &asked)?;
    check_accessible(sale, &asked, now)?;
    Ok(quote)
}

fn price(sale: &Sale, asked: &[Asked<'_>]) -> Result<Quote, Refusal> {
    let schedule = &sale.schedule;
    let has_types = !schedule.price_types().is_empty();
    let at = |(line, spec): &Asked<'_>| match schedule.price_type(line.price_type.as_ref()) {
        Some(price_type) => Some((spec.amount_at(schedule, price_type)?, Some(price_type.clone()))),
        None if has_types || line.price_type.is_some() => None,
        None => Some((spec.amount, None)),
    };
    // Nearly always it is one seat without a price type, of which none of these lists needs any room.
    let (mut amount, mut amounts, mut price_types, mut lacking) = (0_u64, Vec::new(), Vec::new(), Vec::new());
    for one in asked {
        let Some((seat_amount, price_type)) = at(one) else {
            lacking.push(one.0.seat);
            continue;
        };
        amount = amount.saturating_add(seat_amount);
        if asked.len() > 1 {
            amounts.push(seat_amount);
        }
        price_types.extend(price_type);
    }
    if !lacking.is_empty() {
        return Err(Refusal::PriceTypeNotOffered(lacking.into()));
    }
    Ok(Quote { amount, amounts: amounts.into(), price_types: price_types.into() })
}

/// As long as wheelchair places are kept, whoever takes one has to say that it is meant, and a companion's seat goes with a
/// place beside it.
fn check_accessible(sale: &Sale, asked: &[Asked<'_>], now: Time) -> Result<(), Refusal> {
    let none_is_it = asked.iter().all(|(line, spec)| !line.accessible && !spec.attributes().is_accessible());
    if none_is_it {
        return Ok(());
    }
    let is_place = |spec: &SeatSpec| spec.attributes().has(Attributes::WHEELCHAIR);
    let mistaken = seats(asked, |(line, spec)| line.accessible && !is_place(spec));
    if !mistaken.is_empty() {
        return Err(Refusal::NotWheelchairPlace(mistaken));
    }
    if !sale.schedule.keeps_accessible(now) {
        return Ok(());
    }
    let unmeant = seats(asked, |(line, spec)| !line.accessible && is_place(spec));
    if !unmeant.is_empty() {
        return Err(Refusal::WheelchairPlace(unmeant));
    }
    let is_accompanied = |spec: &SeatSpec| asked.iter().any(|(_, other)| is_place(other) && other.is_beside(spec));
    let alone = seats(asked, |(_, spec)| spec.attributes().has(Attributes::COMPANION) && !is_accompanied(spec));
    if alone.is_empty() { Ok(()) } else { Err(Refusal::CompanionSeat(alone)) }
}

/// Those of several seats that are so; of one it goes without saying.
fn of_several(lines: &[Line], is_so: impl Fn(SeatId) -> bool) -> Box<[SeatId]> {
    let several = lines.iter().filter(|_| lines.len() > 1).map(|line| line.seat);
    several.filter(|&seat| is_so(seat)).collect()
}

/// Those of the seats that are so.
fn seats(asked: &[Asked<'_>], is_so: impl Fn(&Asked<'_>) -> bool) -> Box<[SeatId]> {
    asked.iter().filter(|one| is_so(one)).map(|(line, _)| line.seat).collect()
}
