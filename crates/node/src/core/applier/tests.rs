//! Entries on both of their ways, in every order, and what becomes of those who wait for them.

use onsale_domain::command::{Batch as Commands, Command};
use onsale_domain::ids::{KeyId, QueueId, UserId};
use onsale_journal::{Hash, Head, Link};
use tokio::sync::Notify;

use super::*;
use crate::cluster::Cluster;
use crate::core::entry::{Hashed, Origin};
use crate::core::fault::Kind;
use crate::core::follower::Rhythm;
use crate::lane::ReplyTo;
use crate::threads::Timer;

const NODE: u64 = 7;

/// Drives an applier, and notes what it says.
struct Bench {
    core: Applier,
    now: Duration,
    cluster: Arc<Cluster>,
    deadline_ms: Arc<AtomicU64>,
    /// How many were told their outcomes, or else why not.
    told: Vec<(usize, Option<Error>)>,
    looks: usize,
    votes: Vec<u64>,
    projected: Vec<u64>,
    stopped: Option<Kind>,
}

fn bench_with(knobs: Knobs) -> Bench {
    let engine = Engine::new();
    let deadline_ms = Arc::new(AtomicU64::new(u64::MAX));
    let head = Head { seq: 0, time_ms: 0, hash: Hash::from([0; 32]) };
    let fingerprint = engine.mark().fingerprint;
    let cluster = Arc::new(Cluster::new(1, &[], head, fingerprint, Arc::new(Notify::new()), Timer::start()));
    let member = Member::new(cluster.clone(), knobs);
    let views = Arc::new(Views::new(&engine));
    let core = Applier::new(engine, views, deadline_ms.clone(), Some(member));
    let (told, votes, projected) = Default::default();
    Bench { core, now: Duration::ZERO, cluster, deadline_ms, told, looks: 0, votes, projected, stopped: None }
}

fn bench() -> Bench {
    bench_with(Knobs::default())
}

impl Bench {
    /// Goes on until another entry may come; says for how long it is waited for.
    fn go(&mut self) -> Option<Duration> {
        loop {
            match self.core.next(self.now) {
                Todo::Take { within } => return within,
                Todo::Answer(Answers::Outcomes(replies, outcomes)) => {
                    assert!(outcomes.len() >= replies.len());
                    self.told.push((replies.len(), None));
                }
                Todo::Answer(Answers::All(replies, error)) => self.told.push((replies.len(), Some(error))),
                Todo::Wake => {}
                Todo::Look => self.looks += 1,
                Todo::Vote { at, .. } => self.votes.push(at.seq),
                Todo::Project(batch) => self.projected.push(batch.mark.seq),
                Todo::End => return None,
                Todo::Stop(fault) => {
                    self.stopped = Some(fault.kind);
                    return None;
                }
            }
        }
    }

    fn take(&mut self, entry: Durable) -> Option<Duration> {
        self.go();
        self.core.take(entry);
        self.go()
    }
}

/// The first entries of a history.
struct History(Vec<(Head, Vec<u8>)>);

impl History {
    /// Somebody joins in each entry. Other times make another history.
    fn new(from_ms: u64) -> Self {
        let mut before = Hash::from([0; 32]);
        let entries = (1..=4).map(|seq| {
            let batch = Commands { commands: vec![join(seq)] };
            let mut payload = Vec::new();
            batch.encode_into(&mut payload);
            let time_ms = from_ms + seq;
            before = Link { seq, time_ms, node: NODE, number: seq, payload: &payload }.hash(&before);
            (Head { seq, time_ms, hash: before }, payload)
        });
        Self(entries.collect())
    }

    fn entry(&self, seq: u64, replies: usize, origin: Origin) -> Durable {
        let (appended, _) = self.0[seq as usize - 1];
        let replies = (0..replies).map(|_| ReplyTo::nobody()).collect();
        Durable { appended, batch: Commands { commands: vec![join(seq)] }, replies, origin, passage: None }
    }

    /// As the sequencer hands it over.
    fn appended(&self, seq: u64) -> Durable {
        let payload = self.0[seq as usize - 1].1.clone();
        self.entry(seq, 1, Origin::Appended { hashed: Some(Hashed { node: NODE, number: seq, payload }) })
    }

    fn read_back(&self, seq: u64) -> Durable {
        self.entry(seq, 0, Origin::ReadBack)
    }

    fn of_another(&self, seq: u64) -> Durable {
        self.entry(seq, 0, Origin::Other)
    }
}

fn join(seq: u64) -> Command {
    Command::Join { user: UserId(seq), queue: QueueId(0), key: KeyId(0) }
}

const UNKNOWN: (usize, Option<Error>) = (1, Some(Error::OutcomeUnknown));

#[test]
fn an_own_entry_that_was_read_back_first_is_answered_when_it_is_handed_over() {
    let (mut bench, history) = (bench(), History::new(1_000));
    bench.take(history.read_back(1));
    assert!(bench.told.is_empty());
    let known = bench.deadline_ms.swap(u64::MAX, Ordering::AcqRel);
    assert_ne!(known, u64::MAX, "a session has begun");
    bench.take(history.appended(1));
    assert_eq!((&*bench.told, bench.stopped), (&[(1, None)][..], None));
    assert_eq!(bench.deadline_ms.load(Ordering::Acquire), known, "the sequencer has taken it for unknown");
    assert_eq!(bench.projected, [1]);
}

#[test]
fn an_own_entry_waits_for_those_that_it_follows() {
    let (mut bench, history) = (bench(), History::new(1_000));
    assert_eq!(bench.take(history.appended(3)), Some(Knobs::default().look_every));
    assert_eq!((bench.looks, &*bench.projected), (1, &[][..]));
    bench.take(history.of_another(1));
    assert_eq!(bench.deadline_ms.load(Ordering::Acquire), bench.core.engine.next_deadline().0);
    assert_eq!(bench.take(history.of_another(2)), None);
    assert_eq!((&*bench.projected, &*bench.told), (&[1, 2, 3][..], &[(1, None)][..]));
    assert_eq!(bench.cluster.applied().seq, 3);
}

/// It is the one of the two that has those who wait.
#[test]
fn an_own_entry_that_is_read_back_while_it_waits_is_answered() {
    let (mut bench, history) = (bench(), History::new(1_000));
    bench.take(history.appended(2));
    bench.take(history.of_another(1));
    bench.take(history.read_back(2));
    assert_eq!((&*bench.projected, &*bench.told, bench.stopped), (&[1, 2][..], &[(1, None)][..], None));
}

#[test]
fn nobody_waits_for_an_entry_whose_turn_does_not_come() {
    let (mut bench, history) = (bench(), History::new(1_000));
    bench.cluster.lose(bench.now);
    bench.take(history.appended(2));
    assert!(bench.told.is_empty(), "the others may be read again at once");
    bench.now += Duration::from_secs(2);
    bench.go();
    assert_eq!(bench.told, [UNKNOWN]);
    // It has its turn all the same.
    bench.take(history.of_another(1));
    assert_eq!((&*bench.projected, &*bench.told), (&[1, 2][..], &[UNKNOWN][..]));
}

#[test]
fn who_waits_for_an_entry_that_is_in_and_was_not_applied_is_not_told_that_nothing_was_done() {
    let (mut bench, history) = (bench(), History::new(1_000));
    bench.take(history.appended(2));
    bench.core.end();
    bench.go();
    assert_eq!((&*bench.told, bench.stopped), (&[UNKNOWN][..], None));
    assert!(matches!(bench.core.next(bench.now), Todo::End));
}

#[test]
fn an_own_entry_on_another_history_ends_the_node_and_nobody_is_told_that_nothing_was_done() {
    // Where another entry was applied, what follows was hashed on that one.
    let (mut bench, here, there) = (bench(), History::new(1_000), History::new(5_000));
    bench.take(here.of_another(1));
    bench.take(there.appended(2));
    assert_eq!((bench.stopped, &*bench.told, &*bench.projected), (Some(Kind::Fork), &[UNKNOWN][..], &[1][..]));

    // And in its place another was applied.
    let mut bench = self::bench();
    bench.take(here.read_back(1));
    bench.take(there.appended(1));
    assert_eq!((bench.stopped, &*bench.told), (Some(Kind::Fork), &[UNKNOWN][..]));
}

#[test]
fn entries_that_are_missing_end_the_node_and_those_that_come_twice_are_applied_once() {
    let (mut bench, history) = (bench(), History::new(1_000));
    for _ in 0..2 {
        bench.take(history.of_another(1));
    }
    assert_eq!((&*bench.projected, bench.stopped), (&[1][..], None));
    bench.take(history.of_another(3));
    assert_eq!(bench.stopped, Some(Kind::Missing));
}

#[test]
fn what_was_read_back_is_kept_for_a_few_entries() {
    let (mut bench, history) = (bench_with(Knobs { read_back_max: 2, ..Knobs::default() }), History::new(1_000));
    (1..=3).for_each(|seq| _ = bench.take(history.read_back(seq)));
    bench.take(history.appended(2));
    assert_eq!((&*bench.told, bench.stopped), (&[(1, None)][..], None));
    bench.take(history.appended(1));
    assert_eq!(bench.stopped, Some(Kind::Fork));
}

#[test]
fn all_nodes_vote_on_the_same_entries() {
    let rhythm = Rhythm { every: 2, every_ms: 3 };
    let (mut bench, history) = (bench_with(Knobs { votes: rhythm, ..Knobs::default() }), History::new(0));
    (1..=4).for_each(|seq| _ = bench.take(history.of_another(seq)));
    // Two and four by their numbers, three by its time.
    assert_eq!(bench.votes, [2, 3, 4]);
}

/// Its end was lost while what it follows had not been read, and something else has come in its place.
#[test]
fn an_own_entry_in_whose_place_another_is_read_ends_the_node() {
    let (mut bench, here, there) = (bench(), History::new(1_000), History::new(5_000));
    bench.take(here.of_another(1));
    bench.take(here.appended(2));
    assert_eq!(bench.stopped, None);
    bench.take(there.of_another(2));
    assert_eq!((bench.stopped, &*bench.projected), (Some(Kind::Fork), &[1, 2][..]));
}
