//! The whole service behind one lock: each request brings time up to date and is then answered at once.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use serde_json::{Value, json};

use super::answer::{Answer, Refusal, fingerprint};
use super::door::Door;
use super::fault::{Fault, NowAndThen};
use super::lists::Lists;
use super::queue::{Queue, Status};
use super::request::{Request, Route};
use super::rules::Rules;
use super::sale::{Reservation, Sale, State};
use super::wire::Wire;

/// One in so many answers of the endpoints that buy hides a failure.
const HIDDEN_ONE_IN: u64 = 25;
/// No number that anybody who comes would choose.
const MEMBERS_FROM: u64 = 5_000_000_000;
const INTEGER_MAX: u64 = (1 << 53) - 1;

#[derive(Debug)]
pub(super) struct World {
    fault: Option<Fault>,
    rules: Rules,
    door: Option<Door>,
    pub(super) queue: Queue,
    pub(super) sale: Sale,
    lists: Lists,
    /// Answers by user, route and Idempotency-Key, with the fingerprint of what was asked.
    answered: HashMap<(u64, Route, String), (u64, Answer)>,
    hidden: NowAndThen,
    /// How many were made members. Their numbers are the server's own, from [`MEMBERS_FROM`] on.
    members: u64,
    /// How often each route was answered with each code.
    pub(super) counts: BTreeMap<(&'static str, u16, &'static str), u64>,
}

impl World {
    pub(super) fn new(rules: &Rules, fault: Option<Fault>) -> Self {
        Self {
            fault,
            rules: rules.clone(),
            door: rules.entry.clone().map(|entry| Door::new(entry, fault)),
            queue: Queue::new(rules, fault),
            sale: Sale::new(rules, fault),
            lists: Lists::new(rules, fault),
            answered: HashMap::new(),
            hidden: NowAndThen::default(),
            members: 0,
            counts: BTreeMap::new(),
        }
    }

    pub(super) fn answer(&mut self, request: &Request, now: Instant) -> Answer {
        self.queue.advance(now);
        self.sale.advance(now);
        let mut answer = self.route(request, now).unwrap_or_else(Answer::refusal);
        if self.fault == Some(Fault::HidesAFailure) && request.route.buys() && self.hidden.comes(HIDDEN_ONE_IN) {
            answer = Answer::hidden_failure();
        }
        *self.counts.entry((request.route.text(), answer.status, answer.code)).or_default() += 1;
        answer
    }

    fn route(&mut self, request: &Request, now: Instant) -> Result<Answer, Refusal> {
        match request.route {
            Route::Issue => self.issue(request, now),
            Route::BecomeMember => {
                self.members += 1;
                Ok(Answer::data(&json!({"userId": MEMBERS_FROM + self.members})))
            }
            Route::Check => Ok(Answer::data(&self.place(self.ticket(request)?, now))),
            Route::Leave => {
                let ticket = self.ticket(request)?;
                self.queue.end(ticket, now);
                Ok(Answer::data(&self.place(ticket, now)))
            }
            Route::Balance => {
                let user = self.user(request)?;
                if self.rules.wire == Wire::Foreign && !self.sale.has_wallet(user) {
                    return Err(Refusal(404, "NOT_FOUND"));
                }
                Ok(Answer::data(&json!({"amount": self.sale.balance(user)})))
            }
            Route::Schedules => {
                self.insider(request)?;
                Ok(Answer::success(&self.lists.schedules(&self.sale, now)).tagged(request.known()))
            }
            Route::Seats => self.seats(request, now),
            Route::Charge | Route::Reserve | Route::Pay => self.once(request, now),
            Route::Cancel => {
                let id = request.integer("reservationId")?;
                self.sale.cancel(self.user(request)?, id)?;
                Ok(Answer::data(&json!({"reservationId": id, "seatStatus": "AVAILABLE"})))
            }
            Route::Reservations => self.reservations(request),
            Route::Catalog => Ok(Answer::success(&self.lists.catalog())),
            Route::Health => Ok(Answer::text("ok\n".to_owned())),
            Route::Metrics => Ok(Answer::text(super::metrics::render(self))),
            Route::Other => Err(Refusal(404, "NOT_FOUND")),
        }
    }

    fn issue(&mut self, request: &Request, now: Instant) -> Result<Answer, Refusal> {
        let user = match &mut self.door {
            Some(door) => door.enter(&request.body)?,
            None => request.integer("userId")?,
        };
        if !(1..=INTEGER_MAX).contains(&user) {
            return Err(Refusal(400, "BAD_REQUEST"));
        }
        let is_member = (1..=self.members).contains(&user.saturating_sub(MEMBERS_FROM));
        if self.rules.members_only && !is_member {
            return Err(Refusal(404, "NOT_FOUND"));
        }
        let ticket = self.queue.join(user, now);
        let mut place = self.place(ticket, now);
        place["queueToken"] = json!(token(ticket));
        Ok(Answer::data(&place))
    }

    fn place(&self, number: usize, now: Instant) -> Value {
        let status = self.queue.ticket(number).map_or(Status::Expired, |ticket| ticket.status);
        let (poll, until) = match status {
            Status::Waiting => (Some(u64::try_from(self.rules.poll_after.as_millis()).unwrap_or(u64::MAX)), None),
            Status::Progress { until } => {
                let left = jiff::SignedDuration::try_from(until - now).unwrap_or_default();
                (None, Some((jiff::Timestamp::now() + left).to_string()))
            }
            Status::Done | Status::Expired => (None, None),
        };
        json!({
            "queuePosition": self.queue.position(number), "status": status.text(), "estimatedWaitSeconds": null,
            "estimatedWaitMaxSeconds": null, "pollAfterMillis": poll, "sessionExpiresAt": until,
        })
    }

    fn seats(&mut self, request: &Request, now: Instant) -> Result<Answer, Refusal> {
        self.insider(request)?;
        let schedule = request.query("scheduleId").and_then(|id| id.parse().ok()).ok_or(Refusal(400, "BAD_REQUEST"))?;
        let list = self.lists.seats(&self.sale, schedule, request.query("section").as_deref(), now);
        Ok(Answer::success(&list.ok_or(Refusal(404, "SCHEDULE_NOT_FOUND"))?).tagged(request.known()))
    }

    /// What is done once, however often it is sent with the same key.
    fn once(&mut self, request: &Request, now: Instant) -> Result<Answer, Refusal> {
        let user = self.user(request)?;
        let asked = fingerprint(request.body.to_string().as_bytes());
        let key = request.header("idempotency-key").map(|key| (user, request.route, key.to_owned()));
        let known = key.as_ref().and_then(|key| self.answered.get(key));
        match known.filter(|_| self.fault != Some(Fault::RepeatsWhatIsRetried)) {
            Some((before, _)) if *before != asked => return Err(Refusal(422, "IDEMPOTENCY_KEY_REUSED")),
            Some((_, answer)) => return Ok(Answer { replayed: true, ..answer.clone() }),
            None => {}
        }
        let answer = self.buy(request, user, now)?;
        if let Some(key) = key.filter(|_| answer.status < 400) {
            self.answered.insert(key, (asked, answer.clone()));
        }
        Ok(answer)
    }

    fn buy(&mut self, request: &Request, user: u64, now: Instant) -> Result<Answer, Refusal> {
        if request.route == Route::Charge {
            let amount = request.body["amount"].as_i64().ok_or(Refusal(400, "AMOUNT_INVALID"))?;
            return Ok(Answer::data(&json!({"amount": self.sale.charge(user, amount, now)?})));
        }
        if request.route == Route::Reserve {
            self.insider(request)?;
            let (schedule, seats) = (request.integer("scheduleId")?, request.seats()?);
            let taken = self.sale.taken(user, schedule, &seats)?;
            if !taken.is_empty() {
                let free: Vec<u64> = seats.iter().filter(|seat| !taken.contains(seat)).copied().collect();
                if self.fault == Some(Fault::HoldsHalfOfAGroup) && !free.is_empty() {
                    self.sale.reserve(user, schedule, free, now);
                }
                return Ok(Answer::taken(if seats.len() > 1 { &taken } else { &[] }));
            }
            let id = self.sale.reserve(user, schedule, seats, now);
            if self.rules.ends_with_reserve {
                self.queue.end(self.ticket(request)?, now);
            }
            return Ok(Answer::data(&self.held(id)));
        }
        let id = request.integer("reservationId")?;
        let amount = self.sale.pay(user, id, request.body["amount"].as_i64(), now)?;
        let goes_on = self.fault == Some(Fault::PaidSessionGoesOn);
        if let Some(ticket) = self.queue.inside_of(user).filter(|_| !goes_on) {
            self.queue.end(ticket, now);
        }
        let paid = json!({"paymentAmount": amount, "seatStatus": "RESERVED", "queueStatus": "DONE", "paymentId": id});
        Ok(Answer::data(&paid))
    }

    fn held(&self, id: usize) -> Value {
        let reservation = &self.sale.reservations[id - 1];
        let local = |time: jiff::Timestamp| time.strftime("%Y-%m-%d %H:%M:%S").to_string();
        let each = |seat: &u64| json!({"seatId": seat, "amount": self.rules.amount});
        let mut held = json!({
            "reservationId": id, "seatStatus": "TEMP_RESERVED", "reservedDate": local(reservation.made),
            "reservedUntilDate": local(reservation.ends), "reservedAt": reservation.made.to_string(),
            "reservedUntil": reservation.ends.to_string(), "amount": self.sale.price(id),
        });
        if reservation.seats.len() > 1 {
            held["seats"] = reservation.seats.iter().map(each).collect();
        }
        held
    }

    fn reservations(&self, request: &Request) -> Result<Answer, Refusal> {
        let user = self.user(request)?;
        let all = (1..).zip(&self.sale.reservations).filter(|(_, reservation)| reservation.user == user);
        let one = |(id, reservation): (usize, &Reservation)| {
            let paid = (reservation.state == State::Paid).then_some(id);
            json!({
                "reservationId": id, "scheduleId": reservation.schedule, "seatIds": reservation.seats,
                "amount": self.sale.price(id), "status": reservation.state.text(),
                "reservedAt": reservation.made.to_string(), "reservedUntil": reservation.ends.to_string(),
                "paymentId": paid, "paidAt": paid.map(|_| reservation.ends.to_string()),
            })
        };
        Ok(Answer::data(&json!(all.map(one).collect::<Vec<_>>())))
    }

    fn ticket(&self, request: &Request) -> Result<usize, Refusal> {
        let sent = request.header("authorization").ok_or(Refusal(401, "TOKEN_MISSING"))?;
        let sent = sent.strip_prefix("Bearer ").unwrap_or(sent);
        let number = sent.split('.').nth(1).and_then(|number| number.parse().ok());
        number
            .filter(|&number| token(number) == sent && self.queue.ticket(number).is_some())
            .ok_or(Refusal(401, "TOKEN_INVALID"))
    }

    fn user(&self, request: &Request) -> Result<u64, Refusal> {
        if let Some(member) = request.member {
            return Ok(member);
        }
        if self.fault == Some(Fault::NeedsNoToken) && request.header("authorization").is_none_or(str::is_empty) {
            return Ok(1);
        }
        let ticket = self.ticket(request)?;
        Ok(self.queue.ticket(ticket).map_or(0, |ticket| ticket.user))
    }

    fn insider(&self, request: &Request) -> Result<(), Refusal> {
        let ticket = self.ticket(request)?;
        match self.queue.ticket(ticket).map(|ticket| ticket.status) {
            Some(Status::Progress { .. }) => Ok(()),
            Some(Status::Waiting) => Err(Refusal(403, "NOT_ADMITTED")),
            Some(Status::Done) => Err(Refusal(403, "SESSION_DONE")),
            Some(Status::Expired) | None => Err(Refusal(403, "SESSION_EXPIRED")),
        }
    }
}

fn token(ticket: usize) -> String {
    let body = format!("planted.{ticket}");
    format!("{body}.{:016x}", fingerprint(body.as_bytes()))
}
