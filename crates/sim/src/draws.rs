//! Places by a draw and by tiers, from `docs/draw.md` and what the journal says alone: beside the engine's own, and with none of
//! its code.

use std::sync::Arc;

use onsale_domain::level;
use onsale_domain::queue::{Order, Phase, Queue, State, Tier};
use onsale_domain::time::Time;
use sha2::{Digest as _, Sha256};

use crate::check::{Check, Failure};

const ROUNDS: u32 = 10;

/// The draws of the one queue, and its openings in order of joining.
#[derive(Clone, Default)]
pub(crate) struct Draws {
    phase: Phase,
    /// Of each ticket its tier, as the token said that somebody came with.
    tiers: Vec<Option<u8>>,
    /// Whether the store is at the level from which on tiers count.
    heeds_tiers: bool,
    draw: Option<Draw>,
    /// The opening of a queue whose places are not drawn.
    tiered: Option<Tiered>,
    /// From which entry on which places count.
    history: Vec<(u64, Option<Arc<Places>>)>,
}

/// The draw of one opening.
#[derive(Clone)]
struct Draw {
    seed: [u8; 32],
    beacon: Option<String>,
    /// The first who takes part, once the pre-queue has begun.
    first: Option<u32>,
    chain: [u8; 32],
    places: Option<Arc<Places>>,
}

/// An opening in order of joining.
#[derive(Clone)]
struct Tiered {
    /// The first of the pre-queue.
    first: u32,
    /// Once it has opened, where somebody had a tier.
    places: Option<Arc<Places>>,
}

/// Places that are not the numbers.
struct Places {
    at: Time,
    first: u32,
    /// Of each who takes part, in order of joining, from 0.
    of: Vec<u32>,
    is_drawn: bool,
    has_tiers: bool,
}

/// An entry, and what its beginning and its end tell of who waits at a moment within it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Entry {
    pub(crate) seq: u64,
    pub(crate) now: Time,
    /// Whether somebody waited before it, and how many tickets there were.
    pub(crate) waited: bool,
    pub(crate) issued: u32,
    /// The first who waits after it.
    pub(crate) waits: Option<u32>,
    /// The first ticket of the opening with tiers that the engine has after it.
    pub(crate) tiered: Option<u32>,
}

fn sha(parts: &[&[u8]]) -> [u8; 32] {
    Sha256::digest(parts.concat()).into()
}

impl Draws {
    /// The number that the next ticket gets.
    pub(crate) fn next(&self) -> u32 {
        self.tiers.len() as u32
    }

    /// The moments make another thing of the queue.
    pub(crate) fn moves(&mut self, phase: Phase, entry: Entry) {
        let before = std::mem::replace(&mut self.phase, phase);
        if before == phase {
            return;
        }
        self.begin(entry);
        if phase == Phase::Open {
            self.open(entry);
        }
    }

    fn open(&mut self, Entry { seq, now: at, .. }: Entry) {
        let next = self.next();
        if let Some(draw) = self.draw.as_mut().filter(|draw| draw.places.is_none()) {
            let first = *draw.first.get_or_insert(next);
            let tiers = &self.tiers[first as usize..];
            let has_tiers = tiers.iter().any(Option::is_some);
            let key = draw.key();
            let of = placed(tiers, |tier, members| permute(&tier_key(key, tier), members));
            let places = Arc::new(Places { at, first, of, is_drawn: true, has_tiers });
            draw.places = Some(places.clone());
            self.history.push((seq, Some(places)));
        }
        if let Some(tiered) = self.tiered.take_if(|tiered| tiered.places.is_none()) {
            let tiers = &self.tiers[tiered.first as usize..];
            if tiers.iter().any(Option::is_some) {
                let of = placed(tiers, |_, members| (0..members).collect());
                let places = Arc::new(Places { at, first: tiered.first, of, is_drawn: false, has_tiers: true });
                self.tiered = Some(Tiered { places: Some(places.clone()), ..tiered });
                self.history.push((seq, Some(places)));
            }
        }
    }

    /// From the beginning of a pre-queue on whoever joins takes part.
    fn begin(&mut self, entry: Entry) {
        let next = self.next();
        if self.phase != Phase::Prequeue {
            return;
        }
        if let Some(draw) = &mut self.draw {
            if draw.places.is_none() {
                draw.first.get_or_insert(next);
            }
            return;
        }
        let may_begin = match &self.tiered {
            None => true,
            Some(tiered) if tiered.places.is_none() => false,
            // Whoever still waits was told a place: nobody is put before them.
            Some(tiered) => !self.waits(tiered.first, entry),
        };
        if self.heeds_tiers && may_begin {
            self.tiered = Some(Tiered { first: next, places: None });
            self.history.push((entry.seq, None));
        }
    }

    /// Whether somebody waits at this moment of an entry. Where neither its beginning nor its end can tell, as somebody was let in
    /// or left in it, it was so if the places of before, which begin with `first`, still count.
    fn waits(&self, first: u32, entry: Entry) -> bool {
        let may_wait = entry.waited || self.next() > entry.issued;
        entry.waits.is_some_and(|waits| waits < self.next()) || may_wait && entry.tiered == Some(first)
    }

    /// An operator has set the order, and was not refused.
    pub(crate) fn order(&mut self, order: Order, entry: Entry) {
        let is_to_come = self.draw.as_ref().is_some_and(|draw| draw.places.is_none());
        self.draw = match order {
            Order::Fifo if self.draw.is_none() => return,
            Order::Fifo => None,
            // What was committed to stands until its opening.
            Order::Draw { .. } if is_to_come => return,
            Order::Draw { seed } => Some(Draw { seed, beacon: None, first: None, chain: sha(&[&seed]), places: None }),
        };
        self.tiered = None;
        self.history.push((entry.seq, None));
        self.begin(entry);
    }

    pub(crate) fn beacon(&mut self, beacon: &str) {
        if let Some(draw) = &mut self.draw {
            draw.beacon.get_or_insert_with(|| beacon.to_owned());
        }
    }

    /// The store is raised. Where a pre-queue is on, tiers count of those who come from here on.
    pub(crate) fn raised(&mut self, level: u32, entry: Entry) {
        if level >= level::TIERS && !std::mem::replace(&mut self.heeds_tiers, true) {
            self.begin(entry);
        }
    }

    /// Somebody has this ticket, who may have had it before, and then keeps the tier.
    pub(crate) fn joins(&mut self, number: u32, tier: Option<u8>, now: Time) {
        if number < self.next() {
            return;
        }
        let tier = tier.filter(|_| self.heeds_tiers);
        self.tiers.push(tier);
        if let Some(draw) = &mut self.draw
            && draw.first.is_some()
            && draw.places.is_none()
        {
            let tier: Vec<u8> = tier.into_iter().collect();
            draw.chain = sha(&[&draw.chain, &number.to_be_bytes(), &now.0.to_be_bytes(), &tier]);
        }
    }

    fn places(&self) -> Option<&Places> {
        let drawn = self.draw.as_ref().and_then(|draw| draw.places.as_deref());
        drawn.or_else(|| self.tiered.as_ref()?.places.as_deref())
    }

    /// Where the ticket stands among all: by its number, but for those to whom an opening gave another place.
    pub(crate) fn rank(&self, number: u32) -> u32 {
        self.places().and_then(|places| Some(places.first + places.of(number)?)).unwrap_or(number)
    }

    fn tier(&self, number: u32) -> Option<u8> {
        self.tiers.get(number as usize).copied().flatten()
    }

    pub(crate) fn heeds_tiers(&self) -> bool {
        self.heeds_tiers
    }

    /// Whether places are drawn, or to be.
    pub(crate) fn is_draw(&self) -> bool {
        self.draw.is_some()
    }

    /// Since when places count that are not the numbers, of how many, and whether there are tiers among them.
    pub(crate) fn given(&self) -> Option<(Time, usize, bool)> {
        self.places().map(|places| (places.at, places.of.len(), places.has_tiers))
    }

    fn places_at(&self, seq: u64) -> Option<&Places> {
        let then = self.history.partition_point(|(since, _)| *since <= seq).checked_sub(1)?;
        self.history[then].1.as_deref()
    }

    /// What a ticket had drawn at an entry, as the place from 1 and of how many.
    pub(crate) fn drawn_at(&self, seq: u64, number: u32) -> Option<(u32, u32)> {
        self.places_at(seq).filter(|places| places.is_drawn)?.counted(number)
    }

    /// The same, where no draw but tiers may have given it, too.
    fn given_at(&self, seq: u64, number: u32) -> Option<(u32, u32)> {
        self.places_at(seq)?.counted(number)
    }

    /// The engine has one draw, this one, and everybody stands where it or their tier puts them.
    pub(crate) fn check(&self, queue: &Queue, seq: u64) -> Result<(), Failure> {
        let opened = |places: &Option<Arc<Places>>| places.as_ref().map(|places| (places.at, places.of.len() as u32));
        let own = self
            .draw
            .as_ref()
            .map(|draw| (draw.seed, draw.beacon.as_deref(), draw.first, draw.chain, opened(&draw.places)));
        let known = queue.draw().map(|draw| {
            let drawn = draw.drawn.map(|drawn| (drawn.at, drawn.tickets));
            (draw.seed, draw.beacon.as_deref(), draw.first, draw.joins, drawn)
        });
        if own != known {
            return failed(format!("the draw is {known:?}, and by the journal {own:?}"));
        }
        let own = self.tiered.as_ref().map(|tiered| (tiered.first, opened(&tiered.places)));
        let known =
            queue.tiered().map(|tiered| (tiered.first, tiered.opened.map(|opened| (opened.at, opened.tickets))));
        if own != known {
            return failed(format!("the opening with tiers is {known:?}, and by the journal {own:?}"));
        }
        let tier = |number| queue.line().tier(number).map(Tier::number);
        if let Some(number) = (0..queue.issued()).find(|number| tier(*number) != self.tier(*number)) {
            let (known, own) = (tier(number), self.tier(number));
            return failed(format!("ticket {number} has tier {known:?}, and by the journal {own:?}"));
        }
        let wrong = |number: &u32| queue.line().drawn(*number) != self.given_at(seq, *number);
        if let Some(number) = (0..queue.issued()).find(wrong) {
            let (drawn, own) = (queue.line().drawn(number), self.given_at(seq, number));
            return failed(format!("ticket {number} has drawn {drawn:?}, and by the journal {own:?}"));
        }
        let waits = |number: &u32| queue.ticket(*number).is_some_and(|(_, state)| state == State::Waiting);
        let mut line: Vec<u32> = (0..queue.issued()).filter(waits).collect();
        line.sort_by_key(|number| self.rank(*number));
        match line.iter().zip(1..).find(|(number, place)| queue.position(**number) != *place) {
            Some((number, place)) => {
                failed(format!("ticket {number} is at place {}, and should be at {place}", queue.position(*number)))
            }
            None => Ok(()),
        }
    }
}

/// Everybody's place in order of joining, from 0: tier by tier, those who have none last, and each tier as `within` has so many.
fn placed(tiers: &[Option<u8>], within: impl Fn(Option<u8>, u32) -> Vec<u32>) -> Vec<u32> {
    let mut of = vec![0; tiers.len()];
    let mut before = 0;
    for tier in (1..=9).map(Some).chain([None]) {
        let members: Vec<usize> = (0..tiers.len()).filter(|nth| tiers[*nth] == tier).collect();
        for (nth, place) in members.iter().zip(within(tier, members.len() as u32)) {
            of[*nth] = before + place;
        }
        before += members.len() as u32;
    }
    of
}

fn tier_key(key: [u8; 32], tier: Option<u8>) -> [u8; 32] {
    tier.map_or(key, |tier| sha(&[&key, &[tier]]))
}

/// A permutation of so many: a Feistel network over a rectangle, and whoever comes out beyond walks on.
fn permute(key: &[u8; 32], n: u32) -> Vec<u32> {
    let n = u64::from(n);
    let squares = n.max(256);
    let a = (1..).find(|a| a * a >= squares).unwrap_or(1);
    let b = squares.div_ceil(a);
    let added = |round: u32, at: u64, most: u64| {
        let stream = sha(&[key, &round.to_be_bytes(), &((at / 8) as u32).to_be_bytes()]);
        let word = &stream[(at % 8) as usize * 4..][..4];
        word.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)) % most
    };
    let step = |at: u64| {
        let (mut l, mut r) = (at % a, at / a);
        for round in (0..ROUNDS).step_by(2) {
            l = (l + added(round, r, a)) % a;
            r = (r + added(round + 1, l, b)) % b;
        }
        r * a + l
    };
    let walk = |from: u64| std::iter::successors(Some(step(from)), |at| Some(step(*at))).find(|at| *at < n);
    (0..n).filter_map(walk).map(|place| place as u32).collect()
}

impl Draw {
    fn key(&self) -> [u8; 32] {
        let beacon = self.beacon.as_deref().unwrap_or_default();
        sha(&[b"onsale-draw-1", &self.seed, &self.chain, beacon.as_bytes()])
    }
}

impl Places {
    fn counted(&self, number: u32) -> Option<(u32, u32)> {
        Some((self.of(number)? + 1, self.of.len() as u32))
    }

    fn of(&self, number: u32) -> Option<u32> {
        self.of.get(number.checked_sub(self.first)? as usize).copied()
    }
}

fn failed(text: String) -> Result<(), Failure> {
    Err(Failure { check: Check::Draw, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(seq: u64) -> Entry {
        Entry { seq, now: Time(seq), ..Entry::default() }
    }

    /// An opening at entry 4 to which so many have come.
    fn opened(order: Option<Order>, tickets: u32, tier: impl Fn(u32) -> Option<u8>) -> Draws {
        let mut draws = Draws::default();
        draws.raised(level::TIERS, entry(1));
        order.into_iter().for_each(|order| draws.order(order, entry(2)));
        draws.moves(Phase::Prequeue, entry(3));
        (0..tickets).for_each(|number| draws.joins(number, tier(number), Time(3)));
        draws.moves(Phase::Open, entry(4));
        draws.joins(tickets, Some(1), Time(4));
        draws
    }

    fn line(draws: &Draws, tickets: u32) -> Vec<u32> {
        let mut line: Vec<u32> = (0..tickets).collect();
        line.sort_by_key(|number| draws.rank(*number));
        line
    }

    const DRAW: Option<Order> = Some(Order::Draw { seed: [7; 32] });

    #[test]
    fn everybody_has_a_place_of_their_own() {
        let draws = opened(DRAW, 300, |_| None);
        let mut ranks: Vec<u32> = (0..300).map(|number| draws.rank(number)).collect();
        assert!(!ranks.is_sorted());
        ranks.sort_unstable();
        assert_eq!(ranks, (0..300).collect::<Vec<_>>());
        assert_eq!((draws.rank(300), draws.given_at(3, 4), draws.given_at(4, 300)), (300, None, None));
    }

    #[test]
    fn tiers_stand_one_behind_the_other_and_whoever_comes_later_behind_all() {
        let tier = |number| [Some(2), None, Some(1)][number as usize % 3];
        let joined = opened(None, 6, tier);
        assert_eq!(line(&joined, 7), [2, 5, 0, 3, 1, 4, 6]);
        assert_eq!((joined.given_at(4, 5), joined.given_at(4, 6)), (Some((2, 6)), None));
        let drawn = opened(DRAW, 300, tier);
        let line = line(&drawn, 301);
        assert!(line[..300].is_sorted_by_key(|number| tier(*number).unwrap_or(10)), "{line:?}");
        assert!(!line[..100].is_sorted() && line[300] == 300, "{line:?}");
    }

    #[test]
    fn nobody_is_put_before_whoever_waits_in_places_of_before() {
        for waits in [None, Some(5)] {
            let mut draws = opened(None, 6, |number| Some(9 - number as u8));
            draws.moves(Phase::Prequeue, Entry { waited: true, issued: 7, waits, ..entry(5) });
            draws.joins(7, None, Time(5));
            draws.joins(8, Some(1), Time(5));
            draws.moves(Phase::Open, entry(6));
            assert_eq!(draws.rank(8) < draws.rank(7), waits.is_none());
        }
    }
}
