//! A server with its log, its lock and its sessions.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use onsale_postgres::Kind;

use super::fate::{Operation, Withheld};
use super::tables::{Change, Tables};
use crate::postgres::connection::{Failure, Inserted, Role, Server, Stored, Wanted};
use crate::{Damage, Entry, Head, Link};

pub(super) struct Host {
    log: Vec<Change>,
    /// How much of the log a crash leaves.
    durable: usize,
    /// How much of it the standby has.
    standby: usize,
    tables: Tables,
    /// Who holds the lock, waits for it, or is on the way, and has no client any more.
    queue: VecDeque<Backend>,
    /// How often a server was started here.
    started: i64,
    sessions: BTreeMap<u64, Seat>,
    pub(super) clock_offset_ms: i64,
    pub(super) is_full: bool,
    pub(super) is_away: bool,
    pub(super) is_synchronous: bool,
}

/// A session as the server has it.
pub(super) struct Seat {
    pub(super) node: u64,
    pub(super) role: Role,
    pub(super) listens: bool,
    pub(super) heard: Vec<String>,
}

struct Backend {
    node: u64,
    work: Work,
}

pub(super) enum Work {
    Append(Append),
    Seal(Stored),
    /// Committed, and not seen yet.
    Committed {
        change: Change,
        announce: Option<u64>,
    },
}

/// An append on its way, as its statement has it.
pub(super) struct Append {
    node: u64,
    number: u64,
    payload: Vec<u8>,
    own_last: u64,
    seen: Head,
    due_ms: u64,
    slack_ms: u64,
    announce: bool,
    /// The node's own last entry, behind which alone it may go.
    behind: Option<Head>,
    /// Whether that was found to be the last one, by a look that is older than the lock.
    was_last: Option<bool>,
}

impl Append {
    pub(super) fn new(wanted: &Wanted<'_>, behind: Option<&Head>) -> Self {
        let Wanted { node, number, payload, own_last, seen, due_ms, slack_ms, announce } = *wanted;
        let payload = payload.to_vec();
        Self {
            node,
            number,
            payload,
            own_last,
            seen,
            due_ms,
            slack_ms,
            announce,
            behind: behind.copied(),
            was_last: None,
        }
    }

    /// As the statement has it, which is as the clock of `crate::clock` does.
    fn time_ms(&self, last_ms: u64, clock_ms: u64) -> u64 {
        let due = last_ms.max(self.due_ms);
        if clock_ms > due.saturating_add(self.slack_ms) { due } else { due.max(clock_ms) }
    }
}

impl Host {
    pub(super) fn new() -> Self {
        Self {
            log: Vec::new(),
            durable: 0,
            standby: 0,
            tables: Tables::default(),
            queue: VecDeque::new(),
            started: 1,
            sessions: BTreeMap::new(),
            clock_offset_ms: 0,
            is_full: false,
            is_away: false,
            is_synchronous: false,
        }
    }

    pub(super) fn server(&self) -> Server {
        Server(self.started)
    }

    pub(super) fn tables(&self) -> &Tables {
        &self.tables
    }

    pub(super) fn store(&self) -> Result<Stored, Failure> {
        let missing = || Failure::Session { kind: Kind::Refused, text: "there is no journal_store".to_owned() };
        self.tables.store.ok_or_else(missing)
    }

    pub(super) fn make(&mut self, store_id: u64) {
        if self.tables.store.is_none() {
            self.commit(Change::Make(store_id));
        }
    }

    pub(super) fn enter(&mut self, session: u64, node: u64, role: Role) {
        self.sessions.insert(session, Seat { node, role, listens: false, heard: Vec::new() });
    }

    pub(super) fn leave(&mut self, session: u64) {
        self.sessions.remove(&session);
    }

    pub(super) fn seat(&mut self, session: u64) -> Option<&mut Seat> {
        self.sessions.get_mut(&session)
    }

    pub(super) fn has(&self, session: u64) -> bool {
        self.sessions.contains_key(&session)
    }

    pub(super) fn end_sessions(&mut self, of_node: impl Fn(u64) -> bool) {
        self.sessions.retain(|_, seat| !of_node(seat.node));
    }

    pub(super) fn tails(&self) -> usize {
        self.sessions.values().filter(|seat| seat.role == Role::Tail).count()
    }

    /// Commits a change that is waited for, and with it all before.
    pub(super) fn commit(&mut self, change: Change) {
        self.commit_relaxed(change);
        self.wait_for_commits();
    }

    /// Commits a change that nobody waits for.
    pub(super) fn commit_relaxed(&mut self, change: Change) {
        self.tables.apply(&change);
        self.log.push(change);
    }

    /// What was committed is durable, and on the standby if that is synchronous.
    pub(super) fn wait_for_commits(&mut self) {
        self.durable = self.log.len();
        if self.is_synchronous {
            self.standby = self.log.len();
        }
    }

    /// Whether somebody who stalls holds the lock. Who has not arrived, or has only looked, does not.
    pub(super) fn is_locked(&self) -> bool {
        self.queue.iter().any(|backend| matches!(backend.work, Work::Committed { .. }))
    }

    /// Keeps a transaction whose client gives up, behind those that wait already.
    pub(super) fn withhold(&mut self, node: u64, mut work: Work, has_looked: bool) {
        if let (Work::Append(append), true) = (&mut work, has_looked) {
            append.was_last = append.behind.map(|behind| self.tables.last() == Some(behind));
        }
        self.queue.push_back(Backend { node, work });
    }

    /// The append is committed, and stalls before it is seen: its lock goes on.
    pub(super) fn stall(&mut self, append: &Append, clock_ms: u64, is_durable: bool) {
        let Some((entry, _)) = self.entry(append, clock_ms) else { return };
        let change = Change::Append(Arc::new(entry));
        self.log.push(change.clone());
        if is_durable {
            self.durable = self.log.len();
        }
        let announce = append.announce.then_some(append.node);
        self.queue.push_front(Backend { node: append.node, work: Work::Committed { change, announce } });
    }

    pub(super) fn append(&mut self, append: &Append, clock_ms: u64) -> Option<Inserted> {
        let entry = self.entry(append, clock_ms);
        // The lock alone is a write, and its commit is waited for.
        let Some((entry, inserted)) = entry else {
            self.wait_for_commits();
            return None;
        };
        self.commit(Change::Append(Arc::new(entry)));
        self.announce(append.announce.then_some(append.node));
        Some(inserted)
    }

    /// What the statement inserts, with the lock held, if it inserts anything.
    fn entry(&self, append: &Append, clock_ms: u64) -> Option<(Entry, Inserted)> {
        let base = self.tables.store?.base;
        let head = match append.behind {
            Some(behind) => {
                let was_last = append.was_last.unwrap_or_else(|| {
                    self.tables.last().is_some_and(|last| (last.seq, last.hash) == (behind.seq, behind.hash))
                });
                // Whoever has come before is found by the table's key, and whoever has truncated that by the locked row.
                let is_free = base.seq <= behind.seq && !self.tables.has(behind.seq + 1);
                (was_last && is_free).then_some(behind)?
            }
            None => {
                let has_unknown = self.tables.behind_own(append.node, append.own_last, &[]).is_some()
                    || self.tables.truncated_own(append.node, append.own_last).is_some();
                let is_known = self.tables.stands(append.seen.seq, &append.seen.hash);
                (is_known && !has_unknown).then(|| self.tables.head())??
            }
        };
        let (seq, time_ms) = (head.seq + 1, append.time_ms(head.time_ms, clock_ms));
        let link = Link { seq, time_ms, node: append.node, number: append.number, payload: &append.payload };
        let hash = link.hash(&head.hash);
        let entry =
            Entry { seq, time_ms, node: append.node, number: append.number, hash, payload: append.payload.clone() };
        Some((entry, Inserted { head: Head { seq, time_ms, hash }, clock_ms }))
    }

    fn announce(&mut self, node: Option<u64>) {
        let Some(node) = node else { return };
        for seat in self.sessions.values_mut().filter(|seat| seat.listens) {
            seat.heard.push(node.cast_signed().to_string());
        }
    }

    /// Unless somebody has gone as far.
    pub(super) fn seal(&mut self, sealed: Stored) {
        if self.tables.store.is_some_and(|store| store.base.seq < sealed.base.seq) {
            self.commit(Change::Seal(sealed));
        }
    }

    pub(super) fn withheld(&self) -> Vec<Withheld> {
        self.queue.iter().map(Backend::shown).collect()
    }

    pub(super) fn go_on(&mut self, clock_ms: u64, mut goes_on: impl FnMut(&Withheld) -> bool) {
        while let Some(backend) = self.queue.pop_front() {
            let is_carried_out = goes_on(&backend.shown());
            match backend.work {
                Work::Committed { change, announce } => {
                    self.tables.apply(&change);
                    self.wait_for_commits();
                    self.announce(announce);
                }
                Work::Append(append) if is_carried_out && !self.is_full => {
                    self.append(&append, clock_ms);
                }
                Work::Seal(sealed) if is_carried_out && !self.is_full => self.seal(sealed),
                Work::Append(_) | Work::Seal(_) => {}
            }
        }
    }

    pub(super) fn settle(&mut self) {
        (self.durable, self.standby) = (self.log.len(), self.log.len());
    }

    pub(super) fn crash(&mut self) {
        self.begin_again(self.durable);
    }

    pub(super) fn promote(&mut self) {
        self.begin_again(self.standby);
    }

    pub(super) fn restore(&mut self, len: usize) {
        self.begin_again(len);
    }

    pub(super) fn log_len(&self) -> usize {
        self.log.len()
    }

    /// A server starts on the first `len` transactions.
    fn begin_again(&mut self, len: usize) {
        self.log.truncate(len);
        (self.durable, self.standby) = (self.log.len(), self.standby.min(self.log.len()));
        self.tables = Tables::default();
        for change in &self.log {
            self.tables.apply(change);
        }
        self.queue.clear();
        self.sessions.clear();
        self.started += 1;
    }

    pub(super) fn damage(&mut self, damage: Damage) {
        self.commit(Change::Damage(damage));
    }
}

impl Backend {
    fn shown(&self) -> Withheld {
        let (operation, is_committed) = match &self.work {
            Work::Append(_) => (Operation::Append, false),
            Work::Committed { .. } => (Operation::Append, true),
            Work::Seal(_) => (Operation::Seal, false),
        };
        Withheld { node: self.node, operation, is_committed }
    }
}
