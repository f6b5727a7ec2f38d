//! The part of `/metrics` that a load test reads from any server.

use std::fmt::Write as _;

use super::world::World;

/// In the OpenMetrics text format.
pub(super) fn render(world: &World) -> String {
    let mut text = String::new();
    let queue = &world.queue;
    let gauges = [
        ("queue_waiting", f64::from(queue.waiting())),
        ("queue_active", queue.active() as f64),
        ("queue_active_limit", queue.limit() as f64),
    ];
    for (name, value) in gauges {
        line(&mut text, "gauge", name, r#"queue="default""#, value);
    }
    line(&mut text, "counter", "queue_issued", r#"queue="default""#, queue.issued() as f64);
    line(&mut text, "counter", "queue_admitted", r#"queue="default""#, queue.admitted as f64);
    for (schedule, hall) in &world.sale.halls {
        let labels = format!(r#"schedule="{schedule}""#);
        line(&mut text, "gauge", "seats_available", &labels, hall.available() as f64);
        line(&mut text, "gauge", "seats", &labels, hall.seats.len() as f64);
    }
    for ((route, status, code), count) in &world.counts {
        let labels = format!(r#"route="{route}",status="{status}",code="{code}""#);
        line(&mut text, "counter", "http_requests", &labels, *count as f64);
    }
    text.push_str("# EOF\n");
    text
}

/// One sample, with its type before the first of a family.
fn line(text: &mut String, kind: &str, name: &str, labels: &str, value: f64) {
    let family = format!("# TYPE onsale_{name} {kind}\n");
    if !text.contains(&family) {
        text.push_str(&family);
    }
    let suffix = if kind == "counter" { "_total" } else { "" };
    writeln!(text, "onsale_{name}{suffix}{{{labels}}} {value}").expect("a string takes all that is written");
}
