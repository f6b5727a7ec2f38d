//! People who are let in to a server that lives on.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::{Date, Site, Statuses};
use crate::measure;
use crate::profile::Act;
use crate::request::Template;
use crate::sources::Tokens;

/// So many come at first where it is not known how many may be inside; twice as many when all of them were let in.
const FIRST_BATCH: u64 = 16;
/// Where people are let in now and then, all come at once: so many, where it is not known how many may be inside.
const ONE_BATCH: u64 = 100;
const ASK_EVERY: Duration = Duration::from_millis(200);

/// A queue that lets nobody in may be right to do so.
#[derive(Debug, thiserror::Error)]
#[error("nobody was let in within {within_s:.0} s: the queue is full, or does not move")]
struct NobodyLetIn {
    within_s: f64,
}

/// Those who are inside, and those who wait.
struct Sorted {
    inside: Vec<Box<[u8]>>,
    waiting: Vec<Box<[u8]>>,
}

impl Site {
    /// As many of these users as the queue lets in: first whoever is still inside from an earlier part.
    pub(super) fn admit_elsewhere(&self, mut users: Range<u64>) -> Result<Arc<Tokens>> {
        let wanted = usize::try_from(users.end - users.start).unwrap_or(usize::MAX);
        let lingering = std::mem::take(&mut *self.known.lingering());
        let Sorted { mut inside, waiting } = self.sort(&lingering)?;
        self.known.lingering().extend(waiting);
        let limit = self
            .free_slots()
            .or_else(|| self.profile().queue.inside.map(|limit| limit.saturating_sub(inside.len() as u64)));
        let mut batch = match limit {
            Some(limit) => limit.max(u64::from(inside.is_empty())),
            None if self.known.admits_at_once() => FIRST_BATCH,
            None => ONE_BATCH,
        };
        while inside.len() < wanted && batch > 0 && !users.is_empty() {
            let count = batch.min((wanted - inside.len()) as u64).min(users.end - users.start);
            let tokens = self.issue(users.start..users.start + count)?;
            users.start += count;
            let sorted = self.wait_for(&tokens)?;
            inside.extend(sorted.inside);
            let is_full = !sorted.waiting.is_empty();
            self.leave(&collect(&sorted.waiting))?;
            if is_full || limit.is_some() || !self.known.admits_at_once() {
                break;
            }
            batch *= 2;
        }
        let patience = self.known.patience();
        ensure!(!inside.is_empty(), NobodyLetIn { within_s: patience.as_secs_f64() });
        let more = inside.split_off(wanted.min(inside.len()));
        self.leave(&collect(&more))?;
        Ok(Arc::new(collect(&inside)))
    }

    /// The same people, or others for those whose sessions are over by now. Where everybody can leave, sessions are as long
    /// as a part takes.
    pub(crate) fn renew(&self, tokens: Arc<Tokens>, users: impl FnOnce() -> Range<u64>) -> Result<Arc<Tokens>> {
        if self.own.is_some() || self.has(Act::Leave) {
            return Ok(tokens);
        }
        self.leave(&tokens)?;
        self.admit(users())
    }

    /// Those of them who are still inside, while those are most of them; else others. Where nobody else is let in, the same.
    pub(crate) fn refreshed(&self, tokens: &Arc<Tokens>, users: &impl Fn(u64) -> Range<u64>) -> Result<Arc<Tokens>> {
        if self.own.is_some() {
            return Ok(Arc::clone(tokens));
        }
        let inside = self.sort(&apart(tokens))?.inside;
        if inside.len() == tokens.len() {
            return Ok(Arc::clone(tokens));
        }
        let left = Arc::new(collect(&inside));
        if 2 * inside.len() >= tokens.len() {
            return Ok(left);
        }
        self.leave(&left)?;
        match self.admit(users(tokens.len() as u64)) {
            Err(error) if error.is::<NobodyLetIn>() => Ok(Arc::clone(tokens)),
            admitted => admitted,
        }
    }

    /// How many of them are inside.
    pub(crate) fn count_inside(&self, tokens: &Tokens) -> Result<usize> {
        if self.own.is_some() {
            return Ok(tokens.len());
        }
        Ok(self.sort(&apart(tokens))?.inside.len())
    }

    /// How many of them, and of those who stayed from earlier parts, are inside at one moment: whoever is so before and after it.
    pub(crate) fn inside_together(&self, tokens: &Tokens) -> Result<u64> {
        let all = [self.known.lingering().clone(), apart(tokens)].concat();
        let before = self.sort(&all)?.inside;
        Ok(self.sort(&before)?.inside.len() as u64)
    }

    /// Somebody of those who came before and is inside; `None` where nobody is.
    pub(crate) fn somebody_inside(&self) -> Result<Option<Box<[u8]>>> {
        let lingering = self.known.lingering().clone();
        Ok(self.sort(&lingering)?.inside.into_iter().next())
    }

    /// Where nobody can leave, whoever is inside from earlier parts buys a seat of `date`, which ends the session: they
    /// would stand in the way of everybody after them. At most a quarter of the seats goes that way; gives how many did.
    pub(crate) fn buy_out(&self, date: &Date) -> Result<u64> {
        if self.own.is_some() || self.has(Act::Leave) {
            return Ok(0);
        }
        let (mut bought, mut seat) = (0, date.total_seats);
        let ends = Instant::now() + self.known.patience() + Duration::from_secs(20);
        while Instant::now() < ends && bought < date.free() / 4 {
            let lingering = std::mem::take(&mut *self.known.lingering());
            let Sorted { inside, waiting } = self.sort(&lingering)?;
            self.known.lingering().extend(waiting);
            if inside.is_empty() {
                if self.known.lingering().is_empty() {
                    break;
                }
                std::thread::sleep(ASK_EVERY);
            }
            for token in inside {
                bought += u64::from(self.buy(&token, date.schedule_id, &mut seat)?);
            }
        }
        Ok(bought)
    }

    /// Buys the next seat towards the front that nobody has.
    fn buy(&self, token: &[u8], schedule: u64, seat: &mut u64) -> Result<bool> {
        const TRIES: usize = 20;
        for _ in 0..TRIES {
            if *seat == 0 {
                return Ok(false);
            }
            let reply = self.call(&Template::reserve(schedule, *seat).with(token))?;
            *seat -= 1;
            if reply.status == 409 {
                continue;
            }
            let data = crate::answer::data(&reply.body).filter(|_| reply.status == 200);
            let Some((reservation, amount)) = data.and_then(|data| data.reservation_id.zip(data.amount)) else {
                return Ok(false);
            };
            if !self.profile().ends_with_reserve() {
                self.call(&Template::charge(amount).with(token))?;
                self.call(&Template::pay(reservation).with(token))?;
            }
            return Ok(true);
        }
        Ok(false)
    }

    /// Asks for their places until all are inside or nobody need wait longer.
    fn wait_for(&self, tokens: &Tokens) -> Result<Sorted> {
        let all = apart(tokens);
        let ends = Instant::now() + self.known.patience();
        loop {
            let sorted = self.sort(&all)?;
            if sorted.waiting.is_empty() || Instant::now() >= ends {
                return Ok(sorted);
            }
            std::thread::sleep(ASK_EVERY);
        }
    }

    /// Asks for everybody's place; whoever is neither inside nor waiting is gone.
    fn sort(&self, all: &[Box<[u8]>]) -> Result<Sorted> {
        let mut sorted = Sorted { inside: Vec::new(), waiting: Vec::new() };
        if all.is_empty() {
            return Ok(sorted);
        }
        let tokens = collect(all);
        let mut statuses = Statuses::of(&tokens);
        measure::complete(&self.endpoint, &mut statuses)?;
        for (token, place) in all.iter().zip(statuses.places()) {
            match place {
                super::Place::Inside => sorted.inside.push(token.clone()),
                super::Place::Waits => sorted.waiting.push(token.clone()),
                super::Place::Gone => {}
            }
        }
        Ok(sorted)
    }
}

fn apart(tokens: &Tokens) -> Vec<Box<[u8]>> {
    (0..tokens.len()).map(|index| tokens.get(index).into()).collect()
}

fn collect(tokens: &[Box<[u8]>]) -> Tokens {
    Tokens::collect(tokens.iter().map(|token| &token[..]))
}
