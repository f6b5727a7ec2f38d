//! The results that are kept, for a day, up to a number for each user.

use core::cmp::Reverse;
use std::collections::BTreeSet;

use hashbrown::HashMap;

use crate::changes::Changes;
use crate::fingerprint::{Hash, Kind};
use crate::idempotency;
use crate::ids::UserId;
use crate::payment::Paid;
use crate::refusal::Refusal;
use crate::reservation::Reserved;
use crate::row::Row;
use crate::settings::{IDEMPOTENCY_KEYS_MAX, IDEMPOTENCY_KEYS_PER_USER_MAX, IDEMPOTENCY_TTL_MS};
use crate::time::Time;
use crate::user::Charged;

use super::{Endpoint, IdempotencyRow, Key};

/// A user's key at one endpoint.
type Id = (UserId, Endpoint, [u8; 16]);

/// Who has how many keys at an endpoint, in powers of two so that it rarely changes: greatest for whoever has the most, and
/// of those for whose oldest is the oldest.
type Greed = (u32, Reverse<Time>, UserId);

/// The live keys of all users.
#[derive(Debug)]
pub(crate) struct Store {
    results: HashMap<Id, IdempotencyRow>,
    /// Oldest first, by endpoint: all keys live equally long.
    order: [BTreeSet<(Time, UserId, [u8; 16])>; 3],
    /// The same by user and endpoint.
    of_user: BTreeSet<(UserId, Endpoint, Time, [u8; 16])>,
    /// How many keys each user has at each endpoint.
    per_user: HashMap<UserId, [u16; 3]>,
    /// Everybody who has several keys, by endpoint.
    greed: [BTreeSet<Greed>; 3],
    /// The most keys of all users.
    max: usize,
}

impl Default for Store {
    fn default() -> Self {
        Self::bounded(IDEMPOTENCY_KEYS_MAX)
    }
}

impl Store {
    pub(crate) fn bounded(max: usize) -> Self {
        Self {
            results: HashMap::new(),
            order: Default::default(),
            of_user: BTreeSet::new(),
            per_user: HashMap::new(),
            greed: Default::default(),
            max,
        }
    }

    /// The stored result of this key; `None` when the command is to be carried out. A full store has no room for a new key
    /// unless another [gives way](Self::make_room).
    pub(crate) fn look_up(
        &self,
        (user, endpoint, key, fingerprint): (UserId, Endpoint, Option<Key>, u64),
        gives_way: bool,
    ) -> Result<Option<idempotency::Result>, Refusal> {
        let Some(key) = key else { return Ok(None) };
        match self.results.get(&(user, endpoint, key.hash)) {
            Some(row) if row.fingerprint == fingerprint => Ok(Some(row.result)),
            Some(_) => Err(Refusal::IdempotencyKeyReused),
            None if self.keys_of(user) >= IDEMPOTENCY_KEYS_PER_USER_MAX => Err(Refusal::TooManyKeys),
            None if self.results.len() >= self.max && !gives_way => Err(Refusal::Full("idempotency keys")),
            None => Ok(None),
        }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.results.len()
    }

    fn keys_of(&self, user: UserId) -> usize {
        self.per_user.get(&user).map_or(0, |counts| counts.iter().copied().map(usize::from).sum())
    }

    pub(crate) fn store(
        &mut self,
        user: UserId,
        endpoint: Endpoint,
        key: Option<Key>,
        fingerprint: u64,
        result: idempotency::Result,
        changes: &mut Changes<'_>,
    ) {
        let Some(Key { hash }) = key else { return };
        self.make_room(endpoint, changes);
        let row = IdempotencyRow { user, endpoint, hash, fingerprint, stored_at: changes.now, result };
        changes.add(self.insert(row));
        changes.row(Row::Idempotency(row));
    }

    /// Where the store is full, the oldest key of whoever has the most gives way to a new one of this endpoint: so a crowd of
    /// keys costs those who sent it their own, and a buyer's few are the last to go. Each endpoint has a share that the others
    /// cannot take: what fills it beyond that gives way to the others, and otherwise to its own.
    fn make_room(&mut self, asking: Endpoint, changes: &mut Changes<'_>) {
        while self.results.len() >= self.max {
            let live = |endpoint: Endpoint| self.order[endpoint as usize].len();
            let exceeds = |endpoint: &Endpoint| live(*endpoint) > self.share(*endpoint);
            let from = if live(asking) >= self.share(asking) {
                asking
            } else {
                Endpoint::ALL.into_iter().find(exceeds).unwrap_or(asking)
            };
            let Some((user, stored_at, hash)) = self.oldest_of_greediest(from) else { return };
            self.forget((user, from, hash), stored_at, changes);
        }
    }

    /// How many keys of an endpoint no other endpoint's can displace. Whoever names user ids can charge, so that of charges
    /// is the greatest; a payment needs a seat and its price.
    fn share(&self, endpoint: Endpoint) -> usize {
        match endpoint {
            Endpoint::Charge => self.max / 2,
            Endpoint::Reserve | Endpoint::Pay => self.max / 4,
        }
    }

    fn oldest_of_greediest(&self, endpoint: Endpoint) -> Option<(UserId, Time, [u8; 16])> {
        let Some(&(_, _, user)) = self.greed[endpoint as usize].last() else {
            return self.order[endpoint as usize].first().map(|&(stored_at, user, hash)| (user, stored_at, hash));
        };
        let (stored_at, hash) = self.oldest_of(user, endpoint)?;
        Some((user, stored_at, hash))
    }

    fn oldest_of(&self, user: UserId, endpoint: Endpoint) -> Option<(Time, [u8; 16])> {
        let &(owner, of, stored_at, hash) = self.of_user.range((user, endpoint, Time::default(), [0; 16])..).next()?;
        (owner == user && of == endpoint).then_some((stored_at, hash))
    }

    fn greed_of(&self, user: UserId, endpoint: Endpoint) -> Option<Greed> {
        let count = self.count_of(user, endpoint);
        if count < 2 {
            return None;
        }
        let (oldest, _) = self.oldest_of(user, endpoint)?;
        Some((count.ilog2(), Reverse(oldest), user))
    }

    fn count_of(&self, user: UserId, endpoint: Endpoint) -> u16 {
        self.per_user.get(&user).map_or(0, |counts| counts[endpoint as usize])
    }

    /// The oldest key of all.
    fn oldest(&self) -> Option<(Time, Id)> {
        let first = |endpoint: Endpoint| {
            let &(stored_at, user, hash) = self.order[endpoint as usize].first()?;
            Some((stored_at, (user, endpoint, hash)))
        };
        Endpoint::ALL.into_iter().filter_map(first).min()
    }

    /// Forgets the keys whose time is over, at most `budget` of them.
    pub(crate) fn fire(&mut self, budget: &mut u32, changes: &mut Changes<'_>) {
        while *budget > 0
            && let Some((stored_at, id)) = self.oldest()
            && stored_at.plus_ms(IDEMPOTENCY_TTL_MS) <= changes.now
        {
            self.forget(id, stored_at, changes);
            *budget -= 1;
        }
    }

    fn forget(&mut self, id: Id, stored_at: Time, changes: &mut Changes<'_>) {
        let (user, endpoint, key_hash) = id;
        if let Some(row) = self.results.remove(&id) {
            changes.remove(hash(&row));
        }
        self.order[endpoint as usize].remove(&(stored_at, user, key_hash));
        self.recount(user, endpoint, |store| {
            store.of_user.remove(&(user, endpoint, stored_at, key_hash));
            if let Some(counts) = store.per_user.get_mut(&user) {
                counts[endpoint as usize] -= 1;
                if *counts == [0; 3] {
                    store.per_user.remove(&user);
                }
            }
        });
        changes.row(Row::IdempotencyForgotten { user, endpoint, hash: key_hash });
    }

    fn insert(&mut self, row: IdempotencyRow) -> u64 {
        let IdempotencyRow { user, endpoint, hash: key_hash, stored_at, .. } = row;
        self.order[endpoint as usize].insert((stored_at, user, key_hash));
        let is_oldest = self.oldest_of(user, endpoint).is_none_or(|oldest| (stored_at, key_hash) < oldest);
        let change = |store: &mut Self| {
            store.of_user.insert((user, endpoint, stored_at, key_hash));
            store.per_user.entry(user).or_default()[endpoint as usize] += 1;
        };
        if is_oldest || (self.count_of(user, endpoint) + 1).is_power_of_two() {
            self.recount(user, endpoint, change);
        } else {
            change(self);
        }
        self.results.insert((user, endpoint, key_hash), row);
        hash(&row)
    }

    /// Changes a user's keys at an endpoint, and with them the user's place among the greedy.
    fn recount(&mut self, user: UserId, endpoint: Endpoint, change: impl FnOnce(&mut Self)) {
        if let Some(was) = self.greed_of(user, endpoint) {
            self.greed[endpoint as usize].remove(&was);
        }
        change(self);
        if let Some(is) = self.greed_of(user, endpoint) {
            self.greed[endpoint as usize].insert(is);
        }
    }

    pub(crate) fn load(&mut self, row: IdempotencyRow) -> u64 {
        self.insert(row)
    }
}

fn hash(row: &IdempotencyRow) -> u64 {
    let result = match row.result {
        idempotency::Result::Charged(Charged { balance }) => [balance, 0, 0, 0, 0],
        idempotency::Result::Reserved(Reserved { reservation, schedule, amount, reserved_at, reserved_until }) => {
            [reservation.0, schedule.0, amount, reserved_at.0, reserved_until.0]
        }
        idempotency::Result::Paid(Paid { payment, amount, session_until }) => {
            [payment.0, amount, session_until.map_or(0, |until| until.0), 0, 0]
        }
    };
    Hash::new(Kind::Idempotency)
        .words([row.user.0, row.endpoint as u64, row.fingerprint, row.stored_at.0])
        .bytes(&row.hash)
        .words(result)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::EventId;

    const MAX: usize = 16;

    /// A store of a few keys, and what it forgot of them.
    struct Shelf {
        store: Store,
        now: u64,
        fingerprint: u64,
    }

    impl Shelf {
        fn new() -> Self {
            Self { store: Store::bounded(MAX), now: 1, fingerprint: 0 }
        }

        /// Stores a key a moment later; whose keys gave way to it.
        fn put(&mut self, endpoint: Endpoint, user: u64) -> Vec<(Endpoint, u64, u64)> {
            self.now += 1;
            let mut rows = Vec::new();
            let mut changes = Changes::new(Time(self.now), EventId::new(self.now, 0), &mut rows, &mut self.fingerprint);
            let key = Some(Key { hash: u128::from(self.now).to_be_bytes() });
            let asked = (UserId(user), endpoint, key, 0);
            assert_eq!(self.store.look_up(asked, true), Ok(None));
            let result = idempotency::Result::Charged(Charged { balance: 1 });
            self.store.store(UserId(user), endpoint, key, 0, result, &mut changes);
            assert!(self.store.results.len() <= MAX);
            let forgotten = rows.iter().filter_map(|row| match row {
                Row::IdempotencyForgotten { user, endpoint, hash } => {
                    Some((*endpoint, user.0, u128::from_be_bytes(*hash) as u64))
                }
                _ => None,
            });
            forgotten.collect()
        }

        fn live(&self) -> [usize; 3] {
            Endpoint::ALL.map(|endpoint| self.store.order[endpoint as usize].len())
        }

        fn fill(&mut self, endpoint: Endpoint, user: u64) -> u64 {
            let first = self.now + 1;
            while self.store.results.len() < MAX {
                assert_eq!(self.put(endpoint, user), []);
            }
            first
        }
    }

    #[test]
    fn a_full_store_forgets_the_oldest_key_of_whoever_has_most() {
        let mut shelf = Shelf::new();
        shelf.put(Endpoint::Charge, 1);
        let first = shelf.fill(Endpoint::Charge, 9);
        assert_eq!(shelf.put(Endpoint::Charge, 2), [(Endpoint::Charge, 9, first)]);
        assert_eq!(shelf.put(Endpoint::Charge, 9), [(Endpoint::Charge, 9, first + 1)], "its own, too");
        for (newcomer, gone) in (100..).zip(first + 2..first + 15) {
            assert_eq!(shelf.put(Endpoint::Charge, newcomer), [(Endpoint::Charge, 9, gone)]);
        }
        assert_eq!(shelf.put(Endpoint::Charge, 200), [(Endpoint::Charge, 1, 2)], "of equals the oldest");
    }

    #[test]
    fn charges_give_way_to_payments_and_holds_and_never_the_other_way() {
        let mut shelf = Shelf::new();
        shelf.put(Endpoint::Pay, 1);
        shelf.put(Endpoint::Reserve, 1);
        shelf.fill(Endpoint::Charge, 9);
        for endpoint in [Endpoint::Pay, Endpoint::Reserve, Endpoint::Charge, Endpoint::Pay] {
            let gone = shelf.put(endpoint, 2);
            assert!(matches!(gone.as_slice(), [(Endpoint::Charge, 9, _)]), "{endpoint:?}: {gone:?}");
        }
    }

    /// Who is inside can hold and drop seats without end: that costs nobody the key of a charge.
    #[test]
    fn no_endpoint_takes_more_than_the_others_leave() {
        let mut shelf = Shelf::new();
        shelf.fill(Endpoint::Charge, 9);
        for _ in 0..MAX {
            shelf.put(Endpoint::Reserve, 7);
            shelf.put(Endpoint::Pay, 8);
        }
        assert_eq!(shelf.live(), [8, 4, 4]);
        for _ in 0..MAX {
            shelf.put(Endpoint::Charge, 9);
        }
        assert_eq!(shelf.live(), [8, 4, 4]);
    }

    #[test]
    fn a_store_that_is_loaded_forgets_as_the_one_that_was_stored() {
        let mut shelf = Shelf::new();
        for (n, endpoint) in (0..40_u64).zip(Endpoint::ALL.into_iter().cycle()) {
            shelf.put(endpoint, n % 5);
        }
        let mut loaded = Store::bounded(MAX);
        for row in shelf.store.results.values() {
            loaded.load(*row);
        }
        assert_eq!(loaded.greed, shelf.store.greed);
        assert_eq!(loaded.of_user, shelf.store.of_user);
        assert_eq!(loaded.order, shelf.store.order);
    }

    #[test]
    fn below_the_level_a_full_store_refuses() {
        let mut shelf = Shelf::new();
        shelf.fill(Endpoint::Charge, 9);
        let key = Some(Key { hash: [7; 16] });
        let asked = (UserId(2), Endpoint::Pay, key, 0);
        assert_eq!(shelf.store.look_up(asked, false), Err(Refusal::Full("idempotency keys")));
        assert_eq!(shelf.store.look_up(asked, true), Ok(None));
    }
}
