//! Codes that open a queue, as lists of who has which.

use onsale_domain::codes::{CampaignRules, CodeDigest};
use onsale_domain::engine::Engine;
use onsale_domain::ids::{CampaignId, KeyId, QueueId, ScheduleId, TicketId, UserId};
use onsale_domain::reply::{CodesAdded, Joined, Outcome, Refusal, Reply};
use onsale_domain::row::CodeUseRow;
use onsale_domain::time::Time;

use super::Model;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Campaign {
    name: String,
    queue: QueueId,
    key: KeyId,
    rules: CampaignRules,
    /// The code of number 1 first.
    codes: Vec<CodeDigest>,
}

/// A use of a code, whether or not it is over.
pub(crate) type Use = CodeUseRow;

impl Model {
    pub(super) fn join(
        &mut self,
        (user, tier, network): (UserId, Option<u8>, Option<u64>),
        (queue, key): (QueueId, KeyId),
        code: Option<&[CodeDigest]>,
    ) -> Result<Joined, Refusal> {
        let (now, since) = (self.now, self.revoked(user));
        let line = self.line(queue)?;
        if line.live(user).is_some() {
            let joined = line.join((user, None, None), key, now, since)?;
            return Ok(Joined { has_code: self.use_of(user, queue).is_some(), ..joined });
        }
        line.takes_in(now)?;
        let theirs = self.use_of(user, queue).map(|taken| taken.campaign);
        let needed = |one: &Campaign| {
            one.queue == queue && one.rules.required && one.rules.until.is_none_or(|until| now < until.0)
        };
        let taken = match (theirs, code) {
            (Some(_), _) => None,
            (None, Some(code)) => Some(self.check_code(code, queue)?),
            (None, None) if self.campaigns.iter().any(needed) => return Err(Refusal::CodeRequired),
            (None, None) => None,
        };
        let campaign = theirs.or(taken.map(|(campaign, ..)| campaign));
        let of_code = campaign.and_then(|id| self.campaigns[usize::from(id.0)].rules.tier);
        let tier = tier.into_iter().chain(of_code).min();
        let joined = self.line(queue)?.join((user, tier, network.filter(|_| campaign.is_none())), key, now, since)?;
        self.uses.extend(taken.map(|(campaign, number, digest)| Use {
            ticket: joined.ticket,
            user,
            campaign,
            number,
            digest,
            taken_at: Time(now),
            paid: false,
            ended_at: None,
        }));
        Ok(Joined { has_code: campaign.is_some(), ..joined })
    }

    fn check_code(&self, code: &[CodeDigest], queue: QueueId) -> Result<(CampaignId, u32, CodeDigest), Refusal> {
        let (id, number, digest) = code.iter().find_map(|digest| self.find(digest)).ok_or(Refusal::CodeUnknown)?;
        let Campaign { queue: opens, rules, .. } = &self.campaigns[usize::from(id.0)];
        if *opens != queue {
            return Err(Refusal::CodeUnknown);
        }
        if rules.stopped || rules.until.is_some_and(|until| until.0 <= self.now) {
            return Err(Refusal::CodeOver);
        }
        if let Some(at) = rules.from.filter(|from| from.0 > self.now) {
            return Err(Refusal::CodeNotYet { at, in_ms: at.0 - self.now });
        }
        if self.taken(&digest) >= rules.uses { Err(Refusal::CodeUsedUp) } else { Ok((id, number, digest)) }
    }

    fn find(&self, digest: &CodeDigest) -> Option<(CampaignId, u32, CodeDigest)> {
        self.campaigns.iter().enumerate().find_map(|(id, campaign)| {
            let at = campaign.codes.iter().position(|code| code == digest)?;
            Some((CampaignId(id as u16), at as u32 + 1, *digest))
        })
    }

    /// How many uses of a code nobody else can have.
    fn taken(&self, digest: &CodeDigest) -> u32 {
        let of_it = self.uses.iter().filter(|taken| taken.digest == *digest);
        of_it.filter(|taken| taken.paid || taken.ended_at.is_none()).count() as u32
    }

    fn use_of(&self, user: UserId, queue: QueueId) -> Option<&Use> {
        let is_theirs = |taken: &&Use| taken.user == user && taken.ticket.queue == queue && taken.ended_at.is_none();
        self.uses.iter().find(is_theirs)
    }

    /// Whoever has neither a place nor a hold has no code.
    pub(super) fn give_codes_back(&mut self) {
        let holders = self.holders();
        let now = Time(self.now);
        for taken in self.uses.iter_mut().filter(|taken| taken.ended_at.is_none()) {
            let TicketId { queue, .. } = taken.ticket;
            if self.lines[usize::from(queue.0)].live(taken.user).is_none() && !holders.contains(&taken.user) {
                taken.ended_at = Some(now);
            }
        }
    }

    pub(super) fn code_is_used_up(&mut self, user: UserId, queue: QueueId) {
        for taken in &mut self.uses {
            taken.paid |= taken.user == user && taken.ticket.queue == queue && taken.ended_at.is_none();
        }
    }

    /// The most seats of the date that somebody may have with their code.
    pub(super) fn seats_with_code(&self, user: UserId, date: ScheduleId) -> Option<u32> {
        let sale = self.sales.iter().find(|sale| sale.schedule.id == date)?;
        let taken = self.use_of(user, self.queue_of(sale))?;
        self.campaigns[usize::from(taken.campaign.0)].rules.seats
    }

    pub(super) fn set_campaign(&mut self, name: &str, queue: QueueId, key: KeyId, rules: CampaignRules) -> Outcome {
        if name.is_empty() {
            return Err(Refusal::SettingInvalid("name"));
        }
        self.line(queue)?;
        let wrong = [
            ("until", matches!((rules.from, rules.until), (Some(from), Some(until)) if from.0 >= until.0)),
            ("tier", rules.tier.is_some_and(|tier| !(1..=9).contains(&tier))),
            ("seats", rules.seats == Some(0)),
            ("uses", rules.uses == 0),
        ];
        if let Some((what, _)) = wrong.into_iter().find(|(_, is_wrong)| *is_wrong) {
            return Err(Refusal::SettingInvalid(what));
        }
        match self.campaigns.iter_mut().find(|campaign| campaign.name == name) {
            Some(campaign) if campaign.codes.is_empty() => {
                (campaign.queue, campaign.key, campaign.rules) = (queue, key, rules);
            }
            Some(campaign) if campaign.queue != queue => return Err(Refusal::CampaignInUse),
            Some(campaign) => campaign.rules = rules,
            None => {
                self.campaigns.push(Campaign { name: name.to_owned(), queue, key, rules, codes: Vec::new() });
            }
        }
        Ok(Reply::Done)
    }

    pub(super) fn add_codes(&mut self, id: CampaignId, first: u32, digests: &[u8]) -> Outcome {
        let campaign = self.campaigns.get(usize::from(id.0)).ok_or(Refusal::CampaignNotFound)?;
        if digests.is_empty() {
            return Err(Refusal::SettingInvalid("codes"));
        }
        let mut codes = campaign.codes.clone();
        if first < 1 || first as usize > codes.len() + 1 {
            return Err(Refusal::CodesMissing { next: codes.len() as u32 + 1 });
        }
        for (number, digest) in (first..).zip(digests.chunks(16)) {
            let digest = CodeDigest(digest.try_into().expect("whole digests"));
            let at = number as usize - 1;
            if codes.get(at) == Some(&digest) {
                continue;
            }
            if at < codes.len() || codes.contains(&digest) || self.find(&digest).is_some() {
                return Err(Refusal::CodeTwice { number });
            }
            codes.push(digest);
        }
        let known = &mut self.campaigns[usize::from(id.0)].codes;
        let added = (codes.len() - known.len()) as u32;
        *known = codes;
        Ok(Reply::CodesAdded(CodesAdded { codes: known.len() as u32, added }))
    }

    pub(super) fn assert_codes(&self, engine: &Engine) {
        let shown = engine.codes();
        assert_eq!(shown.campaigns().len(), self.campaigns.len(), "campaigns");
        for (is, campaign) in shown.campaigns().iter().zip(&self.campaigns) {
            let expected = (campaign.name.as_str(), campaign.queue, campaign.key, campaign.rules);
            assert_eq!((is.name.as_str(), is.queue, is.key, is.rules), expected);
            let of_it = |counts: fn(&Use) -> bool| {
                self.uses.iter().filter(|taken| taken.campaign == is.id && counts(taken)).count() as u64
            };
            let figures = (of_it(|taken| !taken.paid && taken.ended_at.is_none()), of_it(|taken| taken.paid));
            assert_eq!((is.held, is.spent), figures, "what is used of {}", is.name);
            assert_eq!(is.codes as usize, campaign.codes.len(), "the codes of {}", is.name);
            for (number, digest) in (1..).zip(&campaign.codes) {
                let used = self.taken(digest);
                assert_eq!(shown.code(digest), Some((is.id, number, used)), "code {number} of {}", is.name);
            }
        }
        let theirs: Vec<_> = self.uses.iter().filter(|taken| taken.ended_at.is_none()).collect();
        assert_eq!(shown.uses(), theirs.len(), "who has a code");
        for taken in theirs {
            let digest = shown.of(taken.user, taken.ticket.queue);
            assert_eq!(digest, Some(taken.digest), "the code of user {}", taken.user);
        }
    }
}
