//! What the engine alone knows of each ticket, by number, and where each user's live ticket is.

use std::collections::VecDeque;
use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::ids::{KeyId, UserId};
use crate::time::Time;

use super::line::CHUNK;
use super::state::tenths;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket {
    pub(crate) user: UserId,
    pub(crate) issued_at: Time,
    pub(crate) key: KeyId,
    /// When it was last heard from, in tenths of a second since 2020.
    pub(crate) seen: u32,
}

impl Ticket {
    pub(crate) fn new(user: UserId, issued_at: Time, key: KeyId) -> Self {
        Self { user, issued_at, key, seen: tenths(issued_at) }
    }
}

/// How many of a chunk's tickets have not ended, and when the last of the others did.
#[derive(Clone, Copy, Debug, Default)]
struct Life {
    live: u32,
    last_end: Time,
}

/// Tables that the users' live tickets are spread over, so that none is ever moved as a whole.
const SHARDS: usize = 64;

pub(crate) struct Tickets {
    first: u32,
    chunks: VecDeque<(Life, Vec<Ticket>)>,
    /// The numbers of live tickets, by user. Seeded per process against crafted ids; nothing ever iterates it.
    live: Box<[HashTable<u32>; SHARDS]>,
    hasher: DefaultHashBuilder,
}

impl Tickets {
    /// With `first` the lowest number that is remembered, a multiple of a chunk.
    pub(crate) fn new(first: u32) -> Self {
        Self {
            first,
            chunks: VecDeque::new(),
            live: Box::new([const { HashTable::new() }; SHARDS]),
            hasher: DefaultHashBuilder::default(),
        }
    }

    pub(crate) fn first(&self) -> u32 {
        self.first
    }

    pub(crate) fn next(&self) -> u32 {
        match self.chunks.back() {
            None => self.first,
            Some((_, last)) => self.first + (self.chunks.len() as u32 - 1) * CHUNK + last.len() as u32,
        }
    }

    pub(crate) fn newest(&self) -> Option<&Ticket> {
        self.chunks.back()?.1.last()
    }

    pub(crate) fn get(&self, number: u32) -> Option<&Ticket> {
        let index = number.checked_sub(self.first)?;
        self.chunks.get((index / CHUNK) as usize)?.1.get((index % CHUNK) as usize)
    }

    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut Ticket> {
        let index = number.checked_sub(self.first)?;
        self.chunks.get_mut((index / CHUNK) as usize)?.1.get_mut((index % CHUNK) as usize)
    }

    /// Appends a ticket and gives its number.
    pub(crate) fn push(&mut self, ticket: Ticket) -> u32 {
        let number = self.next();
        if self.chunks.back().is_none_or(|(_, last)| last.len() == CHUNK as usize) {
            self.chunks.push_back((Life::default(), Vec::new()));
        }
        let (_, last) = self.chunks.back_mut().expect("just made");
        last.push(ticket);
        number
    }

    pub(crate) fn live_of(&self, user: UserId) -> Option<u32> {
        let hash = self.hasher.hash_one(user);
        self.live[shard(hash)].find(hash, |&number| self.user_of(number) == Some(user)).copied()
    }

    /// The ticket is its user's place from now on.
    pub(crate) fn make_live(&mut self, number: u32) {
        let Some(user) = self.user_of(number) else { return };
        let hash = self.hasher.hash_one(user);
        let (chunks, first, hasher) = (&self.chunks, self.first, &self.hasher);
        self.live[shard(hash)].insert_unique(hash, number, |&number| {
            let index = number - first;
            hasher.hash_one(chunks[(index / CHUNK) as usize].1[(index % CHUNK) as usize].user)
        });
        self.life(number).live += 1;
    }

    /// The ticket has ended, and its user has no place any more.
    pub(crate) fn end(&mut self, number: u32, at: Time) {
        let Some(user) = self.user_of(number) else { return };
        let hash = self.hasher.hash_one(user);
        if let Ok(entry) = self.live[shard(hash)].find_entry(hash, |&other| other == number) {
            entry.remove();
            self.life(number).live -= 1;
        }
        self.note_end(number, at);
    }

    /// For a ticket that is loaded when it has ended already.
    pub(crate) fn note_end(&mut self, number: u32, at: Time) {
        let life = self.life(number);
        life.last_end = life.last_end.max(at);
    }

    /// Whether the oldest chunk is full of tickets that ended before `before`.
    pub(crate) fn oldest_chunk_ended(&self, before: Time) -> bool {
        self.chunks
            .front()
            .is_some_and(|(life, tickets)| tickets.len() == CHUNK as usize && life.live == 0 && life.last_end < before)
    }

    /// Drops the oldest chunk and hands out what was in it.
    pub(crate) fn forget_oldest_chunk(&mut self) -> Vec<Ticket> {
        let forgotten = self.chunks.pop_front().map(|(_, tickets)| tickets).unwrap_or_default();
        self.first += forgotten.len() as u32;
        forgotten
    }

    fn user_of(&self, number: u32) -> Option<UserId> {
        self.get(number).map(|ticket| ticket.user)
    }

    fn life(&mut self, number: u32) -> &mut Life {
        &mut self.chunks[((number - self.first) / CHUNK) as usize].0
    }
}

fn shard(hash: u64) -> usize {
    // The table takes its bucket from the low bits and its tag from the top seven.
    (hash >> 40) as usize % SHARDS
}
