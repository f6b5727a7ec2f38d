//! `onsale-sim`: plays seeds, or one plan, and says what does not hold.

#![allow(clippy::print_stdout, reason = "what it finds is what it prints")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::Parser;
use onsale_sim::{Check, Failure, Marks, Plan, Run, run, shrink};

/// Plays nodes, people and a database in a time of their own, and checks what people are told.
#[derive(Debug, Parser)]
struct Arguments {
    /// One seed.
    #[arg(long, group = "what")]
    seed: Option<u64>,
    /// Seeds from the first on, before the second: 0..2000.
    #[arg(long, group = "what", value_name = "A..B", value_parser = range)]
    seeds: Option<(u64, u64)>,
    /// For so long, seeds that nobody has played yet.
    #[arg(long, group = "what")]
    seconds: Option<u64>,
    /// So many seeds at once.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=64))]
    jobs: u64,
    /// A plan from a file.
    #[arg(long, group = "what")]
    plan: Option<PathBuf>,
    /// Tells what happens, a line each, on standard error.
    #[arg(long)]
    trace: bool,
    /// Writes the plan of a seed to a file, and plays nothing.
    #[arg(long, requires = "seed")]
    write: Option<PathBuf>,
    /// Makes the plan of what is found smaller, as long as the same check fails, and writes it to a file.
    #[arg(long, value_name = "FILE")]
    shrink: Option<PathBuf>,
    /// Fails where something is not reached that must be in a long run, and shows how often each was.
    #[arg(long)]
    marks: bool,
}

/// One seed in so many is played twice, and must come to the same.
const TWICE: u64 = 50;

fn range(text: &str) -> Result<(u64, u64), String> {
    let (first, end) = text.split_once("..").ok_or("a range is written A..B")?;
    let number = |text: &str| text.trim().parse().map_err(|_| format!("{text:?} is not a number"));
    Ok((number(first)?, number(end)?))
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    if !arguments.trace {
        // A panic is a finding, which is told with its seed.
        std::panic::set_hook(Box::new(|_| ()));
    }
    if let Some(path) = &arguments.plan {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let plan: Plan = toml::from_str(&text).with_context(|| path.display().to_string())?;
        let run = run(&plan, arguments.trace);
        write_smaller(&arguments, &plan, run.failure.as_ref())?;
        return Ok(judge(&format!("plan {}", path.display()), run.failure.as_ref()));
    }
    if let (Some(path), Some(seed)) = (&arguments.write, arguments.seed) {
        std::fs::write(path, toml::to_string(&Plan::draw(seed))?).with_context(|| path.display().to_string())?;
        return Ok(ExitCode::SUCCESS);
    }
    play(&arguments)
}

fn play(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    let within = arguments.seconds.map(Duration::from_secs);
    let (first, end) = match (arguments.seed, arguments.seeds) {
        (Some(seed), _) => (seed, seed.saturating_add(1)),
        (None, Some(seeds)) => seeds,
        (None, None) => (rand::random::<u64>() >> 16, u64::MAX),
    };
    ensure!(within.is_some() || end < u64::MAX, "say what to play: --seed, --seeds, --seconds or --plan");
    let jobs =
        Jobs { next: AtomicU64::new(first), end: AtomicU64::new(end), until: within.map(|within| began + within) };
    let played = thread::scope(|scope| {
        let job = || scope.spawn(|| jobs.play(arguments.trace));
        let jobs: Vec<_> = (0..arguments.jobs).map(|_| job()).collect();
        jobs.into_iter().map(|job| job.join().expect("a panic in a run is caught")).collect::<Vec<_>>()
    });
    let total = played.into_iter().reduce(Total::and).unwrap_or_default();
    // Of several it is the first seed that is told, as one job alone would have it.
    if let Some((seed, failure)) = &total.found {
        let code = judge(&format!("seed {seed}"), Some(failure));
        write_smaller(arguments, &Plan::draw(*seed), Some(failure))?;
        return Ok(code);
    }
    let end = first + total.seeds;
    let took = began.elapsed().as_secs_f64();
    println!(
        "seeds {first}..{end}: nothing found in {} simulated seconds with {} entries; {:.1} seeds a second",
        total.simulated.as_secs(),
        total.entries,
        total.seeds as f64 / took
    );
    if arguments.marks {
        print!("{}", total.marks);
        let missed = total.marks.missed();
        if !missed.is_empty() {
            println!("never reached: {}", missed.join("; "));
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn play_seed(seed: u64, is_traced: bool) -> Run {
    let plan = Plan::draw(seed);
    let mut outcome = run(&plan, is_traced);
    if seed.is_multiple_of(TWICE) && outcome.failure.is_none() && run(&plan, false).hash != outcome.hash {
        let text = "the same seed gave another run".to_owned();
        outcome.failure = Some(Failure { check: Check::Repeats, text });
    }
    outcome
}

fn write_smaller(arguments: &Arguments, plan: &Plan, failure: Option<&Failure>) -> anyhow::Result<()> {
    let (Some(path), Some(failure)) = (&arguments.shrink, failure) else { return Ok(()) };
    let smaller = shrink(plan, failure.check);
    std::fs::write(path, toml::to_string(&smaller)?).with_context(|| path.display().to_string())?;
    let (faults, people) = (smaller.faults.len(), smaller.people.len());
    println!("smaller: {faults} faults and {people} people, in {}", path.display());
    Ok(())
}

/// What several threads play together.
struct Jobs {
    next: AtomicU64,
    /// Before which seed all is to be played that there is to play. It falls to the first that something is found at.
    end: AtomicU64,
    until: Option<Instant>,
}

impl Jobs {
    fn play(&self, is_traced: bool) -> Total {
        let mut total = Total::default();
        while self.until.is_none_or(|until| Instant::now() < until) {
            let seed = self.next.fetch_add(1, Ordering::Relaxed);
            if seed >= self.end.load(Ordering::Relaxed) {
                break;
            }
            let run = play_seed(seed, is_traced);
            total.add(&run);
            if let Some(failure) = run.failure {
                self.end.fetch_min(seed, Ordering::Relaxed);
                total.found = Some((seed, failure));
                break;
            }
        }
        total
    }
}

#[derive(Default)]
struct Total {
    seeds: u64,
    simulated: Duration,
    entries: u64,
    marks: Marks,
    /// The first seed that something is found at, and what.
    found: Option<(u64, Failure)>,
}

impl Total {
    fn add(&mut self, run: &Run) {
        self.seeds += 1;
        self.simulated += run.simulated;
        self.entries += run.entries;
        self.marks.add(&run.marks);
    }

    fn and(mut self, other: Self) -> Self {
        self.seeds += other.seeds;
        self.simulated += other.simulated;
        self.entries += other.entries;
        self.marks.add(&other.marks);
        let found = self.found.into_iter().chain(other.found);
        Self { found: found.min_by_key(|(seed, _)| *seed), ..self }
    }
}

fn judge(what: &str, failure: Option<&Failure>) -> ExitCode {
    let Some(Failure { check, text }) = failure else {
        println!("{what}: nothing found");
        return ExitCode::SUCCESS;
    };
    println!("{check}: {what}: {text}");
    if let Some(seed) = what.strip_prefix("seed ") {
        println!("again: cargo run --release -p onsale-sim -- --seed {seed} --trace");
    }
    ExitCode::FAILURE
}
