//! What people make of an answer, and what the audit makes of it.

use std::time::Duration;

use rand::RngExt as _;

use super::call::Call;
use super::crowd::Crowd;
use super::person::{Choice, Step, Temper, Turn};
use crate::answer::{self, Data};
use crate::audit::line::{Interval, Status};
use crate::audit::seats::Seat;
use crate::load::Reply;
use crate::seat_list;
use crate::words;

/// Somebody who found nothing free looks again after this.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// Somebody whom the service had no room for comes back after this.
const RETRY: Duration = Duration::from_secs(1);
/// How often people look for a seat before they give up.
const LOOKS_MAX: u16 = 30;
/// So long after its end a hold has lapsed on every clock.
const LAPSED_FOR: Duration = Duration::from_millis(300);

/// What the answer leads to.
pub(super) fn turn(crowd: &mut Crowd, who: usize, at: Interval, frontier: Option<Duration>, reply: &Reply<'_>) -> Turn {
    let step = crowd.people[who].step;
    crowd.server_errors.judge(reply.status < 500 || reply.status == 503, || {
        format!("{} was answered {}", crowd.people[who].call().id(), words::refusal(reply.status, reply.words()))
    });
    match reply.status {
        200 => {
            let turn = succeed(crowd, who, at, frontier, reply);
            crowd.hidden.judge(turn.is_some(), || {
                let excerpt = String::from_utf8_lossy(&reply.body[..reply.body.len().min(120)]).into_owned();
                format!("{step:?} was answered 200 with {excerpt}")
            });
            turn.unwrap_or(Turn::Unexpected)
        }
        503 => {
            crowd.counts.overloaded += 1;
            crowd.counts.server_errors += 1;
            crowd.counts.retries += 1;
            Turn::Again(RETRY)
        }
        500.. => {
            crowd.counts.server_errors += 1;
            Turn::Unexpected
        }
        status => {
            let told = answer::failure(reply.body);
            crowd.hidden.judge(told.as_ref().is_some_and(|told| told.status == status), || {
                format!("{status} with a body that does not say so")
            });
            let (code, taken) = told.map_or(("", Vec::new()), |told| (told.code, told.seat_ids));
            refused(crowd, who, at, frontier, code, &taken)
        }
    }
}

/// `None` when the answer lacks what the wire contract promises.
fn succeed(crowd: &mut Crowd, who: usize, at: Interval, frontier: Option<Duration>, reply: &Reply<'_>) -> Option<Turn> {
    if !reply.is_success() {
        return None;
    }
    let body = reply.body;
    Some(match crowd.people[who].step {
        Step::Join | Step::Poll => wait(crowd, who, at, frontier, &answer::data(body)?)?,
        Step::LookAtSchedule => {
            inside(crowd, who, at, frontier);
            if !body.windows(12).any(|piece| piece == b"\"scheduleId\"") {
                return None;
            }
            choose_section(crowd, who, false);
            let think = crowd.think();
            Turn::Then(Step::LookAtSeats, think)
        }
        Step::LookAtSeats => {
            inside(crowd, who, at, frontier);
            crowd.counts.sections_read += 1;
            choose_seat(crowd, who, body)?
        }
        Step::LookAgain => {
            inside(crowd, who, at, frontier);
            crowd.counts.sections_read += 1;
            for seat in crowd.people[who].seats() {
                let status = seat_list::status_of(body, seat);
                let schedule = crowd.setting.date.schedule_id;
                crowd.seats.own_seat_listed((schedule, seat), who, at, status);
            }
            after_hold(crowd, who)
        }
        Step::Reserve => held(crowd, who, at, frontier, &answer::data(body)?)?,
        Step::Charge => {
            let balance = answer::data(body)?.amount;
            let person = &crowd.people[who];
            crowd.wallets.charged(who, person.charge, balance);
            let looks = person.repeats || crowd.random.random_bool(0.25);
            let think = crowd.think();
            Turn::Then(if looks { Step::CheckWallet } else { Step::Pay }, think)
        }
        Step::OpenWallet => {
            crowd.wallets.opened(who, answer::data(body)?.amount?);
            crowd.people[who].knows_wallet = true;
            after_hold(crowd, who)
        }
        Step::CheckWallet => {
            crowd.wallets.balance(who, answer::data(body)?.amount?);
            Turn::Then(next_command(crowd, who, Step::Pay), Duration::ZERO)
        }
        Step::Pay => paid(crowd, who, at, &answer::data(body)?)?,
        Step::PayAgain => {
            let data = answer::data(body)?;
            let (payment, amount) = (data.payment_id?, data.payment_amount?);
            let person = &crowd.people[who];
            let (first, price) = (person.payment, person.price);
            crowd.retried.judge((payment, amount) == (first, price), || {
                format!("payment {first} of {price}, sent again with its key, became {payment} of {amount}")
            });
            Turn::Then(Step::LookAtWallet, Duration::ZERO)
        }
        Step::PayLate => {
            // It should have been refused; the seats' audit says so, and the money is gone by our count too.
            crowd.outstanding = crowd.outstanding.saturating_sub(1);
            paid(crowd, who, at, &answer::data(body)?)?
        }
        Step::LookAtWallet => {
            crowd.wallets.balance(who, answer::data(body)?.amount?);
            Turn::Gone
        }
        Step::Leave | Step::Gone => {
            crowd.curve.left(at.acked);
            Turn::Gone
        }
    })
}

fn wait(crowd: &mut Crowd, who: usize, at: Interval, frontier: Option<Duration>, data: &Data<'_>) -> Option<Turn> {
    let is_join = crowd.people[who].step == Step::Join;
    let status = match data.status? {
        "WAITING" => Status::Waiting { position: data.queue_position },
        "PROGRESS" => Status::Inside,
        "DONE" | "EXPIRED" => Status::Ended,
        _ => return None,
    };
    if is_join {
        crowd.counts.signed += u64::from(!crowd.people[who].entry.is_empty());
        crowd.people[who].token = data.queue_token?.as_bytes().into();
        crowd.line.issued(who, at, status, frontier);
    } else {
        crowd.line.seen(who, at, status, frontier);
    }
    if crowd.people[who].is_away && !is_join {
        crowd.people[who].is_away = false;
        crowd.counts.came_back += 1;
        crowd.outstanding = crowd.outstanding.saturating_sub(1);
    }
    let temper = crowd.people[who].temper;
    Some(match status {
        Status::Waiting { .. } if temper == Temper::Leaves => Turn::Then(Step::Leave, LOOK_AGAIN),
        Status::Waiting { .. } if temper == Temper::Silent && is_join => {
            crowd.people[who].is_away = true;
            crowd.outstanding += 1;
            Turn::Then(Step::Poll, crowd.setting.times.waiting_ttl.mul_f64(1.5))
        }
        Status::Waiting { .. } => {
            if let (Some(likely), Some(most)) = (data.estimated_wait_seconds, data.estimated_wait_max_seconds) {
                crowd.estimates.told(who, at.acked, likely, most);
            }
            let asked = Duration::from_millis(data.poll_after_millis?);
            Turn::Then(Step::Poll, asked.mul_f64(crowd.setting.people.poll_factor))
        }
        Status::Inside => {
            enter(crowd, who, at);
            let think = crowd.think();
            Turn::Then(Step::LookAtSchedule, think)
        }
        Status::Ended => {
            crowd.counts.expired += 1;
            Turn::Gone
        }
    })
}

fn enter(crowd: &mut Crowd, who: usize, at: Interval) {
    if !crowd.people[who].is_inside {
        crowd.people[who].is_inside = true;
        crowd.curve.admitted(at.acked);
        if crowd.people[who].temper != Temper::Silent {
            crowd.estimates.inside(who, at.acked);
        }
    }
}

/// An answer that only those inside get.
fn inside(crowd: &mut Crowd, who: usize, at: Interval, frontier: Option<Duration>) {
    crowd.line.seen(who, at, Status::Inside, frontier);
}

/// A section: a favourite at first, any other later.
fn choose_section(crowd: &mut Crowd, who: usize, again: bool) {
    let area = crowd.setting.own.as_ref().and_then(|own| own.hall.area());
    if let Some((_, section)) = area.filter(|_| crowd.people[who].choice == Choice::Standing) {
        crowd.people[who].section = section;
        return;
    }
    let count = crowd.sections.len().max(1);
    let index = if again { crowd.random.random_range(0..count) } else { crowd.zipf_sections.pick(&mut crowd.random) };
    crowd.people[who].section = u32::try_from(index).unwrap_or(0);
}

fn choose_seat(crowd: &mut Crowd, who: usize, body: &[u8]) -> Option<Turn> {
    let section = crowd.people[who].section as usize;
    let favourite = crowd.sections.get(section).map_or(0, |(_, zipf)| zipf.pick(&mut crowd.random));
    let choice = seat_list::from_favourite(body, favourite, crowd.people[who].party.into())?;
    let think = crowd.think();
    if crowd.people[who].choice != Choice::ByName {
        return Some(Turn::Then(next_command(crowd, who, Step::Reserve), think));
    }
    if choice.is_empty() {
        return Some(look_elsewhere(crowd, who, LOOK_AGAIN));
    }
    crowd.people[who].choose(choice);
    Some(Turn::Then(next_command(crowd, who, Step::Reserve), think))
}

fn look_elsewhere(crowd: &mut Crowd, who: usize, after: Duration) -> Turn {
    crowd.people[who].looks += 1;
    if crowd.people[who].looks > LOOKS_MAX {
        return Turn::Then(Step::Leave, Duration::ZERO);
    }
    choose_section(crowd, who, true);
    Turn::Then(Step::LookAtSeats, after)
}

/// A command of its own, with a key of its own.
fn next_command(crowd: &mut Crowd, who: usize, step: Step) -> Step {
    crowd.people[who].commands += 1;
    step
}

fn held(crowd: &mut Crowd, who: usize, at: Interval, frontier: Option<Duration>, data: &Data<'_>) -> Option<Turn> {
    inside(crowd, who, at, frontier);
    let (reservation, amount) = (data.reservation_id?, data.amount?);
    if crowd.people[who].choice != Choice::ByName {
        given(crowd, who, amount, data);
    }
    let lasts = data.hold_lasts().unwrap_or(crowd.setting.times.hold_ttl);
    for seat in seats_of(crowd, who) {
        crowd.seats.held(seat, who, at, lasts);
        crowd.curve.held(at.acked);
    }
    // Where no answer tells the price, what is taken for it is the list's sum.
    let is_named = crowd.people[who].choice == Choice::ByName;
    if is_named && !crowd.people[who].several.is_empty() && crowd.setting.habits.tells_price {
        let listed = crowd.people[who].price;
        crowd.seats.group_held(who, &seats_of(crowd, who), amount, listed);
    }
    let person = &mut crowd.people[who];
    person.reservation = reservation;
    person.price = amount;
    if person.temper == Temper::Lapses {
        crowd.outstanding += 1;
        next_command(crowd, who, Step::PayLate);
        return Some(Turn::Then(Step::PayLate, lasts + LAPSED_FOR));
    }
    let looks_again =
        crowd.random.random_bool(0.1) && !crowd.setting.habits.ends_with_reserve && crowd.people[who].is_in_section;
    Some(if looks_again { Turn::Then(Step::LookAgain, Duration::ZERO) } else { after_hold(crowd, who) })
}

/// The service has chosen the seats: whether they are what was asked for, at the price that the catalog has.
fn given(crowd: &mut Crowd, who: usize, amount: u64, data: &Data<'_>) {
    let Some(own) = &crowd.setting.own else { return };
    let person = &mut crowd.people[who];
    let seats: Vec<u64> = data.seats.iter().map(|seat| seat.seat_id).collect();
    let is_best = person.choice == Choice::Best;
    let standing = seats.iter().filter(|seat| own.hall.is_standing(**seat)).count();
    let is_as_asked = seats.len() == usize::from(person.party) && standing == if is_best { 0 } else { seats.len() };
    let (told, listed) =
        (data.seats.iter().map(|seat| seat.amount).sum::<u64>(), own.hall.price(&seats, person.has_child));
    crowd.seats.group_judged(is_as_asked && listed == Some(told) && told == amount, || {
        format!(
            "{who} asked for {} and holds {seats:?} for {amount}, which are {told} and should be {listed:?}",
            person.party
        )
    });
    if is_best {
        crowd.counts.best_holds += 1;
        let is_group = seats.len() > 1;
        crowd.counts.best_groups += u64::from(is_group);
        crowd.counts.best_adjacent += u64::from(is_group && own.hall.are_adjacent(&seats));
    }
    // Whoever looks again looks where their seats are.
    let section = own.hall.section_of(&seats);
    person.is_in_section = section.is_some();
    person.section = section.unwrap_or(person.section);
    person.choose(data.seats.iter().map(|seat| (seat.seat_id, seat.amount)).collect());
}

/// Charges what is missing and a little more, so that a lost charge and a double debit are different sums.
fn after_hold(crowd: &mut Crowd, who: usize) -> Turn {
    if !crowd.setting.habits.fresh_wallets && !crowd.people[who].knows_wallet {
        return Turn::Then(Step::OpenWallet, Duration::ZERO);
    }
    let has = crowd.wallets.expected(who);
    let more = 1_000 * crowd.random.random_range(1..9u64) + 1;
    let person = &mut crowd.people[who];
    let missing = person.price.saturating_sub(has);
    let think = crowd.think();
    if missing == 0 {
        return Turn::Then(next_command(crowd, who, Step::Pay), think);
    }
    crowd.people[who].charge = missing + more;
    Turn::Then(next_command(crowd, who, Step::Charge), think)
}

fn paid(crowd: &mut Crowd, who: usize, at: Interval, data: &Data<'_>) -> Option<Turn> {
    let (payment, amount) = (data.payment_id?, data.payment_amount?);
    let person = &mut crowd.people[who];
    person.payment = payment;
    person.price = amount;
    let repeats = person.repeats;
    let seats = seats_of(crowd, who);
    for &seat in &seats {
        crowd.seats.paid(seat, who, at);
        crowd.curve.paid(at.acked);
    }
    crowd.counts.bought += seats.len() as u64;
    crowd.counts.buyers += 1;
    let own = crowd.setting.own.as_ref();
    let stood = own.map_or(0, |own| seats.iter().filter(|(_, seat)| own.hall.is_standing(*seat)).count());
    crowd.counts.stood += stood as u64;
    let person = &crowd.people[who];
    crowd.counts.children += u64::from(person.has_child && person.choice == Choice::Best);
    if seats.len() > 1 {
        crowd.counts.groups += 1;
        crowd.counts.group_seats += seats.len() as u64;
        crowd.seats.group_paid(who, seats);
    }
    crowd.wallets.paid(who, amount);
    let answered = crowd.people[who].answered;
    for call in Call::ALL {
        crowd.counts.on_the_way[call as usize] += u64::from(answered >> call as u16 & 1);
    }
    if crowd.is_sold_out() {
        crowd.curve.sold_out.get_or_insert(at.acked);
    }
    crowd.counts.retries += u64::from(repeats);
    Some(Turn::Then(if repeats { Step::PayAgain } else { Step::LookAtWallet }, Duration::ZERO))
}

/// The seats that somebody wants, holds or has paid, by their date.
fn seats_of(crowd: &Crowd, who: usize) -> Vec<Seat> {
    let schedule = crowd.setting.date.schedule_id;
    crowd.people[who].seats().into_iter().map(|seat| (schedule, seat)).collect()
}

/// Whether a group goes on with the seats that a refusal did not name as taken: where it named some, and not all.
fn take_what_is_left(crowd: &mut Crowd, who: usize, taken: &[u64]) -> bool {
    let person = &mut crowd.people[who];
    let left: Vec<_> = person.several.iter().filter(|(seat, _)| !taken.contains(seat)).copied().collect();
    if left.is_empty() || left.len() == person.several.len() {
        return false;
    }
    person.choose(left);
    crowd.counts.group_retries += 1;
    true
}

fn not_payable(crowd: &mut Crowd, who: usize, at: Interval, code: &str) {
    for seat in seats_of(crowd, who) {
        crowd.seats.not_payable(seat, who, at, code);
    }
    crowd.counts.lapsed += 1;
}

/// A refusal that a crowd must expect, or not.
fn refused(crowd: &mut Crowd, who: usize, at: Interval, frontier: Option<Duration>, code: &str, taken: &[u64]) -> Turn {
    match (crowd.people[who].step, code) {
        // Less is left than they are: they take what there is, each by name.
        (Step::Reserve, "SOLD_OUT" | "SEATS_TOO_FEW" | "AREA_TOO_FEW")
            if crowd.people[who].choice != Choice::ByName =>
        {
            inside(crowd, who, at, frontier);
            crowd.counts.lost_races += 1;
            let was_best = crowd.people[who].choice == Choice::Best;
            crowd.counts.best_tries -= u64::from(was_best);
            let person = &mut crowd.people[who];
            (person.choice, person.has_child) = (Choice::ByName, false);
            look_elsewhere(crowd, who, LOOK_AGAIN / 2)
        }
        (Step::Reserve, "SEAT_NOT_AVAILABLE" | "SOLD_OUT") => {
            inside(crowd, who, at, frontier);
            crowd.counts.lost_races += 1;
            if take_what_is_left(crowd, who, taken) {
                return Turn::Then(next_command(crowd, who, Step::Reserve), Duration::ZERO);
            }
            look_elsewhere(crowd, who, LOOK_AGAIN / 2)
        }
        (Step::Pay, "HOLD_EXPIRED" | "RESERVATION_NOT_FOUND" | "RESERVATION_CANCELLED") => {
            not_payable(crowd, who, at, code);
            // So slow that the hold lapsed: the money stays in the wallet, and the next seat is paid from it.
            if code == "HOLD_EXPIRED" { look_elsewhere(crowd, who, Duration::ZERO) } else { Turn::Unexpected }
        }
        (Step::PayLate, _) => {
            crowd.outstanding = crowd.outstanding.saturating_sub(1);
            not_payable(crowd, who, at, code);
            if code == "HOLD_EXPIRED" { Turn::Then(Step::LookAtWallet, Duration::ZERO) } else { Turn::Unexpected }
        }
        (Step::Pay, "INSUFFICIENT_BALANCE") => {
            let price = crowd.people[who].price;
            crowd.wallets.too_poor(who, price);
            Turn::Unexpected
        }
        (Step::Pay | Step::PayAgain, "ALREADY_PAID") => {
            crowd.retried.judge(false, || "a payment that was sent again with its key was refused as paid".to_owned());
            Turn::Unexpected
        }
        // Slower than the session: back to the end of the line, or home.
        (_, "SESSION_EXPIRED" | "SESSION_DONE") => {
            crowd.counts.expired += 1;
            Turn::Gone
        }
        (Step::Leave, _) => Turn::Gone,
        _ => Turn::Unexpected,
    }
}
