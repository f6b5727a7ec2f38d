//! The eight endpoints and their companions.

use super::call::Call;
use super::{QUEUE_TOKEN, Tag};
use crate::api::News;
use crate::problem::Code;
use crate::wire::{
    Balance, Cancel, Cancelled, Charge, Issue, Issued, Paid, Payment, Place, Reservation, Reserve, Reserved, Schedule,
    Seat, SeatTicket, Section,
};

/// All of them, in the order of [`crate::api::ROUTES`].
pub(super) fn calls() -> Vec<Call> {
    let [issue, check, leave, stream, news] = queue();
    let [charge, balance] = wallet();
    let [schedules, seats, sections] = concerts();
    let [reserve, cancel, reservations, pay, tickets] = reservations();
    vec![
        issue,
        check,
        leave,
        stream,
        news,
        charge,
        balance,
        schedules,
        seats,
        reserve,
        cancel,
        reservations,
        pay,
        tickets,
        sections,
    ]
}

impl Call {
    /// Needs an authentic queue token, of whatever status.
    fn authentic(self) -> Self {
        self.secured(QUEUE_TOKEN).refuses(&[Code::TokenMissing, Code::TokenInvalid])
    }

    /// Needs a token whose status is PROGRESS.
    fn admitted(self) -> Self {
        self.authentic().refuses(&[Code::NotAdmitted, Code::SessionExpired, Code::SessionDone])
    }
}

fn queue() -> [Call; 5] {
    let issue = Call::post("/v1/api/queue/token", "issueToken", "Get a queue token")
        .describe(
            "A user has one live place per queue: who waits or is inside already gets the same token and place again. \
             A user whose ticket is DONE or EXPIRED joins at the tail. Users need no registration.",
        )
        .takes::<Issue<'_>>()
        .gives::<Issued<'_>>()
        .refuses(&[Code::QueueNotFound, Code::QueueClosed])
        .writes();
    let check = Call::post("/v1/api/queue/token/check", "checkToken", "Ask for one's place")
        .describe("Poll this. Asking keeps the place of who waits. A body is not needed, and ignored.")
        .authentic()
        .gives::<Place>()
        .writes();
    let leave = Call::post("/v1/api/queue/token/leave", "leaveQueue", "Give one's place or session up")
        .describe("The ticket is DONE. Holds go on until they lapse. A body is not needed, and ignored.")
        .authentic()
        .gives::<Place>()
        .writes();
    let stream = Call::get("/v1/api/queue/stream", "streamPlace", "Be told one's place as it changes")
        .describe(
            "Server-sent events. `place` has the object that a check answers: at once, then when it has changed, at \
             most about once a second. `news` has what `GET /v1/api/queue/news` lists, the recent ones at once; an \
             `id` comes with it, to be sent back as `Last-Event-ID`. While nothing changes a comment comes every 15 seconds. An open stream keeps \
             the place as polls do. When the ticket is DONE or EXPIRED that is said, and the stream ends.",
        )
        .authentic()
        .gives_events::<Place>("Events, until the ticket has ended")
        .refuses(&[Code::TooManyRequests])
        .writes();
    let news = Call::get("/v1/api/queue/news", "listNews", "News for those who wait, oldest first")
        .describe("The same that the stream tells, for those who poll: of the last hour, and what is sold out.")
        .authentic()
        .gives_list::<News>()
        .tagged();
    [issue, check, leave, stream, news].map(|call| call.tag(Tag::Queue.name()))
}

fn wallet() -> [Call; 2] {
    let charge = Call::post("/v1/api/user/amount", "chargeWallet", "Add money to one's wallet")
        .authentic()
        .takes::<Charge>()
        .gives::<Balance>()
        .keyed()
        .refuses(&[Code::AmountInvalid])
        .writes();
    let balance =
        Call::get("/v1/api/user/amount", "getBalance", "Ask for one's balance").authentic().gives::<Balance>().tagged();
    [charge, balance].map(|call| call.tag(Tag::Wallet.name()))
}

fn concerts() -> [Call; 3] {
    let schedules = Call::get("/v1/api/concerts/schedule", "listSchedules", "List dates")
        .describe("The dates of the concerts that the token's queue opens.")
        .admitted()
        .query_id("concertId", false, "Lists the dates of this concert alone.")
        .gives_list::<Schedule>()
        .tagged();
    let seats = Call::get("/v1/api/concerts/seat", "listSeats", "List the seats of a date")
        .describe("A list shows one moment, never a mixture of two.")
        .admitted()
        .query_id("scheduleId", true, "The date.")
        .query_text("section", "Lists the seats of this section alone.")
        .gives_list::<Seat>()
        .tagged()
        .refuses(&[Code::ScheduleNotFound]);
    let sections = Call::get("/v1/api/concerts/section", "listSections", "Count what is left, section by section")
        .describe("What a page needs before it asks for the seats of a section: small, however large the hall is.")
        .admitted()
        .query_id("scheduleId", true, "The date.")
        .gives_list::<Section>()
        .tagged()
        .refuses(&[Code::ScheduleNotFound]);
    [schedules, seats, sections].map(|call| call.tag(Tag::Concerts.name()))
}

fn reservations() -> [Call; 5] {
    let reserve = Call::post("/v1/api/concerts/reserve", "reserveSeat", "Hold a seat")
        .describe(
            "The seat is the caller's to pay until `reservedUntil`; then it is free again. \
             Whoever drops a seat and takes it again has it until the first hold would have ended.",
        )
        .admitted()
        .takes::<Reserve>()
        .gives::<Reserved>()
        .keyed()
        .refuses(&[
            Code::ScheduleNotFound,
            Code::SeatNotFound,
            Code::SeatNotAvailable,
            Code::SoldOut,
            Code::HoldLimitReached,
            Code::SaleClosed,
        ])
        .writes();
    let cancel = Call::post("/v1/api/concerts/reserve/cancel", "cancelReservation", "Drop one's hold")
        .authentic()
        .takes::<Cancel>()
        .gives::<Cancelled>()
        .refuses(&[Code::ReservationNotFound, Code::AlreadyPaid, Code::ReservationCancelled, Code::HoldExpired])
        .writes();
    let list = Call::get("/v1/api/user/reservations", "listReservations", "List one's reservations, newest first")
        .authentic()
        .gives_list::<Reservation>()
        .tagged();
    let pay = Call::post("/v1/api/concerts/payment", "payReservation", "Pay one's hold")
        .describe("Debits the wallet, sells the seat and ends the session in that queue, as one step, once.")
        .authentic()
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
        .writes();
    let tickets = Call::get("/v1/api/user/tickets", "listTickets", "List the tickets to the seats that one paid")
        .describe("One for each seat, newest payment first, signed so that a gate can verify it without a network.")
        .authentic()
        .gives_list::<SeatTicket<'_>>()
        .tagged();
    [reserve, cancel, list, pay, tickets].map(|call| call.tag(Tag::Reservations.name()))
}
