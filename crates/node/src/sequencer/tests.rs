//! What is refused, and what is kept for later, when the journal takes nothing.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, sync_channel};

use onsale_domain::engine::Engine;
use onsale_domain::ids::QueueId;
use onsale_domain::reply::Reply;
use onsale_journal::{Checkpoint, Hash, Head, Reader, Time, Truncated};
use tokio::task::JoinHandle;

use super::*;
use crate::lane::Lane;
use crate::views::Views;

/// A journal that refuses appends as it is told to, and then takes all.
struct Refusing {
    refusals: VecDeque<JournalError>,
    /// Whether it answers while it refuses.
    answers: bool,
}

impl Journal for Refusing {
    fn append(&mut self, number: u64, _payload: &[u8]) -> Result<Appended, JournalError> {
        match self.refusals.pop_front() {
            Some(error) => Err(error),
            None => Ok(Head { seq: number, time_ms: 0, hash: Hash::from([0; 32]) }),
        }
    }

    fn probe(&mut self) -> Result<(), JournalError> {
        let away = || JournalError::Unavailable { reason: "it refuses still".to_owned() };
        if self.answers || self.refusals.is_empty() { Ok(()) } else { Err(away()) }
    }

    fn time(&self) -> Time {
        Time::default()
    }

    fn store_id(&self) -> u64 {
        1
    }

    fn node(&self) -> u64 {
        1
    }

    fn head(&self) -> Head {
        Head { seq: 0, time_ms: 0, hash: Hash::from([0; 32]) }
    }

    fn reader(&self) -> Result<Box<dyn Reader>, JournalError> {
        Err(JournalError::Full)
    }

    fn checkpoint(&self) -> Option<Checkpoint> {
        None
    }

    fn truncate(&mut self, _checkpoint: &Checkpoint) -> Result<Truncated, JournalError> {
        Err(JournalError::Full)
    }
}

fn sequencer(errors: impl Into<VecDeque<JournalError>>) -> (Sequencer, Receiver<Sequenced>) {
    let stats = Arc::new(Stats::default());
    let (inbox, incoming) = Inbox::new(8, stats.clone());
    let (durable, applied) = sync_channel(4);
    let journal = Refusing { refusals: errors.into(), answers: false };
    let sequencer = Sequencer {
        batch_max: 1_024,
        interval: Interval::new(Duration::ZERO),
        journal: Box::new(journal),
        incoming,
        inbox,
        durable,
        deadline_ms: Arc::new(AtomicU64::new(u64::MAX)),
        presence: Presence::new(Arc::new(Views::new(&Engine::new()))),
        stats,
        number: 0,
        full_until: None,
        unsent: Vec::new(),
        refused: 0,
        cluster: None,
        tick_delay_ms: 0,
        clock: clock::Watch::default(),
    };
    (sequencer, applied)
}

fn seen() -> Command {
    crate::presence::seen(QueueId(0), &[1, 2])
}

/// One round with one command of a client, and what the node itself says besides.
async fn round(sequencer: &mut Sequencer, own: Option<Command>) -> JoinHandle<Result<Reply, Error>> {
    let lane = Lane::open(sequencer.inbox.clone());
    let asked = tokio::spawn(async move { lane.submit(Command::Tick).await });
    tokio::task::yield_now().await;
    let mut gathered = sequencer.gather();
    gathered.commands.extend(own);
    sequencer.add_own(&mut gathered);
    sequencer.append(gathered, &mut Vec::new());
    asked
}

#[tokio::test]
async fn what_the_node_says_itself_waits_for_room_and_goes_out_last() {
    let (mut sequencer, applied) = sequencer([JournalError::Full]);
    let refused = round(&mut sequencer, Some(seen())).await.await.expect("a task");
    assert_eq!(refused, Err(Error::Unavailable));
    assert!(sequencer.stats.journal_full.load(Ordering::Relaxed));
    assert_eq!(sequencer.unsent, [seen()]);

    sequencer.full_until = Some(Instant::now() + Duration::from_secs(600));
    let refused = round(&mut sequencer, None).await.await.expect("a task");
    assert_eq!(refused, Err(Error::Unavailable));
    assert_eq!(sequencer.unsent, [seen()], "nothing is taken out during the pause");

    sequencer.full_until = Some(Instant::now());
    drop(round(&mut sequencer, None).await);
    let Sequenced { batch, replies, .. } = applied.try_recv().expect("an entry");
    assert_eq!((batch.commands, replies.len()), (vec![Command::Tick, seen()], 1));
    assert!(sequencer.unsent.is_empty() && !sequencer.stats.journal_full.load(Ordering::Relaxed));
}

#[tokio::test]
async fn a_batch_that_is_too_large_is_refused_alone() {
    let (mut sequencer, applied) = sequencer([JournalError::TooLarge { bytes: 1 }]);
    let refused = round(&mut sequencer, Some(seen())).await.await.expect("a task");
    assert_eq!(refused, Err(Error::Unavailable));
    assert!(sequencer.full_until.is_none() && !sequencer.stats.journal_full.load(Ordering::Relaxed));
    drop(round(&mut sequencer, None).await);
    assert_eq!(applied.try_recv().expect("an entry").batch.commands, [Command::Tick]);
}

#[tokio::test]
async fn a_journal_that_answers_and_takes_nothing_is_not_back_before_it_takes_an_entry() {
    let refusal = || JournalError::Unavailable { reason: "the journal has moved on".to_owned() };
    let (mut sequencer, applied) = sequencer([]);
    let refusals = std::iter::repeat_with(refusal).take(5).collect();
    sequencer.journal = Box::new(Refusing { refusals, answers: true });
    for _ in 0..REFUSED_MAX - 1 {
        assert_eq!(round(&mut sequencer, None).await.await.expect("a task"), Err(Error::Unavailable));
        assert!(sequencer.inbox.is_away() && sequencer.is_back());
        sequencer.inbox.set_away(false);
    }
    let own = Some(seen());
    assert_eq!(round(&mut sequencer, own).await.await.expect("a task"), Err(Error::Unavailable));
    assert!(!sequencer.is_back() && !sequencer.is_back(), "two more refusals");
    assert!(sequencer.inbox.is_away());
    assert!(sequencer.is_back(), "it takes entries again");
    assert_eq!(applied.try_recv().expect("an entry").batch.commands, [seen()], "who was heard from is told then");
}

/// A stop that was gathered with commands is not forgotten when those find the journal away.
#[tokio::test]
async fn a_stop_ends_it_though_the_journal_is_away() {
    let away = || JournalError::Unavailable { reason: "nobody answers".to_owned() };
    let (mut sequencer, _applied) = sequencer([away(), away()]);
    sequencer.unsent = vec![seen()];
    sequencer.inbox.stop();
    let ended = tokio::task::spawn_blocking(move || sequencer.run());
    let ended = tokio::time::timeout(Duration::from_secs(60), ended).await;
    assert!(ended.is_ok(), "it waits for the journal");
}
