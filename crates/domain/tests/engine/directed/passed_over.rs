//! Numbers that others may have been given in what a restored store has lost.

use onsale_domain::command::{Batch, Command, Entrant, Entry};
use onsale_domain::ids::{INTEGER_MAX, KeyId, ReservationId, UserId};
use onsale_domain::level::RESTORED;
use onsale_domain::operator::{Action, Operator};
use onsale_domain::reply::{Entered, Outcome, Refusal, Reply};
use onsale_domain::row::Row;
use onsale_domain::settings::Settings;
use onsale_domain::time::Time;
use onsale_domain::user::SUBJECT_FIRST;

use super::patient;
use crate::shop::{self, QUEUE, Shop};

fn pass_over(numbers: u64) -> Command {
    Command::PassOver { numbers, entry: 2, lost_from: Time(1_000), lost_until: Time(6_000) }
}

fn enter(name: u8) -> Command {
    let entry = Entry { entrant: Entrant::Pseudonym([name; 32]), asked: None, once: None, limit: None, tier: None };
    Command::Enter { entry, queue: QUEUE, key: KeyId(1) }
}

fn number(outcome: &Outcome) -> u64 {
    match outcome {
        Ok(Reply::Entered(Entered { user: UserId(number), .. })) => *number,
        other => panic!("nobody entered: {other:?}"),
    }
}

/// The last numbers that were given out: of reservations, payments, transfers.
fn numbers(shop: &Shop) -> [u64; 3] {
    let counters = shop.engine.mark().counters;
    [counters.next_reservation.0, counters.next_payment.0, counters.next_transfer.0].map(|next| next - 1)
}

#[test]
fn no_number_of_before_is_given_out_again() {
    let mut shop = Shop::open(patient(10), Settings { hold_limit_per_user: 9, ..Settings::default() }, 4);
    let buy = |user, seat, reservation| {
        let ids = ReservationId(reservation);
        vec![
            shop::join(user),
            shop::charge(user, 500),
            shop::reserve(user as u32 - 1, user, seat),
            shop::pay(user, ids),
        ]
    };
    shop.one(Command::Raise { level: RESTORED }).expect("a raise");
    assert!(shop.all(buy(1, 1, 1)).iter().all(Result::is_ok));
    assert_eq!(number(&shop.one(enter(7))), SUBJECT_FIRST);
    let before = numbers(&shop);
    let by = Operator { key: KeyId(1), name: Some("onsale restore".to_owned()) };
    let operate = Command::Operate { by, command: Box::new(pass_over(1_000)) };
    let (outcomes, rows) = shop.batch(&Batch { commands: vec![operate] });
    assert_eq!(outcomes, [Ok(Reply::Done)]);
    let is_record = |row: &Row| matches!(row, Row::Lever(lever) if lever.action == Action::RestoreStore);
    assert!(rows.iter().any(is_record), "it is on record");
    assert_eq!(numbers(&shop), before.map(|last| last + 1_000));
    // Loaded from its rows it is the same: `restart` compares them.
    shop.restart();
    assert_eq!(shop.engine.subjects().passed_over(), 1_000);
    assert_eq!(number(&shop.one(enter(7))), SUBJECT_FIRST, "who is known keeps their number");
    assert!(number(&shop.one(enter(8))) > SUBJECT_FIRST + 1_000);
    let [reservation, payment, _] = numbers(&shop);
    let bought = shop.all(vec![shop::join(4), shop::charge(4, 500), shop::reserve(3, 4, 2)]);
    assert!(bought.iter().all(Result::is_ok), "{bought:?}");
    let mine = ReservationId(reservation + 1);
    assert_eq!(shop.engine.reservation(mine).map(|row| row.user), Some(UserId(4)));
    shop.one(shop::pay(4, mine)).expect("it is held");
    assert_eq!(numbers(&shop)[1], payment + 1);
}

#[test]
fn numbers_stay_what_every_client_can_carry() {
    let mut shop = Shop::open(patient(10), Settings::default(), 1);
    shop.one(Command::Raise { level: RESTORED }).expect("a raise");
    let before = shop.engine.mark().counters;
    for numbers in [0, INTEGER_MAX, u64::MAX, SUBJECT_FIRST - 1] {
        assert_eq!(shop.one(pass_over(numbers)), Err(Refusal::SettingInvalid("numbers")), "{numbers}");
    }
    assert_eq!(shop.engine.mark().counters, before, "what is refused changes nothing");
    assert_eq!(shop.one(pass_over(SUBJECT_FIRST - 2)), Ok(Reply::Done));
    assert_eq!(shop.engine.subjects().passed_over(), SUBJECT_FIRST - 2);
}
