//! What the verdict stands on: the audit, the thresholds, the machine, the method and the plan.

use maud::{Markup, html};

use super::figure;
use crate::report::{Check, Environment, LeftOut, Prepared, Report, Status, Threshold, ThresholdKind};
use crate::words;

pub(super) fn audit(checks: &[Check]) -> Markup {
    html! {
        section #audit {
            h2 { "The audit" }
            p.lead {
                "What clients saw, judged by what must hold. A check that had no case to judge has failed, unless that was not the "
                "server's doing: then it is under What did not run."
            }
            div.scroll {
                table {
                    thead { tr { th { "what must hold" } th { "part" } th { "cases" } th { "wrong" } th {} } }
                    tbody { @for check in checks { (self::check(check)) } }
                }
            }
        }
    }
}

fn check(check: &Check) -> Markup {
    let status = if check.passed { Status::Pass } else { Status::Fail };
    html! {
        tr {
            th scope="row" {
                (check.title) " " small { code { (check.id) } }
                @if !check.examples.is_empty() { ul { @for example in &check.examples { li { (example) } } } }
            }
            td { (check.part) }
            td { (words::count(check.cases)) }
            td { (words::count(check.wrong)) }
            td { (figure::badge(status, if check.passed { "holds" } else { "does not hold" })) }
        }
    }
}

pub(super) fn thresholds(thresholds: &[Threshold]) -> Markup {
    html! {
        section #thresholds {
            h2 { "Thresholds" }
            div.scroll {
                table {
                    thead { tr { th { "threshold" } th { "limit" } th { "measured" } th {} } }
                    tbody { @for threshold in thresholds { (self::threshold(threshold)) } }
                }
            }
        }
    }
}

fn threshold(threshold: &Threshold) -> Markup {
    let (sign, word) = match threshold.kind {
        ThresholdKind::AtMost => ("≤", "over the limit"),
        ThresholdKind::AtLeast => ("≥", "under the minimum"),
    };
    let text = match threshold.status {
        Status::Pass => "met",
        Status::Invalid => "not shown",
        Status::Fail => word,
    };
    html! {
        tr {
            th scope="row" { (threshold.title) " " small { code { (threshold.key) } } }
            td { (sign) " " (words::quantity(threshold.limit, &threshold.unit)) }
            td {
                @match threshold.actual {
                    Some(actual) => (words::quantity(actual, &threshold.unit)),
                    None => span.missing { (threshold.reason.as_deref().unwrap_or("not observable")) },
                }
            }
            td {
                (figure::badge(threshold.status, text))
                @if !threshold.decides { small { "does not decide" } }
            }
        }
    }
}

pub(super) fn left_out(left_out: &[LeftOut]) -> Markup {
    if left_out.is_empty() {
        return html! {};
    }
    html! {
        section #left-out {
            h2 { "What did not run" }
            ul { @for part in left_out { li { b { (part.part) } ": " (part.reason) } } }
        }
    }
}

pub(super) fn environment(environment: &Environment, prepared: Option<&Prepared>) -> Markup {
    let (machine, build, server) = (&environment.machine, &environment.build, &environment.server);
    let unknown = || "not known".to_owned();
    let origin = if server.is_own { "started by this run" } else { "it ran already" };
    let profile = server.profile.clone().map(|name| ("Profile of the service", name));
    let users = prepared.map(|Prepared { users, by, duration_s }| {
        ("Users made ready", format!("{} by {by}, in {}", words::count(*users), words::quantity(*duration_s, "s")))
    });
    let rows = [
        ("Processor", format!("{}, {} cores", machine.cpu_model.clone().unwrap_or_else(unknown), machine.cores)),
        ("Memory", machine.memory_bytes.map_or_else(unknown, |bytes| words::bytes(bytes as f64))),
        ("Kernel", machine.kernel.clone().unwrap_or_else(unknown)),
        ("File system", machine.file_system.clone().unwrap_or_else(unknown)),
        ("Load average before the run", machine.load_average.map_or_else(unknown, words::number)),
        (
            "Taken by the hypervisor meanwhile",
            machine.stolen_cores.map_or_else(unknown, |cores| format!("{cores:.2} cores")),
        ),
        ("Waited for others to leave the cores", words::quantity(machine.waited_s, "s")),
        ("Open files, at most", words::count(machine.descriptors_max)),
        ("Load test", format!("{}, {}", build.version, build.profile)),
        ("Server", format!("{} at {}, {origin}", build.server_version.clone().unwrap_or_else(unknown), server.url)),
        (
            "Durability",
            server.durability.text.clone().or_else(|| server.durability.reason.clone()).unwrap_or_else(unknown),
        ),
        ("Settings", server.settings.join(", ")),
        ("Cores of the server", environment.placement.server_cores.clone().unwrap_or_else(unknown)),
        ("Cores of the load", environment.placement.generator_cores.clone()),
    ];
    let rows = rows.into_iter().chain(profile).chain(users);
    html! {
        section #environment {
            h2 { "Environment" }
            @if environment.placement.is_shared {
                p.note { "Server and load had to share a core, so latencies are not the server's alone." }
            }
            div.scroll { table.pairs { tbody { @for (name, value) in rows { tr { th scope="row" { (name) } td { (value) } } } } } }
        }
    }
}

pub(super) fn method(report: &Report) -> Markup {
    html! {
        section #method {
            h2 { "Method" }
            p {
                "Arrivals follow their schedule whatever the server does, and a latency counts from the moment at which the request "
                "was to be sent: who has to wait because the server is busy is counted as waiting. Latencies are kept in HDR "
                "histograms, none is thrown away. A step in which the load itself was late (p99 over 1 ms and over a tenth of the "
                "measured p99) is invalid and says nothing. If the load had time and was late all the same, somebody else had its core: "
                "then the step is made again, and says which try it is. Capacity is the highest rate that was valid with its p99 "
                "within the limit."
            }
            p { "The audit uses what clients saw, and nothing that the server says about itself, unless a check says so." }
            p { "Seed: " code { (report.seed) } ". This plan repeats the run:" }
            details { summary { "The plan" } pre { (report.plan) } }
        }
    }
}
