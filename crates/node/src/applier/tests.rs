//! Own entries on both of their ways, and what becomes of those who wait for them.

use std::sync::mpsc::{SyncSender, channel, sync_channel};

use onsale_domain::command::{Batch, Command};
use onsale_domain::ids::{KeyId, QueueId, UserId};
use onsale_domain::reply::Reply;
use onsale_journal::{Hash, Head, Link};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::*;
use crate::cluster::Cluster;
use crate::lane::{Lane, Message, ReplyTo};
use crate::sequencer::Origin;
use crate::stats::Stats;

const NODE: u64 = 7;

struct Parts {
    inbox: Arc<Inbox>,
    incoming: Receiver<Message>,
    entries: SyncSender<Sequenced>,
    deadline_ms: Arc<AtomicU64>,
    applier: Applier,
}

fn parts() -> Parts {
    let engine = Engine::new();
    let stats = Arc::new(Stats::default());
    let (inbox, incoming) = Inbox::new(8, stats.clone());
    let (entries, applied) = sync_channel(4);
    let deadline_ms = Arc::new(AtomicU64::new(u64::MAX));
    let head = Head { seq: 0, time_ms: 0, hash: Hash::from([0; 32]) };
    let cluster = Arc::new(Cluster::new(1, &[], head, engine.mark().fingerprint, Arc::new(Notify::new())));
    let applier = Applier {
        views: Arc::new(Views::new(&engine)),
        engine,
        incoming: applied,
        inbox: inbox.clone(),
        feed: Feed::to_nobody(inbox.clone(), stats),
        deadline_ms: deadline_ms.clone(),
        member: Some(Member::new(cluster, channel().0)),
    };
    Parts { inbox, incoming, entries, deadline_ms, applier }
}

/// Somebody joins: the command's way back, and what it comes to.
async fn asked(parts: &Parts) -> (ReplyTo, JoinHandle<Result<Reply, Error>>) {
    let lane = Lane::open(parts.inbox.clone());
    let asked = tokio::spawn(async move { lane.submit(Command::Tick).await });
    tokio::task::yield_now().await;
    let Ok(Message::Command(_, to)) = parts.incoming.try_recv() else { panic!("the command came in") };
    (to, asked)
}

/// An entry after which there is a deadline: a session.
fn entry(seq: u64, replies: Vec<ReplyTo>, is_own: bool) -> Sequenced {
    let batch = Batch { commands: vec![Command::Join { user: UserId(1), queue: QueueId(0), key: KeyId(0) }] };
    let mut payload = Vec::new();
    batch.encode_into(&mut payload);
    let link = Link { seq, time_ms: 1_000, node: NODE, number: 1, payload: &payload };
    let appended = Head { seq, time_ms: 1_000, hash: link.hash(&Hash::from([0; 32])) };
    let origin = if is_own { Origin::Own { link: Some((NODE, 1, payload)) } } else { Origin::OwnReadBack };
    Sequenced { appended, batch, replies, origin }
}

#[tokio::test]
async fn the_deadline_is_known_after_an_own_entry_that_was_read_back_first() {
    let parts = parts();
    let (to, asked) = asked(&parts).await;
    let Parts { entries, deadline_ms, applier, .. } = parts;
    let applying = std::thread::spawn(move || applier.run());
    entries.send(entry(1, Vec::new(), false)).expect("it is applied");
    while deadline_ms.load(Ordering::Acquire) == u64::MAX {
        std::thread::yield_now();
    }
    let known = deadline_ms.swap(u64::MAX, Ordering::AcqRel);
    entries.send(entry(1, vec![to], true)).expect("it is applied");
    drop(entries);
    applying.join().expect("it ends");
    assert_eq!(deadline_ms.load(Ordering::Acquire), known);
    assert!(asked.await.expect("a task").is_ok());
}

#[tokio::test]
async fn who_waits_for_an_entry_that_is_in_and_was_not_applied_is_not_told_that_nothing_was_done() {
    let parts = parts();
    let (to, asked) = asked(&parts).await;
    let Parts { entries, applier, .. } = parts;
    let applying = std::thread::spawn(move || applier.run());
    entries.send(entry(2, vec![to], true)).expect("it waits for the first");
    drop(entries);
    applying.join().expect("it ends");
    assert_eq!(asked.await.expect("a task"), Err(Error::OutcomeUnknown));
}

#[tokio::test]
async fn a_node_that_is_about_to_end_acknowledges_nothing() {
    let parts = parts();
    let (to, asked) = asked(&parts).await;
    let lane = Lane::open(parts.inbox.clone());
    let Parts { entries, applier, .. } = parts;
    fault::condemn();
    let applying = std::thread::spawn(move || applier.run());
    entries.send(entry(1, vec![to], true)).expect("it is taken");
    drop(entries);
    applying.join().expect("it ends");
    assert_eq!(asked.await.expect("a task"), Err(Error::OutcomeUnknown));
    assert_eq!(lane.submit(Command::Tick).await, Err(Error::Unavailable));
}
