//! The rows of the ledger.

use minicbor::{Decode, Encode};

use crate::ids::{PaymentId, TransferId, UserId};
use crate::time::Time;

/// An account of the ledger. The sum over all accounts is zero at every moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum Account {
    /// The outside world that money comes from, and goes back to: the negative of all that is in here of it.
    #[n(0)]
    Cash,
    /// What was sold.
    #[n(1)]
    Sales,
    /// A user's wallet.
    #[n(2)]
    Wallet(#[n(0)] UserId),
}

/// One movement of money: `amount` leaves `debit` and enters `credit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransferRow {
    pub id: TransferId,
    pub at: Time,
    pub debit: Account,
    pub credit: Account,
    pub amount: u64,
    /// The payment that moved it; `None` for a charge, a credit and a debit.
    pub payment: Option<PaymentId>,
}
