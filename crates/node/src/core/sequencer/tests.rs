//! Schedules of a journal that refuses, stalls, or leaves open what it took.

use onsale_domain::engine::Engine;
use onsale_domain::ids::QueueId;
use onsale_journal::{Hash, Head};
use rand::SeedableRng as _;
use tokio::sync::Notify;

use super::*;
use crate::core::interval::Pace;
use crate::threads::Timer;
use crate::views::Views;

const SECOND: Duration = Duration::from_secs(1);

/// Drives a sequencer, in a time of its own, and notes what it says.
struct Bench {
    core: Sequencer,
    now: Now,
    deadline_ms: Arc<AtomicU64>,
    cluster: Option<Arc<Cluster>>,
    handed_on: Vec<Durable>,
    /// How many were told what.
    told: Vec<(usize, Error)>,
    /// What became of the door.
    doors: Vec<bool>,
    slept: Vec<Duration>,
}

/// What the driver comes back for.
#[derive(Debug, PartialEq)]
enum Asks {
    Wait(Duration),
    /// The number, and the commands.
    Append(u64, Vec<Command>),
    Probe,
    ProbeIfIdle,
    End,
    Stop(Fault),
}

fn bench_with(knobs: Knobs, cluster: Option<Arc<Cluster>>) -> Bench {
    let deadline_ms = Arc::new(AtomicU64::new(u64::MAX));
    let shared = Shared {
        node: 7,
        deadline_ms: deadline_ms.clone(),
        presence: Presence::new(Arc::new(Views::new(&Engine::new()))),
        stats: Arc::default(),
        cluster: cluster.clone(),
    };
    let core = Sequencer::new(shared, 0, knobs, SmallRng::seed_from_u64(7));
    let now = Now { monotonic: Duration::ZERO, journal_ms: 0 };
    let (handed_on, told, doors, slept) = Default::default();
    Bench { core, now, deadline_ms, cluster, handed_on, told, doors, slept }
}

fn bench() -> Bench {
    bench_with(Knobs::default(), None)
}

fn bench_of_many() -> Bench {
    let head = Head { seq: 0, time_ms: 0, hash: Hash::from([0; 32]) };
    let cluster = Cluster::new(1, &[], head, 0, Arc::new(Notify::new()), Timer::start());
    bench_with(Knobs::default(), Some(Arc::new(cluster)))
}

impl Bench {
    /// Goes on until the journal, the clock or a message has to say something.
    fn go(&mut self) -> Asks {
        loop {
            match self.core.next(self.now) {
                Todo::Wait(time) => return Asks::Wait(time),
                Todo::Sleep(time) => {
                    self.pass(time);
                    self.slept.push(time);
                }
                Todo::Drain => {}
                Todo::Append => {
                    let (number, payload) = self.core.outgoing();
                    return Asks::Append(number, Batch::decode(payload).expect("a batch").commands);
                }
                Todo::Probe => return Asks::Probe,
                Todo::ProbeIfIdle => return Asks::ProbeIfIdle,
                Todo::HandOn(entry) => self.handed_on.push(entry),
                Todo::Answer(Answers::All(replies, error)) => self.told.push((replies.len(), error)),
                Todo::Answer(Answers::Outcomes(..)) => panic!("the sequencer knows no outcomes"),
                Todo::Door { is_open } => self.doors.push(is_open),
                Todo::End => return Asks::End,
                Todo::Stop(fault) => return Asks::Stop(fault),
            }
        }
    }

    fn pass(&mut self, time: Duration) {
        self.now.monotonic += time;
        self.now.journal_ms += time.as_millis() as u64;
    }

    /// A client's command comes in.
    fn command(&mut self) {
        self.core.take(Message::Command(Command::Tick, ReplyTo::nobody()));
    }

    /// The journal answers the append.
    fn appended(&mut self, result: Result<(), JournalError>) -> Asks {
        let (seq, _) = self.core.outgoing();
        let appended = result.map(|()| Head { seq, time_ms: 0, hash: Hash::from([0; 32]) });
        self.core.appended(appended, 0, self.now);
        self.go()
    }

    fn probed(&mut self, result: Result<(), JournalError>) -> Asks {
        self.core.probed(result, self.now);
        self.go()
    }

    fn told(&mut self) -> Vec<(usize, Error)> {
        core::mem::take(&mut self.told)
    }
}

fn seen() -> Command {
    crate::core::presence::seen(QueueId(0), &[1, 2])
}

fn away() -> JournalError {
    JournalError::Unavailable { reason: "nobody answers".to_owned() }
}

fn unknown() -> JournalError {
    JournalError::Unknown { reason: "the answer is lost".to_owned() }
}

#[test]
fn what_the_node_says_itself_waits_for_room_and_goes_out_last() {
    let mut bench = bench();
    bench.core.unsent = vec![seen()];
    assert_eq!(bench.go(), Asks::Wait(Duration::ZERO));
    bench.command();
    assert_eq!(bench.go(), Asks::Append(1, vec![Command::Tick, seen()]));
    // Nothing is appended for a while, so what is due is not due before.
    let pause = Knobs::default().full_pause;
    assert_eq!(bench.appended(Err(JournalError::Full)), Asks::Wait(pause));
    assert_eq!(bench.told(), [(1, Error::Unavailable)]);
    assert!(bench.core.stats.journal_full.load(Ordering::Relaxed));

    bench.command();
    assert_eq!(bench.go(), Asks::Wait(pause), "nothing is taken out during the pause");
    assert_eq!(bench.told(), [(1, Error::Unavailable)]);

    bench.pass(pause);
    bench.command();
    assert_eq!(bench.go(), Asks::Append(2, vec![Command::Tick, seen()]));
    bench.appended(Ok(()));
    assert_eq!((bench.handed_on[0].batch.commands.len(), bench.handed_on[0].replies.len()), (2, 1));
    assert!(bench.core.unsent.is_empty() && !bench.core.stats.journal_full.load(Ordering::Relaxed));
    assert!(bench.doors.is_empty(), "a full disk is no journal that is away");
}

#[test]
fn a_batch_that_is_too_large_is_refused_alone() {
    let mut bench = bench();
    bench.core.unsent = vec![seen()];
    bench.go();
    bench.command();
    bench.go();
    bench.appended(Err(JournalError::TooLarge { bytes: 1 }));
    assert_eq!(bench.told(), [(1, Error::Unavailable)]);
    bench.command();
    assert_eq!(bench.go(), Asks::Append(2, vec![Command::Tick]));
}

#[test]
fn an_entry_that_nobody_took_leaves_its_number_to_the_next() {
    let mut bench = bench();
    bench.go();
    bench.command();
    assert_eq!(bench.go(), Asks::Append(1, vec![Command::Tick]));
    assert_eq!(bench.appended(Err(away())), Asks::Probe);
    assert_eq!((bench.told(), &*bench.doors), (vec![(1, Error::Unavailable)], &[false][..]));
    assert!(matches!(bench.probed(Ok(())), Asks::Wait(_)));
    assert_eq!(bench.doors, [false, true]);
    bench.command();
    assert_eq!(bench.go(), Asks::Append(1, vec![Command::Tick]));
}

#[test]
fn an_entry_whose_outcome_is_unknown_keeps_its_number_and_nobody_is_told_that_nothing_was_done() {
    let mut bench = bench();
    bench.core.unsent = vec![seen()];
    bench.go();
    bench.command();
    bench.go();
    assert_eq!(bench.appended(Err(unknown())), Asks::Probe);
    assert_eq!(bench.told(), [(1, Error::OutcomeUnknown)]);
    // What came in before the door was shut is not at stake.
    bench.probed(Err(away()));
    bench.command();
    assert_eq!(bench.probed(Err(away())), Asks::Probe);
    assert_eq!(bench.told(), [(1, Error::Unavailable)]);
    assert_eq!(bench.probed(Ok(())), Asks::Wait(Duration::ZERO), "who was heard from is told at once");
    assert_eq!(bench.go(), Asks::Append(2, vec![seen()]));
    bench.appended(Ok(()));
    assert!(bench.handed_on[0].replies.is_empty());
}

#[test]
fn a_journal_that_answers_and_takes_nothing_is_not_back_before_it_takes_an_entry() {
    let mut bench = bench();
    bench.go();
    for _ in 0..Knobs::default().refused_max - 1 {
        bench.command();
        bench.go();
        assert_eq!(bench.appended(Err(away())), Asks::Probe);
        bench.probed(Ok(()));
    }
    bench.core.unsent = vec![seen()];
    bench.command();
    assert_eq!(bench.go(), Asks::Append(1, vec![Command::Tick, seen()]));
    // From now on its word does not count: it is given what the node itself has to say.
    for _ in 0..3 {
        assert_eq!(bench.appended(Err(away())), Asks::Append(1, vec![seen()]));
    }
    assert_eq!(bench.doors, [false, true, false, true, false]);
    assert!(matches!(bench.appended(Ok(())), Asks::Wait(_)));
    assert_eq!((bench.doors.last(), bench.handed_on.len()), (Some(&true), 1));
}

#[test]
fn a_journal_that_is_full_while_it_is_asked_with_an_entry_is_there() {
    let mut bench = bench();
    bench.core.refused = Knobs::default().refused_max;
    bench.go();
    bench.command();
    bench.go();
    assert_eq!(bench.appended(Err(away())), Asks::Append(1, vec![Command::Tick]));
    assert!(matches!(bench.appended(Err(JournalError::Full)), Asks::Wait(_)));
    assert_eq!(bench.doors, [false, true]);
}

/// A stop that was gathered with commands is not forgotten when those find the journal away.
#[test]
fn a_stop_ends_it_though_the_journal_is_away() {
    let mut bench = bench();
    bench.go();
    bench.command();
    bench.core.take(Message::Stop);
    bench.go();
    assert_eq!(bench.appended(Err(away())), Asks::End);
    assert_eq!(bench.told(), [(1, Error::Unavailable)]);

    // And one that comes while the journal is waited for.
    let mut bench = self::bench();
    bench.go();
    bench.command();
    bench.go();
    bench.appended(Err(away()));
    bench.core.take(Message::Stop);
    assert_eq!(bench.probed(Err(away())), Asks::End);
}

#[test]
fn what_a_journal_that_fails_has_taken_is_unknown_and_the_node_stops() {
    let mut bench = bench();
    bench.go();
    bench.command();
    bench.go();
    let Asks::Stop(fault) = bench.appended(Err(JournalError::corrupt(3, "it is torn"))) else { panic!("it goes on") };
    assert_eq!((fault.kind, bench.told()), (Kind::Lost, vec![(1, Error::OutcomeUnknown)]));
}

#[test]
fn a_journal_of_another_history_ends_the_node_whether_it_is_waited_for_or_looked_at() {
    for mut bench in [bench(), bench_of_many()] {
        bench.go();
        bench.command();
        bench.go();
        let asks = if bench.cluster.is_some() { bench.appended(Ok(())) } else { bench.appended(Err(away())) };
        assert_eq!(asks, if bench.cluster.is_some() { Asks::ProbeIfIdle } else { Asks::Probe });
        let asks = bench.probed(Err(JournalError::corrupt(3, "another one")));
        assert!(matches!(&asks, Asks::Stop(Fault { kind: Kind::Fork, .. })), "{asks:?}");
    }
}

/// What such a node appends it could not answer.
#[test]
fn a_node_that_is_cut_off_shuts_its_door_though_the_journal_takes_entries() {
    let mut bench = bench_of_many();
    let cluster = bench.cluster.clone().expect("one of many");
    cluster.lose(bench.now.monotonic);
    bench.go();
    assert_eq!(bench.go(), Asks::ProbeIfIdle, "it has only just lost sight of the others");
    bench.probed(Ok(()));
    bench.pass(2 * SECOND);
    assert_eq!(bench.go(), Asks::Probe);
    assert_eq!(bench.probed(Ok(())), Asks::Probe, "it is still cut off");
    cluster.hear();
    assert!(matches!(bench.probed(Ok(())), Asks::Wait(_)));
    assert_eq!(bench.doors, [false, true]);
}

#[test]
fn a_tick_is_due_when_the_deadline_is_and_later_by_chance_where_others_tick_too() {
    let mut bench = bench();
    bench.deadline_ms.store(400, Ordering::Relaxed);
    assert_eq!(bench.go(), Asks::Wait(Duration::from_millis(400)));
    bench.pass(Duration::from_millis(399));
    assert_eq!(bench.go(), Asks::Wait(Duration::from_millis(1)));
    bench.pass(Duration::from_millis(1));
    assert_eq!(bench.go(), Asks::Append(1, vec![Command::Tick]));
    bench.appended(Ok(()));
    assert_eq!(bench.deadline_ms.load(Ordering::Relaxed), u64::MAX, "the applier has not said the next one yet");

    let mut bench = bench_of_many();
    let mut delays = Vec::new();
    for _ in 0..8 {
        bench.deadline_ms.store(bench.now.journal_ms, Ordering::Relaxed);
        let Asks::Wait(time) = bench.go() else { panic!("it waits") };
        delays.push(time.as_millis());
        bench.pass(time);
        assert!(matches!(bench.go(), Asks::Append(..)));
        assert_eq!(bench.appended(Ok(())), Asks::ProbeIfIdle);
        bench.core.probed(Ok(()), bench.now);
    }
    assert!(delays.iter().any(|&delay| delay > 0) && delays.iter().all(|&delay| delay < 20), "{delays:?}");
}

#[test]
fn an_entry_waits_for_the_pace_and_takes_in_what_comes_meanwhile() {
    let pace = Pace { least: SECOND, ..Pace::default() };
    let knobs = Knobs { pace, batch_max: 3, ..Knobs::default() };
    let mut bench = bench_with(knobs, None);
    bench.go();
    bench.command();
    assert!(matches!(bench.go(), Asks::Append(1, _)), "the first goes at once");
    bench.appended(Ok(()));
    bench.command();
    assert!(bench.core.has_room());
    bench.command();
    bench.command();
    assert!(!bench.core.has_room());
    assert_eq!(bench.go(), Asks::Append(2, vec![Command::Tick; 3]));
    assert_eq!(bench.slept, [SECOND]);
}

#[test]
fn pauses_grow_and_are_the_same_each_time() {
    let pauses = || {
        let mut bench = bench();
        bench.go();
        bench.command();
        bench.go();
        bench.appended(Err(away()));
        for _ in 0..6 {
            bench.probed(Err(away()));
        }
        bench.slept
    };
    let (first, second) = (pauses(), pauses());
    assert_eq!(first, second);
    let longest = Knobs::default().pauses.longest;
    assert!(first[0] <= Duration::from_millis(30) && first[5] >= longest / 2, "{first:?}");
}
