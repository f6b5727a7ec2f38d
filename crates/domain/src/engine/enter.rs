//! Coming in with an entry token that says more than a number.

use crate::changes::Changes;
use crate::codes::CodeDigest;
use crate::command::{Entrant, Entry};
use crate::ids::{KeyId, QueueId, UserId};
use crate::level;
use crate::queue::Tier;
use crate::refusal::Refusal;
use crate::reply::Entered;
use crate::user::{EntryRow, SUBJECT_FIRST, SingleUse};

use super::Engine;

impl Engine {
    /// A place in the queue for whoever the token names. What is refused uses nothing up: neither the token nor a number.
    pub(super) fn enter(
        &mut self,
        (entry, queue, key): (&Entry, QueueId, KeyId),
        code: Option<&[CodeDigest]>,
        changes: &mut Changes<'_>,
    ) -> Result<Entered, Refusal> {
        let Entry { entrant, asked, once, limit, tier } = entry;
        let (user, new) = self.user_of(entrant)?;
        if asked.is_some_and(|asked| asked != user) {
            return Err(Refusal::EntryOfAnother);
        }
        if let Some(once) = once
            && let Some(used) = self.entries.get(&once.digest)
        {
            let is_retry = used.user == user && once.retry.is_some() && used.once.retry == once.retry;
            let place = if is_retry { self.queue(queue)?.again(user, changes) } else { None };
            return place.map(|joined| Entered { user, joined }).ok_or(Refusal::EntryReplayed);
        }
        self.check_room(user, *once, *limit, changes)?;
        // Nodes that cannot read it may be there below its level, and pass it over.
        let tier = tier.filter(|_| self.level >= level::TIERS);
        let tier = tier.map(|tier| Tier::new(tier).ok_or(Refusal::SettingInvalid("tier"))).transpose()?;
        let joined = self.join((user, tier, None), (queue, key), code, changes)?;
        if let Some(digest) = new {
            self.subjects.add(digest, user, changes);
        }
        if let Some(once) = *once {
            self.entries.add(EntryRow { once, user }, changes);
        }
        if let Some(seats) = *limit {
            self.seat_limits.set(user, seats, changes);
        }
        Ok(Entered { user, joined })
    }

    /// The person's number; and what to remember it by, where it is new.
    fn user_of(&self, entrant: &Entrant) -> Result<(UserId, Option<[u8; 32]>), Refusal> {
        match entrant {
            Entrant::User(user) if user.0 >= SUBJECT_FIRST => Err(Refusal::EntryOfAnother),
            Entrant::User(user) => Ok((*user, None)),
            Entrant::Subject(digest) => match self.subjects.get(digest) {
                Some(user) => Ok((user, None)),
                // What anybody can make of a name that they guess leads nobody new to a number.
                None if self.level >= level::PRIVACY => Err(Refusal::PseudonymOver),
                None => self.next_user(digest),
            },
            Entrant::Pseudonym(pseudonym) if self.erasures.has(pseudonym) => Err(Refusal::PseudonymOver),
            Entrant::Pseudonym(pseudonym) => match self.subjects.get(pseudonym) {
                Some(user) => Ok((user, None)),
                None => self.next_user(pseudonym),
            },
        }
    }

    fn next_user(&self, digest: &[u8; 32]) -> Result<(UserId, Option<[u8; 32]>), Refusal> {
        Ok((self.subjects.next().ok_or(Refusal::Full("subjects"))?, Some(*digest)))
    }

    /// A token is looked at before its command has a moment: at that moment it may have expired, and then it may be forgotten
    /// that it was used.
    fn check_room(
        &self,
        user: UserId,
        once: Option<SingleUse>,
        limit: Option<u32>,
        changes: &Changes<'_>,
    ) -> Result<(), Refusal> {
        if once.is_some_and(|once| once.until <= changes.now) {
            return Err(Refusal::EntryExpired);
        }
        if once.is_some() && self.entries.is_full() {
            return Err(Refusal::Full("used entry tokens"));
        }
        if limit == Some(0) {
            return Err(Refusal::SettingInvalid("limit"));
        }
        if limit.is_some() && !self.seat_limits.has_room(user) {
            return Err(Refusal::Full("seat limits of users"));
        }
        Ok(())
    }
}
