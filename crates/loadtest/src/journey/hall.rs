//! The hall that a run has published itself: what each seat costs, and which are side by side.

use crate::catalog::AREA;
use crate::plan::Journey;

/// Seats that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    first: u64,
    seats: u64,
    amount: u64,
    child: Option<u64>,
    /// By index into the sections of the date.
    section: u32,
}

/// The rows in the order of their seats, and behind them the places to stand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hall {
    rows: Vec<Row>,
    standing: Option<Row>,
}

impl Hall {
    /// As `catalog::of_hall` writes it: seats are numbered from 1, row by row.
    pub(crate) fn of(plan: &Journey) -> Self {
        let (mut next, mut section, mut rows) = (1, 0, Vec::new());
        for group in &plan.sections {
            for _ in 0..group.count {
                for _ in 0..group.rows {
                    let (seats, amount, child) = (group.seats, group.amount, group.child);
                    rows.push(Row { first: next, seats, amount, child, section });
                    next += group.seats;
                }
                section += 1;
            }
        }
        let places = plan.standing.places;
        let standing = Row { first: next, seats: places, amount: plan.standing.amount, child: None, section };
        Self { rows, standing: (places > 0).then_some(standing) }
    }

    fn row(&self, seat: u64) -> Option<&Row> {
        let row = match self.rows.partition_point(|row| row.first <= seat) {
            0 => None,
            after => self.rows.get(after - 1),
        };
        row.into_iter().chain(&self.standing).find(|row| (row.first..row.first + row.seats).contains(&seat))
    }

    /// What these cost together, the last of them for a child where there is one; `None` where one is not sold so.
    pub(crate) fn price(&self, seats: &[u64], has_child: bool) -> Option<u64> {
        let adults = seats.len() - usize::from(has_child && !seats.is_empty());
        let each = seats.iter().zip(0..).map(|(seat, at)| {
            let row = self.row(*seat)?;
            if at < adults { Some(row.amount) } else { row.child }
        });
        each.sum()
    }

    /// Whether children pay less anywhere.
    pub(crate) fn has_children(&self) -> bool {
        self.rows.iter().any(|row| row.child.is_some())
    }

    /// Whether they are all in one row, with nobody else between them.
    pub(crate) fn are_adjacent(&self, seats: &[u64]) -> bool {
        let (Some(first), Some(last)) = (seats.iter().min(), seats.iter().max()) else { return false };
        let is_run = last - first + 1 == seats.len() as u64;
        is_run && !self.is_standing(*first) && self.row(*first) == self.row(*last)
    }

    pub(crate) fn is_standing(&self, seat: u64) -> bool {
        self.standing.is_some_and(|area| seat >= area.first)
    }

    /// The section of all of them, where it is one.
    pub(crate) fn section_of(&self, seats: &[u64]) -> Option<u32> {
        let mut sections = seats.iter().map(|seat| self.row(*seat).map(|row| row.section));
        let first = sections.next()??;
        sections.all(|section| section == Some(first)).then_some(first)
    }

    /// The area's name and its index among the sections of the date.
    pub(crate) fn area(&self) -> Option<(&'static str, u32)> {
        self.standing.map(|area| (AREA, area.section))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan;

    #[test]
    fn seats_are_found_by_their_numbers() {
        let own = "[journey]\nsections = [{ count = 2, rows = 2, seats = 5, amount = 100 }, { count = 1, rows = 1, seats = 3, amount = 50, child = 20 }]\n\
                   [journey.standing]\nplaces = 4\namount = 30\n";
        let plan = plan::from_text(Some(own), false, None).unwrap().plan;
        let hall = Hall::of(&plan.journey);
        assert_eq!(hall.price(&[1, 2], false), Some(200));
        assert_eq!((hall.price(&[20, 21], true), hall.price(&[21, 20], true)), (Some(100 + 20), None));
        assert_eq!(hall.price(&[24, 27], false), Some(60));
        assert_eq!((hall.price(&[0], false), hall.price(&[28], false)), (None, None));
        assert!(hall.are_adjacent(&[3, 1, 2]) && hall.are_adjacent(&[6]));
        assert!(!hall.are_adjacent(&[5, 6]) && !hall.are_adjacent(&[1, 3]) && !hall.are_adjacent(&[24, 25]));
        assert_eq!([&[11, 20][..], &[9, 11], &[24]].map(|seats| hall.section_of(seats)), [Some(1), None, Some(3)]);
        assert_eq!(hall.area(), Some(("Floor", 3)));
    }
}
