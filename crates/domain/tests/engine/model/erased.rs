//! People who are erased.

use onsale_domain::command::Entrant;
use onsale_domain::ids::UserId;
use onsale_domain::reply::{Erased, Outcome, Refusal, Reply};
use onsale_domain::reservation::State;
use onsale_domain::row::{ErasedRow, ReservationRow};
use onsale_domain::time::Time;

use super::Model;

impl Model {
    /// Whatever somebody has goes, but what is paid, and what is in the wallet.
    pub(super) fn erase(&mut self, entrant: &Entrant, force: bool) -> Outcome {
        let digest = match entrant {
            Entrant::User(_) => None,
            Entrant::Subject(digest) | Entrant::Pseudonym(digest) => Some(*digest),
        };
        let pseudonym = digest.filter(|_| matches!(entrant, Entrant::Pseudonym(_)));
        if pseudonym.is_some() && self.erased.iter().any(|row| row.pseudonym == pseudonym) {
            return Ok(Reply::Erased(Erased { user: None }));
        }
        let known = digest.and_then(|digest| self.subjects.iter().position(|(other, _)| *other == digest));
        let user = match (entrant, known) {
            (Entrant::User(user), _) => *user,
            (_, Some(known)) => UserId(self.subjects[known].1),
            (_, None) => return Err(Refusal::PersonNotFound),
        };
        let balance = self.balance(user);
        let to_come = |row: &ReservationRow| {
            matches!(row.state, State::Paid { .. })
                && self.sales.iter().any(|sale| sale.schedule.id == row.schedule && sale.schedule.ends_at.0 > self.now)
        };
        let mine = self.reservations.iter().filter(|row| row.user == user);
        let tickets = mine.filter(|row| to_come(row)).map(|row| row.seats.len() as u32).sum();
        if !force && (balance > 0 || tickets > 0) {
            return Err(Refusal::ErasureLoses { balance, tickets });
        }
        self.revoke(user);
        let held = self.reservations.iter().filter(|row| row.user == user && row.state == State::Held);
        for id in held.map(|row| row.id).collect::<Vec<_>>() {
            self.release(id)?;
        }
        let now = self.now;
        for line in &mut self.lines {
            if let Some(number) = line.live(user) {
                line.leave(number as u32, now);
            }
        }
        if let Some(known) = known {
            let mut nobody = [0; 32];
            nobody[24..].copy_from_slice(&user.0.to_be_bytes());
            self.subjects[known].0 = nobody;
        }
        let before = self.erased.iter().find(|row| row.user == user).and_then(|row| row.pseudonym);
        self.erased.retain(|row| row.user != user);
        self.erased.push(ErasedRow { user, at: Time(self.now), pseudonym: pseudonym.or(before) });
        Ok(Reply::Erased(Erased { user: Some(user) }))
    }

    /// The user's tokens that are out are none any more.
    pub(super) fn revoke(&mut self, user: UserId) {
        let since = (self.now.max(self.revoked(user)) / 1_000 + 1) * 1_000;
        self.revoked.retain(|(other, _)| *other != user);
        self.revoked.push((user, since));
        for line in &mut self.lines {
            if let Some(number) = line.live(user) {
                line.tickets[number].issued_at = since;
            }
        }
    }
}
