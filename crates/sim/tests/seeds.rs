//! The same seeds in each run of the tests, and the plans that have found something once.

use std::fs;
use std::path::Path;

use onsale_sim::{Plan, run};

fn check(what: &str, plan: &Plan) {
    let run = run(plan, false);
    if let Some(failure) = run.failure {
        panic!("{}: {what}: {failure}", failure.check);
    }
}

#[test]
fn nothing_is_found_in_64_seeds() {
    for seed in 0..64 {
        check(&format!("seed {seed}"), &Plan::draw(seed));
    }
}

#[test]
fn what_was_found_once_is_mended() {
    let plans = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans");
    let mut files: Vec<_> = fs::read_dir(plans).expect("plans").map(|entry| entry.expect("a plan").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "no plan is kept");
    for path in files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "toml")) {
        let text = fs::read_to_string(path).expect("a plan can be read");
        let plan: Plan = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        check(&path.display().to_string(), &plan);
    }
}

#[test]
fn a_seed_repeats_and_another_differs() {
    for seed in 0..6 {
        let plan = Plan::draw(seed);
        assert_eq!(run(&plan, false).hash, run(&plan, false).hash, "seed {seed}");
    }
    assert_ne!(run(&Plan::draw(0), false).hash, run(&Plan::draw(1), false).hash);
}
