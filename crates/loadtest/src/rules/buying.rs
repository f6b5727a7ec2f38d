//! Rules of seats, money and tokens that a single buyer can try.

use crate::audit::{Rule, Tally};
use crate::profile::Act;
use crate::promises::Promises;

use super::caller::{Answer, Caller, token_of};

/// So often each is tried.
const TIMES: usize = 3;

/// A user asks for a token `count` times at once, and once more: how many of what comes back lives?
pub(super) fn one_token(caller: &Caller<'_>, users: impl Iterator<Item = u64>, count: usize) -> Tally {
    let mut tally = Tally::new(Rule::OneTokenPerUser);
    for user in users.take(TIMES) {
        let answers = super::caller::at_once(count, |_| caller.token(user));
        let mut tokens: Vec<_> = answers.iter().chain([&caller.token(user)]).filter_map(token_of).collect();
        tokens.sort_unstable();
        tokens.dedup();
        if tokens.is_empty() {
            continue;
        }
        let is_live = |token: &[u8]| matches!(caller.check(Some(token)).status(), Some("WAITING" | "PROGRESS"));
        let live = tokens.iter().filter(|token| is_live(token)).count();
        tally.judge(live <= 1, || {
            format!("user {user} asked for a token {count} times at once, and has {live} that live at the same time")
        });
        for token in &tokens {
            caller.leave(token);
        }
        // Where nobody can leave, each of them keeps a place that the scenes after this one need.
        if live > 1 {
            break;
        }
    }
    tally
}

/// Every call that needs one without a token, and with one that nobody has been given.
pub(super) fn nothing_without_token(caller: &Caller<'_>, promises: &Promises, owner: &[u8]) -> Tally {
    let mut tally = Tally::new(Rule::NothingWithoutToken);
    let held = caller.hold(owner);
    let mut judge = |act: Act, name: &str, ask: &dyn Fn() -> Option<Answer>, how: &str| {
        let answer = promises.asks_for_a_token(act).then(ask).flatten();
        match answer {
            None | Some(Answer::Silent(_)) => {}
            // A profile may say that a refusal means a place that is over, or a wallet that never was.
            Some(answer) => tally.judge(!answer.is_done() || answer.field("refused").is_some(), || {
                format!("{name} {how} was answered with a success")
            }),
        }
    };
    for (token, how) in [(None, "without a token"), (Some(&b"not-a-token"[..]), "with a made-up token")] {
        judge(Act::Check, "the check of a token", &|| Some(caller.check(token)), how);
        judge(Act::Schedule, "the schedule list", &|| Some(caller.schedules(token)), how);
        judge(Act::Seat, "the seat list", &|| Some(caller.seats(caller.date, token)), how);
        judge(Act::Charge, "a charge", &|| Some(caller.charge(1_000, token)), how);
        judge(Act::Balance, "the balance", &|| Some(caller.balance(token)), how);
        let reserve = || caller.free_seat().map(|(seat, _)| caller.reserve(caller.date, seat, token));
        judge(Act::Reserve, "a reservation", &reserve, how);
        let pay = || held.as_ref().map(|held| caller.pay(held.reservation, token));
        judge(Act::Payment, "the payment of somebody's reservation", &pay, how);
    }
    tally
}

/// Two seats in one call, of which somebody else holds one: all of them, or none.
pub(super) fn group_is_whole(caller: &Caller<'_>, tells_price: bool, people: [&[u8]; 3]) -> Tally {
    let mut tally = Tally::new(Rule::GroupsWhole);
    let [owner, group, after] = people;
    let Some(held) = caller.hold(owner) else { return tally };
    let Some((free, price)) = caller.free_seat() else { return tally };
    let wants = format!("seat {free}, which was free, and seat {}, which somebody else held", held.seat);
    let answer = caller.reserve_several(caller.date, &[free, held.seat], Some(group));
    match &answer {
        Answer::Silent(_) => {}
        // One that holds what it can of them, and says so by the price, has done what it said.
        Answer::Done(_) if tells_price && answer.number("amount") == Some(price) => {}
        Answer::Done(_) => tally.judge(false, || format!("{wants}, were asked for in one call, and it was a success")),
        Answer::Refused { .. } => {
            let next = caller.reserve(caller.date, free, Some(after));
            let is_kept = matches!(next, Answer::Refused { status: 409, .. });
            if next.is_done() || is_kept {
                tally.judge(!is_kept, || {
                    format!(
                        "{wants}, were asked for in one call and refused; the first cannot be had now: {}",
                        next.text()
                    )
                });
            }
        }
    }
    tally
}

/// What one holds, another tries to pay.
pub(super) fn nothing_for_strangers(caller: &Caller<'_>, owner: &[u8], stranger: &[u8]) -> Tally {
    let mut tally = Tally::new(Rule::NothingForStrangers);
    let Some(held) = caller.hold(owner) else { return tally };
    caller.charge(2 * held.price, Some(owner));
    caller.charge(2 * held.price, Some(stranger));
    // Somebody who stayed from an earlier part may have had money before.
    let had = caller.balance(Some(stranger)).number("amount");
    let paid = caller.pay(held.reservation, Some(stranger));
    if matches!(paid, Answer::Silent(_)) {
        return tally;
    }
    tally.judge(!paid.is_done(), || {
        format!("reservation {} was paid by somebody who does not hold it", held.reservation)
    });
    let left = caller.balance(Some(stranger)).number("amount");
    if let Some((had, left)) = had.zip(left).filter(|_| !paid.is_done()) {
        tally.judge(left == had, || {
            format!("somebody tried to pay another's reservation, was refused, and has {left} instead of {had}")
        });
    }
    tally
}

/// A payment whose request names another price.
pub(super) fn the_servers_price(caller: &Caller<'_>, buyer: &[u8]) -> Tally {
    const NAMED: u64 = 1;
    let mut tally = Tally::new(Rule::PriceIsTheServers);
    let Some(held) = caller.hold(buyer).filter(|held| held.price > NAMED) else { return tally };
    let charged = caller.charge(2 * held.price, Some(buyer)).number("amount");
    let answer = caller.pay_naming(held.reservation, NAMED, buyer);
    match (&answer, charged) {
        (Answer::Done(_), Some(had)) => {
            let left = caller.balance(Some(buyer)).number("amount");
            let paid = left.map(|left| had.saturating_sub(left)).or(answer.number("paymentAmount"));
            let price = held.price;
            tally.judge(paid == Some(price), || {
                format!("a seat of {price} was paid with {paid:?}, after the request had named {NAMED}")
            });
        }
        // Who is refused has bought nothing.
        (Answer::Refused { .. }, _) => tally.hold(1),
        (Answer::Done(_) | Answer::Silent(_), _) => {}
    }
    tally
}

/// Seats that a date does not have: of another date, and none of any.
pub(super) fn seat_of_its_date(caller: &Caller<'_>, dates: &[u64], token: &[u8]) -> Tally {
    let mut tally = Tally::new(Rule::SeatBelongsToItsDate);
    let lists: Vec<(u64, Vec<u64>)> = dates
        .iter()
        .take(TIMES)
        .map(|&date| (date, caller.listed(date, token).into_iter().map(|(seat, ..)| seat).collect()))
        .filter(|(_, seats): &(u64, Vec<u64>)| !seats.is_empty())
        .collect();
    let most = lists.iter().flat_map(|(_, seats)| seats).copied().max().unwrap_or(0);
    for (date, seats) in &lists {
        let elsewhere = lists.iter().flat_map(|(_, others)| others).find(|seat| !seats.contains(seat)).copied();
        for seat in elsewhere.into_iter().chain([most + 1]) {
            let answer = caller.reserve(*date, seat, Some(token));
            if !matches!(answer, Answer::Silent(_)) {
                tally.judge(!answer.is_done(), || {
                    format!("seat {seat} is not in the list of date {date}, and could be held there")
                });
            }
        }
    }
    tally
}

/// Who has paid is not inside any more.
pub(super) fn session_ends(caller: &Caller<'_>, buyer: &[u8]) -> Tally {
    let mut tally = Tally::new(Rule::SessionEndsWithPayment);
    let Some(held) = caller.hold(buyer) else { return tally };
    caller.charge(held.price, Some(buyer));
    if !caller.pay(held.reservation, Some(buyer)).is_done() {
        return tally;
    }
    let check = caller.check(Some(buyer));
    if !matches!(check, Answer::Silent(_)) {
        let status = check.status();
        tally.judge(status != Some("PROGRESS"), || "who has paid is still PROGRESS".to_owned());
    }
    if let Some((seat, _)) = caller.free_seat() {
        let again = caller.reserve(caller.date, seat, Some(buyer));
        if !matches!(again, Answer::Silent(_)) {
            tally.judge(!again.is_done(), || "who has paid can hold another seat with the same token".to_owned());
        }
    }
    tally
}

/// An answer that never came is asked for again, and there is no key: the same seat, by the same buyer. What must not be is
/// that both holds are paid.
pub(super) fn held_again(caller: &Caller<'_>, buyer: &[u8]) -> Tally {
    let mut tally = Tally::new(Rule::RepeatedHoldIsOne);
    let Some(first) = caller.hold(buyer) else { return tally };
    let again = caller.reserve(caller.date, first.seat, Some(buyer));
    let second = match &again {
        Answer::Silent(_) => return tally,
        // That the seat is taken is true, and so is that the session ended with the first hold.
        Answer::Refused { .. } => None,
        Answer::Done(_) => again.number("reservationId").filter(|&second| second != first.reservation),
    };
    let Some(second) = second else {
        tally.hold(1);
        return tally;
    };
    caller.charge(2 * first.price, Some(buyer));
    let paid = [second, first.reservation].map(|reservation| caller.pay(reservation, Some(buyer)));
    if paid.iter().any(|answer| matches!(answer, Answer::Silent(_))) {
        return tally;
    }
    tally.judge(!paid.iter().all(Answer::is_done), || {
        format!("who held seat {} as {} asked for it again, got {second}, and paid both", first.seat, first.reservation)
    });
    tally
}

/// Charges at the end of what a column of 32 bits holds. Each is in the balance whole, or was refused and is not there.
pub(super) fn large_charges(caller: &Caller<'_>, user: &[u8]) -> Tally {
    const AT_THE_EDGE: [u64; 3] = [i32::MAX as u64, 1, 1 << 31];
    let mut tally = Tally::new(Rule::LargeChargesWhole);
    let balance = || signed(&caller.balance(Some(user)));
    let Some(mut had) = balance() else { return tally };
    for amount in AT_THE_EDGE {
        let answer = caller.charge(amount, Some(user));
        let (Some(has), false) = (balance(), matches!(answer, Answer::Silent(_))) else { return tally };
        let expected = if answer.is_done() { had + i128::from(amount) } else { had };
        tally.judge(has == expected, || {
            let what =
                if answer.is_done() { "acknowledged".to_owned() } else { format!("refused ({})", answer.text()) };
            format!("a charge of {amount} to a wallet of {had} was {what}, and the wallet has {has}")
        });
        had = has;
    }
    tally
}

/// The balance that was told, which may be below zero by mistake.
pub(super) fn signed(answer: &Answer) -> Option<i128> {
    answer.field("amount")?.as_i64().map(i128::from)
}
