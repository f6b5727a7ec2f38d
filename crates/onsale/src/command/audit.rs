//! `onsale audit`.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use onsale_journal::local::Progress;
use onsale_tables::Place;

use crate::audit::{Report, Tally};
use crate::bucket::{Bucket, Fetched, fetch};
use crate::failure::{FAILED, Hint};
use crate::{audit, cli};

use super::{data, output, place};

pub(super) fn run(arguments: &cli::Audit) -> anyhow::Result<ExitCode> {
    let fetched = arguments.copy.as_ref().map(|copy| Bucket::open(copy).and_then(|bucket| fetch(&bucket, None)));
    let fetched = fetched.transpose()?;
    let place = match &fetched {
        Some(fetched) => Place::Directory(fetched.scratch.path().to_owned()),
        None => place::of(&arguments.of, &arguments.authority)?,
    };
    let report = report(&place)?;
    if let Some(Fetched { told, .. }) = fetched.as_ref().filter(|_| !arguments.json) {
        output::print(told)?;
    }
    if arguments.json {
        let mut value = serde_json::to_value(&report)?;
        value["holds"] = report.holds().into();
        output::print(&format!("{value:#}\n"))?;
    } else {
        output::print(&text(&report))?;
    }
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

/// Looks at everything, with a bar.
pub(super) fn report(place: &Place) -> anyhow::Result<Report> {
    let bar = ProgressBar::new(0).with_style(style()?);
    let mut progress = |Progress { seq, seq_last, .. }: Progress| {
        bar.set_length(seq_last);
        bar.set_position(seq);
    };
    let report = audit::run(place, &mut progress).map_err(|error| with_hint(place, error))?;
    bar.finish_and_clear();
    Ok(report)
}

fn style() -> anyhow::Result<ProgressStyle> {
    ProgressStyle::with_template("reading the journal {bar:40} {pos}/{len} entries").context("the progress bar")
}

pub(super) fn with_hint(place: &Place, error: anyhow::Error) -> anyhow::Error {
    let locked = error.chain().any(|cause| {
        matches!(cause.downcast_ref::<onsale_journal::Error>(), Some(onsale_journal::Error::Locked { .. }))
    });
    if !locked {
        return match place {
            Place::Directory(directory) => data::read_only_hint(directory, error),
            Place::Postgres(_) => error,
        };
    }
    error.context(Hint("this needs the store at rest: stop the server, or give a copy of its directory".into()))
}

pub(super) fn text(report: &Report) -> String {
    let mut text = String::new();
    for check in &report.checks {
        line(&mut text, check);
    }
    for unchecked in &report.unchecked {
        // Writing to a string does not fail.
        let _ = writeln!(text, "not checked: {unchecked}");
    }
    let verdict = match (report.holds(), report.unchecked.is_empty()) {
        (true, true) => "Everything holds",
        (true, false) => "What was checked holds",
        (false, _) => "Something does not hold",
    };
    let _ = writeln!(text, "{verdict}, at entry {} of the journal.", report.seq);
    if report.replayed_from > 0 {
        let _ = writeln!(text, "The journal was truncated; the replay began at entry {}.", report.replayed_from);
    }
    text
}

fn line(text: &mut String, check: &Tally) {
    let Tally { name, cases, violated, violations } = check;
    let word = if check.holds() { "ok  " } else { "FAIL" };
    let _ = writeln!(text, "{word}  {cases:>9} cases  {name}");
    for violation in violations {
        let _ = writeln!(text, "                       {violation}");
    }
    let untold = violated - violations.len() as u64;
    if untold > 0 {
        let _ = writeln!(text, "                       and {untold} more");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_tells_what_was_checked_and_what_failed() {
        let check = |name, violated, violations: &[&str]| Tally {
            name,
            cases: 12,
            violated,
            violations: violations.iter().map(ToString::to_string).collect(),
        };
        let report = Report {
            seq: 7,
            replayed_from: 0,
            checks: vec![check("money", 0, &[]), check("seats", 2, &["seat 1 is kept twice"])],
            unchecked: Vec::new(),
        };
        let expected = "\
ok           12 cases  money
FAIL         12 cases  seats
                       seat 1 is kept twice
                       and 1 more
Something does not hold, at entry 7 of the journal.
";
        assert_eq!(text(&report), expected);
        assert!(!report.holds());
        let report = Report {
            checks: vec![check("money", 0, &[])],
            unchecked: vec!["the tables: there are none".to_owned()],
            ..report
        };
        let expected = "\
ok           12 cases  money
not checked: the tables: there are none
What was checked holds, at entry 7 of the journal.
";
        assert_eq!(text(&report), expected);
    }
}
