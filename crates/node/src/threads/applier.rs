//! The thread that applies.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use onsale_journal::Head;
use tokio::sync::Notify;

use super::projector::Feed;
use super::{Part, Timer};
use crate::core::applier::{Applier, Todo};
use crate::core::entry::Durable;
use crate::core::fault::Fault;
use crate::lane::{Answers, Error, Inbox};

pub(crate) struct Applying {
    pub(crate) core: Applier,
    pub(crate) timer: Timer,
    pub(crate) incoming: Receiver<Durable>,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) feed: Feed,
    /// Where the node is one of many.
    pub(crate) follower: Option<ToFollower>,
}

/// The way to the follower.
pub(crate) struct ToFollower {
    pub(crate) wake: Arc<Notify>,
    /// Numbers that are voted on, and the state's fingerprint there.
    pub(crate) votes: Sender<(Head, u64)>,
}

impl Part for Applying {
    const NAME: &'static str = "applier";

    /// Runs until the sequencer has ended and all it handed on is applied.
    fn run(&mut self) -> Result<(), Fault> {
        loop {
            let todo = self.core.next(self.timer.elapsed());
            if let Some(passage) = self.core.take_passage() {
                passage.applied(self.timer.elapsed());
            }
            match todo {
                Todo::Take { within } => self.take(within),
                Todo::Answer(answers) => self.inbox.answer(answers),
                Todo::Wake => self.inbox.wake(),
                Todo::Look => {
                    if let Some(follower) = &self.follower {
                        follower.wake.notify_one();
                    }
                }
                Todo::Vote { at, fingerprint } => {
                    if let Some(follower) = &self.follower {
                        // The follower goes first when the node stops.
                        let _ = follower.votes.send((at, fingerprint));
                    }
                }
                Todo::Project(batch) => self.feed.send(batch),
                Todo::End => return Ok(()),
                Todo::Stop(fault) => return Err(fault),
            }
        }
    }
}

impl Applying {
    fn take(&mut self, within: Option<Duration>) {
        let taken = match within {
            None => self.incoming.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(within) => self.incoming.recv_timeout(within),
        };
        match taken {
            // Nobody sees more of what this node holds: the process is about to end.
            Ok(entry) if self.inbox.is_condemned() => {
                self.inbox.answer(Answers::All(entry.replies, Error::OutcomeUnknown));
            }
            Ok(entry) => {
                if let Some(passage) = &entry.passage {
                    passage.applying(self.timer.elapsed());
                }
                self.core.take(entry);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => self.core.end(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;
    use std::sync::mpsc::sync_channel;

    use onsale_domain::command::{Batch, Command};
    use onsale_domain::engine::Engine;
    use onsale_journal::{Hash, Head};

    use super::*;
    use crate::core::entry::Origin;
    use crate::lane::{Lane, Message};
    use crate::views::Views;

    #[tokio::test]
    async fn a_node_that_is_about_to_end_acknowledges_nothing() {
        let engine = Engine::new();
        let (inbox, commands) = Inbox::new(8, Arc::default());
        let lane = Lane::open(inbox.clone());
        let asking = lane.clone();
        let asked = tokio::spawn(async move { asking.submit(Command::Tick).await });
        tokio::task::yield_now().await;
        let Ok(Message::Command(command, to)) = commands.try_recv() else { panic!("the command came in") };
        let (durable, incoming) = sync_channel(4);
        let appended = Head { seq: 1, time_ms: 1_000, hash: Hash::from([0; 32]) };
        let (batch, origin) = (Batch { commands: vec![command] }, Origin::Appended { hashed: None });
        durable.send(Durable { appended, batch, replies: vec![to], origin, passage: None }).expect("it is taken");
        drop(durable);
        inbox.condemn();
        let views = Arc::new(Views::new(&engine));
        let core = Applier::new(engine, views.clone(), Arc::new(AtomicU64::new(u64::MAX)), None);
        let (feed, _batches) = Feed::new(inbox.clone(), Arc::default());
        let mut applying = Applying { core, timer: Timer::start(), incoming, inbox, feed, follower: None };
        applying.run().expect("it ends");
        assert_eq!(views.mark().seq, 0, "nobody sees more of what it holds");
        assert_eq!(asked.await.expect("a task"), Err(Error::OutcomeUnknown));
        assert_eq!(lane.submit(Command::Tick).await, Err(Error::Unavailable));
    }
}
