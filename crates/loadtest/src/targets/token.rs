//! `POST /queue/token`: the opening second.

use std::time::Duration;

use anyhow::Result;

use super::{capacity_text, hidden_in, open_load, search, working};
use crate::catalog;
use crate::load::{Pace, Report, Source, TookNoMore};
use crate::measure::{self, Load};
use crate::report::{Figure, Part, Step, Target};
use crate::request;
use crate::run::{Run, Unfit, is_machine};
use crate::site::{Counters, Site, grown};
use crate::sources::Steady;

/// Descriptors that are not connections of the load: the server's files, the generator's own, the scrapes.
const DESCRIPTORS_SPARE: u64 = 200;

/// Connections, arrivals, cost.
///
/// # Errors
/// When a server cannot be started or reached.
pub fn token(run: &mut Run<'_>, descriptors_max: u64) -> Result<Target> {
    run.progress.part("POST /queue/token");
    let site = run.site(&[], &catalog::concert(1, 50))?;
    let first = run.new_users(0).start;
    let first_user = run.next_user();
    let hidden = "neither the process nor /metrics tells what a token costs".to_owned();
    let why_not = run.crawls_at.clone().or((site.counters() == Counters::default()).then_some(hidden));
    let cost = match why_not {
        Some(why) => {
            run.leave_out("token.cost", &why);
            None
        }
        None => Some(cost(run, &site)?),
    };
    let (plan, fresh) = (run.plan(), run.fresh_users());
    let mut make = |_: f64| -> Result<Box<dyn Source>> {
        let mut user = fresh.clone();
        Ok(Box::new(Steady::new(move |out: &mut Vec<u8>| request::issue(user(), out))))
    };
    let found = search(run, plan, &site).run(&mut make, &mut run.progress)?;
    run.judge_hidden("token", found.hidden);
    if let Some(working) = working(&found) {
        run.judge_step("token", "token issue at its working rate", working);
    }
    let connections = connections(run, &site, descriptors_max)?;
    if run.crawls_at.is_none() {
        site.send_home(first_user..run.next_user())?;
        site.clear(first..run.new_users(0).start)?;
    }
    let conclusion = format!("Arrivals: {}.", capacity_text(&found));
    let arrivals = Part {
        id: "arrival_rate".to_owned(),
        title: "The highest rate of arrivals".to_owned(),
        figures: Vec::new(),
        steps: found.steps,
        notes: vec!["Every arrival is a user that nobody has been before.".to_owned()],
    };
    Ok(Target {
        id: "token".to_owned(),
        endpoint: "POST /v1/api/queue/token".to_owned(),
        why: "The highest concurrency is at the opening second: everybody asks for a token at once, it is the way in, \
              and everything depends on it."
            .to_owned(),
        conclusion,
        capacity: found.capacity,
        parts: [connections, arrivals].into_iter().chain(cost).collect(),
    })
}

/// As many connections at once as the descriptors allow, each of which gets its answer.
fn connections(run: &mut Run<'_>, site: &Site, descriptors_max: u64) -> Result<Part> {
    let plan = run.plan();
    let of_descriptors = usize::try_from(descriptors_max.saturating_sub(DESCRIPTORS_SPARE)).unwrap_or(usize::MAX);
    let of_ports = local_ports().unwrap_or(usize::MAX);
    let mut count = plan.token.connections_max.min(of_descriptors).min(of_ports);
    let mut limit = if count == of_descriptors {
        format!("the descriptors of a process, {descriptors_max} (`ulimit -Hn`), less {DESCRIPTORS_SPARE} for files")
    } else if count == of_ports {
        format!("the local ports of this machine, {of_ports} (net.ipv4.ip_local_port_range)")
    } else {
        "the plan: token.connections_max".to_owned()
    };
    let least = plan.token.connections_min;
    if count < least {
        let text =
            format!("{count} connections can be held, and token.connections_min is {least}; the limit is {limit}");
        return Err(Unfit(text).into());
    }
    let held = match hold(run, site, count) {
        Err(error) => match error.downcast::<TookNoMore>() {
            // Whoever stands before a service that is not ours may have a limit of its own. A few fewer than it took, it
            // takes again.
            Ok(TookNoMore { opened, wanted, source }) if !run.is_own() && opened > least && !is_machine(&source) => {
                limit = format!("the service: of {wanted} connections it took {opened} ({source:#})");
                count = opened - opened / 20;
                run.progress.note(&limit);
                hold(run, site, count)
            }
            Ok(error) => Err(error.into()),
            Err(error) => Err(error),
        },
        held => held,
    };
    let (step, report) = held?;
    run.judge_hidden("token connections", hidden_in(&report));
    let held = count as u64 - report.failed().min(count as u64);
    let open = step
        .resources
        .descriptors
        .iter()
        .flatten()
        .copied()
        .fold(None, |most: Option<f64>, open| Some(most.map_or(open, |most| most.max(open))));
    let reason = "the process is not ours, and /metrics does not tell";
    let source = "/proc/PID/fd, or /metrics";
    Ok(Part {
        id: "connections".to_owned(),
        title: "Connections held at once".to_owned(),
        figures: vec![
            Figure::new(
                "connections_held",
                "Connections held, each of which got two tokens",
                held as f64,
                "",
                "client",
            ),
            Figure::maybe("server_descriptors", "Descriptors open in the server", open, "", source, reason),
        ],
        steps: vec![step],
        notes: vec![format!("What limited it: {limit}.")],
    })
}

/// So many connections, over each of which two users come.
fn hold(run: &mut Run<'_>, site: &Site, count: usize) -> Result<(Step, Report)> {
    let mut fresh = run.fresh_users();
    let mut source = Steady::new(move |out: &mut Vec<u8>| request::issue(fresh(), out)).times(2 * count as u64);
    let per_second = (2.0 * count as f64).min(10_000.0);
    let load = Load {
        connections: count,
        pace: Pace::Open { per_second },
        warm_up: Duration::ZERO,
        duration: Duration::from_secs_f64(2.0 * count as f64 / per_second + 1.0),
        ..open_load(run.plan(), &format!("{count} connections"), per_second)
    };
    measure::run(site, &load, &mut source, &mut run.progress)
}

/// How many connections to one address this machine has ports for.
fn local_ports() -> Option<usize> {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    let mut ends = range.split_whitespace().map(str::parse::<usize>);
    let (low, high) = (ends.next()?.ok()?, ends.next()?.ok()?);
    // Ports of connections that were closed rest for a minute; leave room for them.
    Some((high - low) * 3 / 4)
}

/// CPU time, memory and journal of one token.
fn cost(run: &mut Run<'_>, site: &Site) -> Result<Part> {
    let count = run.plan().token.cost;
    let mut fresh = run.fresh_users();
    let mut source = Steady::new(move |out: &mut Vec<u8>| request::issue(fresh(), out)).times(count);
    site.settle()?;
    let before = site.counters();
    measure::complete(site.endpoint(), &mut source)?;
    site.settle()?;
    let after = site.counters();
    let each = |more: Option<f64>, scale: f64| more.map(|more| more * scale / count as f64);
    let reason = "neither the process nor /metrics tells";
    Ok(Part {
        id: "cost".to_owned(),
        title: "What a token costs".to_owned(),
        figures: vec![
            Figure::maybe(
                "cpu_per_token",
                "CPU time of the server, until the tables have it too",
                each(grown(before.cpu_s, after.cpu_s), 1e6),
                "µs",
                "the process's CPU clock, or /metrics onsale_process_cpu_seconds_total",
                reason,
            ),
            Figure::maybe(
                "memory_per_token",
                "Resident memory",
                each(grown(before.resident_bytes, after.resident_bytes), 1.0),
                "bytes",
                "/proc/PID/status VmRSS, or /metrics",
                reason,
            ),
            Figure::maybe(
                "journal_per_token",
                "Payload in the journal",
                each(grown(before.journal_bytes, after.journal_bytes), 1.0),
                "bytes",
                "/metrics onsale_journal_written_bytes_total",
                "the server exposes no /metrics",
            ),
            Figure::maybe(
                "disk_per_token",
                "Written to storage",
                each(grown(before.written_bytes, after.written_bytes), 1.0),
                "bytes",
                "/proc/PID/io write_bytes",
                "the process is not ours",
            ),
        ],
        steps: Vec::new(),
        notes: vec![format!("Over {count} tokens, each of a new user.")],
    })
}
