//! The record of levers.

use minicbor::{Decode, Encode};

use crate::ids::EventId;
use crate::time::Time;

use super::Operator;
use super::change::Change;
use super::words::{self, Words};

/// Which lever was moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Action {
    #[n(0)]
    PublishCatalog,
    #[n(1)]
    DiscardUpload,
    #[n(2)]
    OpenQueue,
    #[n(3)]
    ChangeQueue,
    #[n(4)]
    ChangeSettings,
    #[n(5)]
    ChangeSale,
    #[n(6)]
    ReleaseHold,
    #[n(7)]
    RemoveSchedule,
    #[n(8)]
    SendMessage,
    #[n(9)]
    LetSilentGo,
    #[n(10)]
    RevokeTokens,
    #[n(11)]
    AddOperator,
    #[n(12)]
    RemoveOperator,
    #[n(13)]
    WithholdSeats,
    #[n(14)]
    GiveSeatsBack,
    #[n(15)]
    ReissueTickets,
    #[n(16)]
    ChangeWebhook,
    /// By its command's number, as the next, so that what else is added at the same level finds its own place.
    #[n(44)]
    ChangeCampaign = 44,
    #[n(45)]
    AddCodes = 45,
    #[n(46)]
    EndSession = 46,
    #[n(48)]
    ErasePerson = 48,
    #[n(60)]
    RestoreStore = 60,
    #[n(66)]
    GivePlace = 66,
}

/// A lever that was moved. History: written once, never loaded into the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeverRow {
    pub id: EventId,
    pub at: Time,
    pub by: Operator,
    pub action: Action,
    /// What it was moved on, as in `queue default`.
    pub target: String,
    /// What differed, as it was: `mode OPEN, activeLimit 1000`. Empty where nothing was there.
    pub before: String,
    /// The same as it is.
    pub after: String,
}

impl LeverRow {
    pub(crate) fn new(id: EventId, at: Time, by: Operator, change: &Change) -> Self {
        let Words { target, before, after } = words::of(change);
        Self { id, at, by, action: change.action(), target, before, after }
    }
}
