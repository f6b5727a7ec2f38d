//! Puts commands in order: what has gathered while the last entry was being made durable becomes the next one.
//!
//! There is no timer that waits for more, unless the operator wants one: under load the entries grow by themselves, and
//! without it a command goes out at once. Ticks and presence go the same way.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use onsale_domain::command::{Batch, Command};
use onsale_journal::{Appended, Error as JournalError, Journal};

use crate::clock;
use crate::cluster::Cluster;
use crate::fault;
use crate::follower::jittered;
use crate::interval::Interval;
use crate::lane::{Error, Inbox, Message, ReplyTo};
use crate::presence::Presence;
use crate::stats::Stats;

/// An entry takes no further command once it has so many bytes.
const BATCH_BYTES_MAX: usize = 1 << 20;
/// How long nothing is appended after the disk was found full, so that refusals are quick.
const FULL_PAUSE: Duration = Duration::from_millis(250);
/// The shortest and the longest pause before a journal that is away is asked for again.
const PROBE_PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(200));

/// A journal that refused so many appends in a row, and answered each time, is not back before it takes one.
const REFUSED_MAX: u32 = 3;

/// How often it is looked whether a journal that others append to can be reached, where nobody appends.
const LOOKED_EVERY: Duration = Duration::from_secs(1);

/// The most that one of many nodes is late with a tick.
pub(crate) const TICK_DELAY_MS_MAX: u64 = 20;

/// An entry that is durable, on its way to the engine.
pub(crate) struct Sequenced {
    pub(crate) appended: Appended,
    pub(crate) batch: Batch,
    /// For the first commands of the batch; those of the node itself come last and have none.
    pub(crate) replies: Vec<ReplyTo>,
    pub(crate) origin: Origin,
}

/// Who appended an entry, and on which way it came.
pub(crate) enum Origin {
    /// This node, just now. Where there are others, what its hash covers: node, number, payload.
    Own { link: Option<(u64, u64, Vec<u8>)> },
    /// This node; it was read from the journal.
    OwnReadBack,
    /// Another node.
    Other,
}

pub(crate) struct Sequencer {
    pub(crate) journal: Box<dyn Journal>,
    pub(crate) incoming: Receiver<Message>,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) durable: SyncSender<Sequenced>,
    /// The engine's next deadline, in milliseconds, kept by the applier.
    pub(crate) deadline_ms: Arc<AtomicU64>,
    pub(crate) presence: Presence,
    pub(crate) stats: Arc<Stats>,
    /// The most commands in one entry.
    pub(crate) batch_max: usize,
    pub(crate) interval: Interval,
    pub(crate) number: u64,
    pub(crate) full_until: Option<Instant>,
    /// What the node itself had to say when an entry found no room: at most what one report of presence makes.
    pub(crate) unsent: Vec<Command>,
    /// How many appends in a row the journal has refused.
    pub(crate) refused: u32,
    /// Where the node is one of many.
    pub(crate) cluster: Option<Arc<Cluster>>,
    /// By how much this node is late with its ticks, so that normally one of many appends one.
    pub(crate) tick_delay_ms: u64,
    pub(crate) clock: clock::Watch,
}

/// Commands that are gathered for one entry.
#[derive(Default)]
struct Gathered {
    commands: Vec<Command>,
    replies: Vec<ReplyTo>,
    stop: bool,
}

impl Sequencer {
    /// Runs until it is told to stop, and everything taken in has been made durable and handed on.
    pub(crate) fn run(mut self) {
        let mut payload = Vec::new();
        loop {
            let mut gathered = self.gather();
            let stop = gathered.stop;
            self.add_own(&mut gathered);
            if !gathered.commands.is_empty() {
                self.append(gathered, &mut payload);
            }
            if self.cluster.is_some() && !stop && !self.inbox.is_away() {
                self.look_around();
            }
            // A stop that came with commands that could not be appended does not come again.
            if stop || self.inbox.is_away() && !self.wait_for_journal() {
                return;
            }
        }
    }

    /// Waits for the first command or the next thing due, and until an entry may begin; then takes what else is there.
    fn gather(&mut self) -> Gathered {
        let mut gathered = Gathered::default();
        let mut bytes = 0;
        match self.incoming.recv_timeout(self.idle_time()) {
            Ok(message) => bytes += gathered.take(message),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => gathered.stop = true,
        }
        let left = self.interval.left(Instant::now());
        if !left.is_zero() && !gathered.stop {
            std::thread::sleep(left);
        }
        while gathered.commands.len() < self.batch_max
            && bytes < BATCH_BYTES_MAX
            && let Ok(message) = self.incoming.try_recv()
        {
            bytes += gathered.take(message);
        }
        gathered
    }

    fn now_ms(&self) -> u64 {
        self.journal.time().now_ms
    }

    /// When a tick is due.
    fn tick_ms(&self) -> u64 {
        self.deadline_ms.load(Ordering::Acquire).saturating_add(self.tick_delay_ms)
    }

    fn idle_time(&self) -> Duration {
        let now = self.now_ms();
        let due = if self.unsent.is_empty() { self.tick_ms().min(self.presence.next_ms()) } else { now };
        // What is due stays due while there is no room, and waits until the disk is tried again.
        let most = if self.cluster.is_some() { LOOKED_EVERY } else { Duration::from_secs(60) };
        Duration::from_millis(due.saturating_sub(now)).min(most).max(self.pause_left())
    }

    /// How long nothing is appended yet because the disk was found full.
    fn pause_left(&self) -> Duration {
        self.full_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()))
    }

    /// Adds what the node itself has to say: who was heard from, and that time has passed. It waits while there is no
    /// room: presence that has been taken would be lost with its entry.
    fn add_own(&mut self, gathered: &mut Gathered) {
        if !self.pause_left().is_zero() {
            return;
        }
        let now = self.now_ms();
        if !self.unsent.is_empty() {
            gathered.commands.append(&mut self.unsent);
        } else if self.presence.next_ms() <= now {
            self.presence.report(now, &mut gathered.commands);
        }
        if gathered.commands.is_empty() && self.tick_ms() <= now {
            gathered.commands.push(Command::Tick);
            if self.cluster.is_some() {
                self.tick_delay_ms = rand::random_range(0..TICK_DELAY_MS_MAX);
            }
        }
    }

    fn append(&mut self, gathered: Gathered, payload: &mut Vec<u8>) {
        let Gathered { commands, replies, .. } = gathered;
        if fault::is_condemned() {
            return self.refuse(replies);
        }
        if !self.pause_left().is_zero() {
            // A pause only runs out, so the node itself added nothing.
            return self.refuse(replies);
        }
        let batch = Batch { commands };
        payload.clear();
        batch.encode_into(payload);
        self.number += 1;
        let start = Instant::now();
        self.interval.begin(start);
        match self.journal.append(self.number, payload) {
            Ok(appended) => {
                (self.full_until, self.refused) = (None, 0);
                if self.stats.journal_full.swap(false, Ordering::Relaxed) {
                    tracing::info!("the journal has room again");
                }
                self.clock.look(self.journal.time().ahead_ms, &self.stats);
                self.stats.append_us.record_us(start.elapsed());
                self.stats.batch_commands.record(batch.commands.len() as u64);
                self.stats.journal_bytes.fetch_add(payload.len() as u64, Ordering::Relaxed);
                // Until the applier has seen this entry its deadlines are not news.
                self.deadline_ms.store(u64::MAX, Ordering::Release);
                let link = self.cluster.as_ref().map(|_| (self.journal.node(), self.number, core::mem::take(payload)));
                let _ = self.durable.send(Sequenced { appended, batch, replies, origin: Origin::Own { link } });
            }
            Err(JournalError::Full) => {
                (self.full_until, self.refused) = (Some(Instant::now() + FULL_PAUSE), 0);
                if !self.stats.journal_full.swap(true, Ordering::Relaxed) {
                    tracing::error!("the disk with the journal is full; refusing writes until there is room");
                }
                self.unsent = batch.commands;
                self.unsent.drain(..replies.len());
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
                self.unsent = batch.commands;
                self.unsent.drain(..replies.len());
                self.go_away(&reason);
                self.refuse(replies);
            }
            // The next append that succeeds decides it; whoever follows the journal sees it if it is in.
            Err(JournalError::Unknown { reason }) => {
                // Who was heard from may be told twice, and not never.
                self.unsent = batch.commands;
                self.unsent.drain(..replies.len());
                self.go_away(&reason);
                self.inbox.reply(replies.into_iter().map(|to| (to, Err(Error::OutcomeUnknown))));
            }
            Err(error) => self.lost(replies, &error),
        }
    }

    /// Of one of many nodes, between two entries.
    fn look_around(&mut self) {
        if self.is_cut_off() {
            // What it appends it could not answer, and what is due it could not tell.
            return self.go_away("what other nodes append cannot be read");
        }
        match self.journal.probe_if_idle() {
            Ok(()) => {}
            Err(JournalError::Unavailable { reason }) => self.go_away(&reason),
            Err(error) => fault::stop(&format!("the journal is not the one that this node has appended to: {error}")),
        }
    }

    /// Whether this node has been unable for a while to read what others append.
    fn is_cut_off(&self) -> bool {
        self.cluster.as_ref().is_some_and(|cluster| cluster.is_cut_off())
    }

    /// From now on commands are refused where they come in, until the journal answers.
    fn go_away(&mut self, reason: &str) {
        self.refused = self.refused.saturating_add(1);
        if !self.inbox.is_away() {
            tracing::error!(reason, "the journal cannot be reached; refusing writes until it can");
        }
        self.inbox.set_away(true);
    }

    /// Whether the journal is back. One that answers and takes nothing is not: after some refusals only an entry can tell.
    fn is_back(&mut self) -> bool {
        if self.refused >= REFUSED_MAX {
            if !self.pause_left().is_zero() {
                return false;
            }
            let own = core::mem::take(&mut self.unsent);
            let commands = if own.is_empty() { vec![Command::Tick] } else { own };
            self.append(Gathered { commands, ..Gathered::default() }, &mut Vec::new());
            return self.refused == 0 && !self.is_cut_off();
        }
        match self.journal.probe() {
            Ok(()) => !self.is_cut_off(),
            Err(JournalError::Unavailable { .. }) => false,
            Err(error) => fault::stop(&format!("the journal is not the one that this node has appended to: {error}")),
        }
    }

    /// Asks for the journal again and again, at growing intervals, without anybody's command at stake. False when the node
    /// stops.
    fn wait_for_journal(&mut self) -> bool {
        let mut pause = PROBE_PAUSES.0;
        loop {
            // What came in before the door was shut.
            while let Ok(message) = self.incoming.try_recv() {
                let mut gathered = Gathered::default();
                gathered.take(message);
                self.refuse(gathered.replies);
                if gathered.stop {
                    return false;
                }
            }
            if self.is_back() {
                break;
            }
            std::thread::sleep(jittered(pause));
            pause = (pause * 2).min(PROBE_PAUSES.1);
        }
        tracing::info!("the journal can be reached again");
        self.inbox.set_away(false);
        true
    }

    fn refuse(&self, replies: Vec<ReplyTo>) {
        self.stats.unavailable.fetch_add(replies.len() as u64, Ordering::Relaxed);
        self.inbox.reply(replies.into_iter().map(|to| (to, Err(Error::Unavailable))));
    }

    /// Nobody knows what is durable: nothing may be built on it. At the next start the journal itself says.
    fn lost(&self, replies: Vec<ReplyTo>, error: &JournalError) -> ! {
        fault::condemn();
        tracing::error!(%error, "the journal failed; stopping");
        self.inbox.reply(replies.into_iter().map(|to| (to, Err(Error::OutcomeUnknown))));
        // Time for the replies to go out.
        std::thread::sleep(Duration::from_millis(200));
        std::process::exit(1);
    }
}

impl Gathered {
    /// Takes a message in, and tells about how many bytes it adds.
    fn take(&mut self, message: Message) -> usize {
        match message {
            Message::Command(command, reply_to) => {
                let bytes = match &command {
                    Command::Stage { part, .. } => 256 * (1 + part.seats.len()),
                    _ => 32,
                };
                self.commands.push(command);
                self.replies.push(reply_to);
                bytes
            }
            Message::Wake => 0,
            Message::Stop => {
                self.stop = true;
                0
            }
        }
    }
}

#[cfg(test)]
mod tests;
