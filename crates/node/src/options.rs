//! How a node is started.

use std::path::PathBuf;
use std::time::Duration;

use onsale_domain::command::Command;
use onsale_domain::engine::Engine;
use onsale_domain::ids::QueueId;
use onsale_domain::level;
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
    /// The least time from the beginning of one entry to that of the next. What comes in between goes
    /// into one entry.
    pub commit_interval: Duration,
    /// Settings that the operator gave explicitly.
    pub overrides: Overrides,
    /// The highest level that this node raises the store to, at most [`onsale_domain::level::NEWEST`].
    pub level_max: u32,
}

impl Options {
    /// The most commands that an entry may have: bounds the time that one apply takes.
    pub const BATCH_MAX: usize = 1_024;

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
            overrides: Overrides::default(),
            level_max: level::NEWEST,
        }
    }
}

/// Where a store is.
#[derive(Clone, Debug)]
pub enum Store {
    /// In a data directory, which this process owns.
    Directory(PathBuf),
    /// In a PostgreSQL database, which it shares with other nodes.
    Postgres(Target),
}

/// Settings that were given explicitly. Those that differ from the state are journaled at start; the others stay as
/// they are, also where an operator has changed them since. A store that many nodes share takes them only as long as it is
/// empty: nodes whose configurations differ would change it back and forth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    pub hold_ttl_ms: Option<u64>,
    pub hold_limit_per_user: Option<u32>,
    pub charge_limit: Option<u64>,
    pub active_limit: Option<u32>,
    /// `Some(None)` for no limit.
    pub admit_per_second: Option<Option<u32>>,
    pub session_ttl_ms: Option<u64>,
    pub waiting_ttl_ms: Option<u64>,
    pub waiting_grace_ms: Option<u64>,
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
        settings.queue = self.applied_to_queue(settings.queue);
        settings
    }

    fn applied_to_queue(&self, mut queue: QueueSettings) -> QueueSettings {
        set(&mut queue.active_limit, self.active_limit.as_ref());
        set(&mut queue.admit_per_second, self.admit_per_second.as_ref());
        set(&mut queue.session_ttl_ms, self.session_ttl_ms.as_ref());
        set(&mut queue.waiting_ttl_ms, self.waiting_ttl_ms.as_ref());
        set(&mut queue.waiting_grace_ms, self.waiting_grace_ms.as_ref());
        queue
    }

    /// The commands that bring the engine to these settings: none where it has them already.
    pub(crate) fn commands(&self, engine: &Engine) -> Vec<Command> {
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
        commands
    }
}
