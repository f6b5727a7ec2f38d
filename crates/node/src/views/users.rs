//! Wallets and reservations as their owners see them.

use std::sync::Arc;

use onsale_domain::ids::UserId;
use onsale_domain::row::ReservationRow;
use papaya::HashMap;

/// The most reservations that a user's list shows: the newest.
pub const RESERVATIONS_SHOWN_MAX: usize = 256;

/// By user, readable while one thread writes.
#[derive(Debug, Default)]
pub struct Users {
    balances: HashMap<UserId, u64>,
    reservations: HashMap<UserId, Arc<[Arc<ReservationRow>]>>,
}

impl Users {
    /// The balance; a wallet opens, empty, at first sight.
    #[must_use]
    pub fn balance(&self, user: UserId) -> u64 {
        self.balances.pin().get(&user).copied().unwrap_or(0)
    }

    /// The user's reservations, oldest first, at most [`RESERVATIONS_SHOWN_MAX`].
    #[must_use]
    pub fn reservations(&self, user: UserId) -> Arc<[Arc<ReservationRow>]> {
        self.reservations.pin().get(&user).cloned().unwrap_or_default()
    }

    pub(super) fn set_balance(&self, user: UserId, balance: u64) {
        self.balances.pin().insert(user, balance);
    }

    pub(super) fn put(&self, row: &ReservationRow) {
        let reservations = self.reservations.pin();
        let old = reservations.get(&row.user).map_or(&[] as &[_], |list| list);
        let row = Arc::new(row.clone());
        let list: Arc<[_]> = match old.iter().rposition(|other| other.id == row.id) {
            Some(at) => {
                old.iter().enumerate().map(|(i, other)| if i == at { row.clone() } else { other.clone() }).collect()
            }
            None => {
                let from = (old.len() + 1).saturating_sub(RESERVATIONS_SHOWN_MAX);
                old[from..].iter().cloned().chain([row.clone()]).collect()
            }
        };
        reservations.insert(row.user, list);
    }
}
