//! What a crash at any moment may leave of a data directory, opened: nothing acknowledged is missing, and an audit is clean.
//!
//! The real binary is recorded over a first start, a load, a kill, compactions and starts on what they left. From that follow
//! the states in which a disk may be found, see [`onsale_testkit::disk`]; some hundreds of them are made, and opened with the
//! code that `serve` opens a store with. That is done in this process, as an exception among these tests: a process for each
//! state would take minutes. Some states are served by the binary all the same.
//!
//! By hand: `TESTKIT_CRASH_STATES=20000 TESTKIT_CRASH_SEED=7 cargo nextest run --release -p onsale --test crash states`.

mod check;
mod record;

use std::fmt::Write as _;
use std::ops::Range;

use onsale_testkit::disk::{Op, Recording, States};

use tokio::runtime::Runtime;

use check::Checker;
use record::Recorded;

/// How many states are looked at where nobody says otherwise.
const STATES: usize = 600;
/// As many failures are shown.
const SHOWN: usize = 5;

#[test]
fn whatever_a_crash_leaves_opens_with_all_that_was_acknowledged() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let recorded = runtime.block_on(record::record());
    let count = from_environment("TESTKIT_CRASH_STATES").unwrap_or(STATES as u64) as usize;
    let seed = from_environment("TESTKIT_CRASH_SEED").unwrap_or(1);
    let checker = Checker::new(&recorded, &runtime);
    let mut told = String::new();
    let parts = recorded.parts();
    for (name, part) in &parts {
        let states = States::choose(&recorded.recording, part.clone(), count / parts.len(), seed);
        let (looked_at, failures) = check_all(&checker, &states);
        eprintln!("{name}: {looked_at} states, of steps {part:?}");
        assert!(looked_at > 0, "{name}: none");
        for failure in failures.iter().take(SHOWN) {
            let _ = writeln!(told, "{name}, {failure}\n");
        }
        if failures.len() > SHOWN {
            let _ = writeln!(told, "{name}: and {} more\n", failures.len() - SHOWN);
        }
    }
    assert!(told.is_empty(), "seed {seed}:\n{told}");
    the_same_without_syncs_is_found_out(recorded, &runtime, seed);
}

/// The test itself is tested: had the journal's log not been synced, states would lack what was acknowledged.
fn the_same_without_syncs_is_found_out(mut recorded: Recorded, runtime: &Runtime, seed: u64) {
    let steps = std::mem::take(&mut recorded.recording.steps).into_iter();
    let is_of_log = |op: &Op| matches!(op, Op::Sync { path } if path.ends_with("journal.db-wal"));
    recorded.recording = Recording { steps: steps.filter(|step| !is_of_log(&step.op)).collect() };
    let (_, load) = recorded.parts().swap_remove(1);
    let checker = Checker::new(&recorded, runtime);
    let (looked_at, failures) = check_all(&checker, &States::choose(&recorded.recording, load, 24, seed));
    assert!(!failures.is_empty(), "{looked_at} states without syncs, and nothing was missing in any");
}

/// How many states there were, and what is wrong with which. One at a time: a process that another thread starts meanwhile would
/// hold this one's lock on a directory for a moment.
fn check_all(checker: &Checker<'_>, states: &States<'_>) -> (usize, Vec<String>) {
    let (mut count, mut failures) = (0, Vec::new());
    states.each(
        |before| checker.promises_before(before),
        |state| {
            failures.extend(checker.check(count, &state).err());
            count += 1;
        },
    );
    (count, failures)
}

fn from_environment(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is no number: {value}")))
}

/// A part of the recording, by its name.
type Part = (String, Range<usize>);
