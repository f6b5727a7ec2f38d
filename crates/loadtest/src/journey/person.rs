//! One person: who they are, and what they do next.

use std::time::Duration;

use crate::catalog::AREA;
use crate::request::{self, Template};

use super::call::Call;

/// What becomes of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Temper {
    Buys,
    /// Leaves the queue soon after joining.
    Leaves,
    /// Falls silent for longer than `waiting_ttl`, and comes back.
    Silent,
    /// Holds a seat, lets the hold lapse, and tries to pay it then.
    Lapses,
}

/// How somebody comes to seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// By looking at a list, and naming them.
    ByName,
    /// By leaving it to the service.
    Best,
    /// Any places to stand.
    Standing,
}

/// The next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Join,
    Poll,
    LookAtSchedule,
    LookAtSeats,
    Reserve,
    /// Looks at the section again, for the own seat.
    LookAgain,
    /// Looks what is in the wallet before anything is done with it.
    OpenWallet,
    Charge,
    /// Looks at the wallet before paying.
    CheckWallet,
    Pay,
    /// Sends the payment again, as if its answer had been lost.
    PayAgain,
    /// Tries to pay a hold that has lapsed.
    PayLate,
    /// Looks at the wallet at the end.
    LookAtWallet,
    Leave,
    Gone,
}

/// A person and what they have.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) step: Step,
    pub(super) temper: Temper,
    pub(super) token: Box<[u8]>,
    /// What they come in with, where the door is signed.
    pub(super) entry: Box<str>,
    pub(super) choice: Choice,
    /// Whether one of them is a child.
    pub(super) has_child: bool,
    /// By index into the sections of the date.
    pub(super) section: u32,
    pub(super) seat: u64,
    /// How many seats it wants in one hold.
    pub(super) party: u8,
    /// The seats and what the list had them for, where it wants several; else [`Self::seat`] alone counts.
    pub(super) several: Vec<(u64, u64)>,
    pub(super) price: u64,
    pub(super) charge: u64,
    pub(super) reservation: u64,
    pub(super) payment: u64,
    /// Commands so far: each has its own key.
    pub(super) commands: u32,
    /// Looks for a seat that found none.
    pub(super) looks: u16,
    /// It has fallen silent and not come back yet.
    pub(super) is_away: bool,
    /// It pays twice, to be answered once.
    pub(super) repeats: bool,
    pub(super) is_inside: bool,
    /// Its seats are all of the section that it looks at.
    pub(super) is_in_section: bool,
    /// What was in the wallet at first is known.
    pub(super) knows_wallet: bool,
    /// The calls that were answered with a success so far, a bit for each.
    pub(super) answered: u16,
}

impl Person {
    pub(super) fn new(temper: Temper, repeats: bool) -> Self {
        Self {
            step: Step::Join,
            temper,
            token: Box::default(),
            entry: Box::default(),
            choice: Choice::ByName,
            has_child: false,
            section: 0,
            seat: 0,
            party: 1,
            several: Vec::new(),
            price: 0,
            charge: 0,
            reservation: 0,
            payment: 0,
            commands: 0,
            looks: 0,
            is_away: false,
            repeats,
            is_inside: false,
            is_in_section: true,
            knows_wallet: false,
            answered: 0,
        }
    }

    /// The seats that it wants, holds or has paid.
    pub(super) fn seats(&self) -> Vec<u64> {
        if self.several.is_empty() {
            return vec![self.seat];
        }
        self.several.iter().map(|(seat, _)| *seat).collect()
    }

    /// Chooses these seats, each with its price in the list: one at least.
    pub(super) fn choose(&mut self, mut seats: Vec<(u64, u64)>) {
        self.price = seats.iter().map(|(_, price)| price).sum();
        self.seat = seats.first().map_or(0, |(seat, _)| *seat);
        if seats.len() < 2 {
            seats.clear();
        }
        self.several = seats;
    }

    pub(super) fn call(&self) -> Call {
        match self.step {
            Step::Join => Call::Token,
            Step::Poll => Call::Check,
            Step::LookAtSchedule => Call::Schedule,
            Step::LookAtSeats | Step::LookAgain => Call::Seat,
            Step::Reserve => Call::Reserve,
            Step::Charge => Call::Charge,
            Step::OpenWallet | Step::CheckWallet | Step::LookAtWallet => Call::Balance,
            Step::Pay | Step::PayAgain | Step::PayLate => Call::Payment,
            Step::Leave | Step::Gone => Call::Leave,
        }
    }

    /// Writes the request of the step. `section` is the query of the person's section.
    pub(super) fn write(&self, user: u64, schedule: u64, section: &str, out: &mut Vec<u8>) {
        let key = format!("Idempotency-Key: load-{user}-{}", self.commands);
        let template = match self.step {
            Step::Join if self.entry.is_empty() => return request::issue(user, out),
            Step::Join => return request::issue_signed(&self.entry, out),
            Step::Poll => Template::check(),
            Step::LookAtSchedule => Template::get("/v1/api/concerts/schedule", &[]),
            Step::LookAtSeats | Step::LookAgain => {
                Template::get(&format!("/v1/api/concerts/seat?scheduleId={schedule}{section}"), &[])
            }
            Step::Reserve if self.choice == Choice::Best => {
                Template::reserve_best(schedule, self.party, self.has_child).and(&key)
            }
            Step::Reserve if self.choice == Choice::Standing => {
                Template::reserve_places(schedule, AREA, self.party).and(&key)
            }
            Step::Reserve if self.several.is_empty() => Template::reserve(schedule, self.seat).and(&key),
            Step::Reserve => Template::reserve_several(schedule, &self.seats()).and(&key),
            Step::Charge => Template::charge(self.charge).and(&key),
            Step::OpenWallet | Step::CheckWallet | Step::LookAtWallet => Template::get("/v1/api/user/amount", &[]),
            Step::Pay | Step::PayAgain | Step::PayLate => Template::pay(self.reservation).and(&key),
            Step::Leave | Step::Gone => Template::post("/v1/api/queue/token/leave", ""),
        };
        template.write(&self.token, out);
    }
}

/// What an answer leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// The next step, after this long.
    Then(Step, Duration),
    /// The service had no room; the same step again, with the same key.
    Again(Duration),
    /// Nothing more.
    Gone,
    /// Not what the wire contract says.
    Unexpected,
}
