//! How many connections each address has.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Options;
use crate::rate::network;

/// The connections of all threads by where they come from. Counted only where there is a limit.
pub(super) struct Addresses {
    limit: usize,
    trusted: Vec<IpAddr>,
    counts: Mutex<HashMap<IpAddr, usize>>,
}

/// A connection that counts for its address until this is dropped.
#[derive(Default)]
pub(super) struct Held(Option<(Arc<Addresses>, IpAddr)>);

impl Addresses {
    pub(super) fn new(options: &Options) -> Self {
        let trusted = options.trusted.iter().map(IpAddr::to_canonical).collect();
        Self { limit: options.connections_per_address_max, trusted, counts: Mutex::default() }
    }

    /// `None` where the address has its share already.
    pub(super) fn hold(self: &Arc<Self>, peer: IpAddr) -> Option<Held> {
        let peer = peer.to_canonical();
        if self.limit == 0 || peer.is_loopback() || self.trusted.contains(&peer) {
            return Some(Held::default());
        }
        let network = network(peer);
        let mut counts = self.lock();
        let count = counts.entry(network).or_default();
        if *count >= self.limit {
            return None;
        }
        *count += 1;
        Some(Held(Some((self.clone(), network))))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some((addresses, network)) = self.0.take() else { return };
        let mut counts = addresses.lock();
        if let Some(count) = counts.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(limit: usize) -> Arc<Addresses> {
        let trusted = vec!["192.0.2.9".parse().expect("an address")];
        let options = Options { connections_per_address_max: limit, trusted, ..Options::default() };
        Arc::new(Addresses::new(&options))
    }

    #[test]
    fn an_address_has_its_share_and_no_more() {
        let addresses = addresses(2);
        let hold = |address: &str| addresses.hold(address.parse().expect("an address"));
        let (first, _second) = (hold("192.0.2.1"), hold("::ffff:192.0.2.1"));
        assert!(first.is_some() && hold("192.0.2.1").is_none());
        assert!(hold("192.0.2.2").is_some());
        drop(first);
        assert!(hold("192.0.2.1").is_some());
        // One network of IPv6 is one client.
        let _held = [hold("2001:db8::1"), hold("2001:db8::2")];
        assert!(hold("2001:db8::3").is_none() && hold("2001:db8:0:1::1").is_some());
    }

    #[test]
    fn proxies_and_this_machine_have_no_share() {
        let addresses = addresses(1);
        for address in ["192.0.2.9", "127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            let held: Vec<_> = (0..3).map(|_| addresses.hold(address.parse().expect("an address"))).collect();
            assert!(held.iter().all(Option::is_some), "{address}");
        }
    }
}
