//! Where a command's time went, for whoever asks: when it was given, when its entry went to the journal, was durable and was
//! applied, and when its outcome was heard of. Nobody who does not ask pays for it.

use std::any::Any;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use crate::lane::ReplyTo;
use crate::threads::Timer;

/// The most commands of one trail that are followed: an import has thousands.
const FOLLOWED_MAX: usize = 32;

tokio::task_local! {
    static TRAIL: Arc<Trail>;
}

/// The commands that one task gives, in order.
#[derive(Debug)]
pub struct Trail {
    timer: Timer,
    followed: Mutex<Vec<Arc<Followed>>>,
}

/// A command that is followed.
#[derive(Debug)]
pub struct Followed {
    timer: Timer,
    given: Duration,
    heard: OnceLock<Duration>,
    passage: OnceLock<Arc<Passage>>,
}

/// An entry's way through the node, with at least one command that is followed.
#[derive(Debug)]
pub struct Passage {
    commands: usize,
    moments: Mutex<Moments>,
    beside: OnceLock<Arc<dyn Any + Send + Sync>>,
}

/// When an entry came where, since the node began; `None` where it has not.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moments {
    /// It was given to the journal.
    pub appending: Duration,
    /// The journal has answered: it is durable, or it is not known to be.
    pub appended: Option<Duration>,
    /// Its number, where it is durable.
    pub seq: Option<u64>,
    /// It came to where it is applied; there it may have to wait for those of other nodes.
    pub applying: Option<Duration>,
    /// What came of it can be seen.
    pub applied: Option<Duration>,
}

impl Trail {
    pub(crate) fn new(timer: Timer) -> Arc<Self> {
        Arc::new(Self { timer, followed: Mutex::default() })
    }

    /// Follows the commands that a task gives while it does this.
    pub async fn of<T>(self: Arc<Self>, task: impl Future<Output = T>) -> T {
        TRAIL.scope(self, task).await
    }

    /// Those that were given so far.
    #[must_use]
    pub fn followed(&self) -> Vec<Arc<Followed>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How long the node has been there: all moments are of this.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.timer.elapsed()
    }

    /// Follows a command that is given now, where somebody asks for it.
    pub(crate) fn follow() -> Option<Arc<Followed>> {
        TRAIL.try_with(Self::add_to).ok().flatten()
    }

    #[cold]
    #[inline(never)]
    fn add_to(trail: &Arc<Self>) -> Option<Arc<Followed>> {
        let mut followed = trail.followed.lock().unwrap_or_else(PoisonError::into_inner);
        if followed.len() >= FOLLOWED_MAX {
            return None;
        }
        let (timer, given) = (trail.timer, trail.timer.elapsed());
        let one = Arc::new(Followed { timer, given, heard: OnceLock::new(), passage: OnceLock::new() });
        followed.push(one.clone());
        Some(one)
    }
}

impl Followed {
    /// When the command was given.
    #[must_use]
    pub fn given(&self) -> Duration {
        self.given
    }

    /// When its outcome was heard of; `None` where nobody waited for it.
    #[must_use]
    pub fn heard(&self) -> Option<Duration> {
        self.heard.get().copied()
    }

    /// The entry that it is in, from the moment on at which that is made.
    #[must_use]
    pub fn passage(&self) -> Option<&Arc<Passage>> {
        self.passage.get()
    }

    pub(crate) fn hear(&self) {
        // It is heard of once.
        let _ = self.heard.set(self.timer.elapsed());
    }
}

impl Passage {
    /// An entry with so many commands, which goes to the journal now.
    pub(crate) fn begin(replies: &[ReplyTo], commands: usize, now: Duration) -> Arc<Self> {
        let moments = Moments { appending: now, ..Moments::default() };
        let passage = Arc::new(Self { commands, moments: Mutex::new(moments), beside: OnceLock::new() });
        for followed in replies.iter().filter_map(ReplyTo::followed) {
            // A command is in one entry.
            let _ = followed.passage.set(passage.clone());
        }
        passage
    }

    pub(crate) fn appended(&self, seq: Option<u64>, now: Duration) {
        self.note(|moments| (moments.appended, moments.seq) = (Some(now), seq));
    }

    pub(crate) fn applying(&self, now: Duration) {
        self.note(|moments| moments.applying = Some(now));
    }

    pub(crate) fn applied(&self, now: Duration) {
        self.note(|moments| moments.applied = Some(now));
    }

    #[must_use]
    pub fn moments(&self) -> Moments {
        *self.moments.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many commands are in the entry, whoever gave them.
    #[must_use]
    pub fn commands(&self) -> usize {
        self.commands
    }

    /// What those who follow the entry keep with it, made by the first of them. It ends with the last.
    pub fn beside(&self, make: impl FnOnce() -> Arc<dyn Any + Send + Sync>) -> Arc<dyn Any + Send + Sync> {
        self.beside.get_or_init(make).clone()
    }

    fn note(&self, note: impl FnOnce(&mut Moments)) {
        note(&mut self.moments.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn commands_are_followed_where_somebody_asks_for_it_and_not_without_end() {
        assert!(Trail::follow().is_none());
        let trail = Trail::new(Timer::start());
        let followed = trail.clone().of(async { Trail::follow() }).await.expect("it is followed");
        let reply_to = ReplyTo::nobody().following(Some(followed.clone()));
        let passage = Passage::begin(&[ReplyTo::nobody(), reply_to], 2, Duration::from_secs(1));
        passage.appended(Some(7), Duration::from_secs(3));
        let found = followed.passage().expect("it is in an entry");
        assert_eq!((found.moments().appended, found.moments().seq), (Some(Duration::from_secs(3)), Some(7)));
        assert_eq!((found.commands(), followed.heard()), (2, None));
        followed.hear();
        assert!(followed.heard().is_some_and(|heard| heard >= followed.given()));
        trail.clone().of(async { (0..2 * FOLLOWED_MAX).for_each(|_| drop(Trail::follow())) }).await;
        assert_eq!(trail.followed().len(), FOLLOWED_MAX);
    }
}
