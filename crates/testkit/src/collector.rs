//! A collector of traces: what is sent to it by OTLP over HTTP, read with OpenTelemetry's own types.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span as Sent;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message as _;
use tokio::sync::oneshot;

/// A span, as it was sent.
#[derive(Clone, Debug)]
pub struct Span {
    pub name: String,
    /// Its own and its trace's, in hexadecimal digits.
    pub id: String,
    pub trace: String,
    /// Empty where it is the first of its trace.
    pub parent: String,
    /// As `SERVER`.
    pub kind: String,
    pub from_ns: u64,
    pub to_ns: u64,
    pub is_error: bool,
    /// The traces and spans that it names beside its parent.
    pub links: Vec<(String, String)>,
    attributes: Vec<(String, String)>,
    /// What the process says of itself.
    pub service: Vec<(String, String)>,
}

impl Span {
    /// An attribute, as text.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// How long it took, in milliseconds.
    #[must_use]
    pub fn took_ms(&self) -> u64 {
        (self.to_ns - self.from_ns) / 1_000_000
    }
}

#[derive(Default)]
struct State {
    spans: Mutex<Vec<Span>>,
    asked: Mutex<Vec<String>>,
    refuses: AtomicBool,
}

/// A running collector; it stops when it is dropped.
pub struct Collector {
    address: SocketAddr,
    state: Arc<State>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Collector {
    /// Collects on a free port of the loopback interface.
    ///
    /// # Panics
    /// When there is no port to listen on.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port of the loopback interface");
        listener.set_nonblocking(true).expect("a socket can be told not to block");
        let address = listener.local_addr().expect("its address");
        let state = Arc::<State>::default();
        let shared = state.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, shared) => {}
                    // A dropped sender asks for the same.
                    _ = stopped => {}
                }
            });
        });
        Self { address, state, stop: Some(stop), thread: Some(thread) }
    }

    /// Where traces are to be sent.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Whether it answers 503 from now on, and keeps nothing.
    pub fn refuse(&self, refuses: bool) {
        self.state.refuses.store(refuses, Ordering::Relaxed);
    }

    /// All that came so far.
    #[must_use]
    pub fn spans(&self) -> Vec<Span> {
        self.state.spans.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The `traceparent` of each call that was no trace's.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.state.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Those of one trace.
    #[must_use]
    pub fn trace(&self, id: &str) -> Vec<Span> {
        self.spans().into_iter().filter(|span| span.trace == id).collect()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic has been reported already.
            drop(thread.join());
        }
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let state = state.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(request, state.clone()));
            // A client that hangs up is no concern of the collector.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(request: Request<Incoming>, state: Arc<State>) -> Result<Response<Full<Bytes>>, Infallible> {
    let is_otlp = request.method() == "POST"
        && request.uri().path() == "/v1/traces"
        && request.headers().get("content-type").is_some_and(|kind| kind == "application/x-protobuf");
    if let Some(traceparent) = request.headers().get("traceparent").and_then(|value| value.to_str().ok()) {
        state.asked.lock().unwrap_or_else(PoisonError::into_inner).push(traceparent.to_owned());
    }
    let status = match request.into_body().collect().await {
        _ if state.refuses.load(Ordering::Relaxed) => StatusCode::SERVICE_UNAVAILABLE,
        Ok(body) if is_otlp => match ExportTraceServiceRequest::decode(body.to_bytes()) {
            Ok(sent) => {
                state.spans.lock().unwrap_or_else(PoisonError::into_inner).extend(read(sent));
                StatusCode::OK
            }
            Err(_) => StatusCode::BAD_REQUEST,
        },
        _ => StatusCode::BAD_REQUEST,
    };
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    Ok(response)
}

fn read(sent: ExportTraceServiceRequest) -> Vec<Span> {
    let mut spans = Vec::new();
    for of_service in sent.resource_spans {
        let resource = of_service.resource.unwrap_or_default();
        let service: Vec<_> = resource
            .attributes
            .into_iter()
            .map(|one| (one.key, text(one.value.and_then(|value| value.value))))
            .collect();
        let all = of_service.scope_spans.into_iter().flat_map(|scope| scope.spans);
        spans.extend(all.map(|span| one(span, &service)));
    }
    spans
}

fn one(span: Sent, service: &[(String, String)]) -> Span {
    let attributes = span.attributes.into_iter();
    Span {
        id: hex(&span.span_id),
        trace: hex(&span.trace_id),
        parent: hex(&span.parent_span_id),
        kind: SpanKind::try_from(span.kind).expect("a kind").as_str_name().trim_start_matches("SPAN_KIND_").to_owned(),
        from_ns: span.start_time_unix_nano,
        to_ns: span.end_time_unix_nano,
        is_error: span.status.is_some_and(|status| status.code == 2),
        links: span.links.iter().map(|link| (hex(&link.trace_id), hex(&link.span_id))).collect(),
        attributes: attributes.map(|one| (one.key, text(one.value.and_then(|value| value.value)))).collect(),
        service: service.to_vec(),
        name: span.name,
    }
}

fn text(value: Option<Value>) -> String {
    match value {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
