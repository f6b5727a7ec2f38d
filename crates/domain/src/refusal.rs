//! Why a command changed nothing. Refusals are values: closed, cheap, and decided in one place.

use crate::ids::{ScheduleId, SeatId};
use crate::time::Time;

/// Why nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The charge is 0, over the limit, or would overflow the wallet.
    AmountInvalid,
    InsufficientBalance,
    /// Waiting, or a ticket of another queue.
    NotAdmitted,
    SessionExpired,
    SessionDone,
    ScheduleNotFound,
    /// Which of several seats the date has not; empty where one was asked for.
    SeatNotFound(Box<[SeatId]>),
    SectionNotFound,
    /// The best seats are wished for in a category that the date has not.
    CategoryNotFound,
    /// None of the date's areas; the place of the wish in the list.
    AreaNotFound(u32),
    /// An area is wished for twice at one price type; the place of the second wish in the list.
    AreaTwice(u32),
    ReservationNotFound,
    QueueNotFound,
    /// Which of several seats could not be had; empty where one was asked for.
    SeatNotAvailable(Box<[SeatId]>),
    /// Which of several seats are not held back, and so cannot be given back.
    SeatNotWithheld(Box<[SeatId]>),
    SoldOut,
    /// Which seats have not the price that was asked for.
    PriceTypeNotOffered(Box<[SeatId]>),
    /// Which seats are wheelchair places, and were not asked for as such.
    WheelchairPlace(Box<[SeatId]>),
    /// Which seats were asked for as wheelchair places, and are none.
    NotWheelchairPlace(Box<[SeatId]>),
    /// Which seats are for companions, and were asked for without the wheelchair place beside them.
    CompanionSeat(Box<[SeatId]>),
    /// Some seats of the date are free, but not so many, or not so many in the section.
    SeatsTooFew,
    /// Areas in which not so many places are left, and how many are.
    AreaTooFew(Box<[(Box<str>, u32)]>),
    /// Enough seats are free, but so many not side by side.
    SeatsNotTogether,
    /// Which free seats would be left single, where nobody may leave one that need not.
    SeatLeftAlone(Box<[SeatId]>),
    AlreadyPaid,
    /// There is no ticket before a payment.
    NotPaid,
    HoldLimitReached,
    /// With these seats the user would have more, held and paid, than one person may.
    SeatLimitReached,
    ReservationCancelled,
    /// Holds do not become longer here.
    ExtendOff,
    /// The hold became longer before.
    HoldExtended,
    /// Somebody waits in the queue, so no hold becomes longer.
    OthersWait,
    QueueClosed,
    /// People may join from `at` on, so many milliseconds from now.
    QueueNotYetOpen {
        at: Time,
        in_ms: u64,
    },
    /// The queue's last moment is past.
    QueueOver,
    /// Somebody waits in the queue, so its order stays.
    QueueInUse,
    /// The queue has no draw that is still to come.
    DrawMissing,
    /// Something was given for the draw before.
    BeaconGiven,
    /// An operator of that name has a key already.
    OperatorExists,
    OperatorNotFound,
    SaleClosed,
    /// The seats are sold from `at` on, so many milliseconds from now.
    SaleNotYetOpen {
        at: Time,
        in_ms: u64,
    },
    /// The last moment of the schedule's sale is past.
    SaleOver,
    HoldExpired,
    /// The key was used with another request.
    IdempotencyKeyReused,
    /// The user has too many live Idempotency-Keys.
    TooManyKeys,
    /// The entry token is good once, and was used.
    EntryReplayed,
    EntryExpired,
    /// The entry token names another user than the call does.
    EntryOfAnother,
    /// Nobody gets a number by what the person is called here: whoever asks has an older key than the store, or none.
    PseudonymOver,
    /// Nobody is called so.
    PersonNotFound,
    /// The person has so much money, and so many tickets for dates that are to come.
    ErasureLoses {
        balance: u64,
        tickets: u32,
    },
    /// Nobody joins the queue at this moment without a code.
    CodeRequired,
    /// None that opens the queue.
    CodeUnknown,
    /// The code is good from `at` on, so many milliseconds from now.
    CodeNotYet {
        at: Time,
        in_ms: u64,
    },
    /// The code's time is past, or an operator has stopped its campaign.
    CodeOver,
    /// As many as the code is good for have it, or have bought something with it.
    CodeUsedUp,
    CampaignNotFound,
    /// The campaign has codes, which open the queue that it has.
    CampaignInUse,
    /// Codes would be left out between those that there are and these: which number is due.
    CodesMissing {
        next: u32,
    },
    /// The code of this number is another one's, or this number another code's.
    CodeTwice {
        number: u32,
    },
    /// The reference was used for another user, amount or direction.
    ReferenceReused,
    /// No seats, too many, or one twice.
    SeatsInvalid,
    /// A setting is out of its range; which one.
    SettingInvalid(&'static str),
    Catalog(CatalogRefusal),
    /// A counter or table is at its limit (ticket numbers, queues, staged bytes).
    Full(&'static str),
}

/// Why a catalog was refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CatalogRefusal {
    NothingStaged,
    IdOutOfRange {
        what: &'static str,
        id: u64,
    },
    UnknownConcert {
        schedule: ScheduleId,
    },
    UnknownSchedule {
        schedule: ScheduleId,
    },
    EndsBeforeStart {
        schedule: ScheduleId,
    },
    /// The sale would end before it begins.
    SaleEndsBeforeStart {
        schedule: ScheduleId,
    },
    DuplicateSeat {
        schedule: ScheduleId,
        seat: SeatId,
    },
    DuplicatePosition {
        schedule: ScheduleId,
        position: u32,
    },
    AmountOutOfRange {
        schedule: ScheduleId,
        seat: SeatId,
    },
    /// The seat is held, sold or held back, so it can be neither removed nor repriced away.
    SeatInUse {
        schedule: ScheduleId,
        seat: SeatId,
    },
    /// The seat is held, sold or held back, and would have another section, row or number.
    SeatRenamed {
        schedule: ScheduleId,
        seat: SeatId,
    },
    /// Price types are none or too many, or one is given twice or has a name that is none.
    PriceTypesInvalid {
        schedule: ScheduleId,
    },
    /// The seat has a price at a price type that its schedule has not beside the first, or two.
    PriceTypeUnknown {
        schedule: ScheduleId,
        seat: SeatId,
    },
    /// The seat has attributes that do not go together.
    AttributesInvalid {
        schedule: ScheduleId,
        seat: SeatId,
    },
    /// The seat is for a companion, and has no wheelchair place beside it.
    CompanionAlone {
        schedule: ScheduleId,
        seat: SeatId,
    },
    /// Its seats are of too many kinds.
    KindsTooMany {
        schedule: ScheduleId,
    },
    /// It has what counts only from a higher level of the store on.
    BelowLevel {
        schedule: ScheduleId,
    },
    /// Somebody holds or bought a seat of it, or one is held back.
    ScheduleInUse {
        schedule: ScheduleId,
    },
    /// A queue's name is empty, too long, or has other characters than a-z, 0-9, `-` and `_`.
    QueueName {
        name: String,
    },
}
