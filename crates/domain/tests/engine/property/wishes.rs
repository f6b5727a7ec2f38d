//! Wishes for the best seats in halls of every shape, and seats by name, against every choice that there is.

use std::collections::BTreeSet;

use onsale_domain::command::{CatalogPart, Command};
use onsale_domain::concert::{
    Attributes, Orphans, Price, PriceType, PriceTypeId, Schedule, SeatSpec, Terms, Together, Wish,
};
use onsale_domain::ids::{ReservationId, ScheduleId, SeatId, UploadId, UserId};
use onsale_domain::level::{OFFERS, RANKS};
use onsale_domain::reply::{Outcome, Refusal, Reply};
use onsale_domain::settings::{QueueSettings, Settings};
use onsale_domain::time::Time;
use proptest::collection::{btree_set, vec};
use proptest::option::weighted;
use proptest::prelude::*;

use super::action::{orphans, wish};
use super::check_all;
use crate::model::{Others, best, check_names, left_alone, price_types};
use crate::shop::{self, Shop};

const DATE: ScheduleId = ScheduleId(1);

/// Seats of a row that stand side by side, and how far from those before them.
#[derive(Clone, Debug)]
struct Block {
    section: Option<&'static str>,
    row: Option<&'static str>,
    /// People stand there.
    standing: bool,
    seats: u32,
    gap: u32,
    category: Option<&'static str>,
    /// With a price for children.
    child: bool,
    /// Its first seats.
    attributes: Vec<u8>,
    /// The rank of its best seat, which is so many from its first; those to both sides are one worse each.
    rank: Option<(u32, u32)>,
}

#[derive(Clone, Debug)]
enum Happens {
    Wish(Wish),
    /// Somebody chooses the seats that are so many from the first, by their numbers.
    Chosen(BTreeSet<usize>),
    /// So many side by side, from there on.
    Beside(usize, usize),
    Orphans(Orphans),
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
    let standing = prop::bool::weighted(0.1);
    let rank = weighted(0.6, (1..6_u32, 0..14_u32));
    let block = (section, row, seats, gap, category, any::<bool>(), attributes, standing, rank).prop_map(
        |(section, row, seats, gap, category, child, attributes, standing, rank)| {
            let attributes = if seats as usize >= attributes.len() && !standing { attributes } else { Vec::new() };
            let (section, row) = if standing { (Some("Floor"), None) } else { (section, row) };
            Block { section, row, standing, seats, gap, category, child, attributes, rank }
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
        6 => btree_set(any::<usize>(), 1..4).prop_map(Happens::Chosen),
        12 => (any::<usize>(), 1..5_usize).prop_map(|(from, count)| Happens::Beside(from, count)),
        2 => orphans().prop_map(Happens::Orphans),
        6 => (0..30_u64).prop_map(Happens::Dropped),
        1 => (0..2_000_u64).prop_map(Happens::Wait),
        1 => Just(Happens::Restart),
    ]
}

fn seats_of(hall: &[Block], level: u32) -> Vec<SeatSpec> {
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
            let (seat, standing) = (shop::seat(1, id, position, u64::from(position)), block.standing);
            let rank = block.rank.filter(|_| level >= RANKS && !standing).map(|(rank, best)| rank + at.abs_diff(best));
            seats.push(SeatSpec { section, row, terms: terms.shared(), standing, rank, ..seat });
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
fn shop(seats: &[SeatSpec], level: u32) -> Shop {
    let settings = Settings { hold_limit_per_user: u32::MAX, ..Settings::default() };
    let mut shop = Shop::open(QueueSettings::default(), settings, 1);
    let mut part = CatalogPart { seats: seats.to_vec(), ..shop::catalog(0) };
    part.schedules = vec![date()];
    let done = shop.all(vec![
        Command::Raise { level },
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

/// Somebody names the seats at these places of the list, none of which is a wheelchair's or a companion's.
fn check_choice(shop: &mut Shop, seats: &[SeatSpec], places: &[usize], minds: Orphans, level: u32) {
    let is_free = |seat: SeatId| matches!(shop.engine.seat(DATE, seat), Some((_, None)));
    let is_other = |at: &&usize| !seats[**at].attributes().names().any(|name| name != "restrictedView");
    let chosen: Vec<SeatId> = places.iter().filter(is_other).map(|&at| seats[at].seat).collect();
    if chosen.is_empty() {
        return;
    }
    let taken: Box<[SeatId]> = chosen.iter().copied().filter(|&seat| !is_free(seat)).collect();
    let is_kept = shop.now < shop::BEGIN_MS + 1_000;
    let others = if level >= RANKS { Others::OfDate { is_kept } } else { Others::OfSection };
    let alone: Box<[SeatId]> = left_alone(seats, &is_free, &chosen, others).into();
    let expected = if !taken.is_empty() {
        let is_sold_out = !seats.iter().any(|spec| is_free(spec.seat));
        let named = if chosen.len() > 1 { taken } else { [].into() };
        Err(if is_sold_out { Refusal::SoldOut } else { Refusal::SeatNotAvailable(named) })
    } else if minds == Orphans::Refuse && !alone.is_empty() {
        Err(Refusal::SeatLeftAlone(alone))
    } else {
        Ok(())
    };
    let numbers: Vec<u64> = chosen.iter().map(|seat| seat.0).collect();
    let outcome = shop.one(shop::reserve_all(0, 1, &numbers)).map(drop);
    assert_eq!(outcome, expected, "{chosen:?}");
}

fn check_wish(shop: &mut Shop, seats: &[SeatSpec], wish: &Wish, minds: Orphans) {
    let is_free = |seat: SeatId| matches!(shop.engine.seat(DATE, seat), Some((_, None)));
    let is_kept = shop.now < shop::BEGIN_MS + 1_000;
    let named = if is_valid(wish) { check_names(seats, wish) } else { Err(Refusal::SeatsInvalid) };
    let expected = named.and_then(|()| best(&date(), seats, &is_free, (wish, is_kept, minds))).map(|picked| {
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
    let level = prop::sample::select([OFFERS, RANKS].as_slice());
    check_all(200, &(level, hall(), vec(happens(), 1..40)), |(level, hall, happenings)| {
        let level = *level;
        let seats = seats_of(hall, level);
        let (mut shop, mut minds) = (shop(&seats, level), Orphans::Prefer);
        for happening in happenings {
            match happening {
                Happens::Wish(wish) => check_wish(&mut shop, &seats, wish, minds),
                Happens::Chosen(places) => {
                    let places: BTreeSet<usize> = places.iter().map(|at| at % seats.len()).collect();
                    check_choice(&mut shop, &seats, &places.into_iter().collect::<Vec<_>>(), minds, level);
                }
                Happens::Beside(from, count) => {
                    let from = from % seats.len();
                    let places: Vec<usize> = (from..seats.len().min(from + count)).collect();
                    check_choice(&mut shop, &seats, &places, minds, level);
                }
                Happens::Orphans(orphans) => {
                    minds = *orphans;
                    shop.one(Command::SetOrphans { schedule: DATE, orphans: minds }).expect("the date is there");
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
