//! Money comes from charges and goes into sales, and none is made or lost between.

use std::collections::{HashMap, HashSet};

use onsale_domain::ids::{ReservationId, UserId};
use onsale_domain::row::{Account, PaymentRow, Row, TransferRow};

use crate::audit::tally::Tally;

pub(super) struct Money {
    /// Wallets as the transfers make them; wide enough that no mistake can overflow it.
    balances: HashMap<UserId, i128>,
    paid: HashSet<ReservationId>,
    wallets: Tally,
    payments: Tally,
}

impl Money {
    pub(super) fn new() -> Self {
        Self {
            balances: HashMap::new(),
            paid: HashSet::new(),
            wallets: Tally::new("every wallet is what its transfers make, and never below zero"),
            payments: Tally::new("every payment moves its amount once, for its reservation alone"),
        }
    }

    /// Transfers are history, which a state does not have: its wallets stand for them.
    pub(super) fn load(&mut self, row: &Row) {
        match row {
            Row::Wallet { user, balance } => drop(self.balances.insert(*user, i128::from(*balance))),
            Row::Payment(payment) => drop(self.paid.insert(payment.reservation)),
            _ => {}
        }
    }

    pub(super) fn entry(&mut self, seq: u64, rows: &[Row]) {
        let mut wallets = HashMap::new();
        let mut transfers = HashMap::new();
        for row in rows {
            match row {
                Row::Wallet { user, balance } => drop(wallets.insert(*user, *balance)),
                Row::Transfer(transfer) => {
                    self.transfer(transfer);
                    transfers.extend(transfer.payment.map(|payment| (payment, transfer)));
                }
                _ => {}
            }
        }
        for row in rows {
            if let Row::Payment(payment) = row {
                self.payment(seq, payment, transfers.get(&payment.id).copied());
            }
        }
        for (user, balance) in wallets {
            let expected = self.balances.get(&user).copied().unwrap_or(0);
            self.wallets.check(i128::from(balance) == expected, || {
                format!("entry {seq}: the wallet of user {user} holds {balance}, and its transfers make {expected}")
            });
        }
    }

    pub(super) fn finish(self) -> [Tally; 2] {
        [self.wallets, self.payments]
    }

    fn transfer(&mut self, transfer: &TransferRow) {
        let amount = i128::from(transfer.amount);
        for (account, change) in [(transfer.debit, -amount), (transfer.credit, amount)] {
            match account {
                Account::Wallet(user) => *self.balances.entry(user).or_default() += change,
                Account::Cash | Account::Sales => {}
            }
        }
    }

    fn payment(&mut self, seq: u64, payment: &PaymentRow, transfer: Option<&TransferRow>) {
        let moved = transfer.is_some_and(|transfer| {
            transfer.amount == payment.amount
                && transfer.debit == Account::Wallet(payment.user)
                && transfer.credit == Account::Sales
        });
        let first = self.paid.insert(payment.reservation);
        self.payments.check(moved && first, || {
            let what = if first { "has no transfer of its amount" } else { "is not its reservation's first" };
            format!("entry {seq}: payment {} of reservation {} {what}", payment.id, payment.reservation)
        });
    }
}
