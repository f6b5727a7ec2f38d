//! Idempotency keys: the result of a command, stored with its effect, so that a retry is answered and not redone.

mod row;
mod store;

use minicbor::{Decode, Encode};

use crate::payment::Paid;
use crate::reservation::Reserved;
use crate::user::Charged;

pub use row::IdempotencyRow;
pub(crate) use store::Store;

/// Which of the three endpoints a key was sent to: the same key may serve each once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Endpoint {
    #[n(0)]
    Charge,
    #[n(1)]
    Reserve,
    #[n(2)]
    Pay,
}

impl Endpoint {
    pub const ALL: [Self; 3] = [Self::Charge, Self::Reserve, Self::Pay];
}

/// A key as the edge hands it in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Key {
    /// The first 16 bytes of the SHA-256 of the header's value.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub hash: [u8; 16],
}

/// The compact result of a success.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Result {
    #[n(0)]
    Charged(#[n(0)] Charged),
    #[n(1)]
    Reserved(#[n(0)] Reserved),
    #[n(2)]
    Paid(#[n(0)] Paid),
}
