//! Holding a seat, dropping a hold, and one's own reservations.

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use onsale_domain::ask::Ask;
use onsale_domain::concert::{self, AreaWish, Line, SalePhase};
use onsale_domain::idempotency::Key;
use onsale_domain::ids::{ReservationId, ScheduleId, SeatId, UserId};
use onsale_domain::level;
use onsale_domain::reply::{Once, Reserved};
use onsale_node::{Board, ScheduleView, SeatStatus, in_zone};

use super::reply::{json, replayed, success, tagged};
use super::{Answer, Api};
use crate::body::Body;
use crate::holdings::seat_amounts;
use crate::problem::{AreaLeft, Code, Problem};
use crate::times;
use crate::token::Claims;
use crate::wire::fields::parse;
use crate::wire::{
    self, Cancel, Cancelled, CancelledSeatStatus, Extend, Extended, Id, Money, Reserve, ReservedSeatStatus, SeatAmount,
    Wish,
};

/// What somebody wishes to hold.
enum Wanted {
    /// These, in the order in which they were named.
    Named(Vec<Line>),
    Best(concert::Wish),
    /// Any places of these areas, and these seats beside them.
    Areas(Vec<Line>, Vec<AreaWish>),
}

impl Wanted {
    /// How many seats and places these are.
    fn count(&self) -> u64 {
        match self {
            Self::Named(lines) => lines.len() as u64,
            Self::Best(wish) => u64::from(wish.count),
            Self::Areas(lines, areas) => {
                lines.len() as u64 + areas.iter().map(|wish| u64::from(wish.quantity)).sum::<u64>()
            }
        }
    }
}

/// By which names a wish says what it wants.
enum Names {
    /// `seatId`: what is refused goes without saying.
    Alone,
    /// These seats in a list, and perhaps areas beside them.
    Listed(Vec<SeatId>),
    /// None: which seats is left to the engine.
    Nothing,
}

impl Names {
    fn of(wanted: &Wanted) -> Self {
        match wanted {
            Wanted::Named(lines) | Wanted::Areas(lines, _) => {
                Self::Listed(lines.iter().map(|line| line.seat).collect())
            }
            Wanted::Best(_) => Self::Nothing,
        }
    }
}

impl Api {
    pub(super) async fn reserve(&self, parts: &Parts, (claims, body): (Claims, Bytes), key: Option<Key>) -> Answer {
        let request: Reserve<'_> = parse(&body)?;
        let schedule = ScheduleId(request.schedule()?);
        let wish = request.wish()?;
        let is_one = matches!(wish, Wish::Seat(_));
        let wanted = self.wanted(wish)?;
        let names = if is_one { Names::Alone } else { Names::of(&wanted) };
        let count = wanted.count();
        let held = async {
            // A key may have a result already, which comes before any refusal: only the engine knows.
            if key.is_none() {
                self.refuse_early(parts, &claims, schedule, &wanted).await?;
            } else {
                self.check_room_to_reserve()?;
            }
            self.hold(&claims, schedule, wanted, key).await
        };
        let reserved = held.await.map_err(|refused| match refused.code() {
            Code::HoldLimitReached | Code::SeatLimitReached => self.by_limits(refused, count),
            _ => self.by_names(refused, &names, schedule),
        })?;
        let told = if is_one { None } else { self.seats_held(claims.user, reserved.value.reservation) };
        Ok(replayed(self.reserved(&reserved.value, told), reserved.replayed))
    }

    async fn hold(
        &self,
        claims: &Claims,
        schedule: ScheduleId,
        wanted: Wanted,
        key: Option<Key>,
    ) -> Result<Once<Reserved>, Problem> {
        let &Claims { ticket, user, .. } = claims;
        let reserved = match wanted {
            Wanted::Named(lines) if lines.iter().all(is_plain) => {
                let seats = lines.iter().map(|line| line.seat).collect();
                self.lane.ask(Ask::reserve(ticket, user, schedule, seats, key)).await?
            }
            Wanted::Named(lines) => self.lane.ask(Ask::reserve_lines(ticket, user, schedule, lines, key)).await?,
            Wanted::Best(wish) => self.lane.ask(Ask::reserve_best(ticket, user, schedule, wish, key)).await?,
            Wanted::Areas(seats, areas) => {
                self.lane.ask(Ask::reserve_areas(ticket, user, schedule, seats, areas, key)).await?
            }
        };
        Ok(reserved)
    }

    /// The refusal of more than somebody may have. Who has nothing, and asks for too many at once, is not told that they have too much.
    fn by_limits(&self, refused: Problem, count: u64) -> Problem {
        let settings = self.shared.node.views().settings();
        let (limit, whose) = if refused.code() == Code::HoldLimitReached {
            (Some(settings.hold_limit_per_user), "hold")
        } else {
            (settings.seats_per_user.into_iter().chain(settings.seats_per_user_per_concert).min(), "have")
        };
        match limit {
            Some(limit) if count > u64::from(limit) => refused.with_detail(format!(
                "{count} seats were asked for, and nobody may {whose} more than {limit}: ask for fewer."
            )),
            _ => refused,
        }
    }

    /// A refusal by the names that the wish has for what it is about.
    fn by_names(&self, refused: Problem, names: &Names, schedule: ScheduleId) -> Problem {
        match (names, refused.code()) {
            (Names::Listed(seats), Code::SeatNotAvailable | Code::SeatNotFound) if seats.len() == 1 => {
                refused.with_seats(seats.as_slice())
            }
            (Names::Listed(seats), Code::PriceTypeNotOffered) => {
                // Places of areas are among them that nobody named.
                let lacking = refused.seats().iter().copied();
                let named: Box<[SeatId]> = lacking.filter(|seat| seats.contains(seat)).collect();
                if named.is_empty() { self.by_areas(refused, schedule) } else { refused.with_seats(named) }
            }
            (Names::Nothing, Code::PriceTypeNotOffered) => {
                let what = "No seat that is meant is sold at all of best.priceTypes; GET /v1/catalog lists the date's price types.";
                refused.with_field("best.priceTypes").with_detail(what)
            }
            _ => refused,
        }
    }

    /// A refusal of places at a price by the areas that they are of.
    fn by_areas(&self, refused: Problem, schedule: ScheduleId) -> Problem {
        let catalog = self.shared.node.views().catalog();
        let Some(board) = catalog.schedules.get(&schedule).map(|schedule| schedule.board()) else { return refused };
        let mut areas: Vec<AreaLeft> = Vec::new();
        let specs = refused.seats().iter().filter_map(|place| board.seat(*place));
        for area in specs.filter_map(|spec| spec.section.as_deref()) {
            if let Some(left) = board.area_left(area).filter(|_| !areas.iter().any(|other| other.area_id == area)) {
                areas.push(AreaLeft { area_id: area.to_owned(), left });
            }
        }
        if areas.is_empty() { refused } else { Problem::new(Code::AreaPriceNotOffered).with_areas(areas) }
    }

    fn wanted(&self, wish: Wish) -> Result<Wanted, Problem> {
        let from = |level: u32, what: &str| {
            let is_there = self.shared.node.views().level() >= level;
            if is_there { Ok(()) } else { Err(Problem::not_yet_at_level(level, what)) }
        };
        let of_selling = |what: &str| from(level::SELLING, what);
        match wish {
            Wish::Seat(seat) => Ok(Wanted::Named(vec![SeatId(seat).into()])),
            Wish::Seats(seats) => {
                // A node of before would end the session with the first of several payments.
                of_selling("Several seats are held at once")?;
                if !seats.iter().all(is_plain) {
                    from(level::OFFERS, "Price types and wheelchair places are sold")?;
                }
                Ok(Wanted::Named(seats))
            }
            Wish::Best(wish) => {
                of_selling("The best seats are found")?;
                if wish.category.is_some() || wish.price_types.is_some() || wish.accessible.is_some() {
                    from(level::OFFERS, "Categories, price types and wheelchair places are wished for")?;
                }
                Ok(Wanted::Best(wish))
            }
            Wish::Areas { seats, areas } => {
                from(level::OFFERS, "Places of areas are held")?;
                Ok(Wanted::Areas(seats, areas))
            }
        }
    }

    /// The seats of a reservation: what was just held is in the views before it is answered.
    fn seats_held(&self, user: UserId, id: ReservationId) -> Option<Vec<SeatAmount>> {
        self.shared.node.views().users.reservation(user, id).map(|row| seat_amounts(&row))
    }

    /// What the views alone settle: the moment they were looked at is a place in the order, and nothing is written. Where
    /// other nodes write too, that moment must not lie before the request: only who would be refused waits for that.
    async fn refuse_early(
        &self,
        parts: &Parts,
        claims: &Claims,
        schedule: ScheduleId,
        wanted: &Wanted,
    ) -> Result<(), Problem> {
        let refused = self.refuse_by_views(claims, schedule, wanted);
        if refused.is_err() && self.renew(parts).await? {
            return self.refuse_by_views(claims, schedule, wanted);
        }
        refused
    }

    fn refuse_by_views(&self, claims: &Claims, schedule: ScheduleId, wanted: &Wanted) -> Result<(), Problem> {
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
        let refused = match wanted {
            Wanted::Named(seats) => is_any_taken(&board, seats)?.then(|| taken(&board, seats)),
            Wanted::Best(wish) => too_few(&board, wish)?,
            Wanted::Areas(seats, areas) => {
                check_areas(&board, areas)?;
                if let Some(at) = schedule.schedule.area_twice(areas) {
                    return Err(Problem::area_twice(at));
                }
                is_any_taken(&board, seats)?.then(|| taken(&board, seats)).or_else(|| too_few_places(&board, areas))
            }
        };
        self.check_on_sale(schedule)?;
        // Holds that show may be over: only the engine knows whether these seats are free, and whether any is.
        refused.filter(|_| !behind).map_or(Ok(()), Err)
    }

    /// Whether the sale is on, as far as that is settled here.
    fn check_on_sale(&self, schedule: &ScheduleView) -> Result<(), Problem> {
        match (schedule.closed, schedule.sale, schedule.schedule.on_sale_at) {
            (true, _, _) => Err(Problem::new(Code::SaleClosed)),
            (false, SalePhase::After, _) => Err(Problem::new(Code::SaleOver)),
            (false, SalePhase::Before, Some(at)) => {
                // At the very beginning the views may be behind: then the engine is asked.
                let ahead_ms = self.shared.node.journal_ms().map_or(0, |now| at.0.saturating_sub(now));
                if ahead_ms > 0 { Err(Problem::not_yet(Code::SaleNotYetOpen, at, ahead_ms)) } else { Ok(()) }
            }
            (false, SalePhase::Before | SalePhase::On, _) => Ok(()),
        }
    }

    fn reserved(&self, reserved: &Reserved, seats: Option<Vec<SeatAmount>>) -> Response<Body> {
        let zone = self.shared.zone(reserved.schedule);
        let (reserved_date, reserved_at) = times::twins(&in_zone(reserved.reserved_at, &zone));
        let (reserved_until_date, reserved_until) = times::twins(&in_zone(reserved.reserved_until, &zone));
        let reserved = wire::Reserved {
            reservation_id: Id(reserved.reservation.0),
            seat_status: ReservedSeatStatus::TempReserved,
            reserved_date,
            reserved_until_date,
            reserved_at,
            reserved_until,
            amount: Money(reserved.amount),
            seats,
        };
        json(reserved.body())
    }

    pub(super) async fn cancel(&self, (claims, body): (Claims, Bytes)) -> Answer {
        let user = claims.user;
        let reservation = ReservationId(parse::<Cancel>(&body)?.reservation()?);
        let id = self.lane.ask(Ask::cancel(user, reservation)).await?;
        Ok(success(Cancelled { reservation_id: Id(id.0), seat_status: CancelledSeatStatus::Available }))
    }

    pub(super) async fn extend(&self, (claims, body): (Claims, Bytes)) -> Answer {
        let reservation = ReservationId(parse::<Extend>(&body)?.reservation()?);
        let views = self.shared.node.views();
        // Below its level no store has the setting, and older nodes could not read the command.
        if views.settings().hold_extend_ms.is_none() {
            return Err(Problem::new(Code::ExtendOff));
        }
        let extended = self.lane.ask(Ask::extend(claims.user, reservation)).await?;
        let (reserved_until_date, reserved_until) =
            times::twins(&in_zone(extended.reserved_until, &self.shared.zone(extended.schedule)));
        Ok(success(Extended {
            reservation_id: Id(extended.reservation.0),
            seat_status: ReservedSeatStatus::TempReserved,
            reserved_until_date,
            reserved_until,
        }))
    }

    /// The caller's reservations, newest first.
    pub(super) fn reservations(&self, parts: &Parts, claims: &Claims) -> Answer {
        Ok(tagged(parts, &self.shared.reservations_json(claims.user).into()))
    }
}

/// Whether it says no more than which seat.
fn is_plain(line: &Line) -> bool {
    line.price_type.is_none() && !line.accessible
}

/// The refusal of a wish for which a date has too few free seats altogether. Where they are is the engine's to find out.
fn too_few(board: &Board, wish: &concert::Wish) -> Result<Option<Problem>, Problem> {
    if wish.section.as_deref().is_some_and(|section| !board.has_section(section)) {
        return Err(Problem::no_section());
    }
    if wish.category.is_some() || wish.price_types.is_some() {
        // Whether the date has them comes first, and is the engine's to find out too.
        return Ok(None);
    }
    Ok(match board.available() {
        0 => Some(Problem::new(Code::SoldOut)),
        available if available < wish.count => Some(Problem::new(Code::SeatsTooFew)),
        _ => None,
    })
}

fn check_areas(board: &Board, areas: &[AreaWish]) -> Result<(), Problem> {
    let missing = areas.iter().position(|wish| board.area_left(&wish.area).is_none());
    missing.map_or(Ok(()), |at| Err(Problem::no_area(at)))
}

/// The refusal of places of which an area has too few.
fn too_few_places(board: &Board, areas: &[AreaWish]) -> Option<Problem> {
    let left = areas.iter().enumerate().filter_map(|(at, wish)| {
        // An area that is wished for at several price types is told once.
        let is_first = !areas[..at].iter().any(|other| other.area == wish.area);
        let of_it = areas.iter().filter(|other| other.area == wish.area);
        let wanted: u32 = of_it.map(|other| other.quantity).sum();
        let left = board.area_left(&wish.area).filter(|left| is_first && *left < wanted)?;
        Some(AreaLeft { area_id: wish.area.clone(), left })
    });
    let left: Vec<AreaLeft> = left.collect();
    match board.available() {
        _ if left.is_empty() => None,
        0 => Some(Problem::new(Code::SoldOut)),
        _ => Some(Problem::new(Code::AreaTooFew).with_areas(left)),
    }
}

fn is_any_taken(board: &Board, seats: &[Line]) -> Result<bool, Problem> {
    let mut is_taken = false;
    for line in seats {
        match board.status(line.seat) {
            None => {
                let unknown = seats.iter().map(|line| line.seat).filter(|&seat| board.status(seat).is_none());
                let several = unknown.filter(|_| seats.len() > 1).collect::<Box<[_]>>();
                return Err(Problem::new(Code::SeatNotFound).with_seats(several));
            }
            Some(SeatStatus::Available) => {}
            Some(SeatStatus::TempReserved | SeatStatus::Reserved | SeatStatus::Withheld) => is_taken = true,
        }
    }
    Ok(is_taken)
}

/// The refusal of seats of which one is taken.
fn taken(board: &Board, seats: &[Line]) -> Problem {
    if board.available() == 0 {
        return Problem::new(Code::SoldOut);
    }
    let refusal = Problem::new(Code::SeatNotAvailable);
    if seats.len() == 1 {
        return refusal;
    }
    let is_free = |seat: SeatId| board.status(seat) == Some(SeatStatus::Available);
    let seats = seats.iter().map(|line| line.seat);
    refusal.with_seats(seats.filter(|&seat| !is_free(seat)).collect::<Box<[_]>>())
}
