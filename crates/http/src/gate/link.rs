//! A link that lets some people in past the line: into a queue of their own, each use once.

use onsale_domain::ids::UserId;
use onsale_domain::time::Time;
use onsale_domain::user::SingleUse;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Site, Visitor, visitor};
use crate::token::{KeyRing, SealedBy, SealedFor};

/// The most uses of a link: which of them are left is looked up one after another.
pub(crate) const USES_MAX: u32 = 1_000;

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
        let number = Visitor::random(site)?.user().0;
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

    /// Whether it may be a link's: none that a shop's user has, or a name.
    pub(crate) fn is_number(number: u64) -> bool {
        visitor::is_visitors(number)
    }

    /// Whose tokens are revoked where it is withdrawn.
    pub(crate) fn user(&self) -> UserId {
        UserId(self.number)
    }

    /// What the engine knows each use by, from the first to the last.
    pub(crate) fn each_use(&self) -> impl Iterator<Item = SingleUse> {
        let until = Time(self.until_s.saturating_mul(1_000));
        (0..self.uses.min(USES_MAX)).map(move |which| {
            let named = format!("gate link\0{}\0{}\0{which}", self.site, self.number);
            let mut digest = [0; 16];
            digest.copy_from_slice(&Sha256::digest(named)[..16]);
            SingleUse { digest, until, retry: None }
        })
    }
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
        let uses: std::collections::BTreeSet<_> = link.each_use().map(|once| once.digest).collect();
        assert_eq!(uses.len(), 3);
        let other = Link::new(&shop, 3, 1_000, 2_000).expect("chance");
        assert!(other.each_use().all(|once| !uses.contains(&once.digest)));
    }
}
