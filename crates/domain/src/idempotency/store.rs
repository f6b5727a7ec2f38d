//! The results that are kept, for a day, up to a number for each user.

use std::collections::BTreeSet;

use hashbrown::HashMap;

use crate::changes::Changes;
use crate::fingerprint::{Hash, Kind};
use crate::ids::UserId;
use crate::reply::{Charged, Paid, Refusal, Reserved};
use crate::row::{IdempotencyRow, Row};
use crate::settings::{IDEMPOTENCY_KEYS_MAX, IDEMPOTENCY_KEYS_PER_USER_MAX, IDEMPOTENCY_TTL_MS};
use crate::time::Time;

use super::{Endpoint, Key, Result as Stored};

/// A user's key at one endpoint.
type Id = (UserId, Endpoint, [u8; 16]);

/// The live keys of all users.
#[derive(Debug, Default)]
pub(crate) struct Store {
    results: HashMap<Id, IdempotencyRow>,
    /// Oldest first: all keys live equally long.
    order: BTreeSet<(Time, Id)>,
    per_user: HashMap<UserId, usize>,
}

impl Store {
    /// The stored result of this key; `None` when the command is to be carried out.
    pub(crate) fn look_up(
        &self,
        user: UserId,
        endpoint: Endpoint,
        key: Option<Key>,
        fingerprint: u64,
    ) -> Result<Option<Stored>, Refusal> {
        let Some(key) = key else { return Ok(None) };
        match self.results.get(&(user, endpoint, key.hash)) {
            Some(row) if row.fingerprint == fingerprint => Ok(Some(row.result)),
            Some(_) => Err(Refusal::IdempotencyKeyReused),
            None if self.per_user.get(&user).is_some_and(|&n| n >= IDEMPOTENCY_KEYS_PER_USER_MAX) => {
                Err(Refusal::TooManyKeys)
            }
            None if self.results.len() >= IDEMPOTENCY_KEYS_MAX => Err(Refusal::Full("idempotency keys")),
            None => Ok(None),
        }
    }

    pub(crate) fn store(
        &mut self,
        user: UserId,
        endpoint: Endpoint,
        key: Option<Key>,
        fingerprint: u64,
        result: Stored,
        changes: &mut Changes<'_>,
    ) {
        let Some(Key { hash }) = key else { return };
        let row = IdempotencyRow { user, endpoint, hash, fingerprint, stored_at: changes.now, result };
        changes.add(self.insert(row));
        changes.row(Row::Idempotency(row));
    }

    /// Forgets the keys whose time is over, at most `budget` of them.
    pub(crate) fn fire(&mut self, budget: &mut u32, changes: &mut Changes<'_>) {
        while *budget > 0
            && let Some(&(stored_at, id)) = self.order.first()
            && stored_at.plus_ms(IDEMPOTENCY_TTL_MS) <= changes.now
        {
            self.order.pop_first();
            self.forget(id, changes);
            *budget -= 1;
        }
    }

    fn forget(&mut self, id: Id, changes: &mut Changes<'_>) {
        let (user, endpoint, key_hash) = id;
        if let Some(row) = self.results.remove(&id) {
            changes.remove(hash(&row));
        }
        if let Some(n) = self.per_user.get_mut(&user) {
            *n -= 1;
            if *n == 0 {
                self.per_user.remove(&user);
            }
        }
        changes.row(Row::IdempotencyForgotten { user, endpoint, hash: key_hash });
    }

    fn insert(&mut self, row: IdempotencyRow) -> u64 {
        let id = (row.user, row.endpoint, row.hash);
        self.order.insert((row.stored_at, id));
        *self.per_user.entry(row.user).or_default() += 1;
        self.results.insert(id, row);
        hash(&row)
    }

    pub(crate) fn load(&mut self, row: IdempotencyRow) -> u64 {
        self.insert(row)
    }
}

fn hash(row: &IdempotencyRow) -> u64 {
    let result = match row.result {
        Stored::Charged(Charged { balance }) => [balance, 0, 0, 0, 0],
        Stored::Reserved(Reserved { reservation, schedule, amount, reserved_at, reserved_until }) => {
            [reservation.0, schedule.0, amount, reserved_at.0, reserved_until.0]
        }
        Stored::Paid(Paid { payment, amount }) => [payment.0, amount, 0, 0, 0],
    };
    Hash::new(Kind::Idempotency)
        .words([row.user.0, row.endpoint as u64, row.fingerprint, row.stored_at.0])
        .bytes(&row.hash)
        .words(result)
        .finish()
}
