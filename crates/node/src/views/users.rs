//! Wallets and reservations as their owners see them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use onsale_domain::ids::{PaymentId, ReservationId, ScheduleId, UserId};
use onsale_domain::reservation::State;
use onsale_domain::row::ReservationRow;
use onsale_domain::settings::ENDED_RETENTION_MS;
use onsale_domain::time::Time;

use super::map::HashMap;

/// The most reservations that a user's list shows: the newest.
pub const RESERVATIONS_SHOWN_MAX: usize = 256;

type List = Arc<[Arc<ReservationRow>]>;

/// By user, readable while one thread writes.
#[derive(Debug, Default)]
pub struct Users {
    balances: HashMap<UserId, u64>,
    /// In order of ids, which is that of time. What is over stays until the engine forgets it.
    reservations: HashMap<UserId, List>,
    /// What was paid, for those who know a reservation and not its owner: the gate.
    paid: HashMap<ReservationId, Arc<ReservationRow>>,
    /// The reservation that each payment paid. Payments are numbered without a gap, but where a store was restored: so they are read in
    /// order.
    payments: HashMap<PaymentId, ReservationId>,
    /// The last of them.
    payment_last: AtomicU64,
    /// What is held, for the operator.
    held: HashMap<ReservationId, Arc<ReservationRow>>,
    /// Whose what ended unpaid was: the engine forgets it by its id alone.
    ended: HashMap<ReservationId, UserId>,
    now_ms: AtomicU64,
}

impl Users {
    /// The balance; a wallet opens, empty, at first sight.
    #[must_use]
    pub fn balance(&self, user: UserId) -> u64 {
        self.balances.pin().get(&user).copied().unwrap_or(0)
    }

    /// The user's reservations, oldest first, at most [`RESERVATIONS_SHOWN_MAX`]; without those that ended unpaid
    /// longer than [`ENDED_RETENTION_MS`] ago.
    #[must_use]
    pub fn reservations(&self, user: UserId) -> Arc<[Arc<ReservationRow>]> {
        let now = self.now();
        match self.reservations.pin().get(&user) {
            None => Arc::default(),
            Some(list) if list.iter().any(|row| is_over(row, now)) => {
                list.iter().filter(|row| !is_over(row, now)).cloned().collect()
            }
            Some(list) => list.clone(),
        }
    }

    /// The user's reservation, where it is among [those](Self::reservations) that are shown.
    #[must_use]
    pub fn reservation(&self, user: UserId, id: ReservationId) -> Option<Arc<ReservationRow>> {
        let reservations = self.reservations.pin();
        let list = reservations.get(&user)?;
        let at = list.binary_search_by_key(&id, |row| row.id).ok()?;
        (!is_over(&list[at], self.now())).then(|| list[at].clone())
    }

    /// The reservation, where it is paid.
    #[must_use]
    pub fn paid(&self, reservation: ReservationId) -> Option<Arc<ReservationRow>> {
        self.paid.pin().get(&reservation).cloned()
    }

    /// What the payments after `last` paid, in their order: at most `most`, without a gap but where numbers were passed over.
    #[must_use]
    pub fn payments(&self, last: PaymentId, most: usize) -> Vec<Arc<ReservationRow>> {
        let (payments, paid) = (self.payments.pin(), self.paid.pin());
        let (mut found, mut id) = (Vec::new(), last.0);
        while found.len() < most && id < self.payment_last.load(Ordering::Acquire) {
            // Behind numbers that were passed over, which is once for each time that the store was restored, all are looked at.
            let is_behind = |payment: &&PaymentId| payment.0 > id;
            let next = Some(PaymentId(id + 1)).filter(|next| payments.contains_key(next));
            let Some(next) = next.or_else(|| payments.keys().filter(is_behind).min().copied()) else { break };
            let Some(row) = payments.get(&next).and_then(|reservation| paid.get(reservation)) else { break };
            found.push(row.clone());
            id = next.0;
        }
        found
    }

    /// What is paid of a schedule, in no order. Looks at all that is paid.
    #[must_use]
    pub fn sold(&self, schedule: ScheduleId) -> Vec<Arc<ReservationRow>> {
        self.paid.pin().values().filter(|row| row.schedule == schedule).cloned().collect()
    }

    /// The holds of a schedule, newest first. Looks at all that there are.
    #[must_use]
    pub fn holds(&self, schedule: ScheduleId) -> Vec<Arc<ReservationRow>> {
        let held = self.held.pin();
        let mut holds: Vec<_> = held.values().filter(|row| row.schedule == schedule).cloned().collect();
        holds.sort_by_key(|row| core::cmp::Reverse(row.id));
        holds
    }

    pub(super) fn set_time(&self, now: Time) {
        self.now_ms.store(now.0, Ordering::Relaxed);
    }

    fn now(&self) -> Time {
        Time(self.now_ms.load(Ordering::Relaxed))
    }

    pub(super) fn set_balance(&self, user: UserId, balance: u64) {
        self.balances.pin().insert(user, balance);
    }

    pub(super) fn put(&self, row: &ReservationRow) {
        let now = self.now();
        let row = Arc::new(row.clone());
        let held = self.held.pin();
        match row.state {
            State::Held => {
                held.insert(row.id, row.clone());
            }
            State::Paid { payment, .. } => {
                held.remove(&row.id);
                self.paid.pin().insert(row.id, row.clone());
                self.payments.pin().insert(payment, row.id);
                self.payment_last.fetch_max(payment.0, Ordering::Release);
            }
            State::Lapsed { .. } | State::Cancelled { .. } | State::Released { .. } => {
                held.remove(&row.id);
                self.ended.pin().insert(row.id, row.user);
            }
        }
        let reservations = self.reservations.pin();
        let old = reservations.get(&row.user).map_or(&[] as &[_], |list| list);
        let mut list: Vec<_> = old.iter().filter(|other| !is_over(other, now)).cloned().collect();
        match list.binary_search_by_key(&row.id, |other| other.id) {
            Ok(at) => list[at] = row.clone(),
            // An old one that ends would push a newer one out.
            Err(0) if list.len() >= RESERVATIONS_SHOWN_MAX => return,
            Err(at) => list.insert(at, row.clone()),
        }
        let from = list.len().saturating_sub(RESERVATIONS_SHOWN_MAX);
        reservations.insert(row.user, list.split_off(from).into());
    }

    /// The engine has forgotten the reservation, and its owner's list does so too, though they may never come back.
    pub(super) fn forget(&self, id: ReservationId) {
        let Some(&user) = self.ended.pin().remove(&id) else { return };
        let reservations = self.reservations.pin();
        let Some(list) = reservations.get(&user) else { return };
        let left: Vec<_> = list.iter().filter(|row| row.id != id).cloned().collect();
        if left.is_empty() {
            reservations.remove(&user);
        } else {
            reservations.insert(user, left.into());
        }
    }
}

/// Whether the reservation is so old that the engine forgets it.
fn is_over(row: &ReservationRow, now: Time) -> bool {
    match row.state {
        State::Held | State::Paid { .. } => false,
        State::Lapsed { at } | State::Cancelled { at } | State::Released { at } => {
            at.plus_ms(ENDED_RETENTION_MS) <= now
        }
    }
}

#[cfg(test)]
mod tests {
    use onsale_domain::ids::SeatId;

    use super::*;

    const USER: UserId = UserId(7);
    const FULL: u64 = RESERVATIONS_SHOWN_MAX as u64;

    fn row(id: u64, state: State) -> ReservationRow {
        let seats = [SeatId(id)].into();
        let (reserved_at, reserved_until) = (Time(id), Time(id + 1));
        let (id, schedule) = (ReservationId(id), ScheduleId(1));
        ReservationRow {
            id,
            user: USER,
            schedule,
            seats,
            amount: 1,
            amounts: [].into(),
            price_types: Box::default(),
            reserved_at,
            reserved_until,
            extended: false,
            state,
        }
    }

    fn shown(users: &Users) -> Vec<u64> {
        users.reservations(USER).iter().map(|row| row.id.0).collect()
    }

    #[test]
    fn an_old_hold_that_ends_pushes_no_newer_one_out() {
        let users = Users::default();
        for id in 1..=FULL + 1 {
            users.put(&row(id, State::Held));
        }
        users.put(&row(1, State::Paid { payment: PaymentId(1), at: Time(9) }));
        assert_eq!(shown(&users), (2..=FULL + 1).collect::<Vec<_>>());
        let found = |id| users.reservation(USER, ReservationId(id)).map(|row| row.id.0);
        assert_eq!([1, 2, FULL + 1].map(found), [None, Some(2), Some(FULL + 1)]);
        users.put(&row(2, State::Cancelled { at: Time(9) }));
        assert_eq!(users.reservations(USER)[0].state, State::Cancelled { at: Time(9) });
        assert_eq!(shown(&users).len(), RESERVATIONS_SHOWN_MAX);
    }

    #[test]
    fn what_is_paid_is_found_without_its_owner() {
        let users = Users::default();
        users.put(&row(1, State::Held));
        assert_eq!(users.paid(ReservationId(1)), None);
        users.put(&row(1, State::Paid { payment: PaymentId(3), at: Time(9) }));
        assert_eq!(users.paid(ReservationId(1)).map(|row| row.user), Some(USER));
    }

    #[test]
    fn payments_are_read_in_their_order_from_any_place() {
        let users = Users::default();
        // As tables give them: by reservation.
        for (id, payment) in [(1, 3), (2, 1), (4, 2)] {
            users.put(&row(id, State::Paid { payment: PaymentId(payment), at: Time(9) }));
        }
        let read = |last, most| users.payments(PaymentId(last), most).iter().map(|row| row.id.0).collect::<Vec<_>>();
        assert_eq!([read(0, 9), read(0, 2), read(2, 9), read(3, 9)], [vec![2, 4, 1], vec![2, 4], vec![1], vec![]]);
        assert_eq!(read(u64::MAX, 9), [0; 0]);
        for (id, payment) in [(1_009, 1_003), (1_010, 1_004)] {
            users.put(&row(id, State::Paid { payment: PaymentId(payment), at: Time(9) }));
        }
        assert_eq!(
            [read(0, 9), read(3, 1), read(500, 9)],
            [vec![2, 4, 1, 1_009, 1_010], vec![1_009], vec![1_009, 1_010]]
        );
        assert_eq!(read(1_004, 9), [0; 0]);
    }

    #[test]
    fn what_the_engine_forgot_takes_no_room_of_users_who_never_come_back() {
        let users = Users::default();
        users.put(&row(1, State::Lapsed { at: Time(5) }));
        users.put(&row(2, State::Held));
        users.put(&row(2, State::Cancelled { at: Time(6) }));
        users.forget(ReservationId(1));
        assert_eq!(shown(&users), [2]);
        users.forget(ReservationId(2));
        users.forget(ReservationId(2));
        assert_eq!((users.reservations.len(), users.ended.len(), users.held.len()), (0, 0, 0));
    }

    #[test]
    fn what_ended_unpaid_shows_as_long_as_it_is_kept() {
        let users = Users::default();
        users.put(&row(1, State::Lapsed { at: Time(5) }));
        users.put(&row(2, State::Paid { payment: PaymentId(1), at: Time(5) }));
        users.set_time(Time(4 + ENDED_RETENTION_MS));
        assert_eq!(shown(&users), [1, 2]);
        users.set_time(Time(5 + ENDED_RETENTION_MS));
        assert_eq!(shown(&users), [2]);
        users.put(&row(3, State::Held));
        assert_eq!(shown(&users), [2, 3]);
    }
}
