//! Traces, by a collector that reads what is sent as OpenTelemetry writes it.

use std::process::{Child, Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use onsale_testkit::{Buyer, Call, Collector, Setup, Shop, Span, eventually, eventually_some};
use serde_json::json;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

/// Each sync of the journal takes so much longer.
const LATE_MS: u64 = 400;

fn traced(collector: &Collector) -> Setup {
    Setup::new(env!("CARGO_BIN_EXE_onsale")).in_directory().set("traces.endpoint", collector.endpoint())
}

fn traceparent(sampled: bool) -> String {
    format!("00-{TRACE}-{CALLER}-0{}", u8::from(sampled))
}

/// A disk that is slow: `strace` holds up each sync of the journal, until it ends.
struct SlowDisk(Child);

impl SlowDisk {
    async fn of(shop: &Shop) -> Self {
        let journal = shop.server.data().join("journal.db-wal");
        let delay = format!("inject=fsync,fdatasync:delay_enter={}", LATE_MS * 1_000);
        let mut command = Command::new("strace");
        command.args(["-f", "-q", "-e", "signal=none", "-e", &delay, "-o", "/dev/null", "-P"]).arg(&journal);
        command.arg("-p").arg(shop.server.process_id().to_string()).stderr(Stdio::null());
        let disk = Self(command.spawn().expect("strace should be installed"));
        let status = format!("/proc/{}/task", shop.server.process_id());
        eventually("all threads are held", async || {
            let threads = std::fs::read_dir(&status).expect("the server runs");
            threads.flatten().all(|thread| {
                let text = std::fs::read_to_string(thread.path().join("status")).unwrap_or_default();
                !text.contains("TracerPid:\t0")
            })
        })
        .await;
        disk
    }
}

impl Drop for SlowDisk {
    fn drop(&mut self) {
        // It lets go of the server as it ends.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn named<'s>(spans: &'s [Span], name: &str) -> &'s Span {
    let mut found = spans.iter().filter(|span| span.name == name);
    let span = found.next().unwrap_or_else(|| panic!("no span is called {name}: {spans:#?}"));
    assert!(found.next().is_none(), "several are called {name}: {spans:#?}");
    span
}

#[tokio::test]
async fn a_slow_sync_is_seen_whole() {
    let collector = Collector::start();
    let setup = traced(&collector).set("traces.sample", 0).set("traces.slow", format!("{LATE_MS}ms"));
    let shop = Shop::open(setup).await;
    let buyer = shop.insider(1).await;
    buyer.charge(1).await.data();
    let disk = SlowDisk::of(&shop).await;
    let call = Buyer::charging(2).token(buyer.token()).header("traceparent", &traceparent(false));
    shop.client.call(call).await.data();
    drop(disk);
    // It would have been answered at once, and nobody had asked for its trace.
    buyer.charge(3).await.data();

    let spans = eventually_some("the slow request's trace is there", async || {
        let spans = collector.trace(TRACE);
        (!spans.is_empty()).then_some(spans)
    })
    .await;
    let server = named(&spans, "POST /v1/api/user/amount");
    assert_eq!((server.parent.as_str(), server.kind.as_str(), server.is_error), (CALLER, "SERVER", false));
    assert_eq!(server.attribute("onsale.kept"), Some("slow"));
    assert_eq!(server.attribute("http.response.status_code"), Some("200"));
    assert!(server.service.iter().any(|(key, value)| key == "service.name" && value == "onsale"), "{server:?}");
    let command = named(&spans, "command");
    assert_eq!(command.parent, server.id);
    let parts = ["batch", "sync", "apply", "reply"].map(|name| named(&spans, name));
    for (part, next) in parts.iter().zip(parts.iter().skip(1)) {
        assert!(part.to_ns <= next.from_ns, "{part:?} is before {next:?}");
    }
    for part in parts {
        assert_eq!(part.parent, command.id);
        assert!(part.from_ns >= command.from_ns && part.to_ns <= command.to_ns, "{part:?} is in {command:?}");
    }
    let sync = parts[1];
    assert!(sync.took_ms() >= LATE_MS && server.took_ms() >= sync.took_ms(), "{sync:?}");
    assert_eq!(spans.len(), 6, "{spans:#?}");

    // The entry has a trace of its own: those who were in it name it, and it names them.
    let (trace, id) = &sync.links[0];
    let entry = eventually_some("the entry's span is there", async || collector.trace(trace).pop()).await;
    assert_eq!((entry.name.as_str(), &entry.id, entry.parent.as_str()), ("entry", id, ""));
    assert_eq!(entry.links, [(TRACE.to_owned(), server.id.clone())]);
    assert_eq!(entry.attribute("onsale.entry.seq"), sync.attribute("onsale.entry.seq"));

    // And the scraper that asks for it is led there.
    let metrics = shop.client.call(Call::get("/metrics").header("accept", "application/openmetrics-text")).await;
    let metrics = String::from_utf8_lossy(&metrics.body).into_owned();
    assert!(metrics.contains(&format!("# {{trace_id=\"{TRACE}\"}}")), "{metrics}");
    let requests = collector.spans().into_iter().filter(|span| span.kind == "SERVER");
    assert!(requests.into_iter().all(|span| span.took_ms() >= LATE_MS), "nothing else is kept");
    let classic = shop.client.call(Call::get("/metrics")).await;
    assert!(!String::from_utf8_lossy(&classic.body).contains("trace_id"));
}

#[tokio::test]
async fn a_caller_decides_and_a_dead_collector_holds_nobody_up() {
    let collector = Collector::start();
    collector.refuse(true);
    let shop = Shop::open(traced(&collector).set("traces.sample", 1)).await;
    let buyer = shop.insider_with(1, 50_000).await;
    let reservation = buyer.hold(1, 1).await;
    buyer.pay(reservation).await.data();
    let counted = async |outcome: &str| {
        let metrics = shop.client.call(Call::get("/metrics")).await;
        let line = format!("onsale_trace_spans_total{{outcome=\"{outcome}\"}} ");
        let text = String::from_utf8_lossy(&metrics.body).into_owned();
        text.lines().find_map(|text| text.strip_prefix(&line)?.parse::<f64>().ok()).expect("it is counted")
    };
    eventually("what was not taken is counted", async || counted("failed").await > 10.0).await;
    assert_eq!(counted("sent").await, 0.0);
    collector.refuse(false);
    let given = |sampled: bool| Call::get("/v1/sale").header("traceparent", &traceparent(sampled));
    shop.client.call(given(false)).await;
    let after = Call::get("/v1/sale").header("x-request-id", "the-last").header("traceparent", &traceparent(true));
    eventually("the collector is back, and has the caller's trace", async || {
        shop.client.call(after.clone()).await;
        collector.trace(TRACE).iter().any(|span| span.name == "GET")
    })
    .await;
    assert!(
        collector.spans().iter().all(|span| span.attribute("onsale.kept") == Some("sampled") || span.kind != "SERVER")
    );
    let told = |text: &str| shop.server.output().matches(text).count();
    assert_eq!(told("the collector takes no traces"), 1, "{}", shop.server.output());
    eventually("it is said", async || told("the collector takes traces again") == 1).await;
    // What is left when the server stops goes out as well.
    let before = collector.spans().len();
    let mut shop = shop;
    shop.client.call(after).await;
    assert!(shop.server.terminate().success());
    assert!(collector.spans().len() > before);
}

#[tokio::test]
async fn who_is_called_hears_of_the_trace_and_the_log_names_that_of_a_failure() {
    let collector = Collector::start();
    // The collector knows no keys, and says so.
    let shop = traced(&collector).set("traces.sample", 1).set("access.users", "signed").set("entry.issuer", "shop");
    let shop = shop.set("entry.audience", "tickets").set("entry.keys", format!("{}/jwks", collector.endpoint()));
    let server = shop.set("log.format", "json").start();
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let token = [part(r#"{"alg":"EdDSA","kid":"a"}"#), part(r#"{"iss":"shop"}"#), part("signature")].join(".");
    let call = Call::post("/v1/api/queue/token").json(&json!({"entryToken": token})).header("request-id", "a-failure");
    let reply = server.client().call(call.header("traceparent", &traceparent(true))).await;
    reply.refused(503, "UNAVAILABLE");
    let output = server.output();
    let told = output.lines().find(|line| line.contains("a request failed")).unwrap_or_else(|| panic!("{output}"));
    assert!(told.contains(&format!("\"trace_id\":\"{TRACE}\"")) && told.contains("a-failure"), "{told}");
    let call = eventually_some("the call is traced", async || {
        collector.spans().into_iter().find(|span| span.name == "GET keys")
    })
    .await;
    assert_eq!((call.kind.as_str(), call.is_error), ("CLIENT", true));
    assert_eq!(call.attribute("http.response.status_code"), Some("400"));
    let failed = eventually_some("the failure is traced", async || {
        collector.trace(TRACE).into_iter().find(|span| span.kind == "SERVER")
    })
    .await;
    assert!(failed.is_error && failed.attribute("onsale.code") == Some("UNAVAILABLE"), "{failed:?}");
    let asked = collector.asked();
    assert!(
        asked.iter().any(|traceparent| traceparent[3..35] == *call.trace && traceparent[36..52] == *call.id),
        "{asked:?}"
    );
}
