//! `onsale loadtest`.

mod instead;
mod progress;

use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use anyhow::Context as _;
use onsale_loadtest::endpoint::{Authorities, Endpoint, Unusable};
use onsale_loadtest::profile::{self, Profile};
use onsale_loadtest::report::Report;
use onsale_loadtest::run::{Options, Target};
use onsale_loadtest::{html, interrupt, plan, run, summary};

use crate::cli;
use crate::failure::{self, USAGE};

use super::output;

/// The run could not be carried out: the kernel tells nothing of the machine, or the report cannot be written.
const INVALID: u8 = 3;

pub(super) fn run(arguments: &cli::LoadTest) -> anyhow::Result<ExitCode> {
    if let Some(instead) = &arguments.instead {
        return instead::run(instead);
    }
    match carry_out(arguments) {
        Ok(report) => Ok(ExitCode::from(report.verdict.exit_status)),
        Err(error) => {
            eprintln!("{}", failure::describe(&error));
            let is_usage = error
                .chain()
                .any(|cause| cause.is::<plan::Error>() || cause.is::<Unusable>() || cause.is::<profile::Error>());
            Ok(ExitCode::from(if is_usage { USAGE } else { INVALID }))
        }
    }
}

fn carry_out(arguments: &cli::LoadTest) -> anyhow::Result<Report> {
    let plan = plan::load(arguments.plan.as_deref(), arguments.quick, arguments.seed)?;
    let target = match &arguments.target {
        Some(url) => {
            let profile = arguments.profile.as_deref().map(Profile::load).transpose()?.map(Arc::new);
            profile.as_ref().map_or(Ok(()), |profile| profile.allow(arguments.allow_commands))?;
            let authorities = arguments.ca.as_deref().map(Authorities::of_file).transpose()?;
            let endpoint = |url: &String| Endpoint::parse(url, authorities.as_ref());
            let nodes = arguments.nodes.iter().map(endpoint).collect::<Result<_, _>>()?;
            Target::Running { endpoint: endpoint(url)?, nodes, profile }
        }
        None => Target::Own { program: std::env::current_exe().context("finding the own executable")? },
    };
    let cores = arguments.cores.clone();
    if arguments.target.is_some() && cores.as_ref().is_some_and(|cores| cores.server.is_some()) {
        let problem = "the server of --target is not ours to be pinned; give the generator's cores alone";
        return Err(Unusable::new("--cores", problem).into());
    }
    interrupt::install()?;
    let (quick, only) = (arguments.quick, arguments.only.clone());
    let options = Options {
        plan,
        quick,
        target,
        only,
        promises: OnceLock::new(),
        cores,
        allow_commands: arguments.allow_commands,
    };
    let mut progress = progress::Bar::new()?;
    let report = run::run(&options, &mut progress)?;
    progress.finish();
    if report.is_empty() {
        put_aside(&arguments.report)?;
    }
    write(&report, &arguments.report)?;
    let mut text = Vec::new();
    summary::write(&mut text, &report)?;
    output::print(&String::from_utf8_lossy(&text))?;
    output::print(&format!("report: {}\n", arguments.report.join("index.html").display()))?;
    Ok(report)
}

/// An earlier run's report is worth more than one that has nothing in it, so it is not written over.
fn put_aside(directory: &Path) -> anyhow::Result<()> {
    for (name, aside) in [("report.json", "previous.json"), ("index.html", "previous.html")] {
        let (from, to) = (directory.join(name), directory.join(aside));
        if from.exists() {
            std::fs::rename(&from, &to).with_context(|| format!("{} cannot be put aside", from.display()))?;
            eprintln!("the earlier {} is now {}", from.display(), to.display());
        }
    }
    Ok(())
}

fn write(report: &Report, directory: &Path) -> anyhow::Result<()> {
    let failed = || format!("the report cannot be written to {}", directory.display());
    std::fs::create_dir_all(directory).with_context(failed)?;
    std::fs::write(directory.join("report.json"), report.to_json()?).with_context(failed)?;
    std::fs::write(directory.join("index.html"), html::render(report)).with_context(failed)
}
