//! How long a hold lasts, and how fresh the lists are that show it.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::audit::seats::SeatStatus;
use crate::audit::{Rule, Tally};
use crate::promises::Promises;

use super::caller::{Answer, Caller};

/// How far clocks and answers may be apart.
const MARGIN: Duration = Duration::from_millis(300);
/// When in its time a hold is looked at: late, and early enough for an answer to come before its end.
const LATE_IN_ITS_TIME: f64 = 0.7;
const ROUNDS: usize = 5;

/// Holds a seat, lets somebody else try before its time is over, and its owner after it. `Err` says why that cannot be
/// observed.
pub(super) fn last_as_promised(
    caller: &Caller<'_>,
    promises: &Promises,
    (owner, other): (&[u8], &[u8]),
    wait_max: Duration,
) -> Result<Tally, String> {
    let mut tally = Tally::new(Rule::HoldsLastAsPromised);
    let charged = caller.charge(1_000_000, Some(owner)).number("amount");
    let held = caller.hold(owner).ok_or("no seat could be held")?;
    let lasts = held.lasts.unwrap_or(promises.hold);
    let after = lasts + promises.lapsed_within + MARGIN;
    if after > wait_max {
        return Err(format!("a hold lasts {} s, and rules.wait is {} s", lasts.as_secs(), wait_max.as_secs()));
    }
    sleep_until(held.asked + lasts.mul_f64(LATE_IN_ITS_TIME));
    let early = caller.reserve(caller.date, held.seat, Some(other));
    if held.asked.elapsed() + MARGIN.min(lasts / 10) < lasts && !matches!(early, Answer::Silent(_)) {
        tally.judge(!early.is_done(), || {
            let since = held.acked.elapsed().as_secs_f64();
            format!("seat {} was to be held for {lasts:?}, and {since:.1} s later somebody else got it", held.seat)
        });
        if early.is_done() {
            return Ok(tally);
        }
    }
    sleep_until(held.acked + after);
    let over = || format!("{:.1} s after it was made for {lasts:?}", held.acked.elapsed().as_secs_f64());
    let paid = caller.pay(held.reservation, Some(owner));
    if !matches!(paid, Answer::Silent(_)) {
        tally.judge(!paid.is_done(), || format!("the hold of seat {} was paid {}", held.seat, over()));
    }
    if paid.is_done() {
        return Ok(tally);
    }
    if let Some((had, left)) = charged.zip(caller.balance(Some(owner)).number("amount")) {
        tally.judge(had == left, || format!("a hold that had lapsed was not paid, and the wallet has {left} of {had}"));
    }
    let next = caller.reserve(caller.date, held.seat, Some(other));
    if !matches!(next, Answer::Silent(_)) {
        tally.judge(next.is_done(), || format!("seat {} cannot be had {}: {}", held.seat, over(), next.text()));
    }
    Ok(tally)
}

/// Holds seats, and looks for them in the list after the promised time.
///
/// The holder may be outside with the hold, so that somebody else looks.
pub(super) fn lists_are_fresh<'a>(
    caller: &Caller<'_>,
    promises: &Promises,
    reader: &[u8],
    holders: impl Iterator<Item = &'a [u8]>,
) -> Tally {
    let mut tally = Tally::new(Rule::ListsAsFreshAsPromised);
    for holder in holders.take(ROUNDS) {
        // A list that is remembered somewhere is remembered from before the hold.
        caller.listed(caller.date, reader);
        let Some(held) = caller.hold(holder) else { return tally };
        sleep(promises.list_staleness);
        let list = caller.listed(caller.date, reader);
        let lasts = held.lasts.unwrap_or(promises.hold);
        if list.is_empty() || held.asked.elapsed() + MARGIN.min(lasts / 10) > lasts {
            continue;
        }
        let status = list.iter().find(|(seat, ..)| *seat == held.seat).map(|(.., status)| *status);
        tally.judge(status != Some(SeatStatus::Available), || {
            let age = held.acked.elapsed();
            format!("seat {} had been held for {:.1} s, and the list said AVAILABLE", held.seat, age.as_secs_f64())
        });
    }
    tally
}

fn sleep_until(at: Instant) {
    sleep(at.saturating_duration_since(Instant::now()));
}
