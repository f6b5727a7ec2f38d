//! Single calls, and what comes back: a success with its data, a refusal, or nothing.

use std::collections::HashSet;
use std::sync::{Barrier, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::audit::seats::SeatStatus;
use crate::audit::{Rule, Tally};
use crate::http;
use crate::request::{self, Template};
use crate::seat_list;
use crate::site::Site;
use crate::words;

/// What a call came to.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// A success, and its data.
    Done(Value),
    /// Anything else that was answered.
    Refused { status: u16, text: String },
    /// No answer, and why.
    Silent(String),
}

impl Answer {
    pub(super) fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// In words, for the examples of a check.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Done(_) => "200".to_owned(),
            Self::Refused { text, .. } | Self::Silent(text) => text.clone(),
        }
    }

    /// A field of the data of a success.
    pub(super) fn field(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Done(data) => data.get(name),
            Self::Refused { .. } | Self::Silent(_) => None,
        }
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.field(name)?.as_u64()
    }

    pub(super) fn status(&self) -> Option<&str> {
        self.field("status")?.as_str()
    }
}

/// A seat that somebody holds.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) reservation: u64,
    pub(super) seat: u64,
    pub(super) price: u64,
    /// How long, where the answer tells.
    pub(super) lasts: Option<Duration>,
    /// When it was asked for, and when it was acknowledged.
    pub(super) asked: Instant,
    pub(super) acked: Instant,
}

/// Calls the service; a seat that was handed out once is handed out to nobody else.
pub(super) struct Caller<'a> {
    site: &'a Site,
    /// Where seats are held.
    pub(super) date: u64,
    patience: Duration,
    free: Mutex<Vec<(u64, u64)>>,
    /// Who was told to have paid: once, however often they were.
    paid: Mutex<HashSet<Box<[u8]>>>,
    errors: Mutex<Tally>,
}

/// Seats that are tried before it is given up to hold one: on a server that is not ours others want some too.
const SEATS_MAX: usize = 5;

impl<'a> Caller<'a> {
    /// `patience`: an answer that takes longer is none.
    pub(super) fn new(site: &'a Site, date: u64, patience: Duration) -> Self {
        let errors = Mutex::new(Tally::new(Rule::NoServerError));
        Self { site, date, patience, free: Mutex::default(), paid: Mutex::default(), errors }
    }

    fn ask(&self, request: &[u8]) -> Answer {
        let answer = match http::call_within(self.site.endpoint(), request, self.patience) {
            Err(error) => return Answer::Silent(format!("{error:#}")),
            Ok(reply) => reply,
        };
        let call = || request::call_of(request);
        let text = || words::refusal(answer.status, &answer.body);
        let is_right = answer.status < 500 || answer.status == 503;
        self.errors
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .judge(is_right, || format!("{} was answered {}", call(), text()));
        let envelope: Option<Value> = serde_json::from_slice(&answer.body).ok();
        match envelope {
            Some(mut envelope) if answer.status == 200 && envelope["resultType"] == "SUCCESS" => {
                Answer::Done(envelope["data"].take())
            }
            _ => Answer::Refused { status: answer.status, text: format!("{}: {}", call(), text()) },
        }
    }

    /// With this token, or without the header where there is none.
    fn call(&self, template: &Template, token: Option<&[u8]>) -> Answer {
        let request = template.with(token.unwrap_or_default());
        match token {
            Some(_) => self.ask(&request),
            None => self.ask(&without_token(&request)),
        }
    }

    pub(super) fn token(&self, user: u64) -> Answer {
        let mut request = Vec::new();
        request::issue(user, &mut request);
        self.ask(&request)
    }

    pub(super) fn check(&self, token: Option<&[u8]>) -> Answer {
        self.call(&Template::check(), token)
    }

    pub(super) fn leave(&self, token: &[u8]) -> Answer {
        self.call(&Template::post("/v1/api/queue/token/leave", ""), Some(token))
    }

    pub(super) fn schedules(&self, token: Option<&[u8]>) -> Answer {
        self.call(&Template::get("/v1/api/concerts/schedule", &[]), token)
    }

    pub(super) fn seats(&self, date: u64, token: Option<&[u8]>) -> Answer {
        self.call(&Template::get(&format!("/v1/api/concerts/seat?scheduleId={date}"), &[]), token)
    }

    pub(super) fn reserve(&self, date: u64, seat: u64, token: Option<&[u8]>) -> Answer {
        self.call(&Template::reserve(date, seat), token)
    }

    pub(super) fn reserve_several(&self, date: u64, seats: &[u64], token: Option<&[u8]>) -> Answer {
        self.call(&Template::reserve_several(date, seats), token)
    }

    pub(super) fn charge(&self, amount: u64, token: Option<&[u8]>) -> Answer {
        self.call(&Template::charge(amount), token)
    }

    pub(super) fn balance(&self, token: Option<&[u8]>) -> Answer {
        self.call(&Template::get("/v1/api/user/amount", &[]), token)
    }

    pub(super) fn pay(&self, reservation: u64, token: Option<&[u8]>) -> Answer {
        self.paying(self.call(&Template::pay(reservation), token), token)
    }

    fn paying(&self, answer: Answer, token: Option<&[u8]>) -> Answer {
        if let Some(token) = token.filter(|_| answer.is_done()) {
            self.paid.lock().unwrap_or_else(PoisonError::into_inner).insert(token.into());
        }
        answer
    }

    /// How many people have paid.
    pub(super) fn paid(&self) -> u64 {
        self.paid.lock().unwrap_or_else(PoisonError::into_inner).len() as u64
    }

    /// A payment whose request says that the price is `amount`, by every name that a service might listen to.
    pub(super) fn pay_naming(&self, reservation: u64, amount: u64, token: &[u8]) -> Answer {
        let body =
            format!(r#"{{"reservationId":{reservation},"amount":{amount},"paymentAmount":{amount},"price":{amount}}}"#);
        self.paying(self.call(&Template::post("/v1/api/concerts/payment", &body), Some(token)), Some(token))
    }

    /// What the list of this date says of its seats, with their prices.
    pub(super) fn listed(&self, date: u64, token: &[u8]) -> Vec<(u64, u64, SeatStatus)> {
        let Answer::Done(list) = self.seats(date, Some(token)) else { return Vec::new() };
        let of = |seat: &Value| {
            let status = seat_list::known(seat["seatStatus"].as_str()?)?;
            Some((seat["seatId"].as_u64()?, seat["amount"].as_u64().unwrap_or(0), status))
        };
        list.as_array().into_iter().flatten().filter_map(of).collect()
    }

    /// Looks for seats that can be handed out.
    pub(super) fn look(&self, token: &[u8]) {
        let free = self.listed(self.date, token).into_iter().filter(|(_, _, status)| *status == SeatStatus::Available);
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) =
            free.map(|(seat, price, _)| (seat, price)).collect();
    }

    /// A seat that nobody of us has.
    pub(super) fn free_seat(&self) -> Option<(u64, u64)> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Holds a free seat.
    pub(super) fn hold(&self, token: &[u8]) -> Option<Held> {
        for _ in 0..SEATS_MAX {
            let (seat, price) = self.free_seat()?;
            let asked = Instant::now();
            let answer = self.reserve(self.date, seat, Some(token));
            if let Some(held) = held(&answer, seat, price, asked) {
                return Some(held);
            }
        }
        None
    }

    /// Answers with a server error, of all that was answered.
    pub(super) fn into_errors(self) -> Tally {
        self.errors.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The hold that `answer` tells of.
pub(super) fn held(answer: &Answer, seat: u64, price: u64, asked: Instant) -> Option<Held> {
    let instant = |name| answer.field(name)?.as_str()?.parse::<jiff::Timestamp>().ok();
    let lasts = instant("reservedAt").zip(instant("reservedUntil"));
    Some(Held {
        reservation: answer.number("reservationId")?,
        seat,
        price: answer.number("amount").unwrap_or(price),
        lasts: lasts.and_then(|(at, until)| until.duration_since(at).try_into().ok()),
        asked,
        acked: Instant::now(),
    })
}

/// The token in the answer to a token issue.
pub(super) fn token_of(answer: &Answer) -> Option<Box<[u8]>> {
    Some(answer.field("queueToken")?.as_str()?.as_bytes().into())
}

/// So many at the same moment, each with its number; their answers in that order.
pub(super) fn at_once<T: Send>(count: usize, ask: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let (begin, ask) = (Barrier::new(count), &ask);
    std::thread::scope(|scope| {
        let one = |index| {
            let begin = &begin;
            scope.spawn(move || {
                begin.wait();
                ask(index)
            })
        };
        let threads: Vec<_> = (0..count).map(one).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
    })
}

fn without_token(request: &[u8]) -> Vec<u8> {
    const HEADER: &[u8] = b"Authorization: \r\n";
    match memchr::memmem::find(request, HEADER) {
        Some(at) => [&request[..at], &request[at + HEADER.len()..]].concat(),
        None => request.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_without_a_token_has_no_such_header() {
        let request = String::from_utf8(without_token(&Template::charge(1).with(b""))).unwrap();
        assert!(
            !request.contains("Authorization") && request.contains("Host: onsale.example\r\nContent-Type"),
            "{request}"
        );
    }

    #[test]
    fn all_of_them_ask_and_their_answers_are_in_order() {
        assert_eq!(at_once(5, |index| index * 2), [0, 2, 4, 6, 8]);
    }
}
