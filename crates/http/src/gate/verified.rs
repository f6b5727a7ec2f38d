//! Passes whose signature was verified: once for each, as that costs more than all else of a check.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::Site;
use super::pass::{Authentic, Pass, authentic};
use crate::token::KeyRing;

/// The most passes of a generation. There are two, of some 600 bytes for each pass: 20 MB for each serving thread.
const GENERATION_MAX: usize = 1 << 14;

/// Those that a thread has verified. What was not shown for two generations gives way, and is verified again. A pass that is none takes
/// no room.
#[derive(Default)]
pub(crate) struct Verified(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: HashMap<Box<str>, Authentic>,
    old: HashMap<Box<str>, Authentic>,
}

impl Verified {
    /// What a text says that is a pass to this site at this moment.
    pub(crate) fn read(&self, text: &str, keys: &KeyRing, store: u64, site: &Site, now_s: u64) -> Option<Pass> {
        let is_good = |authentic: &Authentic| {
            let is_known = || keys.gate_signers().any(|key| *key.id == *authentic.key);
            (*authentic.audience == *site.origin && now_s < authentic.pass.expires_s && is_known())
                .then_some(authentic.pass)
        };
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = generations.young.get(text) {
            return is_good(known);
        }
        let (text, authentic) = match generations.old.remove_entry(text) {
            Some(known) => known,
            None => (text.into(), authentic(text, keys, store)?),
        };
        let pass = is_good(&authentic);
        if now_s < authentic.pass.expires_s {
            generations.keep(text, authentic);
        }
        pass
    }
}

impl Generations {
    fn keep(&mut self, text: Box<str>, authentic: Authentic) {
        if self.young.len() >= GENERATION_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(text, authentic);
    }
}

#[cfg(test)]
mod tests {
    use super::super::pass::tests::{PASS, ring, site};
    use super::*;

    #[test]
    fn a_pass_is_good_for_its_site_until_it_expires_and_while_its_key_is_there() {
        let (keys, shop, verified) = (ring(7, &['a']), site("shop"), Verified::default());
        let text = PASS.sign(&shop, &keys, 7, 1_500);
        // The first look verifies, the second remembers: both say the same.
        for _ in 0..2 {
            assert_eq!(verified.read(&text, &keys, 7, &shop, 1_999), Some(PASS));
            assert_eq!(verified.read(&text, &keys, 7, &site("other"), 1_999), None);
            assert_eq!(verified.read(&text, &keys, 7, &shop, 2_000), None);
            assert_eq!(verified.read(&text, &ring(7, &['b']), 7, &shop, 1_999), None, "its key is gone");
        }
        assert_eq!(verified.0.lock().expect("the lock").young.len(), 1);
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for_and_nothing_that_is_forged() {
        let (keys, shop, verified) = (ring(7, &['a']), site("shop"), Verified::default());
        for forged in 0..100 {
            assert_eq!(verified.read(&format!("e30.e30.{forged}"), &keys, 7, &shop, 0), None);
        }
        assert!(verified.0.lock().expect("the lock").young.is_empty());
        let kept = |number: usize| {
            let authentic = Authentic { pass: PASS, audience: (*shop.origin).into(), key: "x".into() };
            (format!("{number}").into_boxed_str(), authentic)
        };
        let mut generations = Generations::default();
        for number in 0..GENERATION_MAX * 3 {
            let (text, authentic) = kept(number);
            generations.keep(text, authentic);
        }
        assert_eq!((generations.young.len(), generations.old.len()), (GENERATION_MAX, GENERATION_MAX));
    }
}
