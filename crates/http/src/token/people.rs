//! What people who are named by no number are known by in the journal: a pseudonym that a key makes of their name, and that it makes no
//! more once they are erased.
//!
//! The key is a puncturable pseudorandom function (Goldreich, Goldwasser and Micali 1986; punctured as by Boneh and Waters 2013): a tree of
//! 2^64 leaves that follow from its root, step by step. Each name has a leaf, and its pseudonym is made with that. To puncture the tree at a
//! leaf, its root is replaced by the nodes beside the way there: all other leaves follow from those as before, and this one from nothing.
//! So there is a key for each person, and none is stored for anybody who is still known.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

const LEAF_DEPTH: u32 = 64;
/// The last bits of a leaf's number count how often somebody of the name was erased; those before are of the name. That two names of four
/// million have theirs in common is less likely than one in a thousand.
const TIMES_BITS: u32 = 8;
const NODE_BYTES: usize = 16;
const STORED_BYTES: usize = 1 + 8 + NODE_BYTES;
/// Fills one block of SHA-256 together with a node.
const STEP: &[u8; 39] = b"onsale: a step in the key of people,  1";

/// The key.
#[derive(Clone)]
pub struct People {
    /// Which leaf is whose.
    index: [u8; 32],
    /// What is left of the tree, by the first leaf below each node.
    left: BTreeMap<u64, Node>,
    /// How often it was changed.
    pub(crate) version: u64,
}

#[derive(Clone, Copy)]
struct Node {
    depth: u32,
    key: [u8; NODE_BYTES],
}

/// How it is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stored {
    pub(super) version: u64,
    index: String,
    left: String,
}

impl Node {
    /// The two below it.
    fn below(&self) -> [Self; 2] {
        let hash: [u8; 32] = Sha256::new().chain_update(STEP).chain_update(self.key).finalize().into();
        let (mut left, mut right) = ([0; NODE_BYTES], [0; NODE_BYTES]);
        left.copy_from_slice(&hash[..NODE_BYTES]);
        right.copy_from_slice(&hash[NODE_BYTES..]);
        [left, right].map(|key| Self { depth: self.depth + 1, key })
    }

    /// Whether the leaf is below it, where it begins at that one.
    fn covers(&self, first: u64, leaf: u64) -> bool {
        leaf.checked_sub(first).is_some_and(|after| self.depth == 0 || after >> (LEAF_DEPTH - self.depth) == 0)
    }
}

/// Which of the two below a node of this depth is on the way to a leaf.
fn turn(leaf: u64, depth: u32) -> usize {
    usize::from(leaf >> (LEAF_DEPTH - 1 - depth) & 1 == 1)
}

fn mac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

impl People {
    /// A new one, of chance.
    pub(super) fn random() -> Result<Self, getrandom::Error> {
        let (mut index, mut key) = ([0; 32], [0; NODE_BYTES]);
        getrandom::fill(&mut index)?;
        getrandom::fill(&mut key)?;
        Ok(Self { index, left: BTreeMap::from([(0, Node { depth: 0, key })]), version: 1 })
    }

    /// What somebody of this name is known by, which is the SHA-256 of what they are called and by whom. `None` where people of the name
    /// were erased too often.
    pub(crate) fn pseudonym(&self, name: &[u8; 32]) -> Option<[u8; 32]> {
        let key = self.leaves(name).find_map(|leaf| self.leaf_key(leaf))?;
        Some(mac(&key).chain_update(name).finalize().into_bytes().into())
    }

    /// Whether somebody of this name was erased.
    pub(crate) fn was_erased(&self, name: &[u8; 32]) -> bool {
        self.leaves(name).next().is_some_and(|leaf| self.leaf_key(leaf).is_none())
    }

    /// The key that makes everything but the pseudonym, which it makes of this name; `None` where it makes another one of it.
    pub(super) fn punctured(&self, name: &[u8; 32], pseudonym: &[u8; 32]) -> Option<Self> {
        if self.pseudonym(name)? != *pseudonym {
            return None;
        }
        let leaf = self.leaves(name).find(|leaf| self.leaf_key(*leaf).is_some())?;
        let mut punctured = self.clone();
        let (mut first, mut node) = self.above(leaf)?;
        punctured.left.remove(&first);
        while node.depth < LEAF_DEPTH {
            let (turn, below) = (turn(leaf, node.depth), node.below());
            let middle = first + (1 << (LEAF_DEPTH - 1 - node.depth));
            let beside = if turn == 0 { middle } else { first };
            punctured.left.insert(beside, below[1 - turn]);
            first = if turn == 0 { first } else { middle };
            node = below[turn];
        }
        punctured.version += 1;
        Some(punctured)
    }

    /// The leaves of a name, in the order in which they are used.
    fn leaves(&self, name: &[u8; 32]) -> impl Iterator<Item = u64> {
        let hash: [u8; 32] = mac(&self.index).chain_update(name).finalize().into_bytes().into();
        let first = u64::from_be_bytes(*hash.first_chunk().expect("it is longer")) >> TIMES_BITS << TIMES_BITS;
        first..=first | ((1 << TIMES_BITS) - 1)
    }

    /// The node that the leaf is below, with the first of its leaves.
    fn above(&self, leaf: u64) -> Option<(u64, Node)> {
        let (&first, node) = self.left.range(..=leaf).next_back()?;
        node.covers(first, leaf).then_some((first, *node))
    }

    fn leaf_key(&self, leaf: u64) -> Option<[u8; NODE_BYTES]> {
        let (_, mut node) = self.above(leaf)?;
        while node.depth < LEAF_DEPTH {
            node = node.below()[turn(leaf, node.depth)];
        }
        Some(node.key)
    }

    pub(super) fn stored(&self) -> Stored {
        let mut left = Vec::with_capacity(self.left.len() * STORED_BYTES);
        for (first, Node { depth, key }) in &self.left {
            left.push(*depth as u8);
            left.extend_from_slice(&first.to_be_bytes());
            left.extend_from_slice(key);
        }
        let (index, left) = (URL_SAFE_NO_PAD.encode(self.index), URL_SAFE_NO_PAD.encode(left));
        Stored { version: self.version, index, left }
    }
}

impl Stored {
    /// The key; `None` where it is none.
    pub(super) fn read(&self) -> Option<People> {
        let index = URL_SAFE_NO_PAD.decode(&self.index).ok()?.try_into().ok()?;
        let bytes = URL_SAFE_NO_PAD.decode(&self.left).ok()?;
        let (nodes, rest) = bytes.as_chunks::<STORED_BYTES>();
        let mut left = BTreeMap::new();
        let mut free_from = Some(0);
        for node in nodes {
            let (&[depth], node) = node.split_first_chunk::<1>()?;
            let (first, key) = node.split_first_chunk::<8>()?;
            let (depth, first) = (u32::from(depth), u64::from_be_bytes(*first));
            // One beside the other, each beginning where a node of its depth can.
            let leaves = if depth == 0 { u64::MAX } else { (1_u64 << (LEAF_DEPTH.checked_sub(depth)?)) - 1 };
            if first & leaves != 0 || free_from.is_none_or(|free| first < free) {
                return None;
            }
            free_from = (first | leaves).checked_add(1);
            left.insert(first, Node { depth, key: key.try_into().ok()? });
        }
        (rest.is_empty() && !left.is_empty()).then_some(People { index, left, version: self.version })
    }
}

/// Nothing of it is for a log.
impl fmt::Debug for People {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("People")
            .field("nodes", &self.left.len())
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> People {
        let node = Node { depth: 0, key: [7; NODE_BYTES] };
        People { index: [5; 32], left: BTreeMap::from([(0, node)]), version: 1 }
    }

    fn name(number: u8) -> [u8; 32] {
        [number; 32]
    }

    fn pseudonym(people: &People, number: u8) -> [u8; 32] {
        people.pseudonym(&name(number)).expect("a pseudonym")
    }

    fn again(people: &People) -> People {
        let text = toml::to_string(&people.stored()).expect("TOML");
        toml::from_str::<Stored>(&text).expect("TOML").read().expect("a key")
    }

    /// Names are in journals: whoever is known must be for as long as there is a store.
    #[test]
    fn a_name_has_the_same_pseudonym_for_ever() {
        let hex: String = pseudonym(&key(), 1).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "038de000a11d1d2fbce41bd110c6a2979f9ad959df2e2e0591e9bc52ce83ecb7");
    }

    #[test]
    fn the_erased_one_follows_from_nothing_and_all_others_as_before() {
        let people = key();
        let before: Vec<_> = (0..50).map(|number| pseudonym(&people, number)).collect();
        let mut erased = people.clone();
        for number in [3, 40, 7] {
            let was = pseudonym(&erased, number);
            erased = again(&erased.punctured(&name(number), &was).expect("it makes that one"));
            assert!(erased.punctured(&name(number), &was).is_none(), "once is enough");
            assert!(erased.was_erased(&name(number)));
        }
        for (number, before) in (0..50).zip(&before) {
            let is_erased = [3, 40, 7].contains(&number);
            assert_eq!(pseudonym(&erased, number) != *before, is_erased, "{number}");
            assert_eq!(erased.was_erased(&name(number)), is_erased, "{number}");
        }
        // No node that is left is above the leaf: what is stored does not make it in any way.
        for number in [3, 40, 7] {
            let leaf = people.leaves(&name(number)).next().expect("a leaf");
            assert!(erased.left.iter().all(|(&first, node)| !node.covers(first, leaf)), "{number}");
        }
        let covered: u128 = erased.left.values().map(|node| 1_u128 << (LEAF_DEPTH - node.depth)).sum();
        assert_eq!(covered, (1 << 64) - 3, "and all others do");
        assert_eq!(erased.version, 4);
    }

    #[test]
    fn who_comes_again_and_again_is_known_by_another_each_time() {
        let mut people = key();
        let mut seen = Vec::new();
        while let Some(now) = people.pseudonym(&name(9)) {
            assert!(!seen.contains(&now));
            seen.push(now);
            people = people.punctured(&name(9), &now).expect("it makes that one");
        }
        assert_eq!(seen.len(), 1 << TIMES_BITS);
        assert_eq!(pseudonym(&people, 8), pseudonym(&key(), 8), "nobody else is touched");
        assert_eq!(people.left.len() as u32, LEAF_DEPTH - TIMES_BITS, "what was known of them is gone as a whole");
    }

    #[test]
    fn what_is_no_key_is_not_read() {
        let good = key().punctured(&name(1), &pseudonym(&key(), 1)).expect("punctured").stored();
        let read = |left: Vec<u8>| {
            Stored { version: 1, index: good.index.clone(), left: URL_SAFE_NO_PAD.encode(left) }.read().is_some()
        };
        let left = URL_SAFE_NO_PAD.decode(&good.left).expect("base64");
        assert!(read(left.clone()));
        assert!(!read(Vec::new()));
        assert!(!read(left[..left.len() - 1].to_vec()));
        assert!(!read([&left[STORED_BYTES..], &left[..STORED_BYTES]].concat()), "in another order");
        assert!(!read([&left[..STORED_BYTES], &left[..]].concat()), "one twice");
        for (at, byte) in [(0, 65), (0, 0), (8, left[8] ^ 1)] {
            let mut other = left.clone();
            other[at] = byte;
            assert!(!read(other), "{at}");
        }
        assert!(Stored { version: 1, index: "AAAA".to_owned(), left: good.left.clone() }.read().is_none());
    }
}
