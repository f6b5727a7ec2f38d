//! Who sees everything: the journal as it is at each moment, what it comes to, and what it has lost.

use std::collections::BTreeMap;
use std::time::Duration;

use onsale_domain::command::{Batch, Command};
use onsale_domain::engine::Engine;
use onsale_domain::reply::Outcome;
use onsale_domain::time::Time;
use onsale_journal::postgres::Opener;
use onsale_journal::postgres::model::{Client, Database};
use onsale_journal::{Entry, Error, Hash, Head, Limit, Reader};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::check::{Check, Failure};
use crate::conditions::NOBODY;
use crate::idle::Idle;
use crate::ledger::Ledger;
use crate::plan::Sale;
use crate::turns::Turns;
use crate::words::{Kind, Words};
use crate::world::people::SCHEDULE;

/// Every so many entries the money and the seats are counted.
const COUNTED_EVERY: u64 = 8;

pub(crate) struct Oracle {
    reader: Box<dyn Reader>,
    /// All entries, also those that are compacted away.
    pub(crate) entries: Vec<Known>,
    pub(crate) engine: Engine,
    pub(crate) turns: Turns,
    pub(crate) idle: Idle,
    ledger: Ledger,
    /// Of whom nodes were to tell that they heard from them, or that they did something.
    pub(crate) words: Words,
    pub(crate) acts: Words,
    /// Each state that some node has come to, by the entry's hash.
    states: FxHashMap<Hash, u64>,
    /// Entries that were there and are not any more.
    lost: FxHashSet<Hash>,
    /// When the journal lost something, and what number it kept.
    pub(crate) losses: Vec<(Duration, u64)>,
    /// What number the journal had come to, and when.
    heads: Vec<(Duration, u64)>,
}

/// An entry and what came of it.
pub(crate) struct Known {
    pub(crate) head: Head,
    /// How long before its time something was due that it has brought about.
    pub(crate) late_ms: u64,
    batch: Batch,
    outcomes: Vec<Outcome>,
}

impl Oracle {
    pub(crate) fn new(database: &Database, sale: &Sale) -> Self {
        let client: Client = database.client(NOBODY);
        Self {
            reader: Opener::new(&client).reader(),
            entries: Vec::new(),
            engine: Engine::new(),
            turns: Turns::default(),
            ledger: Ledger::new(sale),
            idle: Idle::default(),
            words: Words::of(Kind::Heard),
            acts: Words::of(Kind::Acted),
            states: FxHashMap::default(),
            lost: FxHashSet::default(),
            losses: Vec::new(),
            heads: Vec::new(),
        }
    }

    pub(crate) fn seq(&self) -> u64 {
        self.entries.len() as u64
    }

    /// The last entry.
    pub(crate) fn head(&self) -> Option<Head> {
        self.entries.last().map(|known| known.head)
    }

    /// The hash of entry `seq`, if the journal has come so far.
    pub(crate) fn hash(&self, seq: u64) -> Option<Hash> {
        self.known(seq).map(|known| known.head.hash)
    }

    pub(crate) fn known(&self, seq: u64) -> Option<&Known> {
        self.entries.get(usize::try_from(seq.checked_sub(1)?).ok()?)
    }

    /// What number the journal had come to before that time, or would have but for what was lost since. Of two things at one
    /// moment either may have been first.
    pub(crate) fn seq_before(&self, at: Duration) -> u64 {
        let before = self.heads.partition_point(|(since, _)| *since < at);
        let then = before.checked_sub(1).map_or(0, |before| self.heads[before].1);
        let losses = self.losses.iter().filter(|(lost, _)| *lost >= at).map(|(_, kept)| *kept);
        losses.fold(then, u64::min)
    }

    /// Whether something was lost since then.
    pub(crate) fn has_lost_since(&self, at: Duration) -> bool {
        self.losses.last().is_some_and(|(lost, _)| *lost >= at)
    }

    pub(crate) fn is_lost(&self, hash: &Hash) -> bool {
        self.lost.contains(hash)
    }

    /// Asks with the next number; once more where the session has ended with all others.
    fn again<T>(&mut self, ask: impl Fn(&mut dyn Reader, u64) -> Result<T, Error>) -> Result<T, Error> {
        let next = self.seq() + 1;
        match ask(&mut *self.reader, next) {
            Err(Error::Unavailable { .. }) => ask(&mut *self.reader, next),
            asked => asked,
        }
    }

    /// Reads what has come in.
    pub(crate) fn look(&mut self, now: Duration) -> Result<(), Failure> {
        loop {
            let read = match self.again(|reader, next| reader.read_from(next, Limit::default())) {
                // Nobody is let in, so nothing comes in either.
                Err(Error::Unavailable { .. }) => return Ok(()),
                read => read.map_err(|error| Failure {
                    check: Check::State,
                    text: format!("the journal cannot be read behind entry {}: {error}", self.seq()),
                })?,
            };
            if read.is_empty() {
                return Ok(());
            }
            for entry in &read {
                self.take(entry, now)?;
            }
        }
    }

    fn take(&mut self, entry: &Entry, now: Duration) -> Result<(), Failure> {
        let head = entry.head();
        let batch = Batch::decode(&entry.payload).map_err(|error| Failure {
            check: Check::State,
            text: format!("entry {} cannot be read: {error}", entry.seq),
        })?;
        let late_ms = entry.time_ms.saturating_sub(self.engine.next_deadline().0);
        let outcomes = self.apply(&head, &batch)?;
        self.words.look(&self.engine, entry.node, &batch, now)?;
        self.acts.look(&self.engine, entry.node, &batch, now)?;
        self.entries.push(Known { head, late_ms, batch, outcomes });
        self.heads.push((now, entry.seq));
        self.lost.remove(&head.hash);
        let fingerprint = self.engine.mark().fingerprint;
        self.came_to(&head.hash, entry.seq, fingerprint)?;
        if entry.seq.is_multiple_of(COUNTED_EVERY) { self.count() } else { Ok(()) }
    }

    /// An entry is applied, and held against all that is known of turns, seats and money.
    fn apply(&mut self, head: &Head, batch: &Batch) -> Result<Vec<Outcome>, Failure> {
        let (time, mut rows) = (Time(head.time_ms), Vec::new());
        let outcomes = self.engine.apply(head.seq, time, batch, &mut rows);
        self.turns.look(&self.engine, (&batch.commands, &outcomes), time)?;
        self.ledger.look(&self.engine, (&batch.commands, &outcomes, &rows))?;
        self.idle.look(&self.engine, (&batch.commands, &outcomes, &rows), self.turns.opened, time)?;
        Ok(outcomes)
    }

    /// Whether all accounts together are zero, and each seat has one taker.
    pub(crate) fn count(&self) -> Result<(), Failure> {
        let failed = |text| Err(Failure { check: Check::Money, text });
        let engine = &self.engine;
        let sum = engine.wallets().sum();
        if sum != 0 {
            return failed(format!("at entry {} all accounts together are {sum}", self.seq()));
        }
        if !engine.seats_agree() {
            return failed(format!("at entry {} seats and reservations differ", self.seq()));
        }
        let (free, known) = (engine.available(SCHEDULE).map(u64::from), self.ledger.free());
        if free.is_some_and(|free| free != known) {
            return failed(format!("at entry {} {free:?} seats are free, and by the journal {known}", self.seq()));
        }
        match engine.queues().iter().find(|queue| queue.active() > queue.settings().active_limit) {
            Some(queue) => failed(format!("at entry {} {} are inside", self.seq(), queue.active())),
            None => Ok(()),
        }
    }

    /// A node, or who looks, has come to this state.
    pub(crate) fn came_to(&mut self, hash: &Hash, seq: u64, fingerprint: u64) -> Result<(), Failure> {
        let known = *self.states.entry(*hash).or_insert(fingerprint);
        if known == fingerprint {
            return Ok(());
        }
        let text = format!("entry {seq} led to the state {known:016x}, and elsewhere to {fingerprint:016x}");
        Err(Failure { check: Check::State, text })
    }

    /// The database goes on from another place: how much of the journal is there still? Gives the entries that are not.
    pub(crate) fn look_back(&mut self, now: Duration) -> Result<usize, Failure> {
        let failed = |error| Failure { check: Check::State, text: format!("the journal cannot be read: {error}") };
        let head = self.again(|reader, _| reader.head()).map_err(failed)?;
        let kept = usize::try_from(head.seq).unwrap_or(usize::MAX).min(self.entries.len());
        let is_same = kept == 0 || self.entries[kept - 1].head == head || head.seq > self.seq();
        if !is_same {
            return Err(Failure { check: Check::State, text: "the journal ends in what never was in it".to_owned() });
        }
        let gone = self.entries.split_off(kept);
        if gone.is_empty() {
            return Ok(0);
        }
        self.lost.extend(gone.iter().map(|known| known.head.hash));
        self.losses.push((now, kept as u64));
        self.heads.push((now, kept as u64));
        (self.engine, self.turns, self.ledger) = (Engine::new(), Turns::default(), self.ledger.anew());
        self.idle = Idle::default();
        let kept = std::mem::take(&mut self.entries);
        let again = kept.iter().try_for_each(|known| self.apply(&known.head, &known.batch).map(drop));
        self.entries = kept;
        again.map(|()| gone.len())
    }

    /// How often each command is in the journal.
    pub(crate) fn commands(&self) -> BTreeMap<Vec<u8>, u64> {
        let mut counts = BTreeMap::new();
        for command in self.entries.iter().flat_map(|known| &known.batch.commands) {
            *counts.entry(encoded(command)).or_insert(0) += 1;
        }
        counts
    }
}

impl Known {
    /// The command at a place of the entry, and what it came to.
    pub(crate) fn at(&self, place: usize) -> Option<(&Command, &Outcome)> {
        self.batch.commands.get(place).zip(self.outcomes.get(place))
    }

    /// Whether nobody but a node itself has said anything in it.
    pub(crate) fn is_own(&self) -> bool {
        self.batch.commands.iter().all(|command| {
            matches!(command, Command::Tick | Command::Start | Command::Seen { .. } | Command::Active { .. })
        })
    }
}

/// A command as it is written down: two are the same if they are written the same.
pub(crate) fn encoded(command: &Command) -> Vec<u8> {
    let mut bytes = Vec::new();
    Batch { commands: vec![command.clone()] }.encode_into(&mut bytes);
    bytes
}
