use std::cell::Cell;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use onsale_postgres::{Ends, Kind, Waited};
use tokio::sync::Notify;

use super::fate::{Fate, Operation, Step};
use super::server::{Append, Host, Work};
use super::tables::Change;
use super::{Shared, locked};
use crate::postgres::PATIENCE;
use crate::postgres::connection::{Connection, Failure, Inserted, Others, Own, Role, Server, Stored, Wanted};
use crate::{Checkpoint, Entry, Hash, Head, Limit, Truncated, Vote};

/// A session with a [`super::Database`].
pub struct Session {
    shared: Arc<Mutex<Shared>>,
    node: u64,
    id: u64,
    role: Role,
    patience: Duration,
    /// Whether its client knows that it is over.
    is_over: Cell<bool>,
}

impl Session {
    pub(super) fn open(shared: &Arc<Mutex<Shared>>, node: u64, role: Role) -> Result<Self, Failure> {
        let id = {
            let mut shared = locked(shared);
            shared.sessions += 1;
            shared.sessions
        };
        let session = Self { shared: shared.clone(), node, id, role, patience: PATIENCE, is_over: Cell::new(false) };
        let mut shared = session.shared();
        if shared.host.is_away {
            return Err(gone("no server that takes writes can be reached"));
        }
        shared.host.enter(id, node, role);
        drop(shared);
        session.run(Operation::Connect, |_| Ok(()))?;
        Ok(session)
    }

    pub(super) fn make_store(&self) -> Result<(), Failure> {
        let id = self.shared().draw();
        self.write(Operation::Make, |host| {
            host.make(id);
            Ok(())
        })
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        locked(&self.shared)
    }

    fn read<T>(&self, operation: Operation, read: impl FnOnce(&Host) -> T) -> Result<T, Failure> {
        self.run(operation, |host| Ok(read(host)))
    }

    /// Does what needs room.
    fn write<T>(
        &self,
        operation: Operation,
        write: impl FnOnce(&mut Host) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.run(operation, |host| if host.is_full { Err(refusal(Kind::Full)) } else { write(host) })
    }

    /// Carries an operation out, as its fate is. Of those that need no lock, none is carried out later.
    fn run<T>(
        &self,
        operation: Operation,
        carry_out: impl FnOnce(&mut Host) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut shared = self.shared();
        match self.fate(&mut shared, operation)? {
            Fate::Pass => carry_out(&mut shared.host),
            Fate::Refuse(kind) => Err(self.refused(&mut shared, kind)),
            Fate::Lose | Fate::Late | Fate::Wait => Err(self.unanswered(&mut shared)),
            Fate::LoseAnswer | Fate::Stall { .. } => {
                carry_out(&mut shared.host)?;
                Err(self.unanswered(&mut shared))
            }
        }
    }

    fn fate(&self, shared: &mut Shared, operation: Operation) -> Result<Fate, Failure> {
        if self.is_over.get() {
            return Err(gone("the session has ended"));
        }
        if !shared.host.has(self.id) {
            self.is_over.set(true);
            return Err(gone("the connection is closed"));
        }
        Ok(shared.fate(&Step { node: self.node, session: self.id, role: self.role, operation }))
    }

    fn refused(&self, shared: &mut Shared, kind: Kind) -> Failure {
        if kind == Kind::Gone {
            self.end(shared);
        }
        refusal(kind)
    }

    /// The client waits as long as its patience is, and gives up the session.
    fn unanswered(&self, shared: &mut Shared) -> Failure {
        shared.spent += self.patience;
        self.end(shared);
        gone(&format!("there was no answer within {} ms", self.patience.as_millis()))
    }

    fn end(&self, shared: &mut Shared) {
        self.is_over.set(true);
        shared.host.leave(self.id);
    }

    /// Waits for the lock longer than its client does.
    fn seal_later(&self, sealed: Stored) -> Result<(), Failure> {
        let mut shared = self.shared();
        self.fate(&mut shared, Operation::Seal)?;
        shared.host.withhold(self.node, Work::Seal(sealed), false);
        Err(self.unanswered(&mut shared))
    }

    /// Appends in one of the two forms.
    fn append_in(&self, wanted: &Wanted<'_>, behind: Option<&Head>) -> Result<Option<Inserted>, Failure> {
        let mut shared = self.shared();
        let fate = self.fate(&mut shared, Operation::Append)?;
        let clock_ms = shared.clock_ms();
        let append = Append::new(wanted, behind);
        let host = &mut shared.host;
        match fate {
            Fate::Refuse(kind) => return Err(self.refused(&mut shared, kind)),
            Fate::Lose => {}
            Fate::Late | Fate::Wait => host.withhold(self.node, Work::Append(append), fate == Fate::Wait),
            Fate::Pass | Fate::LoseAnswer | Fate::Stall { .. } if host.is_full => return Err(refusal(Kind::Full)),
            // The first form passes over a lock that is held.
            Fate::Pass | Fate::LoseAnswer | Fate::Stall { .. } if host.is_locked() && behind.is_some() => {
                return Ok(None);
            }
            Fate::Pass | Fate::LoseAnswer | Fate::Stall { .. } if host.is_locked() => {
                host.withhold(self.node, Work::Append(append), false);
            }
            Fate::Pass => return Ok(host.append(&append, clock_ms)),
            Fate::LoseAnswer => drop(host.append(&append, clock_ms)),
            Fate::Stall { is_durable } => host.stall(&append, clock_ms, is_durable),
        }
        Err(self.unanswered(&mut shared))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.shared().host.leave(self.id);
    }
}

fn gone(text: &str) -> Failure {
    Failure::Session { kind: Kind::Gone, text: text.to_owned() }
}

fn refusal(kind: Kind) -> Failure {
    let text = match kind {
        Kind::Full => "there is no space left (SQLSTATE 53100)",
        Kind::Again => "the transaction was rolled back (SQLSTATE 40001)",
        Kind::Gone => "the server is shutting down (SQLSTATE 57P01)",
        Kind::Refused => "permission denied (SQLSTATE 42501)",
    };
    Failure::Session { kind, text: text.to_owned() }
}

impl Ends for Session {
    fn is_ended(&self) -> bool {
        self.is_over.get()
    }
}

impl Connection for Session {
    fn has_ended_meanwhile(&self) -> bool {
        self.is_over.get() || !self.shared().host.has(self.id)
    }

    fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    fn ready(&mut self) -> Result<Server, Failure> {
        let (id, listens) = (self.id, self.role == Role::Tail);
        self.run(Operation::Ready, |host| {
            if let Some(seat) = host.seat(id) {
                seat.listens = listens;
            }
            Ok(host.server())
        })
    }

    fn ask(&self) -> Result<(), Failure> {
        self.read(Operation::Ask, |_| ())
    }

    fn clock_ms(&self) -> Result<u64, Failure> {
        let clock_ms = self.shared().clock_ms();
        self.read(Operation::Clock, |_| clock_ms)
    }

    fn load_store(&self) -> Result<Stored, Failure> {
        self.run(Operation::LoadStore, |host| host.store())
    }

    fn last(&self) -> Result<Option<Head>, Failure> {
        self.read(Operation::Last, |host| host.tables().last())
    }

    fn at(&self, seq: u64) -> Result<Option<Head>, Failure> {
        self.read(Operation::At, |host| host.tables().at(seq))
    }

    fn behind(&self, seq: u64, limit: Limit) -> Result<Vec<Entry>, Failure> {
        self.read(Operation::Behind, |host| host.tables().behind(seq, limit))
    }

    fn next(&self, known: &Head, fewer_than: usize) -> Result<Option<Vec<Entry>>, Failure> {
        self.read(Operation::Next, |host| host.tables().next(known, fewer_than))
    }

    fn behind_place(&self, known: &Head, limit: Limit) -> Result<(Vec<Entry>, bool), Failure> {
        self.read(Operation::BehindPlace, |host| {
            (host.tables().behind(known.seq, limit), host.tables().stands_kept(known.seq, &known.hash))
        })
    }

    fn append(&self, wanted: &Wanted<'_>, last: Option<&Head>) -> Result<Option<Inserted>, Failure> {
        if let Some(last) = last
            && let Some(inserted) = self.append_in(wanted, Some(last))?
        {
            return Ok(Some(inserted));
        }
        self.append_in(wanted, None)
    }

    fn behind_own(&self, node: u64, own_last: u64, payload: &[u8]) -> Result<Option<Own>, Failure> {
        self.read(Operation::BehindOwn, |host| host.tables().behind_own(node, own_last, payload))
    }

    fn truncated_own(&self, node: u64, own_last: u64) -> Result<Option<u64>, Failure> {
        self.read(Operation::TruncatedOwn, |host| host.tables().truncated_own(node, own_last))
    }

    fn number(&self, node: u64, number: u64, payload: &[u8]) -> Result<Option<Own>, Failure> {
        self.read(Operation::Number, |host| host.tables().number(node, number, payload))
    }

    fn seal(&self, checkpoint: &Checkpoint, seal: &Hash) -> Result<(), Failure> {
        let (store, is_locked) = {
            let shared = self.shared();
            (shared.host.store(), shared.host.is_locked())
        };
        let sealed = Stored { id: store?.id, base: *checkpoint, seal: *seal };
        if is_locked {
            return self.seal_later(sealed);
        }
        self.write(Operation::Seal, |host| {
            host.seal(sealed);
            Ok(())
        })
    }

    fn delete_piece(&self) -> Result<Truncated, Failure> {
        self.write(Operation::DeletePiece, |host| {
            let base = host.store()?.base;
            if let Some(upto) = host.tables().piece() {
                host.commit(Change::Delete(upto));
            }
            Ok(if host.tables().is_left(base.seq) { Truncated::Partly } else { Truncated::Done })
        })
    }

    fn is_left(&self, seq: u64) -> Result<bool, Failure> {
        self.read(Operation::IsLeft, |host| host.tables().is_left(seq))
    }

    fn vote(&self, at: &Head, node: u64, fingerprint: u64) -> Result<Vec<Vote>, Failure> {
        self.write(Operation::Vote, |host| {
            host.commit_relaxed(Change::Vote { at: *at, vote: Vote { node, fingerprint } });
            Ok(host.tables().votes(at.seq))
        })
    }

    fn votes(&self, seq: u64) -> Result<Vec<Vote>, Failure> {
        self.read(Operation::Votes, |host| host.tables().votes(seq))
    }

    fn others(&self) -> Result<Others, Failure> {
        self.read(Operation::Others, |host| Others { listen: host.tails() > 1, replicate: host.is_synchronous })
    }

    fn wait(&mut self, time: Duration, _wake: &Notify) -> Waited {
        let id = self.id;
        let heard = self.run(Operation::Wait, |host| {
            Ok(host.seat(id).map(|seat| std::mem::take(&mut seat.heard)).unwrap_or_default())
        });
        match heard {
            Ok(heard) if heard.is_empty() => {
                self.shared().spent += time;
                Waited::TimedOut
            }
            Ok(heard) => Waited::Notified(heard),
            Err(_) => Waited::Ended,
        }
    }

    fn commit(&self) -> Result<(), Failure> {
        self.run(Operation::Commit, |host| {
            host.wait_for_commits();
            Ok(())
        })
    }
}
