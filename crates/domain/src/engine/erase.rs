//! Erasing a person: what leads to their number goes, and what their number could still do.

use crate::changes::Changes;
use crate::command::Entrant;
use crate::ids::{ReservationId, ScheduleId, UserId};
use crate::refusal::Refusal;
use crate::reply::Erased;
use crate::reservation::State;
use crate::user::ErasedRow;

use super::Engine;

impl Engine {
    /// What is sold and paid stays under the bare number, as books are kept; nobody has that number any more. Whom nobody knows by a
    /// name, but by a number that their shop gave, is erased again where they came again.
    pub(super) fn erase(
        &mut self,
        entrant: &Entrant,
        force: bool,
        changes: &mut Changes<'_>,
    ) -> Result<Erased, Refusal> {
        let (user, known_by) = match entrant {
            Entrant::User(user) => (*user, None),
            Entrant::Pseudonym(pseudonym) if self.erasures.has(pseudonym) => {
                return Ok(Erased { user: None });
            }
            Entrant::Subject(digest) | Entrant::Pseudonym(digest) => {
                (self.subjects.get(digest).ok_or(Refusal::PersonNotFound)?, Some(digest))
            }
        };
        let (balance, tickets) = self.would_lose(user, changes);
        if !force && (balance > 0 || tickets > 0) {
            return Err(Refusal::ErasureLoses { balance, tickets });
        }
        self.revoke(user, changes)?;
        self.lapse_due_of(user, |_| true, changes);
        let held: Vec<ReservationId> = self.book.held_by(user, changes.now);
        for id in held {
            self.drop_hold(id, State::Released { at: changes.now }, changes);
        }
        for queue in &mut self.queues {
            queue.leave_by(user, changes);
        }
        if let Some(digest) = known_by {
            self.subjects.forget(digest, changes);
        }
        let pseudonym = if let Entrant::Pseudonym(pseudonym) = entrant { Some(*pseudonym) } else { None };
        self.erasures.add(ErasedRow { user, at: changes.now, pseudonym }, changes);
        Ok(Erased { user: Some(user) })
    }

    /// The user's money, and how many tickets they have for dates that are not over.
    fn would_lose(&self, user: UserId, changes: &Changes<'_>) -> (u64, u32) {
        let to_come = self.catalog.sales().filter(|sale| sale.schedule.ends_at > changes.now);
        let dates = to_come.map(|sale| sale.schedule.id);
        let paid = |date: ScheduleId| self.book.had(user, date).seats_paid;
        (self.wallets.balance(user), dates.map(paid).sum())
    }

    /// The user's tokens that are out are none any more.
    pub(super) fn revoke(&mut self, user: UserId, changes: &mut Changes<'_>) -> Result<(), Refusal> {
        let since = self.revoked.revoke(user, changes)?;
        for queue in &mut self.queues {
            queue.reissue(user, since, changes);
        }
        Ok(())
    }
}
