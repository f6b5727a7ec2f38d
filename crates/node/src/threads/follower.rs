//! The thread that follows what others append, and the one that shows what reads are worth.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;

use onsale_journal::postgres::{Pulse, Tail};
use onsale_journal::{Head, Tail as _, Votes as _};

use super::{Part, Timer};
use crate::core::entry::Durable;
use crate::core::fault::Fault;
use crate::core::follower::{Follower, Todo};
use crate::lane::Inbox;

/// How often it is looked whether a commit is due that shows what reads are worth.
const PULSE: Duration = Duration::from_millis(250);

pub(crate) struct Following {
    pub(crate) core: Follower,
    pub(crate) timer: Timer,
    pub(crate) tail: Tail,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) entries: SyncSender<Durable>,
    /// Numbers that are voted on, and the state's fingerprint there.
    pub(crate) votes: Receiver<(Head, u64)>,
}

impl Part for Following {
    const NAME: &'static str = "follower";

    /// Runs until the node stops.
    fn run(&mut self) -> Result<(), Fault> {
        loop {
            self.votes.try_iter().for_each(|(at, fingerprint)| self.core.vote_on(at, fingerprint));
            match self.core.next(self.timer.elapsed()) {
                Todo::Look { known, limit } => {
                    if self.inbox.stopping() {
                        return Ok(());
                    }
                    let found = self.tail.behind(known, limit);
                    self.core.looked(found, self.timer.elapsed());
                }
                Todo::HandOn(entry) => {
                    if self.entries.send(entry).is_err() {
                        // Nobody applies any more.
                        return Ok(());
                    }
                }
                Todo::Vote { at, fingerprint } => {
                    let votes = self.tail.vote(&at, fingerprint);
                    self.core.counted(votes);
                }
                Todo::Count { seq } => {
                    let votes = self.tail.votes(seq);
                    self.core.counted(votes);
                }
                Todo::Wait(time) => self.tail.wait(time),
                Todo::Sleep(time) => std::thread::sleep(time),
                Todo::Stop(fault) => return Err(fault),
            }
        }
    }
}

/// Keeps reads worth something while this node appends nothing.
pub(crate) struct Beating {
    pub(crate) pulse: Pulse,
    pub(crate) inbox: Arc<Inbox>,
}

impl Part for Beating {
    const NAME: &'static str = "pulse";

    /// Runs until the node stops.
    fn run(&mut self) -> Result<(), Fault> {
        while !self.inbox.stopping() {
            if let Err(error) = self.pulse.beat() {
                tracing::debug!(%error, "the database does not show that it takes commits");
            }
            std::thread::sleep(PULSE);
        }
        Ok(())
    }
}
