//! The parts that sections are made of: charts with their legends, figures, tables of steps.

use maud::{Markup, PreEscaped, html};

use super::chart::{Chart, Format};
use crate::report::{Figure, Status, Step};
use crate::words;

/// Charts side by side, as many as there is room for.
pub(super) fn charts(charts: &[Chart]) -> Markup {
    html! {
        div.charts {
            @for chart in charts.iter().filter(|chart| !chart.is_empty()) {
                (figure(chart, &PreEscaped(chart.svg(Format::Half))))
            }
        }
    }
}

/// One chart over the whole width; on a phone it is drawn for a phone.
pub(super) fn wide_chart(chart: &Chart) -> Markup {
    if chart.is_empty() {
        return html! {};
    }
    let drawings = html! {
        div.for-wide { (PreEscaped(chart.svg(Format::Wide))) }
        div.for-narrow { (PreEscaped(chart.svg(Format::Half))) }
    };
    figure(chart, &drawings)
}

fn figure(chart: &Chart, drawing: &Markup) -> Markup {
    html! {
        figure {
            figcaption {
                b { (chart.title) }
                " " span.unit { (chart.y.title) @if !chart.x.title.is_empty() { " over " (chart.x.title) } }
                @if chart.lines.len() > 1 {
                    ul.legend {
                        @for line in &chart.lines {
                            li { i style=(format!("--ink:var(--c{:06x})", line.ink.rgb())) {} (line.name) }
                        }
                    }
                }
            }
            (drawing)
        }
    }
}

/// Figures with their spread and source, and the reason where there is none.
pub(super) fn figures(figures: &[Figure]) -> Markup {
    if figures.is_empty() {
        return html! {};
    }
    html! {
        dl.figures {
            @for figure in figures {
                div {
                    dt { (figure.title) }
                    dd {
                        @match figure.value {
                            Some(value) => strong { (words::quantity(value, &figure.unit)) },
                            None => span.missing { "not observable" },
                        }
                        @if let Some(spread) = figure.spread {
                            " " span.unit {
                                (words::number(spread.min)) "–" (words::quantity(spread.max, &figure.unit))
                                " over " (spread.runs) " runs"
                            }
                        }
                        small {
                            @match &figure.reason { Some(reason) => (reason), None => (figure.source) }
                        }
                    }
                }
            }
        }
    }
}

/// What a reader must know.
pub(super) fn notes(notes: &[String]) -> Markup {
    html! { @for note in notes { p.note { (note) } } }
}

/// A warning above what steps that are invalid have measured.
pub(super) fn doubt(steps: &[Step]) -> Markup {
    let late = steps.iter().filter(|step| !step.valid).count();
    html! {
        @if late > 0 {
            p {
                @if late == steps.len() {
                    (badge(Status::Invalid, "the load was late: these figures are not the server's, and nothing is drawn of them"))
                } @else {
                    (badge(Status::Invalid, &format!("the load was late in {late} of {} steps, which are not drawn", steps.len())))
                }
            }
        }
    }
}

/// Every step in figures.
pub(super) fn steps(steps: &[Step]) -> Markup {
    if steps.is_empty() {
        return html! {};
    }
    let cores = |cores: Option<f64>| cores.map_or_else(|| "–".to_owned(), |cores| format!("{cores:.2}"));
    html! {
        div.scroll {
            table.steps {
                thead {
                    tr {
                        th { "step" } th { "offered" } th { "answered" } th { "connections" } th { "p50" } th { "p99" }
                        th { "p99.9" } th { "max" } th { "failed" } th { "sent late" } th { "server" }
                        th { "load" } th {}
                    }
                }
                tbody {
                    @for step in steps {
                        tr.invalid[!step.valid] {
                            th scope="row" { (step.name) @if step.late_tries > 0 { " (try " (step.late_tries + 1) ")" } }
                            td { (step.offered_per_second.map_or_else(|| "–".to_owned(), |rate| words::quantity(rate, "/s"))) }
                            td { (words::quantity(step.completed_per_second, "/s")) }
                            td { (words::count(step.connections)) }
                            @for latency in [step.latency.p50, step.latency.p99, step.latency.p999, step.latency.max] {
                                td { @if step.latency.count > 0 { (words::ms(latency)) } @else { "–" } }
                            }
                            td { (words::quantity(step.failed_percent, "%")) }
                            td { (words::ms(step.send_lag_p99_ms)) }
                            td { (cores(step.server_cores)) }
                            td { (cores(Some(step.generator_cores))) }
                            td { @if !step.valid { (badge(Status::Invalid, "invalid")) } }
                        }
                    }
                }
            }
        }
        @for step in steps {
            @if let Some(reason) = &step.invalid_reason { p.note { (step.name) " is invalid: " (reason) } }
            @if let Some(failure) = &step.first_failure { p.note { (step.name) ", first failure: " (failure) } }
        }
    }
}

/// A verdict with its sign, so that it is not told by colour alone.
pub(super) fn badge(status: Status, text: &str) -> Markup {
    let (class, sign) = match status {
        Status::Pass => ("pass", "✓"),
        Status::Invalid => ("unsure", "?"),
        Status::Fail => ("fail", "✕"),
    };
    html! { span class=(format!("badge {class}")) { (sign) " " (text) } }
}
