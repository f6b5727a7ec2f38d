//! Calls to others: the identity provider, those who publish keys, those who are sent webhooks.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use http::{HeaderMap, HeaderValue, Request};
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{SpanContext, SpanKind, Status, TraceContextExt as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::HeaderInjector;
use opentelemetry_sdk::propagation::TraceContextPropagator;

use super::{Of, Trace, Tracer};

/// The trace that a call is made for, where it is made in another thread.
#[derive(Clone, Debug)]
struct Cause(Arc<Trace>);

/// Has a call be part of the trace of the request that is being worked on, whichever thread makes it.
pub(crate) fn carry<B>(request: &mut Request<B>) {
    if let Some(trace) = Trace::current() {
        request.extensions_mut().insert(Cause(trace));
    }
}

/// Calls somebody, for `purpose`, who is told which trace it is part of.
///
/// # Errors
/// Those of `call`.
pub fn calling<B, T, E: std::fmt::Display>(
    tracer: Option<&Arc<Tracer>>,
    purpose: &'static str,
    mut request: Request<B>,
    call: impl FnOnce(Request<B>) -> Result<T, E>,
    status: impl FnOnce(&T) -> u16,
) -> Result<T, E> {
    let Some(tracer) = tracer else { return call(request) };
    let cause = request.extensions_mut().remove::<Cause>().map(|Cause(trace)| trace);
    let parent = cause.as_ref().map(|trace| trace.context().clone());
    let context = tracer.context(parent.as_ref());
    inject(&context, request.headers_mut());
    let mut attributes = vec![
        KeyValue::new("http.request.method", request.method().as_str().to_owned()),
        // No more of the address: what is behind it is often a secret.
        KeyValue::new("server.address", request.uri().host().unwrap_or_default().to_owned()),
    ];
    if let Some(port) = request.uri().port_u16() {
        attributes.push(KeyValue::new("server.port", i64::from(port)));
    }
    let name = format!("{} {purpose}", request.method()).into();
    let (from, since) = (SystemTime::now(), Instant::now());
    let done = call(request);
    let took = since.elapsed();
    let outcome = match &done {
        Ok(answer) => {
            let status = status(answer);
            attributes.push(KeyValue::new("http.response.status_code", i64::from(status)));
            if status >= 400 { Status::error(status.to_string()) } else { Status::Unset }
        }
        Err(error) => Status::error(error.to_string()),
    };
    let mut of =
        Of { name, kind: SpanKind::Client, from, to: from + took, attributes, status: outcome, links: Vec::new() };
    match cause {
        Some(trace) => trace.called(tracer.span(context, parent.as_ref(), of)),
        None => {
            if let Some(why) = tracer.why(&context, took) {
                of.attributes.push(why.attribute());
                tracer.keep(vec![tracer.span(context, None, of)]);
            }
        }
    }
    done
}

fn inject(context: &SpanContext, headers: &mut HeaderMap) {
    let told = Context::new().with_remote_span_context(context.clone());
    TraceContextPropagator::new().inject_context(&told, &mut HeaderInjector(headers));
    if headers.get("tracestate").is_some_and(HeaderValue::is_empty) {
        headers.remove("tracestate");
    }
}
