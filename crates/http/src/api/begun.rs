//! A request that has begun: how long it takes, and its trace where there are traces.

use std::net::IpAddr;
use std::sync::Arc;

use http::request::Parts;
use http::{Response, StatusCode};

use super::route::{ROUTES, Route};
use crate::body::Body;
use crate::metrics::{Outcome, Stopwatch};
use crate::server::Answering;
use crate::shared::Shared;
use crate::trace::{Ended, Trace};

#[derive(Clone)]
pub(super) struct Begun {
    pub(super) stopwatch: Stopwatch,
    trace: Option<Arc<Trace>>,
}

impl Begun {
    #[inline]
    pub(super) fn new(shared: &Shared, parts: &Parts, peer: IpAddr) -> Self {
        let stopwatch = Stopwatch::start();
        Self { stopwatch, trace: shared.tracer.as_ref().map(|tracer| Trace::begin(tracer, parts, peer)) }
    }

    /// An answer that is waited for: what it waits for is part of the trace.
    #[inline]
    pub(super) fn later<F>(self, shared: &Shared, answer: impl FnOnce(Self) -> F) -> Answering
    where
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        // What is waited for is large: it is laid down where it stays.
        match self.trace.clone() {
            None => Answering::later(answer(self)),
            Some(trace) => traced(trace, shared, answer(self)),
        }
    }

    /// The log tells of it: what the trace is called, which is kept then.
    pub(super) fn told(&self) -> Option<String> {
        let trace = self.trace.as_ref()?;
        trace.tell();
        Some(trace.id().to_string())
    }

    /// It has been answered.
    #[inline]
    pub(super) fn ended(&self, shared: &Shared, route: Route, outcome: Outcome, status: StatusCode) {
        if let Some(trace) = &self.trace {
            self.end(trace, shared, route, outcome, status);
        }
    }

    #[cold]
    #[inline(never)]
    fn end(&self, trace: &Trace, shared: &Shared, route: Route, outcome: Outcome, status: StatusCode) {
        let code = if let Outcome::Problem(code) = outcome { Some(code.as_str()) } else { None };
        if trace.end(&Ended { route: route.row().map(|row| row.path), status, code }) {
            shared.metrics.exemplify(ROUTES[route as usize], self.stopwatch.elapsed_ns(), trace.id().to_string());
        }
    }
}

#[cold]
#[inline(never)]
fn traced<F>(trace: Arc<Trace>, shared: &Shared, answer: F) -> Answering
where
    F: Future<Output = Response<Body>> + Send + 'static,
{
    Answering::later(trace.around(shared.node.trail(), answer))
}
