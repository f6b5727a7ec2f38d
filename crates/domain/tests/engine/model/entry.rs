//! Coming in with an entry token that says more than a number.

use onsale_domain::codes::CodeDigest;
use onsale_domain::command::{Entrant, Entry};
use onsale_domain::ids::{KeyId, QueueId, UserId};
use onsale_domain::level::{PRIVACY, TIERS};
use onsale_domain::reply::{Entered, Outcome, Refusal, Reply};
use onsale_domain::row::EntryRow;

use super::Model;

/// What shops number themselves is below it.
const GIVEN_OUT_FROM: u64 = 4_503_599_627_370_496;

impl Model {
    pub(super) fn enter(
        &mut self,
        entry: &Entry,
        queue: QueueId,
        key: KeyId,
        code: Option<&[CodeDigest]>,
    ) -> Result<Entered, Refusal> {
        let Entry { entrant, asked, once, limit, tier } = entry;
        let user = match entrant {
            Entrant::User(UserId(number)) if *number >= GIVEN_OUT_FROM => return Err(Refusal::EntryOfAnother),
            Entrant::User(user) => *user,
            Entrant::Subject(digest) | Entrant::Pseudonym(digest) => {
                let may_be_new = match entrant {
                    Entrant::Pseudonym(_) => !self.erased.iter().any(|row| row.pseudonym == Some(*digest)),
                    _ => self.level < PRIVACY,
                };
                let known = self.subjects.iter().find(|(other, _)| other == digest);
                match known {
                    Some((_, number)) => UserId(*number),
                    None if may_be_new => UserId(self.next_subject()),
                    None => return Err(Refusal::PseudonymOver),
                }
            }
        };
        if asked.is_some_and(|asked| asked != user) {
            return Err(Refusal::EntryOfAnother);
        }
        let now = self.now;
        if let Some(used) = once.and_then(|once| self.used.iter().find(|row| row.once.digest == once.digest)) {
            let retry = once.and_then(|once| once.retry);
            let is_retry = retry.is_some() && retry == used.once.retry && user == used.user;
            let line = self.lines.get_mut(usize::from(queue.0)).filter(|_| is_retry);
            return match line {
                None if is_retry => Err(Refusal::QueueNotFound),
                Some(line) if line.live(user).is_some() => {
                    Ok(Entered { user, joined: self.join((user, None, None), (queue, key), None)? })
                }
                _ => Err(Refusal::EntryReplayed),
            };
        }
        if once.is_some_and(|once| once.until.0 <= now) {
            return Err(Refusal::EntryExpired);
        }
        if *limit == Some(0) {
            return Err(Refusal::SettingInvalid("limit"));
        }
        let tier = tier.filter(|_| self.level >= TIERS);
        if tier.is_some_and(|tier| !(1..=9).contains(&tier)) {
            return Err(Refusal::SettingInvalid("tier"));
        }
        let joined = self.join((user, tier, None), (queue, key), code)?;
        if let Entrant::Subject(digest) | Entrant::Pseudonym(digest) = entrant
            && !self.subjects.iter().any(|(other, _)| other == digest)
        {
            self.subjects.push((*digest, user.0));
        }
        self.used.extend(once.map(|once| EntryRow { once, user }));
        if let Some(seats) = *limit {
            self.seat_limits.retain(|(other, _)| *other != user);
            self.seat_limits.push((user, seats));
        }
        Ok(Entered { user, joined })
    }

    fn next_subject(&self) -> u64 {
        self.subjects.iter().map(|(_, number)| number + 1).max().unwrap_or(GIVEN_OUT_FROM)
    }

    pub(super) fn pass_over(&mut self, numbers: u64) -> Outcome {
        if numbers == 0 {
            return Err(Refusal::SettingInvalid("numbers"));
        }
        let nobody = self.next_subject() + numbers;
        let mut digest = [0; 32];
        digest[24..].copy_from_slice(&nobody.to_be_bytes());
        self.subjects.push((digest, nobody));
        self.passed_over += numbers;
        Ok(Reply::Done)
    }
}
