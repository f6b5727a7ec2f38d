//! The span of a journal entry, which many requests may be in: it begins a trace of its own, and names them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use onsale_node::trail::{Moments, Passage};
use opentelemetry::KeyValue;
use opentelemetry::trace::{Link, SpanContext, SpanKind, Status};

use super::{Of, Tracer};

/// The most requests that one entry names.
const LINKS_MAX: usize = 128;

/// An entry with a request whose trace is kept.
#[derive(Debug)]
pub(super) struct Entry {
    tracer: Arc<Tracer>,
    context: SpanContext,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    time: Option<(SystemTime, SystemTime)>,
    seq: Option<u64>,
    commands: usize,
    links: Vec<Link>,
}

impl Entry {
    /// That of an entry's way: the same for all requests in it.
    pub(super) fn of(tracer: &Arc<Tracer>, passage: &Passage) -> Option<Arc<Self>> {
        let make = || {
            let (tracer, context) = (tracer.clone(), tracer.context(None));
            Arc::new(Self { tracer, context, seen: Mutex::default() }) as Arc<_>
        };
        passage.beside(make).downcast().ok()
    }

    pub(super) fn context(&self) -> &SpanContext {
        &self.context
    }

    /// Names a request that is in it, whose trace is kept.
    pub(super) fn link(
        &self,
        request: &SpanContext,
        moments: &Moments,
        wall: impl Fn(Duration) -> SystemTime,
        commands: usize,
    ) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let last = moments.applied.or(moments.applying).or(moments.appended).unwrap_or(moments.appending);
        seen.time = Some((wall(moments.appending), wall(last)));
        (seen.seq, seen.commands) = (moments.seq, commands);
        if seen.links.len() < LINKS_MAX {
            seen.links.push(Link::with_context(request.clone()));
        }
    }
}

impl Drop for Entry {
    /// All requests that are in it have ended.
    fn drop(&mut self) {
        let Seen { time, seq, commands, links } =
            std::mem::take(self.seen.get_mut().unwrap_or_else(PoisonError::into_inner));
        let Some((from, to)) = time else { return };
        let mut attributes = vec![KeyValue::new("onsale.entry.commands", commands as i64)];
        if let Some(seq) = seq {
            attributes.push(KeyValue::new("onsale.entry.seq", i64::try_from(seq).unwrap_or(i64::MAX)));
        }
        let status = Status::Unset;
        let of = Of { name: "entry".into(), kind: SpanKind::Internal, from, to, attributes, status, links };
        self.tracer.keep(vec![self.tracer.span(self.context.clone(), None, of)]);
    }
}
