//! A request, taken apart.

use http::{HeaderMap, Method, Uri};
use serde_json::Value;

use super::answer::Refusal;
use super::wire::{self, Understood, Wire};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Route {
    Issue,
    /// Of the foreign wire alone.
    BecomeMember,
    Check,
    Leave,
    Charge,
    Balance,
    Schedules,
    Seats,
    Reserve,
    Cancel,
    Pay,
    Reservations,
    Catalog,
    Health,
    Metrics,
    Other,
}

const ROUTES: [(Route, &str); 15] = [
    (Route::Issue, "POST /v1/api/queue/token"),
    (Route::Check, "POST /v1/api/queue/token/check"),
    (Route::Leave, "POST /v1/api/queue/token/leave"),
    (Route::Charge, "POST /v1/api/user/amount"),
    (Route::Balance, "GET /v1/api/user/amount"),
    (Route::Schedules, "GET /v1/api/concerts/schedule"),
    (Route::Seats, "GET /v1/api/concerts/seat"),
    (Route::Reserve, "POST /v1/api/concerts/reserve"),
    (Route::Cancel, "POST /v1/api/concerts/reserve/cancel"),
    (Route::Pay, "POST /v1/api/concerts/payment"),
    (Route::Reservations, "GET /v1/api/user/reservations"),
    (Route::Catalog, "GET /v1/catalog"),
    (Route::Health, "GET /healthz"),
    (Route::Health, "GET /readyz"),
    (Route::Metrics, "GET /metrics"),
];

impl Route {
    fn of(method: &Method, path: &str) -> Self {
        let asked = format!("{method} {path}");
        ROUTES.into_iter().find(|(_, text)| *text == asked).map_or(Self::Other, |(route, _)| route)
    }

    pub(super) fn text(self) -> &'static str {
        ROUTES.into_iter().find(|(route, _)| *route == self).map_or("other", |(_, text)| text)
    }

    /// Whether it changes wallets or seats.
    pub(super) fn buys(self) -> bool {
        matches!(self, Self::Charge | Self::Reserve | Self::Pay)
    }
}

#[derive(Debug)]
pub(super) struct Request {
    pub(super) route: Route,
    pub(super) body: Value,
    /// Who is named in it, where requests name somebody.
    pub(super) member: Option<u64>,
    query: String,
    headers: HeaderMap,
}

impl Request {
    pub(super) fn new(wire: Wire, method: &Method, uri: &Uri, mut headers: HeaderMap, body: &[u8]) -> Self {
        if wire == Wire::Foreign {
            let Understood { route, body, query, member, token } = wire::understand(method, uri.path(), &headers, body);
            headers.clear();
            if let Some(token) = token.and_then(|token| token.parse().ok()) {
                headers.insert("authorization", token);
            }
            return Self { route, body, member, query, headers };
        }
        if wire == Wire::Plain {
            headers.remove("idempotency-key");
            headers.remove("if-none-match");
        }
        let route = Route::of(method, uri.path());
        Self {
            route: if wire.has(route) { route } else { Route::Other },
            member: None,
            body: serde_json::from_slice(body).unwrap_or(Value::Null),
            query: uri.query().unwrap_or_default().to_owned(),
            headers,
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The tag of the body that the client has.
    pub(super) fn known(&self) -> Option<&str> {
        self.header("if-none-match")
    }

    /// A query parameter. Nothing that a client of these endpoints sends has to be unescaped.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        let mut pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
    }

    /// The seats that a hold is asked for: one, or several in a list.
    pub(super) fn seats(&self) -> Result<Vec<u64>, Refusal> {
        let Some(list) = self.body["seats"].as_array() else { return Ok(vec![self.integer("seatId")?]) };
        let seats: Option<Vec<u64>> = list.iter().map(|seat| seat["seatId"].as_u64()).collect();
        seats.filter(|seats| !seats.is_empty()).ok_or(Refusal(400, "BAD_REQUEST"))
    }

    pub(super) fn integer(&self, name: &str) -> Result<u64, Refusal> {
        self.body[name].as_u64().ok_or(Refusal(400, "BAD_REQUEST"))
    }
}
