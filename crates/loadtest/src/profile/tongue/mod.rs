//! Two ways to say the same: the contract that the load test is written in, and what a service speaks.

mod hear;
mod names;
mod read;
mod speak;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::{Act, Profile, Signer};
use names::Names;

/// Puts requests into a service's words, and its answers into ours. Ids are numbers for us, from 1 without gaps for
/// dates and for the seats of each; what the service calls them is kept here.
#[derive(Debug)]
pub(crate) struct Tongue {
    profile: Arc<Profile>,
    names: Mutex<Names>,
    /// Where in the range of `users` this run begins.
    users_from: u64,
    reads_heads: bool,
    /// Signs for users, where the profile says how; opened when the first one comes.
    signer: OnceLock<Signer>,
}

/// What a request was, to understand its answer by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) act: Act,
    /// Our number of the user; 0 where it is not known.
    pub(crate) user: u64,
    schedule: u64,
    /// The seats that are to be held: one, or several.
    seats: Vec<u64>,
    reservation: u64,
    amount: u64,
}

/// An answer as it came. Its head is there where [`Tongue::reads_heads`], and may have more behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Came<'a> {
    pub(crate) status: u16,
    pub(crate) head: &'a [u8],
    pub(crate) body: &'a [u8],
}

/// An answer in our words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// Whether the profile says what it means.
    pub(crate) is_understood: bool,
}

impl Tongue {
    /// The run takes its users from number `users_from` of the profile's range, counted from 0 and round and round.
    pub(crate) fn new(profile: Arc<Profile>, users_from: u64) -> Self {
        let names = Names::of(&profile.stage);
        let calls = Act::ALL.into_iter().filter_map(|act| profile.call.get(act));
        let says = profile.wire.says.as_ref().map(|says| &says.at);
        let reads_heads = calls.flat_map(|call| call.out.pointers()).chain(says).any(|place| place.header().is_some());
        Self { profile, reads_heads, names: Mutex::new(names), users_from, signer: OnceLock::new() }
    }

    /// Whether answers keep something in their headers.
    pub(crate) fn reads_heads(&self) -> bool {
        self.reads_heads
    }

    fn names(&self) -> MutexGuard<'_, Names> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Which of the users of a run it is, from 0: with more than there are they come again.
    fn within_run(&self, user: u64) -> u64 {
        user.saturating_sub(1) % self.profile.users_of_a_run()
    }

    /// What the service calls one of our users.
    fn user_number(&self, user: u64) -> u64 {
        let users = &self.profile.users;
        users.first + self.users_from.wrapping_add(self.within_run(user)) % users.count
    }
}

/// Between the user and the token in what the load test takes for a token: where a service wants to be told the user
/// beside the token, the token tells who it is.
const BETWEEN: char = '~';

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{self, Template};
    use serde_json::{Value, json};

    const FOREIGN: &str = r#"
profile = 1
name = "another"
[wire]
success = [200, 201]
[words.status]
ACTIVE = "PROGRESS"
WAIT = "WAITING"
[users]
form = "b${n}"
first = 100
[stage]
price = 7000
[call.token]
method = "POST"
path = "/api/token"
body = '{"userId":"${user}"}'
out = { token = "/uid" }
[call.check]
method = "GET"
path = "/api/status?u=${user}"
headers = { Authorization = "Bearer ${token}" }
out = { status = "/state", position = "/ahead" }
refused = [{ status = 404, means = "ENDED" }]
[call.charge]
method = "PATCH"
path = "/api/users/${user}/point"
body = '{"add":${amount}}'
[call.balance]
method = "GET"
path = "/api/users/${user}/point"
out = { amount = "/point" }
refused = [{ status = 404, means = "NO_WALLET" }]
[call.schedule]
method = "GET"
path = "/api/dates"
list = ""
item = { schedule = "/id" }
[call.seat]
method = "GET"
path = "/api/dates/${schedule}/seats"
list = "/seats"
item = { seat = "/no" }
shows = "free"
[call.reserve]
method = "POST"
path = "/api/dates/${schedule}/seats/${seat}"
headers = { x-queue-token = "${token}" }
out = { reservation = "/id" }
refused = [{ status = 400, says = "이미", means = "SEAT_NOT_AVAILABLE" }]
[call.payment]
method = "POST"
path = "/api/pay"
body = '{"userId":"${user}","reservation":"${reservation}","amount":${amount}}'
"#;

    fn tongue() -> Tongue {
        Tongue::new(Arc::new(Profile::parse(FOREIGN).unwrap()), 0)
    }

    fn said(tongue: &Tongue, request: &[u8]) -> (Asked, String) {
        let mut request = request.to_vec();
        let asked = tongue.speak(&mut request).unwrap();
        (asked, String::from_utf8(request).unwrap())
    }

    fn came(status: u16, body: &str) -> Came<'_> {
        Came { status, head: b"", body: body.as_bytes() }
    }

    fn heard(tongue: &Tongue, asked: &Asked, status: u16, body: &str) -> (u16, Value) {
        let heard = tongue.hear(asked, &came(status, body), true);
        (heard.status, serde_json::from_slice(&heard.body).unwrap_or(Value::Null))
    }

    /// One mechanism: our own contract is a profile, too, and what it makes of a request is that request.
    #[test]
    fn our_own_profile_says_what_is_written_by_hand() {
        let tongue = Tongue::new(Arc::new(Profile::own().unwrap()), 0);
        let mut issue = Vec::new();
        request::issue(1, &mut issue);
        assert_eq!(said(&tongue, &issue).1.as_bytes(), issue);
        for template in [
            Template::check(),
            Template::charge(5),
            Template::get("/v1/api/user/amount", &[]),
            Template::get("/v1/api/concerts/schedule", &[]),
            Template::get("/v1/api/concerts/seat?scheduleId=3", &[]),
            Template::reserve(3, 4),
            Template::reserve_several(3, &[4, 5]),
            Template::pay(9),
            Template::cancel(9),
            Template::post("/v1/api/queue/token/leave", ""),
        ] {
            let (ours, theirs) = (template.with(b"1~abc"), template.with(b"abc"));
            let (_, said) = said(&tongue, &ours);
            let lines = |text: &[u8]| {
                let text = String::from_utf8_lossy(text).into_owned();
                let mut lines: Vec<String> = text.split("\r\n").map(str::to_owned).collect();
                lines.sort();
                lines
            };
            let mut expected = lines(&theirs);
            // Where there is no body, it has no type.
            if theirs.ends_with(b"\r\n\r\n") {
                expected.retain(|line| !line.starts_with("Content-Type"));
            }
            assert_eq!(lines(said.as_bytes()), expected);
        }
    }

    #[test]
    fn a_journey_in_another_tongue() {
        let tongue = tongue();
        let mut issue = Vec::new();
        request::issue(3, &mut issue);
        let (asked, text) = said(&tongue, &issue);
        assert!(text.starts_with("POST /api/token HTTP/1.1\r\n") && text.ends_with(r#"{"userId":"b102"}"#), "{text}");
        let (status, answer) = heard(&tongue, &asked, 201, r#"{"uid":"f-1"}"#);
        assert_eq!(
            (status, &answer["data"]["queueToken"], &answer["data"]["status"]),
            (200, &json!("3~f-1"), &json!("WAITING"))
        );
        let (asked, text) = said(&tongue, &Template::check().with(b"3~f-1"));
        assert!(
            text.starts_with("GET /api/status?u=b102 ") && text.contains("Authorization: Bearer f-1\r\n"),
            "{text}"
        );
        let (_, answer) = heard(&tongue, &asked, 200, r#"{"state":"WAIT","ahead":"4"}"#);
        assert_eq!((&answer["data"]["status"], &answer["data"]["queuePosition"]), (&json!("WAITING"), &json!(4)));
        assert_eq!(answer["data"]["pollAfterMillis"], 1_000);
        assert_eq!(heard(&tongue, &asked, 404, "").1["data"]["status"], "EXPIRED");
        let (asked, _) = said(&tongue, &Template::get("/v1/api/concerts/schedule", &[]).with(b"3~f-1"));
        let (_, answer) = heard(&tongue, &asked, 200, r#"[{"id":"x-1"},{"id":"x-2"}]"#);
        assert_eq!(answer["data"][1]["scheduleId"], 2);
        let list = Template::get("/v1/api/concerts/seat?scheduleId=2", &[]).with(b"3~f-1");
        let (asked, text) = said(&tongue, &list);
        assert!(text.starts_with("GET /api/dates/x-2/seats "), "{text}");
        let (_, answer) = heard(&tongue, &asked, 200, r#"{"seats":[{"no":"A1"},{"no":"A2"}]}"#);
        assert_eq!(answer["data"][1], json!({"seatId": 2, "position": 2, "amount": 7000, "seatStatus": "AVAILABLE"}));
        let (asked, text) = said(&tongue, &Template::reserve(2, 2).with(b"3~f-1"));
        assert!(text.starts_with("POST /api/dates/x-2/seats/A2 ") && text.contains("x-queue-token: f-1"), "{text}");
        let (status, answer) = heard(&tongue, &asked, 400, r#"{"message":"\uc774\ubbf8 taken"}"#);
        assert_eq!((status, &answer["code"]), (409, &json!("SEAT_NOT_AVAILABLE")));
        let (_, answer) = heard(&tongue, &asked, 201, r#"{"id":"r-9"}"#);
        let reservation = answer["data"]["reservationId"].as_u64().unwrap();
        // What is not free any more is somebody's.
        let (asked, _) = said(&tongue, &list);
        let (_, answer) = heard(&tongue, &asked, 200, r#"{"seats":[{"no":"A1"}]}"#);
        assert_eq!(answer["data"][1]["seatStatus"], "TAKEN");
        let (asked, text) = said(&tongue, &Template::pay(reservation).with(b"3~f-1"));
        assert!(text.ends_with(r#"{"userId":"b102","reservation":"r-9","amount":7000}"#), "{text}");
        let (_, answer) = heard(&tongue, &asked, 201, "{}");
        assert_eq!(answer["data"]["paymentAmount"], 7_000);
        let (asked, _) = said(&tongue, &Template::get("/v1/api/user/amount", &[]).with(b"3~f-1"));
        assert_eq!(heard(&tongue, &asked, 404, "").1["data"]["amount"], 0);
    }

    /// A service that hands the token out in a header, and lists of plain numbers.
    #[test]
    fn a_token_may_be_in_a_header_and_an_entry_its_own_id() {
        let text = FOREIGN.replace("\"/uid\"", "\"header:X-Token\"").replace("\"/no\"", "\"\"");
        let tongue = Tongue::new(Arc::new(Profile::parse(&text).unwrap()), 0);
        assert!(tongue.reads_heads() && !self::tongue().reads_heads());
        let mut issue = Vec::new();
        request::issue(3, &mut issue);
        let (asked, _) = said(&tongue, &issue);
        let head = b"HTTP/1.1 200 OK\r\nx-token: f-1\r\nContent-Length: 2\r\n\r\n{}";
        let heard_as = |head: &[u8]| {
            let heard = tongue.hear(&asked, &Came { status: 200, head, body: b"{}" }, true);
            serde_json::from_slice::<Value>(&heard.body).unwrap()["data"]["queueToken"].clone()
        };
        assert_eq!(heard_as(head), "3~f-1");
        assert_eq!(heard_as(b"HTTP/1.1 200 OK\r\n\r\n"), Value::Null);
        let (asked, _) = said(&tongue, &Template::get("/v1/api/concerts/schedule", &[]).with(b"3~t"));
        heard(&tongue, &asked, 200, r#"[{"id":"x"}]"#);
        let (asked, _) = said(&tongue, &Template::get("/v1/api/concerts/seat?scheduleId=1", &[]).with(b"3~t"));
        let (_, answer) = heard(&tongue, &asked, 200, r#"{"seats":[7,9]}"#);
        assert_eq!(answer["data"].as_array().map(Vec::len), Some(2));
        assert!(said(&tongue, &Template::reserve(1, 2).with(b"3~t")).1.starts_with("POST /api/dates/x/seats/9 "));
    }

    #[test]
    fn a_seat_without_a_price_costs_what_its_date_says() {
        let text = FOREIGN.replace("item = { schedule = \"/id\" }", "item = { schedule = \"/id\", price = \"/each\" }");
        let tongue = Tongue::new(Arc::new(Profile::parse(&text).unwrap()), 0);
        let (asked, _) = said(&tongue, &Template::get("/v1/api/concerts/schedule", &[]).with(b"3~t"));
        heard(&tongue, &asked, 200, r#"[{"id":"x","each":900},{"id":"y"}]"#);
        for (date, price) in [(1, 900), (2, 7_000)] {
            let list = format!("/v1/api/concerts/seat?scheduleId={date}");
            let (asked, _) = said(&tongue, &Template::get(&list, &[]).with(b"3~t"));
            let (_, answer) = heard(&tongue, &asked, 200, r#"{"seats":[{"no":"A1"}]}"#);
            assert_eq!(answer["data"][0]["amount"], price);
        }
    }

    #[test]
    fn several_seats_are_asked_for_and_paid_as_the_profile_writes_them() {
        let group = "[call.reserve.group]\neach = '\"${seat}\"'\npath = \"/api/dates/${schedule}/groups\"\n\
                     body = '{\"seats\":[${seats}],\"sum\":${amount}}'\n[call.payment]";
        let text = FOREIGN
            .replace("[call.payment]", group)
            .replace("\"reservation\":\"${reservation}\"", "\"seats\":[${seats}]");
        let tongue = Tongue::new(Arc::new(Profile::parse(&text).unwrap()), 0);
        let (asked, _) = said(&tongue, &Template::get("/v1/api/concerts/schedule", &[]).with(b"3~t"));
        heard(&tongue, &asked, 200, r#"[{"id":"x"}]"#);
        let (asked, _) = said(&tongue, &Template::get("/v1/api/concerts/seat?scheduleId=1", &[]).with(b"3~t"));
        heard(&tongue, &asked, 200, r#"{"seats":[{"no":"A1"},{"no":"A2"},{"no":"A\"3"}]}"#);
        let (asked, text) = said(&tongue, &Template::reserve_several(1, &[3, 1]).with(b"3~t"));
        assert!(text.starts_with("POST /api/dates/x/groups "), "{text}");
        assert!(text.ends_with(r#"{"seats":["A\"3","A1"],"sum":14000}"#), "{text}");
        let (_, answer) = heard(&tongue, &asked, 201, r#"{"id":"r-1"}"#);
        assert_eq!(answer["data"]["amount"], 14_000);
        let reservation = answer["data"]["reservationId"].as_u64().unwrap();
        let (_, text) = said(&tongue, &Template::pay(reservation).with(b"3~t"));
        assert!(text.ends_with(r#"{"userId":"b102","seats":["A\"3","A1"],"amount":14000}"#), "{text}");
        // One alone has its own way.
        let (_, text) = said(&tongue, &Template::reserve(1, 2).with(b"3~t"));
        assert!(text.starts_with("POST /api/dates/x/seats/A2 "), "{text}");
        let error = self::tongue().speak(&mut Template::reserve_several(1, &[1, 2]).with(b"3~t")).unwrap_err();
        assert!(error.to_string().contains("call.reserve.group"), "{error}");
    }

    #[test]
    fn who_is_made_is_called_what_the_service_calls_them() {
        let register = "[call.register]\nmethod = \"POST\"\npath = \"/api/users\"\nbody = '{\"nick\":\"${user}\"}'\n\
                        out = { user = \"/id\" }\nrefused = [{ status = 409, means = \"ALREADY_THERE\" }]\n";
        let text = FOREIGN.replace("first = 100", "first = 100\nprepare = 2") + register;
        let tongue = Tongue::new(Arc::new(Profile::parse(&text).unwrap()), 0);
        let (asked, text) = said(&tongue, &Template::register(2).with(b""));
        assert!(text.ends_with(r#"{"nick":"b101"}"#), "{text}");
        assert_eq!(heard(&tongue, &asked, 409, "").0, 200);
        assert_eq!(heard(&tongue, &asked, 201, r#"{"id":77}"#).0, 200);
        // With two of them, the fourth is the second again.
        for user in [2, 4] {
            let mut issue = Vec::new();
            request::issue(user, &mut issue);
            assert!(said(&tongue, &issue).1.ends_with(r#"{"userId":"77"}"#));
        }
    }

    #[test]
    fn a_success_may_say_so_by_a_truth() {
        let text = FOREIGN.replace("success = [200, 201]", "success = [200]\nsays = { at = \"/ok\", is = \"true\" }");
        let tongue = Tongue::new(Arc::new(Profile::parse(&text).unwrap()), 0);
        let (asked, _) = said(&tongue, &Template::check().with(b"3~f-1"));
        let is_understood = |body: &str| tongue.hear(&asked, &came(200, body), true).is_understood;
        assert!(is_understood(r#"{"ok":true,"state":"WAIT"}"#) && !is_understood(r#"{"ok":false,"state":"WAIT"}"#));
    }

    #[test]
    fn what_the_profile_does_not_say_is_not_understood() {
        let tongue = tongue();
        let (asked, _) = said(&tongue, &Template::reserve(1, 1).with(b"1~t"));
        let unknown = tongue.hear(&asked, &came(418, "short and stout"), true);
        assert!(!unknown.is_understood && unknown.status == 418);
        assert!(String::from_utf8_lossy(&unknown.body).contains("short and stout"));
        let hidden = tongue.hear(&asked, &came(200, "{}"), true);
        assert!(!hidden.is_understood && !hidden.body.starts_with(br#"{"resultType":"SUCCESS""#));
        let error = tongue.speak(&mut Template::cancel(1).with(b"1~t")).unwrap_err().to_string();
        assert!(error.contains("no call.cancel"), "{error}");
    }
}
