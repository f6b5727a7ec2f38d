//! The face that a queue shows: who waits, and what each ticket is, readable without a lock while the engine writes.
//!
//! A position is a rank in a bitmap: a bit for each ticket that waits, counted in blocks of 512, 65,536 and
//! 16,777,216 tickets. Reading it takes at most 255 + 255 + 127 + 8 loads of neighbouring words, however many wait.
//!
//! Every ticket ahead of a reader lies in exactly one of the blocks and words that the reader adds up, so a
//! departure is either counted or not, never half: while people leave, a rank read is one that was exact at some
//! moment of the reading, and it never rises from one reading to the next.
//!
//! Where an opening has given places the bits are those of places, which are the tickets' numbers permuted, and the rest is by
//! number.

mod activity;
mod places;

use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwapOption;

use crate::ids::UserId;

use super::State;
use super::joins::Joins;
use super::places::Places;
use super::tier::Tier;

/// Tickets per chunk: what is allocated, and forgotten, at once.
pub(crate) const CHUNK: u32 = 1 << 16;
const WORDS: usize = CHUNK as usize / 64;
const LEAF_WORDS: usize = 8;
const LEAVES: usize = WORDS / LEAF_WORDS;
const FANOUT: usize = 256;

struct Chunk {
    waiting: [AtomicU64; WORDS],
    leaf_counts: [AtomicU32; LEAVES],
    /// Who was heard from since the last `drain_heard`.
    heard: Marks,
    /// Who did something since the last `drain_active`.
    active: Marks,
    tickets: ArcSwapOption<Slots>,
}

/// What is remembered of each ticket of a chunk until all have ended.
struct Slots {
    states: Box<[AtomicU64]>,
    owners: Box<[AtomicU32]>,
    /// Once a ticket of the chunk has one; 0 for none.
    tiers: OnceLock<Box<[AtomicU8]>>,
    /// When each last did something, once it is known of one.
    active: OnceLock<Box<[AtomicU64]>>,
    /// When each was let in whose session may become longer, once it is known of one; 0 for none.
    admitted: OnceLock<Box<[AtomicU64]>>,
}

impl Slots {
    fn tier(&self, slot: usize) -> Option<Tier> {
        Tier::kept(self.tiers.get()?[slot].load(Ordering::Relaxed))
    }
}

/// Stands for a ticket's owner and its moment: what a token says is held against it. Numbers may be issued again after the
/// end of a history was lost, or a backup was put back; a token from before then is not the ticket's, but for one in four
/// thousand million.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner(u32);

impl Owner {
    /// The moment of issue is in seconds since the Unix epoch, as in tokens.
    #[must_use]
    pub fn new(user: UserId, issued_at_s: u64) -> Self {
        let wide = u128::from(user.0 ^ 0x9E37_79B9_7F4A_7C15) * u128::from(issued_at_s ^ 0xD6E8_FEB8_6659_FD93);
        let folded = (wide as u64) ^ ((wide >> 64) as u64);
        Self((folded as u32) ^ ((folded >> 32) as u32))
    }
}

struct Group {
    chunks: [OnceLock<Box<Chunk>>; FANOUT],
    chunk_counts: [AtomicU32; FANOUT],
}

/// Tickets by number. One writer (the engine), any number of readers.
pub struct Line {
    groups: [OnceLock<Box<Group>>; FANOUT],
    group_counts: [AtomicU32; FANOUT],
    len: AtomicU32,
    /// How many of those who wait are in each tier, and last the surplus.
    tiers: [AtomicU32; Tier::LAST as usize + 1],
    places: ArcSwapOption<Places>,
    joins: ArcSwapOption<Joins>,
}

fn zeroed<const N: usize>() -> [AtomicU32; N] {
    [const { AtomicU32::new(0) }; N]
}

impl Chunk {
    fn new() -> Box<Self> {
        let states = (0..CHUNK).map(|_| AtomicU64::new(0)).collect();
        let owners = (0..CHUNK).map(|_| AtomicU32::new(0)).collect();
        Box::new(Self {
            waiting: [const { AtomicU64::new(0) }; WORDS],
            leaf_counts: zeroed(),
            heard: Marks::new(),
            active: Marks::new(),
            tickets: ArcSwapOption::from_pointee(Slots {
                states,
                owners,
                tiers: OnceLock::new(),
                active: OnceLock::new(),
                admitted: OnceLock::new(),
            }),
        })
    }
}

/// Where a ticket's number lies.
struct Place {
    group: usize,
    chunk: usize,
    word: usize,
    bit: u64,
    slot: usize,
}

fn place(number: u32) -> Place {
    let slot = (number % CHUNK) as usize;
    Place {
        group: (number >> 24) as usize,
        chunk: (number >> 16) as usize % FANOUT,
        word: slot / 64,
        bit: 1 << (slot % 64),
        slot,
    }
}

fn sum(counts: &[AtomicU32]) -> u32 {
    counts.iter().map(|count| count.load(Ordering::Relaxed)).sum()
}

impl Default for Line {
    fn default() -> Self {
        Self {
            groups: [const { OnceLock::new() }; FANOUT],
            group_counts: zeroed(),
            len: AtomicU32::new(0),
            tiers: zeroed(),
            places: ArcSwapOption::empty(),
            joins: ArcSwapOption::empty(),
        }
    }
}

impl Line {
    fn group(&self, place: &Place) -> Option<&Group> {
        self.groups[place.group].get().map(Box::as_ref)
    }

    fn chunk(&self, place: &Place) -> Option<&Chunk> {
        self.group(place)?.chunks[place.chunk].get().map(Box::as_ref)
    }

    fn chunk_or_new(&self, place: &Place) -> &Chunk {
        let group = self.groups[place.group]
            .get_or_init(|| Box::new(Group { chunks: [const { OnceLock::new() }; FANOUT], chunk_counts: zeroed() }));
        group.chunks[place.chunk].get_or_init(Chunk::new)
    }

    /// How many wait.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.len.load(Ordering::Relaxed)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many wait before the ticket.
    #[must_use]
    pub fn ahead_of(&self, number: u32) -> u32 {
        self.before(self.place_of(number))
    }

    /// Which place the ticket has: its number, but for those to whom an opening gave another.
    fn place_of(&self, number: u32) -> u32 {
        self.places.load().as_ref().map_or(number, |places| places.place_of(number))
    }

    /// How many wait at a place before this one.
    fn before(&self, end: u32) -> u32 {
        let at = place(end);
        let mut ahead = sum(&self.group_counts[..at.group]);
        let Some(group) = self.group(&at) else { return ahead };
        ahead += sum(&group.chunk_counts[..at.chunk]);
        let Some(chunk) = self.chunk(&at) else { return ahead };
        let leaf = at.word / LEAF_WORDS;
        ahead += sum(&chunk.leaf_counts[..leaf]);
        for word in &chunk.waiting[leaf * LEAF_WORDS..at.word] {
            ahead += word.load(Ordering::Relaxed).count_ones();
        }
        ahead + (chunk.waiting[at.word].load(Ordering::Relaxed) & (at.bit - 1)).count_ones()
    }

    /// What the ticket is; `None` when no ticket has that number, or it is forgotten.
    #[must_use]
    pub fn state(&self, number: u32) -> Option<State> {
        let at = place(number);
        let tickets = self.chunk(&at)?.tickets.load();
        State::unpack(tickets.as_ref()?.states[at.slot].load(Ordering::Acquire))
    }

    /// The tier of its owner; `None` for one that has none, or is forgotten.
    #[must_use]
    pub fn tier(&self, number: u32) -> Option<Tier> {
        let at = place(number);
        let tickets = self.chunk(&at)?.tickets.load();
        tickets.as_ref()?.tier(at.slot)
    }

    /// How many of those who wait are in each tier, from the first on.
    #[must_use]
    pub fn waiting_by_tier(&self) -> [u32; Tier::LAST as usize] {
        core::array::from_fn(|nth| self.tiers[nth].load(Ordering::Relaxed))
    }

    /// How many of those who wait came from a network that had its places already.
    #[must_use]
    pub fn waiting_surplus(&self) -> u32 {
        self.tiers[usize::from(Tier::LAST)].load(Ordering::Relaxed)
    }

    /// Whose the ticket is, and what it is; `None` when no ticket has that number, or it is forgotten.
    #[must_use]
    pub fn owner(&self, number: u32) -> Option<(Owner, State)> {
        let at = place(number);
        let tickets = self.chunk(&at)?.tickets.load();
        let tickets = tickets.as_ref()?;
        // The state is written last, so whoever finds one finds the owner.
        let state = State::unpack(tickets.states[at.slot].load(Ordering::Acquire))?;
        Some((Owner(tickets.owners[at.slot].load(Ordering::Relaxed)), state))
    }

    /// Notes that a ticket was heard from, until the next [`Line::drain_heard`].
    pub fn hear(&self, number: u32) {
        let at = place(number);
        if let Some(chunk) = self.chunk(&at) {
            chunk.heard.set(&at);
        }
    }

    /// Notes that a ticket's owner did something, until the next [`Line::drain_active`].
    pub fn act(&self, number: u32) {
        let at = place(number);
        if let Some(chunk) = self.chunk(&at) {
            chunk.active.set(&at);
        }
    }

    /// Hands out the tickets heard from since the last call, a chunk at a time, and forgets them.
    pub fn drain_heard(&self, take: impl FnMut(Vec<u32>)) {
        self.drain(|chunk| &chunk.heard, take);
    }

    /// The same for those who did something.
    pub fn drain_active(&self, take: impl FnMut(Vec<u32>)) {
        self.drain(|chunk| &chunk.active, take);
    }

    fn drain(&self, marks: impl Fn(&Chunk) -> &Marks, mut take: impl FnMut(Vec<u32>)) {
        for (g, group) in self.groups.iter().enumerate() {
            let Some(group) = group.get() else { continue };
            for (c, chunk) in group.chunks.iter().enumerate() {
                let Some(chunk) = chunk.get() else { continue };
                let numbers = marks(chunk).drain((g * FANOUT + c) as u32 * CHUNK);
                if !numbers.is_empty() {
                    take(numbers);
                }
            }
        }
    }

    /// The first place from `from` on at which a ticket waits, and the ticket. Costs a look at each chunk, block and word
    /// between.
    pub(crate) fn next_waiting(&self, from: u32) -> Option<(u32, u32)> {
        let place = self.next_place(from)?;
        Some((place, self.places.load().as_ref().map_or(place, |places| places.ticket_at(place))))
    }

    fn next_place(&self, from: u32) -> Option<u32> {
        if self.is_empty() {
            return None;
        }
        let start = place(from);
        for g in start.group..FANOUT {
            let Some(group) = self.groups[g].get() else { break };
            let first = if g == start.group { start.chunk } else { 0 };
            for c in first..FANOUT {
                if group.chunk_counts[c].load(Ordering::Relaxed) == 0 {
                    continue;
                }
                let from = if (g, c) == (start.group, start.chunk) { start.slot } else { 0 };
                if let Some(slot) = group.chunks[c].get().and_then(|chunk| chunk.next_waiting(from)) {
                    return Some((g * FANOUT + c) as u32 * CHUNK + slot as u32);
                }
            }
        }
        None
    }

    /// Makes a new ticket its owner's. Only the engine calls this, before it [sets](Self::set) what the ticket is.
    pub(crate) fn issue(&self, number: u32, owner: Owner, tier: Option<Tier>) {
        let at = place(number);
        if let Some(tickets) = self.chunk_or_new(&at).tickets.load().as_ref() {
            tickets.owners[at.slot].store(owner.0, Ordering::Relaxed);
            if let Some(tier) = tier {
                let tiers = tickets.tiers.get_or_init(|| (0..CHUNK).map(|_| AtomicU8::new(0)).collect());
                tiers[at.slot].store(tier.number(), Ordering::Relaxed);
            }
        }
    }

    /// Makes the ticket what it is now. Only the engine calls this.
    pub(crate) fn set(&self, number: u32, state: State) {
        let at = place(number);
        let chunk = self.chunk_or_new(&at);
        let (mut was, mut tier) = (false, None);
        if let Some(tickets) = chunk.tickets.load().as_ref() {
            let slot = &tickets.states[at.slot];
            was = State::unpack(slot.load(Ordering::Relaxed)) == Some(State::Waiting);
            tier = tickets.tier(at.slot);
            slot.store(state.pack(), Ordering::Release);
        }
        let is = state == State::Waiting;
        if was != is {
            add(&self.len, is, 1);
            if let Some(tier) = tier {
                add(&self.tiers[usize::from(tier.number()) - 1], is, 1);
            }
            self.set_waiting(self.place_of(number), is);
        }
    }

    /// Counts a place among those at which somebody waits, or no more.
    fn set_waiting(&self, number: u32, waiting: bool) {
        let at = place(number);
        self.chunk_or_new(&at);
        let group = self.groups[at.group].get().expect("just made");
        let chunk = group.chunks[at.chunk].get().expect("just made");
        let word = &chunk.waiting[at.word];
        let bits = word.load(Ordering::Relaxed);
        if (bits & at.bit != 0) == waiting {
            return;
        }
        word.store(bits ^ at.bit, Ordering::Relaxed);
        let counts =
            [&chunk.leaf_counts[at.word / LEAF_WORDS], &group.chunk_counts[at.chunk], &self.group_counts[at.group]];
        for count in counts {
            add(count, waiting, 1);
        }
    }

    /// Frees the states of a chunk whose tickets have all ended.
    pub(crate) fn forget_chunk(&self, first: u32) {
        if let Some(chunk) = self.chunk(&place(first)) {
            chunk.tickets.store(None);
        }
    }
}

/// One writer: a load and a store do, and are cheaper than a locked instruction.
fn add(count: &AtomicU32, more: bool, by: u32) {
    let n = count.load(Ordering::Relaxed);
    count.store(if more { n + by } else { n - by }, Ordering::Relaxed);
}

/// A bit for each ticket of a chunk, which readers set.
struct Marks {
    words: [AtomicU64; WORDS],
    any: AtomicU32,
}

impl Marks {
    const fn new() -> Self {
        Self { words: [const { AtomicU64::new(0) }; WORDS], any: AtomicU32::new(0) }
    }

    fn set(&self, at: &Place) {
        let word = &self.words[at.word];
        // Most polls find their bit set: a load keeps the cache line shared.
        if word.load(Ordering::Relaxed) & at.bit == 0 {
            word.fetch_or(at.bit, Ordering::Relaxed);
            // Read and written in one, so that of two who set at once neither's bit escapes the next drain.
            self.any.swap(1, Ordering::Release);
        }
    }

    fn drain(&self, base: u32) -> Vec<u32> {
        let mut numbers = Vec::new();
        if self.any.swap(0, Ordering::AcqRel) == 0 {
            return numbers;
        }
        for (w, word) in self.words.iter().enumerate() {
            if word.load(Ordering::Relaxed) == 0 {
                continue;
            }
            let mut bits = word.swap(0, Ordering::Relaxed);
            while bits != 0 {
                numbers.push(base + w as u32 * 64 + bits.trailing_zeros());
                bits &= bits - 1;
            }
        }
        numbers
    }
}

impl Chunk {
    fn next_waiting(&self, from: usize) -> Option<usize> {
        let mut w = from / 64;
        let mut mask = u64::MAX << (from % 64);
        while w < WORDS {
            if w.is_multiple_of(LEAF_WORDS) && self.leaf_counts[w / LEAF_WORDS].load(Ordering::Relaxed) == 0 {
                w += LEAF_WORDS;
                mask = u64::MAX;
                continue;
            }
            let bits = self.waiting[w].load(Ordering::Relaxed) & mask;
            if bits != 0 {
                return Some(w * 64 + bits.trailing_zeros() as usize);
            }
            w += 1;
            mask = u64::MAX;
        }
        None
    }
}

impl core::fmt::Debug for Line {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Line").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// A line that readers share with the engine.
pub type Shared = Arc<Line>;
