//! What a lever changed, as the engine knows it. The words for it are in [`super::words`].

use crate::codes::CampaignRules;
use crate::concert::{Orphans, Published, SaleTimes};
use crate::ids::{QueueId, ReservationId, ScheduleId, SeatId, UploadId, UserId};
use crate::queue::{LetGo, Mode, Opening, Phase};
use crate::settings::{QueueSettings, Settings};
use crate::time::Time;

use super::{Action, Role, Text};

/// A lever that was moved: on what, how that was, and how it is. Where the two are alike nothing changed, and the record says
/// that somebody wanted it so.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    CatalogPublished {
        upload: UploadId,
        published: Published,
    },
    UploadDiscarded {
        upload: UploadId,
    },
    QueueOpened {
        name: String,
        was_there: bool,
    },
    QueueChanged {
        queue: QueueId,
        name: String,
        before: Rules,
        after: Rules,
    },
    OpeningChanged {
        queue: QueueId,
        name: String,
        before: (Opening, Phase),
        after: (Opening, Phase),
    },
    /// What a draw is committed to; `None` for the order of joining.
    OrderChanged {
        queue: QueueId,
        name: String,
        before: Option<[u8; 32]>,
        after: Option<[u8; 32]>,
    },
    BeaconGiven {
        queue: String,
        beacon: String,
    },
    SettingsChanged {
        before: Settings,
        after: Settings,
    },
    SaleChanged {
        schedule: ScheduleId,
        was_closed: bool,
        is_closed: bool,
    },
    SaleTimesChanged {
        schedule: ScheduleId,
        before: SaleTimes,
        after: SaleTimes,
    },
    OrphansChanged {
        schedule: ScheduleId,
        was: Orphans,
        is: Orphans,
    },
    HoldReleased {
        reservation: ReservationId,
        user: UserId,
        schedule: ScheduleId,
        seats: Box<[SeatId]>,
        reason: Option<String>,
    },
    TicketsReissued {
        reservation: ReservationId,
        user: UserId,
        schedule: ScheduleId,
        seats: Box<[SeatId]>,
        reason: String,
    },
    SeatsWithheld {
        schedule: ScheduleId,
        seats: Box<[SeatId]>,
        reason: String,
    },
    SeatsGivenBack {
        schedule: ScheduleId,
        seats: Box<[SeatId]>,
        reason: String,
    },
    ScheduleRemoved {
        schedule: ScheduleId,
    },
    MessageSent {
        /// The name of the queue that it went to; `None` for everybody.
        queue: Option<String>,
        text: Text,
    },
    SilentLetGo {
        queue: String,
        silent_ms: u64,
        gone: LetGo,
    },
    TokensRevoked {
        user: UserId,
    },
    SessionEnded {
        queue: String,
        user: UserId,
    },
    /// Whose number only the engine knows is told by the reply.
    PersonErased {
        user: Option<UserId>,
        force: bool,
    },
    OperatorAdded {
        name: String,
        role: Role,
    },
    OperatorRemoved {
        name: String,
        role: Role,
    },
    /// The name of its queue, and its rules.
    CampaignChanged {
        name: String,
        before: Option<(String, CampaignRules)>,
        after: (String, CampaignRules),
    },
    CodesAdded {
        name: String,
        first: u32,
        added: u32,
    },
    /// In the words of whoever changes webhooks.
    WebhookChanged {
        webhook: u64,
        before: String,
        after: String,
    },
    /// Whose number only the engine knows is told by the reply.
    PlaceGiven {
        user: Option<UserId>,
        queue: String,
    },
    StoreRestored {
        entry: u64,
        lost_from: Time,
        lost_until: Time,
        numbers: u64,
    },
}

/// What rules in a queue.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rules {
    pub(crate) mode: Mode,
    pub(crate) settings: QueueSettings,
}

impl Change {
    pub(crate) fn action(&self) -> Action {
        match self {
            Self::CatalogPublished { .. } => Action::PublishCatalog,
            Self::UploadDiscarded { .. } => Action::DiscardUpload,
            Self::QueueOpened { .. } => Action::OpenQueue,
            Self::QueueChanged { .. }
            | Self::OpeningChanged { .. }
            | Self::OrderChanged { .. }
            | Self::BeaconGiven { .. } => Action::ChangeQueue,
            Self::SettingsChanged { .. } => Action::ChangeSettings,
            Self::SaleChanged { .. } | Self::SaleTimesChanged { .. } | Self::OrphansChanged { .. } => {
                Action::ChangeSale
            }
            Self::HoldReleased { .. } => Action::ReleaseHold,
            Self::TicketsReissued { .. } => Action::ReissueTickets,
            Self::SeatsWithheld { .. } => Action::WithholdSeats,
            Self::SeatsGivenBack { .. } => Action::GiveSeatsBack,
            Self::ScheduleRemoved { .. } => Action::RemoveSchedule,
            Self::MessageSent { .. } => Action::SendMessage,
            Self::SilentLetGo { .. } => Action::LetSilentGo,
            Self::TokensRevoked { .. } => Action::RevokeTokens,
            Self::SessionEnded { .. } => Action::EndSession,
            Self::PersonErased { .. } => Action::ErasePerson,
            Self::OperatorAdded { .. } => Action::AddOperator,
            Self::OperatorRemoved { .. } => Action::RemoveOperator,
            Self::CampaignChanged { .. } => Action::ChangeCampaign,
            Self::CodesAdded { .. } => Action::AddCodes,
            Self::WebhookChanged { .. } => Action::ChangeWebhook,
            Self::PlaceGiven { .. } => Action::GivePlace,
            Self::StoreRestored { .. } => Action::RestoreStore,
        }
    }
}
