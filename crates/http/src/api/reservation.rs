//! Holding a seat, dropping a hold, and one's own reservations.

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use onsale_domain::ask::Ask;
use onsale_domain::ids::{ReservationId, ScheduleId, SeatId};
use onsale_domain::reply::Reserved;
use onsale_node::{SeatStatus, in_zone};

use super::reply::{replayed, success, tagged};
use super::{Answer, Api, idempotency};
use crate::body::Body;
use crate::problem::{Code, Problem};
use crate::times;
use crate::token::Claims;
use crate::wire::fields::parse;
use crate::wire::{self, Cancel, Cancelled, CancelledSeatStatus, Id, Money, Reserve, ReservedSeatStatus};

impl Api {
    pub(super) async fn reserve(&self, parts: &Parts, (claims, body): (Claims, Bytes)) -> Answer {
        let key = idempotency::key(&parts.headers)?;
        let request: Reserve = parse(&body)?;
        let schedule = ScheduleId(request.schedule()?);
        let seat = SeatId(request.seat()?);
        // A key may have a result already, which comes before any refusal: only the engine knows.
        if key.is_none() {
            self.refuse_early(parts, &claims, schedule, seat).await?;
        } else {
            self.check_room_to_reserve()?;
        }
        let reserved = self.lane.ask(Ask::reserve(claims.ticket, claims.user, schedule, vec![seat], key)).await?;
        Ok(replayed(self.reserved(&reserved.value), reserved.replayed))
    }

    /// What the views alone settle: the moment they were looked at is a place in the order, and nothing is written. Where
    /// other nodes write too, that moment must not lie before the request: only who would be refused waits for that.
    async fn refuse_early(
        &self,
        parts: &Parts,
        claims: &Claims,
        schedule: ScheduleId,
        seat: SeatId,
    ) -> Result<(), Problem> {
        let refused = self.refuse_by_views(claims, schedule, seat);
        if refused.is_err() && self.renew(parts).await? {
            return self.refuse_by_views(claims, schedule, seat);
        }
        refused
    }

    fn refuse_by_views(&self, claims: &Claims, schedule: ScheduleId, seat: SeatId) -> Result<(), Problem> {
        self.check_admitted(claims.ticket)?;
        let views = self.shared.node.views();
        let catalog = views.catalog();
        let schedule = catalog.schedules.get(&schedule).ok_or(Problem::new(Code::ScheduleNotFound))?;
        if schedule.queue != claims.ticket.queue {
            return Err(Problem::new(Code::NotAdmitted));
        }
        // Before the board: so that what it shows was true at a moment when no deadline was behind.
        let behind = views.deadlines_behind();
        let board = schedule.board();
        match board.status(seat) {
            None => Err(Problem::new(Code::SeatNotFound)),
            Some(_) if schedule.closed => Err(Problem::new(Code::SaleClosed)),
            Some(SeatStatus::Available) => Ok(()),
            // Holds that show may be over: only the engine knows whether this seat is free, and whether any is.
            Some(SeatStatus::TempReserved | SeatStatus::Reserved) if behind => Ok(()),
            Some(SeatStatus::TempReserved | SeatStatus::Reserved) if board.available() == 0 => {
                Err(Problem::new(Code::SoldOut))
            }
            Some(SeatStatus::TempReserved | SeatStatus::Reserved) => Err(Problem::new(Code::SeatNotAvailable)),
        }
    }

    fn reserved(&self, reserved: &Reserved) -> Response<Body> {
        let zone = self.shared.zone(reserved.schedule);
        let (at, until) = (in_zone(reserved.reserved_at, &zone), in_zone(reserved.reserved_until, &zone));
        success(wire::Reserved {
            reservation_id: Id(reserved.reservation.0),
            seat_status: ReservedSeatStatus::TempReserved,
            reserved_date: times::local(&at),
            reserved_until_date: times::local(&until),
            reserved_at: times::rfc3339(&at),
            reserved_until: times::rfc3339(&until),
            amount: Money(reserved.amount),
        })
    }

    pub(super) async fn cancel(&self, (claims, body): (Claims, Bytes)) -> Answer {
        let user = claims.user;
        let reservation = ReservationId(parse::<Cancel>(&body)?.reservation()?);
        let id = self.lane.ask(Ask::cancel(user, reservation)).await?;
        Ok(success(Cancelled { reservation_id: Id(id.0), seat_status: CancelledSeatStatus::Available }))
    }

    /// The caller's reservations, newest first.
    pub(super) fn reservations(&self, parts: &Parts, claims: &Claims) -> Answer {
        Ok(tagged(parts, &self.shared.reservations_json(claims.user).into()))
    }
}
