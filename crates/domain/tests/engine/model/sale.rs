//! Holding, dropping and buying seats.

use onsale_domain::concert::{AreaWish, Line, Orphans, PriceTypeId, Schedule, SeatSpec, Together, Wish};
use onsale_domain::ids::{PaymentId, QueueId, ReservationId, ScheduleId, SeatId, TicketId, UserId};
use onsale_domain::level::{FAIRNESS, LIMITS, RANKS, SELLING};
use onsale_domain::queue::State as TicketState;
use onsale_domain::reply::{Extended, Outcome, Paid, Refusal, Reply, Reserved};
use onsale_domain::reservation::State;
use onsale_domain::row::{PaymentRow, ReservationRow};
use onsale_domain::time::Time;

use super::best::{Others, best, check_names, is_area, left_alone, places, price_types};
use super::keys::fresh;
use super::{DAY_MS, Model, Sale};

impl Model {
    /// Ends the holds whose time is up.
    pub(super) fn lapse(&mut self) {
        let is_due = |hold: &&ReservationRow| hold.state == State::Held && hold.reserved_until.0 <= self.now;
        let due: Vec<_> = self.reservations.iter().filter(is_due).map(|hold| hold.id).collect();
        for id in due {
            self.drop_hold(id, State::Lapsed { at: Time(self.now) });
        }
    }

    /// The reservation, unless it ended unpaid a day ago or more.
    pub(crate) fn reservation(&self, id: ReservationId) -> Option<&ReservationRow> {
        let found = self.reservations.iter().find(|reservation| reservation.id == id)?;
        match found.state {
            State::Held | State::Paid { .. } => Some(found),
            State::Lapsed { at } | State::Cancelled { at } | State::Released { at } => {
                (self.now < at.0 + DAY_MS).then_some(found)
            }
        }
    }

    /// Who has the seat.
    pub(crate) fn taken_by(&self, schedule: ScheduleId, seat: SeatId) -> Option<ReservationId> {
        let of_it = |row: &&ReservationRow| row.schedule == schedule && row.seats.contains(&seat);
        let mut keepers = self.reservations.iter().filter(of_it).filter(|row| row.state.keeps_seats());
        let keeper = keepers.next().map(|row| row.id);
        assert_eq!(keepers.next(), None, "a seat has one keeper");
        keeper
    }

    pub(crate) fn available(&self, schedule: ScheduleId) -> Option<u32> {
        let sale = self.sales.iter().find(|sale| sale.schedule.id == schedule)?;
        Some(sale.seats.iter().filter(|spec| self.is_free(schedule, spec.seat)).count() as u32)
    }

    pub(crate) fn holds_of(&self, user: UserId, schedule: ScheduleId) -> u32 {
        let mine = self.reservations.iter().filter(|row| row.user == user && row.schedule == schedule);
        mine.filter(|row| row.state == State::Held).count() as u32
    }

    fn check_token(&self, ticket: TicketId, user: UserId) -> Result<(), Refusal> {
        let line = self.lines.get(usize::from(ticket.queue.0)).ok_or(Refusal::SessionExpired)?;
        let ticket = line.tickets.get(ticket.number as usize).ok_or(Refusal::SessionExpired)?;
        match ticket.state {
            _ if ticket.user != user => Err(Refusal::SessionExpired),
            TicketState::Progress { .. } => Ok(()),
            TicketState::Done { .. } => Err(Refusal::SessionDone),
            TicketState::Expired { .. } => Err(Refusal::SessionExpired),
            TicketState::Waiting | TicketState::Absent { .. } | TicketState::Returned { .. } => {
                Err(Refusal::NotAdmitted)
            }
        }
    }

    /// The date, where the ticket lets the user in.
    fn sale(&self, ticket: TicketId, user: UserId, id: ScheduleId) -> Result<&Sale, Refusal> {
        self.check_token(ticket, user)?;
        let sale = self.sales.iter().find(|sale| sale.schedule.id == id).ok_or(Refusal::ScheduleNotFound)?;
        if self.queue_of(sale) == ticket.queue { Ok(sale) } else { Err(Refusal::NotAdmitted) }
    }

    pub(super) fn reserve_best(&mut self, ticket: TicketId, user: UserId, id: ScheduleId, wish: &Wish) -> Outcome {
        let sale = self.sale(ticket, user, id)?;
        let counts: Vec<u64> = wish.price_types.iter().flatten().map(|one| u64::from(one.count)).collect();
        let adds_up = wish.price_types.is_none() || counts.iter().sum::<u64>() == u64::from(wish.count);
        let is_accessible_right = match wish.accessible {
            None => true,
            Some(places) => places > 0 && places <= wish.count && wish.together == Together::Required,
        };
        if wish.count == 0 || wish.count > 16 || !adds_up || counts.contains(&0) || !is_accessible_right {
            return Err(Refusal::SeatsInvalid);
        }
        check_names(&sale.seats, wish)?;
        sale.is_on(self.now)?;
        let is_free = |seat: SeatId| self.is_free(id, seat);
        let is_kept = sale.schedule.accessible_until.is_none_or(|until| self.now < until.0);
        let picked = best(&sale.schedule, &sale.seats, &is_free, (wish, is_kept, sale.orphans()))?;
        let line = |(spec, price_type): (&&SeatSpec, _)| Line { price_type, ..Line::from(spec.seat) };
        let lines = picked.iter().zip(price_types(wish)).map(line);
        let asked: Vec<_> = lines.zip(picked.iter().copied()).collect();
        let priced = price(&sale.schedule, &asked)?;
        let seats: Vec<SeatId> = picked.iter().map(|spec| spec.seat).collect();
        self.check_limits(user, id, wish.count)?;
        Ok(self.hold(user, id, &seats, priced))
    }

    pub(super) fn reserve(&mut self, ticket: TicketId, user: UserId, id: ScheduleId, lines: &[Line]) -> Outcome {
        let sale = self.sale(ticket, user, id)?;
        let seats: Vec<SeatId> = lines.iter().map(|line| line.seat).collect();
        let twice = seats.iter().any(|seat| seats.iter().filter(|other| *other == seat).count() > 1);
        if seats.is_empty() || seats.len() > 16 || twice {
            return Err(Refusal::SeatsInvalid);
        }
        let asked = self.check_named(sale, lines)?;
        let priced = price(&sale.schedule, &asked)?;
        self.check_limits(user, id, seats.len() as u32)?;
        self.check_choice(sale, &seats)?;
        Ok(self.hold(user, id, &seats, priced))
    }

    pub(super) fn reserve_areas(
        &mut self,
        ticket: TicketId,
        user: UserId,
        id: ScheduleId,
        (lines, areas): (&[Line], &[AreaWish]),
    ) -> Outcome {
        let sale = self.sale(ticket, user, id)?;
        let seats: Vec<SeatId> = lines.iter().map(|line| line.seat).collect();
        let twice = seats.iter().any(|seat| seats.iter().filter(|other| *other == seat).count() > 1)
            || areas.iter().any(|wish| {
                let alike = |other: &&AreaWish| (&other.area, &other.price_type) == (&wish.area, &wish.price_type);
                areas.iter().filter(alike).count() > 1
            });
        let all = areas.iter().map(|wish| wish.quantity as usize).sum::<usize>() + seats.len();
        if twice || areas.is_empty() || all > 16 || areas.iter().any(|wish| wish.quantity == 0) {
            return Err(Refusal::SeatsInvalid);
        }
        if let Some(at) = areas.iter().position(|wish| !is_area(&sale.seats, &wish.area)) {
            return Err(Refusal::AreaNotFound(at as u32));
        }
        // Whoever says no price means the first.
        let first = sale.schedule.price_types.iter().flatten().map(|one| &one.id).next();
        let priced = |wish: &AreaWish| (wish.area.clone(), wish.price_type.as_ref().or(first).cloned());
        let is_again = |&at: &usize| areas[..at].iter().any(|other| priced(other) == priced(&areas[at]));
        if let Some(at) = (0..areas.len()).find(is_again).filter(|_| self.level >= RANKS) {
            return Err(Refusal::AreaTwice(at as u32));
        }
        let mut asked = self.check_named(sale, lines)?;
        let is_free = |seat: SeatId| self.is_free(id, seat) && !seats.contains(&seat);
        let mut too_few: Vec<(Box<str>, u32)> = Vec::new();
        for wish in areas {
            let wanted = areas.iter().filter(|other| other.area == wish.area).map(|other| other.quantity).sum();
            let left = places(&sale.seats, &wish.area, wanted, &is_free).len() as u32;
            if left < wanted && !too_few.iter().any(|(area, _)| **area == *wish.area) {
                too_few.push((wish.area.as_str().into(), left));
            }
        }
        if !too_few.is_empty() {
            let is_sold_out = self.available(id) == Some(0);
            return Err(if is_sold_out { Refusal::SoldOut } else { Refusal::AreaTooFew(too_few.into()) });
        }
        for wish in areas {
            let had: Vec<SeatId> = asked.iter().map(|(line, _)| line.seat).collect();
            let is_left = |seat: SeatId| is_free(seat) && !had.contains(&seat);
            let found = places(&sale.seats, &wish.area, wish.quantity, &is_left);
            let line = |spec: &SeatSpec| Line { price_type: wish.price_type.clone(), ..Line::from(spec.seat) };
            asked.extend(found.into_iter().map(|spec| (line(spec), spec)));
        }
        let priced = price(&sale.schedule, &asked)?;
        check_accessible(&asked, sale.schedule.accessible_until.is_none_or(|until| self.now < until.0))?;
        let all: Vec<SeatId> = asked.iter().map(|(line, _)| line.seat).collect();
        self.check_limits(user, id, all.len() as u32)?;
        self.check_choice(sale, &seats)?;
        Ok(self.hold(user, id, &all, priced))
    }

    /// Whether seats that are named can be had.
    fn check_named<'a>(&self, sale: &'a Sale, lines: &[Line]) -> Result<Vec<(Line, &'a SeatSpec)>, Refusal> {
        let id = sale.schedule.id;
        let seats: Vec<SeatId> = lines.iter().map(|line| line.seat).collect();
        let is_there = |seat: &SeatId| sale.seats.iter().any(|spec| spec.seat == *seat);
        if !seats.iter().all(is_there) {
            let unknown: Vec<SeatId> = seats.iter().copied().filter(|seat| !is_there(seat)).collect();
            return Err(Refusal::SeatNotFound(if seats.len() > 1 { unknown.into() } else { [].into() }));
        }
        sale.is_on(self.now)?;
        let taken: Box<[SeatId]> = seats.iter().filter(|seat| !self.is_free(id, **seat)).copied().collect();
        if !taken.is_empty() {
            let is_sold_out = self.available(id) == Some(0);
            let named = if seats.len() > 1 { taken } else { [].into() };
            return Err(if is_sold_out { Refusal::SoldOut } else { Refusal::SeatNotAvailable(named) });
        }
        let spec = |line: &Line| sale.seats.iter().find(|spec| spec.seat == line.seat).expect("it is there");
        let asked: Vec<_> = lines.iter().map(|line| (line.clone(), spec(line))).collect();
        price(&sale.schedule, &asked)?;
        check_accessible(&asked, sale.schedule.accessible_until.is_none_or(|until| self.now < until.0))?;
        Ok(asked)
    }

    fn check_choice(&self, sale: &Sale, seats: &[SeatId]) -> Result<(), Refusal> {
        if sale.orphans() != Orphans::Refuse {
            return Ok(());
        }
        let is_kept = sale.schedule.accessible_until.is_none_or(|until| self.now < until.0);
        let others = if self.level >= RANKS { Others::OfDate { is_kept } } else { Others::OfSection };
        let alone = left_alone(&sale.seats, &|seat| self.is_free(sale.schedule.id, seat), seats, others);
        if alone.is_empty() { Ok(()) } else { Err(Refusal::SeatLeftAlone(alone.into())) }
    }

    fn check_limits(&self, user: UserId, id: ScheduleId, more: u32) -> Result<(), Refusal> {
        if self.level < LIMITS {
            let full = self.holds_of(user, id) >= self.settings.hold_limit_per_user;
            return if full { Err(Refusal::HoldLimitReached) } else { Ok(()) };
        }
        let concert =
            |id: ScheduleId| self.sales.iter().find(|sale| sale.schedule.id == id).map(|sale| sale.schedule.concert);
        let count = |of_it: &dyn Fn(&ReservationRow) -> bool| -> u32 {
            let mine = self.reservations.iter().filter(|row| row.user == user && of_it(row));
            mine.map(|row| row.seats.len() as u32).sum()
        };
        let of_date = count(&|row| row.state.keeps_seats() && row.schedule == id);
        let of_concert = count(&|row| row.state.keeps_seats() && concert(row.schedule) == concert(id));
        let of_token = self.seat_limits.iter().find(|(other, _)| *other == user).map(|&(_, seats)| seats);
        let limits = [
            (of_token, of_date),
            (self.seats_with_code(user, id), of_date),
            (self.settings.seats_per_user, of_date),
            (self.settings.seats_per_user_per_concert, of_concert),
        ];
        if limits.iter().any(|(limit, had)| limit.is_some_and(|limit| had + more > limit)) {
            return Err(Refusal::SeatLimitReached);
        }
        let held = count(&|row| row.state == State::Held && row.schedule == id);
        if held + more > self.settings.hold_limit_per_user { Err(Refusal::HoldLimitReached) } else { Ok(()) }
    }

    fn hold(&mut self, user: UserId, schedule: ScheduleId, seats: &[SeatId], priced: Vec<Priced>) -> Reply {
        let (each, price_types): (Vec<u64>, Vec<_>) = priced.into_iter().unzip();
        let amount = each.iter().sum();
        let amounts = if self.level >= FAIRNESS && each.len() > 1 { each.into() } else { [].into() };
        let price_types = price_types.into_iter().flatten().collect();
        let id = ReservationId(self.reservations.len() as u64 + self.passed_over + 1);
        let (reserved_at, (until, extended)) = (Time(self.now), self.hold_until(user, schedule, seats));
        let reserved_until = Time(until);
        let (seats, state) = (seats.into(), State::Held);
        self.reservations.push(ReservationRow {
            id,
            user,
            schedule,
            seats,
            amount,
            amounts,
            price_types,
            reserved_at,
            reserved_until,
            extended,
            state,
        });
        for line in &mut self.lines {
            line.hold_began(user, self.now);
        }
        Reply::Reserved(fresh(Reserved { reservation: id, schedule, amount, reserved_at, reserved_until }))
    }

    /// Nobody holds a seat again, that they dropped, for longer than they could have kept it, or gets more time for it twice.
    fn hold_until(&self, user: UserId, schedule: ScheduleId, seats: &[SeatId]) -> (u64, bool) {
        let full = self.now + self.settings.hold_ttl_ms;
        if self.level < FAIRNESS {
            return (full, false);
        }
        let last_dropped = |seat: &SeatId| {
            let of_it = |row: &&ReservationRow| row.schedule == schedule && row.seats.contains(seat);
            let dropped = |row: &&ReservationRow| matches!(row.state, State::Cancelled { .. });
            self.reservations.iter().filter(of_it).rfind(dropped)
        };
        let theirs = seats.iter().filter_map(last_dropped).filter(|row| row.user == user);
        let kept: Vec<_> = theirs.filter(|row| row.reserved_until.0 > self.now).collect();
        let until = kept.iter().map(|row| row.reserved_until.0).fold(full, u64::min);
        (until, kept.iter().any(|row| row.extended))
    }

    fn owned(&self, user: UserId, id: ReservationId) -> Result<ReservationRow, Refusal> {
        self.reservation(id).filter(|row| row.user == user).cloned().ok_or(Refusal::ReservationNotFound)
    }

    /// Its owner has done something as long as it lived.
    fn drop_hold(&mut self, id: ReservationId, state: State) {
        self.set_state(id, state);
        let user = self.at(id).user;
        self.hold_ended(user);
    }

    fn hold_ended(&mut self, user: UserId) {
        for line in &mut self.lines {
            line.hold_ended(user, self.now);
        }
    }

    fn set_state(&mut self, id: ReservationId, state: State) {
        self.at(id).state = state;
    }

    fn at(&mut self, id: ReservationId) -> &mut ReservationRow {
        self.reservations.iter_mut().find(|row| row.id == id).expect("it is there")
    }

    pub(super) fn pay(&mut self, user: UserId, id: ReservationId) -> Outcome {
        let row = self.owned(user, id)?;
        match row.state {
            State::Held => {}
            State::Paid { .. } => return Err(Refusal::AlreadyPaid),
            State::Lapsed { .. } => return Err(Refusal::HoldExpired),
            State::Cancelled { .. } | State::Released { .. } => return Err(Refusal::ReservationCancelled),
        }
        let balance = self.balance(user);
        if balance < row.amount {
            return Err(Refusal::InsufficientBalance);
        }
        self.set_balance(user, balance - row.amount);
        let (payment, at) = (PaymentId(self.payments.len() as u64 + self.passed_over + 1), Time(self.now));
        self.payments.push(PaymentRow { id: payment, reservation: id, user, amount: row.amount, paid_at: at });
        self.set_state(id, State::Paid { payment, at });
        let sale = self.sales.iter().find(|sale| sale.schedule.id == row.schedule);
        let queue = self.queue_of(sale.expect("a held seat's schedule stays"));
        self.code_is_used_up(user, queue);
        let line = usize::from(queue.0);
        let session_until = if self.level >= SELLING && self.holds_in(user, queue) {
            self.lines[line].session_until(user)
        } else {
            self.lines[line].paid(user, self.now);
            None
        };
        self.hold_ended(user);
        Ok(Reply::Paid(fresh(Paid { payment, amount: row.amount, session_until })))
    }

    /// Whether the user holds anything that this queue opens.
    fn holds_in(&self, user: UserId, queue: QueueId) -> bool {
        let mut held = self.reservations.iter().filter(|row| row.user == user && row.state == State::Held);
        held.any(|row| {
            let sale = self.sales.iter().find(|sale| sale.schedule.id == row.schedule);
            self.queue_of(sale.expect("a held seat's schedule stays")) == queue
        })
    }

    pub(super) fn cancel(&mut self, user: UserId, id: ReservationId) -> Outcome {
        match self.owned(user, id)?.state {
            State::Held => self.drop_hold(id, State::Cancelled { at: Time(self.now) }),
            State::Cancelled { .. } => {}
            State::Paid { .. } => return Err(Refusal::AlreadyPaid),
            State::Lapsed { .. } => return Err(Refusal::HoldExpired),
            State::Released { .. } => return Err(Refusal::ReservationCancelled),
        }
        Ok(Reply::Cancelled(id))
    }

    pub(super) fn extend(&mut self, user: UserId, id: ReservationId) -> Outcome {
        let more = self.settings.hold_extend_ms.ok_or(Refusal::ExtendOff)?;
        let row = self.owned(user, id)?;
        match row.state {
            State::Held => {}
            State::Paid { .. } => return Err(Refusal::AlreadyPaid),
            State::Lapsed { .. } => return Err(Refusal::HoldExpired),
            State::Cancelled { .. } | State::Released { .. } => return Err(Refusal::ReservationCancelled),
        }
        if row.extended {
            return Err(Refusal::HoldExtended);
        }
        let sale = self.sales.iter().find(|sale| sale.schedule.id == row.schedule);
        let sale = sale.expect("a held seat's schedule stays");
        sale.is_on(self.now)?;
        if self.lines[usize::from(self.queue_of(sale).0)].is_waited_in() {
            return Err(Refusal::OthersWait);
        }
        let reserved_until = Time(row.reserved_until.0 + more);
        let kept = self.at(id);
        (kept.reserved_until, kept.extended) = (reserved_until, true);
        Ok(Reply::Extended(Extended { reservation: id, schedule: row.schedule, reserved_until }))
    }

    pub(super) fn release(&mut self, id: ReservationId) -> Outcome {
        match self.reservation(id).ok_or(Refusal::ReservationNotFound)?.state {
            State::Held => self.drop_hold(id, State::Released { at: Time(self.now) }),
            State::Paid { .. } => return Err(Refusal::AlreadyPaid),
            State::Lapsed { .. } => return Err(Refusal::HoldExpired),
            State::Cancelled { .. } | State::Released { .. } => return Err(Refusal::ReservationCancelled),
        }
        Ok(Reply::Cancelled(id))
    }
}

/// What a seat costs, and at which price type, where the date has any.
type Priced = (u64, Option<PriceTypeId>);

fn price(schedule: &Schedule, asked: &[(Line, &SeatSpec)]) -> Result<Vec<Priced>, Refusal> {
    let types: Vec<_> = schedule.price_types.iter().flatten().map(|one| one.id.clone()).collect();
    let of = |(line, spec): &(Line, &SeatSpec)| -> Option<Priced> {
        let Some(first) = types.first() else { return line.price_type.is_none().then_some((spec.amount, None)) };
        let named = line.price_type.clone().unwrap_or_else(|| first.clone());
        if named == *first {
            return Some((spec.amount, Some(named)));
        }
        let prices = spec.terms.as_ref().map(|terms| terms.prices.clone()).unwrap_or_default();
        let price = prices.into_iter().find(|price| price.price_type == named)?;
        Some((price.amount, Some(named)))
    };
    let lacking: Box<[SeatId]> = asked.iter().filter(|one| of(one).is_none()).map(|(line, _)| line.seat).collect();
    if lacking.is_empty() {
        Ok(asked.iter().filter_map(of).collect())
    } else {
        Err(Refusal::PriceTypeNotOffered(lacking))
    }
}

fn check_accessible(asked: &[(Line, &SeatSpec)], is_kept: bool) -> Result<(), Refusal> {
    let has = |spec: &SeatSpec, name: &str| spec.attributes().names().any(|one| one == name);
    let those = |is_so: &dyn Fn(&Line, &SeatSpec) -> bool| -> Option<Box<[SeatId]>> {
        let found: Box<[SeatId]> =
            asked.iter().filter(|(line, spec)| is_so(line, spec)).map(|(line, _)| line.seat).collect();
        (!found.is_empty()).then_some(found)
    };
    if let Some(found) = those(&|line, spec| line.accessible && !has(spec, "wheelchair")) {
        return Err(Refusal::NotWheelchairPlace(found));
    }
    if !is_kept {
        return Ok(());
    }
    if let Some(found) = those(&|line, spec| !line.accessible && has(spec, "wheelchair")) {
        return Err(Refusal::WheelchairPlace(found));
    }
    let goes_with_a_place = |spec: &SeatSpec| {
        asked.iter().any(|(_, other)| {
            has(other, "wheelchair")
                && (&other.section, &other.row) == (&spec.section, &spec.row)
                && (other.position + 1 == spec.position || spec.position + 1 == other.position)
        })
    };
    match those(&|_, spec| has(spec, "companion") && !goes_with_a_place(spec)) {
        Some(found) => Err(Refusal::CompanionSeat(found)),
        None => Ok(()),
    }
}
