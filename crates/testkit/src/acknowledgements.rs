//! What a client was told is done, kept outside the server that is about to be killed.

use std::sync::{Mutex, PoisonError};

/// One acknowledged effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acknowledged {
    /// A place in the default queue.
    Issue { user: u64, token: String },
    /// Money added to a wallet.
    Charge { user: u64, amount: u64 },
    /// A seat held.
    Hold { user: u64, reservation: u64, seat: u64 },
    /// A hold paid.
    Payment { user: u64, reservation: u64, seat: u64, payment: u64, amount: u64 },
}

/// Acknowledgements in the order in which they came.
#[derive(Debug, Default)]
pub struct Log(Mutex<Vec<Acknowledged>>);

impl Log {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub fn add(&self, acknowledged: Acknowledged) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(acknowledged);
    }

    /// Everything that was acknowledged so far.
    #[must_use]
    pub fn entries(&self) -> Vec<Acknowledged> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
