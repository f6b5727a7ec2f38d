//! The service's answer in our words.

use std::collections::HashMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::names::Held;
use super::{Act, Asked, BETWEEN, Came, Heard, Tongue};
use crate::profile::{Call, Meaning, Pointer, Refused, SeatWord, Shows, Standing};

/// So much of an answer that is not understood is told.
const TOLD_CHARACTERS: usize = 160;

/// What an answer tells: in its body, or in its head.
#[derive(Clone, Copy)]
struct Told<'a> {
    value: &'a Value,
    head: &'a [u8],
}

impl Told<'_> {
    fn text(self, place: &Pointer) -> Option<String> {
        match place.header() {
            Some(name) => header(self.head, name),
            None => place.find(self.value).and_then(as_text),
        }
    }

    fn number(self, place: &Pointer) -> Option<i64> {
        match place.header() {
            Some(name) => header(self.head, name).map(Value::from).as_ref().and_then(as_number),
            None => place.find(self.value).and_then(as_number),
        }
    }
}

/// A header of this head.
fn header(head: &[u8], name: &str) -> Option<String> {
    const HEADERS_MAX: usize = 64;
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    response.parse(head).ok()?;
    let found = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
    std::str::from_utf8(found.value).ok().map(str::to_owned)
}

impl Tongue {
    /// Puts an answer into our words. Lists are read only where somebody `wants` the body.
    pub(crate) fn hear(&self, asked: &Asked, came: &Came<'_>, wants: bool) -> Heard {
        let Came { status, body, .. } = *came;
        let Some(call) = self.profile.call.get(asked.act) else { return unknown(status, body) };
        if let Some(refused) = call.refused.iter().find(|refused| fits(refused, status, body)) {
            return self.refused(asked, refused.means, status, body);
        }
        if !self.profile.wire.success.contains(&status) {
            return unknown(status, body);
        }
        let says = self.profile.wire.says.as_ref();
        let is_read = wants || says.is_some();
        let value = if is_read { serde_json::from_slice(body).unwrap_or(Value::Null) } else { Value::Null };
        let told = Told { value: &value, head: came.head };
        if says.is_some_and(|says| told.text(&says.at).as_deref() != Some(says.is.as_str())) {
            return hidden(body);
        }
        if !wants {
            return success("null");
        }
        self.success(asked, call, told).map_or_else(|| hidden(body), |data| success(&data))
    }

    /// `None` where the answer lacks what the profile says that it has.
    fn success(&self, asked: &Asked, call: &Call, told: Told<'_>) -> Option<String> {
        let value = told.value;
        let text = |pointer: &Option<Pointer>| told.text(pointer.as_ref()?);
        let number = |pointer: &Option<Pointer>| told.number(pointer.as_ref()?);
        let out = &call.out;
        Some(match asked.act {
            Act::Token => {
                let mut data = self.place(call, told, Some(Standing::Waiting))?;
                data["queueToken"] = format!("{}{BETWEEN}{}", asked.user, text(&out.token)?).into();
                data.to_string()
            }
            Act::Check => self.place(call, told, None)?.to_string(),
            Act::Charge => json!({"amount": number(&out.amount)}).to_string(),
            Act::Balance => json!({"amount": number(&out.amount)?}).to_string(),
            Act::Schedule => self.dates(call, value)?.to_string(),
            Act::Seat => self.seats(asked, call, value)?,
            Act::Reserve => {
                let mut names = self.names();
                let reservation = names.number(&text(&out.reservation)?);
                let price = number(&out.price).and_then(|price| u64::try_from(price).ok());
                let price = price.or_else(|| names.price_of(asked.schedule, &asked.seats))?;
                names.hold(reservation, Held { schedule: asked.schedule, seats: asked.seats.clone(), price });
                drop(names);
                let at = text(&out.from).as_deref().and_then(moment);
                let until = text(&out.until).as_deref().and_then(moment);
                let lasts = at.zip(until).map(|(at, until)| (at.to_string(), until.to_string()));
                let (at, until) = lasts.unzip();
                json!({"reservationId": reservation, "seatStatus": "TEMP_RESERVED", "amount": price,
                    "reservedAt": at, "reservedUntil": until})
                .to_string()
            }
            Act::Payment => {
                let mut names = self.names();
                let payment = text(&out.payment).map_or(asked.reservation, |id| names.number(&id));
                let held = names.held(asked.reservation).and_then(|held| i64::try_from(held.price).ok());
                let amount = number(&out.amount).or(held)?;
                json!({"paymentAmount": amount, "seatStatus": "RESERVED", "queueStatus": "DONE", "paymentId": payment})
                    .to_string()
            }
            Act::Register => {
                if out.user.is_some() {
                    let id = text(&out.user)?;
                    self.names().call_user(self.within_run(asked.user), id);
                }
                "{}".to_owned()
            }
            Act::Leave | Act::Cancel => "{}".to_owned(),
        })
    }

    /// Where somebody stands; `otherwise`, where the profile names no place for that.
    fn place(&self, call: &Call, told: Told<'_>, otherwise: Option<Standing>) -> Option<Value> {
        let out = &call.out;
        let standing = match out.status.as_ref().and_then(|place| told.text(place)) {
            Some(word) => *self.profile.words.status.get(&word)?,
            None => otherwise?,
        };
        let number = |pointer: &Option<Pointer>| told.number(pointer.as_ref()?);
        let waits = standing == Standing::Waiting;
        let poll = number(&out.poll_after_ms)
            .unwrap_or_else(|| i64::try_from(self.profile.queue.poll_after.as_millis()).unwrap_or(i64::MAX));
        Some(json!({
            "status": status_word(standing), "queuePosition": number(&out.position).filter(|_| waits),
            "pollAfterMillis": waits.then_some(poll), "sessionExpiresAt": null,
        }))
    }

    fn dates(&self, call: &Call, value: &Value) -> Option<Value> {
        let list = call.list.as_ref()?.find(value)?.as_array()?;
        let item = &call.item;
        let mut names = self.names();
        let mut dates = Vec::new();
        for entry in list {
            let id = item.schedule.as_ref()?.find(entry).and_then(as_text)?;
            let Some(number) = names.learn_date(&id) else { continue };
            let available = item.available.as_ref().and_then(|pointer| pointer.find(entry)).and_then(as_number);
            let price = item.price.as_ref().and_then(|pointer| pointer.find(entry)).and_then(as_number);
            if let Some(price) = price.and_then(|price| u64::try_from(price).ok()) {
                names.price_date(number, price);
            }
            let status = match item.status.as_ref().and_then(|pointer| pointer.find(entry)).and_then(as_text) {
                Some(word) => seat_word(*self.profile.words.seat.get(&word)?),
                None if available == Some(0) => "SOLD_OUT",
                None => "AVAILABLE",
            };
            dates.push(json!({"scheduleId": number, "seatStatus": status, "availableSeats": available}));
        }
        Some(Value::from(dates))
    }

    fn seats(&self, asked: &Asked, call: &Call, value: &Value) -> Option<String> {
        let list = call.list.as_ref()?.find(value)?.as_array()?;
        let item = &call.item;
        let mut names = self.names();
        let mut shown: HashMap<u64, &'static str> = HashMap::with_capacity(list.len());
        for entry in list {
            let id = item.seat.as_ref()?.find(entry).and_then(as_text)?;
            let price = item.price.as_ref().and_then(|pointer| pointer.find(entry)).and_then(as_number);
            let number = names.learn_seat(asked.schedule, &id, price.and_then(|price| u64::try_from(price).ok()))?;
            let status = match item.status.as_ref().and_then(|pointer| pointer.find(entry)).and_then(as_text) {
                Some(word) => seat_word(*self.profile.words.seat.get(&word)?),
                None => "AVAILABLE",
            };
            shown.insert(number, status);
        }
        let mut text = String::with_capacity(64 * list.len() + 2);
        text.push('[');
        for seat in 1..=names.seats(asked.schedule) {
            // A list of the free ones says of the others that they are not.
            let status = match (shown.get(&seat), call.shows) {
                (Some(status), _) => status,
                (None, Shows::Free) => "TAKEN",
                (None, Shows::All) => continue,
            };
            let price = names.price(asked.schedule, seat).unwrap_or(0);
            let comma = if text.len() > 1 { "," } else { "" };
            write!(text, r#"{comma}{{"seatId":{seat},"position":{seat},"amount":{price},"seatStatus":"{status}"}}"#)
                .ok()?;
        }
        text.push(']');
        Some(text)
    }

    fn refused(&self, asked: &Asked, means: Meaning, status: u16, body: &[u8]) -> Heard {
        match means.told() {
            Some((told, code)) => problem(told, code, status, body, true),
            None if means == Meaning::AlreadyThere => success("{}"),
            None if means == Meaning::NoWallet && asked.act == Act::Balance => {
                success(r#"{"amount":0,"refused":true}"#)
            }
            None => success(r#"{"status":"EXPIRED","queuePosition":null,"pollAfterMillis":null,"refused":true}"#),
        }
    }
}

fn fits(refused: &Refused, status: u16, body: &[u8]) -> bool {
    let is_status = refused.status.map_or(status >= 400, |own| own == status);
    is_status && refused.says.as_ref().is_none_or(|says| contains(body, says))
}

/// Whether a body has this text, also where its letters are written as `\u….`.
fn contains(body: &[u8], text: &str) -> bool {
    let is_there = |body: &[u8]| memchr::memmem::find(body, text.as_bytes()).is_some();
    let decoded = || serde_json::from_slice::<Value>(body).map(|value| value.to_string()).unwrap_or_default();
    is_there(body) || (body.contains(&b'\\') && is_there(decoded().as_bytes()))
}

fn success(data: &str) -> Heard {
    let body = format!(r#"{{"resultType":"SUCCESS","data":{data},"message":"SUCCESS"}}"#).into_bytes();
    Heard { status: 200, body, is_understood: true }
}

/// A success that lacks what a success has: whoever reads it finds neither.
fn hidden(body: &[u8]) -> Heard {
    Heard { status: 200, body: body.to_vec(), is_understood: false }
}

/// An answer that no line of the profile fits.
fn unknown(status: u16, body: &[u8]) -> Heard {
    // No success is one with another status than the profile's.
    let told = if status < 400 { 502 } else { status };
    problem(told, "UNEXPECTED", status, body, false)
}

/// A refusal, with what came in its words.
fn problem(told: u16, code: &str, status: u16, body: &[u8], is_understood: bool) -> Heard {
    let text = String::from_utf8_lossy(body);
    let words: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(TOLD_CHARACTERS).collect();
    let detail = Value::from(format!("in the service's own words: {status} {words}")).to_string();
    let body = format!(r#"{{"status":{told},"code":"{code}","resultType":"FAIL","detail":{detail},"data":{{}}}}"#);
    Heard { status: told, body: body.into_bytes(), is_understood }
}

fn status_word(standing: Standing) -> &'static str {
    match standing {
        Standing::Waiting => "WAITING",
        Standing::Progress => "PROGRESS",
        Standing::Done => "DONE",
        Standing::Expired => "EXPIRED",
    }
}

fn seat_word(word: SeatWord) -> &'static str {
    match word {
        SeatWord::Available => "AVAILABLE",
        SeatWord::TempReserved => "TEMP_RESERVED",
        SeatWord::Reserved => "RESERVED",
        SeatWord::Taken => "TAKEN",
        SeatWord::SoldOut => "SOLD_OUT",
    }
}

/// A text, or a number or truth as it is written.
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A number, also where it is written as a text or with a fraction of nothing.
fn as_number(value: &Value) -> Option<i64> {
    let whole = |number: f64| (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64);
    match value {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(whole)),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| text.parse().ok().and_then(whole))
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A moment as services write it: with its zone, or in some local time, of which only differences count.
fn moment(text: &str) -> Option<Timestamp> {
    let local = || jiff::tz::TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
    text.parse().ok().or_else(local)
}
