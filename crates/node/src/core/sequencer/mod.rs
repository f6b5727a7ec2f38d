//! Puts commands in order: what has gathered while the last entry was being made durable becomes the next one.
//!
//! There is no timer that waits for more, unless the operator wants one: under load the entries grow by themselves, and
//! without it a command goes out at once. Ticks and presence go the same way.

mod away;
mod knobs;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use onsale_domain::command::{Batch, Command};
use onsale_journal::{Appended, Error as JournalError};
use rand::RngExt as _;
use rand::rngs::SmallRng;

use crate::cluster::Cluster;
use crate::core::clock;
use crate::core::entry::{Durable, Hashed, Origin};
use crate::core::fault::{Fault, Kind};
use crate::core::interval::Interval;
use crate::core::now::Now;
use crate::core::pause::Pause;
use crate::core::presence::Presence;
use crate::lane::{Answers, Error, Message, ReplyTo};
use crate::stats::Stats;
use crate::trail::Passage;

use away::Away;
pub use knobs::Knobs;

/// What the driver is to do, after which it asks again.
pub enum Todo {
    /// Wait for a message, at most so long, and hand it in.
    Wait(Duration),
    /// Wait so long, whatever comes.
    Sleep(Duration),
    /// Hand in what has come, while there is room.
    Drain,
    /// Append [`Sequencer::outgoing`], and say what came of it.
    Append,
    /// Find out whether the journal takes entries, and say it.
    Probe,
    /// The same, where nothing was appended for a while.
    ProbeIfIdle,
    HandOn(Durable),
    Answer(Answers),
    /// Let commands in, or refuse them where they come in.
    Door {
        is_open: bool,
    },
    /// Nothing any more: the node stops.
    End,
    /// The node must not go on.
    Stop(Fault),
}

/// Where the sequencer is between two things that its driver does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing is gathered yet.
    Idle,
    /// The first command has come, or something is due; the entry may have to wait for its turn.
    Paced,
    /// All that was there is taken in.
    Gathered,
    /// The entry is with the journal.
    Appending,
    /// An entry is done, or there was none.
    Between,
    /// It is found out whether the journal is there.
    Looking,
    /// The journal is to be waited for, or the next commands.
    Turning,
    /// The journal takes nothing.
    Away(Away),
}

pub struct Sequencer {
    knobs: Knobs,
    chance: SmallRng,
    phase: Phase,
    /// What is to be done before anything else.
    todo: VecDeque<Todo>,
    /// Who appends.
    node: u64,
    /// The engine's next deadline, in milliseconds, kept by the applier.
    deadline_ms: Arc<AtomicU64>,
    presence: Presence,
    stats: Arc<Stats>,
    interval: Interval,
    /// Where the node is one of many.
    cluster: Option<Arc<Cluster>>,
    clock: clock::Watch,
    gathered: Gathered,
    /// The entry that is with the journal, or will be next.
    number: u64,
    payload: Vec<u8>,
    batch: Batch,
    replies: Vec<ReplyTo>,
    passage: Option<Arc<Passage>>,
    began: Duration,
    full_until: Option<Duration>,
    /// What the node itself had to say when an entry found no room: at most what one report of presence makes.
    unsent: Vec<Command>,
    /// Whether commands are refused where they come in.
    is_away: bool,
    /// How many appends in a row the journal has refused.
    refused: u32,
    /// Between two tries of a journal that is away.
    pause: Pause,
    /// By how much this node is late with its ticks, so that normally one of many appends one.
    tick_delay_ms: u64,
}

/// Commands that are gathered for one entry.
#[derive(Default)]
struct Gathered {
    commands: Vec<Command>,
    replies: Vec<ReplyTo>,
    bytes: usize,
    stop: bool,
    /// Whether one of them is followed.
    is_followed: bool,
}

/// What a sequencer shares with the node's other parts.
pub struct Shared {
    pub node: u64,
    pub deadline_ms: Arc<AtomicU64>,
    pub presence: Presence,
    pub stats: Arc<Stats>,
    pub cluster: Option<Arc<Cluster>>,
}

impl Sequencer {
    /// One whose node has appended `number` entries.
    pub fn new(shared: Shared, number: u64, knobs: Knobs, chance: SmallRng) -> Self {
        let Shared { node, deadline_ms, presence, stats, cluster } = shared;
        Self {
            interval: Interval::new(knobs.pace),
            pause: Pause::new(knobs.pauses),
            knobs,
            chance,
            phase: Phase::Idle,
            todo: VecDeque::new(),
            node,
            deadline_ms,
            presence,
            stats,
            cluster,
            clock: clock::Watch::default(),
            gathered: Gathered::default(),
            number,
            payload: Vec::new(),
            batch: Batch { commands: Vec::new() },
            replies: Vec::new(),
            passage: None,
            began: Duration::ZERO,
            full_until: None,
            unsent: Vec::new(),
            is_away: false,
            refused: 0,
            tick_delay_ms: 0,
        }
    }

    /// What is to be done now.
    pub fn next(&mut self, now: Now) -> Todo {
        loop {
            if let Some(todo) = self.todo.pop_front() {
                return todo;
            }
            match self.phase {
                Phase::Idle => {
                    self.phase = Phase::Paced;
                    return Todo::Wait(self.idle_time(now));
                }
                Phase::Paced => {
                    let left = self.interval.left(now.monotonic);
                    if !left.is_zero() && !self.gathered.stop {
                        return Todo::Sleep(left);
                    }
                    self.phase = Phase::Gathered;
                    return Todo::Drain;
                }
                Phase::Gathered => {
                    self.add_own(now);
                    if self.is_outgoing(now) {
                        return Todo::Append;
                    }
                }
                Phase::Between => {
                    self.phase = Phase::Turning;
                    if self.cluster.is_some() && !self.gathered.stop && !self.is_away {
                        if !self.is_cut_off(now) {
                            self.phase = Phase::Looking;
                            return Todo::ProbeIfIdle;
                        }
                        // What it appends it could not answer, and what is due it could not tell.
                        self.go_away("what other nodes append cannot be read");
                    }
                }
                // A stop that came with commands that could not be appended does not come again.
                Phase::Turning if self.gathered.stop => return Todo::End,
                Phase::Turning if self.is_away => self.wait_for_journal(),
                Phase::Turning => self.phase = Phase::Idle,
                Phase::Away(away) => {
                    if let Some(todo) = self.next_while_away(away, now) {
                        return todo;
                    }
                }
                Phase::Appending | Phase::Looking => unreachable!("the driver has not said what came of it"),
            }
        }
    }

    /// Takes a message in.
    pub fn take(&mut self, message: Message) {
        match message {
            Message::Command(command, reply_to) => {
                self.gathered.bytes += match &command {
                    Command::Stage { part, .. } => 256 * (1 + part.seats.len()),
                    _ => 32,
                };
                self.gathered.is_followed |= reply_to.followed().is_some();
                self.gathered.commands.push(command);
                self.gathered.replies.push(reply_to);
            }
            Message::Wake => {}
            Message::Stop => self.gathered.stop = true,
        }
    }

    /// Whether one more command may be taken in.
    pub fn has_room(&self) -> bool {
        if self.is_away {
            return !self.gathered.stop;
        }
        self.gathered.commands.len() < self.knobs.batch_max && self.gathered.bytes < self.knobs.batch_bytes_max
    }

    /// What is to be appended: which of this node's entries, and its payload.
    pub fn outgoing(&self) -> (u64, &[u8]) {
        (self.number, &self.payload)
    }

    /// When a tick is due.
    fn tick_ms(&self) -> u64 {
        self.deadline_ms.load(Ordering::Acquire).saturating_add(self.tick_delay_ms)
    }

    fn idle_time(&self, now: Now) -> Duration {
        let now_ms = now.journal_ms;
        let due = if self.unsent.is_empty() { self.tick_ms().min(self.presence.next_ms()) } else { now_ms };
        // What is due stays due while there is no room, and waits until the disk is tried again.
        let most = if self.cluster.is_some() { self.knobs.looked_every } else { Duration::from_secs(60) };
        Duration::from_millis(due.saturating_sub(now_ms)).min(most).max(self.pause_left(now))
    }

    /// How long nothing is appended yet because the disk was found full.
    fn pause_left(&self, now: Now) -> Duration {
        self.full_until.map_or(Duration::ZERO, |until| until.saturating_sub(now.monotonic))
    }

    /// Adds what the node itself has to say: who was heard from, and that time has passed. It waits while there is no
    /// room: presence that has been taken would be lost with its entry.
    fn add_own(&mut self, now: Now) {
        if !self.pause_left(now).is_zero() {
            return;
        }
        let commands = &mut self.gathered.commands;
        if !self.unsent.is_empty() {
            commands.append(&mut self.unsent);
        } else if self.presence.next_ms() <= now.journal_ms {
            self.presence.report(now.journal_ms, commands);
        }
        if self.gathered.commands.is_empty() && self.tick_ms() <= now.journal_ms {
            self.gathered.commands.push(Command::Tick);
            if self.cluster.is_some() {
                self.tick_delay_ms = self.chance.random_range(0..self.knobs.tick_delay_ms_max);
            }
        }
    }

    /// Makes an entry of what was gathered, if there is anything, and room for it.
    fn is_outgoing(&mut self, now: Now) -> bool {
        let commands = core::mem::take(&mut self.gathered.commands);
        let replies = core::mem::take(&mut self.gathered.replies);
        let is_followed = core::mem::take(&mut self.gathered.is_followed);
        self.gathered.bytes = 0;
        self.phase = Phase::Between;
        if commands.is_empty() {
            return false;
        }
        if !self.pause_left(now).is_zero() {
            // A pause only runs out, so the node itself added nothing.
            self.refuse(replies);
            return false;
        }
        self.passage = is_followed.then(|| Passage::begin(&replies, commands.len(), now.monotonic));
        self.make(Batch { commands }, replies, now);
        self.phase = Phase::Appending;
        true
    }

    fn make(&mut self, batch: Batch, replies: Vec<ReplyTo>, now: Now) {
        self.payload.clear();
        batch.encode_into(&mut self.payload);
        self.interval.begin(now.monotonic, batch.commands.len());
        (self.batch, self.replies) = (batch, replies);
        self.number += 1;
        self.began = now.monotonic;
    }

    /// The process is about to end, and what was to be appended is not.
    pub fn forgo(&mut self, now: Now) {
        self.number -= 1;
        self.batch.commands.clear();
        let replies = core::mem::take(&mut self.replies);
        self.refuse(replies);
        self.move_on(now);
    }

    /// What came of the append. `ahead_ms` is how far the journal's time is ahead of its clock.
    pub fn appended(&mut self, result: Result<Appended, JournalError>, ahead_ms: i64, now: Now) {
        let batch = core::mem::replace(&mut self.batch, Batch { commands: Vec::new() });
        let replies = core::mem::take(&mut self.replies);
        if let Some(passage) = &self.passage {
            passage.appended(result.as_ref().ok().map(|appended| appended.seq), now.monotonic);
        }
        match result {
            Ok(appended) => self.hand_on(appended, batch, replies, ahead_ms, now),
            Err(JournalError::Full) => {
                (self.full_until, self.refused) = (Some(now.monotonic + self.knobs.full_pause), 0);
                if !self.stats.journal_full.swap(true, Ordering::Relaxed) {
                    tracing::error!("the disk with the journal is full; refusing writes until there is room");
                }
                self.keep_own(batch, &replies);
                self.refuse(replies);
            }
            // Another batch may well fit. What the node itself added goes with this one, lest it makes the next too
            // large as well.
            Err(error @ JournalError::TooLarge { .. }) => {
                tracing::error!(%error, commands = batch.commands.len(), "a batch does not fit into an entry");
                self.refuse(replies);
            }
            Err(JournalError::Unavailable { reason }) => {
                self.number -= 1;
                self.keep_own(batch, &replies);
                self.go_away(&reason);
                self.refuse(replies);
            }
            // The next append that succeeds decides it; whoever follows the journal sees it if it is in.
            Err(JournalError::Unknown { reason }) => {
                // Who was heard from may be told twice, and not never.
                self.keep_own(batch, &replies);
                self.go_away(&reason);
                self.todo.push_back(Todo::Answer(Answers::All(replies, Error::OutcomeUnknown)));
            }
            // Nobody knows what is durable: nothing may be built on it.
            Err(error) => {
                self.todo.push_back(Todo::Answer(Answers::All(replies, Error::OutcomeUnknown)));
                self.todo.push_back(Todo::Stop(Fault::new(Kind::Lost, error.to_string())));
            }
        }
        self.move_on(now);
    }

    fn move_on(&mut self, now: Now) {
        self.passage = None;
        match self.phase {
            Phase::Away(_) => self.tried(self.refused == 0 && !self.is_cut_off(now)),
            _ => self.phase = Phase::Between,
        }
    }

    fn hand_on(&mut self, appended: Appended, batch: Batch, replies: Vec<ReplyTo>, ahead_ms: i64, now: Now) {
        (self.full_until, self.refused) = (None, 0);
        if let Some(cluster) = &self.cluster {
            cluster.note_appended(appended);
        }
        if self.stats.journal_full.swap(false, Ordering::Relaxed) {
            tracing::info!("the journal has room again");
        }
        self.clock.look(ahead_ms, &self.stats);
        self.stats.append_us.record_us(now.monotonic.saturating_sub(self.began));
        self.stats.batch_commands.record(batch.commands.len() as u64);
        self.stats.journal_bytes.fetch_add(self.payload.len() as u64, Ordering::Relaxed);
        // Until the applier has seen this entry its deadlines are not news.
        self.deadline_ms.store(u64::MAX, Ordering::Release);
        let hashed = self.cluster.as_ref().map(|_| Hashed {
            node: self.node,
            number: self.number,
            payload: core::mem::take(&mut self.payload),
        });
        let (origin, passage) = (Origin::Appended { hashed }, self.passage.take());
        self.todo.push_back(Todo::HandOn(Durable { appended, batch, replies, origin, passage }));
    }

    /// What the node itself had added comes last, and goes out with the next entry.
    fn keep_own(&mut self, batch: Batch, replies: &[ReplyTo]) {
        self.unsent = batch.commands;
        self.unsent.drain(..replies.len());
    }

    /// What was found out of the journal.
    pub fn probed(&mut self, result: Result<(), JournalError>, now: Now) {
        let is_there = match result {
            Ok(()) => true,
            Err(JournalError::Unavailable { reason }) => {
                if self.phase == Phase::Looking {
                    self.go_away(&reason);
                }
                false
            }
            Err(error) => {
                let reason = format!("the journal is not the one that this node has appended to: {error}");
                return self.todo.push_back(Todo::Stop(Fault::new(Kind::Fork, reason)));
            }
        };
        match self.phase {
            Phase::Away(_) => self.tried(is_there && !self.is_cut_off(now)),
            _ => self.phase = Phase::Turning,
        }
    }

    /// Whether this node has been unable for a while to read what others append.
    fn is_cut_off(&self, now: Now) -> bool {
        self.cluster.as_ref().is_some_and(|cluster| cluster.is_cut_off_at(now.monotonic))
    }

    fn refuse(&mut self, replies: Vec<ReplyTo>) {
        if !replies.is_empty() {
            self.stats.unavailable.fetch_add(replies.len() as u64, Ordering::Relaxed);
            self.todo.push_back(Todo::Answer(Answers::All(replies, Error::Unavailable)));
        }
    }
}

#[cfg(test)]
mod tests;
