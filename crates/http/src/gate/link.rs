//! A link that lets some people in past the line: into a queue of their own, each use once.

use onsale_domain::idempotency::Key;
use onsale_domain::ids::UserId;
use onsale_domain::time::Time;
use onsale_domain::user::SingleUse;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Site, Visitor, visitor};
use crate::token::{KeyRing, SealedBy, SealedFor};

/// The most uses of a link: which of them are left is looked up one after another.
pub(crate) const USES_MAX: u32 = 1_000;

const CHECK_BITS: u32 = 16;

/// What an operator has given out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Link {
    site: String,
    /// A number as visitors have, by which it is withdrawn: nobody else's.
    number: u64,
    pub(crate) uses: u32,
    pub(crate) issued_at_s: u64,
    pub(crate) until_s: u64,
}

impl Link {
    /// One of this moment.
    ///
    /// # Errors
    /// Where the system gives no chance.
    pub(crate) fn new(site: &Site, uses: u32, now_s: u64, until_s: u64) -> Result<Self, getrandom::Error> {
        let number = checked(&site.name, Visitor::random(site)?.user().0);
        Ok(Self { site: site.name.clone(), number, uses, issued_at_s: now_s, until_s })
    }

    /// As it stands in an address.
    ///
    /// # Errors
    /// Where the system gives no chance.
    pub(crate) fn seal(&self, keys: &KeyRing) -> Result<String, getrandom::Error> {
        keys.seal(SealedFor::GateLink, &serde_json::to_vec(self).expect("it is made of what JSON has"))
    }

    /// What was sealed for this site, and has not ended.
    pub(crate) fn open(text: &str, site: &Site, keys: &KeyRing, now_s: u64) -> Option<Self> {
        let text = keys.open(SealedFor::GateLink, text, SealedBy::Any)?;
        let link: Self = serde_json::from_slice(&text).ok()?;
        (link.site == site.name && now_s < link.until_s).then_some(link)
    }

    /// Whether it is the number of a link of this site, so far as it says itself: nothing of a link is kept.
    pub(crate) fn is_number(site: &Site, number: u64) -> bool {
        visitor::is_visitors(number) && checked(&site.name, number) == number
    }

    /// How a link's uses look that had a number before numbers said whose they are.
    pub(crate) fn of_number(site: &Site, number: u64) -> Self {
        Self { site: site.name.clone(), number, uses: USES_MAX, issued_at_s: 0, until_s: 0 }
    }

    /// Whose tokens are revoked where it is withdrawn.
    pub(crate) fn user(&self) -> UserId {
        UserId(self.number)
    }

    /// What the engine knows each use by, from the first to the last.
    pub(crate) fn each_use(&self) -> impl Iterator<Item = [u8; 16]> {
        (0..self.uses.min(USES_MAX)).map(|which| self.digest(which))
    }

    /// One of the uses, by this visitor: whenever they try it once more, they have the place that they came to by it.
    pub(crate) fn use_by(&self, which: u32, visitor: UserId) -> SingleUse {
        let until = Time(self.until_s.saturating_mul(1_000));
        let retry = Key { hash: half(&format!("gate link's click\0{}", visitor.0)) };
        SingleUse { digest: self.digest(which), until, retry: Some(retry) }
    }

    /// The use to try first: each visitor another, and the same one on every node.
    pub(crate) fn first_for(&self, visitor: UserId) -> u32 {
        (visitor.0 % u64::from(self.uses.clamp(1, USES_MAX))) as u32
    }

    fn digest(&self, which: u32) -> [u8; 16] {
        half(&format!("gate link\0{}\0{}\0{which}", self.site, self.number))
    }
}

fn half(named: &str) -> [u8; 16] {
    let mut digest = [0; 16];
    digest.copy_from_slice(&Sha256::digest(named)[..16]);
    digest
}

/// The number, with what is typed wrong in it, or is of another site, one time in 65,536 alone not found out: its last bits are made of
/// the others.
fn checked(site: &str, number: u64) -> u64 {
    let kept = number >> CHECK_BITS;
    let digest = Sha256::digest(format!("gate link number\0{site}\0{kept}"));
    (kept << CHECK_BITS) | u64::from(u16::from_be_bytes([digest[0], digest[1]]))
}

#[cfg(test)]
mod tests {
    use super::super::pass::tests::{ring, site};
    use super::*;

    #[test]
    fn a_link_is_its_site_s_until_it_ends_and_each_use_another() {
        let (keys, shop) = (ring(7, &['a']), site("shop"));
        let link = Link::new(&shop, 3, 1_000, 2_000).expect("chance");
        let sealed = link.seal(&keys).expect("chance");
        let open = |site: &Site, keys: &KeyRing, now_s| Link::open(&sealed, site, keys, now_s);
        assert_eq!(open(&shop, &keys, 1_999).as_ref(), Some(&link));
        assert_eq!(open(&shop, &keys, 2_000), None);
        assert_eq!(open(&site("other"), &keys, 1_000), None);
        assert_eq!(open(&shop, &ring(7, &['b']), 1_000), None, "another key");
        let uses: std::collections::BTreeSet<_> = link.each_use().collect();
        assert_eq!(uses.len(), 3);
        let other = Link::new(&shop, 3, 1_000, 2_000).expect("chance");
        assert!(other.each_use().all(|digest| !uses.contains(&digest)));
    }

    #[test]
    fn a_number_that_was_typed_wrong_is_no_link_s() {
        let shop = site("shop");
        let number = Link::new(&shop, 3, 1_000, 2_000).expect("chance").user().0;
        assert!(Link::is_number(&shop, number) && !Link::is_number(&shop, 7));
        // One digit is another, two are swapped, or it is another site's.
        let text = number.to_string();
        let changed = (0..text.len()).map(|at| {
            let digit = (text.as_bytes()[at] - b'0' + 1) % 10;
            format!("{}{digit}{}", &text[..at], &text[at + 1..]).parse::<u64>().expect("a number")
        });
        let found = changed.filter(|&other| Link::is_number(&shop, other)).count();
        assert!(found <= 1, "{found} of the neighbours of {number} pass for links");
    }
}
