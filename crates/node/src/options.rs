//! How a node is started.

use std::path::PathBuf;
use std::time::Duration;

use onsale_domain::command::Command;
use onsale_domain::engine::Engine;
use onsale_domain::ids::{KeyId, QueueId};
use onsale_domain::level;
use onsale_domain::operator::Operator;
use onsale_domain::queue::Queue;
use onsale_domain::settings::{QueueSettings, Settings};
use onsale_postgres::Target;

/// What a node needs to know.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the store is.
    pub store: Store,
    /// The most commands that may wait for their outcome; more are refused at once.
    pub pending_max: usize,
    /// The most commands in one journal entry, at most [`Self::BATCH_MAX`].
    pub batch_max: usize,
    /// The pace of entries: one for each such time on average, as a late one is made up for by the next. What comes in
    /// between goes into one entry.
    pub commit_interval: Duration,
    /// The clock is right, however far it is from the time of the last entry: the operator has looked.
    pub trust_clock: bool,
    /// Settings that the operator gave explicitly.
    pub overrides: Overrides,
    /// The highest level that this node raises the store to, at most [`onsale_domain::level::NEWEST`].
    pub level_max: u32,
    /// Whether they go before what the store has.
    pub force_settings: bool,
    /// What the store's amounts are of.
    pub currency: Currency,
    /// How long what happened is kept to be read, in milliseconds, while this node writes the tables.
    pub feed_keep_ms: u64,
}

impl Options {
    /// The most commands that an entry may have: bounds the time that one apply takes.
    pub const BATCH_MAX: usize = 1_024;

    /// How long what happened is kept, where nobody says otherwise: a week.
    pub const FEED_KEEP_MS: u64 = 7 * 24 * 3_600_000;

    /// How many commands may wait, where nobody says otherwise.
    pub const PENDING_MAX: usize = 8_192;

    /// For a node that does what it can: no limit but those that are always there.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self {
            store,
            pending_max: Self::PENDING_MAX,
            batch_max: Self::BATCH_MAX,
            commit_interval: Duration::ZERO,
            trust_clock: false,
            overrides: Overrides::default(),
            level_max: level::NEWEST,
            force_settings: false,
            currency: Currency::Unsaid,
            feed_keep_ms: Self::FEED_KEEP_MS,
        }
    }
}

/// What somebody says of the store's currency, ISO 4217. The first server that a store has decides it for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Currency {
    /// Nothing: a tool that knows of no money.
    Unsaid,
    /// For a store that has none; one that has another keeps it.
    Default(String),
    /// It must be this one.
    Given(String),
}

/// Where a store is.
#[derive(Clone, Debug)]
pub enum Store {
    /// In a data directory, which this process owns.
    Directory(PathBuf),
    /// In a PostgreSQL database, which it shares with other nodes.
    Postgres(Target),
}

/// Settings that were given explicitly. They are what a new store begins with. Later the store goes before them: an
/// operator may have moved a lever since, and a restart, or a node whose configuration differs, must not move it back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    pub hold_ttl_ms: Option<u64>,
    pub hold_limit_per_user: Option<u32>,
    pub charge_limit: Option<u64>,
    /// `Some(None)` for no limit, here and below.
    pub seats_per_user: Option<Option<u32>>,
    pub seats_per_user_per_concert: Option<Option<u32>>,
    /// `Some(None)` for holds that do not become longer.
    pub hold_extend_ms: Option<Option<u64>>,
    pub active_limit: Option<u32>,
    pub admit_per_second: Option<Option<u32>>,
    pub session_ttl_ms: Option<u64>,
    pub waiting_ttl_ms: Option<u64>,
    pub waiting_grace_ms: Option<u64>,
    /// `Some(None)` where nobody's slot is freed for idleness.
    pub session_idle_ms: Option<Option<u64>>,
    /// `Some(None)` where nobody shows any work.
    pub proof_bits: Option<Option<u32>>,
    /// `Some(None)` where sessions do not become longer.
    pub session_max_ms: Option<Option<u64>>,
    /// `Some(None)` where networks are not counted.
    pub network_places: Option<Option<u32>>,
}

fn set<T: Clone>(target: &mut T, value: Option<&T>) {
    if let Some(value) = value {
        *target = value.clone();
    }
}

impl Overrides {
    /// The settings with these in place.
    #[must_use]
    pub fn applied_to(&self, mut settings: Settings) -> Settings {
        set(&mut settings.hold_ttl_ms, self.hold_ttl_ms.as_ref());
        set(&mut settings.hold_limit_per_user, self.hold_limit_per_user.as_ref());
        set(&mut settings.charge_limit, self.charge_limit.as_ref());
        set(&mut settings.seats_per_user, self.seats_per_user.as_ref());
        set(&mut settings.seats_per_user_per_concert, self.seats_per_user_per_concert.as_ref());
        set(&mut settings.hold_extend_ms, self.hold_extend_ms.as_ref());
        settings.queue = self.applied_to_queue(settings.queue);
        settings
    }

    fn applied_to_queue(&self, mut queue: QueueSettings) -> QueueSettings {
        set(&mut queue.active_limit, self.active_limit.as_ref());
        set(&mut queue.admit_per_second, self.admit_per_second.as_ref());
        set(&mut queue.session_ttl_ms, self.session_ttl_ms.as_ref());
        set(&mut queue.waiting_ttl_ms, self.waiting_ttl_ms.as_ref());
        set(&mut queue.waiting_grace_ms, self.waiting_grace_ms.as_ref());
        set(&mut queue.session_idle_ms, self.session_idle_ms.as_ref());
        set(&mut queue.proof_bits, self.proof_bits.as_ref());
        set(&mut queue.session_max_ms, self.session_max_ms.as_ref());
        set(&mut queue.network_places, self.network_places.as_ref());
        queue
    }

    /// What a store begins with, or what it is to be brought to; none where it is so already. What an entry after the
    /// first changes is on record.
    pub(crate) fn commands(&self, engine: &Engine, force: bool) -> Vec<Command> {
        if !force && !is_new(engine) {
            return Vec::new();
        }
        let mut commands = Vec::new();
        let settings = self.applied_to(engine.settings().clone());
        if settings != *engine.settings() {
            commands.push(Command::Configure { settings });
        }
        if let Some(queue) = engine.queues().first() {
            let settings = self.applied_to_queue(queue.settings().clone());
            if settings != *queue.settings() {
                commands.push(Command::ConfigureQueue { queue: QueueId(0), settings: Some(settings), mode: None });
            }
        }
        if engine.mark().seq > 0 {
            let by = Operator { key: KeyId(0), name: Some("configuration".to_owned()) };
            let recorded = |command| Command::Operate { by: by.clone(), command: Box::new(command) };
            commands = commands.into_iter().map(recorded).collect();
        }
        commands
    }

    /// Where these differ from what is in force in the store and in the default queue.
    #[must_use]
    pub fn differences(&self, settings: &Settings, default_queue: Option<&QueueSettings>) -> Vec<Difference> {
        let queue = default_queue.unwrap_or(&settings.queue);
        let duration = |ms: u64| format!("{ms}ms");
        let count = |count: u32| count.to_string();
        let limit = |limit: Option<u32>| limit.map_or_else(|| "none".to_owned(), count);
        let found = [
            differing("hold.ttl", self.hold_ttl_ms, settings.hold_ttl_ms, duration),
            differing("hold.limit_per_user", self.hold_limit_per_user, settings.hold_limit_per_user, count),
            differing("wallet.charge_limit", self.charge_limit, settings.charge_limit, |limit| limit.to_string()),
            differing("limit.seats_per_user", self.seats_per_user, settings.seats_per_user, limit),
            differing(
                "limit.seats_per_user_per_concert",
                self.seats_per_user_per_concert,
                settings.seats_per_user_per_concert,
                limit,
            ),
            differing("hold.extend", self.hold_extend_ms, settings.hold_extend_ms, |ms| duration(ms.unwrap_or(0))),
            differing("queue.active_limit", self.active_limit, queue.active_limit, count),
            differing("queue.admit_per_second", self.admit_per_second, queue.admit_per_second, limit),
            differing("queue.session_ttl", self.session_ttl_ms, queue.session_ttl_ms, duration),
            differing("queue.waiting_ttl", self.waiting_ttl_ms, queue.waiting_ttl_ms, duration),
            differing("queue.waiting_grace", self.waiting_grace_ms, queue.waiting_grace_ms, duration),
            differing("queue.session_idle", self.session_idle_ms, queue.session_idle_ms, |ms| {
                duration(ms.unwrap_or(0))
            }),
            differing("queue.proof_bits", self.proof_bits, queue.proof_bits, |bits| count(bits.unwrap_or(0))),
            differing("queue.session_max", self.session_max_ms, queue.session_max_ms, |ms| duration(ms.unwrap_or(0))),
            differing("queue.network_places", self.network_places, queue.network_places, |places| {
                count(places.unwrap_or(0))
            }),
        ];
        found.into_iter().flatten().collect()
    }
}

/// A setting that was given, and is not in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub key: &'static str,
    pub given: String,
    pub in_force: String,
}

fn differing<T: PartialEq>(
    key: &'static str,
    given: Option<T>,
    in_force: T,
    text: impl Fn(T) -> String,
) -> Option<Difference> {
    let given = given.filter(|given| *given != in_force)?;
    Some(Difference { key, given: text(given), in_force: text(in_force) })
}

/// Whether nobody has come to the store and no setting of it was ever changed: it may have a catalog, which is imported
/// before the first start.
fn is_new(engine: &Engine) -> bool {
    let untouched = |queue: &Queue| queue.issued() == 0 && *queue.settings() == QueueSettings::default();
    engine.mark().counters.charged == 0
        && *engine.settings() == Settings::default()
        && engine.queues().iter().all(untouched)
}
