//! What is found in the journal, and what the nodes say of each other.

use onsale_domain::command::Command;
use onsale_journal::Hash;
use rand::SeedableRng as _;
use tokio::sync::Notify;

use super::*;
use crate::threads::Timer;

const NODE: u64 = 7;
const OTHER: u64 = 8;
const OWN: u64 = 1;
/// Longer than what else is waited for here.
const QUIET: Duration = Duration::from_secs(10);

/// Drives a follower, in a time of its own.
struct Bench {
    core: Follower,
    now: Duration,
    cluster: Arc<Cluster>,
    handed_on: Vec<u64>,
}

#[derive(Debug, PartialEq, Eq)]
enum Asks {
    Look(u64),
    Vote(u64),
    Count(u64),
    Wait,
    Sleep(Duration),
    Stop(Kind),
}

fn head(seq: u64) -> Head {
    Head { seq, time_ms: 0, hash: Hash::from([seq as u8; 32]) }
}

fn bench() -> Bench {
    let cluster = Arc::new(Cluster::new(1, &[], head(0), OWN, Arc::new(Notify::new()), Timer::start()));
    let mut knobs = Knobs::default();
    knobs.ballot.quiet = QUIET;
    let core = Follower::new(cluster.clone(), NODE, knobs, SmallRng::seed_from_u64(7));
    Bench { core, now: Duration::from_secs(1), cluster, handed_on: Vec::new() }
}

impl Bench {
    fn go(&mut self) -> Asks {
        loop {
            match self.core.next(self.now) {
                Todo::Look { known, .. } => return Asks::Look(known.seq),
                Todo::HandOn(entry) => self.handed_on.push(entry.appended.seq),
                Todo::Vote { at, .. } => return Asks::Vote(at.seq),
                Todo::Count { seq } => return Asks::Count(seq),
                Todo::Wait(_) => return Asks::Wait,
                Todo::Sleep(time) => return Asks::Sleep(time),
                Todo::Stop(fault) => return Asks::Stop(fault.kind),
            }
        }
    }

    fn looked(&mut self, found: Result<Behind, Error>) -> Asks {
        assert!(matches!(self.go(), Asks::Look(_)));
        self.core.looked(found, self.now);
        self.go()
    }

    fn counted(&mut self, votes: &[(u64, u64)]) -> Asks {
        self.core.counted(Ok(votes.iter().map(|&(node, fingerprint)| Vote { node, fingerprint }).collect()));
        self.go()
    }

    /// Looks, finds nothing, and waits.
    fn idle(&mut self) -> Asks {
        self.looked(found(&[], true, true))
    }
}

fn found(seqs: &[u64], is_all: bool, is_current: bool) -> Result<Behind, Error> {
    let mut payload = Vec::new();
    Batch { commands: vec![Command::Tick] }.encode_into(&mut payload);
    let entry = |&seq| {
        let (node, hash, payload) = (OTHER, Hash::from([seq as u8; 32]), payload.clone());
        Entry { seq, time_ms: 0, node, number: seq, hash, payload }
    };
    Ok(Behind { entries: seqs.iter().map(entry).collect(), is_all, is_current })
}

fn away() -> Error {
    Error::Unavailable { reason: "nobody answers".to_owned() }
}

#[test]
fn who_asks_is_answered_once_all_that_was_found_is_on_its_way() {
    let mut bench = bench();
    let (asked, answered) = (bench.cluster.ask(), bench.cluster.watch_answered());
    assert_eq!(bench.looked(found(&[1, 2], false, true)), Asks::Look(2));
    assert_eq!((&*bench.handed_on, answered.borrow().asked), (&[1, 2][..], 0), "there may be more");
    bench.core.looked(found(&[3], true, true), bench.now);
    assert!(matches!(bench.core.next(bench.now), Todo::HandOn(_)));
    assert_eq!(answered.borrow().asked, 0, "the applier does not have it yet");
    assert_eq!(bench.go(), Asks::Wait);
    assert_eq!((answered.borrow().asked, answered.borrow().seq), (asked, 3));
}

#[test]
fn who_asks_during_a_look_has_another() {
    let mut bench = bench();
    assert_eq!(bench.go(), Asks::Look(0));
    bench.cluster.ask();
    bench.core.looked(found(&[], true, true), bench.now);
    assert_eq!(bench.go(), Asks::Look(0));
}

#[test]
fn a_look_at_a_server_that_may_be_another_by_now_answers_nobody() {
    let mut bench = bench();
    bench.cluster.ask();
    assert_eq!(bench.looked(found(&[1], true, false)), Asks::Wait);
    assert_eq!((&*bench.handed_on, bench.cluster.watch_answered().borrow().asked), (&[1][..], 0));
    bench.now += Duration::from_secs(2);
    assert!(bench.cluster.is_cut_off_at(bench.now));
    bench.cluster.set_applied(found(&[1], true, true).expect("an entry").entries[0].head(), 0);
    assert_eq!(bench.idle(), Asks::Wait);
    assert!(!bench.cluster.is_cut_off_at(bench.now));
    assert_eq!(bench.cluster.stale_at(bench.now), Duration::ZERO);
}

/// Every second look fails, and those between come nearer to the end without coming to it: who waits is not to wait for that.
#[test]
fn a_node_that_only_limps_after_the_journal_is_cut_off_until_it_has_all() {
    let mut bench = bench();
    bench.looked(Err(away()));
    assert_eq!(bench.looked(found(&[1], false, true)), Asks::Look(1), "there is more");
    bench.now += Duration::from_secs(2);
    assert!(bench.cluster.is_cut_off_at(bench.now));
    bench.core.looked(found(&[2], true, true), bench.now);
    assert_eq!(bench.go(), Asks::Wait);
    assert!(!bench.cluster.is_cut_off_at(bench.now));
}

#[test]
fn a_node_that_reads_much_without_a_failure_is_not_cut_off() {
    let mut bench = bench();
    assert_eq!(bench.looked(found(&[1], false, true)), Asks::Look(1), "there is more");
    bench.now += Duration::from_secs(2);
    assert!(!bench.cluster.is_cut_off_at(bench.now));
}

#[test]
fn a_journal_that_cannot_be_followed_is_tried_at_growing_pauses_and_one_that_has_changed_ends_the_node() {
    let mut bench = bench();
    let pauses: Vec<_> = (0..6).map(|_| bench.looked(Err(away()))).collect();
    let Asks::Sleep(last) = pauses[5] else { panic!("{pauses:?}") };
    assert!(last >= Knobs::default().pauses.longest / 2, "{pauses:?}");
    assert_eq!(bench.idle(), Asks::Wait);
    let Asks::Sleep(first) = bench.looked(Err(away())) else { panic!("it goes on") };
    assert!(first <= Knobs::default().pauses.shortest * 3 / 2, "{first:?}");
    let truncated = Error::Truncated { seq: 1, checkpoint_seq: 5 };
    assert_eq!(bench.looked(Err(truncated)), Asks::Stop(Kind::Behind));
    assert_eq!(bench.looked(Err(Error::corrupt(4, "its end is lost"))), Asks::Stop(Kind::Fork));
}

/// The applier has it still, and would apply it behind what is read.
#[test]
fn an_own_entry_that_the_journal_has_lost_ends_the_node() {
    // Its end is lost, or something else is in its place.
    for (found_seqs, least) in [(&[1, 2][..], head(3)), (&[1, 2, 3], Head { hash: Hash::from([0xff; 32]), ..head(3) })]
    {
        let mut bench = bench();
        bench.cluster.note_appended(least);
        assert_eq!(bench.looked(found(found_seqs, true, true)), Asks::Stop(Kind::Fork));
        assert_eq!(bench.handed_on, []);
    }
}

#[test]
fn a_look_that_may_have_been_before_an_append_or_before_its_end_says_nothing_of_it() {
    // It was asked for before the append was answered.
    let mut bench = bench();
    assert_eq!(bench.go(), Asks::Look(0));
    bench.cluster.note_appended(head(3));
    bench.core.looked(found(&[1, 2], true, true), bench.now);
    assert_eq!(bench.go(), Asks::Wait);
    // There may be more, or the server that was read may be another than the entry is on.
    assert_eq!(bench.looked(found(&[], false, true)), Asks::Look(2));
    bench.core.looked(found(&[], true, false), bench.now);
    assert_eq!(bench.go(), Asks::Wait);
    assert_eq!(bench.looked(found(&[3], true, true)), Asks::Wait);
    assert_eq!(bench.handed_on, [1, 2, 3]);
}

#[test]
fn an_entry_of_a_newer_program_ends_the_node_behind_those_that_can_be_read() {
    let mut bench = bench();
    let mut behind = found(&[1, 2], true, true).expect("entries");
    behind.entries[1].payload = vec![0xff];
    assert_eq!(bench.looked(Ok(behind)), Asks::Stop(Kind::Newer));
    assert_eq!(bench.handed_on, [1]);
}

#[test]
fn after_a_vote_that_is_not_answered_the_journal_is_read_before_the_next() {
    let mut bench = bench();
    bench.core.vote_on(head(256), OWN);
    bench.core.vote_on(head(512), OWN);
    assert_eq!(bench.idle(), Asks::Vote(256));
    bench.core.counted(Err(away()));
    assert_eq!(bench.go(), Asks::Wait);
    assert_eq!(bench.idle(), Asks::Vote(512));
}

#[test]
fn a_tie_is_decided_at_the_recount_against_the_one_that_voted_later() {
    for (votes, expected) in
        [([(OTHER, 2), (NODE, OWN)], Asks::Stop(Kind::Outvoted)), ([(NODE, OWN), (OTHER, 2)], Asks::Wait)]
    {
        let mut bench = bench();
        bench.core.vote_on(head(256), OWN);
        assert_eq!(bench.idle(), Asks::Vote(256));
        assert_eq!(bench.counted(&votes), Asks::Wait, "more may vote until then");
        bench.now += Duration::from_secs(1);
        assert_eq!(bench.idle(), Asks::Count(256));
        assert_eq!(bench.counted(&votes), expected);
    }
}

#[test]
fn the_fewer_are_outvoted_at_once() {
    let mut bench = bench();
    bench.core.vote_on(head(256), OWN);
    bench.idle();
    assert_eq!(bench.counted(&[(NODE, OWN), (OTHER, 2), (9, 2)]), Asks::Stop(Kind::Outvoted));
}

#[test]
fn the_last_entry_is_voted_on_when_it_has_been_quiet_for_a_while() {
    let mut bench = bench();
    bench.cluster.set_applied(head(5), OWN);
    assert_eq!(bench.idle(), Asks::Wait);
    bench.now += QUIET;
    assert_eq!(bench.idle(), Asks::Vote(5));
    // The database did not answer: it is tried again.
    bench.core.counted(Err(away()));
    assert_eq!(bench.go(), Asks::Wait);
    assert_eq!(bench.idle(), Asks::Vote(5));
    assert_eq!(bench.counted(&[(NODE, OWN)]), Asks::Wait);
    assert_eq!(bench.idle(), Asks::Wait, "once is enough");
    bench.now += Knobs::default().ballot.recount;
    assert_eq!(bench.idle(), Asks::Count(5));
    assert_eq!(bench.counted(&[(NODE, OWN), (OTHER, OWN)]), Asks::Wait);
    bench.now += QUIET;
    assert_eq!(bench.idle(), Asks::Wait);
}
