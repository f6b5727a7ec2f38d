//! The halls of the demo catalog.

use std::ops::RangeInclusive;

use crate::document::Seat;

/// Sections of one shape and price.
pub(super) struct Block {
    pub(super) sections: Vec<String>,
    /// Of a seat, in the minor unit of the currency.
    pub(super) amount: u64,
    rows: u32,
    /// Seats of the first row.
    front: u32,
    /// After this many rows, a row has one seat more; 0 where all rows are alike.
    widens_after: u32,
}

/// 50 seats.
pub(super) fn club() -> Vec<Block> {
    vec![block(["A"], 50_000, 5, 10)]
}

/// 400 seats.
pub(super) fn theatre() -> Vec<Block> {
    vec![block(["Stalls"], 99_000, 12, 20), block(["Circle L", "Circle R"], 77_000, 8, 10)]
}

/// 1,200 seats.
pub(super) fn concert_hall() -> Vec<Block> {
    vec![
        block(["A", "B", "C"], 132_000, 14, 14),
        block(["D", "E"], 110_000, 12, 13),
        block(["Balcony"], 66_000, 12, 25),
    ]
}

/// 50,000 seats: 5,000 on the floor, 18,000 in the lower ring, 27,000 in the upper ring.
pub(super) fn stadium() -> Vec<Block> {
    let lower = |numbers, amount| ring(numbers, amount, 30, 23, 2);
    let upper = |numbers, amount| ring(numbers, amount, 45, 18, 3);
    vec![
        block(["F1", "F2", "F3", "F4"], 264_000, 25, 25),
        block(["F5", "F6", "F7", "F8"], 220_000, 25, 25),
        lower(101..=112, 187_000),
        lower(113..=120, 154_000),
        upper(201..=212, 132_000),
        upper(213..=224, 99_000),
    ]
}

/// The seats of all sections in order, numbered from 1.
pub(super) fn seats(blocks: &[Block]) -> Vec<Seat> {
    let places = blocks.iter().flat_map(|block| {
        let sections = block.sections.iter();
        sections.flat_map(move |section| {
            (1..=block.rows)
                .flat_map(move |row| (1..=block.width(row)).map(move |number| (block.amount, section, row, number)))
        })
    });
    let seats = (1..).zip(places).map(|(position, (amount, section, row, number))| Seat {
        seat_id: u64::from(position),
        position,
        amount,
        section: Some(section.clone()),
        row: Some(row.to_string()),
        number: Some(number.to_string()),
        terms: None,
        standing: false,
        rank: None,
    });
    seats.collect()
}

impl Block {
    /// Seats of a row, which is counted from 1.
    fn width(&self, row: u32) -> u32 {
        self.front + (row - 1).checked_div(self.widens_after).unwrap_or(0)
    }
}

fn block<const N: usize>(sections: [&str; N], amount: u64, rows: u32, width: u32) -> Block {
    Block { sections: sections.map(str::to_owned).into(), amount, rows, front: width, widens_after: 0 }
}

fn ring(numbers: RangeInclusive<u32>, amount: u64, rows: u32, front: u32, widens_after: u32) -> Block {
    Block { sections: numbers.map(|number| number.to_string()).collect(), amount, rows, front, widens_after }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halls_are_as_large_as_they_say() {
        let check = |hall: Vec<Block>, expected| assert_eq!(seats(&hall).len(), expected);
        check(club(), 50);
        check(theatre(), 400);
        check(concert_hall(), 1_200);
        check(stadium(), 50_000);
        assert_eq!(seats(&stadium()[2..4]).len(), 18_000);
    }
}
