//! Who waits: a number of chance, which the browser keeps sealed, and their ticket.

use std::time::Duration;

use http::HeaderMap;
use onsale_domain::ids::{QueueId, TicketId, UserId};
use serde::{Deserialize, Serialize};

use super::Site;
use crate::cookie::{self, SameSite};
use crate::token::{self, KeyRing, SealedBy, SealedFor};

/// How long a browser keeps it: a night's queue, and some.
const KEPT: Duration = Duration::from_secs(24 * 3_600);

/// Visitors have numbers from here to twice that: above those of shops, below those that are given to names. Of ten million who wait at a
/// time two have the same with a chance of one in forty, and are then one visitor.
const NUMBERS_FIRST: u64 = 1 << 51;

/// A browser that waits before a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Visitor {
    site: String,
    user: u64,
    /// The ticket's queue, number, and time of issue in seconds since 1970.
    ticket: Option<(u16, u32, u64)>,
}

impl Visitor {
    /// One who comes for the first time.
    ///
    /// # Errors
    /// Where the system gives no chance.
    pub(crate) fn random(site: &Site) -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes)?;
        let user = NUMBERS_FIRST | (u64::from_be_bytes(bytes) % NUMBERS_FIRST);
        Ok(Self { site: site.name.clone(), user, ticket: None })
    }

    /// The one whom the browser's cookie names.
    pub(crate) fn of(headers: &HeaderMap, site: &Site, keys: &KeyRing, is_https: bool) -> Option<Self> {
        let sealed = cookie::get(headers, &named(site), is_https)?;
        let text = keys.open(SealedFor::GateVisitor, sealed, SealedBy::Any)?;
        serde_json::from_slice(&text).ok().filter(|visitor: &Self| visitor.site == site.name)
    }

    /// What the browser is to keep.
    ///
    /// # Errors
    /// Where the system gives no chance.
    pub(crate) fn cookie(&self, site: &Site, keys: &KeyRing, is_https: bool) -> Result<String, getrandom::Error> {
        let text = serde_json::to_vec(self).expect("it is made of what JSON has");
        let sealed = keys.seal(SealedFor::GateVisitor, &text)?;
        Ok(cookie::set(&named(site), &sealed, is_https, SameSite::Lax, KEPT))
    }

    pub(crate) fn user(&self) -> UserId {
        UserId(self.user)
    }

    /// What they are called where they do work for a place, and at a desk.
    pub(crate) fn person(&self) -> String {
        self.user.to_string()
    }

    /// The same visitor with another ticket, or none.
    pub(crate) fn with_ticket(self, ticket: Option<(TicketId, u64)>) -> Self {
        Self { ticket: ticket.map(|(ticket, issued_at_s)| (ticket.queue.0, ticket.number, issued_at_s)), ..self }
    }

    /// What a queue token of theirs would say, where they have a ticket.
    pub(crate) fn claims(&self) -> Option<token::Claims> {
        let (queue, number, issued_at_s) = self.ticket?;
        Some(token::Claims { ticket: TicketId { queue: QueueId(queue), number }, user: self.user(), issued_at_s })
    }
}

/// Whether a visitor may have this number.
pub(super) fn is_visitors(number: u64) -> bool {
    (NUMBERS_FIRST..2 * NUMBERS_FIRST).contains(&number)
}

fn named(site: &Site) -> String {
    format!("onsale-gate-{}", site.name)
}
