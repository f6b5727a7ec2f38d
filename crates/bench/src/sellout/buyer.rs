//! One person of the crowd: what they do next, and what they make of the answer.

use std::time::Duration;

use rand::Rng;
use rand::RngExt as _;

use super::history::Call;
use super::{Arguments, SCHEDULE};
use crate::catalog;
use crate::load::Reply;
use crate::request::{self, Template};
use crate::{answer, seat_list};

/// Somebody who was told that nothing is free, or that the service is busy, looks again after this.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
const POLL_MIN: Duration = Duration::from_millis(100);
const POLL_MAX: Duration = Duration::from_secs(5);

/// What becomes of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Temper {
    Buys,
    /// Holds a seat and does not pay.
    Lapses,
    /// Goes soon after joining.
    Leaves,
}

/// The next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Join,
    Poll,
    LookAtSchedule,
    LookAtSeats { section: u64 },
    Reserve { seat: u64, section: u64 },
    Charge { seat: u64, reservation: u64, amount: u64 },
    Pay { seat: u64, reservation: u64 },
    Leave,
}

/// What an answer came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// The next step, after this long.
    Then(Step, Duration),
    Charged {
        amount: u64,
        then: Step,
    },
    Bought {
        seat: u64,
        amount: u64,
    },
    /// A refusal that a crowd must expect.
    Refused(Step, Duration),
    /// The service had no room; the same step again.
    Overloaded,
    Gone,
    /// Not what the wire contract says.
    Unexpected,
}

#[derive(Debug)]
pub(super) struct Buyer {
    pub(super) step: Step,
    pub(super) temper: Temper,
    pub(super) token: Box<[u8]>,
    /// Charged less paid, by the buyer's own account.
    pub(super) balance: u64,
}

impl Buyer {
    pub(super) fn new(temper: Temper) -> Self {
        Self { step: Step::Join, temper, token: Box::default(), balance: 0 }
    }

    pub(super) fn call(&self) -> Call {
        match self.step {
            Step::Join => Call::Token,
            Step::Poll => Call::Check,
            Step::LookAtSchedule => Call::Schedule,
            Step::LookAtSeats { .. } => Call::Seats,
            Step::Reserve { .. } => Call::Reserve,
            Step::Charge { .. } => Call::Charge,
            Step::Pay { .. } => Call::Pay,
            Step::Leave => Call::Leave,
        }
    }

    /// Writes the request of the step.
    pub(super) fn write(&self, user: u64, out: &mut Vec<u8>) {
        let template = match self.step {
            Step::Join => return request::issue(user, out),
            Step::Poll => Template::check(),
            Step::LookAtSchedule => Template::get("/v1/api/concerts/schedule", &[]),
            Step::LookAtSeats { section } => {
                let section = catalog::section_name(section);
                Template::get(&format!("/v1/api/concerts/seat?scheduleId={SCHEDULE}&section={section}"), &[])
            }
            Step::Reserve { seat, .. } => Template::reserve(SCHEDULE, seat),
            Step::Charge { amount, .. } => Template::charge(amount),
            Step::Pay { reservation, .. } => Template::pay(reservation),
            Step::Leave => Template::post("/v1/api/queue/token/leave", ""),
        };
        template.write(&self.token, out);
    }

    /// What the answer to the step leads to.
    pub(super) fn turn(&mut self, reply: &Reply<'_>, arguments: &Arguments, random: &mut impl Rng) -> Turn {
        let sections = catalog::section_count(arguments.seats);
        let another = Step::LookAtSeats { section: random.random_range(0..sections) };
        match reply.status {
            200 => self.succeed(reply.body, arguments, another, random).unwrap_or(Turn::Unexpected),
            409 | 410 => self.refused(answer::code(reply.body), another),
            503 => Turn::Overloaded,
            _ => Turn::Unexpected,
        }
    }

    fn succeed(&mut self, body: &[u8], arguments: &Arguments, another: Step, random: &mut impl Rng) -> Option<Turn> {
        const AT_ONCE: Duration = Duration::ZERO;
        Some(match self.step {
            Step::Join => {
                let data = answer::data(body)?;
                self.token = data.queue_token?.as_bytes().into();
                self.wait(&data, arguments)?
            }
            Step::Poll => self.wait(&answer::data(body)?, arguments)?,
            Step::LookAtSchedule => Turn::Then(another, AT_ONCE),
            Step::LookAtSeats { section } => match seat_list::choose(body, random.random()) {
                Some(seat) => Turn::Then(Step::Reserve { seat, section }, AT_ONCE),
                None => Turn::Then(another, LOOK_AGAIN),
            },
            Step::Reserve { seat, .. } => self.held(seat, &answer::data(body)?, arguments)?,
            Step::Charge { seat, reservation, amount } => {
                self.balance += amount;
                if answer::data(body)?.amount? != self.balance {
                    return None;
                }
                Turn::Charged { amount, then: Step::Pay { seat, reservation } }
            }
            Step::Pay { seat, .. } => {
                let amount = answer::data(body)?.payment_amount?;
                self.balance = self.balance.checked_sub(amount)?;
                Turn::Bought { seat, amount }
            }
            Step::Leave => Turn::Gone,
        })
    }

    fn wait(&self, data: &answer::Data<'_>, arguments: &Arguments) -> Option<Turn> {
        if self.temper == Temper::Leaves {
            return Some(Turn::Then(Step::Leave, LOOK_AGAIN));
        }
        match data.status? {
            "PROGRESS" => Some(Turn::Then(Step::LookAtSchedule, Duration::ZERO)),
            "WAITING" => {
                let asked = Duration::from_millis(data.poll_after_millis?);
                Some(Turn::Then(Step::Poll, asked.mul_f64(arguments.poll_factor).clamp(POLL_MIN, POLL_MAX)))
            }
            _ => None,
        }
    }

    fn held(&self, seat: u64, data: &answer::Data<'_>, arguments: &Arguments) -> Option<Turn> {
        let reservation = data.reservation_id?;
        if self.temper == Temper::Lapses {
            return Some(Turn::Then(Step::Leave, Duration::from_secs(arguments.hold_seconds.into())));
        }
        let amount = data.amount?.saturating_sub(self.balance);
        let step =
            if amount == 0 { Step::Pay { seat, reservation } } else { Step::Charge { seat, reservation, amount } };
        Some(Turn::Then(step, Duration::ZERO))
    }

    fn refused(&self, code: Option<&str>, another: Step) -> Turn {
        match (self.step, code) {
            (Step::Reserve { section, .. }, Some("SEAT_NOT_AVAILABLE")) => {
                Turn::Refused(Step::LookAtSeats { section }, Duration::ZERO)
            }
            (Step::Reserve { .. }, Some("SOLD_OUT")) => Turn::Refused(another, LOOK_AGAIN),
            // So slow that the hold lapsed: the money stays in the wallet, and the next seat is paid from it.
            (Step::Pay { .. }, Some("HOLD_EXPIRED")) => Turn::Refused(another, Duration::ZERO),
            _ => Turn::Unexpected,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn turn(buyer: &mut Buyer, status: u16, body: &str) -> Turn {
        let arguments = Line::parse_from(["sellout", "--seats", "500", "--users", "1000"]).arguments;
        let reply = Reply::new(status, body.as_bytes());
        buyer.turn(&reply, &arguments, &mut SmallRng::seed_from_u64(1))
    }

    fn follow(buyer: &mut Buyer, body: &str) -> Step {
        match turn(buyer, 200, body) {
            Turn::Then(step, _) | Turn::Charged { then: step, .. } => buyer.step = step,
            other => panic!("{other:?}"),
        }
        buyer.step
    }

    #[test]
    fn a_buyer_goes_from_the_token_to_the_seat() {
        let mut buyer = Buyer::new(Temper::Buys);
        let waiting = r#"{"data":{"queueToken":"t","status":"WAITING","pollAfterMillis":1000}}"#;
        assert_eq!(follow(&mut buyer, waiting), Step::Poll);
        assert_eq!(follow(&mut buyer, r#"{"data":{"status":"PROGRESS"}}"#), Step::LookAtSchedule);
        assert_eq!(follow(&mut buyer, r#"{"data":[]}"#), Step::LookAtSeats { section: 0 });
        let seats = r#"{"data":[{"seatId":7,"seatStatus":"AVAILABLE"}]}"#;
        buyer.step = Step::Reserve { seat: seat_list::choose(seats.as_bytes(), 0.0).unwrap(), section: 0 };
        let held = r#"{"data":{"reservationId":5,"amount":100}}"#;
        assert_eq!(follow(&mut buyer, held), Step::Charge { seat: 7, reservation: 5, amount: 100 });
        assert_eq!(follow(&mut buyer, r#"{"data":{"amount":100}}"#), Step::Pay { seat: 7, reservation: 5 });
        assert_eq!(turn(&mut buyer, 200, r#"{"data":{"paymentAmount":100}}"#), Turn::Bought { seat: 7, amount: 100 });
        assert_eq!(buyer.balance, 0);
    }

    #[test]
    fn a_lost_race_is_expected_and_a_lost_session_is_not() {
        let mut buyer = Buyer::new(Temper::Buys);
        buyer.step = Step::Reserve { seat: 1, section: 4 };
        let again = Turn::Refused(Step::LookAtSeats { section: 4 }, Duration::ZERO);
        assert_eq!(turn(&mut buyer, 409, r#"{"code":"SEAT_NOT_AVAILABLE"}"#), again);
        assert_eq!(turn(&mut buyer, 403, r#"{"code":"SESSION_EXPIRED"}"#), Turn::Unexpected);
        assert_eq!(turn(&mut buyer, 503, r#"{"code":"OVERLOADED"}"#), Turn::Overloaded);
    }

    #[test]
    fn a_balance_that_does_not_add_up_is_unexpected() {
        let mut buyer = Buyer::new(Temper::Buys);
        buyer.step = Step::Charge { seat: 1, reservation: 2, amount: 100 };
        assert_eq!(turn(&mut buyer, 200, r#"{"data":{"amount":99}}"#), Turn::Unexpected);
    }

    #[test]
    fn money_of_a_lapsed_hold_pays_for_the_next_seat() {
        let mut buyer = Buyer::new(Temper::Buys);
        buyer.balance = 100;
        buyer.step = Step::Reserve { seat: 9, section: 0 };
        let held = r#"{"data":{"reservationId":6,"amount":100}}"#;
        assert_eq!(follow(&mut buyer, held), Step::Pay { seat: 9, reservation: 6 });
    }
}
