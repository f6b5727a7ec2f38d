//! Money: what each owner makes of the own wallet, against what the server says.

use super::{Rule, Tally};
use crate::report::Check;

/// What the owner did, and has not compared with a balance yet.
#[derive(Clone, Copy, Debug, Default)]
struct Wallet {
    /// Charged less paid, by what was acknowledged.
    balance: u64,
    charged_since: u64,
    paid_since: u64,
    has_charged: bool,
    has_paid: bool,
    /// A command got no answer and is not sent again: whether it was done is not known.
    is_uncertain: bool,
}

/// All wallets.
#[derive(Debug)]
pub struct Wallets {
    wallets: Vec<Wallet>,
    charged: u128,
    paid: u128,
    charges: Tally,
    debits: Tally,
    payments: Tally,
}

impl Wallets {
    #[must_use]
    pub fn new(people: usize) -> Self {
        Self {
            wallets: vec![Wallet::default(); people],
            charged: 0,
            paid: 0,
            charges: Tally::new(Rule::ChargesKept),
            debits: Tally::new(Rule::DebitedOnce),
            payments: Tally::new(Rule::PaymentsKept),
        }
    }

    /// There was money in the wallet before anything was done.
    pub fn opened(&mut self, who: usize, balance: u64) {
        self.wallets[who].balance = balance;
        self.charged += u128::from(balance);
    }

    /// A charge was acknowledged, with the balance after it where the answer tells.
    pub fn charged(&mut self, who: usize, amount: u64, balance: Option<u64>) {
        let wallet = &mut self.wallets[who];
        wallet.balance = wallet.balance.saturating_add(amount);
        wallet.charged_since = amount;
        wallet.has_charged = true;
        self.charged += u128::from(amount);
        if let Some(balance) = balance {
            self.balance(who, balance);
        }
    }

    /// A payment was acknowledged.
    pub fn paid(&mut self, who: usize, amount: u64) {
        let wallet = &mut self.wallets[who];
        self.paid += u128::from(amount);
        self.debits.judge(wallet.balance >= amount, || {
            format!("wallet {who} paid {amount}, and had {} by its owner's count", wallet.balance)
        });
        wallet.balance = wallet.balance.saturating_sub(amount);
        wallet.paid_since = amount;
        wallet.has_paid = true;
    }

    /// A charge or a payment got no answer, and nobody will ask again.
    pub fn in_doubt(&mut self, who: usize) {
        self.wallets[who].is_uncertain = true;
    }

    /// The server told the balance, after all that was acknowledged and with nothing under way.
    pub fn balance(&mut self, who: usize, balance: u64) {
        let wallet = &mut self.wallets[who];
        if wallet.is_uncertain {
            return;
        }
        let expected = wallet.balance;
        let example = || format!("wallet {who} has {balance}, and {expected} by its owner's count");
        let holds = balance == expected;
        // What is missing, or too much, tells what went wrong; where it does not, what was done last is to blame.
        let is_made_of = |difference: Option<u64>, amount: u64| {
            difference.is_some_and(|difference| difference > 0 && amount > 0 && difference.is_multiple_of(amount))
        };
        let missing = expected.checked_sub(balance);
        let is_debit = is_made_of(missing, wallet.paid_since);
        let is_charge = !is_debit && is_made_of(missing, wallet.charged_since);
        if holds {
            self.charges.hold(u64::from(wallet.has_charged));
            self.debits.hold(u64::from(wallet.has_paid));
        } else if is_made_of(balance.checked_sub(expected), wallet.paid_since) {
            self.payments.judge(false, example);
        } else if is_debit || (wallet.paid_since > 0 && !is_charge) {
            self.debits.judge(false, example);
        } else {
            self.charges.judge(false, example);
        }
        wallet.balance = balance;
        wallet.charged_since = 0;
        wallet.paid_since = 0;
    }

    /// A payment of `amount` was refused for want of money.
    pub fn too_poor(&mut self, who: usize, amount: u64) {
        let expected = self.wallets[who].balance;
        self.charges.judge(expected < amount, || {
            format!("wallet {who} has {expected} by its owner's count, and cannot pay {amount}")
        });
    }

    /// The balance by the owner's count.
    #[must_use]
    pub fn expected(&self, who: usize) -> u64 {
        self.wallets[who].balance
    }

    /// All that was charged, and all that was paid.
    #[must_use]
    pub fn sums(&self) -> (u128, u128) {
        (self.charged, self.paid)
    }

    /// Payments that were acknowledged and have not been debited. The seats alone do not tell: a seat whose payment was
    /// lost may have been sold to somebody else since.
    #[must_use]
    pub fn lost_payments(&self) -> &Tally {
        &self.payments
    }

    /// The results; `left` is the sum of all balances that the server told at the end, where it told them all.
    #[must_use]
    pub fn conclude(self, part: &str, left: Option<u128>) -> Vec<Check> {
        let (charged, paid) = (self.charged, self.paid);
        let mut money = Tally::new(Rule::MoneyConserved);
        // Of a wallet with an open end nobody knows what should be in it.
        if let Some(left) = left.filter(|_| charged > 0 && !self.wallets.iter().any(|wallet| wallet.is_uncertain)) {
            money.judge(charged == paid + left, || {
                format!("{charged} were charged, {paid} were paid, and {left} are left")
            });
        }
        [self.charges, self.debits, money].map(|tally| tally.into_check(part)).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(wallets: Wallets, left: u128) -> Vec<(String, u64)> {
        let checks = wallets.conclude("test", Some(left));
        checks.into_iter().filter(|check| check.wrong > 0).map(|check| (check.id, check.wrong)).collect()
    }

    #[test]
    fn money_that_is_where_it_belongs_is_right() {
        let mut wallets = Wallets::new(1);
        wallets.charged(0, 150_000, Some(150_000));
        wallets.paid(0, 120_000);
        wallets.balance(0, 30_000);
        assert_eq!(wrong(wallets, 30_000), []);
    }

    #[test]
    fn a_wallet_with_an_open_end_is_not_judged() {
        let mut wallets = Wallets::new(1);
        wallets.charged(0, 150_000, Some(150_000));
        wallets.in_doubt(0);
        wallets.balance(0, 300_000);
        assert_eq!(wrong(wallets, 300_000), []);
    }

    #[test]
    fn a_payment_that_is_debited_twice_is_called_that() {
        let mut wallets = Wallets::new(1);
        wallets.charged(0, 250_000, Some(250_000));
        wallets.paid(0, 120_000);
        wallets.balance(0, 10_000);
        assert_eq!(wrong(wallets, 10_000), [("debited_once".to_owned(), 1), ("money_conserved".to_owned(), 1)]);
    }

    #[test]
    fn a_payment_that_is_not_debited_is_a_lost_one() {
        let mut wallets = Wallets::new(1);
        wallets.charged(0, 150_000, Some(150_000));
        wallets.paid(0, 120_000);
        wallets.balance(0, 150_000);
        assert_eq!(wallets.lost_payments().wrong(), 1);
        assert_eq!(wrong(wallets, 150_000), [("money_conserved".to_owned(), 1)]);
    }

    #[test]
    fn money_that_was_there_before_is_left_too() {
        let mut wallets = Wallets::new(1);
        wallets.opened(0, 500);
        wallets.charged(0, 1_000, None);
        wallets.paid(0, 1_200);
        wallets.balance(0, 300);
        assert_eq!(wrong(wallets, 300), []);
    }

    #[test]
    fn a_charge_that_is_lost_is_called_that() {
        let mut wallets = Wallets::new(2);
        wallets.charged(0, 130_000, Some(0));
        wallets.charged(1, 130_000, Some(130_000));
        wallets.balance(1, 0);
        assert_eq!(wrong(wallets, 0)[0], ("charges_kept".to_owned(), 2));
    }
}
