//! Seats at several prices, and wheelchair places: what was held stays what it was, and the last moment counts.

use onsale_domain::command::Command;
use onsale_domain::concert::{Attributes, Line, Price, PriceCount, PriceType, PriceTypeId, Terms, Together, Wish};
use onsale_domain::ids::{ReservationId, ScheduleId, SeatId, UploadId, UserId};
use onsale_domain::level::{OFFERS, SELLING};
use onsale_domain::reply::{CatalogRefusal, Outcome, Refusal, Reply};
use onsale_domain::settings::Settings;
use onsale_domain::time::Time;

use super::patient;
use crate::shop::{self, BEGIN_MS, Shop};

const DATE: ScheduleId = ScheduleId(1);
/// Until when wheelchair places are kept.
const UNTIL_MS: u64 = BEGIN_MS + 1_000;

/// Six seats of 100, of which children pay `child` for the first four; seat 3 is a wheelchair place, seat 4 its companion's, and
/// seat 5 all that there is of category P2.
fn part(child: u64) -> onsale_domain::command::CatalogPart {
    let mut part = shop::catalog(6);
    let types = ["adult", "child"].map(|name| PriceType { id: name.into(), title: None });
    part.schedules[0].price_types = Some(types.to_vec());
    part.schedules[0].accessible_until = Some(Time(UNTIL_MS));
    let attributes = [0, 0, 1, 2].map(Attributes);
    for (seat, attributes) in part.seats.iter_mut().zip(attributes) {
        let prices = vec![Price { price_type: "child".into(), amount: child }];
        seat.terms = Terms { category: Some("P1".to_owned()), prices, attributes }.shared();
    }
    part.seats[4].terms = Terms { category: Some("P2".to_owned()), ..Terms::default() }.shared();
    part
}

fn publish(shop: &mut Shop, child: u64) -> Outcome {
    let upload = UploadId(2);
    shop.all(vec![Command::Stage { upload, part: part(child) }, Command::Publish { upload }]).remove(1)
}

fn shop() -> Shop {
    let settings = Settings { hold_limit_per_user: 10, ..Settings::default() };
    let mut shop = Shop::open(patient(10), settings, 1);
    shop.one(Command::Raise { level: OFFERS }).expect("it can be raised");
    publish(&mut shop, 40).expect("it is sound");
    shop.one(shop::join(1)).expect("there is room");
    shop
}

fn line(seat: u64, price_type: Option<&str>, accessible: bool) -> Line {
    Line { seat: SeatId(seat), price_type: price_type.map(PriceTypeId::from), accessible }
}

fn ask(shop: &mut Shop, seats: Vec<Line>) -> Result<ReservationId, Refusal> {
    let (ticket, user) = (shop::ticket(0), UserId(1));
    match shop.one(Command::ReserveLines { ticket, user, schedule: DATE, seats, key: None })? {
        Reply::Reserved(once) => Ok(once.value.reservation),
        other => panic!("no hold: {other:?}"),
    }
}

fn wish(shop: &mut Shop, wish: Wish) -> Result<Vec<u64>, Refusal> {
    let (ticket, user) = (shop::ticket(0), UserId(1));
    match shop.one(Command::ReserveBest { ticket, user, schedule: DATE, wish, key: None })? {
        Reply::Reserved(once) => {
            let held = shop.engine.reservation(once.value.reservation).expect("it was just held");
            Ok(held.seats.iter().map(|seat| seat.0).collect())
        }
        other => panic!("no hold: {other:?}"),
    }
}

#[test]
fn what_was_held_keeps_its_price_and_whose_it_is() {
    let mut shop = shop();
    let held = ask(&mut shop, vec![line(1, Some("child"), false), line(2, None, false)]).expect("both are free");
    publish(&mut shop, 70).expect("prices may change");
    shop.restart();
    let row = shop.engine.reservation(held).expect("it is held").clone();
    assert_eq!((row.amount, &*row.amounts), (140, [40, 100].as_slice()));
    let names: Vec<&str> = row.price_types.iter().map(PriceTypeId::as_str).collect();
    assert_eq!(names, ["child", "adult"], "who names none is of the first");
    shop.one(shop::charge(1, 200)).expect("it is within the limit");
    shop.one(shop::pay(1, held)).expect("it can be paid");
    assert_eq!(shop.engine.wallets().balance(UserId(1)), 60);
    shop.restart();
}

#[test]
fn a_price_that_a_seat_has_not_is_refused_by_the_seat() {
    let mut shop = shop();
    let not_offered = |seats: &[u64]| Refusal::PriceTypeNotOffered(seats.iter().copied().map(SeatId).collect());
    let asked = vec![line(1, Some("child"), false), line(5, Some("child"), false), line(6, Some("nobody"), false)];
    assert_eq!(ask(&mut shop, asked), Err(not_offered(&[5, 6])));
    assert_eq!(shop.engine.available(DATE), Some(6));
    let child = |count| Some(vec![PriceCount { price_type: "child".into(), count }]);
    let together = Wish { price_types: child(2), ..Wish::of(2, Together::Required) };
    assert_eq!(wish(&mut shop, together), Ok(vec![1, 2]), "only where there is such a price");
    let nobody = Some(vec![PriceCount { price_type: "nobody".into(), count: 1 }]);
    assert_eq!(wish(&mut shop, Wish { price_types: nobody, ..Wish::of(1, Together::Required) }), Err(not_offered(&[])));
    let elsewhere = Wish { category: Some("P2".to_owned()), price_types: child(1), ..Wish::of(1, Together::Required) };
    assert_eq!(wish(&mut shop, elsewhere), Err(not_offered(&[])), "nobody pays that there");
    let more = Wish { price_types: child(1), ..Wish::of(2, Together::Required) };
    assert_eq!(wish(&mut shop, more), Err(Refusal::SeatsInvalid));
}

#[test]
fn wheelchair_places_are_kept_to_the_moment() {
    let mut shop = shop();
    let seats = |seats: &[u64]| seats.iter().copied().map(SeatId).collect::<Box<[_]>>();
    assert_eq!(shop.one(shop::reserve(0, 1, 3)), Err(Refusal::WheelchairPlace(seats(&[3]))), "by who cannot say so");
    assert_eq!(ask(&mut shop, vec![line(4, None, false)]), Err(Refusal::CompanionSeat(seats(&[4]))));
    let mistaken = vec![line(1, None, true), line(2, None, false)];
    assert_eq!(ask(&mut shop, mistaken), Err(Refusal::NotWheelchairPlace(seats(&[1]))));
    let both = ask(&mut shop, vec![line(3, None, true), line(4, Some("child"), false)]).expect("both are free");
    let (user, reservation) = (UserId(1), both);
    shop.one(Command::Cancel { user, reservation }).expect("it is theirs");
    let place = Wish { accessible: Some(1), ..Wish::of(2, Together::Required) };
    assert_eq!(wish(&mut shop, place.clone()), Ok(vec![3, 4]));
    assert_eq!(wish(&mut shop, place), Err(Refusal::SeatsTooFew));
    assert_eq!(wish(&mut shop, Wish::of(4, Together::Preferred)), Ok(vec![1, 2, 5, 6]));

    let mut shop = self::shop();
    shop.now = UNTIL_MS - 1;
    assert_eq!(wish(&mut shop, Wish::of(6, Together::Required)), Err(Refusal::SeatsTooFew));
    shop.now = UNTIL_MS;
    assert_eq!(wish(&mut shop, Wish::of(6, Together::Required)), Ok(vec![1, 2, 3, 4, 5, 6]));
}

#[test]
fn a_catalog_whose_offers_do_not_fit_is_refused_as_a_whole() {
    let mut shop = shop();
    let (schedule, upload) = (DATE, UploadId(3));
    let mut refused = |change: &dyn Fn(&mut onsale_domain::command::CatalogPart)| {
        let mut part = part(40);
        change(&mut part);
        let outcome =
            shop.all(vec![Command::Stage { upload, part }, Command::Publish { upload }, Command::Discard { upload }]);
        outcome[1].clone().expect_err("it does not fit")
    };
    let terms = |attributes| Terms { attributes: Attributes(attributes), ..Terms::default() }.shared();
    let of = Refusal::Catalog;
    assert_eq!(
        refused(&|part| part.seats[4].terms = terms(2)),
        of(CatalogRefusal::CompanionAlone { schedule, seat: SeatId(5) })
    );
    assert_eq!(
        refused(&|part| part.seats[4].terms = terms(3)),
        of(CatalogRefusal::AttributesInvalid { schedule, seat: SeatId(5) })
    );
    assert_eq!(
        refused(&|part| part.schedules[0].price_types = None),
        of(CatalogRefusal::PriceTypeUnknown { schedule, seat: SeatId(1) })
    );
    assert_eq!(
        refused(&|part| {
            part.schedules[0].price_types = None;
            part.seats.clear();
        }),
        of(CatalogRefusal::PriceTypeUnknown { schedule, seat: SeatId(1) }),
        "the seats that it keeps have prices"
    );
    assert_eq!(
        refused(&|part| part.schedules[0].price_types = Some(Vec::new())),
        of(CatalogRefusal::PriceTypesInvalid { schedule })
    );
}

#[test]
fn below_its_level_nothing_of_it_is_published() {
    let mut shop = Shop::open(patient(10), Settings::default(), 1);
    shop.one(Command::Raise { level: SELLING }).expect("it can be raised");
    let refusal = Refusal::Catalog(CatalogRefusal::BelowLevel { schedule: DATE });
    assert_eq!(publish(&mut shop, 40), Err(refusal));
}
