//! A thread that looks at the node once a second.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::report::own;
use crate::shared::Shared;

/// The running thread. Ends with it.
#[derive(Debug)]
pub struct Watching {
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

/// Starts to look, and to keep what is seen in `directory`, or until the process ends where there is none. `name` is what
/// operators know the node by. Once per process.
///
/// # Errors
/// Where the system gives no thread.
pub fn watch(shared: &Arc<Shared>, name: String, directory: Option<&Path>) -> std::io::Result<Watching> {
    let monitor = shared.monitor.clone();
    monitor.begin(name, directory);
    let stop = Arc::new((Mutex::new(false), Condvar::new()));
    let (watched, stopped) = (Arc::downgrade(shared), stop.clone());
    let run = move || {
        let (flag, condition) = &*stopped;
        while let Some(shared) = watched.upgrade() {
            shared.note_time();
            shared.load.note();
            shared.forget_arrivals();
            monitor.look(&shared.node, &shared.metrics, shared.streams.open());
            drop(shared);
            // On the clock's seconds, so that the nodes of a cluster have theirs at the same moments.
            let into = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().subsec_millis();
            let pause = Duration::from_millis(u64::from(1_000 - into));
            let flag = flag.lock().unwrap_or_else(PoisonError::into_inner);
            let wait = condition.wait_timeout_while(flag, pause, |stopping| !*stopping);
            if *wait.unwrap_or_else(PoisonError::into_inner).0 {
                break;
            }
        }
        monitor.end();
    };
    Ok(Watching { stop, thread: Some(thread::Builder::new().name("monitor".to_owned()).spawn(run)?) })
}

impl Drop for Watching {
    fn drop(&mut self) {
        *self.stop.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.1.notify_all();
        if let Some(thread) = self.thread.take() {
            // Where it panicked, there is nothing to add to what was logged.
            let _ = thread.join();
        }
    }
}

/// How this node is now, for the others.
#[must_use]
pub fn report(shared: &Shared) -> String {
    serde_json::to_string(&own(shared)).unwrap_or_default()
}

/// The highest levels that the nodes of the store raise it to: this one's, and of each that was heard from in the last
/// ten minutes.
#[must_use]
pub fn levels(shared: &Shared) -> Vec<u32> {
    shared.monitor.levels().into_iter().chain([shared.node.level_max()]).collect()
}
