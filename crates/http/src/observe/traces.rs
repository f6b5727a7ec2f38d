//! What becomes of traces, where they are wanted.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use super::Source;
use crate::metrics::{Kind, Sample};
use crate::shared::Shared;

pub(super) fn register(shared: &Shared, source: &Source) {
    let spans = source.family(|shared| {
        let Some(tracer) = &shared.tracer else { return Vec::new() };
        let counts = &tracer.counts;
        let sample = |(outcome, count): (&str, &AtomicU64)| Sample {
            labels: vec![("outcome", outcome.to_owned())],
            value: count.load(Relaxed) as f64,
        };
        [("sent", &counts.sent), ("failed", &counts.failed), ("dropped", &counts.dropped)].map(sample).into()
    });
    let help = "Spans of traces that were kept, by what became of them: sent, failed (the collector did not take them), dropped (too \
                many waited)";
    shared.metrics.sample(Kind::Counter, "trace_spans", help, None, spans);
}
