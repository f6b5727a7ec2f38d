//! The calls of a service: how each is made, and how its answers are read.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use super::form::{Form, Pointer};

/// A call that the load test makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    Token,
    Check,
    Charge,
    Balance,
    Schedule,
    Seat,
    Reserve,
    Payment,
    Leave,
    Cancel,
    Register,
}

impl Act {
    pub const ALL: [Self; 11] = [
        Self::Token,
        Self::Check,
        Self::Charge,
        Self::Balance,
        Self::Schedule,
        Self::Seat,
        Self::Reserve,
        Self::Payment,
        Self::Leave,
        Self::Cancel,
        Self::Register,
    ];

    /// Its key in a profile.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Check => "check",
            Self::Charge => "charge",
            Self::Balance => "balance",
            Self::Schedule => "schedule",
            Self::Seat => "seat",
            Self::Reserve => "reserve",
            Self::Payment => "payment",
            Self::Leave => "leave",
            Self::Cancel => "cancel",
            Self::Register => "register",
        }
    }

    /// Method and path of the contract that the load test is written in.
    pub(crate) fn endpoint(self) -> &'static str {
        match self {
            Self::Token => "POST /v1/api/queue/token",
            Self::Check => "POST /v1/api/queue/token/check",
            Self::Charge => "POST /v1/api/user/amount",
            Self::Balance => "GET /v1/api/user/amount",
            Self::Schedule => "GET /v1/api/concerts/schedule",
            Self::Seat => "GET /v1/api/concerts/seat",
            Self::Reserve => "POST /v1/api/concerts/reserve",
            Self::Payment => "POST /v1/api/concerts/payment",
            Self::Leave => "POST /v1/api/queue/token/leave",
            Self::Cancel => "POST /v1/api/concerts/reserve/cancel",
            // Of our own no user has to be made; this is only what it is called within the load test.
            Self::Register => "POST /v1/api/users",
        }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a service names its methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// One call: the request, and what its answers say.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Call {
    pub method: Method,
    /// Path and query; what is filled in is escaped.
    pub path: Form,
    /// Headers by name. One with `${token}` or `${key}` is left out where there is no token or key.
    #[serde(default)]
    pub headers: BTreeMap<String, Form>,
    /// A JSON body. What is filled in is escaped; quotes around texts are the profile's.
    #[serde(default)]
    pub body: Option<Form>,
    /// Where a success keeps what.
    #[serde(default)]
    pub out: Out,
    /// Where a success has its list: of dates for `schedule`, of seats for `seat`.
    #[serde(default)]
    pub list: Option<Pointer>,
    /// Where each entry of the list keeps what.
    #[serde(default)]
    pub item: Item,
    /// Whether a list of seats has all of them, or only those that are free.
    #[serde(default)]
    pub shows: Shows,
    /// What refusals mean; the first that fits. A refusal that none fits is unexpected.
    #[serde(default)]
    pub refused: Vec<Refused>,
    /// `reserve`: how several seats are asked for in one call, where the service has that.
    #[serde(default)]
    pub group: Option<Group>,
}

/// Several seats in one call, which become one reservation: `${seats}` of the path or the body stands for all of them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// What each of them is in `${seats}`: `${seat}`, `"${seat}"`, `{"id":${seat}}`.
    pub each: Form,
    /// What stands between two of them.
    #[serde(default = "comma")]
    pub between: String,
    /// The most seats of one call.
    #[serde(default = "four")]
    pub most: u8,
    /// Where several are asked for, and with what, where that differs from asking for one.
    #[serde(default)]
    pub path: Option<Form>,
    #[serde(default)]
    pub body: Option<Form>,
}

fn comma() -> String {
    ",".to_owned()
}

fn four() -> u8 {
    4
}

/// Where a success keeps what: JSON pointers from its root, or `header:NAME`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Out {
    /// `token`: the token.
    pub token: Option<Pointer>,
    /// `token`, `check`: the place in the queue, 1 for who is next.
    pub position: Option<Pointer>,
    /// `token`, `check`: the status, one of `words.status`.
    pub status: Option<Pointer>,
    /// `token`, `check`: milliseconds after which to ask again.
    pub poll_after_ms: Option<Pointer>,
    /// `charge`, `balance`: the balance. `payment`: what was paid.
    pub amount: Option<Pointer>,
    /// `reserve`: the id of the reservation.
    pub reservation: Option<Pointer>,
    /// `reserve`: its price.
    pub price: Option<Pointer>,
    /// `reserve`: since when and until when the hold lasts, as the service writes times.
    pub from: Option<Pointer>,
    pub until: Option<Pointer>,
    /// `payment`: the id of the payment.
    pub payment: Option<Pointer>,
    /// `register`: what the service calls the new user, where it chooses that itself.
    pub user: Option<Pointer>,
}

impl Out {
    /// All places that are named.
    pub(super) fn pointers(&self) -> impl Iterator<Item = &Pointer> {
        let Self { token, position, status, poll_after_ms, amount, reservation, price, from, until, payment, user } =
            self;
        let all = [token, position, status, poll_after_ms, amount, reservation, price, from, until, payment, user];
        all.into_iter().flatten()
    }
}

/// Where an entry of a list keeps what: JSON pointers from the entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// `schedule`: the id of the date.
    pub schedule: Option<Pointer>,
    /// `schedule`: how many seats are left.
    pub available: Option<Pointer>,
    /// `seat`: the id of the seat.
    pub seat: Option<Pointer>,
    /// `seat`: its price. `schedule`: that of each seat of the date.
    pub price: Option<Pointer>,
    /// `schedule`, `seat`: the status, one of `words.seat`.
    pub status: Option<Pointer>,
}

/// Which seats a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Shows {
    #[default]
    All,
    Free,
}

/// A refusal, and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// The HTTP status; any from 400 on where it is left out.
    #[serde(default)]
    pub status: Option<u16>,
    /// A text that the body contains; any body where it is left out.
    #[serde(default)]
    pub says: Option<String>,
    pub means: Meaning,
}

/// What a refusal can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Meaning {
    /// Somebody else holds or has the seat.
    SeatNotAvailable,
    SoldOut,
    /// The token waits.
    NotAdmitted,
    SessionExpired,
    SessionDone,
    TokenMissing,
    TokenInvalid,
    InsufficientBalance,
    AmountInvalid,
    HoldExpired,
    ReservationNotFound,
    ReservationCancelled,
    AlreadyPaid,
    /// There is no room now; nothing was done.
    Overloaded,
    /// `check`: the place is over, one way or another.
    Ended,
    /// `balance`: nothing was ever charged.
    NoWallet,
    /// `register`: the user has been made before.
    AlreadyThere,
}

impl Meaning {
    /// Status and code of the contract that the load test is written in; `None` for what is no refusal there.
    pub(crate) fn told(self) -> Option<(u16, &'static str)> {
        Some(match self {
            Self::SeatNotAvailable => (409, "SEAT_NOT_AVAILABLE"),
            Self::SoldOut => (409, "SOLD_OUT"),
            Self::NotAdmitted => (403, "NOT_ADMITTED"),
            Self::SessionExpired => (403, "SESSION_EXPIRED"),
            Self::SessionDone => (403, "SESSION_DONE"),
            Self::TokenMissing => (401, "TOKEN_MISSING"),
            Self::TokenInvalid => (401, "TOKEN_INVALID"),
            Self::InsufficientBalance => (402, "INSUFFICIENT_BALANCE"),
            Self::AmountInvalid => (400, "AMOUNT_INVALID"),
            Self::HoldExpired => (410, "HOLD_EXPIRED"),
            Self::ReservationNotFound => (404, "RESERVATION_NOT_FOUND"),
            Self::ReservationCancelled => (409, "RESERVATION_CANCELLED"),
            Self::AlreadyPaid => (409, "ALREADY_PAID"),
            Self::Overloaded => (503, "OVERLOADED"),
            Self::Ended | Self::NoWallet | Self::AlreadyThere => return None,
        })
    }
}

/// All calls of a service. The eight must be there; the others are where the service has them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Calls {
    pub token: Call,
    pub check: Call,
    pub charge: Call,
    pub balance: Call,
    pub schedule: Call,
    pub seat: Call,
    pub reserve: Call,
    pub payment: Call,
    /// Leaves the queue, or ends the session.
    pub leave: Option<Call>,
    /// Drops a hold.
    pub cancel: Option<Call>,
    /// Makes a user, where users must be there before they come: `users.prepare` of them, before the first part.
    pub register: Option<Call>,
}

impl Calls {
    /// The call, where the service has it.
    #[must_use]
    pub fn get(&self, act: Act) -> Option<&Call> {
        match act {
            Act::Token => Some(&self.token),
            Act::Check => Some(&self.check),
            Act::Charge => Some(&self.charge),
            Act::Balance => Some(&self.balance),
            Act::Schedule => Some(&self.schedule),
            Act::Seat => Some(&self.seat),
            Act::Reserve => Some(&self.reserve),
            Act::Payment => Some(&self.payment),
            Act::Leave => self.leave.as_ref(),
            Act::Cancel => self.cancel.as_ref(),
            Act::Register => self.register.as_ref(),
        }
    }
}
