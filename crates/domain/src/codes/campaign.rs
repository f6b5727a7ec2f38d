//! A campaign: codes that are alike, and what they open.

use minicbor::{Decode, Encode};

use crate::fingerprint::{Hash, Kind};
use crate::ids::{CampaignId, KeyId, QueueId};
use crate::queue::Tier;
use crate::refusal::Refusal;
use crate::time::Time;

/// The most uses of one code.
pub const USES_MAX: u32 = 10_000_000;

/// What the codes of a campaign are good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CampaignRules {
    /// From when on people join with them; `None` for from the beginning.
    #[n(0)]
    pub from: Option<Time>,
    /// From when on nobody does; `None` for never.
    #[n(1)]
    pub until: Option<Time>,
    /// Before whom those stand who join with them before the queue opens, see [`Tier`].
    #[n(2)]
    pub tier: Option<u8>,
    /// The most seats of one schedule that somebody may have who came in with one of them.
    #[n(3)]
    pub seats: Option<u32>,
    /// How often each is good.
    #[n(4)]
    pub uses: u32,
    /// Whether nobody joins the queue without a code, until `until`.
    #[n(5)]
    pub required: bool,
    /// Whether nobody joins with them, whatever the moments say. What is taken stays.
    #[n(6)]
    pub stopped: bool,
}

impl Default for CampaignRules {
    fn default() -> Self {
        Self { from: None, until: None, tier: None, seats: None, uses: 1, required: false, stopped: false }
    }
}

impl CampaignRules {
    /// # Errors
    /// The name of what is out of its range.
    pub fn check(&self) -> Result<(), &'static str> {
        if self.from.zip(self.until).is_some_and(|(from, until)| from >= until) {
            return Err("until");
        }
        if self.tier.is_some_and(|tier| Tier::new(tier).is_none()) {
            return Err("tier");
        }
        if self.seats == Some(0) {
            return Err("seats");
        }
        if self.uses == 0 || self.uses > USES_MAX { Err("uses") } else { Ok(()) }
    }
}

/// A campaign, and how much of it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    pub id: CampaignId,
    pub name: String,
    /// What its codes open.
    pub queue: QueueId,
    /// The token key that the key of its codes' hashes is made of.
    pub key: KeyId,
    pub rules: CampaignRules,
    /// How many codes it has; they are numbered from 1.
    pub codes: u32,
    /// Uses of people who have a place or a hold, and have bought nothing yet.
    pub held: u64,
    /// Uses of people who have bought something.
    pub spent: u64,
}

impl Campaign {
    /// One that nobody has said anything of.
    #[must_use]
    pub fn new(id: CampaignId, name: String) -> Self {
        let (queue, key, rules) = (QueueId(0), KeyId(0), CampaignRules::default());
        Self { id, name, queue, key, rules, codes: 0, held: 0, spent: 0 }
    }

    pub(super) fn tier(&self) -> Option<Tier> {
        self.rules.tier.and_then(Tier::new)
    }

    /// Whether nobody joins its queue without a code at this moment.
    #[must_use]
    pub fn is_needed(&self, now: Time) -> bool {
        self.rules.required && self.rules.until.is_none_or(|until| now < until)
    }

    /// Whether people join with its codes at this moment.
    ///
    /// # Errors
    /// [`Refusal::CodeNotYet`] and [`Refusal::CodeOver`].
    pub fn check_window(&self, now: Time) -> Result<(), Refusal> {
        let CampaignRules { from, until, stopped, .. } = self.rules;
        if stopped || until.is_some_and(|until| until <= now) {
            return Err(Refusal::CodeOver);
        }
        match from.filter(|&from| now < from) {
            Some(at) => Err(Refusal::CodeNotYet { at, in_ms: at.ms_since(now) }),
            None => Ok(()),
        }
    }

    pub(super) fn hash(&self) -> u64 {
        let CampaignRules { from, until, tier, seats, uses, required, stopped } = self.rules;
        let moment = |at: Option<Time>| at.map_or([0, 0], |at| [1, at.0]);
        Hash::new(Kind::Campaign)
            .words([u64::from(self.id.0), u64::from(self.queue.0), u64::from(self.key.0)])
            .bytes(self.name.as_bytes())
            .words(moment(from))
            .words(moment(until))
            .words([tier.map_or(0, u64::from), seats.map_or(0, u64::from), u64::from(uses)])
            .words([u64::from(required), u64::from(stopped)])
            .words([u64::from(self.codes), self.held, self.spent])
            .finish()
    }
}
