//! What cannot be used is refused by name, with exit status 2, before anything is begun.

use crate::{loadtest, printed};

fn refused(arguments: &[&str], plan: &str, told: &str) {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("plan.toml"), plan).unwrap();
    let output = loadtest(directory.path(), arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", printed(&output));
    assert!(printed(&output).contains(told), "{arguments:?}: {}", printed(&output));
    assert!(!directory.path().join("report").exists(), "{arguments:?}");
}

#[test]
fn a_target_is_written_to_only_with_leave() {
    refused(&["--quick", "--target", "http://127.0.0.1:1"], "", "--allow-writes");
    refused(&["--quick", "--allow-writes"], "", "--target");
    refused(&["--target", "http://127.0.0.1:1", "--allow-writes", "--cores", "1:0"], "", "--cores");
    refused(&["--cores", "one"], "", "--cores");
}

#[test]
fn a_target_is_a_url_of_a_host() {
    refused(&["--target", "127.0.0.1:8080", "--allow-writes"], "", "expected a URL");
    refused(&["--target", "https://127.0.0.1/shop", "--allow-writes"], "", "no path");
    refused(&["--target", "https://127.0.0.1", "--ca", "plan.toml", "--allow-writes"], "", "no certificate in it");
    refused(&["--target", "https://127.0.0.1", "--ca", "missing.pem", "--allow-writes"], "", "missing.pem");
    refused(&["--ca", "plan.toml"], "", "--target");
}

#[test]
fn a_plan_is_refused_by_the_key_that_is_wrong() {
    let plan = ["--plan", "plan.toml"];
    refused(&plan, "[journey]\nactive_limits = 5\n", "active_limits");
    refused(&plan, "[load]\nstep = \"soon\"\n", "load.step");
    refused(&plan, "[overload]\nmultiples = [0.5]\n", "overload.multiples");
    refused(&["--plan", "missing.toml"], "", "missing.toml");
}
