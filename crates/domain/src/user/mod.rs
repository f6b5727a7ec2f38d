//! Wallets, on a double-entry ledger: whatever leaves one account enters another, so all accounts together are
//! always zero.

mod revoked;

use hashbrown::HashMap;

use crate::changes::Changes;
use crate::fingerprint::{Hash, Kind};
use crate::ids::{INTEGER_MAX, PaymentId, TransferId, UserId};
use crate::reply::{Charged, Refusal};
use crate::row::{Account, Row, TransferRow};

pub use revoked::{REVOKED_MAX, Revoked};

/// All wallets. One opens, empty, at first sight, and is remembered from its first charge.
#[derive(Debug)]
pub struct Wallets {
    balances: HashMap<UserId, u64>,
    pub(crate) next_transfer: TransferId,
    /// What came in from the outside world.
    pub(crate) charged: u64,
    /// What was sold.
    pub(crate) sold: u64,
}

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
        wallets + i128::from(self.sold) - i128::from(self.charged)
    }

    pub(crate) fn charge(
        &mut self,
        user: UserId,
        amount: u64,
        limit: u64,
        changes: &mut Changes<'_>,
    ) -> Result<Charged, Refusal> {
        let balance = self.balance(user);
        let total = self.charged.checked_add(amount).filter(|&total| i64::try_from(total).is_ok());
        let (Some(total), Some(new)) = (total, balance.checked_add(amount).filter(|&new| new <= INTEGER_MAX)) else {
            return Err(Refusal::AmountInvalid);
        };
        if amount == 0 || amount > limit {
            return Err(Refusal::AmountInvalid);
        }
        self.charged = total;
        self.set(user, new, changes);
        self.record(Account::Cash, Account::Wallet(user), amount, None, changes);
        Ok(Charged { balance: new })
    }

    pub(crate) fn debit(
        &mut self,
        user: UserId,
        amount: u64,
        payment: PaymentId,
        changes: &mut Changes<'_>,
    ) -> Result<(), Refusal> {
        let Some(new) = self.balance(user).checked_sub(amount) else { return Err(Refusal::InsufficientBalance) };
        self.sold += amount;
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
