//! The server under test: one that the run starts, or one that runs already.

mod catalog;
mod counters;
mod descriptors;
mod inside;
mod known;
mod metrics;
mod watching;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

pub use catalog::{Catalog, Date, Section};
pub use counters::{Counters, grown};
pub use descriptors::raise_limit;
pub(crate) use known::{Known, spoken};
pub use metrics::{Metrics, Scrape};
pub use watching::Watching;

use crate::endpoint::Endpoint;
use crate::http;
use crate::load::Next;
use crate::measure;
use crate::process::Service;
use crate::profile::{Act, Signer};
use crate::quiet::Quiet;
use crate::request::Template;
use crate::sources::{Issue, Tokens};

/// So long is waited until those of a part are gone. A server may be so slow that they would take an hour.
pub(crate) const GOING_MAX: Duration = Duration::from_secs(60);

/// A server under test.
#[derive(Debug)]
pub struct Site {
    endpoint: Endpoint,
    /// The process, where it is ours.
    own: Option<Service>,
    leaves_us_a_core: bool,
    quiet: Arc<Quiet>,
    scrape: Scrape,
    known: Arc<Known>,
    /// Who signs for users, where the door is signed.
    signer: Option<Arc<Signer>>,
    /// What is on sale.
    pub catalog: Catalog,
}

impl Site {
    /// A server that this run has started, on cores that are not the generator's or on the same.
    ///
    /// # Errors
    /// When it does not tell its catalog.
    pub(crate) fn own(service: Service, leaves_us_a_core: bool, quiet: Arc<Quiet>) -> Result<Self> {
        let endpoint = Endpoint::from(service.address());
        let known = Arc::new(Known::own(endpoint.clone())?);
        let (scrape, catalog) = (Scrape::Nodes(vec![endpoint.clone()]), known.catalog.clone());
        Ok(Self { endpoint, own: Some(service), leaves_us_a_core, quiet, scrape, known, signer: None, catalog })
    }

    /// A server that runs already.
    pub(crate) fn target(known: Arc<Known>, scrape: Scrape, quiet: Arc<Quiet>) -> Self {
        let (endpoint, catalog) = (known.endpoint.clone(), known.catalog.clone());
        Self { endpoint, own: None, leaves_us_a_core: false, quiet, scrape, known, signer: None, catalog }
    }

    /// The same with a door that is opened by what `signer` signs.
    pub(crate) fn signed_for_by(self, signer: Signer) -> Self {
        Self { signer: Some(Arc::new(signer)), ..self }
    }

    pub(crate) fn signer(&self) -> Option<&Arc<Signer>> {
        self.signer.as_ref()
    }

    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    #[must_use]
    pub fn service(&self) -> Option<&Service> {
        self.own.as_ref()
    }

    /// The process, to be killed and started again.
    pub fn service_mut(&mut self) -> Option<&mut Service> {
        self.own.as_mut()
    }

    /// Whether the generator has a core that the server does not run on, as far as is known.
    #[must_use]
    pub fn leaves_us_a_core(&self) -> bool {
        self.leaves_us_a_core
    }

    /// What waits for the cores that the server and the generator run on.
    pub(crate) fn quiet(&self) -> &Quiet {
        &self.quiet
    }

    /// Hands the process over, to be stopped and audited.
    #[must_use]
    pub fn into_service(self) -> Option<Service> {
        self.own
    }

    /// Waits until the work that replies left behind is done, where that can be known.
    ///
    /// # Errors
    /// When it is not done in time.
    pub fn settle(&self) -> Result<()> {
        self.own.as_ref().map_or(Ok(()), Service::settle)
    }

    /// What the server tells of itself now.
    #[must_use]
    pub fn metrics(&self) -> Option<Metrics> {
        self.scrape.fetch()
    }

    /// Where its metrics come from.
    #[must_use]
    pub fn scrape(&self) -> &Scrape {
        &self.scrape
    }

    /// All that has been counted so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        Counters::read(self.own.as_ref().map(Service::server), self.metrics().as_ref())
    }

    /// The most that may be inside at once, where the server tells.
    #[must_use]
    pub fn active_limit(&self) -> Option<u64> {
        self.metrics()?.get("onsale_queue_active_limit{queue=\"default\"}").map(|limit| limit as u64)
    }

    /// Tokens for these users, in their order.
    ///
    /// # Errors
    /// When an issue fails.
    pub fn issue(&self, users: std::ops::Range<u64>) -> Result<Arc<Tokens>> {
        let mut source = Issue::keeping(users).signed_for_by(self.signer.clone());
        measure::complete(&self.endpoint, &mut source)?;
        Ok(Arc::new(source.into_tokens()))
    }

    /// Tokens for these users of whom all are inside. On a server that is not ours as many as its queue lets in.
    ///
    /// # Errors
    /// When nobody is let in.
    pub fn admit(&self, users: std::ops::Range<u64>) -> Result<Arc<Tokens>> {
        if self.own.is_none() {
            return self.admit_elsewhere(users);
        }
        let tokens = self.issue(users)?;
        let mut statuses = Statuses::of(&tokens);
        measure::complete(&self.endpoint, &mut statuses)?;
        let waiting = statuses.places().iter().filter(|&&place| place != Place::Inside).count();
        ensure!(waiting == 0, "{waiting} of {} users were not let in", tokens.len());
        Ok(tokens)
    }

    /// On a server that lives on: everybody of these gives the place or the slot back. Asking for a token again gives
    /// the same one, so nobody has to have kept it.
    ///
    /// # Errors
    /// When an issue fails.
    pub fn send_home(&self, users: std::ops::Range<u64>) -> Result<()> {
        self.clear(users)
    }

    fn free_slots(&self) -> Option<u64> {
        let metrics = self.metrics()?;
        let active = metrics.get("onsale_queue_active{queue=\"default\"}")?;
        let limit = metrics.get("onsale_queue_active_limit{queue=\"default\"}")?;
        Some((limit - active).max(0.0) as u64)
    }

    /// Everybody goes, so that the slots are free again. Needed on a server that lives on; where nobody can leave, the
    /// next part finds them where they are. After a minute those who are still there stay, and the report says so.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn leave(&self, tokens: &Tokens) -> Result<()> {
        if self.own.is_some() {
            return Ok(());
        }
        if !self.has(Act::Leave) {
            self.known.lingering().extend((0..tokens.len()).map(|index| tokens.get(index).into()));
            return Ok(());
        }
        self.leave_within(tokens, GOING_MAX)
    }

    fn leave_within(&self, tokens: &Tokens, limit: Duration) -> Result<()> {
        let mut source = Leave { tokens, next: 0 };
        if !measure::within(&self.endpoint, &mut source, limit)? {
            self.known.stay((tokens.len() - source.next) as u64);
        }
        Ok(())
    }

    /// The same for users whose tokens were not kept: whoever asks again gets the same token. Those who only came would
    /// stand in the way of everybody after them.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn clear(&self, users: std::ops::Range<u64>) -> Result<()> {
        if self.own.is_some() || users.is_empty() || !self.has(Act::Leave) {
            return Ok(());
        }
        let (began, count) = (Instant::now(), users.end - users.start);
        let mut source = Issue::keeping(users);
        measure::within(&self.endpoint, &mut source, GOING_MAX / 2)?;
        let tokens = source.into_tokens();
        self.known.stay(count - tokens.len() as u64);
        self.leave_within(&tokens, GOING_MAX.saturating_sub(began.elapsed()))
    }

    /// One request, over a connection of its own.
    ///
    /// # Errors
    /// When there is no whole reply.
    pub fn call(&self, request: &[u8]) -> Result<http::Received> {
        http::call_within(&self.endpoint, request, http::ANSWER_MAX)
    }

    /// `data` of the success that answers `request`.
    ///
    /// # Errors
    /// When it is not a success, or no JSON.
    pub fn data(&self, request: &[u8]) -> Result<serde_json::Value> {
        let reply = self.call(request)?.success()?;
        let mut envelope: serde_json::Value =
            serde_json::from_slice(&reply.body).context("an answer that is no JSON")?;
        ensure!(envelope["resultType"] == "SUCCESS", "a success that does not say so: {envelope}");
        Ok(envelope["data"].take())
    }
}

/// Where somebody stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Inside,
    Waits,
    Gone,
}

/// Asks for everybody's status.
struct Statuses<'a> {
    tokens: &'a Tokens,
    next: usize,
    out: Vec<usize>,
    places: Vec<Place>,
}

impl<'a> Statuses<'a> {
    fn of(tokens: &'a Tokens) -> Self {
        Self { tokens, next: 0, out: Vec::new(), places: vec![Place::Gone; tokens.len()] }
    }

    /// In the order of the tokens.
    fn places(&self) -> &[Place] {
        &self.places
    }
}

impl crate::load::Source for Statuses<'_> {
    fn next(&mut self, slot: usize, _now: std::time::Instant, out: &mut Vec<u8>) -> Next {
        if self.next == self.tokens.len() {
            return Next::Done;
        }
        Template::check().write(self.tokens.get(self.next), out);
        if self.out.len() <= slot {
            self.out.resize(slot + 1, 0);
        }
        self.out[slot] = self.next;
        self.next += 1;
        Next::Send
    }

    fn reply(&mut self, slot: usize, _now: std::time::Instant, reply: &crate::load::Reply<'_>) -> bool {
        let status = crate::answer::data(reply.body).and_then(|data| data.status);
        self.places[self.out[slot]] = match status {
            Some("PROGRESS") => Place::Inside,
            Some("WAITING") => Place::Waits,
            Some(_) | None => Place::Gone,
        };
        reply.is_success()
    }

    fn keeps_body(&self) -> bool {
        true
    }
}

/// Everybody leaves. Whoever was gone already is none of our business.
struct Leave<'a> {
    tokens: &'a Tokens,
    next: usize,
}

impl crate::load::Source for Leave<'_> {
    fn next(&mut self, _slot: usize, _now: std::time::Instant, out: &mut Vec<u8>) -> Next {
        if self.next == self.tokens.len() {
            return Next::Done;
        }
        Template::post("/v1/api/queue/token/leave", "").write(self.tokens.get(self.next), out);
        self.next += 1;
        Next::Send
    }

    fn reply(&mut self, _slot: usize, _now: std::time::Instant, reply: &crate::load::Reply<'_>) -> bool {
        reply.status < 500
    }
}
