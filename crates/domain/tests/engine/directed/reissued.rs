//! Tickets that are issued anew.

use onsale_domain::command::Command;
use onsale_domain::ids::{KeyId, ReservationId, SeatId};
use onsale_domain::level::RANKS;
use onsale_domain::operator::{Action, Operator};
use onsale_domain::reply::{Outcome, Refusal, Reply};
use onsale_domain::row::Row;
use onsale_domain::settings::Settings;

use super::patient;
use crate::shop::{self, Shop};

const PAID: ReservationId = ReservationId(1);

fn reissue(reservation: ReservationId, seat: Option<u64>) -> Command {
    Command::Reissue { reservation, seat: seat.map(SeatId), reason: "a lost phone".to_owned() }
}

/// User 1 has paid seats 1 and 2, and holds seat 3.
fn shop() -> Shop {
    let mut shop = Shop::open(patient(10), Settings { hold_limit_per_user: 9, ..Settings::default() }, 4);
    let done = shop.all(vec![
        Command::Raise { level: RANKS },
        shop::join(1),
        shop::charge(1, 500),
        shop::reserve_all(0, 1, &[1, 2]),
        shop::reserve(0, 1, 3),
        shop::pay(1, PAID),
    ]);
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    shop
}

fn issues(shop: &Shop) -> [u32; 2] {
    [1, 2].map(|seat| shop.engine.reissued().of(PAID, SeatId(seat)))
}

#[test]
fn each_seat_has_the_one_that_was_issued_last() {
    let mut shop = shop();
    assert_eq!(issues(&shop), [0, 0]);
    assert_eq!(shop.one(reissue(PAID, Some(2))), Ok(Reply::Reissued(PAID)));
    assert_eq!(issues(&shop), [0, 1]);
    shop.restart();
    assert_eq!(shop.one(reissue(PAID, None)), Ok(Reply::Reissued(PAID)));
    assert_eq!(issues(&shop), [1, 2]);
    shop.restart();
    assert_eq!(issues(&shop), [1, 2]);
}

#[test]
fn what_has_no_ticket_is_refused_and_nothing_changes() {
    let mut shop = shop();
    let fingerprint = |shop: &Shop| shop.engine.mark().fingerprint;
    let before = fingerprint(&shop);
    let refused = |shop: &mut Shop, command| -> Outcome { shop.one(command) };
    assert_eq!(refused(&mut shop, reissue(ReservationId(2), None)), Err(Refusal::NotPaid));
    assert_eq!(refused(&mut shop, reissue(ReservationId(9), None)), Err(Refusal::ReservationNotFound));
    assert_eq!(refused(&mut shop, reissue(PAID, Some(3))), Err(Refusal::SeatNotFound([SeatId(3)].into())));
    let unreasoned = Command::Reissue { reservation: PAID, seat: None, reason: String::new() };
    assert_eq!(refused(&mut shop, unreasoned), Err(Refusal::SettingInvalid("reason")));
    assert_eq!((fingerprint(&shop), issues(&shop)), (before, [0, 0]));
}

#[test]
fn it_is_on_record_with_its_reason() {
    let mut shop = shop();
    let by = Operator { key: KeyId(7), name: Some("Kim".to_owned()) };
    let operate = Command::Operate { by, command: Box::new(reissue(PAID, Some(1))) };
    let (_, rows) = shop.batch(&onsale_domain::command::Batch { commands: vec![operate] });
    let lever = rows.iter().find_map(|row| if let Row::Lever(lever) = row { Some(lever) } else { None });
    let lever = lever.expect("it is on record");
    assert_eq!(lever.action, Action::ReissueTickets);
    assert_eq!(lever.target, "reservation 1 (user 1, schedule 1, seat 1)");
    assert_eq!(lever.after, "tickets replaced, reason: a lost phone");
}
