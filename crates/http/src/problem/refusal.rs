//! The engine's refusals, and what else becomes of a command, as codes.

use onsale_catalog::Refused;
use onsale_domain::codes::{CAMPAIGNS_MAX, CODES_MAX};
use onsale_domain::engine::QUEUES_MAX;
use onsale_domain::operator::OPERATORS_MAX;
use onsale_domain::reply::{CatalogRefusal, Refusal};
use onsale_domain::user::{REFERENCES_MAX, REVOKED_MAX};
use onsale_node::Error;

use super::{AreaLeft, Code, Problem};

/// A key is kept for 24 hours, and nobody knows here when the caller's first was used: their next attempt comes often
/// enough once an hour.
const TOO_MANY_KEYS_RETRY_AFTER_S: u32 = 3_600;

/// Where all users' keys together are too many, somebody's end every moment.
const NO_ROOM_RETRY_AFTER_S: u32 = 10;

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal.into(),
            Error::Overloaded => Self::new(Code::Overloaded),
            Error::Unavailable => Self::new(Code::Unavailable),
            Error::OutcomeUnknown => Self::new(Code::OutcomeUnknown),
        }
    }
}

/// The share of the live Idempotency-Keys that this caller may use is full; others' keys end one by one.
pub(crate) fn no_room_for_keys() -> Problem {
    Problem::new(Code::TooManyRequests)
        .with_detail("Too many Idempotency-Keys of all users are live.")
        .with_retry_after_s(NO_ROOM_RETRY_AFTER_S)
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal {
            Refusal::AmountInvalid => Code::AmountInvalid,
            Refusal::InsufficientBalance => Code::InsufficientBalance,
            Refusal::NotAdmitted => Code::NotAdmitted,
            Refusal::SessionExpired => Code::SessionExpired,
            Refusal::SessionDone => Code::SessionDone,
            Refusal::ScheduleNotFound => Code::ScheduleNotFound,
            Refusal::SeatNotFound(seats) => return Self::new(Code::SeatNotFound).with_seats(seats),
            Refusal::SectionNotFound => return Self::no_section(),
            Refusal::CategoryNotFound => return Self::no_category(),
            Refusal::ReservationNotFound => Code::ReservationNotFound,
            Refusal::QueueNotFound => Code::QueueNotFound,
            Refusal::SeatNotAvailable(seats) => return Self::new(Code::SeatNotAvailable).with_seats(seats),
            Refusal::PriceTypeNotOffered(seats) => return Self::new(Code::PriceTypeNotOffered).with_seats(seats),
            Refusal::WheelchairPlace(seats) => return Self::new(Code::WheelchairPlace).with_seats(seats),
            Refusal::NotWheelchairPlace(seats) => return Self::new(Code::NotWheelchairPlace).with_seats(seats),
            Refusal::CompanionSeat(seats) => return Self::new(Code::CompanionSeat).with_seats(seats),
            Refusal::SeatNotWithheld(seats) => return Self::new(Code::SeatNotWithheld).with_seats(seats),
            Refusal::AreaNotFound(at) => return Self::no_area(at as usize),
            Refusal::AreaTwice(at) => return Self::area_twice(at as usize),
            Refusal::AreaTooFew(areas) => {
                let left = areas.iter().map(|(area, left)| AreaLeft { area_id: area.to_string(), left: *left });
                return Self::new(Code::AreaTooFew).with_areas(left.collect());
            }
            Refusal::SeatLeftAlone(seats) => return Self::new(Code::SeatLeftAlone).with_seats(seats),
            Refusal::SoldOut => Code::SoldOut,
            Refusal::SeatsTooFew => Code::SeatsTooFew,
            Refusal::SeatsNotTogether => Code::SeatsNotTogether,
            Refusal::AlreadyPaid => Code::AlreadyPaid,
            Refusal::NotPaid => Code::NotPaid,
            Refusal::HoldLimitReached => Code::HoldLimitReached,
            Refusal::SeatLimitReached => Code::SeatLimitReached,
            Refusal::ReservationCancelled => Code::ReservationCancelled,
            Refusal::ExtendOff => Code::ExtendOff,
            Refusal::HoldExtended => Code::HoldExtended,
            Refusal::OthersWait => Code::OthersWait,
            Refusal::OperatorExists => Code::OperatorExists,
            Refusal::OperatorNotFound => Code::OperatorNotFound,
            Refusal::QueueClosed => Code::QueueClosed,
            Refusal::QueueNotYetOpen { at, in_ms } => return Self::not_yet(Code::QueueNotYetOpen, at, in_ms),
            Refusal::QueueOver => Code::QueueOver,
            Refusal::QueueInUse => Code::QueueInUse,
            Refusal::DrawMissing => Code::DrawNotFound,
            Refusal::BeaconGiven => Code::BeaconGiven,
            Refusal::SaleClosed => Code::SaleClosed,
            Refusal::SaleNotYetOpen { at, in_ms } => return Self::not_yet(Code::SaleNotYetOpen, at, in_ms),
            Refusal::SaleOver => Code::SaleOver,
            Refusal::HoldExpired => Code::HoldExpired,
            Refusal::EntryReplayed => Code::EntryTokenReplayed,
            Refusal::EntryExpired => Code::EntryTokenExpired,
            Refusal::EntryOfAnother => Code::EntryTokenOtherUser,
            // Whoever asks with what it is by now is answered; a node that never gets there has a key of another store.
            Refusal::PseudonymOver => Code::Unavailable,
            Refusal::PersonNotFound => Code::UserNotFound,
            Refusal::ErasureLoses { balance, tickets } => {
                return Self::new(Code::ErasureLoses).with_detail(format!(
                    "The wallet has {balance} of the currency's minor unit, and {tickets} tickets are for dates that are not over. Pay it back first, or say `force`."
                ));
            }
            Refusal::CodeRequired => Code::CodeRequired,
            Refusal::CodeUnknown => Code::CodeUnknown,
            Refusal::CodeNotYet { at, in_ms } => return Self::not_yet(Code::CodeNotYet, at, in_ms),
            Refusal::CodeOver => Code::CodeOver,
            Refusal::CodeUsedUp => Code::CodeUsedUp,
            Refusal::CampaignNotFound => Code::CampaignNotFound,
            Refusal::CampaignInUse => Code::CampaignInUse,
            Refusal::CodesMissing { .. } => Code::CodesMissing,
            Refusal::CodeTwice { .. } => Code::CodeTwice,
            Refusal::ReferenceReused => Code::ReferenceReused,
            Refusal::IdempotencyKeyReused => Code::IdempotencyKeyReused,
            Refusal::TooManyKeys => {
                return Self::new(Code::TooManyRequests).with_retry_after_s(TOO_MANY_KEYS_RETRY_AFTER_S);
            }
            Refusal::SeatsInvalid => {
                return Self::field("seatId", "The seats must be at least one, and each named once.");
            }
            Refusal::SettingInvalid(setting) => return Self::field(setting, setting_range(setting)),
            Refusal::Catalog(refusal) => return catalog(&refusal),
            Refusal::Full(what) => return full(what),
        };
        Self::new(code)
    }
}

/// Where places end and keys lapse there is room again after a while; what operators make stays.
fn full(what: &'static str) -> Problem {
    let most = match what {
        "operators" => OPERATORS_MAX,
        "campaigns" => CAMPAIGNS_MAX,
        "codes" => CODES_MAX,
        "queues" => QUEUES_MAX,
        "references" => REFERENCES_MAX,
        "revoked users" => REVOKED_MAX,
        _ => return Problem::new(Code::Overloaded).with_detail(format!("There is no more room for {what}.")),
    };
    Problem::limit_reached(what, most)
}

/// What a setting must be, where its name does not say it.
pub(crate) fn setting_range(setting: &str) -> &'static str {
    match setting {
        "opensAt" => "opensAt must be later than prequeueAt.",
        "closesAt" => "closesAt must lie ahead, as it takes places away, and be later than prequeueAt and opensAt.",
        "offSaleAt" => "offSaleAt must be later than onSaleAt.",
        _ => "The setting is out of its range.",
    }
}

fn catalog(refusal: &CatalogRefusal) -> Problem {
    let code = match refusal {
        CatalogRefusal::SeatInUse { .. } | CatalogRefusal::SeatRenamed { .. } => Code::CatalogInUse,
        CatalogRefusal::ScheduleInUse { .. } => Code::ScheduleInUse,
        CatalogRefusal::NothingStaged
        | CatalogRefusal::IdOutOfRange { .. }
        | CatalogRefusal::UnknownConcert { .. }
        | CatalogRefusal::UnknownSchedule { .. }
        | CatalogRefusal::EndsBeforeStart { .. }
        | CatalogRefusal::SaleEndsBeforeStart { .. }
        | CatalogRefusal::DuplicateSeat { .. }
        | CatalogRefusal::DuplicatePosition { .. }
        | CatalogRefusal::AmountOutOfRange { .. }
        | CatalogRefusal::PriceTypesInvalid { .. }
        | CatalogRefusal::PriceTypeUnknown { .. }
        | CatalogRefusal::AttributesInvalid { .. }
        | CatalogRefusal::CompanionAlone { .. }
        | CatalogRefusal::KindsTooMany { .. }
        | CatalogRefusal::QueueName { .. } => Code::BadRequest,
        CatalogRefusal::BelowLevel { .. } => Code::LevelTooLow,
    };
    let refused = Refused::of(refusal);
    let detail = refused.sentence();
    match refused.field {
        Some(field) => Problem::field(field, detail),
        None => Problem::new(code).with_detail(detail),
    }
}
