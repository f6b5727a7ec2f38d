//! Charges, reservations and payments in turn, each with its Idempotency-Key, retried until they are answered.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::answer;
use crate::audit::seats::SeatStatus;
use crate::audit::{Rule, Tally};
use crate::endpoint::Endpoint;
use crate::load::{self, Losses, Next, Pace, Plan, Reply, Source};
use crate::request::{self, Template};
use crate::sources::Tokens;

/// What a writer charges before each seat: more than a seat costs.
const CHARGE: u64 = 200_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Charge,
    Reserve,
    Pay,
    /// A payment ends the session: back into the queue, which has room.
    Join,
}

/// A write that was acknowledged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Write {
    pub(super) kind: Kind,
    /// Of reservations and payments.
    pub(super) seat: Option<u64>,
    pub(super) acked: Duration,
}

impl Write {
    /// Whether the seat is as the write left it, or a later write of the same owner.
    pub(super) fn is_there(&self, status: Option<SeatStatus>) -> bool {
        match self.kind {
            Kind::Charge | Kind::Join => true,
            Kind::Reserve => matches!(status, Some(SeatStatus::TempReserved | SeatStatus::Reserved)),
            Kind::Pay => status == Some(SeatStatus::Reserved),
        }
    }
}

/// One writer.
#[derive(Clone, Debug)]
struct Writer {
    user: u64,
    token: Box<[u8]>,
    kind: Kind,
    seat: u64,
    reservation: u64,
    balance: u64,
    charges: u64,
    /// Number of the command, for its key.
    command: u64,
    /// The command was sent before and never answered.
    in_doubt: bool,
}

/// All writers.
pub(super) struct Writes {
    writers: Vec<Writer>,
    idle: VecDeque<usize>,
    out: Vec<Option<usize>>,
    next_seat: u64,
    seats: u64,
    started: Instant,
    /// Only what is in doubt is sent.
    is_ending: bool,
    settled: Settled,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    pub(super) writes: Vec<Write>,
    /// By writer.
    pub(super) balances: Vec<u64>,
    pub(super) charges: Vec<u64>,
    pub(super) in_doubt: u64,
    pub(super) in_doubt_done: u64,
    pub(super) retries: u64,
    pub(super) retried: Tally,
}

impl Settled {
    pub(super) fn acknowledged(&self) -> u64 {
        self.writes.len() as u64
    }

    pub(super) fn acknowledged_before(&self, moment: Duration) -> u64 {
        self.writes.iter().filter(|write| write.acked < moment).count() as u64
    }
}

impl Writes {
    pub(super) fn new(first_user: u64, tokens: &Tokens, seats: u64, started: Instant) -> Self {
        let count = tokens.len();
        let writer = |who: usize| Writer {
            user: first_user + who as u64,
            token: tokens.get(who).into(),
            kind: Kind::Charge,
            seat: 0,
            reservation: 0,
            balance: 0,
            charges: 0,
            command: 1,
            in_doubt: false,
        };
        Self {
            writers: (0..count).map(writer).collect(),
            idle: (0..count).collect(),
            out: Vec::new(),
            next_seat: 1,
            seats,
            started,
            is_ending: false,
            settled: Settled {
                writes: Vec::new(),
                balances: Vec::new(),
                charges: Vec::new(),
                in_doubt: 0,
                in_doubt_done: 0,
                retries: 0,
                retried: Tally::new(Rule::RetriedOnce),
            },
        }
    }

    /// Sends again what was never answered, until all is known.
    pub(super) fn finish(mut self, server: &Endpoint) -> Result<Settled> {
        self.is_ending = true;
        self.idle = (0..self.writers.len()).filter(|&who| self.writers[who].in_doubt).collect();
        let plan = Plan {
            losses: Losses::Count { reply_max: Duration::from_secs(5) },
            ..Plan::new(server, 8, Pace::Closed, Duration::from_secs(30))
        };
        load::run(&plan, &mut self)?;
        let unknown = self.writers.iter().filter(|writer| writer.in_doubt).count();
        self.settled.retried.judge(unknown == 0, || format!("{unknown} writes are still without an answer"));
        self.settled.balances = self.writers.iter().map(|writer| writer.balance).collect();
        self.settled.charges = self.writers.iter().map(|writer| writer.charges).collect();
        Ok(self.settled)
    }

    fn send(&mut self, slot: usize, who: usize) {
        if self.out.len() <= slot {
            self.out.resize(slot + 1, None);
        }
        self.out[slot] = Some(who);
    }

    fn acknowledged(&mut self, who: usize, acked: Duration, data: &answer::Data<'_>) -> bool {
        let writer = &mut self.writers[who];
        let seat = Some(writer.seat);
        let write = match writer.kind {
            Kind::Charge => {
                let Some(balance) = data.amount else { return false };
                writer.balance += CHARGE;
                writer.charges += 1;
                writer.kind = Kind::Reserve;
                let told = balance == writer.balance;
                let expected = writer.balance;
                self.settled.retried.judge(told, || {
                    format!("writer {who} has {balance} after a charge, and {expected} by what was acknowledged")
                });
                Write { kind: Kind::Charge, seat: None, acked }
            }
            Kind::Reserve => {
                let Some(reservation) = data.reservation_id else { return false };
                writer.reservation = reservation;
                writer.kind = Kind::Pay;
                Write { kind: Kind::Reserve, seat, acked }
            }
            Kind::Pay => {
                let Some(amount) = data.payment_amount else { return false };
                writer.balance = writer.balance.saturating_sub(amount);
                writer.kind = Kind::Join;
                Write { kind: Kind::Pay, seat, acked }
            }
            Kind::Join => {
                let Some(token) = data.queue_token.filter(|_| data.status == Some("PROGRESS")) else { return false };
                writer.token = token.as_bytes().into();
                writer.kind = Kind::Charge;
                return true;
            }
        };
        writer.command += 1;
        self.settled.writes.push(write);
        true
    }
}

impl Source for Writes {
    fn next(&mut self, slot: usize, now: Instant, out: &mut Vec<u8>) -> Next {
        let Some(who) = self.idle.pop_front() else {
            return if self.is_ending && self.out.iter().all(Option::is_none) {
                Next::Done
            } else {
                Next::After(now + Duration::from_millis(1))
            };
        };
        let writer = &mut self.writers[who];
        if writer.kind == Kind::Reserve && !writer.in_doubt {
            if self.next_seat > self.seats {
                // All seats are taken: from here on there are only charges.
                writer.kind = Kind::Charge;
            } else {
                writer.seat = self.next_seat;
                self.next_seat += 1;
            }
        }
        self.settled.retries += u64::from(writer.in_doubt);
        let key = format!("Idempotency-Key: crash-{who}-{}", writer.command);
        let template = match writer.kind {
            Kind::Charge => Template::charge(CHARGE),
            Kind::Reserve => Template::reserve(1, writer.seat),
            Kind::Pay => Template::pay(writer.reservation),
            Kind::Join => {
                request::issue(writer.user, out);
                self.send(slot, who);
                return Next::Send;
            }
        };
        template.and(&key).write(&writer.token, out);
        self.send(slot, who);
        Next::Send
    }

    fn reply(&mut self, slot: usize, now: Instant, reply: &Reply<'_>) -> bool {
        let Some(who) = self.out.get_mut(slot).and_then(Option::take) else { return false };
        if matches!(reply.status, 503 | 504) {
            // 503: not done. 504: nobody knows yet. The same again in both cases.
            self.writers[who].in_doubt |= reply.status == 504;
            self.idle.push_back(who);
            return reply.status == 503;
        }
        let acked = now.saturating_duration_since(self.started);
        let was_in_doubt = std::mem::take(&mut self.writers[who].in_doubt);
        self.settled.in_doubt_done += u64::from(was_in_doubt && reply.is_replayed);
        let data = answer::data(reply.body).filter(|_| reply.is_success());
        let is_right = data.is_some_and(|data| self.acknowledged(who, acked, &data));
        if was_in_doubt {
            let status = reply.status;
            self.settled.retried.judge(is_right, || format!("a retry of writer {who} was answered {status}"));
        }
        if !self.is_ending {
            self.idle.push_back(who);
        }
        is_right
    }

    fn lost(&mut self, slot: usize, _now: Instant) {
        let Some(who) = self.out.get_mut(slot).and_then(Option::take) else { return };
        self.settled.in_doubt += u64::from(!self.writers[who].in_doubt);
        self.writers[who].in_doubt = true;
        self.idle.push_back(who);
    }

    fn keeps_body(&self) -> bool {
        true
    }
}
