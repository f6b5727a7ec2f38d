//! What a scrape sees.

use http::StatusCode;
use onsale_http::metrics::{Kind, Metrics, Outcome, Sample, Stopwatch};
use onsale_http::problem::Code;
use prometheus_client::registry::Unit;

fn metrics() -> Metrics {
    Metrics::new(&["/v1/api/concerts/reserve", "other"])
}

/// The value of the line that begins with `series`.
fn value(text: &str, series: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.strip_prefix(series).is_some_and(|rest| rest.starts_with(' ')))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[test]
fn threads_are_added_up() {
    let metrics = metrics();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let recorder = metrics.recorder();
                for _ in 0..1_000 {
                    let stopwatch = Stopwatch::start();
                    recorder.record(0, Outcome::Status(StatusCode::OK), &stopwatch);
                    recorder.record(0, Outcome::Problem(Code::SoldOut), &stopwatch);
                }
            });
        }
    });
    let text = metrics.render();
    let series = |status, code| {
        format!(r#"onsale_http_requests_total{{route="/v1/api/concerts/reserve",status="{status}",code="{code}"}}"#)
    };
    assert_eq!(value(&text, &series("200", "OK")), Some(4_000.0), "{text}");
    assert_eq!(value(&text, &series("409", "SOLD_OUT")), Some(4_000.0), "{text}");
    assert_eq!(value(&text, &series("304", "NOT_MODIFIED")), None, "{text}");
    let count = r#"onsale_http_request_duration_seconds_count{route="/v1/api/concerts/reserve"}"#;
    assert_eq!(value(&text, count), Some(8_000.0), "{text}");
    assert!(!text.contains(r#"route="other""#), "{text}");
}

#[test]
fn buckets_are_cumulative_and_end_with_all() {
    let metrics = metrics();
    let recorder = metrics.recorder();
    for _ in 0..10 {
        recorder.record(1, Outcome::Status(StatusCode::NOT_MODIFIED), &Stopwatch::start());
    }
    let text = metrics.render();
    let counts: Vec<f64> = text
        .lines()
        .filter(|line| line.starts_with("onsale_http_request_duration_seconds_bucket"))
        .map(|line| line.rsplit(' ').next().unwrap().parse().unwrap())
        .collect();
    assert!(counts.is_sorted(), "{text}");
    assert_eq!(counts.last(), Some(&10.0), "{text}");
    assert!(text.contains(r#"le="+Inf""#), "{text}");
}

#[test]
fn the_format_has_help_type_unit_and_end() {
    let metrics = metrics();
    metrics.recorder().record(0, Outcome::Status(StatusCode::OK), &Stopwatch::start());
    let text = metrics.render();
    for line in [
        "# HELP onsale_http_requests Requests answered, by route, HTTP status and code",
        "# TYPE onsale_http_requests counter",
        "# TYPE onsale_http_request_duration_seconds histogram",
        "# UNIT onsale_http_request_duration_seconds seconds",
        "# EOF",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
}

#[test]
fn values_are_read_at_the_scrape() {
    let metrics = metrics();
    metrics.gauge("queue_depth", "Tickets that wait", None, || 12.0);
    metrics.counter("journal_commit", "Time in commits", Some(Unit::Seconds), || 1.5);
    metrics.sample(Kind::Gauge, "queue_active", "Tickets inside", None, || {
        vec![Sample { labels: vec![("queue", "a \"b\"".to_owned())], value: 3.0 }]
    });
    let text = metrics.render();
    assert_eq!(value(&text, "onsale_queue_depth"), Some(12.0), "{text}");
    assert_eq!(value(&text, "onsale_journal_commit_seconds_total"), Some(1.5), "{text}");
    assert_eq!(value(&text, r#"onsale_queue_active{queue="a \"b\""}"#), Some(3.0), "{text}");
}

#[test]
fn every_status_has_a_place() {
    let metrics = metrics();
    let recorder = metrics.recorder();
    for status in [100, 101, 200, 204, 301, 304, 404, 500, 599, 600, 999] {
        let outcome = Outcome::Status(StatusCode::from_u16(status).unwrap());
        recorder.record(0, outcome, &Stopwatch::start());
    }
    let text = metrics.render();
    let total: f64 = text
        .lines()
        .filter(|line| line.starts_with("onsale_http_requests_total"))
        .map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap())
        .sum();
    assert!((total - 11.0).abs() < f64::EPSILON, "{text}");
}
