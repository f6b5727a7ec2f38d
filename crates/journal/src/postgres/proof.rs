//! Which server has shown last that it takes commits, and when.
//!
//! A read tells where the journal ends only on the server that is read. Of two that both take themselves for the primary,
//! the one whose synchronous standby was promoted cannot commit any more, and answers reads as if nothing had happened.
//! So, where commits wait for a standby, a read counts for a short while after a commit on the same server, and not longer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use onsale_postgres::{Lasting, Target};

use super::connection::{Connection, Connector, Failure, Role, Server};
use crate::Error;

/// For how long after a commit a read counts: time for one that is slow, and for another.
const COUNTS: Duration = Duration::from_secs(5);
/// After how long without an append something else is committed.
const RENEWED: Duration = Duration::from_secs(1);

/// Shared by those who append and those who read.
#[derive(Debug, Default)]
pub(super) struct Proof {
    is_needed: AtomicBool,
    last: Mutex<Option<(Server, Instant)>>,
}

/// What is known of a server that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// What it says is how it is.
    Current,
    /// It has committed nothing for a while, and nobody else has either.
    InDoubt,
    /// Another server commits.
    Replaced,
}

impl Proof {
    pub(super) fn need(&self, is_needed: bool) {
        self.is_needed.store(is_needed, Ordering::Relaxed);
    }

    fn is_needed(&self) -> bool {
        self.is_needed.load(Ordering::Relaxed)
    }

    /// A commit on this server was answered.
    pub(super) fn note(&self, server: Server, now: Instant) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((server, now));
    }

    /// Whether it is time to commit something, for who has appended nothing.
    fn is_due(&self, now: Instant) -> bool {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_needed() && last.is_none_or(|(_, at)| now.saturating_duration_since(at) >= RENEWED)
    }

    /// What a read on `server` is worth that began at `began`.
    pub(super) fn standing(&self, server: Server, began: Instant) -> Standing {
        if !self.is_needed() {
            return Standing::Current;
        }
        match *self.last.lock().unwrap_or_else(PoisonError::into_inner) {
            Some((_, at)) if began > at + COUNTS => Standing::InDoubt,
            Some((last, _)) if last == server => Standing::Current,
            Some(_) => Standing::Replaced,
            None => Standing::InDoubt,
        }
    }
}

/// Commits where nothing was appended for a while, in a session of its own and without a lock: no append waits for it.
pub struct Pulse<C: Connector = Target> {
    target: C,
    proof: Arc<Proof>,
    open: Lasting<(C::Connection, Server)>,
}

impl<C: Connector> Pulse<C> {
    pub(super) fn new(target: &C, proof: Arc<Proof>) -> Self {
        Self { target: target.clone(), proof, open: Lasting::default() }
    }

    /// Commits something where it is time to. Call it several times in a second.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub fn beat(&mut self) -> Result<(), Error> {
        if !self.proof.is_due(self.target.now()) {
            return Ok(());
        }
        Ok(self.commit().inspect_err(|_| self.open.end())?)
    }

    fn commit(&mut self) -> Result<(), Failure> {
        let (session, server) = self.open.get(|| {
            let mut session = self.target.connect(Role::Pulse)?;
            let server = session.ready()?;
            Ok::<_, Failure>((session, server))
        })?;
        session.commit()?;
        self.proof.note(*server, self.target.now());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_counts_for_a_while_after_a_commit_on_its_server() {
        let (proof, now) = (Proof::default(), Instant::now());
        let (here, there) = (Server(1), Server(2));
        assert_eq!(proof.standing(here, now), Standing::Current, "where commits wait for nobody");
        assert!(!proof.is_due(now));
        proof.need(true);
        assert_eq!(proof.standing(here, now), Standing::InDoubt);
        assert!(proof.is_due(now));
        proof.note(here, now);
        assert_eq!(proof.standing(here, now), Standing::Current);
        assert_eq!(proof.standing(there, now), Standing::Replaced);
        assert!(!proof.is_due(now));
        for server in [here, there] {
            assert_eq!(proof.standing(server, now + COUNTS + Duration::from_secs(1)), Standing::InDoubt);
        }
    }
}
