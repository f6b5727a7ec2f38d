//! All reservations that are remembered, and the deadlines of those that are held.

use std::collections::BTreeSet;

use hashbrown::HashMap;

use crate::changes::Changes;
use crate::concert::PriceTypeId;
use crate::fingerprint::{Hash, Kind};
use crate::ids::{ReservationId, ScheduleId, SeatId, UserId};
use crate::row::Row;
use crate::settings::{ENDED_RESERVATIONS_MAX, ENDED_RETENTION_MS};
use crate::time::Time;

use super::{ReservationRow, State};

/// A reservation as the engine keeps it.
pub type Reservation = ReservationRow;

pub(crate) struct Book {
    reservations: HashMap<ReservationId, Reservation>,
    /// What a user has of a schedule.
    had: HashMap<(UserId, ScheduleId), Had>,
    /// How many holds a user has in all.
    holders: HashMap<UserId, u32>,
    deadlines: BTreeSet<(Time, ReservationId)>,
    /// Ended without a payment, oldest first.
    ended: BTreeSet<(Time, ReservationId)>,
    /// The last hold of a seat that its owner dropped, as long as it is remembered.
    dropped: HashMap<(ScheduleId, SeatId), ReservationId>,
    pub(crate) next: ReservationId,
}

impl Default for Book {
    fn default() -> Self {
        Self {
            reservations: HashMap::new(),
            had: HashMap::new(),
            holders: HashMap::new(),
            deadlines: BTreeSet::new(),
            ended: BTreeSet::new(),
            dropped: HashMap::new(),
            next: ReservationId(1),
        }
    }
}

/// What one user has of one schedule: nothing of it is kept where there is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Had {
    pub(crate) holds: u32,
    pub(crate) seats_held: u32,
    pub(crate) seats_paid: u32,
}

impl Had {
    pub(crate) fn seats(self) -> u32 {
        self.seats_held + self.seats_paid
    }
}

/// What is to be held.
pub(crate) struct Hold {
    pub(crate) user: UserId,
    pub(crate) schedule: ScheduleId,
    pub(crate) seats: Box<[SeatId]>,
    pub(crate) amount: u64,
    pub(crate) amounts: Box<[u64]>,
    pub(crate) price_types: Box<[PriceTypeId]>,
    pub(crate) until: Time,
    /// Whether it goes on from one that became longer.
    pub(crate) extended: bool,
}

impl Book {
    pub(crate) fn get(&self, id: ReservationId) -> Option<&Reservation> {
        self.reservations.get(&id)
    }

    pub(crate) fn had(&self, user: UserId, schedule: ScheduleId) -> Had {
        self.had.get(&(user, schedule)).copied().unwrap_or_default()
    }

    /// How many holds the user has, of any schedule.
    pub(crate) fn holds_by(&self, user: UserId) -> u32 {
        self.holders.get(&user).copied().unwrap_or(0)
    }

    /// The holds in which the user could still have kept one of these seats, had they not dropped it themselves. Who holds a
    /// seat again has it no longer than that, or holds were renewed for ever with nobody else getting a turn.
    pub(crate) fn dropped(
        &self,
        user: UserId,
        schedule: ScheduleId,
        seats: &[SeatId],
        now: Time,
    ) -> impl Iterator<Item = &Reservation> {
        let dropped = seats.iter().filter_map(move |&seat| self.get(*self.dropped.get(&(schedule, seat))?));
        dropped.filter(move |last| last.user == user && last.reserved_until > now)
    }

    pub(crate) fn hold(&mut self, hold: Hold, changes: &mut Changes<'_>) -> ReservationId {
        let Hold { user, schedule, seats, amount, amounts, price_types, until, extended } = hold;
        let id = self.next;
        self.next = ReservationId(id.0 + 1);
        let reservation = Reservation {
            id,
            user,
            schedule,
            seats,
            amount,
            amounts,
            price_types,
            reserved_at: changes.now,
            reserved_until: until,
            extended,
            state: State::Held,
        };
        self.note_held(&reservation);
        changes.add(hash(&reservation));
        changes.row(Row::Reservation(reservation.clone()));
        self.reservations.insert(id, reservation);
        id
    }

    /// Makes a held reservation last until then.
    pub(crate) fn extend(&mut self, id: ReservationId, until: Time, changes: &mut Changes<'_>) {
        let Some(reservation) = self.reservations.get_mut(&id) else { return };
        let old = hash(reservation);
        self.deadlines.remove(&(reservation.reserved_until, id));
        (reservation.reserved_until, reservation.extended) = (until, true);
        self.deadlines.insert((until, id));
        changes.replace(old, hash(reservation));
        changes.row(Row::Reservation(reservation.clone()));
    }

    /// Makes a held reservation what it is now: paid, lapsed, cancelled or released.
    pub(crate) fn resolve(&mut self, id: ReservationId, state: State, changes: &mut Changes<'_>) {
        let Some(reservation) = self.reservations.get_mut(&id) else { return };
        assert_eq!(reservation.state, State::Held, "reservation {id} is resolved twice");
        let old = hash(reservation);
        reservation.state = state;
        changes.replace(old, hash(reservation));
        changes.row(Row::Reservation(reservation.clone()));
        self.deadlines.remove(&(reservation.reserved_until, id));
        let (owner, seats) = ((reservation.user, reservation.schedule), reservation.seats.len() as u32);
        if let Some(holds) = self.holders.get_mut(&owner.0) {
            *holds -= 1;
            if *holds == 0 {
                self.holders.remove(&owner.0);
            }
        }
        if let Some(had) = self.had.get_mut(&owner) {
            had.holds -= 1;
            had.seats_held -= seats;
            if state.keeps_seats() {
                had.seats_paid += seats;
            }
            if *had == Had::default() {
                self.had.remove(&owner);
            }
        }
        self.note_end(id);
    }

    /// What is kept of a reservation because of how it ended.
    fn note_end(&mut self, id: ReservationId) {
        let Some(reservation) = self.reservations.get(&id) else { return };
        if let Some(at) = ended_at(reservation.state) {
            self.ended.insert((at, id));
        }
        if matches!(reservation.state, State::Cancelled { .. }) {
            for &seat in &reservation.seats {
                // A seat is held by one after the other, so the highest number is the last; rows are loaded in any order.
                let last = self.dropped.entry((reservation.schedule, seat)).or_insert(id);
                *last = id.max(*last);
            }
        }
    }

    fn note_held(&mut self, reservation: &Reservation) {
        self.deadlines.insert((reservation.reserved_until, reservation.id));
        let had = self.had.entry((reservation.user, reservation.schedule)).or_default();
        had.holds += 1;
        *self.holders.entry(reservation.user).or_default() += 1;
        had.seats_held += reservation.seats.len() as u32;
    }

    /// The hold whose time is up first.
    pub(crate) fn next_due(&self) -> Option<(Time, ReservationId)> {
        self.deadlines.first().copied()
    }

    /// Holds whose time is not up.
    pub(crate) fn held(&self, now: Time) -> impl Iterator<Item = &Reservation> + '_ {
        let held = self.deadlines.iter().rev().take_while(move |&&(at, _)| at > now);
        held.filter_map(|(_, id)| self.reservations.get(id))
    }

    /// The holds of one user whose time is not up.
    pub(crate) fn held_by(&self, user: UserId, now: Time) -> Vec<ReservationId> {
        if self.holds_by(user) == 0 {
            return Vec::new();
        }
        self.held(now).filter(|hold| hold.user == user).map(|hold| hold.id).collect()
    }

    /// Holds whose time is up and that have not fired yet.
    pub(crate) fn due(&self, now: Time) -> impl Iterator<Item = ReservationId> + '_ {
        self.deadlines.iter().take_while(move |&&(at, _)| at <= now).map(|&(_, id)| id)
    }

    /// Forgets what ended without a payment long ago, or before very many others, at most `budget` of them.
    pub(crate) fn forget(&mut self, budget: &mut u32, changes: &mut Changes<'_>) {
        while *budget > 0
            && let Some(&(at, id)) = self.ended.first()
            && (at.plus_ms(ENDED_RETENTION_MS) <= changes.now || self.ended.len() > ENDED_RESERVATIONS_MAX)
        {
            self.ended.pop_first();
            if let Some(reservation) = self.reservations.remove(&id) {
                changes.remove(hash(&reservation));
                for &seat in &reservation.seats {
                    let seat = (reservation.schedule, seat);
                    if self.dropped.get(&seat) == Some(&id) {
                        self.dropped.remove(&seat);
                    }
                }
            }
            changes.row(Row::ReservationForgotten(id));
            *budget -= 1;
        }
    }

    pub(crate) fn load(&mut self, reservation: Reservation) -> u64 {
        let sum = hash(&reservation);
        match reservation.state {
            State::Held => self.note_held(&reservation),
            State::Paid { .. } => {
                let had = self.had.entry((reservation.user, reservation.schedule)).or_default();
                had.seats_paid += reservation.seats.len() as u32;
            }
            State::Lapsed { .. } | State::Cancelled { .. } | State::Released { .. } => {}
        }
        let id = reservation.id;
        self.reservations.insert(id, reservation);
        self.note_end(id);
        sum
    }
}

fn ended_at(state: State) -> Option<Time> {
    match state {
        State::Held | State::Paid { .. } => None,
        State::Lapsed { at } | State::Cancelled { at } | State::Released { at } => Some(at),
    }
}

fn hash(reservation: &Reservation) -> u64 {
    let Reservation {
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
    } = reservation;
    let state = match *state {
        State::Held => [0, 0, 0],
        State::Paid { payment, at } => [1, at.0, payment.0],
        State::Lapsed { at } => [2, at.0, 0],
        State::Cancelled { at } => [3, at.0, 0],
        State::Released { at } => [4, at.0, 0],
    };
    let hash = Hash::new(Kind::Reservation)
        .words([id.0, user.0, schedule.0, *amount, reserved_at.0, reserved_until.0])
        .words(state)
        .word(seats.len() as u64);
    let hash = seats.iter().fold(hash, |hash, seat| hash.word(seat.0));
    let hash = amounts.iter().fold(hash, |hash, amount| hash.word(*amount));
    let hash = price_types.iter().fold(hash, |hash, one| hash.bytes(one.as_str().as_bytes()));
    if *extended { hash.text(Some("extended")).finish() } else { hash.finish() }
}
