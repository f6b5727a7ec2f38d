//! Gates: who may come in to a site that others serve.
//!
//! Whoever stands before the site (a proxy, a worker at an edge) asks about each request whether its visitor is inside the site's queue. A
//! visitor who is not waits on this service's page. Once they are let in, a code that is good once brings them back, and is exchanged for a
//! pass: a cookie of the site, signed, so that it can be verified without this service too.

mod address;
mod clicks;
mod code;
mod link;
mod pass;
mod rules;
mod standby;
mod verified;
mod visitor;

use std::sync::Arc;
use std::time::Duration;

use crate::cookie::{self, SameSite};
use crate::look::Look;

pub(crate) use address::{in_query, target};
pub(crate) use clicks::Clicks;
pub(crate) use code::Code;
pub(crate) use link::{Link, USES_MAX};
pub(crate) use pass::Pass;
pub(crate) use rules::Asked;
pub use rules::{Rule, Rules};
pub(crate) use standby::Now;
pub use standby::{Band, OfFigure, Standby, Threshold};
pub(crate) use verified::Verified;
pub(crate) use visitor::Visitor;

/// What browsers keep a pass as.
pub(crate) const COOKIE: &str = "onsale-pass";
/// So many of a request are looked at: each may cost the verification of a signature.
const PASSES_MAX: usize = 4;

/// What the configuration says of all gates.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where browsers reach this service: an origin.
    pub origin: String,
    /// How long a pass is good without this service being asked.
    pub pass_ttl: Duration,
    pub sites: Vec<Site>,
}

/// A site before which a gate stands.
#[derive(Clone, Debug)]
pub struct Site {
    /// As it is asked for.
    pub name: String,
    /// Where browsers reach it: an origin, and the audience of its passes.
    pub origin: String,
    /// The queue that its visitors wait in.
    pub queue: String,
    /// The queue of those who come in by a link.
    pub guests: Option<String>,
    /// The path on the site by which codes come back to this service.
    pub enter: String,
    pub on_failure: OnFailure,
    /// Which of its requests the gate is for.
    pub rules: Rules,
    /// What its visitors see where they wait.
    pub look: Look,
    /// Where it stands open until much comes. It is this node's own.
    pub standby: Option<Arc<Standby>>,
}

/// What a gate does while it cannot know who is inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// Everybody comes in.
    Open,
    /// Nobody does.
    Closed,
}

/// The gates of a service.
#[derive(Debug, Default)]
pub(crate) struct Gates {
    origin: String,
    pub(crate) pass_ttl_s: u64,
    sites: Vec<Arc<Site>>,
    /// On the buttons of links.
    pub(crate) clicks: Clicks,
}

impl Gates {
    pub(crate) fn new(settings: Settings) -> Self {
        let Settings { origin, pass_ttl, sites } = settings;
        Self {
            origin,
            pass_ttl_s: pass_ttl.as_secs(),
            sites: sites.into_iter().map(Arc::new).collect(),
            clicks: Clicks::default(),
        }
    }

    /// The site of this name.
    pub(crate) fn site(&self, name: &str) -> Option<&Arc<Site>> {
        self.sites.iter().find(|site| site.name == name)
    }

    /// All of them.
    pub(crate) fn sites(&self) -> impl Iterator<Item = &Arc<Site>> {
        self.sites.iter()
    }

    /// Whether browsers reach this service by HTTPS.
    pub(crate) fn is_https(&self) -> bool {
        self.origin.starts_with("https://")
    }

    /// The page on which a site's visitors wait, for those who want to be at this path of it.
    pub(crate) fn waiting_page(&self, site: &Site, path: &str) -> String {
        format!("{}{}", self.origin, site.waiting_path(path))
    }

    /// The address of a sealed link.
    pub(crate) fn link(&self, site: &Site, sealed: &str) -> String {
        format!("{}{}", self.origin, site.link_path(sealed))
    }
}

impl Site {
    fn is_https(&self) -> bool {
        self.origin.starts_with("https://")
    }

    /// Whether a queue is one by which its visitors come in.
    pub(crate) fn is_entered_by(&self, queue: &str) -> bool {
        self.queue == queue || self.guests.as_deref() == Some(queue)
    }

    /// The passes that a browser shows, of which any that is good will do: without HTTPS others may have been set beside it.
    pub(crate) fn passes_of<'h>(&self, headers: &'h http::HeaderMap) -> impl Iterator<Item = &'h str> {
        cookie::all(headers, COOKIE, self.is_https()).take(PASSES_MAX)
    }

    /// What has the browser keep a pass, as long as it is good.
    pub(crate) fn cookie(&self, pass: &str, lives_s: u64) -> String {
        cookie::set(COOKIE, pass, self.is_https(), SameSite::Lax, Duration::from_secs(lives_s))
    }

    /// The page on which its visitors wait, below this service's origin.
    pub(crate) fn waiting_path(&self, path: &str) -> String {
        format!("/gate/{}?to={}", self.name, in_query(path))
    }

    /// The page of a sealed link.
    pub(crate) fn link_path(&self, sealed: &str) -> String {
        format!("/gate/{}/in?link={}", self.name, in_query(sealed))
    }

    /// The stylesheet of that page.
    pub(crate) fn style_path(&self) -> String {
        format!("/gate/{}/style.css", self.name)
    }

    /// Where a code is exchanged.
    pub(crate) fn entrance(&self, code: &str) -> String {
        format!("{}{}?code={code}", self.origin, self.enter)
    }
}
