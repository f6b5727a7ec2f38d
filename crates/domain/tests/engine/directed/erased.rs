//! People who are erased.

use onsale_domain::command::{Batch, Command, Entrant, Entry};
use onsale_domain::ids::{KeyId, ReservationId, ScheduleId, SeatId, UserId};
use onsale_domain::level::PRIVACY;
use onsale_domain::operator::{Action, Operator};
use onsale_domain::reply::{Entered, Erased, Outcome, Refusal, Reply};
use onsale_domain::reservation::State;
use onsale_domain::row::Row;
use onsale_domain::settings::Settings;
use onsale_domain::user::SUBJECT_FIRST;

use super::patient;
use crate::shop::{self, QUEUE, Shop};

const ANNA: Entrant = Entrant::Pseudonym([7; 32]);
const NUMBER: u64 = SUBJECT_FIRST;

fn open() -> Shop {
    let mut shop = Shop::open(patient(10), Settings::default(), 4);
    shop.one(Command::Raise { level: PRIVACY }).expect("a raise");
    shop
}

fn enter(entrant: Entrant) -> Command {
    let entry = Entry { entrant, asked: None, once: None, limit: None, tier: None };
    Command::Enter { entry, queue: QUEUE, key: KeyId(1) }
}

fn number(outcome: &Outcome) -> u64 {
    match outcome {
        Ok(Reply::Entered(Entered { user: UserId(number), .. })) => *number,
        other => panic!("nobody entered: {other:?}"),
    }
}

fn erase(entrant: Entrant, force: bool) -> Command {
    Command::ErasePerson { entrant, force }
}

fn erased(user: Option<u64>) -> Outcome {
    Ok(Reply::Erased(Erased { user: user.map(UserId) }))
}

#[test]
fn nothing_leads_to_the_number_and_nobody_gets_it_again() {
    let mut shop = open();
    assert_eq!(number(&shop.one(enter(ANNA))), NUMBER);
    let held = shop.one(shop::reserve(0, NUMBER, 1));
    assert!(held.is_ok(), "{held:?}");
    let by = Operator { key: KeyId(1), name: Some("Dana".to_owned()) };
    let operate = Command::Operate { by, command: Box::new(erase(ANNA, false)) };
    let (outcomes, rows) = shop.batch(&Batch { commands: vec![operate] });
    assert_eq!(outcomes, [erased(Some(NUMBER))]);
    let is_record = |row: &Row| matches!(row, Row::Lever(lever) if lever.action == Action::ErasePerson && lever.target == format!("user {NUMBER}"));
    assert!(rows.iter().any(is_record), "it is on record");
    let reservation = shop.engine.reservation(ReservationId(1)).map(|row| row.state);
    assert!(matches!(reservation, Some(State::Released { .. })), "what was held is free: {reservation:?}");
    assert!(shop.engine.queues()[0].live_ticket(UserId(NUMBER)).is_none(), "the place has ended");
    assert!(shop.engine.revoked().since(UserId(NUMBER)) > shop.engine.mark().time, "no token opens anything");
    assert_eq!(shop.engine.subjects().get(&[7; 32]), None);
    // Once more is no harm, and a node whose key is not punctured makes nobody new of it.
    assert_eq!(shop.one(erase(ANNA, false)), erased(None));
    assert_eq!(shop.one(enter(ANNA)), Err(Refusal::PseudonymOver));
    // The highest number is nobody's: who loads the rows knows that it was given out.
    shop.restart();
    assert_eq!(shop.one(enter(ANNA)), Err(Refusal::PseudonymOver));
    assert_eq!(number(&shop.one(enter(Entrant::Pseudonym([8; 32])))), NUMBER + 1);
    assert_eq!((shop.engine.subjects().len(), shop.engine.subjects().passed_over()), (2, 0));
}

#[test]
fn what_would_be_lost_has_to_be_given_up_by_word() {
    let mut shop = open();
    shop.one(enter(ANNA)).expect("a place");
    let bought = [shop::charge(NUMBER, 500), shop::reserve(0, NUMBER, 1), shop::pay(NUMBER, ReservationId(1))];
    assert!(shop.all(bought.to_vec()).iter().all(Result::is_ok));
    let balance = shop.engine.wallets().balance(UserId(NUMBER));
    let before = shop.engine.mark().fingerprint;
    assert_eq!(shop.one(erase(ANNA, false)), Err(Refusal::ErasureLoses { balance, tickets: 1 }));
    assert_eq!(shop.engine.mark().fingerprint, before, "what is refused changes nothing");
    assert_eq!(shop.one(erase(ANNA, true)), erased(Some(NUMBER)));
    let kept = shop.engine.reservation(ReservationId(1)).map(|row| row.state);
    assert!(matches!(kept, Some(State::Paid { .. })), "books are kept: {kept:?}");
    assert_eq!(shop.engine.wallets().balance(UserId(NUMBER)), balance);
    shop.restart();
}

#[test]
fn tickets_of_a_date_that_is_over_are_no_loss() {
    let mut shop = open();
    shop.one(enter(ANNA)).expect("a place");
    let price = shop.engine.seat(ScheduleId(1), SeatId(1)).expect("a seat").0.amount;
    let bought = [shop::charge(NUMBER, price), shop::reserve(0, NUMBER, 1), shop::pay(NUMBER, ReservationId(1))];
    assert!(shop.all(bought.to_vec()).iter().all(Result::is_ok));
    assert_eq!(shop.one(erase(ANNA, false)), Err(Refusal::ErasureLoses { balance: 0, tickets: 1 }));
    shop.now += 400 * 86_400_000;
    assert_eq!(shop.one(erase(ANNA, false)), erased(Some(NUMBER)));
}

/// What came before the level has a name that anybody can make who guesses it: it finds its number as long as it is there, and no
/// new one.
#[test]
fn a_plain_name_of_before_finds_its_number_until_it_is_erased() {
    let mut shop = Shop::open(patient(10), Settings::default(), 4);
    shop.one(Command::Raise { level: PRIVACY - 1 }).expect("a raise");
    let plain = Entrant::Subject([5; 32]);
    assert_eq!(number(&shop.one(enter(plain.clone()))), NUMBER);
    shop.one(Command::Raise { level: PRIVACY }).expect("a raise");
    assert_eq!(number(&shop.one(enter(plain.clone()))), NUMBER);
    assert_eq!(shop.one(enter(Entrant::Subject([6; 32]))), Err(Refusal::PseudonymOver));
    assert_eq!(shop.one(erase(plain.clone(), false)), erased(Some(NUMBER)));
    assert_eq!(shop.one(enter(plain.clone())), Err(Refusal::PseudonymOver));
    assert_eq!(shop.one(erase(plain, false)), Err(Refusal::PersonNotFound));
    shop.restart();
    assert_eq!(number(&shop.one(enter(ANNA))), NUMBER + 1);
}

/// Their number is not ours to take away: they come again under it, and are erased again.
#[test]
fn whom_a_shop_numbers_can_be_erased_again() {
    let mut shop = open();
    let user = Entrant::User(UserId(2));
    for _ in 0..2 {
        shop.one(shop::join(2)).expect("a place");
        assert_eq!(shop.one(erase(user.clone(), false)), erased(Some(2)));
        assert!(shop.engine.queues()[0].live_ticket(UserId(2)).is_none());
        assert_eq!(shop.engine.erasures().at(UserId(2)), Some(shop.engine.mark().time));
        shop.now += 5_000;
        shop.restart();
    }
    assert_eq!((shop.engine.erasures().len(), shop.engine.subjects().len()), (1, 0));
}
