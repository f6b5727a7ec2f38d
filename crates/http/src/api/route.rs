//! Which endpoint a request is for.

use http::Method;

use super::is_get;

/// An endpoint, by the order of [`ROUTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Route {
    Token,
    Check,
    Leave,
    Stream,
    News,
    Charge,
    Balance,
    Schedules,
    Seats,
    Reserve,
    Cancel,
    Reservations,
    Pay,
    Tickets,
    Sections,
    /// A page for buyers or operators, or a file of theirs.
    Asset,
    /// Not one of the hot paths.
    Other,
}

/// The names that metrics have for the routes.
pub const ROUTES: &[&str] = &[
    "POST /v1/api/queue/token",
    "POST /v1/api/queue/token/check",
    "POST /v1/api/queue/token/leave",
    "GET /v1/api/queue/stream",
    "GET /v1/api/queue/news",
    "POST /v1/api/user/amount",
    "GET /v1/api/user/amount",
    "GET /v1/api/concerts/schedule",
    "GET /v1/api/concerts/seat",
    "POST /v1/api/concerts/reserve",
    "POST /v1/api/concerts/reserve/cancel",
    "GET /v1/api/user/reservations",
    "POST /v1/api/concerts/payment",
    "GET /v1/api/user/tickets",
    "GET /v1/api/concerts/section",
    "GET /assets",
    "other",
];

impl Route {
    /// The route; `Err` with the methods that the path takes where it takes another.
    pub(super) fn find(method: &Method, path: &str) -> Result<Self, (Self, &'static str)> {
        let Some(rest) = path.strip_prefix("/v1/api/") else { return Ok(Self::Other) };
        let post = |route| if method == Method::POST { Ok(route) } else { Err((route, "POST")) };
        let get = |route| if is_get(method) { Ok(route) } else { Err((route, "GET, HEAD")) };
        match rest {
            "queue/token" => post(Self::Token),
            "queue/token/check" => post(Self::Check),
            "queue/token/leave" => post(Self::Leave),
            "queue/stream" => get(Self::Stream),
            "queue/news" => get(Self::News),
            "user/amount" if method == Method::POST => Ok(Self::Charge),
            "user/amount" if is_get(method) => Ok(Self::Balance),
            "user/amount" => Err((Self::Balance, "GET, HEAD, POST")),
            "concerts/schedule" => get(Self::Schedules),
            "concerts/seat" => get(Self::Seats),
            "concerts/reserve" => post(Self::Reserve),
            "concerts/reserve/cancel" => post(Self::Cancel),
            "user/reservations" => get(Self::Reservations),
            "user/tickets" => get(Self::Tickets),
            "concerts/section" => get(Self::Sections),
            "concerts/payment" => post(Self::Pay),
            _ => Ok(Self::Other),
        }
    }
}
