//! Wallets, on a double-entry ledger: whatever leaves one account enters another, so all accounts together are
//! always zero.

mod adjustments;
mod entrant;
mod entries;
mod erased;
mod limits;
mod reply;
mod revoked;
mod row;
mod subjects;

use hashbrown::HashMap;

use crate::changes::Changes;
use crate::fingerprint::{Hash, Kind};
use crate::ids::{INTEGER_MAX, PaymentId, TransferId, UserId};
use crate::level;
use crate::refusal::Refusal;
use crate::row::Row;

pub use adjustments::{Adjustment, AdjustmentRow, Adjustments, Direction, REFERENCE_BYTES_MAX, REFERENCES_MAX};
pub use entrant::{Entrant, Entry};
pub use entries::{ENTRIES_MAX, Entries, EntryRow, SingleUse};
pub use erased::{ErasedRow, Erasures};
pub use limits::{SEAT_LIMITS_MAX, SeatLimits};
pub use reply::{Charged, Entered, Erased};
pub use revoked::{REVOKED_MAX, Revoked};
pub use row::{Account, TransferRow};
pub use subjects::{SUBJECT_FIRST, SUBJECTS_MAX, Subjects, nobodys};

/// All wallets. One opens, empty, at first sight, and is remembered from its first charge.
#[derive(Debug)]
pub struct Wallets {
    balances: HashMap<UserId, u64>,
    pub(crate) next_transfer: TransferId,
    /// What came in from the outside world, less what went back there. Both sums are wider than any store's life is long.
    pub(crate) charged: u128,
    /// What was sold.
    pub(crate) sold: u128,
}

/// The most that comes in from the outside world in all, below [`level::FAIRNESS`]: what a program of before can keep.
const CHARGED_MAX_ONCE: u128 = i64::MAX as u128;

impl Default for Wallets {
    fn default() -> Self {
        Self { balances: HashMap::new(), next_transfer: TransferId(1), charged: 0, sold: 0 }
    }
}

impl Wallets {
    #[must_use]
    pub fn balance(&self, user: UserId) -> u64 {
        self.balances.get(&user).copied().unwrap_or(0)
    }

    /// The sum over all accounts: zero, or money was made or lost. Costs a look at every wallet.
    #[must_use]
    pub fn sum(&self) -> i128 {
        let wallets: i128 = self.balances.values().map(|&balance| i128::from(balance)).sum();
        wallets + self.sold.cast_signed() - self.charged.cast_signed()
    }

    pub(crate) fn charge(
        &mut self,
        user: UserId,
        amount: u64,
        limit: u64,
        level: u32,
        changes: &mut Changes<'_>,
    ) -> Result<Charged, Refusal> {
        if amount == 0 || amount > limit {
            return Err(Refusal::AmountInvalid);
        }
        let charged = self.charged + u128::from(amount);
        let fits = level >= level::FAIRNESS || charged <= CHARGED_MAX_ONCE;
        let Some(new) = self.balance(user).checked_add(amount).filter(|&new| new <= INTEGER_MAX && fits) else {
            return Err(Refusal::AmountInvalid);
        };
        self.charged = charged;
        self.set(user, new, changes);
        self.record(Account::Cash, Account::Wallet(user), amount, None, changes);
        Ok(Charged { balance: new })
    }

    /// Takes in what an operator or a shop has been paid, however much that is.
    pub(super) fn credit(&mut self, user: UserId, amount: u64, changes: &mut Changes<'_>) -> Result<Charged, Refusal> {
        let new = self.balance(user).checked_add(amount).filter(|&new| amount > 0 && new <= INTEGER_MAX);
        let balance = new.ok_or(Refusal::AmountInvalid)?;
        self.charged += u128::from(amount);
        self.set(user, balance, changes);
        self.record(Account::Cash, Account::Wallet(user), amount, None, changes);
        Ok(Charged { balance })
    }

    /// Gives out of the wallet what an operator or a shop pays back. What is in wallets came in before, so the sum of that
    /// never falls below zero.
    pub(super) fn take_back(
        &mut self,
        user: UserId,
        amount: u64,
        changes: &mut Changes<'_>,
    ) -> Result<Charged, Refusal> {
        if amount == 0 {
            return Err(Refusal::AmountInvalid);
        }
        let balance = self.balance(user).checked_sub(amount).ok_or(Refusal::InsufficientBalance)?;
        self.charged -= u128::from(amount);
        self.set(user, balance, changes);
        self.record(Account::Wallet(user), Account::Cash, amount, None, changes);
        Ok(Charged { balance })
    }

    pub(crate) fn debit(
        &mut self,
        user: UserId,
        amount: u64,
        payment: PaymentId,
        changes: &mut Changes<'_>,
    ) -> Result<(), Refusal> {
        let Some(new) = self.balance(user).checked_sub(amount) else { return Err(Refusal::InsufficientBalance) };
        self.sold += u128::from(amount);
        if amount > 0 {
            self.set(user, new, changes);
        }
        self.record(Account::Wallet(user), Account::Sales, amount, Some(payment), changes);
        Ok(())
    }

    fn set(&mut self, user: UserId, balance: u64, changes: &mut Changes<'_>) {
        if let Some(old) = self.balances.insert(user, balance) {
            changes.remove(hash(user, old));
        }
        changes.add(hash(user, balance));
        changes.row(Row::Wallet { user, balance });
    }

    fn record(
        &mut self,
        debit: Account,
        credit: Account,
        amount: u64,
        payment: Option<PaymentId>,
        changes: &mut Changes<'_>,
    ) {
        let id = self.next_transfer;
        self.next_transfer = TransferId(id.0 + 1);
        changes.row(Row::Transfer(TransferRow { id, at: changes.now, debit, credit, amount, payment }));
    }

    pub(crate) fn load(&mut self, user: UserId, balance: u64) -> u64 {
        self.balances.insert(user, balance);
        hash(user, balance)
    }
}

fn hash(user: UserId, balance: u64) -> u64 {
    Hash::new(Kind::Wallet).words([user.0, balance]).finish()
}
