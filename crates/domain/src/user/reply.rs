//! What a wallet answers.

use minicbor::{Decode, Encode};

use crate::ids::UserId;
use crate::queue::Joined;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Charged {
    /// The balance after it.
    #[n(0)]
    pub balance: u64,
}

/// Who came in with an entry token, and their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    pub user: UserId,
    pub joined: Joined,
}
