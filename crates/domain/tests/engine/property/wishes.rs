//! Wishes for the best seats in halls of every shape, against every choice that there is.

use onsale_domain::command::{CatalogPart, Command};
use onsale_domain::concert::{SeatSpec, Wish};
use onsale_domain::ids::{ReservationId, ScheduleId, SeatId, UploadId, UserId};
use onsale_domain::level::SELLING;
use onsale_domain::reply::{Outcome, Refusal, Reply};
use onsale_domain::settings::{QueueSettings, Settings};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

use super::action::wish;
use super::check_all;
use crate::model::best;
use crate::shop::{self, Shop};

const DATE: ScheduleId = ScheduleId(1);

/// Seats of a row that stand side by side, and how far from those before them.
#[derive(Clone, Debug)]
struct Block {
    section: Option<&'static str>,
    row: Option<&'static str>,
    seats: u32,
    gap: u32,
}

#[derive(Clone, Debug)]
enum Happens {
    Wish(Wish),
    /// Somebody takes the seat that is so many from the first, by its number.
    Taken(usize),
    /// The reservation so many before the last is dropped.
    Dropped(u64),
    Restart,
}

/// Blocks that share a row are parts of it, wherever they stand in the list.
fn hall() -> impl Strategy<Value = Vec<Block>> {
    let section = weighted(0.9, prop::sample::select(["A", "B"].as_slice()));
    let row = weighted(0.9, prop::sample::select(["1", "2", "3"].as_slice()));
    let gap = prop_oneof![3 => Just(1_u32), 1 => 2..5_u32];
    let seats = prop_oneof![20 => 1..12_u32, 1 => 60..70_u32];
    let block = (section, row, seats, gap).prop_map(|(section, row, seats, gap)| Block { section, row, seats, gap });
    vec(block, 1..9)
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        12 => wish().prop_map(Happens::Wish),
        12 => any::<usize>().prop_map(Happens::Taken),
        6 => (0..30_u64).prop_map(Happens::Dropped),
        1 => Just(Happens::Restart),
    ]
}

fn seats_of(hall: &[Block]) -> Vec<SeatSpec> {
    let (mut seats, mut position) = (Vec::new(), 0);
    for block in hall {
        position += block.gap - 1;
        for _ in 0..block.seats {
            position += 1;
            // Numbered from behind, so that no number is taken for a place.
            let id = 10_000 - u64::from(position);
            let (section, row) = (block.section.map(str::to_owned), block.row.map(str::to_owned));
            seats.push(SeatSpec { section, row, ..shop::seat(1, id, position, u64::from(position)) });
        }
    }
    seats
}

/// A shop that sells these seats to user 1, who may have all of them.
fn shop(seats: &[SeatSpec]) -> Shop {
    let settings = Settings { hold_limit_per_user: u32::MAX, ..Settings::default() };
    let mut shop = Shop::open(QueueSettings::default(), settings, 1);
    let part = CatalogPart { seats: seats.to_vec(), ..shop::catalog(0) };
    let done = shop.all(vec![
        Command::Raise { level: SELLING },
        Command::Stage { upload: UploadId(2), part },
        Command::Publish { upload: UploadId(2) },
        shop::join(1),
    ]);
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    shop
}

fn check_wish(shop: &mut Shop, seats: &[SeatSpec], wish: &Wish) {
    let is_free = |seat: SeatId| matches!(shop.engine.seat(DATE, seat), Some((_, None)));
    let expected = match wish.count {
        1..=16 => best(seats, &is_free, wish).map(|seats| seats.iter().map(|spec| spec.seat).collect::<Vec<_>>()),
        _ => Err(Refusal::SeatsInvalid),
    };
    let (ticket, user) = (shop::ticket(0), UserId(1));
    let outcome: Outcome =
        shop.one(Command::ReserveBest { ticket, user, schedule: DATE, wish: wish.clone(), key: None });
    let found = outcome.map(|reply| match reply {
        Reply::Reserved(once) => {
            let held = shop.engine.reservation(once.value.reservation).expect("it was just held");
            assert_eq!(held.amount, held.seats.iter().map(|seat| 10_000 - seat.0).sum::<u64>());
            held.seats.to_vec()
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
                Happens::Restart => shop.restart(),
            }
        }
    });
}
