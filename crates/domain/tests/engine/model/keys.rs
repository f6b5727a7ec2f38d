//! Idempotency keys: what was asked under which key, and what it came to.

use onsale_domain::concert::{AreaWish, Line, Wish};
use onsale_domain::idempotency::Key;
use onsale_domain::ids::{ReservationId, ScheduleId, SeatId, UserId};
use onsale_domain::reply::{Once, Outcome, Refusal, Reply};

use super::{DAY_MS, Model};

/// A request, as far as it tells one from another.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Called {
    Charge(u64),
    Reserve(ScheduleId, Asked),
    Pay(ReservationId),
}

/// Which seats.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Asked {
    Seats(Vec<SeatId>),
    Lines(Vec<Line>),
    Best(Wish),
    Areas(Vec<Line>, Vec<AreaWish>),
}

impl Called {
    fn same_endpoint(&self, other: &Self) -> bool {
        core::mem::discriminant(self) == core::mem::discriminant(other)
    }
}

pub(super) struct Kept {
    user: UserId,
    called: Called,
    key: Key,
    at: u64,
    reply: Reply,
}

pub(super) fn fresh<T>(value: T) -> Once<T> {
    Once { value, replayed: false }
}

fn replayed(reply: &Reply) -> Reply {
    let mut reply = reply.clone();
    match &mut reply {
        Reply::Charged(stored) => stored.replayed = true,
        Reply::Reserved(stored) => stored.replayed = true,
        Reply::Paid(stored) => stored.replayed = true,
        Reply::Done | Reply::Joined(_) | Reply::Entered(_) | Reply::Left(_) => {}
        Reply::Adjusted(_)
        | Reply::Cancelled(_)
        | Reply::Reissued(_)
        | Reply::Extended(_)
        | Reply::QueueOpened(_)
        | Reply::LetGo(_)
        | Reply::SessionKept(_)
        | Reply::CodesAdded(_)
        | Reply::Erased(_)
        | Reply::Published(_) => {}
    }
    reply
}

impl Model {
    pub(super) fn once(
        &mut self,
        user: UserId,
        called: Called,
        key: Option<Key>,
        carry_out: impl FnOnce(&mut Self) -> Outcome,
    ) -> Outcome {
        let Some(key) = key else { return carry_out(self) };
        let now = self.now;
        self.kept.retain(|kept| now < kept.at + DAY_MS);
        let mine = self.kept.iter().filter(|kept| kept.user == user);
        if let Some(kept) = mine.clone().find(|kept| kept.key == key && kept.called.same_endpoint(&called)) {
            return if kept.called == called { Ok(replayed(&kept.reply)) } else { Err(Refusal::IdempotencyKeyReused) };
        }
        if mine.count() >= 1_024 {
            return Err(Refusal::TooManyKeys);
        }
        let reply = carry_out(self)?;
        self.kept.push(Kept { user, called, key, at: now, reply: reply.clone() });
        Ok(reply)
    }
}
