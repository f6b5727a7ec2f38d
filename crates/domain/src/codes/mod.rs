//! Codes that open a queue: who joins with one has a use of it as long as they have the place, or a hold, and has used it up once
//! they pay.

mod campaign;
mod row;
mod store;

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashSet;

use crate::changes::Changes;
use crate::ids::{CampaignId, KeyId, QueueId, TicketId, UserId};
use crate::queue::Tier;
use crate::refusal::Refusal;
use crate::row::Row;
use crate::time::Time;

pub use campaign::{Campaign, CampaignRules, USES_MAX};
pub use row::{CodeDigest, CodeRow, CodeUseRow, CodesAdded};

use store::{Code, Store};

/// The most campaigns that a store has.
pub const CAMPAIGNS_MAX: usize = 1_024;
/// The most codes of all campaigns, which are remembered for ever: some 30 to 60 bytes of memory each.
pub const CODES_MAX: usize = 1 << 22;
/// The most codes that one command adds.
pub const CODES_AT_ONCE_MAX: usize = 1 << 14;
/// With how many keys a code may have been hashed: the most digests of one that are looked at.
pub const DIGESTS_MAX: usize = 4;

/// A use that is somebody's, as long as they have a place in the queue or hold a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Use {
    /// The place that it was taken with.
    ticket: TicketId,
    digest: CodeDigest,
    campaign: CampaignId,
    number: u32,
    taken_at: Time,
    /// Whether its owner has bought something: it is used up then.
    paid: bool,
}

/// All campaigns, their codes, and who has which.
#[derive(Debug, Default)]
pub struct Codes {
    campaigns: Vec<Campaign>,
    /// What the fingerprint counts of each campaign.
    hashes: Vec<u64>,
    codes: Store,
    uses: BTreeMap<(UserId, QueueId), Use>,
    /// The queues that campaigns open.
    queues: BTreeSet<QueueId>,
    /// Campaigns whose figures changed in this batch.
    dirty: BTreeSet<CampaignId>,
}

impl Codes {
    /// All campaigns, by id.
    #[must_use]
    pub fn campaigns(&self) -> &[Campaign] {
        &self.campaigns
    }

    #[must_use]
    pub fn campaign(&self, id: CampaignId) -> Option<&Campaign> {
        self.campaigns.get(usize::from(id.0))
    }

    pub(crate) fn named(&self, name: &str) -> Option<&Campaign> {
        self.campaigns.iter().find(|campaign| campaign.name == name)
    }

    /// How many codes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// A code's campaign, its number there, and how many uses of it are taken.
    #[must_use]
    pub fn code(&self, digest: &CodeDigest) -> Option<(CampaignId, u32, u32)> {
        self.codes.get(digest).map(|code| (code.campaign, code.number, code.used))
    }

    /// The code that is the user's in the queue.
    #[must_use]
    pub fn of(&self, user: UserId, queue: QueueId) -> Option<CodeDigest> {
        self.uses.get(&(user, queue)).map(|taken| taken.digest)
    }

    /// How many uses are somebody's.
    #[must_use]
    pub fn uses(&self) -> usize {
        self.uses.len()
    }

    /// The queues in which the user has one.
    pub(crate) fn queues_of(&self, user: UserId) -> Vec<QueueId> {
        self.uses.range((user, QueueId(0))..=(user, QueueId(u16::MAX))).map(|(&(_, queue), _)| queue).collect()
    }

    /// The queues that campaigns open.
    pub(crate) fn queues(&self) -> impl Iterator<Item = QueueId> + '_ {
        self.queues.iter().copied()
    }

    /// Whether nobody joins the queue without a code at this moment.
    #[must_use]
    pub fn are_needed(&self, queue: QueueId, now: Time) -> bool {
        self.queues.contains(&queue) && self.campaigns.iter().any(|one| one.queue == queue && one.is_needed(now))
    }

    /// The tier and the seats that come with the code that is the user's in the queue.
    fn campaign_of(&self, user: UserId, queue: QueueId) -> Option<&Campaign> {
        self.campaign(self.uses.get(&(user, queue))?.campaign)
    }

    pub(crate) fn tier_of(&self, user: UserId, queue: QueueId) -> Option<Tier> {
        self.campaign_of(user, queue)?.tier()
    }

    /// The most seats of a date that the user may have with their code.
    pub(crate) fn seats_of(&self, user: UserId, queue: QueueId) -> Option<u32> {
        self.campaign_of(user, queue)?.rules.seats
    }

    /// The code that is known of these, where it opens the queue and has a use left, and the tier that it gives.
    pub(crate) fn check(
        &self,
        digests: &[CodeDigest],
        queue: QueueId,
        now: Time,
    ) -> Result<(CodeDigest, Option<Tier>), Refusal> {
        let known = digests.iter().take(DIGESTS_MAX).find_map(|digest| self.codes.get(digest));
        let code = known.ok_or(Refusal::CodeUnknown)?;
        let campaign = self.campaign(code.campaign).filter(|one| one.queue == queue).ok_or(Refusal::CodeUnknown)?;
        campaign.check_window(now)?;
        if code.used >= campaign.rules.uses { Err(Refusal::CodeUsedUp) } else { Ok((code.digest, campaign.tier())) }
    }

    /// A use of a code that was [checked](Self::check) is the user's.
    pub(crate) fn take(&mut self, digest: CodeDigest, user: UserId, ticket: TicketId, changes: &mut Changes<'_>) {
        let Some(code) = self.codes.change(&digest, |code| code.used += 1, changes) else { return };
        let taken_at = changes.now;
        let taken = Use { ticket, digest, campaign: code.campaign, number: code.number, taken_at, paid: false };
        changes.add(row::use_hash(user, &taken));
        changes.row(Row::CodeUse(row::use_row(user, &taken, None)));
        self.uses.insert((user, ticket.queue), taken);
        self.count(code.campaign, |campaign| campaign.held += 1);
    }

    /// The user has bought something that the queue opens.
    pub(crate) fn pay(&mut self, user: UserId, queue: QueueId, changes: &mut Changes<'_>) {
        let Some(taken) = self.uses.get_mut(&(user, queue)).filter(|taken| !taken.paid) else { return };
        let old = row::use_hash(user, taken);
        taken.paid = true;
        changes.replace(old, row::use_hash(user, taken));
        changes.row(Row::CodeUse(row::use_row(user, taken, None)));
        let campaign = taken.campaign;
        self.count(campaign, |campaign| {
            campaign.held -= 1;
            campaign.spent += 1;
        });
    }

    /// The user has neither a place nor a hold any more: unless they bought something, the use is the next one's.
    pub(crate) fn end(&mut self, user: UserId, queue: QueueId, changes: &mut Changes<'_>) {
        let Some(taken) = self.uses.remove(&(user, queue)) else { return };
        changes.remove(row::use_hash(user, &taken));
        changes.row(Row::CodeUse(row::use_row(user, &taken, Some(changes.now))));
        if !taken.paid {
            self.codes.change(&taken.digest, |code| code.used -= 1, changes);
            self.count(taken.campaign, |campaign| campaign.held -= 1);
        }
    }

    /// Makes a campaign, or gives one other rules. What its codes are hashed with stays as long as it has any.
    pub(crate) fn set_campaign(
        &mut self,
        (name, queue, key): (&str, QueueId, KeyId),
        rules: CampaignRules,
    ) -> Result<(), Refusal> {
        rules.check().map_err(Refusal::SettingInvalid)?;
        let id = match self.named(name) {
            None if self.campaigns.len() >= CAMPAIGNS_MAX => return Err(Refusal::Full("campaigns")),
            None => {
                let id = CampaignId(self.campaigns.len() as u16);
                self.campaigns.push(Campaign::new(id, name.to_owned()));
                self.hashes.push(0);
                id
            }
            Some(campaign) if campaign.codes > 0 && campaign.queue != queue => return Err(Refusal::CampaignInUse),
            Some(campaign) => campaign.id,
        };
        let campaign = &mut self.campaigns[usize::from(id.0)];
        if campaign.codes == 0 {
            (campaign.queue, campaign.key) = (queue, key);
        }
        campaign.rules = rules;
        self.queues = self.campaigns.iter().map(|campaign| campaign.queue).collect();
        self.dirty.insert(id);
        Ok(())
    }

    /// Adds codes, all or none. `first` is the number of the first: what was added before is passed over, and nothing is left out
    /// between.
    pub(crate) fn add(
        &mut self,
        id: CampaignId,
        first: u32,
        digests: &[u8],
        changes: &mut Changes<'_>,
    ) -> Result<CodesAdded, Refusal> {
        let campaign = self.campaign(id).ok_or(Refusal::CampaignNotFound)?;
        let (digests, rest) = digests.as_chunks::<16>();
        if !rest.is_empty() || digests.is_empty() || digests.len() > CODES_AT_ONCE_MAX {
            return Err(Refusal::SettingInvalid("codes"));
        }
        let before = campaign.codes;
        let next = before + 1;
        if first == 0 || first > next {
            return Err(Refusal::CodesMissing { next });
        }
        let mut new: Vec<(CodeDigest, u32)> = Vec::new();
        let mut seen = HashSet::new();
        for (number, &digest) in (first..).zip(digests) {
            let digest = CodeDigest(digest);
            match self.codes.get(&digest) {
                Some(code) if (code.campaign, code.number) == (id, number) => {}
                // One that is there under another number, or another one under this number.
                Some(_) => return Err(Refusal::CodeTwice { number }),
                None if number < next || !seen.insert(digest) => return Err(Refusal::CodeTwice { number }),
                None => new.push((digest, number)),
            }
        }
        if self.codes.len() + new.len() > CODES_MAX {
            return Err(Refusal::Full("codes"));
        }
        for &(digest, number) in &new {
            self.codes.add(Code { digest, campaign: id, number, used: 0 }, changes);
        }
        let (codes, added) = (before + new.len() as u32, new.len() as u32);
        self.count(id, |campaign| campaign.codes = codes);
        Ok(CodesAdded { codes, added })
    }

    fn count(&mut self, id: CampaignId, change: impl FnOnce(&mut Campaign)) {
        if let Some(campaign) = self.campaigns.get_mut(usize::from(id.0)) {
            change(campaign);
            self.dirty.insert(id);
        }
    }

    /// Emits the campaigns that changed in this batch: each join with a code changes a figure.
    pub(crate) fn end_batch(&mut self, changes: &mut Changes<'_>) {
        for id in core::mem::take(&mut self.dirty) {
            let campaign = &self.campaigns[usize::from(id.0)];
            let new = campaign.hash();
            changes.replace(core::mem::replace(&mut self.hashes[usize::from(id.0)], new), new);
            changes.row(Row::Campaign(Box::new(campaign.clone())));
        }
    }

    /// Takes a row in; its hash. Campaigns come in order of their ids.
    pub(crate) fn load_campaign(&mut self, campaign: Campaign) -> Result<u64, String> {
        if usize::from(campaign.id.0) != self.campaigns.len() {
            return Err(format!("campaign {} where {} is due", campaign.id, self.campaigns.len()));
        }
        let hash = campaign.hash();
        self.hashes.push(hash);
        self.queues.insert(campaign.queue);
        self.campaigns.push(campaign);
        Ok(hash)
    }

    pub(crate) fn load_code(&mut self, row: &CodeRow) -> Result<u64, String> {
        let CodeRow { campaign, number, digest, used } = *row;
        if self.campaign(campaign).is_none() || self.codes.get(&digest).is_some() {
            return Err(format!("code {number} of campaign {campaign} is of none, or twice there"));
        }
        Ok(self.codes.load(Code { digest, campaign, number, used }))
    }

    /// Takes in a use that is somebody's.
    pub(crate) fn load_use(&mut self, row: &CodeUseRow) -> Result<u64, String> {
        let CodeUseRow { ticket, user, campaign, number, digest, taken_at, paid, ended_at } = *row;
        if ended_at.is_some() || self.code(&digest).map(|(of, nth, _)| (of, nth)) != Some((campaign, number)) {
            return Err(format!(
                "the use of code {number} of campaign {campaign} by {user} is over, or of another code"
            ));
        }
        let taken = Use { ticket, digest, campaign, number, taken_at, paid };
        self.uses.insert((user, ticket.queue), taken);
        Ok(row::use_hash(user, &taken))
    }
}
