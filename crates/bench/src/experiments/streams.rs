//! Ten thousand open streams of places: whether a poll notices them, and what they cost in memory.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::waiting;
use crate::context::Context;
use crate::http;
use crate::load::{self, Pace, Plan, Report};
use crate::measure::{self, Spread};
use crate::process::{Program, Service};
use crate::report::{Figure, Findings, Verdict};
use crate::request::Template;
use crate::sources::{Repeat, Tokens};

const SETTINGS: [(&str, &str); 2] = [("http.streams_max", "20000"), ("http.connections_max", "30000")];
const CONNECTIONS: usize = 256;
/// As many polls as ten thousand people make who have no stream, once a second.
const CHECKS_PER_SECOND: f64 = 10_000.0;
/// How often somebody at the front leaves, so that the place of everybody else changes.
const MOVE: Duration = Duration::from_millis(200);
/// Who may leave, beside those who have a stream.
const LEAVING: u64 = 2_000;
const OPENED_PER_SECOND: f64 = 2_000.0;
/// So that what comes of opening and closing ten thousand connections is over.
const REST: Duration = Duration::from_secs(2);

/// Rounds are parted into so many.
const ROUNDS_PARTED: usize = 4;
/// Until a server that is to stand still does.
const PAUSED: Duration = Duration::from_millis(100);

const P99_RATIO_MAX: f64 = 1.2;
const BYTES_EACH_MAX: f64 = 10.0 * 1024.0;
const OPENING_P99_MS_MAX: f64 = 5.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Nobody's place changes.
    Idle,
    /// Everybody's place changes all the time: each stream is written to once a second.
    Moving,
}

pub(super) fn run(context: &Context) -> Result<Findings> {
    let count = context.sized(10_000, 1_000);
    raise_descriptors(count)?;
    let program = context.program()?;
    let [with, without] = [(); 2].map(|()| Hall::open(&program, count));
    let (with, without) = (with?, without?);
    for hall in [&with, &without] {
        measure::closed(&hall.service, CONNECTIONS, context.warm_up, &mut hall.checks())?;
    }
    let (memory, streams) = with.fill()?;
    let mut figures = vec![memory];
    for kind in [Kind::Idle, Kind::Moving] {
        figures.push(compare(context, kind, &with, &without)?);
    }
    drop(streams);
    std::thread::sleep(REST);
    figures.push(opening(context, &with)?);
    Ok(Findings { figures, ..Findings::default() })
}

/// A queue that lets nobody in. Those at its front may leave; the others may have streams.
struct Hall {
    service: Service,
    tokens: Arc<Tokens>,
    count: usize,
    /// How many have left.
    left: AtomicUsize,
}

/// Rounds of checks with all streams and with none, in turns, each while the other server stands still. They are short
/// and many: the p99 of one moment says little.
fn compare(context: &Context, kind: Kind, with: &Hall, without: &Hall) -> Result<Figure> {
    let (mut ratios, mut rounds, mut is_on_time) = (Vec::new(), Vec::new(), true);
    for pair in 0..context.pairs * ROUNDS_PARTED {
        let round = |one: &Hall, other: &Hall| {
            signal(other, Signal::SIGSTOP)?;
            std::thread::sleep(PAUSED);
            let report = one.round(kind, context.round / ROUNDS_PARTED as u32);
            signal(other, Signal::SIGCONT)?;
            report
        };
        let (full, empty) = if pair.is_multiple_of(2) {
            let full = round(with, without)?;
            (full, round(without, with)?)
        } else {
            let empty = round(without, with)?;
            (round(with, without)?, empty)
        };
        is_on_time &= full.is_on_time() && empty.is_on_time();
        ratios.push(p99_us(&full) / p99_us(&empty));
        rounds.push((p99_us(&full), p99_us(&empty)));
        crate::progress!(
            "check with {} streams, {kind:?}: p99 {:.0}/{:.0} µs",
            with.count,
            rounds[pair].0,
            rounds[pair].1
        );
    }
    let spread = Spread::of(ratios);
    let (full, empty) = (Spread::of(rounds.iter().map(|p99| p99.0)), Spread::of(rounds.iter().map(|p99| p99.1)));
    let notes = vec![format!(
        "at {CHECKS_PER_SECOND:.0}/s, {} pairs; ratios from {:.2} to {:.2}; p99 with them {:.0} µs (from {:.0} to {:.0}), \
         without {:.0} µs (from {:.0} to {:.0})",
        rounds.len(),
        spread.min,
        spread.max,
        full.median,
        full.min,
        full.max,
        empty.median,
        empty.min,
        empty.max
    )];
    let name = format!("check: p99 with {} streams, {}, to none", with.count, format!("{kind:?}").to_lowercase());
    Ok(valid_if(is_on_time, Figure::at_most(&name, spread.median, "×", P99_RATIO_MAX, notes)))
}

/// Checks while streams open: those who ask must not wait behind those who come.
fn opening(context: &Context, hall: &Hall) -> Result<Figure> {
    let (mut p99_ms, mut is_on_time) = (Vec::new(), true);
    for _ in 0..context.pairs {
        let report = std::thread::scope(|scope| {
            let streams = scope.spawn(|| hall.open_in_step());
            let pace = Pace::Open { per_second: CHECKS_PER_SECOND };
            let round = Duration::from_secs_f64(hall.count as f64 / OPENED_PER_SECOND);
            let report = load::run(&Plan::new(hall.service.address(), CONNECTIONS, pace, round), &mut hall.checks())?;
            let streams = streams.join().map_err(|_| anyhow::anyhow!("the opener panicked"))??;
            drop(streams);
            report.checked()
        })?;
        std::thread::sleep(REST);
        is_on_time &= report.is_on_time();
        crate::progress!("check while {} streams open: p99 {:.0} µs", hall.count, p99_us(&report));
        p99_ms.push(p99_us(&report) / 1e3);
    }
    let spread = Spread::of(p99_ms);
    let notes = vec![format!(
        "at {CHECKS_PER_SECOND:.0}/s, with {OPENED_PER_SECOND:.0} streams a second in bursts of {BURST}; from {:.2} to \
         {:.2} ms",
        spread.min, spread.max
    )];
    let name = format!("check: p99 while {} streams open", hall.count);
    Ok(valid_if(is_on_time, Figure::at_most(&name, spread.median, "ms", OPENING_P99_MS_MAX, notes)))
}

impl Hall {
    fn open(program: &Program, count: u64) -> Result<Self> {
        let service = waiting::service_with(program, &SETTINGS)?;
        let tokens = waiting::wait(&service, LEAVING + count)?;
        Ok(Self { service, tokens, count: count as usize, left: AtomicUsize::new(0) })
    }

    fn checks(&self) -> Repeat {
        let staying = (LEAVING as usize..self.tokens.len()).map(|index| self.tokens.get(index));
        Repeat::new(Template::check(), Arc::new(Tokens::collect(staying)), 200)
    }

    fn ask(&self, index: usize) -> Result<TcpStream> {
        ask(self.service.address(), self.tokens.get(LEAVING as usize + index))
    }

    /// Opens all streams, and says what they take.
    fn fill(&self) -> Result<(Figure, Vec<TcpStream>)> {
        self.service.settle()?;
        let before = self.service.server().resident_bytes()?;
        let mut streams = (0..self.count).map(|index| self.ask(index)).collect::<Result<Vec<_>>>()?;
        streams.iter_mut().try_for_each(is_open)?;
        std::thread::sleep(REST);
        let after = self.service.server().resident_bytes()?;
        let each = after.saturating_sub(before) as f64 / self.count as f64;
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        let notes = vec![format!("{:.1} MiB resident without, {:.1} MiB with them", mib(before), mib(after))];
        let name = format!("memory of each of {} streams", self.count);
        Ok((Figure::at_most(&name, each, "bytes", BYTES_EACH_MAX, notes), streams))
    }

    /// One round of checks, in which places change or do not.
    fn round(&self, kind: Kind, limit: Duration) -> Result<Report> {
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let moving = (kind == Kind::Moving).then(|| scope.spawn(|| self.keep_moving(&is_over)));
            let report = measure::open(&self.service, CONNECTIONS, CHECKS_PER_SECOND, limit, &mut self.checks());
            is_over.store(true, Ordering::Relaxed);
            moving.map_or(Ok(()), |moving| moving.join().map_err(|_| anyhow::anyhow!("the mover panicked"))?)?;
            report
        })
    }

    fn keep_moving(&self, is_over: &AtomicBool) -> Result<()> {
        let leave = Template::post("/v1/api/queue/token/leave", "");
        while !is_over.load(Ordering::Relaxed) {
            let next = self.left.fetch_add(1, Ordering::Relaxed);
            ensure!(next < LEAVING as usize, "all who may leave have left");
            http::call(self.service.address(), &leave.with(self.tokens.get(next)))?.success().context("leaving")?;
            std::thread::sleep(MOVE);
        }
        Ok(())
    }

    fn open_in_step(&self) -> Result<Vec<TcpStream>> {
        let began = Instant::now();
        let mut streams = Vec::with_capacity(self.count);
        for index in 0..self.count {
            if index.is_multiple_of(BURST) {
                let due = Duration::from_secs_f64(index as f64 / OPENED_PER_SECOND);
                std::thread::sleep(due.saturating_sub(began.elapsed()));
            }
            streams.push(self.ask(index)?);
        }
        Ok(streams)
    }
}

/// People come in crowds.
const BURST: usize = 100;

fn signal(hall: &Hall, signal: Signal) -> Result<()> {
    let pid = Pid::from_raw(i32::try_from(hall.service.server().pid())?);
    kill(pid, signal).with_context(|| format!("{signal} to the server"))
}

fn valid_if(is_on_time: bool, mut figure: Figure) -> Figure {
    if !is_on_time {
        figure.verdict = Verdict::Invalid;
    }
    figure
}

fn p99_us(report: &Report) -> f64 {
    report.latency_at(0.99).as_secs_f64() * 1e6
}

/// Asks for a stream. Its events stay unread in the system's buffer, which has room for more than a round of them.
fn ask(server: SocketAddr, token: &[u8]) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(server).context("connecting for a stream")?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.write_all(&Template::get("/v1/api/queue/stream", &[]).with(token))?;
    Ok(stream)
}

fn is_open(stream: &mut TcpStream) -> Result<()> {
    let mut head = [0; 2_048];
    let count = stream.read(&mut head).context("reading a stream's head")?;
    ensure!(head[..count].starts_with(b"HTTP/1.1 200"), "a stream was refused: {}", String::from_utf8_lossy(&head));
    Ok(())
}

fn raise_descriptors(streams: u64) -> Result<()> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).context("asking for the limit of open files")?;
    ensure!(hard > streams + 1_000, "{hard} open files are too few for {streams} streams; raise it with `ulimit -n`");
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).context("raising the limit of open files")
}
