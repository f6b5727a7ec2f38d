//! `onsale-sim`: plays seeds, or one plan, and says what does not hold.

#![allow(clippy::print_stdout, reason = "what it finds is what it prints")]

use std::path::PathBuf;
use std::process::ExitCode;
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
    let (mut total, mut played) = (Total::default(), first);
    while played < end && within.is_none_or(|within| began.elapsed() < within) {
        let outcome = play_seed(played, arguments.trace);
        if let Some(failure) = &outcome.failure {
            let code = judge(&format!("seed {played}"), Some(failure));
            write_smaller(arguments, &Plan::draw(played), Some(failure))?;
            return Ok(code);
        }
        total.add(&outcome);
        played += 1;
    }
    let took = began.elapsed().as_secs_f64();
    println!(
        "seeds {first}..{played}: nothing found in {} simulated seconds with {} entries; {:.1} seeds a second",
        total.simulated.as_secs(),
        total.entries,
        (played - first) as f64 / took
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

#[derive(Default)]
struct Total {
    simulated: Duration,
    entries: u64,
    marks: Marks,
}

impl Total {
    fn add(&mut self, run: &Run) {
        self.simulated += run.simulated;
        self.entries += run.entries;
        self.marks.add(&run.marks);
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
