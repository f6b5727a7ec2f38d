//! The trace of one request.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use http::request::Parts;
use http::{Method, StatusCode, Uri};
use onsale_node::trail::{Followed, Trail};
use opentelemetry::KeyValue;
use opentelemetry::trace::{Link, SpanContext, SpanKind, Status, TraceId};
use opentelemetry_sdk::trace::SpanData;

use super::entry::Entry;
use super::{Of, Tracer, Why};

/// The most calls to others that one request's trace has.
const CALLS_MAX: usize = 32;

/// So much of a path is told: whoever makes one up may make it long.
const PATH_CHARS_MAX: usize = 256;

tokio::task_local! {
    pub(super) static TRACE: Arc<Trace>;
}

/// What a request is part of, and what it spends its time with.
#[derive(Debug)]
pub(crate) struct Trace {
    tracer: Arc<Tracer>,
    context: SpanContext,
    parent: Option<SpanContext>,
    began: SystemTime,
    since: Instant,
    method: Method,
    uri: Uri,
    trail: OnceLock<Arc<Trail>>,
    calls: Mutex<Vec<SpanData>>,
    is_told: AtomicBool,
    is_over: AtomicBool,
}

/// How a request has ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended<'e> {
    /// The path, where it is one of a few.
    pub(crate) route: Option<&'e str>,
    pub(crate) status: StatusCode,
    /// Why it was refused, where that is known.
    pub(crate) code: Option<&'static str>,
}

impl Trace {
    #[cold]
    #[inline(never)]
    pub(crate) fn begin(tracer: &Arc<Tracer>, parts: &Parts, peer: IpAddr) -> Arc<Self> {
        let parent = tracer.parent(&parts.headers, peer);
        Arc::new(Self {
            tracer: tracer.clone(),
            context: tracer.context(parent.as_ref()),
            parent,
            began: SystemTime::now(),
            since: Instant::now(),
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            trail: OnceLock::new(),
            calls: Mutex::default(),
            is_told: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
        })
    }

    /// Has what `task` gives to the node, and asks of others, be part of this trace.
    pub(crate) fn around<T>(
        self: Arc<Self>,
        trail: Arc<Trail>,
        task: impl Future<Output = T> + Send,
    ) -> impl Future<Output = T> + Send {
        // There is one task for a request.
        let _ = self.trail.set(trail.clone());
        TRACE.scope(self, trail.of(task))
    }

    /// That of the request that is being worked on.
    pub(super) fn current() -> Option<Arc<Self>> {
        TRACE.try_with(Arc::clone).ok()
    }

    pub(crate) fn id(&self) -> TraceId {
        self.context.trace_id()
    }

    /// The log names it: it is kept, whatever else.
    pub(crate) fn tell(&self) {
        self.is_told.store(true, Relaxed);
    }

    /// The request has been answered. Whether its trace is kept.
    pub(crate) fn end(&self, ended: &Ended<'_>) -> bool {
        let mut attributes = vec![KeyValue::new("http.response.status_code", i64::from(ended.status.as_u16()))];
        if let Some(code) = ended.code {
            attributes.push(KeyValue::new("onsale.code", code));
        }
        let status = if ended.status.is_server_error() {
            attributes.push(KeyValue::new("error.type", ended.status.as_str().to_owned()));
            Status::error(ended.code.unwrap_or_default())
        } else {
            Status::Unset
        };
        self.finish(ended.route, attributes, status)
    }

    fn finish(&self, route: Option<&str>, mut attributes: Vec<KeyValue>, status: Status) -> bool {
        if self.is_over.swap(true, Relaxed) {
            return false;
        }
        let took = self.since.elapsed();
        let told = self.is_told.load(Relaxed).then_some(Why::Told);
        let Some(why) = self.tracer.why(&self.context, took).or(told) else { return false };
        attributes.push(why.attribute());
        attributes.push(KeyValue::new("http.request.method", self.method.as_str().to_owned()));
        attributes.push(KeyValue::new("url.path", self.uri.path().chars().take(PATH_CHARS_MAX).collect::<String>()));
        let name = match route {
            Some(route) => {
                attributes.push(KeyValue::new("http.route", route.to_owned()));
                Cow::Owned(format!("{} {route}", self.method))
            }
            None => Cow::Owned(self.method.as_str().to_owned()),
        };
        let end = self.began + took;
        let (kind, links) = (SpanKind::Server, Vec::new());
        let of = Of { name, kind, from: self.began, to: end, attributes, status, links };
        let mut spans = vec![self.tracer.span(self.context.clone(), self.parent.as_ref(), of)];
        if let Some(trail) = self.trail.get() {
            let clock = Clock { wall: end, now: trail.now() };
            for followed in trail.followed() {
                self.command(&followed, &clock, &mut spans);
            }
        }
        spans.append(&mut self.calls.lock().unwrap_or_else(PoisonError::into_inner));
        self.tracer.keep(spans);
        true
    }

    /// The spans of a command: the whole of it, and what its time went to.
    fn command(&self, followed: &Followed, clock: &Clock, spans: &mut Vec<SpanData>) {
        let tracer = &self.tracer;
        let (given, heard) = (followed.given(), followed.heard().unwrap_or(clock.now));
        let whole = tracer.context(Some(&self.context));
        let under = |spans: &mut Vec<SpanData>, of: Of| {
            spans.push(tracer.span(tracer.context(Some(&whole)), Some(&whole), of));
        };
        let inside = |name: &'static str, from: Duration, to: Duration| Of::inside(name, clock.at(from), clock.at(to));
        let of = inside("command", given, heard);
        spans.push(tracer.span(whole.clone(), Some(&self.context), of));
        let Some(passage) = followed.passage() else { return };
        let moments = passage.moments();
        under(spans, inside("batch", given, moments.appending));
        let mut sync = inside("sync", moments.appending, moments.appended.unwrap_or(clock.now));
        sync.attributes.push(KeyValue::new("onsale.entry.commands", passage.commands() as i64));
        match (moments.appended, moments.seq) {
            (Some(_), Some(seq)) => {
                sync.attributes.push(KeyValue::new("onsale.entry.seq", i64::try_from(seq).unwrap_or(i64::MAX)));
            }
            (Some(_), None) => sync.status = Status::error("the journal did not say that the entry is durable"),
            (None, _) => {}
        }
        if let Some(entry) = Entry::of(tracer, passage) {
            entry.link(&self.context, &moments, |moment| clock.at(moment), passage.commands());
            sync.links.push(Link::with_context(entry.context().clone()));
        }
        under(spans, sync);
        let Some(applying) = moments.applying else { return };
        under(spans, inside("apply", applying, moments.applied.unwrap_or(clock.now)));
        if let Some(applied) = moments.applied {
            under(spans, inside("reply", applied, heard));
        }
    }

    pub(super) fn context(&self) -> &SpanContext {
        &self.context
    }

    /// A call that was made for this request.
    pub(super) fn called(&self, span: SpanData) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if calls.len() < CALLS_MAX {
            calls.push(span);
        }
    }
}

impl Drop for Trace {
    /// Whoever asked has gone before there was an answer, most likely since it took too long.
    fn drop(&mut self) {
        self.finish(
            None,
            vec![KeyValue::new("error.type", "client_gone")],
            Status::error("nobody waited for the answer"),
        );
    }
}

/// What the clock of the wall showed when the node had been there for so long.
struct Clock {
    wall: SystemTime,
    now: Duration,
}

impl Clock {
    fn at(&self, moment: Duration) -> SystemTime {
        self.wall - self.now.saturating_sub(moment)
    }
}
