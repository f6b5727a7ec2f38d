//! What nodes of one store tell each other, once a second: that they live, what became of the keys, how the night goes.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use onsale_domain::command::Command;
use onsale_http::ops::{self, Monitor};
use onsale_http::shared::Shared;
use onsale_http::token::StoreError;
use onsale_node::{LevelWatch, Target};
use onsale_tables::{Heard, Nodes, Statistics};

const BEAT: Duration = Duration::from_secs(1);

/// The thread that tells and hears. Ends with it: the others are told that this node stops.
pub(super) struct Telling {
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

struct Meeting {
    shared: Weak<Shared>,
    monitor: Arc<Monitor>,
    nodes: Nodes,
    level: LevelWatch,
    /// The last second of the night that the others can read of.
    kept: u64,
    /// What was before this node began to look is known.
    recalled: bool,
    /// It was told that the store's keys are gone.
    keys_gone: bool,
}

/// Begins to tell.
///
/// # Errors
/// Where the system gives no thread.
pub(super) fn tell(shared: &Arc<Shared>, target: &Target) -> std::io::Result<Telling> {
    let stop = Arc::new((Mutex::new(false), Condvar::new()));
    let (stopped, node) = (stop.clone(), shared.node.id());
    let mut meeting = Meeting {
        shared: Arc::downgrade(shared),
        monitor: shared.monitor.clone(),
        nodes: Nodes::new(target),
        level: LevelWatch::default(),
        kept: 0,
        recalled: false,
        keys_gone: false,
    };
    let run = move || {
        let (flag, condition) = &*stopped;
        while meeting.attend() {
            let flag = flag.lock().unwrap_or_else(PoisonError::into_inner);
            let wait = condition.wait_timeout_while(flag, BEAT, |stopping| !*stopping);
            if *wait.unwrap_or_else(PoisonError::into_inner).0 {
                break;
            }
        }
        if let Err(error) = meeting.keep_night().and_then(|()| meeting.nodes.leave(node)) {
            tracing::debug!(%error, "the other nodes find out by themselves that this one stops");
        }
    };
    Ok(Telling { stop, thread: Some(thread::Builder::new().name("nodes".to_owned()).spawn(run)?) })
}

impl Meeting {
    /// False when there is nobody to tell of any more. What did not get through is tried again at the next beat.
    fn attend(&mut self) -> bool {
        let Some(shared) = self.shared.upgrade() else { return false };
        match shared.refresh_keys() {
            Err(error @ StoreError::Gone) if !self.keys_gone => {
                tracing::error!(%error, "the keys were deleted under this server");
                self.keys_gone = true;
            }
            Err(error) => tracing::debug!(%error, "the keys cannot be looked at"),
            Ok(()) => self.keys_gone = false,
        }
        if let Err(error) = self.meet(&shared) {
            tracing::debug!(%error, "the other nodes cannot be told");
        }
        true
    }

    fn meet(&mut self, shared: &Shared) -> Result<(), onsale_tables::Error> {
        let heard = self.nodes.beat(shared.node.id(), &ops::report(shared))?;
        let heard =
            heard.into_iter().map(|Heard { node, age_ms, report }| (node, Duration::from_millis(age_ms), report));
        shared.monitor.hear(heard);
        shared.hear_of_sites();
        self.raise(shared);
        if !self.recalled {
            shared.monitor.recall(self.nodes.night(Monitor::night_from())?.into_iter());
            self.recalled = true;
        }
        self.keep_night()?;
        let Statistics { commits, rollbacks, deadlocks, wal_bytes, lock_waits } = self.nodes.statistics()?;
        let counts = &shared.database;
        counts.commits.store(commits, Ordering::Relaxed);
        counts.rollbacks.store(rollbacks, Ordering::Relaxed);
        counts.deadlocks.store(deadlocks, Ordering::Relaxed);
        counts.wal_bytes.store(wal_bytes, Ordering::Relaxed);
        counts.lock_waits.store(lock_waits, Ordering::Relaxed);
        Ok(())
    }
}

impl Meeting {
    /// Writes down what was seen of the night since the last time.
    fn keep_night(&mut self) -> Result<(), onsale_tables::Error> {
        let night = self.monitor.night_since(self.kept);
        if let Some(&(last, _)) = night.last() {
            self.nodes.keep_night(&night, Monitor::night_from())?;
            self.kept = last;
        }
        Ok(())
    }

    /// Raises the store's level as soon as all of its nodes can read the next. Several may do so: the first one counts.
    fn raise(&mut self, shared: &Shared) {
        let store = shared.node.views().level();
        let Some(level) = self.level.look(store, ops::levels(shared)) else { return };
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let raised = runtime
            .map(|runtime| runtime.block_on(async { shared.node.lane().submit(Command::Raise { level }).await }));
        match raised {
            Ok(Ok(_)) => tracing::info!(level, "all nodes can read it: the store is raised"),
            Ok(Err(error)) => tracing::debug!(%error, level, "the store cannot be raised now"),
            Err(error) => tracing::debug!(%error, level, "the store cannot be raised now"),
        }
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        *self.stop.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.1.notify_all();
        if let Some(thread) = self.thread.take() {
            // Where it panicked, there is nothing to add to what was logged.
            let _ = thread.join();
        }
    }
}
