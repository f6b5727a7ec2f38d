//! What all threads share.

mod feeds;
mod guesses;
mod load;
mod people;
mod sites;
mod streams;
mod work;

use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use arc_swap::{ArcSwap, ArcSwapOption};
use http::header::USER_AGENT;
use http::{HeaderMap, HeaderValue};
use onsale_domain::ids::QueueId;
use onsale_node::Node;

use crate::arrivals::{Arrivals, Seen};
use crate::entry::Doors;
use crate::gate::{self, Gates};
use crate::login::Login;
use crate::look::{Logo, Words};
use crate::metrics::Metrics;
use crate::night::Monitor;
use crate::pass::Signed;
use crate::rate::{Limits, Rates};
use crate::request_id::Failures;
use crate::token::{AdminKey, KeyRing, KeyStore, Keys, People, StoreError};
use crate::trace::Tracer;
use crate::webhooks::{self, Webhooks};

pub(crate) use feeds::{FEEDS_PER_KEY_MAX, FeedPermit, Feeds};
pub(crate) use guesses::Guesses;
pub(crate) use load::{Load, Stretch};
pub(crate) use streams::Permit;
pub use streams::StreamLimit;

/// A node that has not heard from its database for so long is better not asked, if there are others.
const NOT_HEARD_MAX: Duration = Duration::from_secs(2);

/// Keys are looked at once a second. Who has not done so for longer was cut off, or stood still.
const KEYS_OLD: Duration = Duration::from_secs(3);

/// So far from the store's time, in milliseconds, `Date` says nothing of when a hold ends.
const APART_MS: i64 = 500;

/// The node, the keys and the metrics.
pub struct Shared {
    pub node: Arc<Node>,
    pub metrics: Metrics,
    /// ISO 4217 code of the one currency.
    pub currency: String,
    /// Started with `--demo`: the pages say that nothing is real.
    pub(crate) demo: bool,
    /// Whose page the buyer's page is.
    pub(crate) page: BuyersPage,
    /// What is open to everybody here.
    pub(crate) doors: Doors,
    /// The identity provider, where there is one.
    pub(crate) login: Option<Arc<Login>>,
    /// The sites before which gates stand.
    pub(crate) gates: Gates,
    pub admin: AdminKey,
    pub tokens: ArcSwap<KeyRing>,
    /// What pseudonyms of people are made with, once somebody has needed it.
    people: ArcSwapOption<People>,
    /// Where the keys are kept.
    keys: KeyStore,
    /// When the keys that other nodes may have changed were looked at last.
    keys_seen: Mutex<Instant>,
    /// How long a token opens what its user has, after its place has ended.
    token_ttl: Duration,
    /// Tokens whose place ended before this, in seconds of the journal's time, are over. Set every second.
    tokens_end_before_s: AtomicU64,
    /// How far the store's time is ahead of this machine's clock, in milliseconds. Set every second.
    time_ahead_ms: AtomicI64,
    /// How busy this node is. Looked at every second.
    pub(crate) load: Load,
    /// How old a view may be, where nodes share a store and this one cannot reach it.
    pub(crate) stale_max: Duration,
    /// Set every second, where nodes share a store.
    pub database: DatabaseCounts,
    pub streams: StreamLimit,
    /// Who reads what happened.
    pub(crate) feeds: Feeds,
    /// Who is sent what happened.
    pub(crate) webhooks: Arc<Webhooks>,
    /// Passes that were signed already.
    pub(crate) signed: Signed,
    /// How often who may write.
    pub(crate) rates: Rates,
    /// Where those who join come from.
    arrivals: Arrivals,
    began: Instant,
    /// Admin keys that were none.
    pub(crate) guesses: Guesses,
    pub(crate) failures: Failures,
    /// What makes traces, where they are wanted.
    pub(crate) tracer: Option<Arc<Tracer>>,
    /// What was seen of the night.
    pub monitor: Arc<Monitor>,
    caches: Mutex<Vec<Arc<CacheCounts>>>,
    /// Held while an operator's change is merged into what is there and carried out: the admin API changes one thing
    /// at a time.
    pub(crate) edits: tokio::sync::Mutex<()>,
}

/// Whose page the buyer's page is: what it shows of the shop in front of this service.
#[derive(Clone, Debug)]
pub struct BuyersPage {
    /// The shop's name; `None` where it has none here.
    pub title: Option<String>,
    /// As `#rrggbb`, in small letters.
    pub color: Option<String>,
    /// In the place of the name, which is what whoever does not see it is told.
    pub logo: Option<Logo>,
    /// What the shop says to whoever opens the page, and what it says beside tickets.
    pub welcome: Words,
    pub ticket: Words,
    /// Where it says who is responsible.
    pub imprint: Option<String>,
    /// Where buyers go back to: the first by itself, and anything below the origin of one of them where a link has said so.
    pub returns: Vec<String>,
    /// Whether whoever opens the page can join a queue.
    pub join_open: bool,
}

impl Default for BuyersPage {
    fn default() -> Self {
        Self {
            title: None,
            color: None,
            logo: None,
            welcome: Words::default(),
            ticket: Words::default(),
            imprint: None,
            returns: Vec::new(),
            join_open: true,
        }
    }
}

/// What the database of a store that nodes share has counted: see its `pg_stat_database`.
#[derive(Debug, Default)]
pub struct DatabaseCounts {
    pub commits: AtomicU64,
    pub rollbacks: AtomicU64,
    pub deadlocks: AtomicU64,
    pub wal_bytes: AtomicU64,
    pub lock_waits: AtomicU64,
}

/// How often one thread found a list rendered already. Written by that thread alone.
#[derive(Debug, Default)]
pub struct CacheCounts {
    pub schedule_hits: AtomicU64,
    pub schedule_misses: AtomicU64,
    pub seat_hits: AtomicU64,
    pub seat_misses: AtomicU64,
    pub not_modified: AtomicU64,
}

impl CacheCounts {
    pub(crate) fn schedule(&self, hit: bool) {
        add(if hit { &self.schedule_hits } else { &self.schedule_misses });
    }

    pub(crate) fn seat(&self, hit: bool) {
        add(if hit { &self.seat_hits } else { &self.seat_misses });
    }

    pub(crate) fn not_modified(&self) {
        add(&self.not_modified);
    }
}

fn machine_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn add(counter: &AtomicU64) {
    counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
}

impl Shared {
    /// Gathers what the threads share. `keys` were loaded from `key_store`.
    #[must_use]
    pub fn new(
        node: Arc<Node>,
        metrics: Metrics,
        currency: String,
        keys: Keys,
        key_store: KeyStore,
        streams: StreamLimit,
    ) -> Self {
        let webhooks = Arc::new(Webhooks::new(node.events().webhooks(true)));
        Self {
            node,
            metrics,
            currency,
            webhooks,
            demo: false,
            page: BuyersPage::default(),
            doors: Doors::OPEN,
            login: None,
            gates: Gates::default(),
            admin: keys.admin,
            tokens: ArcSwap::from_pointee(keys.tokens),
            people: ArcSwapOption::empty(),
            keys: key_store,
            keys_seen: Mutex::new(Instant::now()),
            token_ttl: Duration::MAX,
            tokens_end_before_s: AtomicU64::new(0),
            time_ahead_ms: AtomicI64::new(0),
            load: Load::default(),
            stale_max: Duration::MAX,
            database: DatabaseCounts::default(),
            streams,
            feeds: Feeds::default(),
            signed: Signed::default(),
            rates: Rates::new(&Limits::default()),
            arrivals: Arrivals::default(),
            began: Instant::now(),
            guesses: Guesses::default(),
            failures: Failures::default(),
            tracer: None,
            monitor: Arc::default(),
            caches: Mutex::default(),
            edits: tokio::sync::Mutex::default(),
        }
    }

    /// Refuses to answer from views that are older than this.
    #[must_use]
    pub fn with_stale_max(self, stale_max: Duration) -> Self {
        Self { stale_max, ..self }
    }

    /// Lets tokens end so long after their place.
    #[must_use]
    pub fn with_token_ttl(self, token_ttl: Duration) -> Self {
        Self { token_ttl, ..self }
    }

    /// Limits how often who may write.
    #[must_use]
    pub fn with_rates(self, limits: &Limits) -> Self {
        Self { rates: Rates::new(limits), ..self }
    }

    /// Notes the journal's time, for what ends by it: a machine's clock that is wrong would end tokens that are not over, and
    /// have pages count a hold's time down by what the clock has lied.
    pub(crate) fn note_time(&self) {
        let journal_ms = self.node.journal_ms().map(i64::try_from);
        if let Some(Ok(journal_ms)) = journal_ms {
            self.time_ahead_ms.store(journal_ms - machine_ms(), Ordering::Relaxed);
        }
        let now_s = self.node.views().mark().time.0 / 1_000;
        self.tokens_end_before_s.store(now_s.saturating_sub(self.token_ttl.as_secs()), Ordering::Relaxed);
    }

    /// The store's time, in milliseconds since 1970, where the machine's clock, and so the header `Date`, is not that.
    pub(crate) fn time_where_apart(&self) -> Option<u64> {
        let ahead_ms = self.time_ahead_ms.load(Ordering::Relaxed);
        (ahead_ms.abs() >= APART_MS).then(|| u64::try_from(machine_ms() + ahead_ms).ok()).flatten()
    }

    pub(crate) fn tokens_end_before_s(&self) -> u64 {
        self.tokens_end_before_s.load(Ordering::Relaxed)
    }

    /// The store's time as far as it is known, in seconds since 1970.
    pub(crate) fn now_s(&self) -> f64 {
        (machine_ms() + self.time_ahead_ms.load(Ordering::Relaxed)) as f64 / 1_000.0
    }

    /// Somebody has a new place in the queue.
    pub(crate) fn note_arrival(&self, queue: QueueId, peer: IpAddr, headers: &HeaderMap) {
        let agent = headers.get(USER_AGENT).map_or(&[][..], HeaderValue::as_bytes);
        if let Some(client) = self.rates.client(peer, headers) {
            self.arrivals.note(queue, client, agent, self.began.elapsed());
        }
    }

    /// Where those come from who joined the queue within the hour.
    pub(crate) fn arrivals(&self, queue: QueueId) -> Seen {
        self.arrivals.of(queue, self.began.elapsed())
    }

    /// Where they came from longer ago is forgotten; how many networks were before, for want of room.
    pub(crate) fn forget_arrivals(&self) -> u64 {
        self.arrivals.forget(self.began.elapsed());
        self.arrivals.forgotten()
    }

    /// Says what is open to everybody.
    #[must_use]
    pub fn with_doors(self, doors: Doors) -> Self {
        Self { doors, ..self }
    }

    /// Lets people sign in with an identity provider.
    #[must_use]
    pub fn with_login(self, login: Option<Arc<Login>>) -> Self {
        Self { login, ..self }
    }

    /// Stands before other sites.
    #[must_use]
    pub fn with_gates(self, settings: Option<gate::Settings>) -> Self {
        Self { gates: settings.map(Gates::new).unwrap_or_default(), ..self }
    }

    /// Says how webhooks are sent.
    #[must_use]
    pub fn with_webhooks(self, settings: webhooks::Settings) -> Self {
        let stored = self.node.events().webhooks(true);
        Self { webhooks: Arc::new(Webhooks::new(stored).with_settings(settings)), ..self }
    }

    /// The logo of this name, which is the shop's own or that of a site behind a gate; where there is none, the shop's.
    pub(crate) fn logo(&self, name: &str) -> Option<&Logo> {
        let of_sites = self.gates.sites().filter_map(|site| site.look.logo.as_ref());
        let shop = self.page.logo.as_ref();
        shop.into_iter().chain(of_sites).find(|logo| logo.name() == name).or(shop)
    }

    /// Says whose page the buyer's page is.
    #[must_use]
    pub fn with_page(self, page: BuyersPage) -> Self {
        Self { page, ..self }
    }

    /// Says whether this is a demo.
    #[must_use]
    pub fn with_demo(self, demo: bool) -> Self {
        Self { demo, ..self }
    }

    /// Has requests traced.
    #[must_use]
    pub fn with_tracer(self, tracer: Option<Arc<Tracer>>) -> Self {
        Self { tracer, ..self }
    }

    /// Whether the store, as far as it is somewhere else, answers.
    pub(crate) fn reaches_store(&self) -> bool {
        let heard = self.node.cluster().is_none_or(|cluster| cluster.staleness() <= NOT_HEARD_MAX);
        heard && !self.node.is_away()
    }

    /// Whether this node takes writes, as far as is known.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.reaches_store() && !self.node.stats().journal_full.load(Ordering::Relaxed)
    }

    /// Takes up what another node has done to the keys. Blocks.
    ///
    /// # Errors
    /// When they cannot be read; then nothing has changed.
    pub fn refresh_keys(&self) -> Result<(), StoreError> {
        if self.keys.is_shared() {
            let asked = Instant::now();
            self.tokens.store(Arc::new(self.keys.load_again()?.tokens));
            self.refresh_people()?;
            *self.keys_seen.lock().unwrap_or_else(PoisonError::into_inner) = asked;
        }
        Ok(())
    }

    /// Whether this node has all keys that there are. Where nodes share a store, another may have made one since.
    pub(crate) fn knows_keys(&self) -> bool {
        let seen = *self.keys_seen.lock().unwrap_or_else(PoisonError::into_inner);
        self.node.cluster().is_none() || seen.elapsed() <= KEYS_OLD
    }

    /// New tickets are signed with a new key from now on; tokens of the older keys stay valid. Blocks.
    ///
    /// # Errors
    /// When the keys cannot be stored; then nothing has changed.
    pub fn rotate_token_key(&self) -> Result<(), StoreError> {
        self.tokens.store(Arc::new(self.keys.rotate()?.tokens));
        Ok(())
    }

    pub(crate) fn cache_counts(&self) -> Arc<CacheCounts> {
        let counts = Arc::new(CacheCounts::default());
        self.caches.lock().unwrap_or_else(PoisonError::into_inner).push(counts.clone());
        counts
    }

    /// The sum of one count over all threads.
    pub fn cache_total(&self, which: impl Fn(&CacheCounts) -> &AtomicU64) -> u64 {
        let caches = self.caches.lock().unwrap_or_else(PoisonError::into_inner);
        caches.iter().map(|counts| which(counts).load(Ordering::Relaxed)).sum()
    }
}
