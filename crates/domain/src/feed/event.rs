//! The kinds of events. Their encoding is kept for as long as the feed is, and read by later programs: numbers stay.

use minicbor::{Decode, Encode};

use crate::concert::PriceTypeId;
use crate::ids::{
    ConcertId, EventId, KeyId, PaymentId, QueueId, ReservationId, ScheduleId, SeatId, TicketId, TransferId, UserId,
};
use crate::operator::{Action, Kind, Text};
use crate::time::Time;
use crate::user::Account;

/// Events that are counted together, and asked for together. Numbers are stored: they stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Family {
    Feed = 0,
    Hold = 1,
    Payment = 2,
    Ticket = 3,
    Transfer = 4,
    Seat = 5,
    Schedule = 6,
    Queue = 7,
    Message = 8,
    Lever = 9,
    Token = 10,
    User = 11,
}

/// How many families there are.
pub const FAMILIES: usize = 12;

impl Family {
    /// All of them, by number.
    pub const ALL: [Self; FAMILIES] = [
        Self::Feed,
        Self::Hold,
        Self::Payment,
        Self::Ticket,
        Self::Transfer,
        Self::Seat,
        Self::Schedule,
        Self::Queue,
        Self::Message,
        Self::Lever,
        Self::Token,
        Self::User,
    ];
}

/// What is held.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Hold {
    #[n(0)]
    pub reservation: ReservationId,
    #[n(1)]
    pub user: UserId,
    #[n(2)]
    pub schedule: ScheduleId,
    #[n(3)]
    pub seats: Vec<SeatId>,
    #[n(4)]
    pub amount: u64,
    /// At which price type each seat is held, in their order. Empty where the date has none.
    #[n(5)]
    pub price_types: Vec<PriceTypeId>,
    #[n(6)]
    pub until: Time,
}

/// What is paid.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Sold {
    #[n(0)]
    pub payment: PaymentId,
    #[n(1)]
    pub reservation: ReservationId,
    #[n(2)]
    pub user: UserId,
    #[n(3)]
    pub schedule: ScheduleId,
    #[n(4)]
    pub seats: Vec<SeatId>,
}

/// How a hold ends without a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum End {
    #[n(0)]
    Lapsed,
    #[n(1)]
    Cancelled,
    #[n(2)]
    Released,
}

/// What becomes of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Token {
    #[n(0)]
    Issued,
    /// Its owner may buy.
    #[n(1)]
    Admitted,
    /// Its turn came while its owner was silent.
    #[n(2)]
    PassedOver,
    /// Its owner came back in time.
    #[n(3)]
    Returned,
    /// Paid, or left.
    #[n(4)]
    Done,
    #[n(5)]
    Expired,
}

/// Something that happened. Nobody's name is in it: who wants to know the words of an operator asks for the lever.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Event {
    /// The feed begins: what was before is not in it.
    #[n(0)]
    FeedBegan {
        #[n(0)]
        level: u32,
    },
    #[n(1)]
    HoldMade(#[n(0)] Hold),
    #[n(2)]
    HoldExtended(#[n(0)] Hold),
    #[n(3)]
    HoldEnded {
        #[n(0)]
        how: End,
        #[n(1)]
        hold: Hold,
    },
    #[n(4)]
    PaymentMade {
        #[n(0)]
        sold: Sold,
        #[n(1)]
        amount: u64,
        #[n(2)]
        price_types: Vec<PriceTypeId>,
    },
    /// What is shown at the gate exists for each of the seats.
    #[n(5)]
    PassesIssued(#[n(0)] Sold),
    #[n(6)]
    TransferMade {
        #[n(0)]
        transfer: TransferId,
        #[n(1)]
        debit: Account,
        #[n(2)]
        credit: Account,
        #[n(3)]
        amount: u64,
        #[n(4)]
        payment: Option<PaymentId>,
        /// What whoever moved it calls it, where it was an operator or a shop.
        #[n(5)]
        reference: Option<String>,
    },
    #[n(7)]
    SeatsWithheld {
        #[n(0)]
        schedule: ScheduleId,
        #[n(1)]
        seats: Vec<SeatId>,
    },
    #[n(8)]
    SeatsGivenBack {
        #[n(0)]
        schedule: ScheduleId,
        #[n(1)]
        seats: Vec<SeatId>,
    },
    /// A date as it is now.
    #[n(9)]
    ScheduleChanged {
        #[n(0)]
        schedule: ScheduleId,
        #[n(1)]
        concert: ConcertId,
        #[n(2)]
        starts_at: Time,
        #[n(3)]
        ends_at: Time,
        #[n(4)]
        on_sale_at: Option<Time>,
        #[n(5)]
        off_sale_at: Option<Time>,
        #[n(6)]
        closed: bool,
    },
    /// All seats of a date, as runs of their numbers, each from its first to its last: 50,000 seats are a few runs.
    #[n(10)]
    SeatsPublished {
        #[n(0)]
        schedule: ScheduleId,
        #[n(1)]
        runs: Vec<(SeatId, SeatId)>,
    },
    #[n(11)]
    ScheduleRemoved {
        #[n(0)]
        schedule: ScheduleId,
    },
    /// What those who wait are told: of a queue, of a date's sale, or in an operator's words.
    #[n(12)]
    News {
        #[n(0)]
        kind: Kind,
        #[n(1)]
        queue: Option<QueueId>,
        #[n(2)]
        schedule: Option<ScheduleId>,
        #[n(3)]
        text: Text,
    },
    /// An operator moved a lever. `before` and `after` are empty where they may have the name of somebody in them.
    #[n(13)]
    LeverMoved {
        #[n(0)]
        lever: EventId,
        #[n(1)]
        key: KeyId,
        #[n(2)]
        action: Action,
        #[n(3)]
        target: String,
        #[n(4)]
        before: String,
        #[n(5)]
        after: String,
    },
    #[n(14)]
    Token {
        #[n(0)]
        became: Token,
        #[n(1)]
        ticket: TicketId,
        #[n(2)]
        user: UserId,
    },
    /// The pass of a seat is another one now: those of before are none.
    #[n(15)]
    PassReissued {
        #[n(0)]
        reservation: ReservationId,
        #[n(1)]
        seat: SeatId,
        /// How often it was issued anew.
        #[n(2)]
        issue: u32,
    },
    /// Nothing leads from a person to this number any more: whoever keeps something of them beside the store has to erase it too.
    #[n(48)]
    UserErased {
        #[n(0)]
        user: UserId,
        #[n(1)]
        at: Time,
    },
}

impl Event {
    /// With which others it is counted.
    #[must_use]
    pub fn family(&self) -> Family {
        match self {
            Self::FeedBegan { .. } => Family::Feed,
            Self::HoldMade(_) | Self::HoldExtended(_) | Self::HoldEnded { .. } => Family::Hold,
            Self::PaymentMade { .. } => Family::Payment,
            Self::PassesIssued(_) | Self::PassReissued { .. } => Family::Ticket,
            Self::TransferMade { .. } => Family::Transfer,
            Self::SeatsWithheld { .. } | Self::SeatsGivenBack { .. } => Family::Seat,
            Self::ScheduleChanged { .. } | Self::SeatsPublished { .. } | Self::ScheduleRemoved { .. } => {
                Family::Schedule
            }
            Self::News { kind, .. } => match kind {
                Kind::Message => Family::Message,
                Kind::SoldOut | Kind::SaleClosed | Kind::SaleOpen => Family::Schedule,
                Kind::QueueClosed | Kind::QueuePaused | Kind::QueueOpen => Family::Queue,
            },
            Self::LeverMoved { .. } => Family::Lever,
            Self::Token { .. } => Family::Token,
            Self::UserErased { .. } => Family::User,
        }
    }
}
