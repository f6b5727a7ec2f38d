//! From an entry's rows to its events.

use std::collections::BTreeSet;

use crate::concert::{Schedule, SeatSpec};
use crate::ids::{ReservationId, ScheduleId, SeatId, TicketId};
use crate::level;
use crate::operator::{Action, LeverRow, NewsRow, Operator};
use crate::queue::{State as TicketState, TicketRow};
use crate::reservation::{ReservationRow, State};
use crate::row::{ErasedRow, ReissuedRow, Row, ScheduleRow};
use crate::time::Time;
use crate::user::{AdjustmentRow, TransferRow};

use super::Before;
use super::event::{End, Event, Hold, Sold, Token};

pub(super) fn events(before: Before, now: Time, rows: &[Row]) -> Vec<Event> {
    let mut telling = Telling {
        now,
        next_reservation: before.next_reservation,
        tickets: BTreeSet::new(),
        events: Vec::with_capacity(rows.len()),
    };
    // The feed begins behind the command that raises the store: what was before it in the same entry is as old as the rest.
    let mut is_on = before.level >= level::FEED;
    for row in rows {
        if let Row::Level(level) = row
            && !is_on
            && *level >= level::FEED
        {
            is_on = true;
            telling.events.push(Event::FeedBegan { level: *level });
        } else if is_on {
            telling.row(row);
        } else if let Row::Reservation(row) = row {
            telling.note(row.id);
        }
    }
    telling.events
}

struct Telling {
    now: Time,
    /// The id of the next hold: a lower one was made already.
    next_reservation: ReservationId,
    /// Those whose token was issued in this entry, as far as was told.
    tickets: BTreeSet<TicketId>,
    events: Vec<Event>,
}

impl Telling {
    fn row(&mut self, row: &Row) {
        match row {
            Row::Reservation(row) => self.reservation(row),
            Row::Reissued(ReissuedRow { reservation, seat, issue }) => {
                let (reservation, seat, issue) = (*reservation, *seat, *issue);
                self.events.push(Event::PassReissued { reservation, seat, issue });
            }
            Row::Transfer(row) => self.transfer(row),
            Row::Adjustment(row) => self.adjustment(row),
            Row::Withheld(row) => self.withheld(row.schedule, row.seat),
            Row::GivenBack { schedule, seat } => self.given_back(*schedule, *seat),
            Row::Schedule(row) => self.schedule(row),
            Row::Seats { schedule, seats } => {
                self.events.push(Event::SeatsPublished { schedule: *schedule, runs: runs(seats) });
            }
            Row::ScheduleRemoved(schedule) => self.events.push(Event::ScheduleRemoved { schedule: *schedule }),
            Row::News(NewsRow { id: _, at: _, kind, queue, schedule, text }) => {
                let (kind, queue, schedule, text) = (*kind, *queue, *schedule, text.clone());
                self.events.push(Event::News { kind, queue, schedule, text });
            }
            Row::Lever(row) => self.lever(row),
            Row::Ticket(row) => self.ticket(row),
            Row::Erased(ErasedRow { user, at, pseudonym: _ }) => {
                self.events.push(Event::UserErased { user: *user, at: *at });
            }
            // What a payment changed is in its reservation's row, and what a wallet holds in the transfers. The rest is how
            // things are kept, or is put on record as a lever.
            Row::Payment(_)
            | Row::Wallet { .. }
            | Row::Settings(_)
            | Row::Level(_)
            | Row::Queue(_)
            | Row::Presence(_)
            | Row::Activity(_)
            | Row::Networks(_)
            | Row::TicketsForgotten { .. }
            | Row::Subject { .. }
            | Row::SubjectForgotten(_)
            | Row::Entry(_)
            | Row::EntryForgotten(_)
            | Row::SeatLimit { .. }
            | Row::Revoked { .. }
            | Row::Operator(_)
            | Row::OperatorRemoved(_)
            | Row::Concert(_)
            | Row::ReservationForgotten(_)
            | Row::Idempotency(_)
            | Row::IdempotencyForgotten { .. }
            | Row::Staged { .. }
            | Row::Unstaged(_)
            | Row::Campaign(_)
            | Row::Code(_)
            | Row::CodeUse(_)
            | Row::Told(_) => {}
        }
    }

    /// There is a hold of this id. Says whether there was none.
    fn note(&mut self, id: ReservationId) -> bool {
        let is_new = id >= self.next_reservation;
        self.next_reservation = self.next_reservation.max(ReservationId(id.0 + 1));
        is_new
    }

    fn reservation(&mut self, row: &ReservationRow) {
        let is_new = self.note(row.id);
        match row.state {
            State::Held if is_new => self.events.push(Event::HoldMade(hold(row))),
            State::Held => self.events.push(Event::HoldExtended(hold(row))),
            State::Paid { payment, at: _ } => {
                let sold = Sold {
                    payment,
                    reservation: row.id,
                    user: row.user,
                    schedule: row.schedule,
                    seats: row.seats.to_vec(),
                };
                let (amount, price_types) = (row.amount, row.price_types.to_vec());
                self.events.push(Event::PaymentMade { sold: sold.clone(), amount, price_types });
                self.events.push(Event::PassesIssued(sold));
            }
            State::Lapsed { .. } => self.ended(End::Lapsed, row),
            State::Cancelled { .. } => self.ended(End::Cancelled, row),
            State::Released { .. } => self.ended(End::Released, row),
        }
    }

    fn ended(&mut self, how: End, row: &ReservationRow) {
        self.events.push(Event::HoldEnded { how, hold: hold(row) });
    }

    fn transfer(&mut self, row: &TransferRow) {
        let TransferRow { id, at: _, debit, credit, amount, payment } = *row;
        self.events.push(Event::TransferMade { transfer: id, debit, credit, amount, payment, reference: None });
    }

    /// Its transfer came just before it.
    fn adjustment(&mut self, row: &AdjustmentRow) {
        if let Some(Event::TransferMade { transfer, reference, .. }) = self.events.last_mut()
            && *transfer == row.transfer
        {
            *reference = Some(row.reference.clone());
        }
    }

    /// One call holds up to a thousand seats back, each in a row: that is one event.
    fn withheld(&mut self, of: ScheduleId, seat: SeatId) {
        match self.events.last_mut() {
            Some(Event::SeatsWithheld { schedule, seats }) if *schedule == of => seats.push(seat),
            _ => self.events.push(Event::SeatsWithheld { schedule: of, seats: vec![seat] }),
        }
    }

    fn given_back(&mut self, of: ScheduleId, seat: SeatId) {
        match self.events.last_mut() {
            Some(Event::SeatsGivenBack { schedule, seats }) if *schedule == of => seats.push(seat),
            _ => self.events.push(Event::SeatsGivenBack { schedule: of, seats: vec![seat] }),
        }
    }

    fn schedule(&mut self, row: &ScheduleRow) {
        let ScheduleRow { schedule, closed } = row;
        let Schedule { id, concert, starts_at, ends_at, on_sale_at, off_sale_at, .. } = *schedule;
        let closed = *closed;
        let changed =
            Event::ScheduleChanged { schedule: id, concert, starts_at, ends_at, on_sale_at, off_sale_at, closed };
        self.events.push(changed);
    }

    fn lever(&mut self, row: &LeverRow) {
        let LeverRow { id, at: _, by: Operator { key, name: _ }, action, target, before, after } = row;
        let (target, before, after) = match action {
            // Whom it is about, or what somebody wrote.
            Action::AddOperator | Action::RemoveOperator | Action::SendMessage => Default::default(),
            Action::ReleaseHold | Action::WithholdSeats | Action::GiveSeatsBack | Action::ReissueTickets => {
                (target.clone(), String::new(), String::new())
            }
            Action::PublishCatalog
            | Action::DiscardUpload
            | Action::OpenQueue
            | Action::ChangeQueue
            | Action::ChangeSettings
            | Action::ChangeSale
            | Action::RemoveSchedule
            | Action::LetSilentGo
            | Action::RevokeTokens
            | Action::EndSession
            | Action::ErasePerson
            | Action::ChangeCampaign
            | Action::AddCodes
            | Action::ChangeWebhook
            | Action::RestoreStore
            | Action::GivePlace => (target.clone(), before.clone(), after.clone()),
        };
        self.events.push(Event::LeverMoved { lever: *id, key: *key, action: *action, target, before, after });
    }

    fn ticket(&mut self, row: &TicketRow) {
        let TicketRow { ticket, user, issued_at, admitted_at, state, .. } = *row;
        let mut tell = |became| self.events.push(Event::Token { became, ticket, user });
        // Who is let in at once has no row in which they wait.
        let is_issued = issued_at >= self.now && self.tickets.insert(ticket);
        if is_issued {
            tell(Token::Issued);
        }
        match state {
            TicketState::Waiting => {}
            // A session that has become longer is nobody's turn.
            TicketState::Progress { .. } if !is_issued && admitted_at.is_some_and(|at| at < self.now) => {}
            TicketState::Progress { .. } => tell(Token::Admitted),
            TicketState::Absent { .. } => tell(Token::PassedOver),
            TicketState::Returned { .. } => tell(Token::Returned),
            TicketState::Done { .. } => tell(Token::Done),
            TicketState::Expired { .. } => tell(Token::Expired),
        }
    }
}

fn hold(row: &ReservationRow) -> Hold {
    Hold {
        reservation: row.id,
        user: row.user,
        schedule: row.schedule,
        seats: row.seats.to_vec(),
        amount: row.amount,
        price_types: row.price_types.to_vec(),
        until: row.reserved_until,
    }
}

fn runs(seats: &[SeatSpec]) -> Vec<(SeatId, SeatId)> {
    let mut ids: Vec<u64> = seats.iter().map(|spec| spec.seat.0).collect();
    ids.sort_unstable();
    ids.chunk_by(|a, b| a + 1 == *b).map(|run| (SeatId(run[0]), SeatId(run[run.len() - 1]))).collect()
}
