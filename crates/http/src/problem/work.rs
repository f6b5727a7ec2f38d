//! What somebody who has shown no work is told to solve.

use onsale_domain::time::Time;
use serde::Serialize;
use utoipa::ToSchema;

use crate::times::{self, TimeText};

/// Work to be shown for a new place: a number `nonce` is to be found, by trying, with which
/// `SHA-256(SHA-256("onsale-proof-1\n" + challenge + "\n" + person) + nonce)` begins with `bits` zero bits. `person` is the `userId`
/// in decimal, or the entry token's `sub`, or what `person` says where it is there; `nonce` is hashed as 8 bytes, big-endian. The proof is `challenge.nonce`, with `nonce` in decimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Work {
    /// The same for everybody who joins this queue at this time.
    #[schema(example = "5986667.bW9zdGx5aGFybWxlc3M")]
    challenge: String,
    /// With how many zero bits the hash has to begin; 0 where no work is asked for.
    #[schema(minimum = 0, maximum = 24, example = 17)]
    bits: u32,
    /// From when on the proof is none any more.
    #[schema(value_type = String, format = DateTime, example = "2027-05-01T01:05:00.000Z")]
    valid_until: TimeText,
    /// Who is to do it, where they do not know what they are called: a visitor before a site.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2533274790395904")]
    pub(super) person: Option<String>,
}

impl Work {
    /// The challenge, and until when it is good, in seconds since 1970.
    pub(crate) fn new((challenge, until_s): (String, u64), bits: u32) -> Self {
        Self { challenge, bits, valid_until: times::utc(Time(until_s * 1_000)), person: None }
    }

    pub(crate) fn challenge(&self) -> &str {
        &self.challenge
    }

    pub(crate) fn bits(&self) -> u32 {
        self.bits
    }

    /// What the person is called, where they have to be told.
    pub(crate) fn person(&self) -> Option<&str> {
        self.person.as_deref()
    }
}
