//! Places by a draw, from `docs/draw.md` and what the journal says alone: beside the engine's own, and with none of its code.

use std::sync::Arc;

use onsale_domain::queue::{Order, Phase, Queue, State};
use onsale_domain::time::Time;
use sha2::{Digest as _, Sha256};

use crate::check::{Check, Failure};

const ROUNDS: u32 = 10;

/// The draws of the one queue.
#[derive(Clone, Default)]
pub(crate) struct Draws {
    /// The number that the next ticket gets.
    next: u32,
    phase: Phase,
    draw: Option<Draw>,
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
    joins: u32,
    places: Option<Arc<Places>>,
}

/// Places that were drawn.
struct Places {
    at: Time,
    first: u32,
    /// Of each who takes part, in order of joining, from 0.
    of: Vec<u32>,
}

fn sha(parts: &[&[u8]]) -> [u8; 32] {
    Sha256::digest(parts.concat()).into()
}

impl Draws {
    /// The moments make another thing of the queue.
    pub(crate) fn moves(&mut self, phase: Phase, now: Time, seq: u64) {
        let before = std::mem::replace(&mut self.phase, phase);
        if before == phase {
            return;
        }
        self.begin();
        if phase == Phase::Open
            && let Some(draw) = self.draw.as_mut().filter(|draw| draw.places.is_none())
        {
            let first = *draw.first.get_or_insert(self.next);
            let places = Arc::new(Places { at: now, first, of: draw.permute() });
            draw.places = Some(places.clone());
            self.history.push((seq, Some(places)));
        }
    }

    /// From the beginning of a pre-queue on whoever joins takes part.
    fn begin(&mut self) {
        if let Some(draw) = self.draw.as_mut().filter(|draw| draw.places.is_none())
            && self.phase == Phase::Prequeue
        {
            draw.first.get_or_insert(self.next);
        }
    }

    /// An operator has set the order, and was not refused.
    pub(crate) fn order(&mut self, order: Order, seq: u64) {
        match order {
            Order::Fifo => self.draw = None,
            // What was committed to stands until its opening.
            Order::Draw { .. } if self.draw.as_ref().is_some_and(|draw| draw.places.is_none()) => return,
            Order::Draw { seed } => {
                let chain = sha(&[&seed]);
                self.draw = Some(Draw { seed, beacon: None, first: None, chain, joins: 0, places: None });
            }
        }
        self.history.push((seq, None));
        self.begin();
    }

    pub(crate) fn beacon(&mut self, beacon: &str) {
        if let Some(draw) = &mut self.draw {
            draw.beacon.get_or_insert_with(|| beacon.to_owned());
        }
    }

    /// Somebody has this ticket, who may have had it before. Says whether it is new, and stands behind what was drawn.
    pub(crate) fn joins(&mut self, number: u32, now: Time) -> bool {
        if number < self.next {
            return false;
        }
        self.next = number + 1;
        match &mut self.draw {
            Some(draw) if draw.places.is_some() => return true,
            Some(draw) if draw.first.is_some() => {
                draw.chain = sha(&[&draw.chain, &number.to_be_bytes(), &now.0.to_be_bytes()]);
                draw.joins += 1;
            }
            _ => {}
        }
        false
    }

    /// Where the ticket stands among all: by its number, but for those that were drawn.
    pub(crate) fn rank(&self, number: u32) -> u32 {
        let places = self.draw.as_ref().and_then(|draw| draw.places.as_deref());
        places.and_then(|places| Some(places.first + places.of(number)?)).unwrap_or(number)
    }

    /// Since when places count that were drawn, and of how many.
    pub(crate) fn drawn(&self) -> Option<(Time, usize)> {
        let places = self.draw.as_ref()?.places.as_ref()?;
        Some((places.at, places.of.len()))
    }

    /// What a ticket had drawn at an entry, as the place from 1 and of how many.
    pub(crate) fn drawn_at(&self, seq: u64, number: u32) -> Option<(u32, u32)> {
        let then = self.history.partition_point(|(since, _)| *since <= seq).checked_sub(1)?;
        let places = self.history[then].1.as_deref()?;
        Some((places.of(number)? + 1, places.of.len() as u32))
    }

    /// The engine has one draw, this one, and everybody stands where it puts them.
    pub(crate) fn check(&self, queue: &Queue, seq: u64) -> Result<(), Failure> {
        let own = self.draw.as_ref().map(|draw| {
            let drawn = draw.places.as_ref().map(|places| (places.at, places.of.len() as u32));
            (draw.seed, draw.beacon.as_deref(), draw.first, draw.chain, drawn)
        });
        let known = queue.draw().map(|draw| {
            let drawn = draw.drawn.map(|drawn| (drawn.at, drawn.tickets));
            (draw.seed, draw.beacon.as_deref(), draw.first, draw.joins, drawn)
        });
        if own != known {
            return failed(format!("the draw is {known:?}, and by the journal {own:?}"));
        }
        let wrong = |number: &u32| queue.line().drawn(*number) != self.drawn_at(seq, *number);
        if let Some(number) = (0..queue.issued()).find(wrong) {
            let (drawn, own) = (queue.line().drawn(number), self.drawn_at(seq, number));
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

impl Draw {
    /// Everybody's place in order of joining, from 0: a Feistel network over a rectangle, and whoever comes out beyond walks on.
    fn permute(&self) -> Vec<u32> {
        let beacon = self.beacon.as_deref().unwrap_or_default();
        let key = sha(&[b"onsale-draw-1", &self.seed, &self.chain, beacon.as_bytes()]);
        let n = u64::from(self.joins);
        let squares = n.max(256);
        let a = (1..).find(|a| a * a >= squares).unwrap_or(1);
        let b = squares.div_ceil(a);
        let added = |round: u32, at: u64, most: u64| {
            let stream = sha(&[&key, &round.to_be_bytes(), &((at / 8) as u32).to_be_bytes()]);
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
}

impl Places {
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

    #[test]
    fn everybody_has_a_place_of_their_own() {
        let mut draws = Draws::default();
        draws.order(Order::Draw { seed: [7; 32] }, 1);
        draws.moves(Phase::Prequeue, Time(1), 2);
        for number in 0..300 {
            assert!(!draws.joins(number, Time(5)), "who joins before takes part");
        }
        draws.moves(Phase::Open, Time(9), 3);
        assert!(draws.joins(300, Time(9)), "who joins then stands behind");
        let mut ranks: Vec<u32> = (0..300).map(|number| draws.rank(number)).collect();
        assert!(!ranks.is_sorted());
        ranks.sort_unstable();
        assert_eq!(ranks, (0..300).collect::<Vec<_>>());
        assert_eq!((draws.rank(300), draws.drawn_at(2, 4), draws.drawn_at(3, 300)), (300, None, None));
    }
}
