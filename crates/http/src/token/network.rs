//! Tags of networks: what the journal has of where somebody comes from who joins a queue in which each network has so many places.

use hmac::Mac as _;

use super::KeyRing;

impl KeyRing {
    /// The tag of a network, for this queue and this draw, which is named by its commitment. Without the key nobody
    /// finds the network by trying all that there are, and those of two draws are not known to be the same.
    pub(crate) fn network(&self, queue: &str, commitment: &[u8; 32], network: [u8; 16]) -> u64 {
        let mac = self.keys[0].network_mac.clone().chain_update(queue).chain_update([0]).chain_update(commitment);
        let tag = mac.chain_update(network).finalize().into_bytes();
        u64::from_be_bytes([tag[0], tag[1], tag[2], tag[3], tag[4], tag[5], tag[6], tag[7]])
    }
}
