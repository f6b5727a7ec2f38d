//! Our generator beside k6 and wrk: the same endpoint, the same server, the same core, in turns in one run.
//!
//! k6 and ours send at one constant rate, so their latencies can be compared. wrk has no rate: it and ours go as fast
//! as answers come, over the same number of connections, so their CPU time per request can.

mod foreign;
mod table;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

use crate::cli::Placement;
use crate::context::Context;
use crate::experiments::inside;
use crate::load::{self, Pace};
use crate::process::Service;
use crate::report::{Machine, Verdict};
use crate::request::Template;
use crate::sources::{Repeat, Tokens};

const PATH: &str = "/v1/api/concerts/schedule";
const SCHEDULES: u64 = 12;
const SEATS: u64 = 50;
const USERS: u64 = 20;
/// The users of k6, which asks for their tokens itself.
const K6_FIRST_USER: u64 = 1_000_000;

/// What to compare with, and for how long.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The k6 program.
    #[arg(long, default_value = "target/venv/bin/k6")]
    k6: PathBuf,
    /// The directory of the k6 scripts.
    #[arg(long, default_value = "loadtest/k6")]
    scripts: PathBuf,
    /// The wrk program.
    #[arg(long, default_value = "wrk")]
    wrk: PathBuf,
    /// The constant rate of ours and of k6, requests per second: low enough for k6 to use under half a core.
    #[arg(long, value_name = "N", default_value_t = 400)]
    rate: u32,
    /// Connections of ours and of wrk at full speed.
    #[arg(long, value_name = "N", default_value_t = 64)]
    connections: usize,
    /// Seconds of each turn.
    #[arg(long, value_name = "S", default_value_t = 4)]
    seconds: u32,
    /// Turns of each.
    #[arg(long, value_name = "N", default_value_t = 3)]
    rounds: usize,
    #[command(flatten)]
    placement: Placement,
}

/// What a generator found and what it took.
#[derive(Clone, Copy, Debug)]
struct Turn {
    completed: u64,
    /// Arrivals that were not made.
    dropped: u64,
    wall: Duration,
    /// The generator's own.
    cpu: Duration,
    p50_ms: f64,
    p99_ms: f64,
}

impl Turn {
    fn cores(&self) -> f64 {
        self.cpu.as_secs_f64() / self.wall.as_secs_f64().max(f64::MIN_POSITIVE)
    }

    fn cpu_us_per_request(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.completed.max(1) as f64
    }

    fn per_second(&self) -> f64 {
        self.completed as f64 / self.wall.as_secs_f64().max(f64::MIN_POSITIVE)
    }
}

/// All turns of all of them.
#[derive(Debug, Default)]
struct Turns {
    paced: Vec<Turn>,
    k6: Vec<Turn>,
    full: Vec<Turn>,
    wrk: Vec<Turn>,
}

/// Runs all of them in turns and prints what they came to.
///
/// # Errors
/// When one of them cannot be run or its output is not understood.
pub(crate) fn run(arguments: &Arguments) -> Result<Verdict> {
    ensure!((1..=20).contains(&arguments.rounds), "--rounds must be from 1 to 20");
    ensure!((1..=60).contains(&arguments.seconds), "--seconds must be from 1 to 60");
    let (server_cores, generator_core) = arguments.placement.clone().choose()?;
    let is_shared = server_cores.overlaps(&generator_core);
    let machine = Machine::look(server_cores.to_string(), generator_core.to_string(), is_shared);
    let length = Duration::from_secs(arguments.seconds.into());
    let context = Context {
        server_cores,
        pairs: arguments.rounds,
        round: length,
        warm_up: Duration::from_secs(1),
        is_quick: false,
    };
    let service = inside::service(&context, SCHEDULES, SEATS)?;
    let tokens = inside::admit(&service, 1, USERS)?;
    // What is started from here on runs where this runs.
    generator_core.pin()?;
    full(&service, &tokens, arguments.connections, context.warm_up)?;
    let mut turns = Turns::default();
    for round in 1..=arguments.rounds {
        crate::progress!("round {round} of {}", arguments.rounds);
        turns.paced.push(paced(&service, &tokens, arguments, length)?);
        turns.k6.push(foreign::k6(&service, arguments)?);
        turns.full.push(full(&service, &tokens, arguments.connections, length)?);
        turns.wrk.push(foreign::wrk(&service, &tokens, arguments)?);
    }
    table::write(&mut std::io::stdout(), &machine, arguments, &turns)
}

fn source(tokens: &Arc<Tokens>) -> Repeat {
    Repeat::new(Template::get(PATH, &[]), Arc::clone(tokens), 200)
}

/// Ours, at the constant rate.
fn paced(service: &Service, tokens: &Arc<Tokens>, arguments: &Arguments, length: Duration) -> Result<Turn> {
    // As in the load test itself: a timer wakes it, which costs less than burning the core between arrivals.
    let pace = Pace::Open { per_second: arguments.rate.into() };
    ours(|| send(service, tokens, arguments.connections, pace, length))
}

/// Ours, as fast as answers come.
fn full(service: &Service, tokens: &Arc<Tokens>, connections: usize, length: Duration) -> Result<Turn> {
    ours(|| send(service, tokens, connections, Pace::Closed, length))
}

fn send(
    service: &Service,
    tokens: &Arc<Tokens>,
    connections: usize,
    pace: Pace,
    length: Duration,
) -> Result<load::Report> {
    let plan = load::Plan::new(service.address(), connections, pace, length);
    load::run(&plan, &mut source(tokens))?.checked()
}

fn ours(work: impl FnOnce() -> Result<load::Report>) -> Result<Turn> {
    let before = cpu(UsageWho::RUSAGE_SELF)?;
    let report = work()?;
    let millis = |quantile| report.latency.value_at_quantile(quantile) as f64 / 1e6;
    Ok(Turn {
        completed: report.completed,
        dropped: report.lost,
        wall: report.elapsed,
        cpu: cpu(UsageWho::RUSAGE_SELF)?.saturating_sub(before),
        p50_ms: millis(0.5),
        p99_ms: millis(0.99),
    })
}

/// User and system time, of this process or of those that it has waited for.
fn cpu(who: UsageWho) -> Result<Duration> {
    let usage = getrusage(who).context("the CPU time of a generator")?;
    let time = |value: TimeVal| {
        Duration::new(u64::try_from(value.tv_sec()).unwrap_or(0), u32::try_from(value.tv_usec()).unwrap_or(0) * 1_000)
    };
    Ok(time(usage.user_time()) + time(usage.system_time()))
}
