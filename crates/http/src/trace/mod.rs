//! Traces, as OpenTelemetry has them: what a request spent its time with, told once it has ended. All spans of a request are made in
//! this process, so which of them are worth keeping is decided when it is known how long it took.

mod call;
mod entry;
mod request;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{
    Link, SpanContext, SpanId, SpanKind, Status, TraceContextExt as _, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{Context, InstrumentationScope, KeyValue};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{
    IdGenerator as _, RandomIdGenerator, Sampler, SamplingDecision, ShouldSample as _, SpanData, SpanEvents, SpanLinks,
};

pub use call::calling;
pub(crate) use call::carry;
pub(crate) use request::{Ended, Trace};

/// The header that says which trace a request is part of (W3C Trace Context).
const TRACEPARENT: &str = "traceparent";

/// The most traces that wait to be sent.
const WAITING_MAX: usize = 2_048;

/// Whose word counts, of which trace a request is part of and whether that is sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callers {
    /// Everybody's.
    All,
    /// That of the proxies, and of this machine itself.
    Proxies,
    /// Nobody's.
    Nobody,
}

/// Which traces are kept.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How many of those that nobody has decided on, from 0 to 1.
    pub sample: f64,
    /// And whatever takes so long.
    pub slow: Option<Duration>,
    pub callers: Callers,
    pub proxies: Vec<IpAddr>,
}

/// What became of spans.
#[derive(Debug, Default)]
pub struct Counts {
    pub sent: AtomicU64,
    /// The collector did not take them.
    pub failed: AtomicU64,
    /// There was no room for them.
    pub dropped: AtomicU64,
}

/// Makes traces, and lays those that are kept where they are taken from.
#[derive(Debug)]
pub struct Tracer {
    settings: Settings,
    sampler: Sampler,
    ids: RandomIdGenerator,
    scope: InstrumentationScope,
    kept: SyncSender<Vec<SpanData>>,
    pub counts: Counts,
}

/// Why a trace is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Sampled,
    Slow,
    /// The log tells of the request, and names the trace.
    Told,
}

/// What a span is of, but for what it belongs to.
struct Of {
    name: std::borrow::Cow<'static, str>,
    kind: SpanKind,
    from: SystemTime,
    to: SystemTime,
    attributes: Vec<KeyValue>,
    status: Status,
    links: Vec<Link>,
}

impl Tracer {
    /// One, and where what it keeps comes out.
    #[must_use]
    pub fn new(settings: Settings) -> (Arc<Self>, Receiver<Vec<SpanData>>) {
        let (kept, waiting) = sync_channel(WAITING_MAX);
        let scope = InstrumentationScope::builder("onsale").with_version(env!("CARGO_PKG_VERSION")).build();
        let (sampler, ids) = (Sampler::TraceIdRatioBased(settings.sample), RandomIdGenerator::default());
        let tracer = Self { settings, sampler, ids, scope, kept, counts: Counts::default() };
        (Arc::new(tracer), waiting)
    }

    /// What the request says of the trace that it is part of, where that is to be believed.
    fn parent(&self, headers: &HeaderMap, peer: IpAddr) -> Option<SpanContext> {
        let mut given = headers.get_all(TRACEPARENT).iter();
        // Of two nobody knows which one is meant.
        if given.next().is_none() || given.next().is_some() || !self.heeds(peer) {
            return None;
        }
        let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &HeaderExtractor(headers));
        let parent = context.span().span_context().clone();
        parent.is_valid().then_some(parent)
    }

    fn heeds(&self, peer: IpAddr) -> bool {
        match self.settings.callers {
            Callers::All => true,
            Callers::Proxies => {
                let peer = peer.to_canonical();
                peer.is_loopback() || self.settings.proxies.iter().any(|proxy| proxy.to_canonical() == peer)
            }
            Callers::Nobody => false,
        }
    }

    /// A span under `parent`, or the first of a new trace.
    fn context(&self, parent: Option<&SpanContext>) -> SpanContext {
        let span = self.ids.new_span_id();
        match parent {
            Some(parent) => {
                let state = parent.trace_state().clone();
                SpanContext::new(parent.trace_id(), span, parent.trace_flags(), false, state)
            }
            None => {
                let trace = self.ids.new_trace_id();
                let flags = TraceFlags::default().with_sampled(self.samples(trace));
                SpanContext::new(trace, span, flags, false, TraceState::NONE)
            }
        }
    }

    fn samples(&self, trace: TraceId) -> bool {
        let result = self.sampler.should_sample(None, trace, "", &SpanKind::Internal, &[], &[]);
        result.decision == SamplingDecision::RecordAndSample
    }

    /// Why a trace is to be kept, if it is.
    fn why(&self, context: &SpanContext, took: Duration) -> Option<Why> {
        if context.is_sampled() {
            Some(Why::Sampled)
        } else if self.settings.slow.is_some_and(|slow| took >= slow) {
            Some(Why::Slow)
        } else {
            None
        }
    }

    fn span(&self, context: SpanContext, parent: Option<&SpanContext>, of: Of) -> SpanData {
        let mut links = SpanLinks::default();
        links.links = of.links;
        SpanData {
            span_context: context,
            parent_span_id: parent.map_or(SpanId::INVALID, SpanContext::span_id),
            parent_span_is_remote: parent.is_some_and(SpanContext::is_remote),
            span_kind: of.kind,
            name: of.name,
            start_time: of.from,
            end_time: of.to.max(of.from),
            attributes: of.attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links,
            status: of.status,
            instrumentation_scope: self.scope.clone(),
        }
    }

    /// Lays spans where they are sent from; where there is no room, they are counted and gone.
    fn keep(&self, spans: Vec<SpanData>) {
        let count = spans.len() as u64;
        if self.kept.try_send(spans).is_err() {
            self.counts.dropped.fetch_add(count, Relaxed);
        }
    }
}

impl Why {
    fn attribute(self) -> KeyValue {
        let why = match self {
            Self::Sampled => "sampled",
            Self::Slow => "slow",
            Self::Told => "told",
        };
        KeyValue::new("onsale.kept", why)
    }
}

impl Of {
    fn inside(name: &'static str, from: SystemTime, to: SystemTime) -> Self {
        let (attributes, links) = (Vec::new(), Vec::new());
        Self { name: name.into(), kind: SpanKind::Internal, from, to, attributes, status: Status::Unset, links }
    }
}

#[cfg(test)]
mod tests;
