//! The thread that appends.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};

use onsale_journal::Journal;

use super::{Part, Timer};
use crate::core::entry::Durable;
use crate::core::fault::Fault;
use crate::core::now::Now;
use crate::core::sequencer::{Sequencer, Todo};
use crate::lane::{Inbox, Message};
use crate::stats::Stats;

pub(crate) struct Sequencing {
    pub(crate) core: Sequencer,
    pub(crate) timer: Timer,
    pub(crate) journal: Box<dyn Journal>,
    pub(crate) incoming: Receiver<Message>,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) durable: SyncSender<Durable>,
    pub(crate) stats: Arc<Stats>,
}

impl Part for Sequencing {
    const NAME: &'static str = "sequencer";

    /// Runs until it is told to stop, and everything taken in has been made durable and handed on.
    fn run(&mut self) -> Result<(), Fault> {
        loop {
            match self.core.next(self.now()) {
                Todo::Wait(time) => match self.incoming.recv_timeout(time) {
                    Ok(message) => self.core.take(message),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => self.core.take(Message::Stop),
                },
                Todo::Sleep(time) => std::thread::sleep(time),
                Todo::Drain => {
                    while self.core.has_room()
                        && let Ok(message) = self.incoming.try_recv()
                    {
                        self.core.take(message);
                    }
                }
                Todo::Append => self.append(),
                Todo::Probe => {
                    let probed = self.journal.probe();
                    self.core.probed(probed, self.now());
                }
                Todo::ProbeIfIdle => {
                    let probed = self.journal.probe_if_idle();
                    self.core.probed(probed, self.now());
                }
                // Who applies goes when this thread has gone.
                Todo::HandOn(entry) => drop(self.durable.send(entry)),
                Todo::Answer(answers) => self.inbox.answer(answers),
                Todo::Door { is_open } => self.inbox.set_away(!is_open),
                Todo::End => return Ok(()),
                Todo::Stop(fault) => return Err(fault),
            }
        }
    }
}

impl Sequencing {
    fn append(&mut self) {
        if self.inbox.is_condemned() {
            return self.core.forgo(self.now());
        }
        let (number, payload) = self.core.outgoing();
        let appended = self.journal.append(number, payload);
        self.core.appended(appended, self.journal.time().ahead_ms, self.now());
    }

    fn now(&self) -> Now {
        let now = Now { monotonic: self.timer.elapsed(), journal_ms: self.journal.time().now_ms };
        let began_ms = now.journal_ms.saturating_sub(now.monotonic.as_millis() as u64);
        self.stats.journal_began_ms.store(began_ms, Ordering::Relaxed);
        now
    }
}
