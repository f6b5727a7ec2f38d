//! The open connections of a thread.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use slab::Slab;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::addresses::Held;
use super::counts::Counts;
use super::watch::{Ending, Limits, Shared, State, Watch};

/// The connections of one thread. The lock is never contended: only this thread takes it, once as a connection comes,
/// once as it goes, and to sweep.
pub(super) struct Registry {
    pub(super) shared: Arc<Shared>,
    entries: Mutex<Slab<Entry>>,
    emptied: Notify,
    /// Where to look next for a connection that can be spared.
    next: AtomicUsize,
}

struct Entry {
    watch: Arc<Watch>,
    /// Set as soon as the connection's task exists.
    task: Option<AbortHandle>,
}

/// A connection's place in the registry, given up when it is dropped.
pub(super) struct Place {
    registry: Arc<Registry>,
    key: usize,
    /// Counts for the client's address.
    _held: Held,
}

/// How many connections are looked at to find one that can be spared.
const LOOKED_AT: usize = 256;

impl Registry {
    pub(super) fn new(counts: Arc<Counts>) -> Self {
        let shared = Arc::new(Shared::new(counts));
        Self { shared, entries: Mutex::default(), emptied: Notify::new(), next: AtomicUsize::new(0) }
    }

    /// Takes a connection in, unless there are `connections_max` already, and each of this thread's is at something.
    pub(super) fn enter(self: &Arc<Self>, watch: Arc<Watch>, connections_max: usize, held: Held) -> Option<Place> {
        let total = &self.shared.counts.connections;
        if total.fetch_add(1, Ordering::Relaxed) >= connections_max && !self.shed() {
            total.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        let key = self.lock().insert(Entry { watch, task: None });
        Some(Place { registry: self.clone(), key, _held: held })
    }

    /// Ends a connection that can be spared, so that one that has something to ask gets its place: of those that are looked
    /// at, the one that has waited longest among those that can be spared best. They are looked at in turn, for a look at
    /// all of them at each new connection would cost more than the connection.
    fn shed(&self) -> bool {
        let entries = self.lock();
        let first = self.next.fetch_add(LOOKED_AT, Relaxed) % entries.capacity().max(1);
        let from_first = (first..entries.capacity()).chain(0..first).take(LOOKED_AT);
        let looked_at = from_first.filter_map(|key| entries.get(key));
        let spared = looked_at.filter_map(|entry| Some((entry.watch.spared()?, entry.watch.since_ms(), entry)));
        let Some((_, _, longest)) = spared.min_by_key(|&(spared, since_ms, _)| (spared, since_ms)) else {
            return false;
        };
        let Some(task) = &longest.task else { return false };
        longest.watch.enter(State::Linger);
        task.abort();
        self.shared.counts.shed.fetch_add(1, Relaxed);
        true
    }

    /// Says which task serves the connection at `key`.
    pub(super) fn started(&self, key: usize, task: AbortHandle) {
        if let Some(entry) = self.lock().get_mut(key) {
            entry.task = Some(task);
        }
    }

    /// Ends the connections whose clients used up their time; how many of them were cut off.
    pub(super) fn sweep(&self, limits: &Limits) -> usize {
        let counts = &self.shared.counts;
        let cut = self.cut_if(|watch| watch.overdue(limits) == Some(Ending::Cut));
        let idle = self.abort_if(|watch| watch.overdue(limits) == Some(Ending::Idle) && !watch.leave());
        counts.cut.fetch_add(cut as u64, Relaxed);
        counts.idle.fetch_add(idle as u64, Relaxed);
        cut
    }

    /// Has each connection end with its next answer.
    pub(super) fn leave(&self) {
        self.shared.leaving.store(true, Relaxed);
        self.lock().iter().for_each(|(_, entry)| entry.watch.waker.wake());
    }

    /// Lets no connection wait for another request: those between two are dropped, the others end with theirs. Where somebody waits for the
    /// next program (`is_kept`), half a head is no request either.
    pub(super) fn close(&self, is_kept: bool) {
        self.shared.closing.store(true, Relaxed);
        self.abort_if(|watch| match watch.state() {
            State::Fresh | State::Idle | State::Linger => true,
            State::Head => is_kept,
            State::Service | State::Body | State::Response | State::Live => false,
            State::Http2 => {
                watch.waker.wake();
                false
            }
        });
    }

    /// Drops all connections that are left; how many.
    pub(super) fn abort_all(&self) -> usize {
        self.cut_if(|_| true)
    }

    /// Returns as soon as no connection is open.
    pub(super) async fn empty(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.lock().is_empty() {
                return;
            }
            emptied.await;
        }
    }

    fn cut_if(&self, condition: impl Fn(&Watch) -> bool) -> usize {
        self.abort_if(|watch| {
            let chosen = condition(watch);
            watch.cut.fetch_or(chosen, Relaxed);
            chosen
        })
    }

    fn abort_if(&self, condition: impl Fn(&Watch) -> bool) -> usize {
        let entries = self.lock();
        let chosen = entries.iter().filter(|(_, entry)| condition(&entry.watch));
        chosen.filter_map(|(_, entry)| entry.task.as_ref()).map(AbortHandle::abort).count()
    }

    fn lock(&self) -> MutexGuard<'_, Slab<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Lets another task serve the connection from here on.
    pub(super) fn hand_over(self, rest: impl Future<Output = ()> + Send + 'static) {
        let (registry, key) = (self.registry.clone(), self.key);
        let task = tokio::spawn(async move {
            let _place = self;
            rest.await;
        });
        registry.started(key, task.abort_handle());
    }

    pub(super) fn key(&self) -> usize {
        self.key
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut entries = self.registry.lock();
        entries.remove(self.key);
        if entries.is_empty() {
            self.registry.emptied.notify_waiters();
        }
        self.registry.shared.counts.connections.fetch_sub(1, Ordering::Relaxed);
    }
}
