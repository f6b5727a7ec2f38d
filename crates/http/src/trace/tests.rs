use std::net::Ipv4Addr;

use http::{Request, StatusCode};
use opentelemetry::trace::{SpanKind, Status};

use super::*;

const CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7";
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 7));
const BUYER: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));

fn settings(sample: f64) -> Settings {
    Settings { sample, slow: None, callers: Callers::Proxies, proxies: vec![PROXY] }
}

fn begin(tracer: &Arc<Tracer>, traceparent: &[&str], peer: IpAddr) -> Arc<Trace> {
    let mut request = Request::get("/v1/api/user/amount?x=1");
    for value in traceparent {
        request = request.header(TRACEPARENT, *value);
    }
    Trace::begin(tracer, &request.body(()).expect("a request").into_parts().0, peer)
}

const OK: Ended<'static> = Ended { route: Some("/v1/api/user/amount"), status: StatusCode::OK, code: None };

#[test]
fn a_caller_who_is_trusted_decides_and_the_share_elsewhere() {
    let (nobody, _kept) = Tracer::new(settings(0.0));
    let (everybody, _kept) = Tracer::new(settings(1.0));
    let (yes, no) = (format!("{CALLER}-01"), format!("{CALLER}-00"));
    for (tracer, given, peer, is_kept, is_part) in [
        (&nobody, vec![], HERE, false, false),
        (&everybody, vec![], HERE, true, false),
        (&nobody, vec![&*yes], HERE, true, true),
        (&nobody, vec![&*yes], PROXY, true, true),
        (&nobody, vec![&*yes], BUYER, false, false),
        (&everybody, vec![&*no], PROXY, false, true),
        (&everybody, vec![&*no], BUYER, true, false),
        // What is none, and of two nobody knows which, begins a new one.
        (&nobody, vec!["00-0-0-01"], HERE, false, false),
        (&nobody, vec![&*yes, &*yes], HERE, false, false),
    ] {
        let trace = begin(tracer, &given, peer);
        assert_eq!(trace.id().to_string() == CALLER[3..35], is_part, "{given:?} {peer}");
        assert_eq!(trace.end(&OK), is_kept, "{given:?} {peer}");
    }
    for (callers, is_kept) in [(Callers::All, true), (Callers::Nobody, false)] {
        let (tracer, _kept) = Tracer::new(Settings { callers, ..settings(0.0) });
        assert_eq!(begin(&tracer, &[&yes], BUYER).end(&OK), is_kept);
    }
}

#[test]
fn what_is_slow_and_what_the_log_tells_of_is_kept_and_so_is_who_went_away() {
    let slow = Some(Duration::from_millis(1));
    let (tracer, kept) = Tracer::new(Settings { slow, ..settings(0.0) });
    let trace = begin(&tracer, &[], HERE);
    std::thread::sleep(Duration::from_millis(2));
    drop(trace);
    let [span] = <[SpanData; 1]>::try_from(kept.try_recv().expect("it is kept")).expect("one span");
    assert!(matches!(span.status, Status::Error { .. }) && span.name == "GET", "{span:?}");

    let (tracer, kept) = Tracer::new(settings(0.0));
    let trace = begin(&tracer, &[], HERE);
    trace.tell();
    assert!(trace.end(&Ended { status: StatusCode::SERVICE_UNAVAILABLE, code: Some("OVERLOADED"), ..OK }));
    assert!(!trace.end(&OK), "it ends once");
    drop(trace);
    let [span] = <[SpanData; 1]>::try_from(kept.try_recv().expect("it is kept")).expect("one span");
    assert_eq!((&*span.name, span.span_kind.clone()), ("GET /v1/api/user/amount", SpanKind::Server));
    let has = |key: &str, value: &str| {
        span.attributes.iter().any(|one| one.key.as_str() == key && one.value.as_str() == value)
    };
    assert!(has("onsale.kept", "told") && has("onsale.code", "OVERLOADED") && has("url.path", "/v1/api/user/amount"));
    assert!(kept.try_recv().is_err(), "nothing else is");
}

#[test]
fn nobody_waits_for_room() {
    let (tracer, kept) = Tracer::new(settings(1.0));
    for _ in 0..WAITING_MAX + 3 {
        assert!(begin(&tracer, &[], HERE).end(&OK));
    }
    assert_eq!(tracer.counts.dropped.load(Relaxed), 3);
    assert_eq!(kept.try_iter().count(), WAITING_MAX);
}

#[tokio::test]
async fn whoever_is_called_hears_of_the_trace_and_the_call_is_part_of_it() {
    let (tracer, kept) = Tracer::new(settings(0.0));
    let call = |request: Request<()>| {
        let told = request.headers()[TRACEPARENT].to_str().expect("text").to_owned();
        assert!(!request.headers().contains_key("tracestate"));
        Ok::<_, String>(told)
    };
    let request = || Request::get("https://id.example:8443/secret?code=1").body(()).expect("a request");
    let told = calling(Some(&tracer), "keys", request(), call, |_| 200).expect("it is called");
    assert!(told.ends_with("-00") && kept.try_recv().is_err(), "nobody wants it: {told}");
    assert_eq!(calling(None, "keys", request(), |request| Ok::<_, String>(request.headers().len()), |_| 200), Ok(0));

    let trace = begin(&tracer, &[&format!("{CALLER}-01")], HERE);
    let mut carried = request();
    request::TRACE.scope(trace.clone(), async { carry(&mut carried) }).await;
    let told = std::thread::spawn({
        let tracer = tracer.clone();
        move || calling(Some(&tracer), "keys", carried, call, |_| 503)
    });
    let told = told.join().expect("it ends").expect("it is called");
    assert!(told.starts_with(&CALLER[..36]) && told.ends_with("-01"), "{told}");
    trace.end(&OK);
    let spans = kept.try_recv().expect("it is kept");
    let [server, client] = &spans[..] else { panic!("{spans:?}") };
    assert_eq!(client.parent_span_id, server.span_context.span_id());
    assert_eq!(told[36..52], client.span_context.span_id().to_string());
    assert!(matches!(client.status, Status::Error { .. }) && client.span_kind == SpanKind::Client);
    assert!(!format!("{client:?}").contains("secret"), "the address is nobody's concern: {client:?}");
}
