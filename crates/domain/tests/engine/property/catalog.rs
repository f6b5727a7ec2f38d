//! Random pieces of a catalog, right and wrong.

use onsale_domain::command::CatalogPart;
use onsale_domain::concert::{Concert, SeatSpec};
use onsale_domain::ids::ConcertId;
use onsale_domain::time::Time;
use proptest::prelude::*;

use crate::shop;

/// What one staged part says.
#[derive(Clone, Debug)]
pub(super) enum Edit {
    Concert {
        id: u64,
        queue: &'static str,
    },
    Schedule {
        id: u64,
        concert: u64,
        backwards: bool,
    },
    /// Seats `first` to `last`, from position `position` on.
    Seats {
        schedule: u64,
        first: u64,
        last: u64,
        position: u32,
        amount: u64,
        renamed: bool,
    },
}

impl Edit {
    pub(super) fn part(&self) -> CatalogPart {
        let mut part = CatalogPart::default();
        match *self {
            Self::Concert { id, queue } => {
                part.concerts.push(Concert { id: ConcertId(id), title: queue.to_owned(), queue: queue.to_owned() });
            }
            Self::Schedule { id, concert, backwards } => {
                let mut schedule = shop::schedule(id, concert);
                schedule.ends_at = if backwards { Time(0) } else { schedule.ends_at };
                part.schedules.push(schedule);
            }
            Self::Seats { schedule, first, last, position, amount, renamed } => {
                part.seats.extend((first..=last).zip(position..).map(|(id, at)| {
                    let seat = shop::seat(schedule, id, at, amount);
                    if renamed { SeatSpec { row: Some("2".to_owned()), ..seat } } else { seat }
                }));
            }
        }
        part
    }
}

pub(super) fn edit() -> impl Strategy<Value = Edit> {
    let queue = prop_oneof![8 => Just("default"), 4 => Just("vip"), 1 => Just("Bad name")];
    let position = prop_oneof![1 => Just(0_u32), 12 => 1..4_u32];
    prop_oneof![
        (prop_oneof![1 => Just(0_u64), 12 => 1..4_u64], queue).prop_map(|(id, queue)| Edit::Concert { id, queue }),
        (1..5_u64, 1..5_u64, prop::bool::weighted(0.1)).prop_map(|(id, concert, backwards)| Edit::Schedule {
            id,
            concert,
            backwards
        }),
        (1..5_u64, 1..4_u64, 3..6_u64, position, 0..300_u64, prop::bool::weighted(0.2)).prop_map(
            |(schedule, first, last, position, amount, renamed)| {
                Edit::Seats { schedule, first, last, position, amount, renamed }
            }
        ),
    ]
}
