//! `POST /queue/token/check`: constant polling.

use std::sync::Arc;

use anyhow::Result;

use super::{bearable, capacity_text, open_load, search};
use crate::catalog;
use crate::load::Source;
use crate::measure::{self, Load};
use crate::report::{Figure, Part, Step, Target};
use crate::request::Template;
use crate::run::Run;
use crate::site::{Site, grown};
use crate::sources::{Steady, Tokens};

/// The most who are made to wait on a server that is not ours.
const WAITING_MAX_ELSEWHERE: u64 = 10_000;

/// Polls with few and with many waiting, their consistency, and what they cost.
///
/// # Errors
/// When a server cannot be started or reached.
pub fn check(run: &mut Run<'_>) -> Result<Target> {
    run.progress.part("POST /queue/token/check");
    let settings = [("queue.active_limit", "1"), ("queue.session_ttl", "12h"), ("queue.waiting_ttl", "1h")];
    let site = run.site(&settings, &catalog::concert(1, 50))?;
    let plan = run.plan();
    let mut tokens: Vec<Arc<Tokens>> = Vec::new();
    let (mut steps, mut hidden, mut memory) = (Vec::new(), (0, 0), Vec::new());
    let (mut waiting, mut rate) = (0, None);
    let mut sizes = plan.check.waiting.clone();
    sizes.sort_unstable();
    for size in sizes {
        if !run.is_own() && size > WAITING_MAX_ELSEWHERE {
            run.leave_out("check.waiting", &format!("{size} waiting: the server is not ours"));
            continue;
        }
        let before = site.counters().resident_bytes;
        run.progress.note(&format!("{size} wait"));
        let more = site.issue(run.new_users(size.saturating_sub(waiting)))?;
        if size - waiting >= 50_000 {
            site.settle()?;
            memory.extend(grown(before, site.counters().resident_bytes).map(|more| more / (size - waiting) as f64));
        }
        waiting = size;
        tokens.push(more);
        let per_second = match rate {
            Some(rate) => rate,
            None => bearable(run, &site, plan.check.rate, &mut polls(&tokens))?,
        };
        rate = Some(per_second);
        let load = open_load(plan, &format!("{size} waiting"), per_second);
        steps.push(step(run, &site, &load, &tokens, &mut hidden)?);
    }
    run.judge_step("check", "token check at its working rate", steps.last().unwrap_or(&Step::default()));
    let ends = steps.first().zip(steps.last()).filter(|(few, many)| few.valid && many.valid);
    let growth = ends.map(|(few, many)| many.latency.p99 / few.latency.p99);
    let growth_p50 = ends.map(|(few, many)| many.latency.p50 / few.latency.p50);
    let load =
        Load { duration: *plan.check.duration, ..open_load(plan, "consistency", rate.unwrap_or(plan.check.rate)) };
    let before = site.counters();
    let long = step(run, &site, &load, &tokens, &mut hidden)?;
    let cpu = grown(before.cpu_s, site.counters().cpu_s).map(|cpu| cpu * 1e6 / (long.sent as f64).max(1.0));
    let found = {
        let mut make = |_: f64| -> Result<Box<dyn Source>> { Ok(Box::new(polls(&tokens))) };
        search(run, plan, &site).run(&mut make, &mut run.progress)?
    };
    run.judge_hidden("check", (hidden.0 + found.hidden.0, hidden.1 + found.hidden.1));
    for each in &tokens {
        site.leave(each)?;
    }
    let mut conclusion = format!("Polls: {}.", capacity_text(&found));
    if let Some((p50, p99)) = growth_p50.zip(growth) {
        conclusion.push_str(&format!(
            " With {waiting} waiting, p50 is {p50:.2} times that with few, and p99 {p99:.2} times."
        ));
    }
    Ok(Target {
        id: "check".to_owned(),
        endpoint: "POST /v1/api/queue/token/check".to_owned(),
        why:
            "Everybody who waits asks again and again: it is most of the traffic, the heart of the queue, and must be \
              live."
                .to_owned(),
        conclusion,
        parts: vec![
            Part {
                id: "waiting".to_owned(),
                title: "Polls with few and with many waiting".to_owned(),
                figures: vec![
                    Figure::maybe(
                        "p50_growth",
                        "p50 with the most waiting, to that with the fewest",
                        growth_p50,
                        "×",
                        "client",
                        "only one size was measured, or the load was late",
                    ),
                    Figure::maybe(
                        "p99_growth",
                        "p99 with the most waiting, to that with the fewest",
                        growth,
                        "×",
                        "client",
                        "only one size was measured, or the load was late",
                    ),
                    Figure::maybe(
                        "memory_per_waiting",
                        "Resident memory of one who waits",
                        memory.last().copied(),
                        "bytes",
                        "/proc/PID/status VmRSS, or /metrics",
                        "fewer than 50,000 wait, or neither the process nor /metrics tells",
                    ),
                ],
                steps,
                notes: Vec::new(),
            },
            consistency(long, cpu),
            Part {
                id: "capacity".to_owned(),
                title: "The highest rate of polls".to_owned(),
                figures: Vec::new(),
                steps: found.steps,
                notes: Vec::new(),
            },
        ],
        capacity: found.capacity,
    })
}

fn polls(tokens: &[Arc<Tokens>]) -> Steady<impl FnMut(&mut Vec<u8>) + use<>> {
    let (template, tokens) = (Template::check(), tokens.to_vec());
    let total: usize = tokens.iter().map(|each| each.len()).sum();
    // A stride that leaps about, as those who wait do.
    let (mut next, stride) = (0usize, 7_919);
    Steady::new(move |out: &mut Vec<u8>| {
        next = (next + stride) % total;
        let mut index = next;
        for each in &tokens {
            if index < each.len() {
                return template.write(each.get(index), out);
            }
            index -= each.len();
        }
    })
}

fn step(run: &mut Run<'_>, site: &Site, load: &Load, tokens: &[Arc<Tokens>], hidden: &mut (u64, u64)) -> Result<Step> {
    let (step, ()) = measure::on_time(site.quiet(), run.plan().load.tries, || {
        let (step, report) = measure::run(site, load, &mut polls(tokens), &mut run.progress)?;
        hidden.0 += report.hidden;
        hidden.1 += report.completed;
        Ok((step, ()))
    })?;
    Ok(step)
}

/// How even the answers are: within the run, and from its first third to its last.
fn consistency(step: Step, cpu_us: Option<f64>) -> Part {
    let latency = &step.latency;
    let p99 = &step.seconds.p99_ms;
    let third = p99.len() / 3;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / (values.len() as f64).max(1.0);
    let drift = (third > 0).then(|| mean(&p99[p99.len() - third..]) / mean(&p99[..third]));
    let mut sorted = p99.clone();
    sorted.sort_by(f64::total_cmp);
    let spread = sorted.first().zip(sorted.last()).map(|(least, greatest)| greatest / least);
    let few = "the step was shorter than three seconds";
    let answered = latency.count > 0;
    let figure = |id, title, value: f64| {
        Figure::maybe(id, title, answered.then_some(value), "ms", "client", "nothing was answered")
    };
    Part {
        id: "consistency".to_owned(),
        title: "Consistency of the response time".to_owned(),
        figures: vec![
            figure("p50", "p50", latency.p50),
            figure("p99", "p99", latency.p99),
            figure("p999", "p99.9", latency.p999),
            figure("max", "The slowest", latency.max),
            Figure::maybe(
                "p99_to_p50",
                "p99 to p50",
                Some(latency.p99 / latency.p50),
                "×",
                "client",
                "nothing was answered",
            ),
            Figure::maybe("p99_spread", "p99 of the worst second to that of the best", spread, "×", "client", few),
            Figure::maybe(
                "p99_drift",
                "p99 of the last third of the run to that of the first",
                drift,
                "×",
                "client",
                few,
            ),
            Figure::maybe(
                "cpu_per_poll",
                "CPU time of the server",
                cpu_us,
                "µs",
                "the process's CPU clock, or /metrics",
                "neither the process nor /metrics tells",
            ),
        ],
        steps: vec![step],
        notes: Vec::new(),
    }
}
