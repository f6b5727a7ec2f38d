//! A quick run, against servers of its own and against one that runs already.

use std::collections::HashSet;

use onsale_loadtest::audit::Rule;
use onsale_loadtest::report::Status;
use onsale_testkit::Setup;

use crate::{loadtest, printed, report};

#[test]
fn a_clean_server_passes_every_check() {
    let directory = tempfile::tempdir().unwrap();
    let output = loadtest(directory.path(), &["--quick"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    let report = report(directory.path());
    assert_eq!(report.verdict.status, Status::Pass);
    let judged: HashSet<&str> = report.audit.iter().map(|check| check.id.as_str()).collect();
    for rule in Rule::ALL {
        assert!(judged.contains(rule.id()), "{} was not judged", rule.id());
    }
    assert!(report.audit.iter().all(|check| check.passed && check.cases > 0));
    // A machine that stands still for a moment keeps a part from asking; the rule was judged in another, or not 0 came of it.
    let skipped: Vec<_> =
        report.left_out.iter().filter(|part| !part.reason.contains("the generator was late")).collect();
    assert!(report.targets.len() >= 5 && skipped.is_empty(), "{skipped:?}");
    assert_eq!(report.selection.unwrap().endpoints.len(), 8);
    let (journey, crash) = (report.journey.unwrap(), report.crash.unwrap());
    assert_eq!((journey.seats_left, crash.lost), (0, 0));
    assert!(journey.sold_out_s.is_some() && crash.acknowledged > 0);
    assert!(report.overload.unwrap().multiples.iter().all(|multiple| multiple.useful_per_second > 0.0));
}

#[tokio::test]
async fn a_server_that_runs_already_is_tested_as_it_is() {
    let setup =
        Setup::new(env!("CARGO_BIN_EXE_onsale")).flag("--demo").set("hold.ttl", "2s").set("queue.waiting_ttl", "3s");
    let server = setup.start();
    let directory = tempfile::tempdir().unwrap();
    let url = format!("http://{}", server.address());
    let only = ["--only", "token,reserve,journey,crash"];
    let arguments = [&["--quick", "--target", &url, "--allow-writes"], only.as_slice()].concat();
    let mut command = loadtest(directory.path(), &arguments);
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    let report = report(directory.path());
    assert!(!report.environment.server.is_own);
    let crash = report.left_out.iter().find(|part| part.part == "crash").unwrap();
    assert_eq!(crash.reason, "the server is not ours to kill");
    assert!(report.audit.iter().any(|check| check.id == Rule::SeatSoldOnce.id() && check.cases > 0));
}

#[tokio::test]
async fn a_server_behind_tls_is_tested_by_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (cert, key) = (directory.path().join("cert.pem"), directory.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let setup = Setup::new(env!("CARGO_BIN_EXE_onsale"))
        .flag("--demo")
        .set("tls.cert", cert.display())
        .set("tls.key", key.display())
        .set("hold.ttl", "2s");
    let server = setup.start();
    let url = format!("https://localhost:{}", server.address().port());
    let run = |directory: &std::path::Path, more: &[&str]| {
        let arguments = [&["--quick", "--target", &url, "--allow-writes", "--only", "token,check"], more];
        let mut command = loadtest(directory, &arguments.concat());
        tokio::task::spawn_blocking(move || command.output().unwrap())
    };
    let output = run(directory.path(), &["--ca", "cert.pem"]).await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    let report = report(directory.path());
    assert_eq!(report.environment.server.url, url);
    assert!(report.targets.iter().all(|target| target.capacity.is_some()));
    let nobody_vouches = run(directory.path(), &[]).await.unwrap();
    assert_eq!(nobody_vouches.status.code(), Some(3), "{}", printed(&nobody_vouches));
    assert!(printed(&nobody_vouches).contains("UnknownIssuer"), "{}", printed(&nobody_vouches));
}
