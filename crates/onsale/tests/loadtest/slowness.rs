//! Slowness shows in the percentiles as what it was, because latency counts from the intended start.

use std::time::Duration;

use onsale_loadtest::report::{Report, Step};
use onsale_testkit::{Catalog, PlantedServer, Proxy, Rules, Schedule, Setup, Shop};

use crate::{against, printed, report};

/// The steps that followed a schedule of arrivals.
fn paced(report: &Report) -> Vec<&Step> {
    let steps = report.targets.iter().flat_map(|target| &target.parts).flat_map(|part| &part.steps);
    steps.filter(|step| step.offered_per_second.is_some() && step.latency.count > 0).collect()
}

#[test]
fn a_proxy_that_adds_100_ms_shows_in_every_step() {
    let patient = Rules { hold: Duration::from_secs(60), ..Rules::default() };
    let server = PlantedServer::start(&patient, None);
    let slow = Proxy::start(server.address()).late(Duration::from_millis(100));
    let directory = tempfile::tempdir().unwrap();
    let output = against(slow.address(), directory.path(), &["seat"]);
    let report = report(directory.path());
    let steps = paced(&report);
    assert!(!steps.is_empty(), "{}", printed(&output));
    for step in steps {
        assert!(step.latency.p50 >= 100.0 && step.latency.p99 >= 100.0, "{}: {:?}", step.name, step.latency);
    }
}

#[tokio::test]
async fn a_server_that_stands_still_for_a_second_shows_in_p99() {
    let date = Schedule::new(1).section("A", 50_000, 20, 50).section("B", 30_000, 20, 50);
    let setup = Setup::new(env!("CARGO_BIN_EXE_onsale")).set("queue.active_limit", 300);
    let shop = Shop::open_with(setup, &Catalog::new().concert(1, "First Light", vec![date])).await;
    let address = shop.server.address();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_path_buf();
    let run = tokio::task::spawn_blocking(move || against(address, &path, &["check"]));
    // It stands still for a second of every two, whichever step is on.
    while !run.is_finished() {
        shop.server.pause();
        tokio::time::sleep(Duration::from_millis(1_000)).await;
        shop.server.resume();
        tokio::time::sleep(Duration::from_millis(1_000)).await;
    }
    let output = run.await.unwrap();
    let report = report(directory.path());
    // Polls go on for two seconds, so a second of silence is among them. Everybody who would have come in it has waited:
    // a closed loop would have counted one slow request for each connection, and p99 would hide it.
    let check = report.targets.iter().find(|target| target.id == "check").expect("polls are tested");
    let steps = check.parts.iter().filter(|part| part.id == "consistency").flat_map(|part| &part.steps);
    let worst = steps.map(|step| step.latency.p99).fold(0.0, f64::max);
    assert!(worst >= 500.0, "p99 of the polls was {worst} ms\n{}", printed(&output));
}
