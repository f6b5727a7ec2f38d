//! The observer must catch what a broken engine would say.

use onsale_domain::command::{Batch, Command};
use onsale_domain::ids::*;
use onsale_domain::operator::Operator;
use onsale_domain::queue::{Drawn, Mode, Opening, Phase, State, Tier, Tiered};
use onsale_domain::reservation;
use onsale_domain::row::*;
use onsale_domain::settings::QueueSettings;
use onsale_domain::time::Time;

use super::*;

const QUEUE: QueueId = QueueId(0);

fn queue(active_limit: u32) -> Row {
    queue_in(Phase::Open, active_limit)
}

fn queue_in(phase: Phase, active_limit: u32) -> Row {
    Row::Queue(Box::new(QueueRow {
        id: QUEUE,
        name: "default".to_owned(),
        mode: Mode::Open,
        opening: Opening::default(),
        phase,
        draw: None,
        tiered: None,
        settings: QueueSettings { active_limit, ..QueueSettings::default() },
        next_number: 0,
        first_number: 0,
        next_return: 0,
        seen_floor: Time(0),
        admitted: Vec::new(),
    }))
}

fn ticket(number: u32, state: State) -> Row {
    let ticket = TicketId { queue: QUEUE, number };
    let (user, issued_at, joined_at) = (UserId(u64::from(number)), Time(1), None);
    Row::Ticket(TicketRow { ticket, user, key: KeyId(0), issued_at, joined_at, tier: None, admitted_at: None, state })
}

fn inside(number: u32) -> Row {
    ticket(number, State::Progress { until: Time(9) })
}

fn reservation(id: u64, seat: u64, state: reservation::State) -> Row {
    Row::Reservation(ReservationRow {
        id: ReservationId(id),
        user: UserId(1),
        schedule: ScheduleId(1),
        seats: Box::new([SeatId(seat)]),
        amount: 5,
        amounts: Box::default(),
        price_types: Box::default(),
        reserved_at: Time(1),
        reserved_until: Time(9),
        extended: false,
        state,
    })
}

fn transfer(debit: Account, credit: Account, amount: u64, payment: Option<PaymentId>) -> Row {
    Row::Transfer(TransferRow { id: TransferId(1), at: Time(1), debit, credit, amount, payment })
}

fn payment(id: u64, amount: u64) -> Row {
    let (id, reservation) = (PaymentId(id), ReservationId(1));
    Row::Payment(PaymentRow { id, reservation, user: UserId(1), amount, paid_at: Time(1) })
}

/// What the observer says of entries with these rows.
fn check(entries: &[&[Row]], expected: &[&str]) {
    let mut observer = Observer::new();
    for (seq, rows) in (1..).zip(entries) {
        observer.entry(seq, &Batch::default(), rows);
    }
    let violations: Vec<_> = observer.finish().into_iter().flat_map(|tally| tally.violations).collect();
    assert_eq!(violations, expected);
}

#[test]
fn the_limit_is_judged_at_every_admission() {
    check(&[&[inside(0), inside(1), queue(2)]], &[]);
    check(&[&[queue(1)], &[inside(0)], &[inside(1)]], &["entry 3: 2 inside queue 0, whose limit is 1"]);
    let gone = ticket(0, State::Done { at: Time(2) });
    check(&[&[queue(1)], &[inside(0), gone.clone(), inside(1)]], &[]);
    check(&[&[queue(1)], &[inside(0)], &[inside(1), gone]], &["entry 3: 2 inside queue 0, whose limit is 1"]);
    // Lowering the limit puts nobody out.
    check(&[&[inside(0), inside(1), queue(2)], &[queue(1)]], &[]);
}

#[test]
fn another_token_for_a_place_is_no_admission() {
    check(&[&[queue(2), inside(0), inside(1)], &[queue(1)], &[inside(0)]], &[]);
}

/// The queue, in which a session may become so long in all.
fn queue_to(session_max_ms: u64) -> Row {
    match queue(2) {
        Row::Queue(mut row) => {
            row.settings.session_max_ms = Some(session_max_ms);
            Row::Queue(row)
        }
        row => row,
    }
}

fn inside_from(at: u64, until: u64) -> Row {
    match ticket(0, State::Progress { until: Time(until) }) {
        Row::Ticket(row) => Row::Ticket(TicketRow { admitted_at: Some(Time(at)), ..row }),
        row => row,
    }
}

#[test]
fn a_session_becomes_longer_and_is_no_admission() {
    check(&[&[queue_to(11), inside_from(1, 9)], &[inside_from(1, 10)], &[inside_from(1, 12)]], &[]);
    let told =
        |until| format!("entry 2: the session of ticket 0-0 ended at {:?}, and then at {:?}", Time(9), Time(until));
    check(&[&[queue_to(11), inside_from(1, 9)], &[inside_from(1, 8)]], &[&told(8)]);
    check(&[&[queue_to(11), inside_from(1, 9)], &[inside_from(2, 10)]], &[&told(10)]);
    let at_first = ticket(0, State::Progress { until: Time(10) });
    check(&[&[queue(2), inside(0)], &[at_first]], &[&told(10)]);
    // Of whom it was not known before.
    check(&[&[queue(2), inside(0)], &[queue_to(11), inside_from(1, 10)]], &[]);
}

#[test]
fn a_session_becomes_no_longer_than_its_queue_allows() {
    let lasts = |ms: u64, max_ms: Option<u64>| {
        format!("entry 2: the session of ticket 0-0 lasts {ms} ms, and may last {max_ms:?}")
    };
    check(&[&[queue_to(11), inside_from(1, 9)], &[inside_from(1, 13)]], &[&lasts(12, Some(11))]);
    check(&[&[queue_to(11), inside_from(1, 9)], &[queue(2)], &[queue_to(8)]], &[]);
    check(&[&[queue(2), inside(0)], &[inside_from(1, 10)]], &[&lasts(9, None)]);
    // By what held before the entry, or after it, or was given and taken back in it.
    check(&[&[queue_to(11), inside_from(1, 9)], &[inside_from(1, 12), queue_to(9)]], &[]);
    check(&[&[queue_to(9), inside_from(1, 9)], &[inside_from(1, 12), queue_to(11)]], &[]);
    let settings = QueueSettings { session_max_ms: Some(11), ..QueueSettings::default() };
    let given = Command::ConfigureQueue { queue: QUEUE, settings: Some(settings), mode: None };
    let by = Operator { key: KeyId(1), name: None };
    for command in [given.clone(), Command::Operate { by, command: Box::new(given) }] {
        let mut observer = Observer::new();
        observer.entry(1, &Batch::default(), &[queue_to(9), inside_from(1, 9)]);
        observer.entry(2, &Batch { commands: vec![command] }, &[inside_from(1, 12), queue_to(9)]);
        assert!(observer.finish().iter().all(|tally| tally.violations.is_empty()));
    }
}

#[test]
fn a_limit_that_held_within_an_entry_counts() {
    let mut observer = Observer::new();
    let settings = QueueSettings { active_limit: 2, ..QueueSettings::default() };
    let raised = Command::ConfigureQueue { queue: QUEUE, settings: Some(settings), mode: None };
    observer.entry(1, &Batch { commands: vec![raised] }, &[inside(0), inside(1), queue(1)]);
    assert!(observer.finish().iter().all(Tally::holds));
}

#[test]
fn admissions_out_of_order_are_caught() {
    let waiting = |number| ticket(number, State::Waiting);
    let absent = |number| ticket(number, State::Absent { until: Time(5) });
    let back = |number, order| ticket(number, State::Returned { order, until: Time(5) });
    check(&[&[queue(9), waiting(0), waiting(1)], &[inside(0), inside(1)]], &[]);
    check(
        &[&[queue(9), waiting(0), waiting(1)], &[inside(1)]],
        &["entry 2: queue 0 admitted ticket 1, and ticket 0 was next"],
    );
    check(&[&[queue(9), waiting(0)], &[inside(1)]], &["entry 2: queue 0 admitted ticket 1, and ticket 0 was next"]);
    check(&[&[queue(9), waiting(0), waiting(1), absent(0), inside(1)]], &[]);
    check(
        &[&[queue(9), waiting(0), absent(0), waiting(1), back(0, 0)], &[inside(1)]],
        &["entry 2: queue 0 admitted ticket 1, and ticket 0 was next"],
    );
}

#[test]
fn tiers_go_first() {
    let joined = |number, tier| match ticket(number, State::Waiting) {
        Row::Ticket(row) => Row::Ticket(TicketRow { tier: Tier::new(tier), ..row }),
        row => row,
    };
    let opened = match queue(9) {
        Row::Queue(row) => {
            let opened = Some(Drawn { at: Time(1), tickets: 3, left: 0 });
            Row::Queue(Box::new(QueueRow { tiered: Some(Tiered { first: 0, opened }), ..*row }))
        }
        row => row,
    };
    let joins = [joined(0, 0), joined(1, 2), joined(2, 1), joined(3, 1)];
    check(&[&joins, &[inside(2), inside(1), inside(0), inside(3), opened.clone()]], &[]);
    check(&[&joins, &[inside(1), opened.clone()]], &["entry 2: queue 0 admitted ticket 1, and ticket 2 was next"]);
    // A replay may begin with a state, whose queues come before their tickets.
    let mut observer = Observer::new();
    core::iter::once(&opened).chain(&joins).for_each(|row| observer.load(row));
    observer.entry(2, &Batch::default(), &[inside(2), inside(1), inside(3)]);
    let violations: Vec<_> = observer.finish().into_iter().flat_map(|tally| tally.violations).collect();
    assert_eq!(violations, ["entry 2: queue 0 admitted ticket 3, and ticket 0 was next"]);
}

#[test]
fn a_seat_that_is_kept_twice_is_caught() {
    let lapsed = reservation::State::Lapsed { at: Time(2) };
    let held = reservation::State::Held;
    check(&[&[reservation(1, 7, held), reservation(1, 7, lapsed), reservation(2, 7, held)]], &[]);
    check(
        &[&[reservation(1, 7, held)], &[reservation(2, 7, held)]],
        &["entry 2: seat 7 of schedule 1 is kept by reservations 1 and 2"],
    );
}

#[test]
fn a_seat_that_is_kept_while_it_is_held_back_is_caught() {
    let (schedule, seat, at) = (ScheduleId(1), SeatId(7), Time(1));
    let withheld = || Row::Withheld(WithheldRow { schedule, seat, at, reason: "camera".into() });
    let held = || reservation(1, 7, reservation::State::Held);
    check(&[&[withheld(), Row::GivenBack { schedule, seat }, held()]], &[]);
    check(&[&[withheld()], &[held()]], &["entry 2: seat 7 of schedule 1 is kept by reservation 1, and held back"]);
    check(&[&[held()], &[withheld()]], &["entry 2: seat 7 of schedule 1 is kept by reservation 1, and held back"]);
}

#[test]
fn money_that_comes_from_nowhere_is_caught() {
    let wallet = |balance| Row::Wallet { user: UserId(1), balance };
    let own = Account::Wallet(UserId(1));
    let charge = transfer(Account::Cash, own, 9, None);
    let pay = transfer(own, Account::Sales, 5, Some(PaymentId(1)));
    check(&[&[wallet(9), charge.clone()], &[pay.clone(), wallet(4), payment(1, 5)]], &[]);
    check(&[&[wallet(10), charge.clone()]], &["entry 1: the wallet of user 1 holds 10, and its transfers make 9"]);
    check(
        &[&[wallet(9), charge.clone()], &[pay.clone(), wallet(4), payment(1, 6)]],
        &["entry 2: payment 1 of reservation 1 has no transfer of its amount"],
    );
    let again = transfer(own, Account::Sales, 1, Some(PaymentId(2)));
    check(
        &[&[charge], &[pay, payment(1, 5)], &[again, payment(2, 1)]],
        &["entry 3: payment 2 of reservation 1 is not its reservation's first"],
    );
}
