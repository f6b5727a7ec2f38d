//! What a wallet answers.

use minicbor::{Decode, Encode};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Charged {
    /// The balance after it.
    #[n(0)]
    pub balance: u64,
}
