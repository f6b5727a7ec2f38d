//! A run that says nothing about the server says so, with exit status 3.

use std::process::{Command, Output, Stdio};
use std::time::Duration;

use onsale_loadtest::report::Status;
use onsale_testkit::{PlantedServer, Rules};
use rustix::process::{Pid, Signal, kill_process};

use crate::{loadtest, printed, report};

#[test]
fn too_few_descriptors_for_the_connections_of_the_plan() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    command.current_dir(directory.path()).env("ONSALE", env!("CARGO_BIN_EXE_onsale"));
    let output = command.args(["-c", "ulimit -n 256 && exec \"$ONSALE\" loadtest --quick"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", printed(&output));
    let report = report(directory.path());
    assert_eq!(report.verdict.status, Status::Invalid);
    assert!(report.verdict.reasons.iter().any(|reason| reason.contains("256 open files")), "{:?}", report.verdict);
}

/// One part with short steps, judged as a full run. Whoever is kept from its work finds so few connections all busy when it
/// comes back, which must not pass for the server's doing.
const PLAN: &str = "
[load]
connections = 2
step = \"500ms\"
warm_up = \"100ms\"
runs = 1
tries = 2
quiet_max = \"1s\"
rate_start = 500
rate_max = 500
[token]
connections_min = 20
connections_max = 50
[journey]
connections = 20
[seat]
readers = [4]
[reserve]
contenders = 10
";

#[test]
fn a_generator_that_is_kept_from_its_work() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("plan.toml"), PLAN).unwrap();
    let output = hindered(loadtest(directory.path(), &["--plan", "plan.toml", "--only", "token"]), 100, 20);
    assert_eq!(output.status.code(), Some(3), "{}", printed(&output));
    let report = report(directory.path());
    assert!(
        report.verdict.reasons.iter().any(|reason| reason.contains("the generator was late")),
        "{:?}",
        report.verdict
    );
}

/// Its on-sale may end well all the same, and that is all that is said of it.
#[test]
fn a_late_on_sale_has_no_time_to_sell_out() {
    let house = Rules { active_limit: 60, hold: Duration::from_secs(2), seats_per_section: 100, ..Rules::default() };
    let server = PlantedServer::start(&house, None);
    let directory = tempfile::tempdir().unwrap();
    let url = format!("http://{}", server.address());
    let arguments = ["--quick", "--target", &url, "--allow-writes", "--only", "journey"];
    let output = hindered(loadtest(directory.path(), &arguments), 60, 60);
    let report = report(directory.path());
    let journey = report.journey.expect("it was held");
    assert!(journey.steps.iter().all(|step| !step.valid && step.invalid_reason.is_some()), "{}", printed(&output));
    assert_eq!((journey.stadium_s, report.answers.sell_out.figure.unwrap().value), (None, None));
    let judged: Vec<_> = report.thresholds.iter().filter(|threshold| threshold.id.starts_with("journey.")).collect();
    assert!(judged.len() > 3 && judged.iter().all(|threshold| threshold.status != Status::Pass), "{judged:?}");
}

/// What a run comes to that is stopped again and again, for so long, until it ends.
fn hindered(mut command: Command, stopped_ms: u64, running_ms: u64) -> Output {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    loop {
        for (signal, millis) in [(Signal::STOP, stopped_ms), (Signal::CONT, running_ms)] {
            kill_process(Pid::from_child(&child), signal).expect("it is there until it is waited for");
            std::thread::sleep(Duration::from_millis(millis));
        }
        if child.try_wait().unwrap().is_some() {
            return child.wait_with_output().unwrap();
        }
    }
}

/// Nothing was tested, so nothing is said of the server: no part is tried where nobody answers.
#[test]
fn a_target_that_cannot_be_reached() {
    let directory = tempfile::tempdir().unwrap();
    let output =
        loadtest(directory.path(), &["--quick", "--target", "http://127.0.0.1:1", "--allow-writes"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", printed(&output));
    assert!(printed(&output).contains("could not be tested: connecting to http://127.0.0.1:1"), "{}", printed(&output));
    assert!(report(directory.path()).targets.is_empty());
}
