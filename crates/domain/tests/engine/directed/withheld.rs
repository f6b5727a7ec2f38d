//! Seats that an operator holds back: nobody gets them, by whatever way, before they are given back.

use onsale_domain::command::Command;
use onsale_domain::concert::{SeatCounts, Together, WITHHELD_AT_ONCE_MAX, Wish};
use onsale_domain::ids::{KeyId, ScheduleId, SeatId, UploadId, UserId};
use onsale_domain::level::OFFERS;
use onsale_domain::operator::{Action, Kind, Operator};
use onsale_domain::reply::{CatalogRefusal, Outcome, Refusal, Reply};
use onsale_domain::row::Row;
use onsale_domain::settings::Settings;

use super::patient;
use crate::shop::{self, Shop};

const DATE: ScheduleId = ScheduleId(1);

fn shop(seats: u64) -> Shop {
    let mut shop = Shop::open(patient(10), Settings { hold_limit_per_user: 10, ..Settings::default() }, seats);
    shop.all(vec![Command::Raise { level: OFFERS }, shop::join(1), shop::charge(1, 10_000)]);
    shop
}

fn ids(seats: &[u64]) -> Vec<SeatId> {
    seats.iter().copied().map(SeatId).collect()
}

fn withhold(seats: &[u64]) -> Command {
    Command::Withhold { schedule: DATE, seats: ids(seats), reason: "camera".to_owned() }
}

fn give_back(seats: &[u64]) -> Command {
    Command::GiveBack { schedule: DATE, seats: ids(seats), reason: "no camera".to_owned() }
}

/// The outcome, with an engine of the rows going on.
fn one(shop: &mut Shop, command: Command) -> Outcome {
    let outcome = shop.one(command);
    shop.restart();
    outcome
}

fn counts(shop: &Shop) -> [u32; 4] {
    let SeatCounts { free, held, paid, withheld } = shop.engine.seat_counts(DATE).expect("a date");
    [free, held, paid, withheld]
}

#[test]
fn nobody_gets_what_is_held_back_and_everybody_what_was_given_back() {
    let mut shop = shop(5);
    one(&mut shop, withhold(&[2, 3])).expect("free seats");
    assert_eq!(counts(&shop), [3, 0, 0, 2]);
    assert_eq!(one(&mut shop, shop::reserve(0, 1, 2)), Err(Refusal::SeatNotAvailable([].into())));
    let both = one(&mut shop, shop::reserve_all(0, 1, &[1, 2]));
    assert_eq!(both, Err(Refusal::SeatNotAvailable([SeatId(2)].into())));
    one(&mut shop, give_back(&[2])).expect("it is held back");
    shop.hold(0, 1, 2);
    assert_eq!(counts(&shop), [3, 1, 0, 1]);
}

#[test]
fn the_best_seats_are_looked_for_elsewhere() {
    let mut shop = shop(6);
    one(&mut shop, withhold(&[3, 4])).expect("free seats");
    let wish = |count| Command::ReserveBest {
        ticket: shop::ticket(0),
        user: UserId(1),
        schedule: DATE,
        wish: Wish::of(count, Together::Required),
        key: None,
    };
    assert_eq!(one(&mut shop, wish(3)), Err(Refusal::SeatsNotTogether));
    assert_eq!(one(&mut shop, wish(5)), Err(Refusal::SeatsTooFew));
    one(&mut shop, wish(2)).expect("two are beside each other");
    let taken = (1..=6).filter(|&seat| shop.engine.seat(DATE, SeatId(seat)).is_some_and(|(_, by)| by.is_some()));
    assert!(
        taken.clone().count() == 2 && taken.clone().all(|seat| !(3..=4).contains(&seat)),
        "{:?}",
        taken.collect::<Vec<_>>()
    );
}

#[test]
fn all_or_none_and_what_somebody_has_is_named() {
    let mut shop = shop(5);
    shop.hold(0, 1, 1);
    let bought = shop.hold(0, 1, 4);
    shop.one(shop::pay(1, bought)).expect("there is money");
    let refused = one(&mut shop, withhold(&[5, 4, 2, 1]));
    assert_eq!(refused, Err(Refusal::SeatNotAvailable([SeatId(4), SeatId(1)].into())));
    assert_eq!(counts(&shop), [3, 1, 1, 0]);
    one(&mut shop, withhold(&[2])).expect("a free seat");
    assert_eq!(one(&mut shop, give_back(&[2, 3])), Err(Refusal::SeatNotWithheld([SeatId(3)].into())));
    assert_eq!(counts(&shop), [2, 1, 1, 1]);
    // A hold whose time is up is in nobody's way.
    shop.now += 300_000;
    one(&mut shop, withhold(&[1])).expect("it has lapsed");
}

#[test]
fn again_is_for_another_reason_and_counts_once() {
    let mut shop = shop(3);
    one(&mut shop, withhold(&[2])).expect("a free seat");
    shop.now += 1_000;
    let again = Command::Withhold { schedule: DATE, seats: ids(&[1, 2]), reason: "house".to_owned() };
    one(&mut shop, again).expect("one more");
    assert_eq!(counts(&shop), [1, 0, 0, 2]);
    let reasons: Vec<_> =
        shop.engine.withheld(DATE).map(|row| (row.seat.0, row.reason.to_string(), row.at.0)).collect();
    assert_eq!(reasons, [(1, "house".to_owned(), shop.now), (2, "house".to_owned(), shop.now)]);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let mut shop = shop(3);
    let reasonless = |reason: &str| Command::Withhold { schedule: DATE, seats: ids(&[1]), reason: reason.to_owned() };
    for reason in ["", "  ", "a\nb", &"x".repeat(201)] {
        assert_eq!(shop.one(reasonless(reason)), Err(Refusal::SettingInvalid("reason")), "{reason:?}");
    }
    let many: Vec<u64> = (1..=WITHHELD_AT_ONCE_MAX as u64 + 1).collect();
    for seats in [&[][..], &[1, 2, 1], &many] {
        assert_eq!(shop.one(withhold(seats)), Err(Refusal::SeatsInvalid));
        assert_eq!(shop.one(give_back(seats)), Err(Refusal::SeatsInvalid));
    }
    assert_eq!(shop.one(withhold(&[1, 9])), Err(Refusal::SeatNotFound([SeatId(9)].into())));
    let elsewhere = Command::Withhold { schedule: ScheduleId(9), seats: ids(&[1]), reason: "house".to_owned() };
    assert_eq!(shop.one(elsewhere), Err(Refusal::ScheduleNotFound));
    assert_eq!(counts(&shop), [3, 0, 0, 0]);
}

#[test]
fn sold_out_is_said_of_what_can_be_sold() {
    let mut shop = shop(2);
    one(&mut shop, withhold(&[2])).expect("a free seat");
    let last = shop.hold(0, 1, 1);
    assert_eq!(shop.one(shop::reserve(0, 1, 2)), Err(Refusal::SoldOut));
    let (_, rows) = shop.batch(&onsale_domain::command::Batch { commands: vec![shop::pay(1, last)] });
    let told = rows.iter().filter(|row| matches!(row, Row::News(news) if news.kind == Kind::SoldOut));
    assert_eq!(told.count(), 1);
}

#[test]
fn a_catalog_leaves_it_where_it_is() {
    let mut shop = shop(3);
    one(&mut shop, withhold(&[3])).expect("a free seat");
    let publish = |seats| {
        let upload = UploadId(5);
        vec![
            Command::Stage { upload, part: shop::catalog(seats) },
            Command::Publish { upload },
            Command::Discard { upload },
        ]
    };
    let in_use = CatalogRefusal::SeatInUse { schedule: DATE, seat: SeatId(3) };
    assert_eq!(shop.all(publish(2))[1], Err(Refusal::Catalog(in_use)));
    let remove = Command::RemoveSchedule { schedule: DATE };
    let refused = Err(Refusal::Catalog(CatalogRefusal::ScheduleInUse { schedule: DATE }));
    assert_eq!(shop.one(remove.clone()), refused);
    shop.all(publish(5))[1].clone().expect("seats are added");
    shop.restart();
    assert_eq!(counts(&shop), [4, 0, 0, 1]);
    one(&mut shop, give_back(&[3])).expect("it is held back");
    shop.one(remove).expect("nobody has any of it");
}

#[test]
fn who_did_it_and_why_is_on_record() {
    let mut shop = shop(9);
    let by = Operator { key: KeyId(9), name: Some("Kim".to_owned()) };
    let commands = [withhold(&[1, 2, 3, 7]), give_back(&[2]), give_back(&[2])];
    let commands = commands.map(|command| Command::Operate { by: by.clone(), command: Box::new(command) });
    let (outcomes, rows) = shop.batch(&onsale_domain::command::Batch { commands: commands.into() });
    assert_eq!(outcomes[..2], [Ok(Reply::Done), Ok(Reply::Done)]);
    let levers: Vec<_> =
        rows.iter().filter_map(|row| if let Row::Lever(lever) = row { Some(lever) } else { None }).collect();
    let words = |at: usize| [levers[at].target.as_str(), levers[at].before.as_str(), levers[at].after.as_str()];
    assert_eq!(levers.len(), 2, "what was refused leaves no record");
    assert_eq!([levers[0].action, levers[1].action], [Action::WithholdSeats, Action::GiveSeatsBack]);
    assert_eq!(words(0), ["schedule 1, seats 1-3, 7", "", "state withheld, seats 4, reason: camera"]);
    assert_eq!(words(1), ["schedule 1, seats 2", "state withheld", "state on sale, seats 1, reason: no camera"]);
}
