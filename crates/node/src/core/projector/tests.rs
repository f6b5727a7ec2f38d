//! Tables that others write too, that take nothing for a while, or that go back.

use onsale_domain::command::{Batch as Commands, Command};
use onsale_domain::feed::Before;
use onsale_domain::time::Time;
use rand::SeedableRng as _;

use super::*;

/// Drives a projector over tables of which only the place is known.
struct Bench {
    core: Projector,
    now: Duration,
    stats: Arc<Stats>,
    /// Where the tables are.
    tables: u64,
    /// From where to where they were written.
    written: Vec<(u64, u64)>,
    confirmed: usize,
    loaded: usize,
    entries: Vec<Entry>,
}

/// What the driver comes back for.
#[derive(Debug, PartialEq, Eq)]
enum Asks {
    Take(Option<Duration>),
    Write,
    Confirm,
    Refresh,
    End,
}

fn bench(shared: bool) -> Bench {
    let stats = Arc::new(Stats::default());
    let now = Duration::from_secs(60);
    let core = Projector::new(0, shared, stats.clone(), Knobs::default(), SmallRng::seed_from_u64(7), now);
    let (written, entries) = Default::default();
    Bench { core, now, stats, tables: 0, written, confirmed: 0, loaded: 0, entries }
}

impl Bench {
    /// Goes on until time must pass or the tables answer.
    fn go(&mut self) -> Asks {
        loop {
            match self.core.next(self.now) {
                Todo::Take { within } => return Asks::Take(within),
                Todo::Drain => {}
                Todo::Confirm(_) => return Asks::Confirm,
                Todo::Write => return Asks::Write,
                Todo::Load => {
                    self.loaded += 1;
                    let engine = engine(self.tables, &self.entries);
                    self.core.loaded(Ok(engine), self.now);
                }
                Todo::Read { seq } => {
                    let read = self.entries.iter().filter(|entry| entry.seq >= seq).cloned().collect();
                    self.core.read(Ok(read), self.now);
                }
                Todo::Refresh => return Asks::Refresh,
                Todo::End => return Asks::End,
            }
        }
    }

    /// A batch comes in, which is in the journal.
    fn batch(&mut self) {
        let seq = self.entries.len() as u64 + 1;
        let mut payload = Vec::new();
        Commands { commands: vec![Command::Tick] }.encode_into(&mut payload);
        let hash = Hash::from([seq as u8; 32]);
        self.entries.push(Entry { seq, time_ms: seq, node: 1, number: seq, hash, payload });
        let mark = engine(seq, &self.entries).mark();
        let batch = Batch { mark, hash, rows: Vec::new(), before: Before::start(), weight: 1 };
        self.stats.projection_backlog.fetch_add(1, Ordering::Relaxed);
        self.core.take(batch, self.now);
    }

    /// Nothing comes in all the time that is waited for.
    fn nothing_comes(&mut self) -> Asks {
        let Asks::Take(within) = self.go() else { panic!("nothing is waited for") };
        self.now += within.expect("a time");
        self.core.nothing_came();
        self.go()
    }

    /// The tables are written, as far as they are where the projector takes them to be.
    fn write(&mut self) -> Asks {
        let (from, mark, ..) = self.core.transaction();
        let to = mark.seq;
        let result = if from == self.tables {
            (self.tables, _) = (to, self.written.push((from, to)));
            Ok(())
        } else {
            Err(TablesError::Moved { expected: from, found: self.tables })
        };
        self.core.written(result, self.now);
        self.go()
    }

    fn confirm(&mut self) -> Asks {
        self.confirmed += 1;
        self.core.confirmed(Ok(()), self.now);
        self.go()
    }

    fn refresh(&mut self) -> Asks {
        self.core.refreshed(Ok(self.tables), self.now);
        self.go()
    }

    fn backlog(&self) -> u64 {
        self.stats.projection_backlog.load(Ordering::Relaxed)
    }
}

/// An engine that has applied so many of these.
fn engine(seq: u64, entries: &[Entry]) -> Engine {
    let mut engine = Engine::new();
    for entry in &entries[..seq as usize] {
        let batch = Commands::decode(&entry.payload).expect("a batch");
        engine.apply(entry.seq, Time(entry.time_ms), &batch, &mut Vec::new());
    }
    engine
}

fn away() -> TablesError {
    TablesError::Away(onsale_postgres::Error::Ended)
}

#[test]
fn what_comes_within_the_delay_is_one_transaction() {
    let mut bench = bench(false);
    assert_eq!(bench.go(), Asks::Take(None));
    bench.batch();
    assert_eq!(bench.go(), Asks::Take(Some(Knobs::default().delay)));
    bench.batch();
    assert_eq!(bench.nothing_comes(), Asks::Write);
    assert_eq!(bench.write(), Asks::Take(None));
    assert_eq!((&*bench.written, bench.backlog()), (&[(0, 2)][..], 0));
    assert_eq!(bench.stats.projected_seq.load(Ordering::Relaxed), 2);
}

#[test]
fn tables_that_take_nothing_are_tried_again_and_what_is_written_then_is_confirmed_first() {
    let mut bench = bench(false);
    bench.go();
    bench.batch();
    assert_eq!(bench.nothing_comes(), Asks::Write);
    bench.core.written(Err(away()), bench.now);
    assert_eq!(bench.go(), Asks::Take(Some(Knobs::default().retry_pause)));
    assert!(bench.stats.tables_stand.load(Ordering::Relaxed));
    bench.batch();
    assert_eq!(bench.nothing_comes(), Asks::Confirm, "they may be another server's by now");
    assert_eq!(bench.confirm(), Asks::Write);
    assert_eq!(bench.write(), Asks::Take(None));
    assert!(!bench.stats.tables_stand.load(Ordering::Relaxed));
    assert_eq!((&*bench.written, bench.backlog()), (&[(0, 2)][..], 0));

    // What comes behind a place that was found may be of what the other server has lost all the same.
    bench.batch();
    assert_eq!(bench.nothing_comes(), Asks::Confirm);
    assert_eq!(bench.confirm(), Asks::Write);
    assert_eq!(bench.write(), Asks::Take(None));
}

#[test]
fn a_node_that_stops_does_not_wait_for_tables_that_take_nothing() {
    let mut bench = bench(false);
    bench.go();
    bench.batch();
    bench.nothing_comes();
    bench.core.end();
    bench.core.written(Err(away()), bench.now);
    assert_eq!(bench.go(), Asks::End);

    // And leaves nothing behind in those that take it.
    let mut bench = self::bench(true);
    bench.go();
    bench.batch();
    bench.core.end();
    assert_eq!(bench.go(), Asks::Write);
    assert_eq!((bench.write(), bench.tables), (Asks::End, 1));
}

#[test]
fn one_that_stands_by_drops_what_others_write_and_goes_on_where_nobody_does() {
    let mut bench = bench(true);
    assert_eq!(bench.go(), Asks::Take(Some(Knobs::default().look)));
    for _ in 0..20 {
        bench.batch();
        assert_eq!(bench.nothing_comes(), Asks::Refresh);
        bench.tables += 1;
        bench.refresh();
    }
    assert_eq!((bench.backlog(), &*bench.written), (0, &[][..]));
    // The one that projects has died.
    let died = bench.now;
    bench.batch();
    let mut asks = bench.nothing_comes();
    while asks == Asks::Refresh {
        bench.core.refreshed(Ok(bench.tables), bench.now);
        asks = bench.go();
        if asks != Asks::Write {
            asks = bench.nothing_comes();
        }
    }
    let took = bench.now - died;
    assert!((Duration::from_millis(1_100)..Duration::from_millis(2_200)).contains(&took), "{took:?}");
    assert_eq!(asks, Asks::Write);
    bench.write();
    assert_eq!(bench.written, [(20, 21)]);
}

/// The tables are loaded in a session of its own, which may be with another server than the one before.
#[test]
fn what_is_written_behind_rows_that_were_made_anew_is_confirmed_first() {
    let mut bench = bench(true);
    bench.core.knobs.kept_rows_max = 1;
    bench.go();
    (0..3).for_each(|_| bench.batch());
    let mut asks = bench.nothing_comes();
    while asks == Asks::Refresh {
        asks = bench.refresh();
        if asks != Asks::Write {
            asks = bench.nothing_comes();
        }
    }
    assert_eq!((asks, bench.loaded), (Asks::Write, 1));
    bench.write();
    bench.batch();
    assert_eq!(bench.nothing_comes(), Asks::Confirm);
    assert_eq!(bench.confirm(), Asks::Write);
    bench.write();
    assert_eq!(bench.written, [(0, 3), (3, 4)]);
}

#[test]
fn one_that_finds_the_tables_ahead_stands_by() {
    let mut bench = bench(true);
    bench.core.standby = None;
    bench.go();
    bench.batch();
    bench.batch();
    assert_eq!(bench.nothing_comes(), Asks::Write);
    bench.tables = 1;
    bench.write();
    assert!(bench.core.standby.is_some() && bench.written.is_empty());
    assert_eq!(bench.backlog(), 2, "the second is still to be written, by somebody");
}

#[test]
fn where_others_brought_the_tables_shows_also_when_nothing_comes_after_it() {
    let mut bench = bench(true);
    bench.core.standby = None;
    bench.go();
    bench.batch();
    bench.batch();
    assert_eq!(bench.nothing_comes(), Asks::Write);
    bench.tables = 2;
    assert!(matches!(bench.write(), Asks::Take(_)));
    let shown = |bench: &Bench| bench.stats.projected_seq.load(Ordering::Relaxed);
    assert_eq!((shown(&bench), bench.backlog()), (2, 0));
    // Nor does one that only looks need a batch to know.
    bench.tables = 3;
    assert_eq!(bench.nothing_comes(), Asks::Refresh);
    bench.refresh();
    assert_eq!(shown(&bench), 3);
}

#[test]
fn what_a_crash_of_the_database_took_back_is_made_once_more_from_the_journal() {
    let mut bench = bench(false);
    for _ in 0..3 {
        bench.go();
        bench.batch();
        bench.nothing_comes();
        bench.write();
    }
    bench.batch();
    bench.tables = 1;
    assert_eq!(bench.nothing_comes(), Asks::Write);
    assert_eq!(bench.write(), Asks::Write, "it is found out, and made from what follows");
    assert_eq!((bench.loaded, bench.written.last()), (1, Some(&(2, 3))));
    bench.write();
    assert_eq!((bench.tables, bench.written.last(), bench.backlog()), (4, Some(&(1, 4)), 0));
}

#[test]
fn rows_that_were_let_go_are_made_from_the_journal() {
    let mut bench = bench(false);
    bench.core.knobs.kept_rows_max = 1;
    bench.go();
    bench.batch();
    bench.nothing_comes();
    bench.core.written(Err(away()), bench.now);
    bench.go();
    bench.batch();
    bench.batch();
    assert_eq!(bench.nothing_comes(), Asks::Write);
    assert_eq!((bench.backlog(), bench.loaded), (0, 1));
    bench.write();
    assert_eq!((bench.tables, &*bench.written), (3, &[(0, 3)][..]));
}

#[test]
fn one_that_could_write_nothing_looks_where_others_have_gone_before_it_tries_again() {
    let mut bench = bench(true);
    bench.core.standby = None;
    bench.go();
    bench.batch();
    assert_eq!(bench.nothing_comes(), Asks::Write);
    bench.core.written(Err(away()), bench.now);
    // Another goes on meanwhile, and the journal is cut: what waits here is in it no more, and need not be.
    bench.tables = 5;
    bench.now += Knobs::default().retry_pause;
    assert_eq!(bench.go(), Asks::Refresh);
    assert!(matches!(bench.refresh(), Asks::Take(_)));
    assert!(bench.core.standby.is_some() && bench.written.is_empty() && bench.confirmed == 0);
    assert_eq!((bench.stats.projected_seq.load(Ordering::Relaxed), bench.backlog()), (5, 0));
    // Where nobody has, it tries again, and the place is looked for.
    bench = self::bench(true);
    bench.core.standby = None;
    bench.go();
    bench.batch();
    bench.nothing_comes();
    bench.core.written(Err(away()), bench.now);
    bench.now += Knobs::default().retry_pause;
    assert_eq!(bench.go(), Asks::Refresh);
    assert_eq!(bench.refresh(), Asks::Confirm);
    assert_eq!(bench.confirm(), Asks::Write);
}
