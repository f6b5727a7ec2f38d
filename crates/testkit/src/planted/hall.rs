//! The seats of one date.

use super::rules::Rules;

/// What a seat list says of a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seat {
    Available,
    Held,
    Sold,
}

impl Seat {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Available => "AVAILABLE",
            Self::Held => "TEMP_RESERVED",
            Self::Sold => "RESERVED",
        }
    }
}

#[derive(Debug)]
pub(super) struct Hall {
    pub(super) seats: Vec<Seat>,
    available: usize,
}

impl Hall {
    pub(super) fn new(rules: &Rules) -> Self {
        let seats: Vec<Seat> = (0..rules.seats()).map(|_| Seat::Available).collect();
        Self { available: seats.len(), seats }
    }

    pub(super) fn available(&self) -> usize {
        self.available
    }

    /// Seats are called from 1.
    pub(super) fn seat(&self, id: u64) -> Option<Seat> {
        self.seats.get(index(id)?).copied()
    }

    pub(super) fn set(&mut self, id: u64, seat: Seat) {
        let Some(place) = index(id).and_then(|index| self.seats.get_mut(index)) else { return };
        self.available -= usize::from(*place == Seat::Available);
        self.available += usize::from(seat == Seat::Available);
        *place = seat;
    }
}

fn index(id: u64) -> Option<usize> {
    usize::try_from(id).ok()?.checked_sub(1)
}
