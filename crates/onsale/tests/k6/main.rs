//! The k6 scripts of `loadtest/k6`, run by the real k6: they pass where all is well, and fail where something is wrong.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use onsale_testkit::{Catalog, Fault, PlantedServer, Proxy, Rules, Schedule, Setup, Shop};
use serde_json::Value;

/// k6's own exit status when a threshold is crossed.
const THRESHOLD_CROSSED: i32 = 99;

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The program that `scripts/test` installs, unless K6 names another.
fn program() -> PathBuf {
    std::env::var_os("K6").map_or_else(|| top().join("target/venv/bin/k6"), PathBuf::from)
}

struct Run {
    script: &'static str,
    rate: u32,
    /// The first of the users that it takes for its own.
    first: u64,
    plan: PathBuf,
}

impl Run {
    fn new(script: &'static str, rate: u32, first: u64) -> Self {
        Self { script, rate, first, plan: top().join("loadtest/k6/plan.json") }
    }

    fn against(&self, server: SocketAddr) -> (Output, Value) {
        let scratch = tempfile::tempdir().unwrap();
        let summary = scratch.path().join("summary.json");
        let program = program();
        let mut command = Command::new(&program);
        command.current_dir(scratch.path()).args([
            "run",
            "--quiet",
            "--no-color",
            "--no-usage-report",
            "--summary-export",
        ]);
        command.arg(&summary).arg("-e").arg(format!("TARGET=http://{server}"));
        command.arg("-e").arg(format!("RATE={}", self.rate)).arg("-e").arg(format!("FIRST={}", self.first));
        command.args(["-e", "DURATION=2s", "-e", "USERS=20", "-e"]).arg(format!("PLAN={}", self.plan.display()));
        command.arg(top().join("loadtest/k6").join(self.script));
        let output = command.output().unwrap_or_else(|error| {
            panic!("{}: {error}; scripts/test installs it", program.display());
        });
        let text = std::fs::read_to_string(&summary).unwrap_or_default();
        (output, serde_json::from_str(&text).unwrap_or(Value::Null))
    }
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A plan for a test: people who think for a moment only, and no limit of time, because no test asserts speed.
fn patient_plan(directory: &Path) -> PathBuf {
    let text = std::fs::read_to_string(top().join("loadtest/k6/plan.json")).unwrap();
    let mut plan: Value = serde_json::from_str(&text).unwrap();
    plan["journey"]["people"]["think"] = serde_json::json!(["10ms", "20ms", "50ms"]);
    plan["thresholds"]["p99_ms"] = serde_json::json!(60_000.0);
    let path = directory.join("plan.json");
    std::fs::write(&path, plan.to_string()).unwrap();
    path
}

#[tokio::test]
async fn every_script_passes_against_the_service() {
    let scratch = tempfile::tempdir().unwrap();
    let plan = patient_plan(scratch.path());
    let date = Schedule::new(1).section("A", 50_000, 10, 20).section("B", 30_000, 10, 20);
    let setup = Setup::new(env!("CARGO_BIN_EXE_onsale"));
    let shop = Shop::open_with(setup, &Catalog::new().concert(1, "First Light", vec![date])).await;
    let scripts = [
        ("token.js", 50),
        ("check.js", 50),
        ("schedule.js", 50),
        ("seat.js", 50),
        ("reserve.js", 50),
        ("journey.js", 20),
    ];
    for (index, (script, rate)) in (1_u64..).zip(scripts) {
        let run = Run { plan: plan.clone(), ..Run::new(script, rate, index * 10_000) };
        let (output, summary) = run.against(shop.server.address());
        assert!(output.status.success(), "{script}: {}", printed(&output));
        let metrics = &summary["metrics"];
        assert!(metrics["iterations"]["count"].as_u64().unwrap_or(0) >= 30, "{script}: {summary}");
        assert!(metrics["checks"]["passes"].as_u64().unwrap_or(0) >= 30, "{script}: {summary}");
        if script == "journey.js" {
            assert!(metrics["seats_paid"]["count"].as_u64().unwrap_or(0) >= 15, "{summary}");
        }
    }
}

#[test]
fn a_failure_that_looks_like_a_success_fails_the_run() {
    let scratch = tempfile::tempdir().unwrap();
    let server = PlantedServer::start(&Rules::default(), Some(Fault::HidesAFailure));
    let run = Run { plan: patient_plan(scratch.path()), ..Run::new("reserve.js", 50, 1) };
    let (output, _) = run.against(server.address());
    assert_eq!(output.status.code(), Some(THRESHOLD_CROSSED), "{}", printed(&output));
}

#[test]
fn what_takes_too_long_fails_the_run() {
    let server = PlantedServer::start(&Rules::default(), None);
    let slow = Proxy::start(server.address()).late(Duration::from_millis(300));
    let (output, summary) = Run::new("check.js", 20, 1).against(slow.address());
    assert_eq!(output.status.code(), Some(THRESHOLD_CROSSED), "{}", printed(&output));
    let least = summary["metrics"]["http_req_duration"]["min"].as_f64().unwrap_or(0.0);
    assert!(least >= 300.0, "{least} ms");
}
