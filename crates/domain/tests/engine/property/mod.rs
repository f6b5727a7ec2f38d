//! The engine against the model, under random commands, times, absences and restarts.

mod action;
mod audited;
mod catalog;
mod codes;
mod history;
mod told;
mod wishes;

use std::hash::{BuildHasher, RandomState};

use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::test_runner::{Config, RngSeed, TestRunner};

use action::{Step, step};
use history::History;

fn number_from(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")))
}

/// A history whose seats are sold at several prices, or at one.
fn begin(mut history: History, offers: bool) -> History {
    if offers {
        history.offer();
    }
    history
}

/// Runs one seed after the other, so that each is a case that reruns, and shrinks, alone.
fn check(cases: u64, steps: usize, run: impl Fn(bool, &[Step])) {
    check_all(cases, &(any::<bool>(), vec(step(), 1..steps)), |(offers, steps)| run(*offers, steps));
}

/// The same for cases of any kind.
fn check_all<S: Strategy>(cases: u64, strategy: &S, run: impl Fn(&S::Value)) {
    let first = number_from("ONSALE_MODEL_SEED").unwrap_or_else(|| RandomState::new().hash_one(0) >> 16);
    let cases = number_from("ONSALE_MODEL_CASES").unwrap_or(cases);
    for seed in first..first + cases {
        let rng_seed = RngSeed::Fixed(seed);
        let config =
            Config { cases: 1, rng_seed, failure_persistence: None, max_shrink_iters: 4_000, ..Config::default() };
        let result = TestRunner::new(config).run(strategy, |case| {
            run(&case);
            Ok(())
        });
        if let Err(error) = result {
            panic!("ONSALE_MODEL_SEED={seed} ONSALE_MODEL_CASES=1 runs this case alone\n{error}");
        }
    }
}

#[test]
fn the_engine_does_what_the_model_says() {
    check(5_000, 120, |offers, steps| {
        let mut history = begin(History::new(), offers);
        for step in steps {
            history.take(step);
            history.assert_as_modelled();
        }
    });
}

/// Two engines, one of them fed what the other's batches decode to: equal rows and fingerprints throughout; and the
/// fingerprint kept incrementally is the one that the rows add up to after every batch.
#[test]
fn replicas_and_rows_agree_after_every_batch() {
    check(1_000, 60, |offers, steps| {
        let mut history = begin(History::new(), offers);
        for step in steps {
            history.take(step);
            history.assert_replica_and_rows_agree();
        }
    });
}

/// Whoever knows the events alone knows every seat, every account and everybody's place.
#[test]
fn events_tell_all_that_changes() {
    check(300, 60, |offers, steps| {
        let mut history = begin(History::told(), offers);
        for step in steps {
            history.take(step);
            history.assert_told();
        }
    });
}

/// What the engine does is what the audit in SQL holds it to. Fewer cases than above: each writes tables of its own.
#[test]
fn random_histories_pass_the_sql_audit() {
    check(60, 120, |offers, steps| {
        let mut history = begin(History::recorded(), offers);
        for step in steps {
            history.take(step);
        }
        history.assert_audited();
    });
}
