//! Joining with a code, and giving its use back.

use crate::changes::Changes;
use crate::codes::{CampaignRules, CodeDigest};
use crate::concert::queue_name_is_valid;
use crate::ids::{KeyId, QueueId, UserId};
use crate::queue::{Joined, Queue, Tier};
use crate::refusal::Refusal;

use super::Engine;

impl Engine {
    /// A place in the queue. Whoever has one keeps it, whatever code they show; and whoever holds a seat that they came to with a code
    /// goes on with that one. What is refused takes no use.
    pub(super) fn join(
        &mut self,
        (user, tier, network): (UserId, Option<Tier>, Option<u64>),
        (id, key): (QueueId, KeyId),
        code: Option<&[CodeDigest]>,
        changes: &mut Changes<'_>,
    ) -> Result<Joined, Refusal> {
        let since = self.revoked.since(user);
        if code.is_none() && self.codes.campaigns().is_empty() {
            return self.queue(id)?.join((user, tier, network), key, since, changes);
        }
        if let Some(joined) = self.queue(id)?.again(user, changes) {
            return Ok(joined);
        }
        // Their last place, or somebody else's, may have ended just now.
        self.settle_codes(changes);
        self.queue(id)?.check_takes_in(changes.now)?;
        let is_theirs = self.codes.of(user, id).is_some();
        let (taken, of_code) = match code {
            _ if is_theirs => (None, self.codes.tier_of(user, id)),
            Some(code) => self.codes.check(code, id, changes.now).map(|(digest, tier)| (Some(digest), tier))?,
            None if self.codes.are_needed(id, changes.now) => return Err(Refusal::CodeRequired),
            None => (None, None),
        };
        let tier = [tier, of_code].into_iter().flatten().min();
        // A code vouches for whoever has it.
        let network = network.filter(|_| taken.is_none() && !is_theirs);
        let mut joined = self.queue(id)?.join((user, tier, network), key, since, changes)?;
        if let Some(digest) = taken {
            self.codes.take(digest, user, joined.ticket, changes);
        }
        if taken.is_some() || is_theirs {
            self.queue(id)?.note_code(user);
            joined.has_code = true;
        }
        Ok(joined)
    }

    pub(super) fn set_campaign(
        &mut self,
        name: &str,
        (queue, key): (QueueId, KeyId),
        rules: CampaignRules,
    ) -> Result<(), Refusal> {
        if !queue_name_is_valid(name) {
            return Err(Refusal::SettingInvalid("name"));
        }
        self.queue(queue)?;
        self.codes.set_campaign((name, queue, key), rules)
    }

    /// Gives back what those had whose place has ended.
    pub(super) fn settle_codes(&mut self, changes: &mut Changes<'_>) {
        if self.codes.uses() == 0 {
            return;
        }
        let queues: Vec<QueueId> = self.codes.queues().collect();
        for id in queues {
            let ended = self.queues.get_mut(usize::from(id.0)).map(Queue::take_without_place);
            for user in ended.into_iter().flatten() {
                self.settle_code(user, id, changes);
            }
        }
    }

    /// Gives the user's code back, unless they have a place in the queue, or a hold, of whatever sale.
    pub(super) fn settle_code(&mut self, user: UserId, id: QueueId, changes: &mut Changes<'_>) {
        let has_place = self.queues.get(usize::from(id.0)).is_some_and(|queue| queue.live_ticket(user).is_some());
        if !has_place && self.book.holds_by(user) == 0 {
            self.codes.end(user, id, changes);
        }
    }
}
