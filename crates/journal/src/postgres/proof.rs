//! Which server has shown last that it takes commits, and when.
//!
//! A read tells where the journal ends only on the server that is read. Of two that both take themselves for the primary,
//! the one whose synchronous standby was promoted cannot commit any more, and answers reads as if nothing had happened.
//! So, where commits wait for a standby, a read counts for a short while after a commit on the same server, and not longer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use onsale_postgres::{self as pg, Session, Target};

use super::{PATIENCE, reading};
use crate::Error;

/// For how long after a commit a read counts: time for one that is slow, and for another.
const COUNTS: Duration = Duration::from_secs(5);
/// After how long without an append something else is committed.
const RENEWED: Duration = Duration::from_secs(1);

/// When the server was started, which tells it from its standbys.
const SERVER: &str = "select (extract(epoch from pg_postmaster_start_time()) * 1000000)::bigint";
/// Whether a commit of a session like this waits for another server.
pub(super) const IS_NEEDED: &str = "current_setting('synchronous_standby_names') <> ''
    and current_setting('synchronous_commit') in ('on', 'remote_write', 'remote_apply')";
/// A commit that changes no row, and is waited for like any other.
const COMMIT: &str = "select pg_logical_emit_message(true, 'onsale', '')";

/// A server, told from others: see [`server`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Server(i64);

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
    pub(super) fn note(&self, server: Server) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((server, Instant::now()));
    }

    /// Whether it is time to commit something, for who has appended nothing.
    fn is_due(&self) -> bool {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_needed() && last.is_none_or(|(_, at)| at.elapsed() >= RENEWED)
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

/// The server that a session is with.
pub(super) fn server(session: &Session) -> Result<Server, pg::Error> {
    let client = session.client();
    session.block(async { client.query_one(SERVER, &[]).await }).map(|found| Server(found.get(0)))
}

/// Commits where nothing was appended for a while, in a session of its own and without a lock: no append waits for it.
pub struct Pulse {
    target: Target,
    proof: Arc<Proof>,
    open: Option<(Session, Server)>,
}

impl Pulse {
    pub(super) fn new(target: &Target, proof: Arc<Proof>) -> Self {
        Self { target: target.clone(), proof, open: None }
    }

    /// Commits something where it is time to. Call it several times in a second.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub fn beat(&mut self) -> Result<(), Error> {
        if !self.proof.is_due() {
            return Ok(());
        }
        let beaten = self.commit();
        if beaten.is_err() {
            self.open = None;
        }
        beaten.map_err(|error| reading(&error))
    }

    fn commit(&mut self) -> Result<(), pg::Error> {
        if self.open.as_ref().is_none_or(|(session, _)| session.is_ended()) {
            let session = self.target.connect("pulse", PATIENCE)?;
            let server = server(&session)?;
            self.open = Some((session, server));
        }
        let Some((session, server)) = &self.open else { return Err(pg::Error::Ended) };
        let client = session.client();
        let committed = session.block(async { client.batch_execute(COMMIT).await });
        match committed {
            Ok(()) => self.proof.note(*server),
            // What was committed says nothing, so it may as well stand on this server alone.
            Err(pg::Error::Silent(_)) => session.cancel(),
            Err(_) => {}
        }
        committed
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
        assert!(!proof.is_due());
        proof.need(true);
        assert_eq!(proof.standing(here, now), Standing::InDoubt);
        assert!(proof.is_due());
        proof.note(here);
        let now = Instant::now();
        assert_eq!(proof.standing(here, now), Standing::Current);
        assert_eq!(proof.standing(there, now), Standing::Replaced);
        assert!(!proof.is_due());
        for server in [here, there] {
            assert_eq!(proof.standing(server, now + COUNTS + Duration::from_secs(1)), Standing::InDoubt);
        }
    }
}
