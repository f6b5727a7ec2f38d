use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use onsale_postgres::{Ends, Kind, Lasting, Target};

use super::connection::{Connection, Connector, Failure, Inserted, Own, Role, Server, Store, Wanted};
use super::proof::{Proof, Pulse};
use super::reader::Reader;
use super::tail::Tail;
use super::{PATIENCE, truncate};
use crate::clock::Clock;
use crate::{Appended, Checkpoint, Error, Head, PAYLOAD_BYTES_MAX, Reader as _, Time, Truncated};

/// How long an append goes on trying once it may have been sent: others wait for its outcome, and a database that is
/// restarted is back in about that time.
const RESOLVE: Duration = Duration::from_millis(3_000);
/// The pause between two tries.
const RETRY_PAUSE: Duration = Duration::from_millis(40);
/// How long a piece of a truncation may take.
const TRUNCATING: Duration = Duration::from_secs(60);
/// A session that was idle for longer is looked at before it is used: what was sent into a dead one is ambiguous.
const IDLE: Duration = Duration::from_secs(1);

/// One node's way to append to the journal in a database, which other nodes append to as well.
pub struct Journal<C: Connector = Target> {
    target: C,
    session: Lasting<Open<C::Connection>>,
    used: Instant,
    store: Store,
    node: u64,
    clock: Clock,
    /// The last place of the journal that this node knows of.
    head: Head,
    /// The last entry of others: all behind it may be this node's.
    opened_at: u64,
    /// This node's last entry that is known to be in: its number, and where it is.
    own_last: Option<(u64, u64)>,
    /// Whether other nodes listen, as far as this one's tail knows.
    others: Arc<AtomicBool>,
    /// What its own commits tell those who read.
    proof: Arc<Proof>,
}

/// What appends are made with.
struct Open<S> {
    session: S,
    server: Server,
    /// What was appended last in this session.
    last: Option<Head>,
}

/// What became of one try.
enum Tried {
    In(Head),
    /// The node's entry before this one, which nobody knew of, is in.
    Earlier,
    /// An entry of the node was in that it did not know of, and is truncated: an earlier one, or this.
    Covered,
    /// It was rolled back, and another try may do.
    Again(String),
    /// It was not written, and another try would not be either.
    Refused(String),
    /// It may have been written.
    Ambiguous(String),
}

impl<C: Connector> Journal<C> {
    /// Opens the journal in a database, or makes one. What is in it is verified by those who read it.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; [`Error::Format`], also of a database or a pooler that cannot carry a store;
    /// [`Error::Corrupt`] if its checkpoint is not what was sealed.
    pub fn open(target: &C) -> Result<Self, Error> {
        let session = target.open_store()?;
        let store = Store::load(&session)?;
        let head = Reader::new(target).head()?;
        let open = Open::new(session)?;
        // As it was when it answered: it runs behind by the way of the answer, and never ahead.
        let source_ms = open.session.clock_ms()?;
        let (node, used) = (target.draw(), target.now());
        let clock = Clock::starting(head.time_ms, source_ms, used);
        let mut journal = Self {
            target: target.clone(),
            session: open.into(),
            used,
            store,
            node,
            clock,
            head,
            opened_at: head.seq,
            own_last: None,
            others: Arc::new(AtomicBool::new(true)),
            proof: Arc::default(),
        };
        journal.finish_truncation()?;
        Ok(journal)
    }

    /// Takes up the time that the other nodes count, `theirs_ms` in milliseconds since 1970 at this moment. Before the first
    /// append: an opening believes the database's clock, which may have stepped under nodes that live.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub fn join(&mut self, theirs_ms: u64) -> Result<(), Error> {
        let source_ms = self.session()?.session.clock_ms()?;
        self.clock = Clock::joining(self.head.time_ms, theirs_ms, source_ms, self.target.now());
        Ok(())
    }

    /// Opens a reader that can wait for entries to come.
    pub fn tail(&self) -> Tail<C> {
        Tail::new(&self.target, self.node, self.others.clone(), self.proof.clone())
    }

    /// What shows that the server takes commits still, while nothing is appended.
    pub fn pulse(&self) -> Pulse<C> {
        Pulse::new(&self.target, self.proof.clone())
    }

    fn finish_truncation(&mut self) -> Result<(), Error> {
        let Some(sealed) = self.store.checkpoint else { return Ok(()) };
        let store_id = self.store.id;
        loop {
            let Open { session, .. } = self.session()?;
            if !session.is_left(sealed.seq)? {
                return Ok(());
            }
            truncate::step(session, store_id, &sealed)?;
        }
    }

    /// The session, opened again if it was lost. A new one may be with another server: the history that this node has
    /// seen must be there.
    fn session(&mut self) -> Result<&mut Open<C::Connection>, Error> {
        let now = self.target.now();
        let is_idle = now.saturating_duration_since(self.used) > IDLE;
        if is_idle && self.session.opened().is_some_and(|open| open.session.has_ended_meanwhile()) {
            self.session.end();
        }
        let Self { target, session, store, head, .. } = self;
        let open = session.get(|| {
            let session = target.connect(Role::Journal)?;
            check_history(target, &session, store, head)?;
            Ok::<_, Error>(Open::new(session)?)
        })?;
        self.used = target.now();
        Ok(open)
    }

    /// One try. Errors of this are final.
    fn attempt(&mut self, number: u64, payload: &[u8]) -> Result<Tried, Error> {
        let began = self.target.now();
        let (began_ms, slack_ms) = (self.clock.now_ms(began), self.clock.slack_ms(began));
        let (node, seen, announce) = (self.node, self.head, self.others.load(Ordering::Relaxed));
        let own_last = self.own_last_at();
        let open = match self.session() {
            Ok(open) => open,
            Err(Error::Unavailable { reason }) => return Ok(Tried::Refused(reason)),
            Err(error) => return Err(error),
        };

        let wanted = Wanted { node, number, payload, own_last, seen, due_ms: began_ms, slack_ms, announce };
        // Where others append too, the last entry is seldom one's own, and trying that would cost a round trip.
        let last = open.last.take().filter(|_| !announce);
        match open.session.append(&wanted, last.as_ref()) {
            Ok(Some(Inserted { head, clock_ms })) => {
                open.last = Some(head);
                let (server, now) = (open.server, self.target.now());
                self.proof.note(server, now);
                self.clock.observe(now, began_ms, head.time_ms, clock_ms);
                Ok(Tried::In(head))
            }
            Ok(None) => self.find_out(number, payload),
            Err(Failure::Bad(error)) => Err(error),
            Err(Failure::Session { kind, text }) => match kind {
                Kind::Full => Err(Error::Full),
                Kind::Again => Ok(Tried::Again(text)),
                Kind::Refused => Ok(Tried::Refused(text)),
                Kind::Gone => {
                    self.session.end();
                    Ok(Tried::Ambiguous(text))
                }
            },
        }
    }

    /// The append was let in nowhere: either an entry of this node is in that it did not know of, or the journal is not
    /// the one that it has seen.
    fn find_out(&mut self, number: u64, payload: &[u8]) -> Result<Tried, Error> {
        let (node, own_last) = (self.node, self.own_last_at());
        let session = match self.session() {
            Ok(open) => &open.session,
            Err(Error::Unavailable { reason }) => return Ok(Tried::Again(reason)),
            Err(error) => return Err(error),
        };
        let found = session.behind_own(node, own_last, payload).and_then(|found| match found {
            Some(found) => Ok((Some(found), None)),
            None => Ok((None, session.truncated_own(node, own_last)?)),
        });
        let (found, truncated) = match found {
            Ok(found) => found,
            Err(Failure::Session { text, .. }) => return Ok(Tried::Again(text)),
            Err(Failure::Bad(error)) => return Err(error),
        };
        if let Some(seq) = truncated {
            // All numbers before this one are decided. The next session finds where the journal begins now.
            self.own_last = Some((number - 1, seq));
            self.session.end();
            return Ok(Tried::Covered);
        }
        match found {
            Some(Own { number: known, head, is_same: true }) if known == number => Ok(Tried::In(head)),
            Some(Own { number: known, .. }) if known == number => {
                Err(Error::Number { number, reason: "it was appended with another payload" })
            }
            Some(Own { number: known, head, .. }) => {
                self.note(known, head);
                Ok(Tried::Earlier)
            }
            None => {
                // Truncated meanwhile, or a new history. The next session checks which.
                self.session.end();
                Ok(Tried::Again("the journal has moved on".to_owned()))
            }
        }
    }

    /// Where this node's last entry is that is known to be in; before its first, where others were when it was opened.
    fn own_last_at(&self) -> u64 {
        self.own_last.map_or(self.opened_at, |(_, seq)| seq)
    }

    fn note(&mut self, number: u64, head: Head) {
        self.own_last = Some((number, head.seq));
        if head.seq > self.head.seq {
            self.head = head;
        }
    }

    fn repeated(&mut self, number: u64, payload: &[u8]) -> Result<Appended, Error> {
        let node = self.node;
        let Open { session, .. } = self.session()?;
        match session.number(node, number, payload)? {
            Some(Own { head, is_same: true, .. }) => Ok(head),
            Some(_) => Err(Error::Number { number, reason: "it was appended with another payload" }),
            None => Err(Error::Number { number, reason: "it is not above the last one, and not in the journal" }),
        }
    }
}

/// Finds out whether what this node has seen is what the server of a new session has, and where that begins.
fn check_history<C: Connector>(
    target: &C,
    session: &C::Connection,
    known: &mut Store,
    head: &mut Head,
) -> Result<(), Error> {
    let mut reader = Reader::new(target);
    loop {
        let store = Store::load(session)?;
        if store.id != known.id {
            return Err(Error::corrupt(head.seq, "this is another store's journal"));
        }
        *known = store;
        let base = store.base();
        if base.seq > head.seq {
            // It was truncated behind what this node has appended. Who follows the journal verifies the way there.
            *head = base;
        }
        match reader.expect(head) {
            // Meanwhile somebody has truncated further.
            Err(Error::Truncated { .. }) => {}
            checked => return checked,
        }
    }
}

impl<S: Ends> Ends for Open<S> {
    fn is_ended(&self) -> bool {
        self.session.is_ended()
    }
}

impl<S: Connection> Open<S> {
    fn new(mut session: S) -> Result<Self, Failure> {
        let server = session.ready()?;
        Ok(Self { session, server, last: None })
    }
}

impl<C: Connector> crate::Journal for Journal<C> {
    fn store_id(&self) -> u64 {
        self.store.id
    }

    fn node(&self) -> u64 {
        self.node
    }

    fn time(&self) -> Time {
        self.clock.time(self.target.now())
    }

    fn head(&self) -> Head {
        self.head
    }

    fn append(&mut self, number: u64, payload: &[u8]) -> Result<Appended, Error> {
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(Error::TooLarge { bytes: payload.len() });
        }
        if self.own_last.is_some_and(|(last, _)| number <= last) {
            return self.repeated(number, payload);
        }
        let until = self.target.now() + RESOLVE;
        // Whether a try may have been carried out, or may yet be.
        let mut is_out = true;
        loop {
            let reason = match self.attempt(number, payload) {
                Ok(Tried::In(head)) => {
                    self.note(number, head);
                    return Ok(head);
                }
                Ok(Tried::Earlier) => continue,
                Ok(Tried::Covered) if is_out => continue,
                // It may be this one's first try that was truncated. What follows is another number.
                Ok(Tried::Covered) => {
                    let reason = "an entry of this node, perhaps this one, was truncated".to_owned();
                    return Err(Error::Unknown { reason });
                }
                Ok(Tried::Refused(reason)) if is_out => return Err(Error::Unavailable { reason }),
                Ok(Tried::Again(reason) | Tried::Refused(reason)) => reason,
                Ok(Tried::Ambiguous(reason)) => {
                    is_out = false;
                    reason
                }
                Err(Error::Full) if !is_out => Error::Full.to_string(),
                Err(error) => return Err(error),
            };
            if self.target.now() > until {
                return Err(if is_out { Error::Unavailable { reason } } else { Error::Unknown { reason } });
            }
            self.target.pause(RETRY_PAUSE);
        }
    }

    fn reader(&self) -> Result<Box<dyn crate::Reader>, Error> {
        Ok(Box::new(Reader::new(&self.target)))
    }

    fn probe(&mut self) -> Result<(), Error> {
        let Open { session, .. } = self.session()?;
        session.ask().inspect_err(|_| self.session.end())?;
        Ok(())
    }

    fn probe_if_idle(&mut self) -> Result<(), Error> {
        if self.target.now().saturating_duration_since(self.used) >= IDLE { self.probe() } else { Ok(()) }
    }

    fn checkpoint(&self) -> Option<Checkpoint> {
        self.store.checkpoint
    }

    fn truncate(&mut self, checkpoint: &Checkpoint) -> Result<Truncated, Error> {
        let store_id = self.store.id;
        let Open { session, .. } = self.session()?;
        truncate::check(session, checkpoint)?;
        // Large entries take their time to go, and nobody waits for that.
        session.set_patience(TRUNCATING);
        let done = truncate::step(session, store_id, checkpoint);
        session.set_patience(PATIENCE);
        let done = done?;
        self.store = Store::load(&self.session()?.session)?;
        Ok(done)
    }
}
