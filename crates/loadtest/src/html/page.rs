//! The page around the sections.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{chart, proof, sale, summary, targets};
use crate::report::{Journey, Report};

const STYLE: &str = include_str!("style.css");

/// The colours of charts on a dark screen, for each of those that they are drawn in.
const ON_DARK: [(u32, u32); 15] = [
    (chart::SERIES[0], 0x0054_9cf0),
    (chart::SERIES[1], 0x00e6_953a),
    (chart::SERIES[2], 0x0025_b57f),
    (chart::SERIES[3], 0x0090_85e9),
    (chart::SERIES[4], 0x00e0_72b4),
    (chart::RAMP[0], 0x001c_4f8f),
    (chart::RAMP[1], 0x0025_6abf),
    (chart::RAMP[2], 0x0039_87e5),
    (chart::RAMP[3], 0x006d_a7ec),
    (chart::RAMP[4], 0x009e_c5f4),
    (chart::RAMP[5], 0x00d3_e5fb),
    (chart::MUTED, 0x008d_8b85),
    (chart::ALARM, 0x00f0_6a6a),
    (chart::GRID, 0x0035_3532),
    (chart::TEXT, 0x00b9_b7ae),
];

/// `report/index.html`.
#[must_use]
pub fn render(report: &Report) -> String {
    let title = format!("{} · onsale load test: {}", report.verdict_word(), report.name);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(colors())) (PreEscaped(STYLE)) }
            }
            body { (contents(report)) main { (sections(report)) } (footer(report)) }
        }
    };
    page.into_string()
}

fn sections(report: &Report) -> Markup {
    html! {
        (summary::verdict(report))
        (summary::answers(&report.answers))
        @if let Some(selection) = &report.selection { (targets::selection(selection, report.journey.as_ref().is_some_and(Journey::is_late))) }
        @for target in &report.targets { (targets::section(report, target)) }
        @if let Some(journey) = &report.journey { (sale::journey(journey)) }
        @if let Some(crash) = &report.crash { (sale::crash(crash)) }
        @if let Some(overload) = &report.overload { (sale::overload(overload)) }
        (proof::audit(&report.audit))
        (proof::thresholds(&report.thresholds))
        (proof::left_out(&report.left_out))
        (proof::environment(&report.environment, report.prepared.as_ref()))
        (proof::method(report))
    }
}

fn contents(report: &Report) -> Markup {
    html! {
        nav aria-label="Contents" {
            a href="#verdict" { "Verdict" }
            @if report.selection.is_some() { a href="#selection" { "Which endpoints" } }
            @for target in &report.targets { a href=(format!("#target-{}", target.id)) { (target.id) } }
            @if report.journey.is_some() { a href="#journey" { "Sell-out" } }
            @if report.crash.is_some() { a href="#crash" { "Crash" } }
            @if report.overload.is_some() { a href="#overload" { "Overload" } }
            a href="#audit" { "Audit" }
            a href="#thresholds" { "Thresholds" }
            a href="#environment" { "Environment" }
            a href="#method" { "Method" }
        }
    }
}

fn footer(report: &Report) -> Markup {
    html! {
        footer {
            "onsale " (report.environment.build.version) " · " (report.schema) " · seed " (report.seed) " · the same figures are in "
            code { "report.json" }
        }
    }
}

/// Each colour as a variable for legends, and as rules for what the charts are drawn in.
fn colors() -> String {
    let variables = |dark: bool| -> String {
        ON_DARK
            .iter()
            .map(|(light, on_dark)| format!("--c{light:06x}:#{:06x};", if dark { *on_dark } else { *light }))
            .collect()
    };
    let rule = |(light, _): &(u32, u32)| {
        format!(
            "svg [stroke=\"#{light:06X}\"]{{stroke:var(--c{light:06x})}}svg [fill=\"#{light:06X}\"]{{fill:var(--c{light:06x})}}"
        )
    };
    let rules: String = ON_DARK.iter().map(rule).collect();
    let (light, dark) = (variables(false), variables(true));
    format!(":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}{rules}")
}
