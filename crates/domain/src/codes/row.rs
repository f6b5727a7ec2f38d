//! The rows of codes, and what is answered.

use minicbor::bytes::{DecodeBytes, EncodeBytes};
use minicbor::{Decode, Encode};

use crate::fingerprint::{Hash, Kind};
use crate::ids::{CampaignId, TicketId, UserId};
use crate::time::Time;

use super::Use;

/// What is kept of a code: the first half of an HMAC-SHA256 of its queue's name and of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodeDigest(pub [u8; 16]);

impl<C> Encode<C> for CodeDigest {
    fn encode<W: minicbor::encode::Write>(
        &self,
        encoder: &mut minicbor::Encoder<W>,
        context: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        self.0.encode_bytes(encoder, context)
    }
}

impl<'b, C> Decode<'b, C> for CodeDigest {
    fn decode(decoder: &mut minicbor::Decoder<'b>, context: &mut C) -> Result<Self, minicbor::decode::Error> {
        DecodeBytes::decode_bytes(decoder, context).map(Self)
    }
}

/// One code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeRow {
    pub campaign: CampaignId,
    /// Its place in what was added, from 1.
    pub number: u32,
    pub digest: CodeDigest,
    /// How many uses are taken: somebody's, or used up.
    pub used: u32,
}

/// Somebody's use of a code. State until it has ended, and history from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeUseRow {
    /// The place that it was taken with.
    pub ticket: TicketId,
    pub user: UserId,
    pub campaign: CampaignId,
    pub number: u32,
    pub digest: CodeDigest,
    pub taken_at: Time,
    /// Whether something was bought with it. One that ended without is the next one's.
    pub paid: bool,
    pub ended_at: Option<Time>,
}

/// What came of adding codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodesAdded {
    /// How many the campaign has.
    pub codes: u32,
    /// How many of those that were sent it had not before.
    pub added: u32,
}

pub(super) fn use_row(user: UserId, taken: &Use, ended_at: Option<Time>) -> CodeUseRow {
    let Use { ticket, digest, campaign, number, taken_at, paid } = *taken;
    CodeUseRow { ticket, user, campaign, number, digest, taken_at, paid, ended_at }
}

pub(super) fn use_hash(user: UserId, taken: &Use) -> u64 {
    let Use { ticket, digest, campaign: _, number: _, taken_at, paid } = taken;
    Hash::new(Kind::CodeUse)
        .words([u64::from(ticket.queue.0) << 32 | u64::from(ticket.number), user.0])
        .bytes(&digest.0)
        .words([taken_at.0, u64::from(*paid)])
        .finish()
}
