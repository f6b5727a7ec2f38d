//! A run that a signal ends: what was done by then is not lost, and nothing else is claimed.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use onsale_loadtest::report::Status;
use onsale_loadtest::site::Scrape;
use onsale_testkit::{PlantedServer, Rules};

use crate::{loadtest, report};

fn start(directory: &std::path::Path, url: &str, only: &str) -> Child {
    let mut command = loadtest(directory, &["--quick", "--target", url, "--allow-writes", "--only", only]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn terminate(child: &Child) {
    let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Its exit status, and what it printed from now on.
fn end(mut child: Child, mut stderr: impl std::io::Read) -> (Option<i32>, String) {
    let mut printed = String::new();
    stderr.read_to_string(&mut printed).unwrap();
    child.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
    (child.wait().unwrap().code(), printed)
}

#[test]
fn what_was_done_before_a_signal_is_reported_as_cut_short() {
    let server = PlantedServer::start(&Rules::default(), None);
    let directory = tempfile::tempdir().unwrap();
    let mut child = start(directory.path(), &format!("http://{}", server.address()), "schedule,journey");
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("The whole journey") {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "it ended before it was told to");
    }
    terminate(&child);
    let (status, printed) = end(child, stderr);
    assert_eq!(status, Some(3), "{printed}");
    assert!(printed.contains("Cut short") && printed.contains("report/index.html"), "{printed}");
    let report = report(directory.path());
    assert!(report.cut_short && report.verdict.status == Status::Invalid, "{:?}", report.verdict);
    assert_eq!((report.targets.len(), report.targets[0].id.as_str()), (1, "schedule"));
    let cut = report.left_out.iter().find(|part| part.part == "journey").expect("it was not done");
    assert!(cut.reason.contains("a signal cut"), "{cut:?}");
    let page = std::fs::read_to_string(directory.path().join("report/index.html")).unwrap();
    assert!(page.contains("<title>Cut short"));
}

/// What a crowd saw by then is evidence: it is judged, and what had no case yet is not called wrong.
#[test]
fn a_journey_that_a_signal_ends_has_what_its_people_saw() {
    let server = PlantedServer::start(&Rules { active_limit: 40, ..Rules::default() }, None);
    let directory = tempfile::tempdir().unwrap();
    let mut child = start(directory.path(), &format!("http://{}", server.address()), "journey");
    let stderr = child.stderr.take().unwrap();
    let metrics = Scrape::Nodes(vec![server.address().into()]);
    let issued = || metrics.fetch()?.get("onsale_queue_issued_total{queue=\"default\"}");
    while issued().is_none_or(|issued| issued < 100.0) {
        std::thread::sleep(Duration::from_millis(50));
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was told to");
    }
    terminate(&child);
    let (status, printed) = end(child, stderr);
    assert_eq!(status, Some(3), "{printed}");
    let report = report(directory.path());
    let journey = report.journey.unwrap_or_else(|| panic!("it had begun\n{printed}"));
    assert!(journey.steps.iter().any(|step| step.name == "token" && step.completed > 0), "{printed}");
    assert!(!report.audit.is_empty() && report.audit.iter().all(|check| check.passed), "{:?}", report.audit);
}

/// It is heeded while a server is waited for that accepts and never answers; and a report that was there is put aside.
#[test]
fn a_signal_before_anything_was_done_is_heeded_and_reported() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("report")).unwrap();
    std::fs::write(directory.path().join("report/report.json"), "of yesterday").unwrap();
    let mut child = start(directory.path(), &format!("http://{}", silent.local_addr().unwrap()), "journey");
    let stderr = child.stderr.take().unwrap();
    let (_asked, _) = silent.accept().unwrap();
    terminate(&child);
    let (status, printed) = end(child, stderr);
    assert_eq!(status, Some(3), "{printed}");
    assert!(report(directory.path()).cut_short, "{printed}");
    assert_eq!(std::fs::read_to_string(directory.path().join("report/previous.json")).unwrap(), "of yesterday");
}
