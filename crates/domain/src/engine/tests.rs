//! Rules that only a small store shows.

use crate::command::{Batch, CatalogPart, Command};
use crate::concert::{Concert, Schedule, SeatSpec};
use crate::idempotency::{Key, Store};
use crate::ids::{ConcertId, KeyId, QueueId, ReservationId, ScheduleId, SeatId, TicketId, UploadId, UserId};
use crate::level;
use crate::queue::CHUNK;
use crate::reply::{Outcome, Refusal, Reply};
use crate::time::Time;

use super::Engine;

const KEYS_MAX: usize = 32;

/// A store with room for a few keys, one seat, and user 1 inside.
fn store_at(level: u32) -> Engine {
    let mut engine = Engine::new();
    engine.keys = Store::bounded(KEYS_MAX);
    let (concert, schedule) = (ConcertId(1), ScheduleId(1));
    let (starts_at, ends_at, zone) = (Time(2), Time(3), "Asia/Seoul".to_owned());
    let part = CatalogPart {
        concerts: vec![Concert { id: concert, title: "서울".to_owned(), queue: "default".to_owned() }],
        schedules: vec![Schedule {
            id: schedule,
            concert,
            zone,
            starts_at,
            ends_at,
            price_types: None,
            accessible_until: None,
            on_sale_at: None,
            off_sale_at: None,
            orphans: None,
        }],
        seats: vec![SeatSpec {
            schedule,
            seat: SeatId(1),
            position: 1,
            amount: 100,
            section: None,
            row: None,
            number: None,
            terms: None,
            standing: false,
            rank: None,
        }],
    };
    let upload = UploadId(1);
    for command in [
        Command::Raise { level },
        Command::Stage { upload, part },
        Command::Publish { upload },
        Command::Join { user: UserId(1), queue: QueueId(0), key: KeyId(1) },
    ] {
        one(&mut engine, command).expect("nothing is refused");
    }
    engine
}

fn one(engine: &mut Engine, command: Command) -> Outcome {
    let seq = engine.seq + 1;
    engine.apply(seq, Time(seq), &Batch { commands: vec![command] }, &mut Vec::new()).remove(0)
}

fn key(n: u64) -> Option<Key> {
    Some(Key { hash: u128::from(n).to_be_bytes() })
}

fn charge(user: u64, n: u64) -> Command {
    Command::Charge { user: UserId(user), amount: 100, key: key(n) }
}

fn reserve() -> Command {
    let (ticket, user) = (TicketId { queue: QueueId(0), number: 0 }, UserId(1));
    Command::Reserve { ticket, user, schedule: ScheduleId(1), seats: vec![SeatId(1)], key: key(1) }
}

fn pay() -> Command {
    Command::Pay { user: UserId(1), reservation: ReservationId(1), key: key(1) }
}

/// Users whom anybody can name store keys with charges, as many as there is room for, and go on.
fn spend_all_keys(engine: &mut Engine) -> Vec<Outcome> {
    (0..4 * KEYS_MAX as u64).map(|n| one(engine, charge(1_000 + n % 4, n))).collect()
}

#[test]
fn whoever_stores_keys_in_bulk_stops_no_buyer() {
    let mut engine = store_at(level::FAIRNESS);
    let charged = one(&mut engine, charge(1, 1)).expect("a charge");
    assert!(spend_all_keys(&mut engine).iter().all(Result::is_ok), "nor is anybody refused");
    for command in [reserve(), pay()] {
        let done = one(&mut engine, command.clone()).expect("a buyer is served in a full store");
        let again = one(&mut engine, command).expect("and so is the retry");
        let replayed = |reply| match reply {
            Reply::Reserved(stored) => stored.replayed,
            Reply::Paid(stored) => stored.replayed,
            other => panic!("{other:?}"),
        };
        assert_eq!((replayed(done), replayed(again)), (false, true));
    }
    let Ok(Reply::Charged(again)) = one(&mut engine, charge(1, 1)) else { panic!("the buyer's key is there") };
    assert!(again.replayed && matches!(charged, Reply::Charged(first) if first.value == again.value));
    assert_eq!(engine.keys.len(), KEYS_MAX);
}

/// Whoever may ask for tokens of new users fills the memory of tickets; that costs nobody who has a place.
#[test]
fn whoever_takes_all_tickets_keeps_newcomers_out_and_nobody_else() {
    const TICKETS_MAX: u32 = 2 * CHUNK;
    let mut engine = store_at(level::FAIRNESS);
    engine.queues[0].bound(TICKETS_MAX);
    let join = |user: u32| Command::Join { user: UserId(1_000 + u64::from(user)), queue: QueueId(0), key: KeyId(1) };
    let leave = |number: u32| Command::Leave { ticket: TicketId { queue: QueueId(0), number }, user: None };
    for user in 1..TICKETS_MAX {
        one(&mut engine, join(user)).expect("there is room");
    }
    assert_eq!(engine.queues[0].remembered(), TICKETS_MAX);
    assert_eq!(one(&mut engine, join(TICKETS_MAX)), Err(Refusal::Full("tickets")));
    assert!(matches!(one(&mut engine, join(7)), Ok(Reply::Joined(_))), "who has a place keeps it");
    assert!(matches!(one(&mut engine, reserve()), Ok(Reply::Reserved(_))), "and who is inside buys");
    // Places that are given up are forgotten at once in a crowd, block by block.
    for number in 0..TICKETS_MAX {
        one(&mut engine, leave(number)).expect("a place that is given up");
    }
    for user in 0..TICKETS_MAX {
        let Ok(Reply::Joined(joined)) = one(&mut engine, join(TICKETS_MAX + user)) else { panic!("user {user}") };
        one(&mut engine, leave(joined.ticket.number)).expect("it is left again");
    }
}

#[test]
fn below_that_level_a_full_store_does_what_it_did() {
    let mut engine = store_at(level::EDGES);
    let outcomes = spend_all_keys(&mut engine);
    let full = Err(Refusal::Full("idempotency keys"));
    assert!(outcomes[KEYS_MAX..].iter().all(|outcome| *outcome == full));
    assert_eq!(one(&mut engine, reserve()), full);
}
