//! Metrics: counted by each thread for itself, added up when somebody asks.

mod exemplars;
mod exposition;
mod histogram;
mod outcome;
mod recorder;
mod sampled;
mod totals;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometheus_client::collector::Collector;
use prometheus_client::registry::{Registry, Unit};

pub use outcome::Outcome;
pub use recorder::{Recorder, Stopwatch};
pub use sampled::{Kind, Sample};
pub(crate) use totals::{RouteCounts, RouteTotals};

use exemplars::Exemplars;
use exposition::Requests;
use sampled::Sampled;

/// The `Content-Type` of [`Metrics::render`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What the process tells Prometheus. All names begin with `onsale_`.
pub struct Metrics {
    requests: Arc<Requests>,
    exemplars: Exemplars,
    registry: Mutex<Registry>,
}

impl Metrics {
    /// Metrics of requests to `routes`, which a [`Recorder`] names by their index.
    #[must_use]
    pub fn new(routes: &'static [&'static str]) -> Self {
        let requests = Arc::new(Requests::new(routes));
        let mut registry = Registry::with_prefix("onsale");
        registry.register_collector(Box::new(requests.clone()));
        Self { requests, exemplars: Exemplars::default(), registry: Mutex::new(registry) }
    }

    /// A recorder for the calling thread, and for it alone: see [`Recorder`].
    #[must_use]
    pub fn recorder(&self) -> Recorder {
        self.requests.recorder()
    }

    /// Adds a gauge without labels, read at every scrape. The unit becomes the name's end.
    pub fn gauge(
        &self,
        name: &'static str,
        help: &'static str,
        unit: Option<Unit>,
        read: impl Fn() -> f64 + Send + Sync + 'static,
    ) {
        self.sample(Kind::Gauge, name, help, unit, move || vec![Sample::bare(read())]);
    }

    /// Adds a counter without labels, read at every scrape. `_total` is put after the name.
    pub fn counter(
        &self,
        name: &'static str,
        help: &'static str,
        unit: Option<Unit>,
        read: impl Fn() -> f64 + Send + Sync + 'static,
    ) {
        self.sample(Kind::Counter, name, help, unit, move || vec![Sample::bare(read())]);
    }

    /// Adds a family of gauges or counters with labels, all read at every scrape.
    pub fn sample(
        &self,
        kind: Kind,
        name: &'static str,
        help: &'static str,
        unit: Option<Unit>,
        read: impl Fn() -> Vec<Sample> + Send + Sync + 'static,
    ) {
        self.register(Box::new(Sampled { kind, name, help, unit, read: Box::new(read) }));
    }

    /// Adds any other collector.
    pub fn register(&self, collector: Box<dyn Collector>) {
        self.registry().register_collector(collector);
    }

    /// All metrics, in the OpenMetrics text format.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry())
            .expect("a string takes all that is written");
        text
    }

    /// The same, with a trace beside each bucket of a route's times that one is known of.
    #[must_use]
    pub(crate) fn render_with_traces(&self) -> String {
        self.exemplars.put_into(self.render())
    }

    /// Notes a trace of a request that took so long.
    pub(crate) fn exemplify(&self, route: &'static str, elapsed_ns: u64, trace_id: String) {
        self.exemplars.note(route, elapsed_ns, trace_id);
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
