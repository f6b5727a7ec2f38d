//! Where those who join come from: how many by how many networks, for operators to look at, and for nothing else.
//!
//! It is in this node's memory alone, in a table of one size, and gone within the hour: in no journal, no table and no log. Of what
//! browsers call themselves there are hashes with a secret that changes as often and is told to nobody.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use onsale_domain::ids::QueueId;

/// All that is known begins anew so often.
const PERIOD: Duration = Duration::from_secs(3_600);

/// Together 65,536 networks, in 5 MB.
const SETS: usize = 8_192;
const PER_SET: usize = 8;

/// From how many joins on a network is counted among which: the figures that are shown of all of them.
pub(crate) const SIZES: [u32; 5] = [1, 2, 10, 100, 1_000];

/// The networks with the most joins that are shown.
const TOP: usize = 20;

/// Bits that stand for what browsers call themselves: enough to tell three from three hundred.
const AGENT_WORDS: usize = 4;

/// A network: the first 24 bits of an IPv4 address, and the first 48 of one of IPv6, which one customer has at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Network(IpAddr);

impl Network {
    pub(crate) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits() >> 8 << 8).into(),
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 80 << 80).into(),
        })
    }

    /// All of it, one of IPv4 as IPv6 has it.
    pub(crate) fn octets(self) -> [u8; 16] {
        match self.0 {
            IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
            IpAddr::V6(address) => address.octets(),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.0, if self.0.is_ipv4() { 24 } else { 48 })
    }
}

/// What has joined one queue from one network.
#[derive(Clone, Copy, Debug)]
struct Known {
    queue: QueueId,
    network: Network,
    joins: u32,
    agents: [u64; AGENT_WORDS],
}

/// A set of a table, and the time that it is of.
#[derive(Debug, Default)]
struct Set {
    period: u64,
    known: Vec<Known>,
}

/// Which time it is, and its secret.
#[derive(Debug)]
struct Period {
    number: u64,
    secret: RandomState,
}

#[derive(Debug)]
pub(crate) struct Arrivals {
    sets: Box<[Mutex<Set>]>,
    /// So that nobody can choose networks that share a set.
    hasher: RandomState,
    period: ArcSwap<Period>,
    /// Networks that gave way to others for want of room, since the start.
    forgotten: AtomicU64,
}

/// Those who joined one queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// For each of [`SIZES`], the networks with so many joins or more, below the next; and their joins.
    pub(crate) sizes: [(u32, u64); SIZES.len()],
    /// The networks with the most joins, those first.
    pub(crate) top: Vec<Top>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Top {
    pub(crate) network: String,
    pub(crate) joins: u32,
    /// How many different browsers that were, by what they call themselves: nearly right up to some hundreds.
    pub(crate) agents: u32,
}

impl Default for Arrivals {
    fn default() -> Self {
        Self {
            sets: (0..SETS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            period: ArcSwap::from_pointee(Period { number: 0, secret: RandomState::new() }),
            forgotten: AtomicU64::new(0),
        }
    }
}

impl Arrivals {
    /// Counts somebody who has joined the queue, at a time since any fixed moment.
    pub(crate) fn note(&self, queue: QueueId, address: IpAddr, agent: &[u8], now: Duration) {
        let (network, period) = (Network::of(address), self.period(now));
        let bit = period.secret.hash_one(agent) as usize % (64 * AGENT_WORDS);
        let at = self.hasher.hash_one((queue.0, network)) as usize % SETS;
        let mut set = self.sets[at].lock().unwrap_or_else(PoisonError::into_inner);
        set.begin(period.number);
        let known = &mut set.known;
        let own = known.iter().position(|known| (known.queue, known.network) == (queue, network));
        let own = own.unwrap_or_else(|| {
            if known.len() == PER_SET {
                // Of those that gave way some had joined more often than is shown of them then.
                let least = (0..PER_SET).min_by_key(|&which| known[which].joins).unwrap_or_default();
                known.swap_remove(least);
                self.forgotten.fetch_add(1, Relaxed);
            }
            known.push(Known { queue, network, joins: 0, agents: [0; AGENT_WORDS] });
            known.len() - 1
        });
        known[own].joins = known[own].joins.saturating_add(1);
        known[own].agents[bit / 64] |= 1 << (bit % 64);
    }

    /// Forgets what is older than the time that it now is. Called once a second, too, as nobody may come any more.
    pub(crate) fn forget(&self, now: Duration) {
        if number(now) != self.period.load().number {
            let period = self.period(now).number;
            self.sets.iter().for_each(|set| set.lock().unwrap_or_else(PoisonError::into_inner).begin(period));
        }
    }

    /// Those who joined the queue in this hour.
    pub(crate) fn of(&self, queue: QueueId, now: Duration) -> Seen {
        let period = number(now);
        let (mut seen, mut all) = (Seen::default(), Vec::new());
        for set in &self.sets {
            let set = set.lock().unwrap_or_else(PoisonError::into_inner);
            if set.period == period {
                all.extend(set.known.iter().filter(|known| known.queue == queue).copied());
            }
        }
        for known in &all {
            let which = SIZES.iter().rposition(|&size| size <= known.joins).unwrap_or_default();
            seen.sizes[which].0 += 1;
            seen.sizes[which].1 += u64::from(known.joins);
        }
        all.sort_unstable_by_key(|known| (core::cmp::Reverse(known.joins), known.network));
        seen.top = all.iter().take(TOP).map(Known::shown).collect();
        seen
    }

    /// Networks that gave way to others, since the start.
    pub(crate) fn forgotten(&self) -> u64 {
        self.forgotten.load(Relaxed)
    }

    fn period(&self, now: Duration) -> Arc<Period> {
        let (known, number) = (self.period.load_full(), number(now));
        if known.number == number {
            return known;
        }
        // Of several that find it so one is kept: what the others have counted by theirs is one bit each.
        let begun = Arc::new(Period { number, secret: RandomState::new() });
        self.period.store(begun.clone());
        begun
    }
}

fn number(now: Duration) -> u64 {
    now.as_secs() / PERIOD.as_secs()
}

impl Set {
    fn begin(&mut self, period: u64) {
        if self.period != period {
            self.period = period;
            self.known.clear();
        }
    }
}

impl Known {
    fn shown(&self) -> Top {
        // Linear counting: how many bits are unset says how many have set some.
        let bits = (64 * AGENT_WORDS) as f64;
        let unset = f64::from(self.agents.iter().map(|word| word.count_zeros()).sum::<u32>()).max(1.0);
        let agents = (bits * (bits / unset).ln()).round().max(1.0) as u32;
        Top { network: self.network.to_string(), joins: self.joins, agents: agents.min(self.joins) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEUE: QueueId = QueueId(3);
    const NOW: Duration = Duration::from_secs(10);

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_network_is_what_one_customer_has() {
        let of = |text: &str| Network::of(address(text)).to_string();
        assert_eq!(of("198.51.100.77"), "198.51.100.0/24");
        assert_eq!(of("::ffff:198.51.100.77"), "198.51.100.0/24");
        assert_eq!(of("2001:db8:1:2:3::4"), "2001:db8:1::/48");
    }

    #[test]
    fn a_farm_stands_out_and_a_carrier_is_told_from_it() {
        let arrivals = Arrivals::default();
        for person in 0..1_000_u32 {
            let home = IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0001 + (person << 8)));
            arrivals.note(QUEUE, home, b"a browser", NOW);
            arrivals.note(QUEUE, address(&format!("203.0.113.{}", person % 250)), b"curl", NOW);
            arrivals.note(QUEUE, address("192.0.2.1"), format!("phone {}", person % 100).as_bytes(), NOW);
        }
        arrivals.note(QueueId(4), address("203.0.113.1"), b"curl", NOW);
        let Seen { sizes, top } = arrivals.of(QUEUE, NOW);
        assert_eq!(sizes, [(1_000, 1_000), (0, 0), (0, 0), (0, 0), (2, 2_000)]);
        let carrier = Top { network: "192.0.2.0/24".to_owned(), joins: 1_000, agents: top[0].agents };
        let farm = Top { network: "203.0.113.0/24".to_owned(), joins: 1_000, agents: 1 };
        assert_eq!(top[..2], [carrier, farm]);
        assert!((70..130).contains(&top[0].agents), "{} browsers, which are a hundred", top[0].agents);
        assert_eq!(top.len(), TOP);
    }

    #[test]
    fn all_of_it_is_forgotten_with_the_hour() {
        let arrivals = Arrivals::default();
        arrivals.note(QUEUE, address("192.0.2.1"), b"", NOW);
        let next = NOW + PERIOD;
        assert_eq!(arrivals.of(QUEUE, next), Seen::default());
        arrivals.forget(NOW + Duration::from_secs(1));
        let known = |arrivals: &Arrivals| {
            arrivals.sets.iter().map(|set| set.lock().expect("no panic").known.len()).sum::<usize>()
        };
        assert_eq!(known(&arrivals), 1);
        arrivals.forget(next);
        assert_eq!(known(&arrivals), 0, "and not only shown no more");
    }

    #[test]
    fn more_networks_than_there_is_room_for_push_no_farm_out() {
        let arrivals = Arrivals::default();
        let farm = address("203.0.113.1");
        (0..100).for_each(|_| arrivals.note(QUEUE, farm, b"curl", NOW));
        for network in 0..200_000_u32 {
            arrivals.note(QUEUE, IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + (network << 8))), b"", NOW);
        }
        let seen = arrivals.of(QUEUE, NOW);
        assert_eq!((seen.top[0].network.as_str(), seen.top[0].joins), ("203.0.113.0/24", 100));
        assert!(seen.sizes[0].0 as usize <= SETS * PER_SET && arrivals.forgotten() > 100_000);
    }
}
