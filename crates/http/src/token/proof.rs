//! Work that whoever joins a queue shows: a number, found by trying, with which a hash begins with so many zero bits.
//!
//! Nothing is kept for it. What is to be solved is a MAC of the queue and of the time, the same for everybody and on every node; what is
//! hashed names the person too, who has one place however often they ask. So a proof shown twice finds the place that the first one
//! made, and one that is another's, another queue's or of an hour ago is none.

use std::ops::RangeInclusive;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac as _;
use onsale_domain::ids::INTEGER_MAX;
use sha2::{Digest as _, Sha256};

use super::key::Key;
use super::ring::KeyRing;

/// For so many seconds there is one challenge. It is good in the next such time as well: a proof that was found at the end of one is
/// not lost on its way.
const WINDOW_S: u64 = 300;

/// What a challenge is begun with, so that no other hash of ours passes for it.
const PURPOSE: &[u8] = b"onsale-proof-1\n";

/// Of a MAC so much is shown.
const MAC_BYTES: usize = 16;

/// A proof is never longer: two numbers and a MAC.
const PROOF_BYTES_MAX: usize = 128;

/// Why a proof is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unproven {
    /// It is no proof of any time.
    Malformed,
    /// Its challenge is of another time.
    Expired,
    /// Its challenge is another queue's or another store's.
    Foreign,
    /// It was not solved for this person, or for less work.
    Unsolved,
}

impl KeyRing {
    /// What is to be solved now for a place in this queue, and until when it is good, in seconds since 1970.
    pub(crate) fn challenge(&self, queue: &str, now_s: f64) -> (String, u64) {
        let window = window(now_s);
        (challenge(&self.keys[0], queue, window), (window + 2) * WINDOW_S)
    }

    /// Whether this is so much work for this place of this person. It costs five blocks of SHA-256.
    ///
    /// # Errors
    /// Where it is not.
    pub(crate) fn check_proof(
        &self,
        proof: &str,
        (queue, person, bits): (&str, &str, u32),
        now_s: f64,
    ) -> Result<(), Unproven> {
        if proof.len() > PROOF_BYTES_MAX {
            return Err(Unproven::Malformed);
        }
        let (shown, nonce) = proof.rsplit_once('.').ok_or(Unproven::Malformed)?;
        let nonce = number(nonce).ok_or(Unproven::Malformed)?;
        let of = shown.split_once('.').and_then(|(window, _)| number(window)).ok_or(Unproven::Malformed)?;
        if !good(now_s).contains(&of) {
            return Err(Unproven::Expired);
        }
        if leading_zeros(shown, person, nonce) < bits {
            return Err(Unproven::Unsolved);
        }
        // What is compared is known to everybody: a difference in time tells nothing.
        let is_ours = self.keys.iter().any(|key| challenge(key, queue, of) == shown);
        if is_ours { Ok(()) } else { Err(Unproven::Foreign) }
    }
}

fn window(now_s: f64) -> u64 {
    now_s as u64 / WINDOW_S
}

/// The times whose challenges are good now: of the one to come, too, as clocks of nodes may be apart.
fn good(now_s: f64) -> RangeInclusive<u64> {
    let now = window(now_s);
    now.saturating_sub(1)..=now + 1
}

fn challenge(key: &Key, queue: &str, window: u64) -> String {
    let mac = key.proof_mac.clone().chain_update(queue).chain_update([0]).chain_update(window.to_be_bytes());
    let mac = mac.finalize().into_bytes();
    let mut text = window.to_string();
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(&mac[..MAC_BYTES], &mut text);
    text
}

/// With how many zero bits the hash of an attempt begins.
fn leading_zeros(challenge: &str, person: &str, nonce: u64) -> u32 {
    let seed = Sha256::new().chain_update(PURPOSE).chain_update(challenge).chain_update("\n").chain_update(person);
    let hash: [u8; 32] =
        Sha256::new().chain_update(seed.finalize()).chain_update(nonce.to_be_bytes()).finalize().into();
    // No more than 24 are ever asked for.
    u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]).leading_zeros()
}

/// Digits alone, without a zero before others, of what every client can count to.
fn number(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    let number = if is_plain { text.parse().ok() } else { None };
    number.filter(|&number| number <= INTEGER_MAX)
}

#[cfg(test)]
mod tests {
    use super::super::key::Secret;
    use super::*;

    const NOW_S: f64 = 1_796_000_123.4;

    fn ring(store_id: u64, keys: &[&str]) -> KeyRing {
        let keys: Vec<_> = keys.iter().map(|key| Secret::new(key.repeat(32)).expect("long enough")).collect();
        KeyRing::new(store_id, &keys[0], &keys[1..])
    }

    fn solved(challenge: &str, person: &str, bits: u32) -> String {
        let nonce = (0..).find(|&nonce| leading_zeros(challenge, person, nonce) >= bits).expect("there is one");
        format!("{challenge}.{nonce}")
    }

    #[test]
    fn a_proof_is_of_one_person_one_queue_and_one_time() {
        let ring = ring(7, &["a"]);
        let (challenge, until_s) = ring.challenge("default", NOW_S);
        let proof = solved(&challenge, "41", 12);
        let check = |proof: &str, queue, person, bits, now_s| ring.check_proof(proof, (queue, person, bits), now_s);
        assert_eq!(check(&proof, "default", "41", 12, NOW_S), Ok(()));
        assert_eq!(check(&proof, "default", "41", 1, NOW_S), Ok(()), "less is asked for by now");
        let last_s = until_s as f64 - 0.1;
        assert_eq!(check(&proof, "default", "41", 12, last_s), Ok(()));
        assert_eq!(check(&proof, "default", "41", 12, until_s as f64), Err(Unproven::Expired));
        assert_eq!(check(&proof, "default", "41", 12, NOW_S - 601.0), Err(Unproven::Expired), "of a time to come");
        assert_eq!(check(&proof, "vip", "41", 12, NOW_S), Err(Unproven::Foreign));
        assert_eq!(check(&proof, "default", "42", 12, NOW_S), Err(Unproven::Unsolved));
        assert_eq!(check(&proof, "default", "41", 32, NOW_S), Err(Unproven::Unsolved));
        // Whoever makes up a challenge has solved it for nothing.
        let (window, _) = challenge.split_once('.').expect("two parts");
        let invented = solved(&format!("{window}.AAAAAAAAAAAAAAAAAAAAAA"), "41", 12);
        assert_eq!(check(&invented, "default", "41", 12, NOW_S), Err(Unproven::Foreign));
        for none in [
            "",
            "1",
            "1.2",
            "x.y.3",
            "1..",
            "01.a.1",
            &format!("{challenge}.+1"),
            &format!("{challenge}.01"),
            &"1".repeat(200),
        ] {
            let refused = check(none, "default", "41", 12, NOW_S);
            assert!(matches!(refused, Err(Unproven::Malformed | Unproven::Expired)), "{none}: {refused:?}");
        }
    }

    #[test]
    fn nodes_agree_and_a_rotation_costs_nobody_their_work() {
        let (ours, rotated) = (ring(7, &["a"]), ring(7, &["b", "a"]));
        let (challenge, _) = ours.challenge("default", NOW_S);
        assert_eq!(ring(7, &["a"]).challenge("default", NOW_S).0, challenge);
        let proof = solved(&challenge, "41", 8);
        assert_eq!(rotated.check_proof(&proof, ("default", "41", 8), NOW_S), Ok(()));
        assert_eq!(ring(8, &["a"]).check_proof(&proof, ("default", "41", 8), NOW_S), Err(Unproven::Foreign));
    }

    /// What every client has to come to: the SDKs and the page are held against the same.
    #[test]
    fn what_is_hashed_is_written_down() {
        let nonce = (0..).find(|&nonce| leading_zeros("5986667.abc", "41", nonce) >= 12);
        assert_eq!(nonce, Some(4003));
    }
}
