//! What a run writes, and what can be done with it afterwards.

use std::path::Path;

use onsale_testkit::{PlantedServer, Rules};

use crate::{against, loadtest, printed, report};

/// Runs one of the commands on plans and reports, and expects that it ends well: what it printed.
fn done(directory: &Path, arguments: &[&str]) -> String {
    let output = loadtest(directory, arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", printed(&output));
    // What goes on into a file or a pipe; remarks for people are on stderr.
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_run_is_written_down_and_can_be_read_again() {
    let server = PlantedServer::start(&Rules::default(), None);
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let output = against(server.address(), directory, &["reserve"]);
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));

    let page = std::fs::read_to_string(directory.join("report/index.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("/v1/api/concerts/reserve") && page.contains("<svg"));
    done(directory, &["render", "report/report.json", "--output", "again.html"]);
    assert_eq!(std::fs::read_to_string(directory.join("again.html")).unwrap(), page);

    let compared = done(directory, &["compare", "report/report.json", "report/report.json", "--worse-max", "0"]);
    assert!(compared.contains("0 better, 0 worse"), "{compared}");

    // The plan in the report repeats the run, and k6 can read it.
    let plan = report(directory).plan;
    std::fs::write(directory.join("plan.toml"), &plan).unwrap();
    assert_eq!(done(directory, &["plan", "--plan", "plan.toml"]), plan);
    let json: serde_json::Value =
        serde_json::from_str(&done(directory, &["plan", "--plan", "plan.toml", "--json"])).unwrap();
    assert_eq!(json["reserve"]["contenders"], 64);
}

#[test]
fn a_figure_that_became_worse_is_told_by_the_exit_status() {
    let directory = tempfile::tempdir().unwrap();
    let sample = include_str!("../../../loadtest/tests/data/report.json");
    let mut after: serde_json::Value = serde_json::from_str(sample).unwrap();
    after["crash"]["first_answer_after_ms"] = serde_json::json!(1e6);
    std::fs::write(directory.path().join("before.json"), sample).unwrap();
    std::fs::write(directory.path().join("after.json"), after.to_string()).unwrap();
    let arguments = ["compare", "before.json", "after.json", "--worse-max", "20"];
    let output = loadtest(directory.path(), &arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", printed(&output));
    assert!(printed(&output).contains("WORSE"), "{}", printed(&output));
}

#[test]
fn reports_that_cannot_be_read_are_named() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("other.json"), "{\"schema\":\"onsale-loadtest/999\"}").unwrap();
    for (arguments, named) in [
        (["compare", "other.json", "other.json"], "onsale-loadtest/999"),
        (["compare", "nowhere.json", "other.json"], "nowhere.json"),
    ] {
        let output = loadtest(directory.path(), &arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", printed(&output));
        assert!(printed(&output).contains(named), "{}", printed(&output));
    }
}
