//! How many seats of each section can be had.

use std::sync::Arc;

use bytes::Bytes;
use rustc_hash::FxHashMap;

use super::block::Block;
use super::plan::Plan;
use crate::views::json::{HEAD, TAIL, write_text};

/// A section's seats, and how many of them can be had.
struct Count<'a> {
    section: Option<&'a str>,
    total: usize,
    available: usize,
}

/// The list's body, in the order in which the list of seats comes to the sections.
pub(super) fn render(plan: &Plan, blocks: &[Arc<Block>]) -> Bytes {
    let mut out = Vec::with_capacity(64 * (plan.sections.len() + 1));
    out.extend_from_slice(HEAD);
    for (i, count) in counts(plan, blocks).iter().enumerate() {
        out.extend_from_slice(if i > 0 { b",{\"section\":" } else { b"{\"section\":" });
        write_text(&mut out, count.section);
        let mut number = itoa::Buffer::new();
        out.extend_from_slice(b",\"totalSeats\":");
        out.extend_from_slice(number.format(count.total).as_bytes());
        out.extend_from_slice(b",\"availableSeats\":");
        out.extend_from_slice(number.format(count.available).as_bytes());
        out.push(b'}');
    }
    out.extend_from_slice(TAIL);
    out.into()
}

fn counts<'a>(plan: &'a Plan, blocks: &[Arc<Block>]) -> Vec<Count<'a>> {
    let mut counts: Vec<Count<'a>> = Vec::new();
    let mut places: FxHashMap<Option<&str>, usize> = FxHashMap::default();
    for (range, block) in plan.blocks.iter().zip(blocks) {
        let section = plan.layout.seats[range.start].section.as_deref();
        let place = *places.entry(section).or_insert_with(|| {
            counts.push(Count { section, total: 0, available: 0 });
            counts.len() - 1
        });
        counts[place].total += range.len();
        counts[place].available += block.available() as usize;
    }
    counts
}

#[cfg(test)]
mod tests {
    use onsale_domain::concert::SeatSpec;
    use onsale_domain::ids::{ScheduleId, SeatId};

    use super::super::{Board, SeatStatus};
    use super::*;

    #[test]
    fn every_section_is_counted_wherever_its_seats_stand() {
        let seat = |id: u32, section: Option<&str>| SeatSpec {
            schedule: ScheduleId(1),
            seat: SeatId(u64::from(id)),
            position: id,
            amount: 1,
            section: section.map(str::to_owned),
            row: None,
            number: None,
            terms: None,
            standing: false,
            rank: None,
        };
        let seats: Arc<[SeatSpec]> =
            [seat(1, Some("B\"")), seat(2, Some("A")), seat(3, Some("B\"")), seat(4, None)].into();
        let board = Board::new(seats, 1)
            .changed(&[(SeatId(3), SeatStatus::TempReserved), (SeatId(4), SeatStatus::Reserved)], 2);
        let (body, hit) = board.sections_json();
        let expected = r#"{"resultType":"SUCCESS","data":[{"section":"B\"","totalSeats":2,"availableSeats":1},{"section":"A","totalSeats":1,"availableSeats":1},{"section":null,"totalSeats":1,"availableSeats":0}],"message":"SUCCESS"}"#;
        assert_eq!((std::str::from_utf8(&body), hit), (Ok(expected), false));
        assert!(board.sections_json().1);
    }
}
