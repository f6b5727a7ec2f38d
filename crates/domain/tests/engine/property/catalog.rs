//! Random pieces of a catalog, right and wrong.

use onsale_domain::command::CatalogPart;
use onsale_domain::concert::{Attributes, Concert, Orphans, Price, PriceType, SeatSpec, Terms};
use onsale_domain::ids::ConcertId;
use onsale_domain::time::Time;
use proptest::option::weighted;
use proptest::prelude::*;

use super::action::orphans;
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
        /// With how many price types: 0 for one price for all. A name is given twice where there are four.
        price_types: usize,
        /// Until how long after the beginning wheelchair places are kept.
        accessible_ms: Option<u64>,
        /// From when until when, in milliseconds from the beginning.
        sold: Option<(u64, u64)>,
        orphans: Option<Orphans>,
    },
    /// Seats `first` to `last`, from position `position` on.
    Seats {
        schedule: u64,
        first: u64,
        last: u64,
        position: u32,
        amount: u64,
        renamed: bool,
        offer: Offer,
        /// So many of the last ones are places to stand.
        standing: u64,
    },
}

/// What seats have beside their places.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Offer {
    pub category: Option<&'static str>,
    /// At how many price types beside the first.
    pub prices: usize,
    /// Attributes of the first seat, and of the second.
    pub attributes: [u8; 2],
    /// Of every other seat; those between are one worse.
    pub rank: Option<u32>,
}

/// From the dearest to the cheapest; the last is given a second time.
const PRICE_TYPES: [&str; 4] = ["adult", "child", "senior", "child"];

impl Edit {
    pub(super) fn part(&self) -> CatalogPart {
        let mut part = CatalogPart::default();
        match *self {
            Self::Concert { id, queue } => {
                part.concerts.push(Concert { id: ConcertId(id), title: queue.to_owned(), queue: queue.to_owned() });
            }
            Self::Schedule { id, concert, backwards, price_types, accessible_ms, sold, orphans } => {
                let mut schedule = shop::schedule(id, concert);
                schedule.ends_at = if backwards { Time(0) } else { schedule.ends_at };
                let types = PRICE_TYPES.iter().map(|&name| PriceType { id: name.into(), title: Some(name.to_owned()) });
                schedule.price_types = (price_types > 0).then(|| types.take(price_types).collect());
                schedule.accessible_until = accessible_ms.map(|ms| Time(shop::BEGIN_MS + ms));
                let moment = |ms| Some(Time(shop::BEGIN_MS + ms));
                schedule.on_sale_at = sold.and_then(|(on, _)| moment(on));
                schedule.off_sale_at = sold.and_then(|(_, off)| moment(off));
                schedule.orphans = orphans;
                part.schedules.push(schedule);
            }
            Self::Seats { schedule, first, last, position, amount, renamed, offer, standing } => {
                part.seats.extend((first..=last).zip(position..).map(|(id, at)| {
                    let seat = shop::seat(schedule, id, at, amount);
                    let price =
                        |(n, name): (u64, &&str)| Price { price_type: (**name).into(), amount: amount / (n + 2) };
                    let standing = id + standing > last;
                    let attributes = offer.attributes.get((id - first) as usize).copied().unwrap_or(0);
                    let terms = Terms {
                        category: offer.category.map(str::to_owned),
                        prices: (0..).zip(PRICE_TYPES.iter().skip(1).take(offer.prices)).map(price).collect(),
                        attributes: Attributes(if standing { 0 } else { attributes }),
                    };
                    let row = if renamed && !standing { Some("2".to_owned()) } else { seat.row };
                    let section = if standing { Some("Floor".to_owned()) } else { seat.section };
                    let rank = offer.rank.filter(|_| !standing).map(|rank| rank + at % 2);
                    SeatSpec { section, row, terms: terms.shared(), standing, rank, ..seat }
                }));
            }
        }
        part
    }
}

pub(super) fn offer() -> impl Strategy<Value = Offer> {
    let category = prop::option::weighted(0.3, prop::sample::select(["P1", "P2"].as_slice()));
    let attributes = prop_oneof![
        8 => Just([0, 0]),
        4 => Just([1, 2]),
        2 => Just([4, 5]),
        1 => (0..9_u8, 0..9_u8).prop_map(|(first, second)| [first, second]),
    ];
    let prices = prop_oneof![6 => Just(0_usize), 4 => 1..3_usize, 1 => Just(3)];
    let rank = prop::option::weighted(0.2, 1..4_u32);
    (category, prices, attributes, rank).prop_map(|(category, prices, attributes, rank)| Offer {
        category,
        prices,
        attributes,
        rank,
    })
}

pub(super) fn edit() -> impl Strategy<Value = Edit> {
    let queue = prop_oneof![8 => Just("default"), 4 => Just("vip"), 1 => Just("Bad name")];
    let position = prop_oneof![1 => Just(0_u32), 12 => 1..4_u32];
    let price_types = prop_oneof![3 => Just(0_usize), 4 => Just(3), 1 => 1..3_usize, 1 => Just(4)];
    let accessible = prop::option::weighted(0.5, 0..5_000_u64);
    prop_oneof![
        (prop_oneof![1 => Just(0_u64), 12 => 1..4_u64], queue).prop_map(|(id, queue)| Edit::Concert { id, queue }),
        (
            1..5_u64,
            1..5_u64,
            prop::bool::weighted(0.1),
            price_types,
            accessible,
            weighted(0.2, (0..1_000_u64, 500..3_000_u64)),
            weighted(0.5, orphans()),
        )
            .prop_map(|(id, concert, backwards, price_types, accessible_ms, sold, orphans)| Edit::Schedule {
                id,
                concert,
                backwards,
                price_types,
                accessible_ms,
                sold,
                orphans,
            }),
        (1..5_u64, 1..4_u64, 3..8_u64, position, 0..300_u64, prop::bool::weighted(0.2), offer(), 0..4_u64).prop_map(
            |(schedule, first, last, position, amount, renamed, offer, standing)| {
                Edit::Seats { schedule, first, last, position, amount, renamed, offer, standing }
            }
        ),
    ]
}
