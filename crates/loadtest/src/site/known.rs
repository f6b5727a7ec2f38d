//! What all parts of a run know of one server.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::Catalog;
use crate::answer;
use crate::endpoint::Endpoint;
use crate::http;
use crate::profile::{Act, Profile, Tongue, users_from};
use crate::request::{self, Template};

/// Somebody is let in within this time, or the queue does not move.
const ADMISSION_MAX: Duration = Duration::from_secs(90);
const ASK_EVERY: Duration = Duration::from_millis(250);

/// What is known of a server, and who is still in it from earlier parts.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) profile: Arc<Profile>,
    /// How it is spoken to.
    pub(crate) endpoint: Endpoint,
    pub(crate) catalog: Catalog,
    /// How long the first one waited to be let in.
    admission: Duration,
    /// Tokens of those who came in an earlier part and cannot leave. Some wait, some are inside, and some are gone.
    lingering: Mutex<Vec<Box<[u8]>>>,
    /// How many of the part under way could not be sent home in time.
    stayed: AtomicU64,
}

impl Known {
    /// A server of our own make.
    ///
    /// # Errors
    /// When it does not tell its catalog.
    pub(crate) fn own(endpoint: Endpoint) -> Result<Self> {
        let catalog = Catalog::fetch(&endpoint)?.context("GET /v1/catalog is not there")?;
        Ok(Self::new(Arc::new(Profile::own()?), endpoint, catalog, Duration::ZERO))
    }

    /// A server that runs already, by what it answers. One that has a catalog is taken for one of
    /// our make, and one that has none for one with the eight endpoints.
    ///
    /// # Errors
    /// When it does not answer, or lets nobody in to look at what is on sale.
    pub(crate) fn meet(endpoint: &Endpoint) -> Result<Self> {
        if let Some(catalog) = Catalog::fetch(endpoint)? {
            return Ok(Self::new(Arc::new(Profile::own()?), endpoint.clone(), catalog, Duration::ZERO));
        }
        let profile = Arc::new(Profile::plain()?);
        let endpoint = spoken(endpoint, &profile, users_from(&profile));
        Self::meet_by(endpoint, profile).context(
            "it has no GET /v1/catalog, so it was taken for the eight endpoints alone; a service that speaks otherwise \
             needs --profile",
        )
    }

    /// A server that runs already and is spoken to by this profile.
    ///
    /// # Errors
    /// When it does not answer, or lets nobody in to look at what is on sale.
    pub(crate) fn meet_by(endpoint: Endpoint, profile: Arc<Profile>) -> Result<Self> {
        let (token, waited) = first_inside(&endpoint, &profile)?;
        let catalog = Catalog::discover(&endpoint, &profile, &token)?;
        let known = Self::new(profile, endpoint, catalog, waited);
        known.lingering().push(token);
        Ok(known)
    }

    fn new(profile: Arc<Profile>, endpoint: Endpoint, catalog: Catalog, admission: Duration) -> Self {
        Self { profile, endpoint, catalog, admission, lingering: Mutex::default(), stayed: AtomicU64::new(0) }
    }

    pub(crate) fn lingering(&self) -> MutexGuard<'_, Vec<Box<[u8]>>> {
        self.lingering.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// So many more could not be sent home in time.
    pub(super) fn stay(&self, count: u64) {
        self.stayed.fetch_add(count, Ordering::Relaxed);
    }

    /// How many could not be sent home in time since this was asked last.
    pub(crate) fn take_stayed(&self) -> u64 {
        self.stayed.swap(0, Ordering::Relaxed)
    }

    /// How long somebody may have to wait for a place that is free.
    pub(crate) fn patience(&self) -> Duration {
        const LEAST: Duration = Duration::from_secs(1);
        self.admission.mul_f64(1.2).max(*self.profile.queue.admits_within) + LEAST
    }

    /// Whether people are let in at once while there is room.
    pub(crate) fn admits_at_once(&self) -> bool {
        self.admission.max(*self.profile.queue.admits_within) < Duration::from_secs(2)
    }
}

/// The server as it is spoken to by this profile, with users from this one on.
pub(crate) fn spoken(endpoint: &Endpoint, profile: &Arc<Profile>, users_from: u64) -> Endpoint {
    endpoint.clone().speaking(Arc::new(Tongue::new(Arc::clone(profile), users_from)))
}

/// The first user, let in, and how long that took.
fn first_inside(endpoint: &Endpoint, profile: &Profile) -> Result<(Box<[u8]>, Duration)> {
    let most = ADMISSION_MAX.max(profile.queue.admits_within.mul_f64(2.0));
    let started = Instant::now();
    let mut issue = Vec::new();
    request::issue(1, &mut issue);
    let reply = http::call_within(endpoint, &issue, http::ANSWER_MAX)?.success().context("asking for a token")?;
    let data = answer::data(&reply.body).filter(|_| reply.says_success());
    let token: Box<[u8]> = data
        .and_then(|data| data.queue_token)
        .with_context(|| format!("asking for a token: there is none in {}", String::from_utf8_lossy(&reply.body)))?
        .as_bytes()
        .into();
    let check = Template::check().with(&token);
    loop {
        let reply = http::call_within(endpoint, &check, http::ANSWER_MAX)?.success().context("asking for the place")?;
        let status = answer::data(&reply.body).filter(|_| reply.says_success()).and_then(|data| data.status);
        match status {
            Some("PROGRESS") => return Ok((token, started.elapsed())),
            Some("WAITING") if started.elapsed() < most => std::thread::sleep(ASK_EVERY),
            Some("WAITING") => {
                bail!("nobody was let in within {} s, so nothing is known of what is on sale", most.as_secs())
            }
            Some(status) => bail!("the first user was {status} before anything was bought"),
            None => bail!("asking for the place: there is none in {}", String::from_utf8_lossy(&reply.body)),
        }
    }
}

impl super::Site {
    /// Whether the server has this call.
    #[must_use]
    pub fn has(&self, act: Act) -> bool {
        self.known.profile.has(act)
    }

    /// What the server promises, and how it is spoken to.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.known.profile
    }
}
