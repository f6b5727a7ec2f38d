//! What is done with plans and reports, without any load.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use onsale_loadtest::compare::Comparison;
use onsale_loadtest::endpoint::{Authorities, Endpoint};
use onsale_loadtest::profile::{self, Act, Profile, Seen};
use onsale_loadtest::report::Report;
use onsale_loadtest::request::Template;
use onsale_loadtest::{html, http, plan};

use crate::cli::InsteadOfLoad;
use crate::command::output;
use crate::failure::{self, FAILED, USAGE};

pub(super) fn run(instead: &InsteadOfLoad) -> anyhow::Result<ExitCode> {
    let result = match instead {
        InsteadOfLoad::Compare { before, after, worse_max } => compare(before, after, *worse_max),
        InsteadOfLoad::Render { report, output } => render(report, output),
        InsteadOfLoad::Profile { check: Some(file), target: Some(url), ca, allow_commands, .. } => {
            try_profile(file, url, ca.as_deref(), *allow_commands)
        }
        InsteadOfLoad::Profile { from_openapi: Some(source), ca, .. } => print_draft(source, ca.as_deref()),
        InsteadOfLoad::Profile { .. } => print_schema(),
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

fn print_schema() -> anyhow::Result<ExitCode> {
    output::print(&format!("{}\n", serde_json::to_string_pretty(&Profile::schema())?))?;
    Ok(ExitCode::SUCCESS)
}

/// A draft from the OpenAPI document in a file, or at a URL.
fn print_draft(source: &str, ca: Option<&Path>) -> anyhow::Result<ExitCode> {
    let text = if source.contains("://") {
        let (scheme, rest) = source.split_once("://").unwrap_or_default();
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let authorities = ca.map(Authorities::of_file).transpose()?;
        let server = Endpoint::parse(&format!("{scheme}://{host}"), authorities.as_ref())?;
        let request = Template::without_token(&format!("/{path}"));
        http::call(&server, &request)?.success().with_context(|| source.to_owned())?.body
    } else {
        std::fs::read(source).with_context(|| format!("{source} cannot be read"))?
    };
    let document = serde_json::from_slice(&text).with_context(|| format!("{source} is no JSON"))?;
    output::print(&profile::draft(&document).with_context(|| source.to_owned())?)?;
    Ok(ExitCode::SUCCESS)
}

/// What came of one call of each, with what was not understood first.
fn try_profile(file: &Path, url: &str, ca: Option<&Path>, allow_commands: bool) -> anyhow::Result<ExitCode> {
    let profile = Arc::new(Profile::load(file)?);
    profile.allow(allow_commands)?;
    let authorities = ca.map(Authorities::of_file).transpose()?;
    let server = Endpoint::parse(url, authorities.as_ref())?;
    if let Err(error) = server.connect() {
        eprintln!("{}", failure::describe(&error));
        return Ok(ExitCode::from(super::INVALID));
    }
    let seen = match profile::look(&server, &profile, allow_commands) {
        Ok(seen) => seen,
        Err(error) => {
            eprintln!("{}", failure::describe(&error));
            return Ok(ExitCode::from(super::INVALID));
        }
    };
    for Seen { act, sent, came, understood } in &seen {
        let mark = if understood.is_some() { "ok " } else { "?? " };
        let told = understood.as_deref().map_or_else(
            || format!("not understood: no line of call.{act} fits, or what `out` names is not there"),
            |told| format!("understood: {told}"),
        );
        output::print(&format!("{mark}{act}: {sent}\n     came: {came}\n     {told}\n"))?;
    }
    let mut missing = Act::ALL.into_iter().filter(|&act| profile.has(act) && seen.iter().all(|seen| seen.act != act));
    let mut is_whole = seen.iter().all(|seen| seen.understood.is_some());
    for act in missing.by_ref() {
        is_whole = false;
        output::print(&format!("-- {act}: not made, as a call before it gave nothing to make it with\n"))?;
    }
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
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
