//! What a run comes to.

use super::context::Run;
use super::whole::NOT_ASKED_FOR;
use crate::interrupt;
use crate::report::{Status, ThresholdKind, Verdict};

/// `is_empty`: nothing was measured and nothing judged.
pub(super) fn of(run: &Run<'_>, is_empty: bool) -> Verdict {
    let failed = run.checks.iter().filter(|check| !check.passed);
    let mut wrong: Vec<String> = failed
        .map(|check| {
            let example = check.examples.first().map_or(String::new(), |example| format!(": {example}"));
            format!("{} ({}, {} of {} cases){example}", check.title, check.part, check.wrong, check.cases)
        })
        .collect();
    wrong.extend(run.broken.iter().map(|broken| format!("could not be carried out: {broken}")));
    let missed: Vec<String> = run
        .thresholds
        .iter()
        .filter(|threshold| threshold.decides && threshold.status == Status::Fail)
        .map(|threshold| {
            let (actual, unit) = (threshold.actual.unwrap_or(f64::NAN), &threshold.unit);
            let bound = match threshold.kind {
                ThresholdKind::AtMost => "at most",
                ThresholdKind::AtLeast => "at least",
            };
            format!("{}: {actual:.2} {unit}, and {bound} {} {unit} was to be", threshold.title, threshold.limit)
        })
        .collect();
    // What is wrong is wrong, however busy the machine was; but a slow answer says nothing of the server where the
    // generator was late.
    let (status, headline) = if !wrong.is_empty() {
        (Status::Fail, format!("Fail: {} of what must hold did not.", wrong.len()))
    } else if interrupt::is_asked() {
        let headline = "Cut short by a signal: what was done by then is here, and no verdict on the rest.";
        (Status::Invalid, headline.to_owned())
    } else if is_empty && run.invalid.is_empty() {
        (Status::Invalid, "Invalid: nothing was tested, so nothing is said of the server.".to_owned())
    } else if !run.invalid.is_empty() {
        (Status::Invalid, "Invalid: the run says nothing about the server.".to_owned())
    } else if !missed.is_empty() {
        (Status::Fail, format!("Fail: everything was right, and {} limits were not kept.", missed.len()))
    } else if run.thresholds.iter().any(|threshold| threshold.status == Status::Invalid) {
        (
            Status::Pass,
            "Correct; speed not shown: everything that must hold held; where a limit could not be judged, the load was late, \
             had nothing to measure, or other programs had the server's cores."
                .to_owned(),
        )
    } else if run.options.quick {
        (Status::Pass, "Pass: everything that must hold held. A quick run does not judge speed.".to_owned())
    } else {
        (Status::Pass, "Pass: everything that must hold held, and every limit was kept.".to_owned())
    };
    let mut reasons: Vec<String> = wrong.into_iter().chain(run.invalid.iter().cloned()).chain(missed).collect();
    if status != Status::Pass {
        reasons.extend(run.failures.iter().cloned());
    }
    if is_empty {
        let tried = run.left_out.iter().filter(|part| part.reason != NOT_ASKED_FOR);
        reasons.extend(tried.map(|part| format!("{}: {}", part.part, part.reason)));
    }
    Verdict { status, exit_status: status.exit_status(), headline, reasons }
}
