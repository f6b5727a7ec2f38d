//! What a reader gets who reads no further: the verdict, and the four answers.

use maud::{Markup, html};

use crate::report::{Answer, Answers, Report, Status};
use crate::words;

pub(super) fn verdict(report: &Report) -> Markup {
    let verdict = &report.verdict;
    let (class, sign) = match verdict.status {
        Status::Pass if report.is_speed_unknown() => ("unsure", "✓"),
        Status::Pass => ("pass", "✓"),
        Status::Invalid => ("unsure", "?"),
        Status::Fail => ("fail", "✕"),
    };
    let checks = report.audit.len();
    let held = report.audit.iter().filter(|check| check.passed).count();
    let met = report.thresholds.iter().filter(|threshold| threshold.status == Status::Pass).count();
    let unknown = report.thresholds.iter().filter(|threshold| threshold.status == Status::Invalid).count();
    let cases: u64 = report.audit.iter().map(|check| check.cases).sum();
    html! {
        header #verdict class=(class) {
            p.eyebrow {
                "Load test of an on-sale · " (report.name) @if report.quick { " · quick: sizes reduced, speed decides nothing" }
                @if report.cut_short { " · cut short by a signal" }
            }
            h1 { span.sign aria-hidden="true" { (sign) } (report.verdict_word()) }
            p.headline { (verdict.headline) }
            @if !verdict.reasons.is_empty() { ul { @for reason in &verdict.reasons { li { (reason) } } } }
            p.facts {
                (held) " of " (checks) " audit checks hold, over " (words::count(cases)) " cases · "
                (met) " of " (report.thresholds.len()) " thresholds met"
                @if unknown > 0 { ", " (unknown) " not shown" } " · "
                (words::moment(&report.started_at)) ", " (words::number(report.duration_s)) " s on "
                (report.environment.machine.cores) @if report.environment.machine.cores == 1 { " core" } @else { " cores" }
                @if let Some(model) = &report.environment.machine.cpu_model { " (" (model) ")" }
            }
        }
    }
}

pub(super) fn answers(answers: &Answers) -> Markup {
    let all = [&answers.arrivals, &answers.sell_out, &answers.breaks_first, &answers.death];
    html! { section.answers { @for answer in all { (card(answer)) } } }
}

fn card(answer: &Answer) -> Markup {
    let figure = answer.figure.as_ref();
    let figure = figure.and_then(|figure| Some((words::quantity(figure.value?, &figure.unit), &figure.title)));
    html! {
        article.unknown[figure.is_none()] {
            h2 { (answer.question) }
            @if let Some((value, title)) = figure { p.hero { (value) small { (title) } } }
            p { (answer.text) }
        }
    }
}
