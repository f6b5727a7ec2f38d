//! Who comes in, as an entry token says it.

use minicbor::{Decode, Encode};

use crate::ids::UserId;

use super::SingleUse;

/// What a good entry token says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Entry {
    #[n(0)]
    pub entrant: Entrant,
    /// Whom the call says that it is for, where it does.
    #[n(1)]
    pub asked: Option<UserId>,
    /// Where the token is good once.
    #[n(2)]
    pub once: Option<SingleUse>,
    /// The most seats of one schedule that this person may have, from here on.
    #[n(3)]
    pub limit: Option<u32>,
    /// Before whom this person stands, see [`Tier`](crate::queue::Tier). From level 6 on: until then there may be nodes that pass it over.
    #[n(4)]
    pub tier: Option<u8>,
}

/// Whom an entry token names.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Entrant {
    #[n(0)]
    User(#[n(0)] UserId),
    /// The SHA-256 of who signed it, and of what the person is called there. From level 9 on it finds who got a number by it before, and
    /// nobody new.
    #[n(1)]
    Subject(
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        [u8; 32],
    ),
    /// What the store's key makes of that. From level 9 on.
    #[n(2)]
    Pseudonym(
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        [u8; 32],
    ),
}
