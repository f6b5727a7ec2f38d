//! Which endpoints are tested and why, and a section for each of them.

use maud::{Markup, html};

use super::chart::Chart;
use super::figure;
use super::plots;
use crate::report::{Capacity, Criterion, EndedBy, Endpoint, Part, Report, Selection, Status, Step, Target};
use crate::words;

pub(super) fn selection(selection: &Selection, is_late: bool) -> Markup {
    html! {
        section #selection {
            h2 { "Which endpoints are worth a load test" }
            p.lead {
                "Eight endpoints, four criteria with weights that were fixed beforehand. In each cell is what was measured, and its "
                "score: 100 is the greatest of its column."
            }
            @if is_late {
                p { (figure::badge(Status::Invalid, "the shares of traffic are those of a load that was late")) }
            }
            div.scroll {
                table.matrix {
                    thead {
                        tr {
                            th { "endpoint" }
                            @for criterion in &selection.criteria { (column(criterion)) }
                            th { "total" }
                        }
                    }
                    tbody { @for endpoint in &selection.endpoints { (row(endpoint, &selection.criteria)) } }
                }
            }
            ol.reasons {
                @for endpoint in selection.endpoints.iter().filter(|endpoint| !endpoint.reason.is_empty()) {
                    li value=(endpoint.rank) { code { (endpoint.endpoint) } ": " (endpoint.reason) }
                }
            }
            details {
                summary { "How it was measured, and what is behind each cell" }
                (figure::notes(&selection.method))
                @for endpoint in &selection.endpoints { (behind(endpoint, &selection.criteria)) }
            }
        }
    }
}

fn column(criterion: &Criterion) -> Markup {
    html! { th { (criterion.title) small { (criterion.unit) " · weight " (words::number(criterion.weight)) } } }
}

fn row(endpoint: &Endpoint, criteria: &[Criterion]) -> Markup {
    html! {
        tr.target[endpoint.is_target] {
            th scope="row" {
                (endpoint.rank) ". " code { (endpoint.endpoint) }
                small {
                    @if endpoint.is_added { "tested, added for its rank" } @else if endpoint.is_target { "tested" } @else { "not tested by itself" }
                }
            }
            @for (measure, criterion) in endpoint.measures.iter().zip(criteria) {
                td title=(format!("{}: {}", criterion.title, measure.detail)) style=(format!("--score:{:.0}%", measure.score)) {
                    @match measure.value { Some(value) => (words::number(value)), None => span.missing { "not known" } }
                    small { "score " (words::number(measure.score.round())) }
                }
            }
            td.total style=(format!("--score:{:.0}%", endpoint.total)) { (words::number(endpoint.total)) }
        }
    }
}

/// What was counted for the cells of one row.
fn behind(endpoint: &Endpoint, criteria: &[Criterion]) -> Markup {
    let cells = endpoint.measures.iter().zip(criteria);
    let texts = cells.map(|(measure, criterion)| format!("{}: {}", criterion.title.to_lowercase(), measure.detail));
    html! { p.note { code { (endpoint.endpoint) } ", " (texts.collect::<Vec<_>>().join("; ")) "." } }
}

pub(super) fn section(report: &Report, target: &Target) -> Markup {
    let limit = target.capacity.as_ref().map(|capacity| capacity.p99_limit_ms);
    let thresholds = report.thresholds.iter().filter(|one| one.id.split('.').next() == Some(target.id.as_str()));
    html! {
        section id=(format!("target-{}", target.id)) {
            h2 { code { (target.endpoint) } }
            p.lead { (target.why) }
            p.conclusion { (target.conclusion) }
            @if let Some(capacity) = &target.capacity { (self::capacity(capacity)) }
            ul.met {
                @for threshold in thresholds {
                    li { (figure::badge(threshold.status, &threshold.title)) }
                }
            }
            @for part in &target.parts { (self::part(part, limit)) }
        }
    }
}

fn capacity(capacity: &Capacity) -> Markup {
    if let Some(reason) = &capacity.unproven {
        return html! { p.capacity { "Capacity: " (figure::badge(Status::Invalid, "not shown (the load was late)")) " " (words::sentence(reason)) } };
    }
    let at_least = match capacity.ended_by {
        EndedBy::Latency | EndedBy::Failures => "",
        EndedBy::Generator | EndedBy::Plan => "at least ",
    };
    html! {
        p.capacity {
            "Capacity: " (at_least) strong { (words::quantity(capacity.per_second, "/s")) }
            " at a p99 of " (words::ms(capacity.p99_ms)) ", limit " (words::ms(capacity.p99_limit_ms)) ". "
            @if let Some(spread) = capacity.spread {
                "Over " (spread.runs) " runs from " (words::number(spread.min)) " to " (words::quantity(spread.max, "/s")) ". "
            }
            (words::sentence(&capacity.ended_why))
            @if matches!(capacity.ended_by, EndedBy::Generator) { " " (figure::badge(Status::Invalid, "limited by the generator")) }
        }
    }
}

fn part(part: &Part, limit_ms: Option<f64>) -> Markup {
    let drawn = Step::drawn(&part.steps);
    let mut charts: Vec<Chart> = plots::response(&drawn, limit_ms).into_iter().collect();
    charts.push(plots::percentiles(&drawn.iter().collect::<Vec<_>>(), limit_ms));
    charts.extend(plots::over_time(&drawn, &[]));
    charts.retain(|chart| !chart.is_empty());
    let mut resources = plots::resources(&drawn);
    if charts.len() % 2 == 1 && !resources.is_empty() {
        // The processor fills the place beside the last chart, where it answers whether the server was at its end.
        charts.push(resources.remove(0));
    }
    html! {
        h3 { (part.title) }
        (figure::doubt(&part.steps))
        (figure::figures(&part.figures))
        (figure::steps(&part.steps))
        (figure::charts(&charts))
        @if !resources.is_empty() {
            details { summary { "What the server used meanwhile" } (figure::charts(&resources)) }
        }
        (figure::notes(&part.notes))
    }
}
