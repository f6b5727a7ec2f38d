//! Traces beside the buckets of requests' times: of each route and bucket the last one that was kept. The format is OpenMetrics'
//! own; the library has no way in for exemplars of histograms that it does not keep itself.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use super::histogram;

/// What the lines of buckets begin with.
const LINE: &str = "onsale_http_request_duration_seconds_bucket{";

#[derive(Debug, Default)]
pub(super) struct Exemplars(Mutex<HashMap<(&'static str, usize), Exemplar>>);

#[derive(Debug)]
struct Exemplar {
    trace_id: String,
    took_s: f64,
    at: SystemTime,
}

impl Exemplars {
    pub(super) fn note(&self, route: &'static str, elapsed_ns: u64, trace_id: String) {
        let exemplar = Exemplar { trace_id, took_s: elapsed_ns as f64 / 1e9, at: SystemTime::now() };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert((route, histogram::bucket(elapsed_ns)), exemplar);
    }

    /// The text with them at the lines of their buckets, which stand in order for each route.
    pub(super) fn put_into(&self, open_metrics: String) -> String {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_empty() {
            return open_metrics;
        }
        let mut text = String::with_capacity(open_metrics.len() + 128 * known.len());
        let (mut of, mut bucket) = ("", 0);
        for line in open_metrics.lines() {
            text.push_str(line);
            if let Some(route) =
                line.strip_prefix(LINE).and_then(|rest| rest.split_once("route=\"")?.1.split('"').next())
            {
                (of, bucket) = if route == of { (of, bucket + 1) } else { (route, 0) };
                if let Some(Exemplar { trace_id, took_s, at }) = known.get(&(route, bucket)) {
                    let at_s = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
                    text.push_str(&format!(" # {{trace_id=\"{trace_id}\"}} {took_s} {at_s:.3}"));
                }
            }
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Metrics, Outcome};
    use super::*;
    use crate::metrics::Stopwatch;
    use http::StatusCode;

    #[test]
    fn a_trace_stands_at_its_bucket_and_nowhere_else() {
        let metrics = Metrics::new(&["GET /a", "GET /b"]);
        let recorder = metrics.recorder();
        (0..2).for_each(|route| recorder.record(route, Outcome::Status(StatusCode::OK), &Stopwatch::start()));
        assert_eq!(metrics.render_with_traces(), metrics.render());
        for elapsed_ns in [1, 3_000_000, u64::MAX] {
            metrics.exemplify("GET /b", elapsed_ns, format!("{elapsed_ns:032x}"));
        }
        let text = metrics.render_with_traces();
        let marked: Vec<&str> = text.lines().filter(|line| line.contains(" # {")).collect();
        assert_eq!(marked.len(), 3, "{text}");
        for (line, id) in marked.iter().zip([1, 3_000_000, u64::MAX]) {
            assert!(line.contains("route=\"GET /b\"") && line.contains(&format!("{id:032x}")), "{line}");
            let bound = line.split_once("le=\"").and_then(|(_, rest)| rest.split('"').next()).expect("a bound");
            let bound_s: f64 = if bound == "+Inf" { f64::INFINITY } else { bound.parse().expect("a number") };
            assert!(bound_s == histogram::bound_s(histogram::bucket(id)), "{line}");
        }
        assert_eq!(text.lines().filter(|line| *line == "# EOF").count(), 1);
    }
}
