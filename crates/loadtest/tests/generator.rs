//! The generator tells what a server was like, and when it was itself to blame.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use onsale_loadtest::endpoint::Endpoint;
use onsale_loadtest::http;
use onsale_loadtest::load::{self, Losses, Next, Pace, Plan, Reply, Report, Source};
use onsale_loadtest::measure;
use onsale_loadtest::request::Template;
use onsale_loadtest::sources::Steady;
use socket2::{Domain, Socket, Type};

const REPLY: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 33\r\n\r\n{\"resultType\":\"SUCCESS\",\"data\":1}";

/// A server that answers at once, after `delay`, or not before `paused` is over.
struct Server {
    address: SocketAddr,
    paused: Arc<AtomicBool>,
}

impl Server {
    fn start(delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let paused = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&paused);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let paused = Arc::clone(&asked);
                std::thread::spawn(move || answer(client.unwrap(), delay, &paused));
            }
        });
        Self { address, paused }
    }
}

fn answer(mut client: TcpStream, delay: Duration, paused: &AtomicBool) {
    client.set_nodelay(true).unwrap();
    let mut buffer = [0; 1_024];
    while client.read(&mut buffer).is_ok_and(|count| count > 0) {
        while paused.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(delay);
        if client.write_all(REPLY).is_err() {
            return;
        }
    }
}

fn get(out: &mut Vec<u8>) {
    out.extend_from_slice(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

fn run(server: &Server, pace: Pace, seconds: f64, source: &mut dyn Source) -> Report {
    let plan = Plan {
        losses: Losses::Count { reply_max: Duration::from_secs(10) },
        ..Plan::new(server.address, 8, pace, Duration::from_secs_f64(seconds))
    };
    load::run(&plan, source).unwrap()
}

const OPEN: Pace = Pace::Open { per_second: 200.0 };

/// The server stands still for a third of the run.
fn with_a_pause(pace: Pace) -> Report {
    let server = Server::start(Duration::ZERO);
    let paused = Arc::clone(&server.paused);
    let pause = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(500));
        paused.store(true, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(500));
        paused.store(false, Ordering::SeqCst);
    });
    let report = run(&server, pace, 1.5, &mut Steady::new(get));
    pause.join().unwrap();
    report
}

/// Eight connections bear sixteen a second there: everybody else who came was not served, though no answer was wrong.
#[test]
fn arrivals_that_were_due_and_never_sent_have_failed() {
    let server = Server::start(Duration::from_millis(500));
    let report = run(&server, OPEN, 1.0, &mut Steady::new(get));
    assert_eq!((report.sent + report.unsent, report.unexpected + report.lost), (200, 0));
    assert!(report.unsent >= 150 && report.failed() == report.unsent, "{} were never sent", report.unsent);
    assert!(report.first_failure.as_ref().unwrap().contains("never sent"), "{:?}", report.first_failure);
    assert!(report.checked().is_err());
    // A source that has no more to send owes nothing.
    let report = run(&server, OPEN, 1.0, &mut Steady::new(get).times(10));
    assert_eq!((report.sent, report.unsent), (10, 0));
}

#[test]
fn a_paused_server_shows_for_everybody_who_came_meanwhile() {
    let report = with_a_pause(OPEN);
    // Who came in the first half of the pause waited for the second half at least.
    assert!(report.latency_at(0.84) >= Duration::from_millis(200), "p84 {:?}", report.latency_at(0.84));
    assert!(report.latency_at(0.99) >= Duration::from_millis(400), "p99 {:?}", report.latency_at(0.99));
    assert_eq!(report.sent, 300, "arrivals follow their schedule, whatever the server does");
}

#[test]
fn a_slow_server_shows_as_what_it_is() {
    let delay = Duration::from_millis(100);
    let report = run(&Server::start(delay), Pace::Open { per_second: 40.0 }, 1.0, &mut Steady::new(get));
    assert!(report.latency_at(0.01) >= delay, "p1 {:?}", report.latency_at(0.01));
    assert_eq!(report.failed(), 0);
}

#[test]
fn a_server_that_is_too_slow_is_not_the_generators_fault() {
    // 8 connections of 100 ms each are 80 requests per second, and 200 are asked for.
    let server = Server::start(Duration::from_millis(100));
    let mut tries = (0..5).map(|_| {
        let report = run(&server, OPEN, 1.0, &mut Steady::new(get));
        assert!(report.latency_at(0.99) >= Duration::from_millis(500), "p99 {:?}", report.latency_at(0.99));
        report
    });
    // A machine that has other things to do delays the generator, too: each of the tries may be one of those.
    assert!(tries.any(|report| report.is_on_time()), "the server's delay counts as the generator's each time");
}

/// A generator that is kept from its work.
struct Starved;

impl Source for Starved {
    fn next(&mut self, _slot: usize, _now: Instant, out: &mut Vec<u8>) -> Next {
        std::thread::sleep(Duration::from_millis(20));
        get(out);
        Next::Send
    }

    fn reply(&mut self, _slot: usize, _now: Instant, reply: &Reply<'_>) -> bool {
        reply.is_success()
    }
}

#[test]
fn a_starved_generator_says_so() {
    let report = run(&Server::start(Duration::ZERO), OPEN, 1.0, &mut Starved);
    assert!(!report.is_on_time(), "p99 of the lag is {:?}", report.lag_p99());
}

/// Keeps when it was told that the time starts, and when it was first asked.
#[derive(Default)]
struct Begun {
    begun: Vec<Instant>,
    first: Option<Instant>,
}

impl Source for Begun {
    fn begin(&mut self, now: Instant) {
        self.begun.push(now);
    }

    fn next(&mut self, _slot: usize, now: Instant, out: &mut Vec<u8>) -> Next {
        self.first.get_or_insert(now);
        get(out);
        Next::Send
    }

    fn reply(&mut self, _slot: usize, _now: Instant, reply: &Reply<'_>) -> bool {
        reply.is_success()
    }
}

/// A listener with room for one connection that nobody has accepted.
fn without_a_queue() -> (TcpListener, SocketAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    socket.listen(0).unwrap();
    let listener = TcpListener::from(socket);
    let address = listener.local_addr().unwrap();
    (listener, address)
}

#[test]
fn the_time_starts_when_all_connections_are_open() {
    // The queue of connections that nobody accepts is full, and connecting takes as long as the kernel tries again.
    let (listener, address) = without_a_queue();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(500));
        for client in listener.incoming() {
            std::thread::spawn(move || answer(client.unwrap(), Duration::ZERO, &AtomicBool::new(false)));
        }
    });
    let (started, mut source) = (Instant::now(), Begun::default());
    let report = load::run(&Plan::new(address, 3, OPEN, Duration::from_millis(200)), &mut source).unwrap();
    let [begun] = source.begun[..] else { panic!("told {} times", source.begun.len()) };
    assert!(begun - started >= Duration::from_millis(500), "after {:?}", begun - started);
    assert!(source.first.unwrap() >= begun && report.completed > 0);
    assert!(report.latency_at(0.99) < Duration::from_millis(500), "connecting is in no latency");
}

/// Answers with the request, as the text of a success.
fn echo(listener: &TcpListener) {
    let (mut client, _) = listener.accept().unwrap();
    let mut buffer = [0; 1_024];
    while let Ok(count @ 1..) = client.read(&mut buffer) {
        let body = format!("{{\"resultType\":\"SUCCESS\",\"data\":{:?}}}", String::from_utf8_lossy(&buffer[..count]));
        write!(client, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    }
}

#[test]
fn requests_bear_the_name_that_the_url_has() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    std::thread::spawn(move || echo(&listener));
    let endpoint = Endpoint::parse(&url, None).unwrap();
    let reply = http::call(&endpoint, &Template::check().with(b"token")).unwrap();
    let (text, name) = (String::from_utf8(reply.body).unwrap(), url.trim_start_matches("http://"));
    assert!(text.contains(&format!("Host: {name}\\r\\n")) && text.contains("Authorization: token"), "{text}");
}

#[test]
fn a_connection_that_is_lost_is_a_failure_and_opened_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let mut buffer = [0; 1_024];
            // One answer, and the second request is left without any.
            if client.read(&mut buffer).is_ok_and(|count| count > 0) {
                client.write_all(REPLY).unwrap();
                let second = client.read(&mut buffer);
                drop(second);
            }
        }
    });
    let plan = Plan {
        losses: Losses::Count { reply_max: Duration::from_secs(5) },
        ..Plan::new(address, 1, OPEN, Duration::from_millis(500))
    };
    let report = load::run(&plan, &mut Steady::new(get)).unwrap();
    assert!(report.lost > 0 && report.completed > 1, "{} lost, {} answered", report.lost, report.completed);
    assert!(report.first_failure.is_some());
}

#[test]
fn those_who_are_served_do_not_wait_for_one_that_cannot_be_opened_again() {
    // One connection is served, the other is not; and then nobody gets in any more.
    let (listener, address) = without_a_queue();
    std::thread::spawn(move || {
        let (served, _) = listener.accept().unwrap();
        let (silent, _) = listener.accept().unwrap();
        let answering = std::thread::spawn(move || answer(served, Duration::ZERO, &AtomicBool::new(false)));
        let filled: Vec<_> = (0..4).map(|_| TcpStream::connect_timeout(&address, Duration::from_millis(50))).collect();
        answering.join().unwrap();
        drop((silent, filled, listener));
    });
    let plan = Plan {
        losses: Losses::Count { reply_max: Duration::from_millis(500) },
        ..Plan::new(address, 2, Pace::Open { per_second: 200.0 }, Duration::from_secs(2))
    };
    let report = load::run(&plan, &mut Steady::new(get)).unwrap();
    // Connecting in vain takes longer than the whole run.
    let (lost, completed) = (report.lost, report.completed);
    assert!(lost == 1 && completed > 200, "{lost} lost, {completed} answered");
}

#[test]
fn a_success_that_says_nothing_of_the_kind_is_counted_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let mut buffer = [0; 1_024];
            while client.read(&mut buffer).is_ok_and(|count| count > 0) {
                let body = br#"{"resultType":"FAIL","code":"X"}"#;
                write!(client, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).unwrap();
                client.write_all(body).unwrap();
            }
        }
    });
    let plan = Plan::new(address, 1, OPEN, Duration::from_millis(100));
    let report = load::run(&plan, &mut Steady::new(get)).unwrap();
    assert!(report.hidden > 0 && report.hidden == report.completed);
}

/// What sets a state up and comes to no end ends all the same, and is told apart from what came to its end.
#[test]
fn what_has_a_limit_of_time_does_not_outlast_it() {
    let server = Server::start(Duration::from_millis(5));
    let mut sent = 0;
    let mut few = Steady::new(get).times(3);
    assert!(measure::within(server.address, &mut few, Duration::from_secs(60)).unwrap());
    let mut endless = Steady::new(|out: &mut Vec<u8>| {
        sent += 1;
        get(out);
    });
    assert!(!measure::within(server.address, &mut endless, Duration::from_millis(50)).unwrap());
    assert!(sent > 0);
}
