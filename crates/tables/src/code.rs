//! Values as SQL keeps them: SQLite's integers are signed.

use onsale_domain::ids::{QueueId, TicketId};
use onsale_domain::row::Account;
use onsale_domain::time::Time;

use crate::error::Error;
use crate::value::Value;

const NUMBER_BITS: u32 = 40;
const NUMBER_MASK: i64 = (1 << NUMBER_BITS) - 1;
const NEVER: i64 = i64::MAX;
const CASH: i64 = -1;
const SALES: i64 = -2;
const SUM_UNIT: u128 = 1_000_000_000_000_000_000;

/// An id, an amount of money or a count. The engine keeps these below 2^53.
pub(crate) fn integer(what: &'static str, value: u64) -> Result<i64, Error> {
    i64::try_from(value).map_err(|_| Error::TooGreat { what, value })
}

/// What is more than an integer holds is kept in two: how many times 10^18, and the rest. So people can read the one behind the
/// other, and a sum that fits stands whole in the second, where the tables of before have it.
pub(crate) fn sum(what: &'static str, value: u128) -> Result<(i64, i64), Error> {
    if let Ok(fits) = i64::try_from(value) {
        return Ok((0, fits));
    }
    let high = integer(what, u64::try_from(value / SUM_UNIT).unwrap_or(u64::MAX))?;
    Ok((high, (value % SUM_UNIT) as i64))
}

pub(crate) fn sum_from(high: u64, low: u64) -> u128 {
    u128::from(high) * SUM_UNIT + u128::from(low)
}

pub(crate) fn time(time: Time) -> Result<i64, Error> {
    if time == Time::NEVER {
        return Ok(NEVER);
    }
    match integer("the time", time.0)? {
        NEVER => Err(Error::TooGreat { what: "the time", value: time.0 }),
        ms => Ok(ms),
    }
}

/// As [`time`], with NULL for none.
pub(crate) fn time_optional(at: Option<Time>) -> Result<Value<'static>, Error> {
    at.map_or(Ok(Value::Null), |at| time(at).map(Value::from))
}

pub(crate) fn time_from(stored: i64) -> Option<Time> {
    if stored == NEVER {
        return Some(Time::NEVER);
    }
    u64::try_from(stored).ok().map(Time)
}

/// Queue and number in one integer, so that a queue's tickets lie side by side in order of joining.
pub(crate) fn ticket(queue: QueueId, number: u32) -> i64 {
    i64::from(queue.0) << NUMBER_BITS | i64::from(number)
}

pub(crate) fn ticket_from(stored: i64) -> Option<TicketId> {
    let queue = QueueId(u16::try_from(stored >> NUMBER_BITS).ok()?);
    let number = u32::try_from(stored & NUMBER_MASK).ok()?;
    Some(TicketId { queue, number })
}

pub(crate) fn account(account: Account) -> Result<i64, Error> {
    match account {
        Account::Cash => Ok(CASH),
        Account::Sales => Ok(SALES),
        Account::Wallet(user) => integer("the user", user.0),
    }
}
