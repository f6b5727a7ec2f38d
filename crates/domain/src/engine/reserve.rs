//! Holding seats, and dropping holds.

use crate::changes::Changes;
use crate::concert::{AreaWish, Line, Orphans, Schedule, Wish, Within};
use crate::ids::{ReservationId, ScheduleId, SeatId, TicketId, UserId};
use crate::level;
use crate::queue::{Queue, State as TicketState};
use crate::refusal::Refusal;
use crate::reservation::{Extended, Hold, Reservation, Reserved, State};
use crate::settings::SEATS_PER_RESERVATION_MAX;
use crate::time::Time;

use super::Engine;
use super::quote::{Quote, quote};

impl Engine {
    pub(super) fn reserve_lines(
        &mut self,
        ticket: TicketId,
        user: UserId,
        schedule: ScheduleId,
        lines: &[Line],
        changes: &mut Changes<'_>,
    ) -> Result<Reserved, Refusal> {
        self.check_may_reserve(ticket, user, schedule, changes)?;
        check_lines(lines)?;
        if self.catalog.sale(schedule).is_some_and(|sale| sale.orphans() == Orphans::Refuse) {
            self.lapse_due_in(schedule, changes);
        } else {
            self.lapse_due(schedule, lines, changes);
        }
        self.hold(user, schedule, (lines, lines), changes)
    }

    /// The same with the best seats that are free.
    pub(super) fn reserve_best(
        &mut self,
        ticket: TicketId,
        user: UserId,
        schedule: ScheduleId,
        wish: &Wish,
        changes: &mut Changes<'_>,
    ) -> Result<Reserved, Refusal> {
        self.check_may_reserve(ticket, user, schedule, changes)?;
        if !wish.is_valid() {
            return Err(Refusal::SeatsInvalid);
        }
        self.lapse_due_in(schedule, changes);
        let lines = self.catalog.pick(schedule, wish, changes.now)?;
        self.hold(user, schedule, (&lines, &[]), changes)
    }

    /// The same with places of areas, any that are free, and seats by name beside them.
    pub(super) fn reserve_areas(
        &mut self,
        ticket: TicketId,
        user: UserId,
        schedule: ScheduleId,
        (named, areas): (&[Line], &[AreaWish]),
        changes: &mut Changes<'_>,
    ) -> Result<Reserved, Refusal> {
        self.check_may_reserve(ticket, user, schedule, changes)?;
        check_areas(named, areas)?;
        self.catalog.check_areas(schedule, areas)?;
        self.lapse_due_in(schedule, changes);
        let sale = self.catalog.sale(schedule).ok_or(Refusal::ScheduleNotFound)?;
        if self.level >= level::RANKS {
            check_twice(&sale.schedule, areas)?;
        }
        quote(sale, named, changes.now)?;
        let places = self.catalog.find_places(schedule, named, areas)?;
        let all: Vec<Line> = named.iter().cloned().chain(places).collect();
        self.hold(user, schedule, (&all, named), changes)
    }

    /// Whether the ticket lets the user in to what is sold here.
    fn check_may_reserve(
        &self,
        ticket: TicketId,
        user: UserId,
        schedule: ScheduleId,
        changes: &Changes<'_>,
    ) -> Result<(), Refusal> {
        self.check_admitted(ticket, user, changes)?;
        let queue = self.catalog.queue_of(schedule).ok_or(Refusal::ScheduleNotFound)?;
        if queue == ticket.queue { Ok(()) } else { Err(Refusal::NotAdmitted) }
    }

    /// Holds seats of which none is held by anybody whose time is up; those that somebody has chosen are among them.
    fn hold(
        &mut self,
        user: UserId,
        schedule: ScheduleId,
        (lines, chosen): (&[Line], &[Line]),
        changes: &mut Changes<'_>,
    ) -> Result<Reserved, Refusal> {
        let sale = self.catalog.sale(schedule).ok_or(Refusal::ScheduleNotFound)?;
        let Quote { amount, amounts, price_types } = quote(sale, lines, changes.now)?;
        let amounts = if self.level >= level::FAIRNESS { amounts } else { Box::default() };
        let seats: Box<[SeatId]> = lines.iter().map(|line| line.seat).collect();
        if self.check_limits(user, schedule, &seats).is_err() {
            let any_date = self.settings.seats_per_user_per_concert.is_some();
            self.lapse_due_of(user, |date| any_date || date == schedule, changes);
            self.check_limits(user, schedule, &seats)?;
        }
        let within = if self.level >= level::RANKS { Within::Date } else { Within::Section };
        self.catalog.check_choice(schedule, chosen, within, changes.now)?;
        let (until, extended) = self.hold_until(user, schedule, &seats, changes.now);
        let id = self.book.hold(Hold { user, schedule, seats, amount, amounts, price_types, until, extended }, changes);
        if let Some(reservation) = self.book.get(id) {
            self.catalog.take(reservation);
        }
        for queue in &mut self.queues {
            queue.hold_began(user, changes);
        }
        Ok(Reserved { reservation: id, schedule, amount, reserved_at: changes.now, reserved_until: until })
    }

    /// Whether the user may have these seats beside what they have.
    fn check_limits(&self, user: UserId, schedule: ScheduleId, seats: &[SeatId]) -> Result<(), Refusal> {
        let (had, more) = (self.book.had(user, schedule), seats.len() as u32);
        if self.level < level::LIMITS {
            let has_room = had.holds < self.settings.hold_limit_per_user;
            return if has_room { Ok(()) } else { Err(Refusal::HoldLimitReached) };
        }
        let is_over = |limit: Option<u32>, had: u32| limit.is_some_and(|limit| had.saturating_add(more) > limit);
        let of_code = self.catalog.queue_of(schedule).and_then(|queue| self.codes.seats_of(user, queue));
        let of_date = [self.settings.seats_per_user, self.seat_limits.of(user), of_code];
        if of_date.into_iter().any(|limit| is_over(limit, had.seats())) {
            return Err(Refusal::SeatLimitReached);
        }
        if let limit @ Some(_) = self.settings.seats_per_user_per_concert
            && is_over(limit, self.seats_of_concert(user, schedule))
        {
            return Err(Refusal::SeatLimitReached);
        }
        if is_over(Some(self.settings.hold_limit_per_user), had.seats_held) {
            return Err(Refusal::HoldLimitReached);
        }
        Ok(())
    }

    /// What the user has of all schedules of the concert that this one is of.
    fn seats_of_concert(&self, user: UserId, schedule: ScheduleId) -> u32 {
        let dates = self.catalog.schedules_beside(schedule);
        dates.fold(0, |seats: u32, date| seats.saturating_add(self.book.had(user, date).seats()))
    }

    /// Until when a new hold lasts, and whether it goes on from one that became longer.
    fn hold_until(&self, user: UserId, schedule: ScheduleId, seats: &[SeatId], now: Time) -> (Time, bool) {
        let until = now.plus_ms(self.settings.hold_ttl_ms);
        if self.level < level::FAIRNESS {
            return (until, false);
        }
        let dropped = self.book.dropped(user, schedule, seats, now);
        dropped
            .fold((until, false), |(until, extended), last| (until.min(last.reserved_until), extended | last.extended))
    }

    fn check_admitted(&self, ticket: TicketId, user: UserId, changes: &Changes<'_>) -> Result<(), Refusal> {
        let queue = self.queues.get(usize::from(ticket.queue.0)).ok_or(Refusal::SessionExpired)?;
        match queue.ticket(ticket.number) {
            Some((owner, _)) if owner != user => Err(Refusal::SessionExpired),
            Some((_, TicketState::Progress { until }))
                if until > changes.now
                    && !queue.is_idle(ticket.number, &|user| self.book.holds_by(user) > 0, changes.now) =>
            {
                Ok(())
            }
            Some((_, TicketState::Progress { .. } | TicketState::Expired { .. })) | None => {
                Err(Refusal::SessionExpired)
            }
            Some((_, TicketState::Done { .. })) => Err(Refusal::SessionDone),
            Some((_, TicketState::Waiting | TicketState::Absent { .. } | TicketState::Returned { .. })) => {
                Err(Refusal::NotAdmitted)
            }
        }
    }

    /// Deadlines fire in bounded numbers: a hold that is due on one of these seats, and has not fired, ends now.
    fn lapse_due(&mut self, schedule: ScheduleId, lines: &[Line], changes: &mut Changes<'_>) {
        for line in lines {
            let Some((_, Some(id))) = self.seat(schedule, line.seat) else { continue };
            let due = self
                .book
                .get(id)
                .is_some_and(|other| other.state == State::Held && other.reserved_until <= changes.now);
            if due {
                self.drop_hold(id, State::Lapsed { at: changes.now }, changes);
            }
        }
    }

    /// The same for all seats of a schedule: which of them a wish gets, and whether a choice need leave a single seat, depends on
    /// all that are free.
    fn lapse_due_in(&mut self, schedule: ScheduleId, changes: &mut Changes<'_>) {
        let of_it = |id: &ReservationId| self.book.get(*id).is_some_and(|other| other.schedule == schedule);
        let due: Vec<_> = self.book.due(changes.now).filter(of_it).collect();
        for id in due {
            self.drop_hold(id, State::Lapsed { at: changes.now }, changes);
        }
    }

    /// The same for the holds that one user has of these schedules, where they would count. Rare, so it may look at all
    /// that are due.
    pub(super) fn lapse_due_of(&mut self, user: UserId, is_of: impl Fn(ScheduleId) -> bool, changes: &mut Changes<'_>) {
        let mine =
            |id: &ReservationId| self.book.get(*id).is_some_and(|other| other.user == user && is_of(other.schedule));
        let due: Vec<_> = self.book.due(changes.now).filter(mine).collect();
        for id in due {
            self.drop_hold(id, State::Lapsed { at: changes.now }, changes);
        }
    }

    /// Holds seats back of which nobody's hold is live.
    pub(super) fn withhold(
        &mut self,
        schedule: ScheduleId,
        seats: &[SeatId],
        reason: &str,
        changes: &mut Changes<'_>,
    ) -> Result<(), Refusal> {
        let lines: Vec<Line> = seats.iter().copied().map(Line::from).collect();
        self.lapse_due(schedule, &lines, changes);
        self.catalog.withhold(schedule, seats, reason, changes)
    }

    pub(super) fn cancel(
        &mut self,
        user: UserId,
        id: ReservationId,
        changes: &mut Changes<'_>,
    ) -> Result<ReservationId, Refusal> {
        let reservation = self.owned(user, id)?;
        let until = reservation.reserved_until;
        match reservation.state {
            State::Held if until > changes.now => {}
            State::Held | State::Lapsed { .. } => return Err(Refusal::HoldExpired),
            State::Paid { .. } => return Err(Refusal::AlreadyPaid),
            // Cancelling again is no other wish than cancelling.
            State::Cancelled { .. } => return Ok(id),
            State::Released { .. } => return Err(Refusal::ReservationCancelled),
        }
        self.drop_hold(id, State::Cancelled { at: changes.now }, changes);
        Ok(id)
    }

    /// Gives the owner of a hold more time, once, and while nobody waits for a turn: seats that are kept longer are then kept from
    /// nobody who stands in line for them.
    pub(super) fn extend(
        &mut self,
        user: UserId,
        id: ReservationId,
        changes: &mut Changes<'_>,
    ) -> Result<Extended, Refusal> {
        let more_ms = self.settings.hold_extend_ms.ok_or(Refusal::ExtendOff)?;
        let &Reservation { schedule, reserved_until, extended, state, .. } = self.owned(user, id)?;
        match state {
            State::Held if reserved_until > changes.now => {}
            State::Held | State::Lapsed { .. } => return Err(Refusal::HoldExpired),
            State::Paid { .. } => return Err(Refusal::AlreadyPaid),
            State::Cancelled { .. } | State::Released { .. } => return Err(Refusal::ReservationCancelled),
        }
        if extended {
            return Err(Refusal::HoldExtended);
        }
        self.catalog.sale(schedule).map_or(Ok(()), |sale| sale.check_on(changes.now))?;
        let queue = self.catalog.queue_of(schedule).and_then(|id| self.queues.get(usize::from(id.0)));
        if queue.is_some_and(Queue::is_waited_in) {
            return Err(Refusal::OthersWait);
        }
        let reserved_until = reserved_until.plus_ms(more_ms);
        self.book.extend(id, reserved_until, changes);
        Ok(Extended { reservation: id, schedule, reserved_until })
    }

    pub(super) fn release(&mut self, id: ReservationId, changes: &mut Changes<'_>) -> Result<ReservationId, Refusal> {
        let reservation = self.book.get(id).ok_or(Refusal::ReservationNotFound)?;
        match reservation.state {
            State::Held if reservation.reserved_until > changes.now => {}
            State::Paid { .. } => return Err(Refusal::AlreadyPaid),
            State::Held | State::Lapsed { .. } => return Err(Refusal::HoldExpired),
            State::Cancelled { .. } | State::Released { .. } => return Err(Refusal::ReservationCancelled),
        }
        self.drop_hold(id, State::Released { at: changes.now }, changes);
        Ok(id)
    }

    /// The reservation, if it is the user's: another's is not to be told from none.
    pub(crate) fn owned(&self, user: UserId, id: ReservationId) -> Result<&Reservation, Refusal> {
        self.book.get(id).filter(|reservation| reservation.user == user).ok_or(Refusal::ReservationNotFound)
    }
}

fn check_lines(lines: &[Line]) -> Result<(), Refusal> {
    let twice = lines.iter().enumerate().any(|(i, line)| lines[..i].iter().any(|other| other.seat == line.seat));
    if lines.is_empty() || lines.len() > SEATS_PER_RESERVATION_MAX || twice {
        return Err(Refusal::SeatsInvalid);
    }
    Ok(())
}

/// Likewise of places of areas, and of seats by name beside them.
fn check_areas(named: &[Line], areas: &[AreaWish]) -> Result<(), Refusal> {
    let is_alike = |one: &AreaWish, other: &AreaWish| one.area == other.area && one.price_type == other.price_type;
    let twice = areas.iter().enumerate().any(|(i, wish)| areas[..i].iter().any(|other| is_alike(other, wish)));
    let all = areas.iter().map(|wish| u64::from(wish.quantity)).sum::<u64>() + named.len() as u64;
    if areas.is_empty()
        || areas.iter().any(|wish| wish.quantity == 0)
        || twice
        || all > SEATS_PER_RESERVATION_MAX as u64
    {
        return Err(Refusal::SeatsInvalid);
    }
    if named.is_empty() { Ok(()) } else { check_lines(named) }
}

/// Whether an area is wished for twice at one price type: once by its name, and once without one.
fn check_twice(schedule: &Schedule, areas: &[AreaWish]) -> Result<(), Refusal> {
    match schedule.area_twice(areas) {
        Some(at) => Err(Refusal::AreaTwice(at as u32)),
        None => Ok(()),
    }
}
