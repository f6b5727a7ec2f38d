//! Ratios to a floor server, measured in one run. See docs/benchmarks.md.

mod cli;
mod cluster;
mod compare;
mod context;
mod experiments;
mod measure;
mod process;
mod progress;
mod report;
mod scale;

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Parser, ValueEnum};
use mimalloc::MiMalloc;
use onsale_loadtest::{catalog, cores, http, interrupt, load, request, sources};

use cli::{Cli, Command, RunArguments};
use experiments::Experiment;
use report::{Findings, Machine, Verdict};

// The service's allocator, so that the floor has it too.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// A figure could not be measured.
const EXIT_INVALID: u8 = 3;

fn main() -> ExitCode {
    match run() {
        Ok(Verdict::Pass) => ExitCode::SUCCESS,
        Ok(Verdict::Miss) => ExitCode::FAILURE,
        Ok(Verdict::Invalid) => ExitCode::from(EXIT_INVALID),
        Err(error) => {
            progress!("error: {error:#}");
            ExitCode::from(EXIT_INVALID)
        }
    }
}

fn run() -> Result<Verdict> {
    let cli = Cli::parse();
    match cli.command {
        Some(Command::Floor(arguments)) => process::serve_floor(&arguments).map(|()| Verdict::Pass),
        Some(Command::RowLocks(arguments)) => cluster::serve_row_locks(&arguments).map(|()| Verdict::Pass),
        Some(Command::Launch(launch)) => process::become_program(&launch).map(|()| Verdict::Pass),
        Some(Command::Cluster(arguments)) => {
            interrupt::install()?;
            cluster::run(&arguments)
        }
        Some(Command::Scale(arguments)) => {
            interrupt::install()?;
            scale::run(&arguments)
        }
        None => {
            interrupt::install()?;
            benchmark(&cli.run)
        }
    }
}

fn benchmark(arguments: &RunArguments) -> Result<Verdict> {
    let (server_cores, generator_core) = arguments.placement.clone().choose()?;
    let is_shared = server_cores.overlaps(&generator_core);
    let machine = Machine::look(server_cores.to_string(), generator_core.to_string(), is_shared);
    let context = arguments.context(server_cores)?;
    generator_core.pin()?;
    progress!("{}", machine.text());
    let findings =
        if arguments.self_test { experiments::self_test(&context)? } else { measure_all(&context, &arguments.only)? };
    if let Some(file) = &arguments.json {
        let json = serde_json::to_vec_pretty(&report::json(&machine, &findings)?)?;
        std::fs::write(file, json).with_context(|| format!("writing {}", file.display()))?;
    }
    report::write(&mut std::io::stdout(), &machine, &findings)?;
    Ok(findings.verdict())
}

/// Runs the experiments; one that fails is told, and does not keep the others from running.
fn measure_all(context: &context::Context, only: &[Experiment]) -> Result<Findings> {
    context.program()?;
    let all = if only.is_empty() { Experiment::value_variants() } else { only };
    let mut findings = Findings::default();
    for &experiment in all {
        progress!("{experiment:?}");
        match experiment.run(context) {
            Ok(found) => findings.append(found),
            Err(error) => {
                interrupt::check()?;
                progress!("{experiment:?} failed: {error:#}");
                findings
                    .failures
                    .push(report::Failure { experiment: format!("{experiment:?}"), error: format!("{error:#}") });
            }
        }
    }
    Ok(findings)
}
