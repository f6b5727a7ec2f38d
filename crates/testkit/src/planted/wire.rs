//! What a planted server speaks: the whole contract, the eight endpoints of it, or something else altogether.

use std::str::FromStr;

use http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::answer::Answer;
use super::request::Route;

/// A way to speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wire {
    /// The whole contract.
    #[default]
    Own,
    /// The eight endpoints with the fields of the mission's document: no catalog, no figures, no leaving, no dropping, no
    /// keys, no tags, no codes.
    Plain,
    /// Another service: other paths and methods, ids as text, 201, refusals as 400 with words, lists of the free seats
    /// only, and users who are named instead of known by their token.
    Foreign,
}

impl FromStr for Wire {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "own" => Ok(Self::Own),
            "plain" => Ok(Self::Plain),
            "foreign" => Ok(Self::Foreign),
            _ => Err(format!("`{text}` is none of own, plain, foreign")),
        }
    }
}

/// A request of the foreign wire, in the words of the contract.
pub(super) struct Understood {
    pub(super) route: Route,
    pub(super) body: Value,
    pub(super) query: String,
    /// Who is named in it.
    pub(super) member: Option<u64>,
    pub(super) token: Option<String>,
}

impl Wire {
    /// Whether the route is one of this wire.
    pub(super) fn has(self, route: Route) -> bool {
        match self {
            Self::Own => true,
            Self::Plain | Self::Foreign => !matches!(
                route,
                Route::Leave | Route::Cancel | Route::Reservations | Route::Catalog | Route::Health | Route::Metrics
            ),
        }
    }

    /// The answer as this wire has it.
    pub(super) fn put(self, route: Route, answer: Answer) -> Answer {
        match self {
            Self::Own => answer,
            Self::Plain => plain(answer),
            Self::Foreign => foreign(route, answer),
        }
    }
}

/// What the mission's document does not have.
const OURS: [&str; 16] = [
    "estimatedWaitSeconds",
    "estimatedWaitMaxSeconds",
    "pollAfterMillis",
    "sessionExpiresAt",
    "concertId",
    "startsAt",
    "endsAt",
    "saleClosed",
    "totalSeats",
    "availableSeats",
    "section",
    "row",
    "number",
    "reservedAt",
    "reservedUntil",
    "paymentId",
];

fn plain(answer: Answer) -> Answer {
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    if answer.status >= 400 {
        body = json!({"resultType": "FAIL", "data": {}, "message": body["message"]});
        return Answer { media_type: "application/json", ..with(answer, &body) };
    }
    let data = &mut body["data"];
    let entries: Vec<&mut Value> = match data {
        Value::Array(list) => list.iter_mut().collect(),
        other => vec![other],
    };
    for entry in entries.into_iter().filter_map(Value::as_object_mut) {
        let (is_token, is_hold) = (entry.contains_key("queueToken"), entry.contains_key("reservationId"));
        entry.retain(|name, _| !OURS.contains(&name.as_str()));
        if is_token {
            entry.retain(|name, _| name == "queueToken");
        }
        if is_hold {
            entry.remove("amount");
        }
    }
    Answer { etag: None, replayed: false, ..with(answer, &body) }
}

fn with(answer: Answer, body: &Value) -> Answer {
    Answer { body: body.to_string().into_bytes(), ..answer }
}

/// Takes a request of the foreign wire apart.
pub(super) fn understand(method: &Method, path: &str, headers: &HeaderMap, body: &[u8]) -> Understood {
    let sent: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let token = headers.get("x-ticket").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let member = |text: &str| text.strip_prefix("m-").and_then(|number| number.parse().ok());
    let named = sent["member"].as_str().and_then(member);
    let number = |text: &str, letter: char| text.strip_prefix(letter).and_then(|text| text.parse::<u64>().ok());
    let hold = sent["hold"].as_str().and_then(|text| number(text, 'h'));
    let (mut query, mut who) = (String::new(), named);
    let (route, body) = match (method.as_str(), &parts[..]) {
        ("POST", ["api", "members"]) => (Route::BecomeMember, Value::Null),
        ("POST", ["api", "tickets"]) => (Route::Issue, json!({"userId": named})),
        ("GET", ["api", "tickets", "status"]) => (Route::Check, Value::Null),
        ("PATCH", ["api", "members", id, "points"]) => {
            who = member(id);
            (Route::Charge, json!({"amount": sent["add"]}))
        }
        ("GET", ["api", "members", id, "points"]) => {
            who = member(id);
            (Route::Balance, Value::Null)
        }
        ("GET", ["api", "performances"]) => (Route::Schedules, Value::Null),
        ("GET", ["api", "performances", date, "seats"]) => {
            query = format!("scheduleId={}", number(date, 'p').unwrap_or(0));
            (Route::Seats, Value::Null)
        }
        ("POST", ["api", "performances", date, "seats", seat, "holds"]) => {
            (Route::Reserve, json!({"scheduleId": number(date, 'p'), "seatId": number(seat, 's')}))
        }
        ("POST", ["api", "performances", date, "holds"]) => {
            let several = sent["seats"].as_array().into_iter().flatten();
            let seats = several.map(|seat| json!({"seatId": seat.as_str().and_then(|seat| number(seat, 's'))}));
            (Route::Reserve, json!({"scheduleId": number(date, 'p'), "seats": seats.collect::<Vec<_>>()}))
        }
        ("POST", ["api", "payments"]) => (Route::Pay, json!({"reservationId": hold, "amount": sent["amount"]})),
        _ => (Route::Other, Value::Null),
    };
    Understood { route, body, query, member: who, token }
}

fn foreign(route: Route, answer: Answer) -> Answer {
    let sent: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    if answer.status >= 400 {
        let (status, reason) = match (route, answer.code) {
            (Route::Check | Route::Balance, _) => (404, "없습니다"),
            (_, "SEAT_NOT_AVAILABLE" | "SOLD_OUT") => (400, "이미 선택된 좌석입니다"),
            (_, "HOLD_EXPIRED") => (400, "예약 시간이 지났습니다"),
            (_, "RESERVATION_CANCELLED") => (400, "취소된 예약입니다"),
            (_, "ALREADY_PAID") => (400, "이미 결제되었습니다"),
            (_, "INSUFFICIENT_BALANCE") => (400, "포인트가 부족합니다"),
            (_, "NOT_ADMITTED" | "SESSION_DONE" | "SESSION_EXPIRED") => (400, "입장할 수 없는 대기표입니다"),
            (_, "TOKEN_MISSING" | "TOKEN_INVALID") => (401, "대기표가 필요합니다"),
            (_, "INTERNAL") => (500, "오류"),
            _ => (400, "잘못된 요청입니다"),
        };
        let answer = Answer { status, etag: None, media_type: "application/json", ..answer };
        return with(answer, &json!({"reason": reason}));
    }
    let data = &sent["data"];
    let (status, body) = match route {
        Route::BecomeMember => (201, json!({"member": {"id": format!("m-{}", data["userId"])}})),
        Route::Issue => (201, json!({"ticket": data["queueToken"]})),
        Route::Check => match data["status"].as_str() {
            Some("WAITING") => (200, json!({"state": "HOLDING", "ahead": data["queuePosition"]})),
            Some("PROGRESS") => (200, json!({"state": "ENTERED"})),
            _ => (404, json!({"reason": "없습니다"})),
        },
        Route::Charge | Route::Balance => (200, json!({"points": data["amount"]})),
        Route::Schedules => {
            let dates = data.as_array().into_iter().flatten();
            let one = |date: &Value| json!({"performance": format!("p{}", date["scheduleId"]), "on": date["openDate"]});
            (200, Value::from(dates.map(one).collect::<Vec<_>>()))
        }
        Route::Seats => {
            let free = data.as_array().into_iter().flatten().filter(|seat| seat["seatStatus"] == "AVAILABLE");
            let one =
                |seat: &Value| json!({"seat": format!("s{}", seat["seatId"]), "price": seat["amount"].to_string()});
            (200, json!({"free": free.map(one).collect::<Vec<_>>()}))
        }
        Route::Reserve => (201, json!({"hold": {"id": format!("h{}", data["reservationId"]), "sum": data["amount"]}})),
        Route::Pay => (201, json!({"paid": data["paymentAmount"]})),
        _ => (answer.status, sent.clone()),
    };
    with(Answer { status, etag: None, replayed: false, ..answer }, &body)
}
