//! The eight endpoints and their companions.

use super::call::Call;
use super::{QUEUE_TOKEN, Tag};
use crate::api::{Access, Effect, News, Route, Row, Verb};
use crate::problem::Code;
use crate::wire::{
    Balance, Cancel, Cancelled, Charge, Extend, Extended, Issue, Issued, Paid, Payment, Place, Reservation, Reserve,
    Reserved, Schedule, Seat, SeatTicket, Section,
};

/// All of them, in the order of the table.
pub(super) fn calls() -> Vec<Call> {
    Route::OF_THE_API.iter().filter_map(|&route| describe(route)).collect()
}

fn describe(route: Route) -> Option<Call> {
    let row = route.row()?;
    Some(match route {
        Route::Token => issue(row),
        Route::Check => check(row),
        Route::Leave => leave(row),
        Route::Stay => stay(row),
        Route::Stream => stream(row),
        Route::News => news(row),
        Route::Charge => charge(row),
        Route::Balance => balance(row),
        Route::Schedules => schedules(row),
        Route::Seats => seats(row),
        Route::Sections => sections(row),
        Route::Reserve => reserve(row),
        Route::Cancel => cancel(row),
        Route::Reservations => reservations(row),
        Route::Extend => extend(row),
        Route::Pay => pay(row),
        Route::Tickets => tickets(row),
        Route::Gate | Route::Asset | Route::Other => return None,
    })
}

impl Call {
    /// What the table says of a route, and its name in generated clients.
    fn to(row: &Row, id: &str, summary: &str) -> Self {
        let call = match row.verb {
            Verb::Get => Self::get(row.path, id, summary),
            Verb::Post => Self::post(row.path, id, summary),
        };
        let call = match row.access {
            Access::Anybody => call,
            Access::Authentic | Access::AuthenticOrSigned => call.authentic(),
            Access::Admitted | Access::AdmittedUnlessDone => call.admitted(),
        };
        match row.effect {
            Effect::None => call,
            Effect::Poll => call.writes(),
            Effect::Write if row.is_limited() => call.writes().refuses(&[Code::RateLimited]),
            Effect::Write => call.writes(),
        }
    }

    /// Needs an authentic queue token, of whatever status.
    fn authentic(self) -> Self {
        self.secured(QUEUE_TOKEN).refuses(&[Code::TokenMissing, Code::TokenInvalid])
    }

    /// Needs a token whose status is PROGRESS.
    fn admitted(self) -> Self {
        self.authentic().refuses(&[Code::NotAdmitted, Code::SessionExpired, Code::SessionDone])
    }
}

/// Why an entry token that a known key has signed is not taken, wherever one is.
const SIGNED: [Code; 5] = [
    Code::EntryTokenIssuer,
    Code::EntryTokenAudience,
    Code::EntryTokenExpired,
    Code::EntryTokenNotYet,
    Code::EntryTokenReplayed,
];

fn issue(row: &Row) -> Call {
    Call::to(row, "issueToken", "Get a queue token")
        .describe(
            "A user has one live place per queue: who waits or is inside already gets the same token and place again. \
             A user whose ticket is DONE or EXPIRED joins at the tail. Users need no registration. Where the service wants an \
             entry token (`entrySigned` of `GET /v1/sale`), the user is whom it names; one that has a `jti` is good once. After `Bearer` it needs no body.",
        )
        .takes::<Issue<'_>>()
        .gives::<Issued<'_>>()
        .refuses(&[
            Code::EntryTokenMissing,
            Code::EntryTokenInvalid,
            Code::EntryTokenUnsigned,
            Code::EntryTokenAlgorithm,
            Code::EntryTokenKeyUnknown,
        ])
        .refuses(&SIGNED)
        .refuses(&[Code::EntryTokenOtherUser, Code::EntryTokenOtherQueue, Code::QueueNotFound, Code::QueueClosed, Code::QueueNotYetOpen, Code::QueueOver])
        .refuses(&[Code::CodeRequired, Code::CodeUnknown, Code::CodeNotYet, Code::CodeOver, Code::CodeUsedUp, Code::ProofRequired])
        .retried_by_key()
        .tag(Tag::Queue.name())
}

fn check(row: &Row) -> Call {
    Call::to(row, "checkToken", "Ask for one's place")
        .describe("Poll this. Asking keeps the place of who waits. A body is not needed, and ignored.")
        .gives::<Place>()
        .tag(Tag::Queue.name())
}

fn leave(row: &Row) -> Call {
    Call::to(row, "leaveQueue", "Give one's place or session up")
        .describe("The ticket is DONE. Holds go on until they lapse. A body is not needed, and ignored.")
        .gives::<Place>()
        .tag(Tag::Queue.name())
}

fn stay(row: &Row) -> Call {
    Call::to(row, "stayInside", "Say that one is still there")
        .describe(
            "Where idle sessions end (`sessionIdleAt`), or sessions become longer (`sessionMaxAt`), the caller has the whole time again: \
             a page calls this when its user does something on it. It changes nothing for who is not inside. A body is not needed, and ignored.",
        )
        .gives::<Place>()
        .tag(Tag::Queue.name())
}

fn stream(row: &Row) -> Call {
    Call::to(row, "streamPlace", "Be told one's place as it changes")
        .describe(
            "Server-sent events. `place` has the object that a check answers: at once, then when it has changed, at \
             most about once a second. `news` has what `GET /v1/api/queue/news` lists, the recent ones at once; an \
             `id` comes with it, to be sent back as `Last-Event-ID`. While nothing changes a comment comes every 15 seconds. An open stream keeps \
             the place as polls do. When the ticket is DONE or EXPIRED that is said, and the stream ends.",
        )
        .gives_events::<Place>("Events, until the ticket has ended")
        .refuses(&[Code::TooManyRequests])
        .tag(Tag::Queue.name())
}

fn news(row: &Row) -> Call {
    Call::to(row, "listNews", "News for those who wait, oldest first")
        .describe("The same that the stream tells, for those who poll: of the last hour, and what is sold out.")
        .gives_list::<News>()
        .tagged()
        .tag(Tag::Queue.name())
}

fn charge(row: &Row) -> Call {
    Call::to(row, "chargeWallet", "Add money to one's wallet")
        .takes::<Charge>()
        .gives::<Balance>()
        .keyed()
        .refuses(&[Code::AmountInvalid, Code::ChargeOff])
        .tag(Tag::Wallet.name())
}

fn balance(row: &Row) -> Call {
    Call::to(row, "getBalance", "Ask for one's balance").gives::<Balance>().tagged().tag(Tag::Wallet.name())
}

fn schedules(row: &Row) -> Call {
    Call::to(row, "listSchedules", "List dates")
        .describe("The dates of the concerts that the token's queue opens.")
        .query_id("concertId", false, "Lists the dates of this concert alone.")
        .gives_list::<Schedule>()
        .tagged()
        .tag(Tag::Concerts.name())
}

fn seats(row: &Row) -> Call {
    Call::to(row, "listSeats", "List the seats of a date")
        .describe("A list shows one moment, never a mixture of two.")
        .query_id("scheduleId", true, "The date.")
        .query_text("section", "Lists the seats of this section alone.")
        .gives_list::<Seat>()
        .tagged()
        .refuses(&[Code::ScheduleNotFound])
        .tag(Tag::Concerts.name())
}

fn sections(row: &Row) -> Call {
    Call::to(row, "listSections", "Count what is left, section by section")
        .describe("What a page needs before it asks for the seats of a section: small, however large the hall is.")
        .query_id("scheduleId", true, "The date.")
        .gives_list::<Section>()
        .tagged()
        .refuses(&[Code::ScheduleNotFound])
        .tag(Tag::Concerts.name())
}

fn reserve(row: &Row) -> Call {
    Call::to(row, "reserveSeat", "Hold a seat, or several")
        .describe(
            "The seats are the caller's to pay until `reservedUntil`; then they are free again. Of several, all are held or \
             none: a refusal lists in `seatIds` those that could not be had, and one payment pays them all. Who names none, and says \
             by `best` how many, has the best that are free, side by side, and the answer lists them: no race is lost to others. Of \
             areas where people stand, as many places are held as are wished for, any that are free; one that has fewer is named in \
             `areas`, with what is left. \
             Whoever drops a seat and takes it again has it until the first hold would have ended. A date with price types has each \
             seat held at one of them, the first where none is named; wheelchair places are kept for who says that one is meant. A field of the \
             body that is not known is passed over, as everywhere; one within `seats`, `best` and `areas` is refused, and named: a \
             price type that is misspelt would be another price.",
        )
        .takes::<Reserve<'_>>()
        .gives::<Reserved>()
        .keyed()
        .refuses(&[
            Code::SeatTwice,
            Code::AreaTwice,
            Code::SeatsTooMany,
            Code::ScheduleNotFound,
            Code::SeatNotFound,
            Code::SeatNotAvailable,
            Code::SeatsTooFew,
            Code::AreaTooFew,
            Code::SeatsNotTogether,
            Code::AreaPriceNotOffered,
            Code::PriceTypeNotOffered,
            Code::WheelchairPlace,
            Code::NotWheelchairPlace,
            Code::CompanionSeat,
            Code::SeatLeftAlone,
            Code::SoldOut,
            Code::HoldLimitReached,
            Code::SeatLimitReached,
            Code::SaleClosed,
            Code::SaleNotYetOpen,
            Code::SaleOver,
        ])
        .tag(Tag::Reservations.name())
}

fn cancel(row: &Row) -> Call {
    Call::to(row, "cancelReservation", "Drop one's hold")
        .takes::<Cancel>()
        .gives::<Cancelled>()
        .refuses(&[Code::ReservationNotFound, Code::AlreadyPaid, Code::ReservationCancelled, Code::HoldExpired])
        .tag(Tag::Reservations.name())
}

fn extend(row: &Row) -> Call {
    Call::to(row, "extendReservation", "Make one's hold longer, once")
        .describe("By `holdExtendSeconds` of `GET /v1/sale`, where the service allows it, and while nobody waits in the queue of the concert.")
        .takes::<Extend>()
        .gives::<Extended>()
        .refuses(&[
            Code::ExtendOff,
            Code::ReservationNotFound,
            Code::AlreadyPaid,
            Code::HoldExtended,
            Code::OthersWait,
            Code::ReservationCancelled,
            Code::SaleClosed,
            Code::SaleOver,
            Code::SaleNotYetOpen,
            Code::HoldExpired,
        ])
        .tag(Tag::Reservations.name())
}

fn reservations(row: &Row) -> Call {
    Call::to(row, "listReservations", "List one's reservations, newest first")
        .gives_list::<Reservation>()
        .tagged()
        .tag(Tag::Reservations.name())
}

fn pay(row: &Row) -> Call {
    Call::to(row, "payReservation", "Pay one's hold")
        .describe("Debits the wallet, sells the seats and ends the session in that queue, as one step, once. While the caller holds \
             something else that the queue opens, the session goes on, and `queueStatus` is PROGRESS.")
        .takes::<Payment>()
        .gives::<Paid>()
        .keyed()
        .refuses(&[
            Code::InsufficientBalance,
            Code::ReservationNotFound,
            Code::AlreadyPaid,
            Code::ReservationCancelled,
            Code::HoldExpired,
        ])
        .tag(Tag::Reservations.name())
}

fn tickets(row: &Row) -> Call {
    Call::to(row, "listTickets", "List the tickets to the seats that one paid")
        .describe(
            "One for each seat, newest payment first, signed so that a gate can verify it without a network. Where the service takes \
             entry tokens (`entrySigned` of `GET /v1/sale`), one does here too, after `Bearer`: for who has no place, and no queue \
             that is open. One with a `jti` that was used does not.",
        )
        .refuses(&SIGNED)
        .refuses(&[Code::RateLimited, Code::Unavailable])
        .gives_list::<SeatTicket<'_>>()
        .tagged()
        .tag(Tag::Reservations.name())
}
