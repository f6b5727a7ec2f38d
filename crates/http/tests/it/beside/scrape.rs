//! Metrics, as scrapers read them.

use std::collections::HashSet;

use axum::body::Body;
use http::Request;
use http::header::{ACCEPT, CONTENT_TYPE};
use serde_json::json;

use super::store::Store;

async fn sold_store() -> Store {
    let store = Store::open();
    let document = json!({"concerts": [{"concertId": 1, "title": "First Light", "schedules": [{
        "scheduleId": 7, "startsAt": "2027-05-01T19:00:00", "endsAt": "2027-05-01T21:30:00",
        "sections": [{"section": "A", "amount": 1, "rows": [{"row": "1", "seats": 3}]}],
    }]}]});
    store.admin("POST", "/catalog", &document).await.data();
    store
}

#[tokio::test]
async fn everything_is_told_with_its_unit() {
    let store = sold_store().await;
    let reply = store.get("/metrics").await;
    assert_eq!(reply.headers[CONTENT_TYPE], "text/plain; version=0.0.4; charset=utf-8");
    let text = reply.text();
    for line in [
        "onsale_seats_available{schedule=\"7\"} 3",
        "onsale_seats{schedule=\"7\"} 3",
        "onsale_queue_waiting{queue=\"default\"} 0",
        "onsale_queue_active_limit{queue=\"default\"} 1000",
        "onsale_commands_pending 0",
        "onsale_commands_refused_total{reason=\"overloaded\"} 0",
        "onsale_list_lookups_total{list=\"seat\",result=\"hit\"} 0",
        "# TYPE onsale_journal_append_duration_seconds histogram",
        "# TYPE onsale_journal_batch_commands histogram",
        "# TYPE onsale_projection_lag_entries gauge",
        "onsale_storage_busy_total 0",
        "# TYPE onsale_journal_syncs_total counter",
        "# TYPE onsale_process_cpu_seconds_total counter",
        "# TYPE onsale_process_resident_memory_bytes gauge",
    ] {
        assert!(text.contains(line), "{line} is missing:\n{text}");
    }
    let appends = sample(text, "onsale_storage_operations_total{operation=\"journal_append\"}");
    assert!(appends >= 3.0, "a publication takes three commands one after the other: {appends}");
    assert!(
        appends <= sample(text, "onsale_journal_append_duration_seconds_count"),
        "scraped later, or at the same time"
    );
    assert_eq!(
        sample(text, "onsale_journal_append_duration_seconds_bucket{le=\"+Inf\"}"),
        sample(text, "onsale_journal_append_duration_seconds_count")
    );
}

fn sample(text: &str, name: &str) -> f64 {
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name} is missing:\n{text}"));
    line.rsplit(' ').next().and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no number: {line}"))
}

#[tokio::test]
async fn each_sample_belongs_to_the_type_before_it() {
    let store = sold_store().await;
    let classic = store.get("/metrics").await;
    let mut types = HashSet::new();
    let mut current = (String::new(), String::new());
    for line in classic.text().lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(types.insert(name.to_owned()), "{name} is told twice");
            current = (name.to_owned(), kind.to_owned());
        } else if !line.starts_with('#') {
            let name = line.split(['{', ' ']).next().unwrap();
            let suffixes: &[&str] = if current.1 == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
            let known = suffixes.iter().any(|suffix| name == format!("{}{suffix}", current.0));
            assert!(known, "{name} after {current:?}");
        }
    }
}

#[tokio::test]
async fn open_metrics_is_given_to_who_asks_for_it() {
    let store = sold_store().await;
    let request =
        Request::get("/metrics").header(ACCEPT, "application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
    let reply = store.send(request.body(Body::empty()).unwrap()).await;
    assert!(reply.headers[CONTENT_TYPE].to_str().unwrap().starts_with("application/openmetrics-text"));
    assert!(reply.text().ends_with("# EOF\n"));
    assert!(reply.text().contains("# TYPE onsale_process_cpu_seconds counter"));
}
