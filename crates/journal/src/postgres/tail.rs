//! Following what all nodes append: a notification wakes the reader, and polling finds what no notification told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use onsale_postgres::{Lasting, Target, Waited};
use tokio::sync::Notify;

use super::connection::{Connection, Connector, Failure, Role, Server};
use super::proof::{Proof, Standing};
use super::reader::Reader;
use crate::{Behind, Entry, Error, Head, Limit, Reader as _, Verifier, Vote, Votes};

/// How often it is looked up whether others listen.
const OTHERS_EVERY: Duration = Duration::from_millis(250);

/// See [`crate::Tail`]. The node that it belongs to hears of its own entries from elsewhere.
pub struct Tail<C: Connector = Target> {
    target: C,
    node: u64,
    open: Lasting<(C::Connection, Server)>,
    /// Wakes a wait from another thread.
    wake: Arc<Notify>,
    /// Whether other nodes listen: without any, nothing need be announced to them.
    others: Arc<AtomicBool>,
    proof: Arc<Proof>,
    looked: Option<Instant>,
}

impl<C: Connector> Tail<C> {
    pub(super) fn new(target: &C, node: u64, others: Arc<AtomicBool>, proof: Arc<Proof>) -> Self {
        Self {
            target: target.clone(),
            node,
            open: Lasting::default(),
            wake: Arc::default(),
            others,
            proof,
            looked: None,
        }
    }

    /// Finds out whether other nodes listen, where that has not been looked up for a while.
    fn look_for_others(&mut self) -> Result<(), Error> {
        let now = self.target.now();
        if self.looked.is_some_and(|looked| now.saturating_duration_since(looked) < OTHERS_EVERY) {
            return Ok(());
        }
        let others = self.ask(Connection::others)?;
        self.others.store(others.listen, Ordering::Relaxed);
        self.proof.need(others.replicate);
        self.looked = Some(self.target.now());
        Ok(())
    }

    /// Whether a read that began then is worth anything. Where another server takes the appends, that one is to be read.
    fn is_current(&mut self, began: Instant) -> Result<bool, Error> {
        let server = self.open()?.1;
        match self.proof.standing(server, began) {
            Standing::Current => Ok(true),
            Standing::InDoubt => Ok(false),
            Standing::Replaced => {
                self.open.end();
                Err(Error::Unavailable {
                    reason: "the journal was read on another server than it is appended on".to_owned(),
                })
            }
        }
    }

    /// What was read, which must follow.
    fn follow(&mut self, known: Head, entries: Vec<Entry>) -> Result<Vec<Entry>, Error> {
        let mut chain = Verifier::new(known);
        match entries.iter().try_for_each(|entry| chain.next(&entry.link(), entry.hash)) {
            Ok(()) => Ok(entries),
            Err(error) => Err(self.explain(known, error)),
        }
    }

    /// What does not follow may have been truncated, or it is another history.
    fn explain(&mut self, known: Head, error: Error) -> Error {
        Reader::new(&self.target).expect(&known).err().unwrap_or(error)
    }

    /// A new session hears nothing until it listens.
    fn open(&mut self) -> Result<&mut (C::Connection, Server), Error> {
        let opened = self.open.get(|| {
            let mut session = self.target.connect(Role::Tail)?;
            let server = session.ready()?;
            Ok::<_, Failure>((session, server))
        });
        Ok(opened?)
    }

    /// A session that gave no answer is not asked again.
    fn ask<T>(&mut self, question: impl FnOnce(&C::Connection) -> Result<T, Failure>) -> Result<T, Error> {
        let (session, _) = self.open()?;
        let answer = question(session);
        if matches!(answer, Err(Failure::Session { .. })) {
            self.open.end();
        }
        Ok(answer?)
    }
}

impl<C: Connector> Votes for Tail<C> {
    fn vote(&mut self, at: &Head, fingerprint: u64) -> Result<Vec<Vote>, Error> {
        let node = self.node;
        self.ask(|session| session.vote(at, node, fingerprint))
    }

    fn votes(&mut self, seq: u64) -> Result<Vec<Vote>, Error> {
        self.ask(|session| session.votes(seq))
    }
}

impl<C: Connector> crate::Tail for Tail<C> {
    fn behind(&mut self, known: Head, limit: Limit) -> Result<Behind, Error> {
        self.look_for_others()?;
        let began = self.target.now();
        let next = self.ask(|session| session.next(&known, limit.entries))?;
        let is_current = self.is_current(began)?;
        if let Some(entries) = next {
            return Ok(Behind { entries: self.follow(known, entries)?, is_all: true, is_current });
        }
        let (entries, stands) = self.ask(|session| session.behind_place(&known, limit))?;
        let entries = self.follow(known, entries)?;
        if !stands && entries.is_empty() {
            let missing = Error::corrupt(known.seq, "it was seen before, and is not in the journal any more");
            return Err(self.explain(known, missing));
        }
        let bytes: usize = entries.iter().map(|entry| entry.payload.len()).sum();
        let is_all = entries.len() < limit.entries.max(1) && bytes < limit.bytes;
        Ok(Behind { entries, is_all, is_current })
    }

    fn wait(&mut self, time: Duration) {
        let target = self.target.clone();
        let until = target.now() + time;
        let own = self.node.cast_signed().to_string();
        let wake = self.wake.clone();
        let Ok((session, _)) = self.open() else { return };
        // What the node has appended itself it knows already; that does not put the next look off.
        while let Waited::Notified(nodes) = session.wait(until.saturating_duration_since(target.now()), &wake) {
            if nodes.iter().any(|node| *node != own) {
                return;
            }
        }
    }

    fn waker(&self) -> Arc<Notify> {
        self.wake.clone()
    }
}
