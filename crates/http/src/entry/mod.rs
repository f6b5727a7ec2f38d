//! Who a buyer is, where the organiser wants to know: an entry token, a JWS (RFC 7515) that the organiser's shop or identity
//! provider has signed, and that is shown once, for a queue token.
//!
//! Nothing that a token says of itself decides how it is looked at (RFC 8725): its key is pinned to one algorithm.

mod claims;
mod head;
mod held;
mod keys;
mod own;
mod source;

use std::sync::Arc;

use arc_swap::ArcSwap;
use onsale_domain::command::Entrant;
use onsale_domain::queue::Tier;
use onsale_domain::time::Time;

use crate::problem::{Code, Problem};
use crate::token::{KeyRing, Secret};

pub use claims::{Digits, Rules};
pub(crate) use claims::{known_by, subject_of};
pub(crate) use head::Head;
pub use held::Keys;
pub use keys::{KeySet, KeySetError};
pub use own::Own;

/// What of the service is open to everybody. Each node's own, as its configuration has it.
#[derive(Debug)]
pub struct Doors {
    pub users: Users,
    pub charge: Charge,
}

impl Doors {
    /// For a service of which nothing is real, or that others stand before.
    pub const OPEN: Self = Self { users: Users::Open, charge: Charge::Open };

    /// The keys of those that are open.
    #[must_use]
    pub fn open(&self) -> Vec<&'static str> {
        let users = matches!(self.users, Users::Open).then_some("access.users");
        users.into_iter().chain((self.charge == Charge::Open).then_some("access.charge")).collect()
    }

    /// Whether there are keys to know a shop's entry tokens by, or none are needed.
    pub(crate) fn can_tell(&self) -> bool {
        match &self.users {
            Users::Open => true,
            Users::Signed(signers) => signers.shop.as_ref().is_none_or(|shop| shop.keys.has_any()),
        }
    }
}

/// Who may say who they are.
#[derive(Debug)]
pub enum Users {
    /// Anybody is any user.
    Open,
    /// Whoever an entry token names.
    Signed(Signers),
}

/// Who may add to a wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charge {
    /// Everybody to their own.
    Open,
    /// Operators and shops, for others.
    Operator,
    /// Nobody.
    Off,
}

/// Whom an entry token names, and what it says of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) entrant: Entrant,
    /// The only queue that the token opens; all of them where it names none.
    pub(crate) queue: Option<String>,
    /// Where the token is good once: what it is known by, and until when it has to be.
    pub(crate) once: Option<([u8; 16], Time)>,
    /// The most seats of one date that they may have.
    pub(crate) limit: Option<u32>,
    /// Before whom they stand at the opening.
    pub(crate) tier: Option<Tier>,
}

/// The keys of those who sign entry tokens, and what their tokens must say.
pub struct Entry {
    rules: Rules,
    keys: Arc<Keys>,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("rules", &self.rules).finish_non_exhaustive()
    }
}

impl Entry {
    /// Of tokens that are signed with HS256 and this secret.
    #[must_use]
    pub fn of_secret(rules: Rules, secret: &Secret) -> Self {
        Self { rules, keys: Arc::new(Keys::fixed(KeySet::of_secret(secret))) }
    }

    /// Of tokens of these keys.
    #[must_use]
    pub fn of_keys(rules: Rules, keys: Arc<Keys>) -> Self {
        Self { rules, keys }
    }

    async fn person(&self, token: &str, head: &Head<'_>, now_s: f64) -> Result<Person, Problem> {
        let keys = self.keys.with(head).await?;
        self.rules.person(&keys.verify(token, head, self.rules.kind.as_deref())?, now_s)
    }
}

/// Whose entry tokens are taken.
#[derive(Debug)]
pub struct Signers {
    /// The shop's, or those of whoever else signs them.
    pub shop: Option<Entry>,
    /// This service's own, which it gives to those who have signed in.
    pub own: Option<Own>,
}

impl Signers {
    /// Whom the token names, at this moment in seconds since 1970.
    ///
    /// # Errors
    /// Where it is not good for a place here, and where there are no keys to tell by.
    pub(crate) async fn person(&self, token: &str, tokens: &ArcSwap<KeyRing>, now_s: f64) -> Result<Person, Problem> {
        let mut bytes = Vec::new();
        let head = Head::of(token, &mut bytes)?;
        match (&self.shop, &self.own) {
            (_, Some(own)) if Own::has_signed(&head) => own.person(token, &head, &tokens.load(), now_s),
            (Some(shop), _) => shop.person(token, &head, now_s).await,
            (None, _) => Err(Problem::new(Code::EntryTokenKeyUnknown)),
        }
    }

    /// Who is called so by this issuer; by whoever signs first of all, where none is named.
    ///
    /// # Errors
    /// Where nobody can be called so.
    pub(crate) fn named(&self, subject: &str, issuer: Option<&str>) -> Result<Entrant, Problem> {
        let known = [self.shop.as_ref().map(|shop| &shop.rules), self.own.as_ref().map(Own::rules)];
        let signers = || known.into_iter().flatten();
        let named = signers().find(|rules| issuer.is_none_or(|issuer| rules.issuer == issuer));
        let rules = named.or_else(|| signers().next()).ok_or(Problem::new(Code::UserNotFound))?;
        rules.entrant(issuer.unwrap_or(&rules.issuer), subject)
    }
}
