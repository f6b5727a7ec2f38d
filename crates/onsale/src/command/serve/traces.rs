//! Traces on their way to a collector, by OTLP over HTTP: in a thread of its own, which nobody waits for.

use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use async_trait::async_trait;
use onsale_http::trace::Tracer;
use opentelemetry::KeyValue;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, RetryPolicy, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _};

use crate::config;

/// How long a call to the collector may take, all of it.
const TIMEOUT: Duration = Duration::from_secs(5);
/// No answer of a collector is longer.
const BYTES_MAX: u64 = 64 << 10;
/// How long spans gather before they are sent, and how many are sent at once.
const GATHERING: Duration = Duration::from_millis(500);
const SPANS_MAX: usize = 2_048;
/// How long the collector is left alone after it took nothing.
const PAUSE: Duration = Duration::from_secs(1);
/// How often it is looked whether the server stops.
const LOOK: Duration = Duration::from_millis(100);
/// How long what is left may take when the server stops.
const ENDING: Duration = Duration::from_millis(500);
/// How far the thread steps back behind those that serve, as in nice(1).
const NICENESS: i32 = 10;

/// The thread. Ends with it.
pub(super) struct Sending {
    is_ending: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.is_ending.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            // A collector that says nothing keeps no program from ending, and none from following it.
            let until = Instant::now() + ENDING;
            while !thread.is_finished() && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(5));
            }
            if !thread.is_finished() {
                return;
            }
            // Where it panicked, there is nothing to add to what was logged.
            let _ = thread.join();
        }
    }
}

struct Sender {
    tracer: Arc<Tracer>,
    waiting: Receiver<Vec<SpanData>>,
    exporter: SpanExporter,
    runtime: tokio::runtime::Runtime,
    is_ending: Arc<AtomicBool>,
    is_troubled: bool,
}

/// What makes traces, and what sends them, where the configuration has a collector.
///
/// # Errors
/// Where the collector's address is none, and where the system gives no thread.
pub(super) fn traces(configured: Option<&config::Traces>) -> anyhow::Result<Option<(Arc<Tracer>, Sending)>> {
    let Some(config::Traces { endpoint, settings }) = configured else { return Ok(None) };
    let mut exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Web::new())
        .with_endpoint(endpoint)
        .with_protocol(Protocol::HttpBinary)
        .with_timeout(TIMEOUT)
        // What could not be sent is counted. To keep it for another try would make less room for what happens now.
        .with_retry_policy(RetryPolicy::disabled())
        .build()
        .map_err(|error| config::Error(vec![format!("traces.endpoint: {error}")]))?;
    exporter.set_resource(&resource());
    let (tracer, waiting) = Tracer::new(settings.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().build().context("traces cannot be sent")?;
    let is_ending = Arc::new(AtomicBool::new(false));
    let mut sender =
        Sender { tracer: tracer.clone(), waiting, exporter, runtime, is_ending: is_ending.clone(), is_troubled: false };
    let thread = std::thread::Builder::new().name("traces".to_owned()).spawn(move || sender.run())?;
    tracing::info!(endpoint, "traces are sent");
    Ok(Some((tracer, Sending { is_ending, thread: Some(thread) })))
}

/// Whose spans they are. `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` say more, or otherwise.
fn resource() -> Resource {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let instance = format!("{host} {}", std::process::id());
    let own = Resource::builder_empty().with_attributes([
        KeyValue::new("service.name", "onsale"),
        KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        KeyValue::new("service.instance.id", instance),
        KeyValue::new("host.name", host),
    ]);
    own.with_detectors(&[Box::new(opentelemetry_sdk::resource::EnvResourceDetector::new())]).build()
}

impl Sender {
    fn run(&mut self) {
        let thread = rustix::thread::gettid();
        if let Err(error) = rustix::process::setpriority_process(Some(thread), NICENESS) {
            tracing::debug!(%error, "traces are sent with the priority of the others");
        }
        while !self.is_ending.load(Relaxed) {
            let spans = self.gather();
            if !spans.is_empty() && !self.send(spans) {
                self.pause();
            }
        }
        let until = Instant::now() + ENDING;
        loop {
            let spans = self.rest();
            if spans.is_empty() || Instant::now() >= until || !self.send(spans) {
                break;
            }
        }
    }

    /// What comes within a while of the first, or as much as is sent at once.
    fn gather(&self) -> Vec<SpanData> {
        let mut spans = match self.waiting.recv_timeout(LOOK) {
            Ok(spans) => spans,
            Err(RecvTimeoutError::Timeout) => return Vec::new(),
            Err(RecvTimeoutError::Disconnected) => {
                // It holds what makes them itself.
                std::thread::sleep(LOOK);
                return Vec::new();
            }
        };
        let until = Instant::now() + GATHERING;
        while spans.len() < SPANS_MAX && !self.is_ending.load(Relaxed) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            if let Ok(more) = self.waiting.recv_timeout(left.min(LOOK)) {
                spans.extend(more);
            }
        }
        spans
    }

    /// What is there already.
    fn rest(&self) -> Vec<SpanData> {
        let mut spans = Vec::new();
        while spans.len() < SPANS_MAX
            && let Ok(more) = self.waiting.try_recv()
        {
            spans.extend(more);
        }
        spans
    }

    /// Whether the collector has taken them. It is said once for as long as it does not.
    fn send(&mut self, spans: Vec<SpanData>) -> bool {
        let count = spans.len() as u64;
        let counts = &self.tracer.counts;
        match self.runtime.block_on(self.exporter.export(spans)) {
            Ok(()) => {
                counts.sent.fetch_add(count, Relaxed);
                if std::mem::take(&mut self.is_troubled) {
                    tracing::info!("the collector takes traces again");
                }
                true
            }
            Err(error) => {
                counts.failed.fetch_add(count, Relaxed);
                if !std::mem::replace(&mut self.is_troubled, true) {
                    tracing::warn!(%error, "the collector takes no traces: they are lost until it does");
                }
                false
            }
        }
    }

    fn pause(&self) {
        let until = Instant::now() + PAUSE;
        while !self.is_ending.load(Relaxed) && Instant::now() < until {
            std::thread::sleep(LOOK);
        }
    }
}

/// The way to the collector: the client that calls all others. It blocks, in the one thread that does nothing else.
#[derive(Debug)]
struct Web(ureq::Agent);

impl Web {
    fn new() -> Self {
        let config = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).max_redirects(0).proxy(None);
        Self(config.http_status_as_error(false).max_redirects_will_error(false).build().into())
    }
}

#[async_trait]
impl HttpClient for Web {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let response = self.0.run(Request::from_parts(head, body.to_vec()))?;
        let (head, body) = response.into_parts();
        let mut bytes = Vec::new();
        body.into_reader().take(BYTES_MAX).read_to_end(&mut bytes)?;
        Ok(Response::from_parts(head, bytes.into()))
    }
}
