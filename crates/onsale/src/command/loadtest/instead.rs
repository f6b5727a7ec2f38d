//! What is done with plans and reports, without any load.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use onsale_loadtest::compare::Comparison;
use onsale_loadtest::report::Report;
use onsale_loadtest::{html, plan};

use crate::cli::InsteadOfLoad;
use crate::command::output;
use crate::failure::{self, FAILED, USAGE};

pub(super) fn run(instead: &InsteadOfLoad) -> anyhow::Result<ExitCode> {
    let result = match instead {
        InsteadOfLoad::Compare { before, after, worse_max } => compare(before, after, *worse_max),
        InsteadOfLoad::Render { report, output } => render(report, output),
        InsteadOfLoad::Plan { plan, quick, json } => print_plan(plan.as_deref(), *quick, *json),
    };
    // A file that cannot be used is the only thing that goes wrong here, and it was named on the command line.
    Ok(result.unwrap_or_else(|error| {
        eprintln!("{}", failure::describe(&error));
        ExitCode::from(USAGE)
    }))
}

fn compare(before: &Path, after: &Path, worse_max: Option<f64>) -> anyhow::Result<ExitCode> {
    let comparison = Comparison::of(&read(before)?, &read(after)?);
    output::print(&comparison.to_string())?;
    let worst = comparison.worst_percent();
    match worse_max {
        Some(most) if worst > most => {
            eprintln!("the worst figure is worse by {worst:.1} %, and {most} % are allowed");
            Ok(ExitCode::from(FAILED))
        }
        Some(_) | None => Ok(ExitCode::SUCCESS),
    }
}

fn render(report: &Path, page: &Path) -> anyhow::Result<ExitCode> {
    let html = html::render(&read(report)?);
    std::fs::write(page, html).with_context(|| format!("{} cannot be written", page.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn print_plan(path: Option<&Path>, quick: bool, as_json: bool) -> anyhow::Result<ExitCode> {
    let plan::Loaded { plan, text } = plan::load(path, quick, None)?;
    if as_json {
        let table: toml::Table = text.parse().context("the plan")?;
        output::print(&format!("{}\n", serde_json::to_string_pretty(&table)?))?;
    } else {
        output::print(&text)?;
    }
    // Beside the plan, which a program may read.
    let outlook = plan::Outlook::of(&plan.journey);
    eprintln!("{outlook}");
    for warning in outlook.warnings() {
        eprintln!("warning: {warning}");
    }
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> anyhow::Result<Report> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Report::from_json(&text).with_context(|| path.display().to_string())
}
