//! Prints what the hot path's small parts cost: `cargo run --release -p onsale-http --example micro`.

use std::hint::black_box;
use std::time::Instant;

use http::StatusCode;
use onsale_domain::ids::{QueueId, TicketId, UserId};
use onsale_domain::time::Time;
use onsale_http::metrics::{Metrics, Outcome, Stopwatch};
use onsale_http::negotiate::Language;
use onsale_http::problem::{Code, Problem};
use onsale_http::token::{KeyRing, Secret};

const ROUNDS: u32 = 1_000_000;

#[expect(clippy::print_stdout, reason = "to print is what it is for")]
fn measure(what: &str, mut work: impl FnMut()) {
    for _ in 0..ROUNDS / 10 {
        work();
    }
    let start = Instant::now();
    for _ in 0..ROUNDS {
        work();
    }
    println!("{what}: {:.1} ns", start.elapsed().as_nanos() as f64 / f64::from(ROUNDS));
}

fn main() {
    let secret = Secret::new("a secret of at least thirty-two bytes").expect("it is long enough");
    let ring = KeyRing::new(0x5b0c_6f2d_9a1e_4c37, &secret, []);
    let ticket = TicketId { queue: QueueId(0), number: 123_456 };
    let sign = || ring.sign(ring.current(), ticket, UserId(1_234_567), Time(1_764_000_000_000));
    let token = sign();
    measure("token verify", || {
        let _ = black_box(ring.verify(black_box(&token)));
    });
    measure("token sign", || drop(black_box(sign())));
    let recorder = Metrics::new(&["/"]).recorder();
    measure("metrics, with both reads of the clock", || {
        let stopwatch = Stopwatch::start();
        recorder.record(black_box(0), Outcome::Status(StatusCode::OK), &stopwatch);
    });
    measure("problem, rendered before", || {
        drop(black_box(Problem::new(Code::SeatNotAvailable).response(Language::En)));
    });
}
