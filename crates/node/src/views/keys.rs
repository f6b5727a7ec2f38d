//! How many Idempotency-Keys are live, and who may still store one as the room for them runs out, on a store below level 2.

use std::sync::atomic::{AtomicU64, Ordering};

use onsale_domain::idempotency::Endpoint;
use onsale_domain::row::Row;
use onsale_domain::settings::IDEMPOTENCY_KEYS_MAX;

/// Who asks, as far as it says how hard it is to ask in great numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// A charge by whoever has a token: anybody who names a number has one.
    Charge,
    /// A charge by somebody who is inside or holds a seat.
    ChargeInside,
    /// A reservation: only those who are inside.
    Reserve,
}

/// The live keys of all users, by endpoint. Written by one thread.
#[derive(Debug, Default)]
pub struct Keys {
    live: [AtomicU64; 3],
}

impl Keys {
    /// The live keys of an endpoint.
    #[must_use]
    pub fn live(&self, endpoint: Endpoint) -> u64 {
        self.live[endpoint as usize].load(Ordering::Relaxed)
    }

    /// Whether there is room for another key of this kind. What is left for the others is theirs alone: a crowd that fills
    /// its own share takes nothing from those who hold a seat, and a payment may use all that there is.
    #[must_use]
    pub fn has_room(&self, asking: Asking) -> bool {
        self.total() < share(asking)
    }

    fn total(&self) -> u64 {
        self.live.iter().map(|live| live.load(Ordering::Relaxed)).sum()
    }

    pub(super) fn count(&self, row: &Row) {
        let (live, change): (_, fn(u64) -> u64) = match row {
            Row::Idempotency(row) => (&self.live[row.endpoint as usize], |n| n + 1),
            Row::IdempotencyForgotten { endpoint, .. } => (&self.live[*endpoint as usize], |n| n.saturating_sub(1)),
            _ => return,
        };
        live.store(change(live.load(Ordering::Relaxed)), Ordering::Relaxed);
    }
}

/// How many keys there may be before one of this kind is refused.
fn share(asking: Asking) -> u64 {
    let eighths = match asking {
        Asking::Charge => 4,
        Asking::ChargeInside => 6,
        Asking::Reserve => 7,
    };
    IDEMPOTENCY_KEYS_MAX as u64 / 8 * eighths
}

#[cfg(test)]
mod tests {
    use onsale_domain::idempotency::Result;
    use onsale_domain::ids::UserId;
    use onsale_domain::reply::Charged;
    use onsale_domain::row::IdempotencyRow;
    use onsale_domain::time::Time;

    use super::*;

    fn stored(endpoint: Endpoint) -> Row {
        let result = Result::Charged(Charged { balance: 1 });
        let (user, hash, stored_at) = (UserId(1), [0; 16], Time(0));
        Row::Idempotency(IdempotencyRow { user, endpoint, hash, fingerprint: 0, stored_at, result })
    }

    fn forgotten(endpoint: Endpoint) -> Row {
        Row::IdempotencyForgotten { user: UserId(1), endpoint, hash: [0; 16] }
    }

    #[test]
    fn each_endpoint_s_keys_are_counted() {
        let keys = Keys::default();
        for row in
            [stored(Endpoint::Charge), stored(Endpoint::Charge), stored(Endpoint::Pay), forgotten(Endpoint::Charge)]
        {
            keys.count(&row);
        }
        assert_eq!([Endpoint::Charge, Endpoint::Reserve, Endpoint::Pay].map(|of| keys.live(of)), [1, 0, 1]);
    }

    /// A crowd without a place inside charges as long as it is let; then it goes on inside; then it holds what it can.
    /// Whoever holds a seat still has a key for its payment.
    #[test]
    fn a_crowd_spends_its_own_share_and_never_a_buyer_s() {
        let keys = Keys::default();
        let fill = |asking, endpoint| {
            while keys.has_room(asking) {
                keys.count(&stored(endpoint));
            }
        };
        fill(Asking::Charge, Endpoint::Charge);
        assert!(keys.has_room(Asking::ChargeInside) && keys.has_room(Asking::Reserve));
        fill(Asking::ChargeInside, Endpoint::Charge);
        assert!(keys.has_room(Asking::Reserve));
        fill(Asking::Reserve, Endpoint::Reserve);
        let left = IDEMPOTENCY_KEYS_MAX as u64 - keys.total();
        assert_eq!(left, 262_144, "for payments alone");
        keys.count(&forgotten(Endpoint::Reserve));
        assert!(keys.has_room(Asking::Reserve), "room comes back as keys are forgotten");
    }
}
