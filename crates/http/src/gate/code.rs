//! The code that brings somebody who was let in back to their site: sealed, short, and good once.

use onsale_domain::ids::{QueueId, TicketId, UserId};
use onsale_domain::time::Time;
use onsale_domain::user::SingleUse;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Site;
use crate::token::{Claims, KeyRing, SealedBy, SealedFor};

/// A session's codes of so long are one: an exchange writes, and nobody has more of them written than one in that time.
const WINDOW_S: u64 = 10;
/// How long the codes of a window are good after its end.
const GOOD_FOR_S: u64 = 30;

/// Who comes, where to, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Code {
    site: String,
    queue: u16,
    number: u32,
    user: u64,
    issued_at_s: u64,
    window: u64,
    /// The path on the site.
    to: String,
}

impl Code {
    /// One of this moment, for whoever has this ticket.
    pub(crate) fn new(site: &Site, owner: &Claims, to: &str, now_s: u64) -> Self {
        Self {
            site: site.name.clone(),
            queue: owner.ticket.queue.0,
            number: owner.ticket.number,
            user: owner.user.0,
            issued_at_s: owner.issued_at_s,
            window: now_s / WINDOW_S,
            to: to.to_owned(),
        }
    }

    /// As it stands in an address.
    ///
    /// # Errors
    /// Where the system gives no chance.
    pub(crate) fn seal(&self, keys: &KeyRing) -> Result<String, getrandom::Error> {
        keys.seal(SealedFor::GateCode, &serde_json::to_vec(self).expect("it is made of what JSON has"))
    }

    /// What was sealed for this site, and is still good.
    pub(crate) fn open(text: &str, site: &Site, keys: &KeyRing, now_s: u64) -> Option<Self> {
        let text = keys.open(SealedFor::GateCode, text, SealedBy::Any)?;
        let code: Self = serde_json::from_slice(&text).ok()?;
        (code.site == site.name && now_s < code.until_s()).then_some(code)
    }

    fn until_s(&self) -> u64 {
        (self.window + 1).saturating_mul(WINDOW_S).saturating_add(GOOD_FOR_S)
    }

    /// Where they want to be.
    pub(crate) fn to(&self) -> &str {
        &self.to
    }

    /// What a queue token of theirs would say.
    pub(crate) fn claims(&self) -> Claims {
        let ticket = TicketId { queue: QueueId(self.queue), number: self.number };
        Claims { ticket, user: UserId(self.user), issued_at_s: self.issued_at_s }
    }

    /// What the engine knows it by once it was used. All codes of a session in a window are the same there.
    pub(crate) fn once(&self) -> SingleUse {
        let named = format!(
            "gate code\0{}\0{}-{}\0{}\0{}\0{}",
            self.site, self.queue, self.number, self.user, self.issued_at_s, self.window
        );
        let mut digest = [0; 16];
        digest.copy_from_slice(&Sha256::digest(named)[..16]);
        SingleUse { digest, until: Time(self.until_s().saturating_mul(1_000)), retry: None }
    }
}

#[cfg(test)]
mod tests {
    use super::super::pass::tests::{PASS, ring, site};
    use super::*;

    #[test]
    fn a_code_is_its_site_s_and_short() {
        let (keys, shop) = (ring(7, &['a']), site("shop"));
        let code = Code::new(&shop, &PASS.claims(), "/a?b=c", 1_005);
        let sealed = code.seal(&keys).expect("chance");
        let open = |site: &Site, keys: &KeyRing, now_s| Code::open(&sealed, site, keys, now_s);
        assert_eq!(open(&shop, &keys, 1_039), Some(code));
        assert_eq!(open(&shop, &keys, 1_040), None);
        assert_eq!(open(&site("other"), &keys, 1_005), None);
        assert_eq!(open(&shop, &ring(8, &['a']), 1_005), None, "another store");
        for other in ["", "AAAA", &sealed[1..]] {
            assert_eq!(Code::open(other, &shop, &keys, 1_005), None, "{other}");
        }
    }

    #[test]
    fn a_session_s_codes_of_a_window_are_one_and_another_s_are_not() {
        let shop = site("shop");
        let once = |owner: &Claims, to, now_s| Code::new(&shop, owner, to, now_s).once();
        let first = once(&PASS.claims(), "/", 1_000);
        assert_eq!(once(&PASS.claims(), "/a", 1_009), first);
        assert_ne!(once(&PASS.claims(), "/", 1_010).digest, first.digest);
        let mut other = PASS.claims();
        other.user.0 += 1;
        assert_ne!(once(&other, "/", 1_000).digest, first.digest);
    }
}
