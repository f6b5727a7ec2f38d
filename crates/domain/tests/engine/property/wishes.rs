//! Wishes for the best seats in halls of every shape, against every choice that there is.

use onsale_domain::command::{CatalogPart, Command};
use onsale_domain::concert::{Attributes, Price, PriceType, PriceTypeId, Schedule, SeatSpec, Terms, Together, Wish};
use onsale_domain::ids::{ReservationId, ScheduleId, SeatId, UploadId, UserId};
use onsale_domain::level::OFFERS;
use onsale_domain::reply::{Outcome, Refusal, Reply};
use onsale_domain::settings::{QueueSettings, Settings};
use onsale_domain::time::Time;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

use super::action::wish;
use super::check_all;
use crate::model::{best, check_names, price_types};
use crate::shop::{self, Shop};

const DATE: ScheduleId = ScheduleId(1);

/// Seats of a row that stand side by side, and how far from those before them.
#[derive(Clone, Debug)]
struct Block {
    section: Option<&'static str>,
    row: Option<&'static str>,
    seats: u32,
    gap: u32,
    category: Option<&'static str>,
    /// With a price for children.
    child: bool,
    /// Its first seats.
    attributes: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Happens {
    Wish(Wish),
    /// Somebody takes the seat that is so many from the first, by its number.
    Taken(usize),
    /// The reservation so many before the last is dropped.
    Dropped(u64),
    /// So long after the beginning, until which wheelchair places are kept for a while.
    Wait(u64),
    Restart,
}

/// Blocks that share a row are parts of it, wherever they stand in the list.
fn hall() -> impl Strategy<Value = Vec<Block>> {
    let section = weighted(0.9, prop::sample::select(["A", "B"].as_slice()));
    let row = weighted(0.9, prop::sample::select(["1", "2", "3"].as_slice()));
    let gap = prop_oneof![3 => Just(1_u32), 1 => 2..5_u32];
    let seats = prop_oneof![20 => 1..12_u32, 1 => 60..70_u32];
    let category = weighted(0.5, prop::sample::select(["P1", "P2"].as_slice()));
    let attributes = prop_oneof![3 => Just(vec![]), 2 => attributes()];
    let block = (section, row, seats, gap, category, any::<bool>(), attributes).prop_map(
        |(section, row, seats, gap, category, child, attributes)| {
            let attributes = if seats as usize >= attributes.len() { attributes } else { Vec::new() };
            Block { section, row, seats, gap, category, child, attributes }
        },
    );
    vec(block, 1..9)
}

/// Places and companions beside them, among others.
fn attributes() -> impl Strategy<Value = Vec<u8>> {
    let some: [&[u8]; 7] =
        [&[1], &[1, 2], &[2, 1], &[1, 2, 1, 2], &[2, 1, 1, 2], &[0, 1, 2, 0, 1], &[4, 5, 6, 0, 1, 1]];
    prop::sample::select(some.map(<[u8]>::to_vec).to_vec())
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        12 => wish().prop_map(Happens::Wish),
        12 => any::<usize>().prop_map(Happens::Taken),
        6 => (0..30_u64).prop_map(Happens::Dropped),
        1 => (0..2_000_u64).prop_map(Happens::Wait),
        1 => Just(Happens::Restart),
    ]
}

fn seats_of(hall: &[Block]) -> Vec<SeatSpec> {
    let (mut seats, mut position) = (Vec::new(), 0);
    for block in hall {
        position += block.gap - 1;
        for at in 0..block.seats {
            position += 1;
            // Numbered from behind, so that no number is taken for a place.
            let id = 10_000 - u64::from(position);
            let (section, row) = (block.section.map(str::to_owned), block.row.map(str::to_owned));
            let child = Price { price_type: "child".into(), amount: 1 };
            let terms = Terms {
                category: block.category.map(str::to_owned),
                prices: if block.child { vec![child] } else { vec![] },
                attributes: Attributes(block.attributes.get(at as usize).copied().unwrap_or(0)),
            };
            let seat = shop::seat(1, id, position, u64::from(position));
            seats.push(SeatSpec { section, row, terms: terms.shared(), ..seat });
        }
    }
    seats
}

fn date() -> Schedule {
    let types = ["adult", "child"].map(|name| PriceType { id: name.into(), title: None });
    let until = Some(Time(shop::BEGIN_MS + 1_000));
    Schedule { price_types: Some(types.to_vec()), accessible_until: until, ..shop::schedule(1, 1) }
}

/// A shop that sells these seats to user 1, who may have all of them.
fn shop(seats: &[SeatSpec]) -> Shop {
    let settings = Settings { hold_limit_per_user: u32::MAX, ..Settings::default() };
    let mut shop = Shop::open(QueueSettings::default(), settings, 1);
    let mut part = CatalogPart { seats: seats.to_vec(), ..shop::catalog(0) };
    part.schedules = vec![date()];
    let done = shop.all(vec![
        Command::Raise { level: OFFERS },
        Command::Stage { upload: UploadId(2), part },
        Command::Publish { upload: UploadId(2) },
        shop::join(1),
    ]);
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    shop
}

fn is_valid(wish: &Wish) -> bool {
    let counts: Vec<u32> = wish.price_types.iter().flatten().map(|one| one.count).collect();
    let adds_up = wish.price_types.is_none() || counts.iter().sum::<u32>() == wish.count;
    let fits = |places| places > 0 && places <= wish.count && wish.together == Together::Required;
    (1..=16).contains(&wish.count) && adds_up && !counts.contains(&0) && wish.accessible.is_none_or(fits)
}

fn check_wish(shop: &mut Shop, seats: &[SeatSpec], wish: &Wish) {
    let is_free = |seat: SeatId| matches!(shop.engine.seat(DATE, seat), Some((_, None)));
    let is_kept = shop.now < shop::BEGIN_MS + 1_000;
    let named = if is_valid(wish) { check_names(seats, wish) } else { Err(Refusal::SeatsInvalid) };
    let expected = named.and_then(|()| best(&date(), seats, &is_free, (wish, is_kept))).map(|picked| {
        let adult = |one: Option<PriceTypeId>| one.unwrap_or_else(|| "adult".into());
        picked.iter().map(|spec| spec.seat).zip(price_types(wish).into_iter().map(adult)).collect::<Vec<_>>()
    });
    let (ticket, user) = (shop::ticket(0), UserId(1));
    let outcome: Outcome =
        shop.one(Command::ReserveBest { ticket, user, schedule: DATE, wish: wish.clone(), key: None });
    let found = outcome.map(|reply| match reply {
        Reply::Reserved(once) => {
            let held = shop.engine.reservation(once.value.reservation).expect("it was just held");
            let price = |(seat, price_type): (&SeatId, &PriceTypeId)| {
                if price_type.as_str() == "child" { 1 } else { 10_000 - seat.0 }
            };
            assert_eq!(held.amount, held.seats.iter().zip(&held.price_types).map(price).sum::<u64>());
            held.seats.iter().copied().zip(held.price_types.iter().cloned()).collect::<Vec<_>>()
        }
        other => panic!("no hold: {other:?}"),
    });
    assert_eq!(found, expected, "{wish:?}");
}

#[test]
fn wishes_get_the_seats_that_the_guide_says() {
    check_all(200, &(hall(), vec(happens(), 1..40)), |(hall, happenings)| {
        let seats = seats_of(hall);
        let mut shop = shop(&seats);
        for happening in happenings {
            match happening {
                Happens::Wish(wish) => check_wish(&mut shop, &seats, wish),
                Happens::Taken(at) => {
                    // Refused where somebody has it.
                    let _ = shop.one(shop::reserve(0, 1, seats[at % seats.len()].seat.0));
                }
                Happens::Dropped(back) => {
                    let next = shop.engine.mark().counters.next_reservation.0;
                    let reservation = ReservationId(next.saturating_sub(1 + back));
                    let _ = shop.one(Command::Cancel { user: UserId(1), reservation });
                }
                Happens::Wait(ms) => shop.now = shop.now.max(shop::BEGIN_MS + ms),
                Happens::Restart => shop.restart(),
            }
        }
    });
}
