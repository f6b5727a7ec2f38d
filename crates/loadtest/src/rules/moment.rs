//! One person who asks twice at the same moment: an impatient finger, two tabs, a proxy that repeats. Whoever reads, decides and
//! writes in three steps is found out here, and by no crowd in which everybody has a wallet of their own.

use crate::audit::{Rule, Tally};

use super::buying::signed;
use super::caller::{Answer, Caller, at_once};

/// So often the same is asked for at one moment.
const TIMES: usize = 10;

/// Charges of one wallet. What is acknowledged is in it afterwards, and nothing else.
pub(super) fn charged_at_once(caller: &Caller<'_>, user: &[u8]) -> Tally {
    const AMOUNT: u64 = 1_000;
    let mut tally = Tally::new(Rule::ChargesKept);
    let balance = || signed(&caller.balance(Some(user)));
    // A wallet that was never charged may not be there yet, which is another matter.
    caller.charge(AMOUNT, Some(user));
    let Some(had) = balance() else { return tally };
    let answers = at_once(TIMES, |_| caller.charge(AMOUNT, Some(user)));
    let Some(has) = balance() else { return tally };
    let (done, unknown) = (answers.iter().filter(|answer| answer.is_done()).count(), unknown(&answers));
    let least = had + i128::from(AMOUNT) * done as i128;
    let most = least + i128::from(AMOUNT) * unknown as i128;
    tally.judge((least..=most).contains(&has), || {
        format!(
            "a wallet of {had} was charged with {AMOUNT} {TIMES} times at the same moment, {done} were acknowledged, and it \
             has {has}"
        )
    });
    tally
}

/// Payments of one reservation. It is paid once, however many of them are answered.
pub(super) fn paid_at_once(caller: &Caller<'_>, buyer: &[u8]) -> Tally {
    let mut tally = Tally::new(Rule::DebitedOnce);
    let Some(held) = caller.hold(buyer) else { return tally };
    let Some(had) = signed(&caller.charge(held.price * TIMES as u64, Some(buyer))) else { return tally };
    let answers = at_once(TIMES, |_| caller.pay(held.reservation, Some(buyer)));
    let done = answers.iter().filter(|answer| answer.is_done()).count();
    let Some(has) = signed(&caller.balance(Some(buyer))) else { return tally };
    let price = i128::from(held.price);
    let is_right = match (done, unknown(&answers)) {
        (0, 0) => has == had,
        (0, _) => has == had || has == had - price,
        _ => has == had - price,
    };
    tally.judge(is_right, || {
        format!(
            "reservation {} of {price} was paid {TIMES} times at the same moment, {done} were acknowledged, and {} was taken",
            held.reservation,
            had - has
        )
    });
    tally
}

/// Two holds, money for one of them, and both are paid: what is not there cannot be spent.
pub(super) fn spent_at_once(caller: &Caller<'_>, buyer: &[u8]) -> Tally {
    let mut tally = Tally::new(Rule::MoneyConserved);
    let Some(before) = signed(&caller.balance(Some(buyer))) else { return tally };
    let Some((one, other)) = caller.hold(buyer).zip(caller.hold(buyer)) else { return tally };
    let (price, most) = (one.price.min(other.price), one.price.max(other.price));
    let missing = i128::from(most) - before;
    // Who has more than that already, from a run before this one, can pay both.
    let Ok(charge) = u64::try_from(missing) else { return tally };
    if charge > 0 && !caller.charge(charge, Some(buyer)).is_done() {
        return tally;
    }
    let had = i128::from(most);
    let holds = [one.reservation, other.reservation];
    let answers = at_once(holds.len(), |index| caller.pay(holds[index], Some(buyer)));
    let done = answers.iter().filter(|answer| answer.is_done()).count();
    let Some(has) = signed(&caller.balance(Some(buyer))) else { return tally };
    let spent = i128::from(price) * done as i128;
    tally.judge(has >= 0 && spent <= had, || {
        format!("a wallet of {had} paid {done} seats of {price} at the same moment, and has {has}")
    });
    tally
}

/// Answers that do not say whether it was done.
fn unknown(answers: &[Answer]) -> usize {
    let is_unknown = |answer: &&Answer| matches!(answer, Answer::Silent(_) | Answer::Refused { status: 500.., .. });
    answers.iter().filter(is_unknown).count()
}
