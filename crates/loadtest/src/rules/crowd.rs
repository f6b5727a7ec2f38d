//! Rules that only show where there are many: a queue that moves on, and a moment at which everybody acts.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::audit::{Rule, Tally};
use crate::promises::Promises;
use crate::sources::Tokens;

use super::caller::{Answer, Caller, at_once, held, token_of};

/// Who waits behind a full house.
const WAITING: usize = 12;
/// Who goes, half of them by a payment.
const GOING: usize = 6;
/// How much later than promised somebody may be let in.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
pub(super) const POLL: Duration = Duration::from_millis(100);

/// Some of those inside go; as many of those who wait must come in, and the others must move up.
pub(super) fn queue_moves_on(
    caller: &Caller<'_>,
    promises: &Promises,
    inside: &Tokens,
    users: impl Iterator<Item = u64>,
) -> [Tally; 2] {
    let mut moves = Tally::new(Rule::QueueMovesOn);
    let mut shrinks = Tally::new(Rule::PlacesShrink);
    let tokens: Vec<_> = users.take(WAITING).filter_map(|user| token_of(&caller.token(user))).collect();
    // Whoever came in at once, as there was room, is none of those who wait.
    let before: Vec<(&[u8], Option<u64>)> = tokens
        .iter()
        .map(|token| (&token[..], caller.check(Some(token))))
        .filter(|(_, place)| place.status() == Some("WAITING"))
        .map(|(token, place)| (token, place.number("queuePosition")))
        .collect();
    // Those who came for the house to be full came at once: who of them is inside is not said by their numbers.
    let is_inside = |token: &&[u8]| caller.check(Some(token)).status() == Some("PROGRESS");
    let going = (0..inside.len()).map(|index| inside.get(index)).filter(is_inside).take(GOING.min(before.len() / 2));
    let gone = going.enumerate().filter(|(index, token)| go(caller, token, index % 2 == 0)).count();
    let ends = Instant::now() + promises.admits_within + PATIENCE;
    let look = || before.iter().map(|(token, _)| caller.check(Some(token))).collect::<Vec<_>>();
    let inside = |places: &[Answer]| places.iter().filter(|place| place.status() == Some("PROGRESS")).count();
    let mut places = if gone > 0 { look() } else { Vec::new() };
    while inside(&places) < gone && Instant::now() < ends {
        sleep(POLL);
        places = look();
    }
    let let_in = inside(&places);
    for number in 0..gone {
        moves.judge(number < let_in, || {
            let within = (promises.admits_within + PATIENCE).as_secs();
            format!(
                "{gone} who were inside have gone, and of {} who wait {let_in} were let in within {within} s",
                before.len()
            )
        });
    }
    for ((_, was), place) in before.iter().zip(&places).filter(|_| let_in > 0) {
        let is = place.number("queuePosition").filter(|_| place.status() == Some("WAITING"));
        if let Some((was, is)) = was.zip(is) {
            shrinks.judge(is < was, || format!("{let_in} were let in, and place {was} of one who waits became {is}"));
        }
    }
    tokens.iter().for_each(|token| drop(caller.leave(token)));
    [moves, shrinks]
}

/// Somebody inside goes: after a payment, or without one. Whether the slot must be free now.
fn go(caller: &Caller<'_>, token: &[u8], pays: bool) -> bool {
    let held = if pays { caller.hold(token) } else { None };
    if let Some(held) = held {
        caller.charge(held.price, Some(token));
        if caller.pay(held.reservation, Some(token)).is_done() {
            return true;
        }
    }
    caller.leave(token).is_done()
}

/// All at one moment, each with the own wallet and the own seat: charge, reserve, pay. A service whose transactions wait for
/// each other's connections never comes back from that.
pub(super) fn many_at_once(caller: &Caller<'_>, promises: &Promises, tokens: &Tokens) -> Tally {
    let mut tally = Tally::new(Rule::ManyAtOnce);
    let count = tokens.len();
    if count < 2 {
        return tally;
    }
    let price = caller.free_seat().map_or(0, |(_, price)| price).max(1);
    let charged = at_once(count, |who| caller.charge(2 * price, Some(tokens.get(who))));
    judge(&mut tally, &charged, "charged the own wallet");
    let seats: Vec<_> = (0..count).map_while(|_| caller.free_seat()).collect();
    let holds = at_once(seats.len(), |who| {
        let ((seat, price), asked) = (seats[who], Instant::now());
        let answer = caller.reserve(caller.date, seat, Some(tokens.get(who)));
        let held = held(&answer, seat, price, asked);
        (answer, held)
    });
    let answers: Vec<Answer> = holds.iter().map(|(answer, _)| answer.clone()).collect();
    judge(&mut tally, &answers, "reserved a seat each");
    let holds: Vec<_> = holds.into_iter().enumerate().filter_map(|(who, (_, held))| Some((who, held?))).collect();
    let paid = at_once(holds.len(), |index| {
        let (who, held) = &holds[index];
        let answer = caller.pay(held.reservation, Some(tokens.get(*who)));
        let lasts = held.lasts.unwrap_or(promises.hold);
        // Of a hold that may have lapsed in the meantime nothing can be said.
        (held.asked.elapsed() < lasts.mul_f64(0.9) || matches!(answer, Answer::Silent(_))).then_some(answer)
    });
    let paid: Vec<Answer> = paid.into_iter().flatten().collect();
    judge(&mut tally, &paid, "paid what they held");
    tally
}

/// Each must be served. Whoever is asked to come back later, finds the seat taken by somebody else, or was let in so long ago
/// that the session or the hold is over, is no case.
fn judge(tally: &mut Tally, answers: &[Answer], what: &str) {
    let count = answers.len();
    for answer in answers {
        match answer {
            Answer::Done(_) => tally.hold(1),
            Answer::Refused { status: 401 | 403 | 409 | 410 | 429 | 503, .. } => {}
            Answer::Refused { text, .. } | Answer::Silent(text) => {
                tally.judge(false, || format!("{count} {what} at the same moment, and one got: {text}"));
            }
        }
    }
}
