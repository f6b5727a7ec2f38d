//! Which place each ticket has: its number, but for those who joined before an opening that has drawn places, or put some before
//! others.

use sha2::{Digest, Sha256};

use super::permutation::Permutation;
use super::tier::Tier;

/// Who has which place. It is worked out when it is asked for: a ticket's own row says nothing of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Places {
    first: u32,
    tickets: u32,
    /// One behind the other: the tiers that somebody has, those who have none, and the surplus of networks.
    parts: Box<[Part]>,
}

/// Those of one tier.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    /// How many stand before all of them.
    before: u32,
    /// Who they are; `None` for all that there are.
    members: Option<Members>,
    /// How they are drawn; `None` where they stand in order of joining.
    permutation: Option<Permutation>,
}

impl Places {
    /// Of so many tickets from `first` on: drawn with the key, or in order of joining where there is none. `tiers` has one for each
    /// of them, or is empty where nobody has any.
    ///
    /// # Panics
    /// Where `tiers` has more or fewer.
    #[must_use]
    pub fn new(first: u32, tickets: u32, key: Option<&[u8; 32]>, tiers: &[Option<Tier>]) -> Self {
        let permutation = |tier, n| key.map(|key| Permutation::new(&key_of(key, tier), n));
        if tiers.iter().all(Option::is_none) {
            let all = Part { before: 0, members: None, permutation: permutation(None, tickets) };
            return Self { first, tickets, parts: Box::new([all]) };
        }
        assert_eq!(tiers.len(), tickets as usize, "a tier or none for each ticket");
        let mut words = [const { Vec::new() }; Tier::RANKS];
        for (nth, tier) in tiers.iter().enumerate() {
            let words = &mut words[Tier::rank(*tier)];
            if words.is_empty() {
                words.resize(tiers.len().div_ceil(64), 0);
            }
            words[nth / 64] |= 1_u64 << (nth % 64);
        }
        let mut before = 0;
        let part = |(rank, words): (usize, Vec<u64>)| {
            let members = Members::new(words);
            let part =
                Part { before, permutation: permutation(Tier::at_rank(rank), members.len), members: Some(members) };
            before += part.members.as_ref().map_or(0, |members| members.len);
            part
        };
        let parts = (0..).zip(words).filter(|(_, words)| !words.is_empty()).map(part).collect();
        Self { first, tickets, parts }
    }

    /// Which numbers take part, as the first and how many.
    #[must_use]
    pub fn range(&self) -> (u32, u32) {
        (self.first, self.tickets)
    }

    /// Whether some stand before others.
    #[must_use]
    pub fn has_tiers(&self) -> bool {
        self.parts.iter().any(|part| part.members.is_some())
    }

    /// Where the ticket stands among all that there ever were: a number among the tickets' numbers.
    #[must_use]
    pub fn place_of(&self, number: u32) -> u32 {
        self.of(number).map_or(number, |place| self.first + place)
    }

    /// Who stands there.
    #[must_use]
    pub fn ticket_at(&self, place: u32) -> u32 {
        let Some(nth) = place.checked_sub(self.first).filter(|&nth| nth < self.tickets) else { return place };
        let part = self.parts.partition_point(|part| part.before <= nth) - 1;
        self.first + self.parts[part].member_at(nth)
    }

    /// The place of a ticket that takes part, from 1; `None` for all others.
    #[must_use]
    pub fn drawn(&self, number: u32) -> Option<u32> {
        self.of(number).map(|place| place + 1)
    }

    fn of(&self, number: u32) -> Option<u32> {
        let nth = number.checked_sub(self.first).filter(|&nth| nth < self.tickets)?;
        self.parts.iter().find_map(|part| part.place_of(nth))
    }
}

/// Each tier is drawn for itself, and with a key of its own: two of as many people would be drawn alike.
fn key_of(key: &[u8; 32], tier: Option<Tier>) -> [u8; 32] {
    tier.map_or(*key, |tier| Sha256::new().chain_update(key).chain_update([tier.number()]).finalize().into())
}

impl Part {
    /// `None` for one of another part.
    fn place_of(&self, nth: u32) -> Option<u32> {
        let rank = match &self.members {
            None => nth,
            Some(members) => members.rank(nth)?,
        };
        Some(self.before + self.permutation.as_ref().map_or(rank, |permutation| permutation.forward(rank)))
    }

    fn member_at(&self, place: u32) -> u32 {
        let place = place - self.before;
        let rank = self.permutation.as_ref().map_or(place, |permutation| permutation.backward(place));
        self.members.as_ref().map_or(rank, |members| members.select(rank))
    }
}

/// Words between two counts.
const BLOCK: usize = 8;

/// Some of those who joined, in order: a bit for each who did, counted in blocks of 512.
#[derive(Debug, PartialEq, Eq)]
struct Members {
    words: Box<[u64]>,
    /// How many are in the blocks before each.
    before: Box<[u32]>,
    len: u32,
}

impl Members {
    fn new(words: Vec<u64>) -> Self {
        let mut len = 0;
        let count = |block: &[u64]| {
            let before = len;
            len += block.iter().map(|word| word.count_ones()).sum::<u32>();
            before
        };
        let before = words.chunks(BLOCK).map(count).collect();
        Self { words: words.into(), before, len }
    }

    /// How many of them joined before this one; `None` where it is none of them.
    fn rank(&self, nth: u32) -> Option<u32> {
        let (word, bit) = (nth as usize / 64, 1_u64 << (nth % 64));
        if self.words[word] & bit == 0 {
            return None;
        }
        let block = word / BLOCK;
        let between: u32 = self.words[block * BLOCK..word].iter().map(|word| word.count_ones()).sum();
        Some(self.before[block] + between + (self.words[word] & (bit - 1)).count_ones())
    }

    /// Of whom so many joined before.
    fn select(&self, rank: u32) -> u32 {
        let block = self.before.partition_point(|&before| before <= rank) - 1;
        let (mut word, mut left) = (block * BLOCK, rank - self.before[block]);
        while self.words[word].count_ones() <= left {
            left -= self.words[word].count_ones();
            word += 1;
        }
        let bits = (0..left).fold(self.words[word], |bits, _| bits & (bits - 1));
        word as u32 * 64 + bits.trailing_zeros()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tiers as a list would have them: sorted by tier, and within it as joined or as drawn.
    fn listed(first: u32, tiers: &[Option<Tier>], key: Option<&[u8; 32]>) -> Vec<u32> {
        let mut all = Vec::new();
        for tier in (0..Tier::RANKS).map(Tier::at_rank) {
            let members: Vec<u32> =
                (first..).zip(tiers).filter(|(_, of)| **of == tier).map(|(number, _)| number).collect();
            let permutation = key.map(|key| Permutation::new(&key_of(key, tier), members.len() as u32));
            let mut placed: Vec<_> = members
                .iter()
                .enumerate()
                .map(|(rank, &number)| {
                    (permutation.as_ref().map_or(rank as u32, |permutation| permutation.forward(rank as u32)), number)
                })
                .collect();
            placed.sort_unstable();
            all.extend(placed.into_iter().map(|(_, number)| number));
        }
        all
    }

    #[test]
    fn everybody_stands_in_their_tier_and_is_found_there() {
        for (n, key) in
            [(0, None), (1, Some([3; 32])), (63, None), (64, Some([4; 32])), (513, None), (5_000, Some([5; 32]))]
        {
            for most in [1, 2, 3, 10, 11] {
                // Uneven, with long stretches of one and ends of words among them.
                let tier = |i: u32| Tier::kept(((i / 7 + i * i / 900 + i % 3) % most) as u8);
                let tiers: Vec<_> = (0..n).map(tier).collect();
                let places = Places::new(100, n, key.as_ref(), &tiers);
                let order = listed(100, &tiers, key.as_ref());
                for (place, &number) in (100..).zip(&order) {
                    assert_eq!(places.ticket_at(place), number, "{n} {most}");
                    assert_eq!((places.place_of(number), places.drawn(number)), (place, Some(place - 99)));
                }
                for other in [0, 99, 100 + n, u32::MAX] {
                    assert_eq!(
                        (places.place_of(other), places.ticket_at(other), places.drawn(other)),
                        (other, other, None)
                    );
                }
                assert_eq!((places.range(), places.has_tiers()), ((100, n), tiers.iter().any(Option::is_some)));
            }
        }
    }

    #[test]
    fn where_nobody_has_a_tier_places_are_what_they_were() {
        let key = [7; 32];
        let permutation = Permutation::new(&key, 1_000);
        for tiers in [Vec::new(), vec![None; 1_000]] {
            let places = Places::new(5, 1_000, Some(&key), &tiers);
            assert!((0..1_000).all(|nth| places.place_of(5 + nth) == 5 + permutation.forward(nth)));
        }
    }

    #[test]
    fn two_tiers_of_as_many_are_not_drawn_alike() {
        let tiers: Vec<_> = (0..600_u16).map(|i| Tier::new((i % 3) as u8)).collect();
        let places = Places::new(0, 600, Some(&[9; 32]), &tiers);
        let order = |of: u32| -> Vec<u32> { (0..200).map(|nth| places.place_of(nth * 3 + of) % 200).collect() };
        assert_ne!(order(1), order(2));
        assert_ne!(order(0), order(1));
    }
}
