//! How commands get from the threads that serve requests to the journal, and their outcomes back.
//!
//! Outcomes of one batch go back in one parcel per thread: a wake-up of another thread costs a system call, a batch
//! holds up to a thousand commands, and inside the thread waking a task is a push onto a list.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use onsale_domain::ask::Ask;
use onsale_domain::command::Command;
use onsale_domain::reply::{Outcome, Refusal, Reply};
use tokio::sync::{mpsc, oneshot};

use crate::stats::Stats;
use crate::trail::{Followed, Trail};

/// Why a command has no reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The engine refused it; nothing was changed.
    #[error("refused: {0:?}")]
    Refused(Refusal),
    /// Too many commands wait; nothing was done.
    #[error("too many commands wait")]
    Overloaded,
    /// The journal takes nothing at the moment, or the node is stopping; nothing was done.
    #[error("the journal takes nothing at the moment")]
    Unavailable,
    /// It reached the journal, and whether it is in is not known.
    #[error("whether the command is in the journal is not known")]
    OutcomeUnknown,
}

type Answer = Result<Outcome, Error>;
type Parcel = Vec<(oneshot::Sender<Answer>, Answer)>;

/// Where an outcome goes.
#[derive(Debug)]
pub struct ReplyTo {
    sender: oneshot::Sender<Answer>,
    lane: Arc<LaneState>,
    followed: Option<Arc<Followed>>,
}

impl ReplyTo {
    /// For a test that looks at what is said, and not at who hears it.
    #[cfg(test)]
    pub(crate) fn nobody() -> Self {
        Self::number(0)
    }

    /// For the simulator, which has as many who wait as there are numbers.
    #[must_use]
    pub fn number(number: usize) -> Self {
        let lane = Arc::new(LaneState { number, parcels: mpsc::unbounded_channel().0 });
        Self { sender: oneshot::channel().0, lane, followed: None }
    }

    #[cfg(test)]
    pub(crate) fn following(self, followed: Option<Arc<Followed>>) -> Self {
        Self { followed, ..self }
    }

    /// The command whose outcome goes there, where it is followed.
    pub(crate) fn followed(&self) -> Option<&Arc<Followed>> {
        self.followed.as_ref()
    }

    /// The number of who waits.
    #[must_use]
    pub fn told_as(&self) -> usize {
        self.lane.number
    }
}

/// What many who wait are to be told.
#[derive(Debug)]
pub enum Answers {
    /// To each its outcome.
    Outcomes(Vec<ReplyTo>, Vec<Outcome>),
    /// To all the same.
    All(Vec<ReplyTo>, Error),
}

#[derive(Debug)]
struct LaneState {
    number: usize,
    parcels: mpsc::UnboundedSender<Parcel>,
}

/// What comes in to the sequencer.
pub enum Message {
    Command(Command, ReplyTo),
    /// A deadline moved closer.
    Wake,
    Stop,
}

/// The way in, shared by all lanes. At most `pending_max` commands are between here and their replies.
#[derive(Debug)]
pub(crate) struct Inbox {
    sender: Sender<Message>,
    pending: AtomicUsize,
    pending_max: usize,
    lanes: AtomicU64,
    stopping: AtomicBool,
    /// The journal cannot be reached: nothing is let in.
    away: AtomicBool,
    /// The process is about to end because what it holds is not to be relied on.
    condemned: AtomicBool,
    stats: Arc<Stats>,
}

impl Inbox {
    pub(crate) fn new(pending_max: usize, stats: Arc<Stats>) -> (Arc<Self>, Receiver<Message>) {
        let (sender, receiver) = channel();
        let (pending, lanes) = (AtomicUsize::new(0), AtomicU64::new(0));
        let (stopping, away, condemned) = Default::default();
        let inbox = Self { sender, pending, pending_max, lanes, stopping, away, condemned, stats };
        (Arc::new(inbox), receiver)
    }

    pub(crate) fn wake(&self) {
        // Nobody listens when the node stops: then there is nothing to wake for.
        let _ = self.sender.send(Message::Wake);
    }

    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        let _ = self.sender.send(Message::Stop);
    }

    pub(crate) fn stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    pub(crate) fn is_away(&self) -> bool {
        self.away.load(Ordering::Relaxed)
    }

    pub(crate) fn set_away(&self, away: bool) {
        self.away.store(away, Ordering::Relaxed);
    }

    /// From now on nothing is acknowledged, and nothing is answered from what this node holds.
    pub(crate) fn condemn(&self) {
        self.condemned.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_condemned(&self) -> bool {
        self.condemned.load(Ordering::Relaxed)
    }

    pub(crate) fn pending(&self) -> usize {
        self.pending.load(Ordering::Relaxed)
    }

    pub(crate) fn answer(&self, answers: Answers) {
        match answers {
            Answers::Outcomes(replies, outcomes) => self.reply(replies.into_iter().zip(outcomes.into_iter().map(Ok))),
            Answers::All(replies, error) => self.reply(replies.into_iter().map(|to| (to, Err(error.clone())))),
        }
    }

    /// Gives all replies out, one parcel a lane.
    fn reply(&self, answers: impl Iterator<Item = (ReplyTo, Answer)>) {
        let mut parcels: Vec<(Arc<LaneState>, Parcel)> = Vec::new();
        let mut count = 0;
        for (ReplyTo { sender, lane, followed: _ }, answer) in answers {
            count += 1;
            let answer = if self.is_condemned() { answer.and(Err(Error::OutcomeUnknown)) } else { answer };
            match parcels.iter_mut().find(|(other, _)| other.number == lane.number) {
                Some((_, parcel)) => parcel.push((sender, answer)),
                None => parcels.push((lane, vec![(sender, answer)])),
            }
        }
        self.pending.fetch_sub(count, Ordering::Relaxed);
        for (lane, parcel) in parcels {
            // A thread that has ended waits for no replies.
            let _ = lane.parcels.send(parcel);
        }
    }
}

/// One thread's way to submit commands. Cheap to clone within the thread's runtime.
#[derive(Clone, Debug)]
pub struct Lane {
    inbox: Arc<Inbox>,
    state: Arc<LaneState>,
}

impl Lane {
    /// Opens a lane that hands its outcomes out on the current runtime, which should be a thread's own.
    pub(crate) fn open(inbox: Arc<Inbox>) -> Self {
        let (parcels, mut incoming) = mpsc::unbounded_channel::<Parcel>();
        tokio::spawn(async move {
            while let Some(parcel) = incoming.recv().await {
                for (sender, answer) in parcel {
                    // Whoever asked may have hung up: the outcome stands all the same.
                    let _ = sender.send(answer);
                }
            }
        });
        let number = inbox.lanes.fetch_add(1, Ordering::Relaxed) as usize;
        Self { inbox, state: Arc::new(LaneState { number, parcels }) }
    }

    /// Has a command carried out, and gives the answer that it has: see [`Lane::submit`].
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn ask<A>(&self, ask: Ask<A>) -> Result<A, Error> {
        let (command, answer) = ask.into_parts();
        // A reply of another kind there cannot be; were it ever, what was done would not be known here.
        answer(self.submit(command).await?).ok_or(Error::OutcomeUnknown)
    }

    /// Has a command carried out: the reply comes when it is durable. Once submitted it is carried out even if the
    /// caller no longer waits.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn submit(&self, command: Command) -> Result<Reply, Error> {
        let inbox = &self.inbox;
        if inbox.pending.fetch_add(1, Ordering::Relaxed) >= inbox.pending_max {
            inbox.pending.fetch_sub(1, Ordering::Relaxed);
            inbox.stats.overloaded.fetch_add(1, Ordering::Relaxed);
            // Where one core does all, those who make the pending ones durable go before the next who is refused: the
            // system lets a thread that refuses without end have the core for milliseconds at a time, several a batch.
            std::thread::yield_now();
            return Err(Error::Overloaded);
        }
        if inbox.is_away() || inbox.is_condemned() {
            inbox.pending.fetch_sub(1, Ordering::Relaxed);
            inbox.stats.unavailable.fetch_add(1, Ordering::Relaxed);
            return Err(Error::Unavailable);
        }
        let (sender, receiver) = oneshot::channel();
        let followed = Trail::follow();
        let reply_to = ReplyTo { sender, lane: self.state.clone(), followed: followed.clone() };
        if inbox.sender.send(Message::Command(command, reply_to)).is_err() {
            inbox.pending.fetch_sub(1, Ordering::Relaxed);
            return Err(Error::Unavailable);
        }
        let answer = receiver.await;
        if let Some(followed) = followed {
            followed.hear();
        }
        match answer {
            Ok(Ok(outcome)) => outcome.map_err(Error::Refused),
            Ok(Err(error)) => Err(error),
            // The sequencer ended before it took the command.
            Err(_) => Err(Error::Unavailable),
        }
    }
}
