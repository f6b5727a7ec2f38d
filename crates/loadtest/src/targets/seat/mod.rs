//! `GET /concerts/seat`: live seats.

mod consistency;

use std::sync::Arc;

use anyhow::Result;

use super::beside::{Changes, changing};
use super::{INSIDE, capacity_text, hidden_in, open_load, search_inside};
use crate::catalog;
use crate::load::{self, Pace};
use crate::measure::{self, Load};
use crate::report::{Figure, Part, Step, Target};
use crate::request::Template;
use crate::run::Run;
use crate::site::{Date, Site, grown};
use crate::sources::{Steady, Tokens};

const NO_METRICS: &str = "the server exposes no /metrics";

/// Reads beside reservations, and the consistency of every list.
///
/// # Errors
/// When a server cannot be started or reached.
pub fn seat(run: &mut Run<'_>) -> Result<Target> {
    run.progress.part("GET /concerts/seat");
    let plan = run.plan();
    let site = run.site(&INSIDE, &catalog::halls(&[plan.seat.seats, 2_000.min(plan.seat.seats)]))?;
    let mut tokens = site.admit(run.new_users(512))?;
    let date = site.catalog.largest()?.clone();
    let mut hidden = (0, 0);
    let reads = reads(run, &site, &date, &mut tokens, &mut hidden)?;
    run.judge_step(
        "seat",
        "the seats of a section, read beside reservations",
        reads.steps.last().unwrap_or(&Step::default()),
    );
    let mut tokens = site.renew(tokens, || run.new_users(512))?;
    let consistency = consistency::consistency(run, &site, &tokens)?;
    let found = search_inside(run, &site, &mut tokens, |tokens| Box::new(sections(&date, tokens)))?;
    run.judge_hidden("seat", (hidden.0 + found.hidden.0, hidden.1 + found.hidden.1));
    site.leave(&tokens)?;
    Ok(Target {
        id: "seat".to_owned(),
        endpoint: "GET /v1/api/concerts/seat".to_owned(),
        why: "Live data that changes with every hold and sale, asked for by everybody inside; most bytes of an on-sale are \
              seat lists."
            .to_owned(),
        conclusion: format!("Sections: {}.", capacity_text(&found)),
        parts: vec![
            reads,
            consistency,
            Part {
                id: "capacity".to_owned(),
                title: "The highest rate of sections".to_owned(),
                figures: Vec::new(),
                steps: found.steps,
                notes: Vec::new(),
            },
        ],
        capacity: found.capacity,
    })
}

/// One section after the other, with the tokens in turn.
fn sections(date: &Date, tokens: &Arc<Tokens>) -> Steady<impl FnMut(&mut Vec<u8>) + use<>> {
    let path = format!("/v1/api/concerts/seat?scheduleId={}", date.schedule_id);
    let named = date.sections.iter().filter_map(|section| section.section.as_ref());
    let mut templates: Vec<Template> =
        named.map(|name| Template::get(&format!("{path}&section={}", encode(name)), &[])).collect();
    if templates.is_empty() {
        templates.push(Template::get(&path, &[]));
    }
    let (tokens, mut next) = (Arc::clone(tokens), 0usize);
    Steady::new(move |out: &mut Vec<u8>| {
        next += 1;
        templates[next * 7 % templates.len()].write(tokens.get(next), out);
    })
}

/// A name as part of a query.
pub(crate) fn encode(name: &str) -> String {
    let mut text = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            text.push(byte as char);
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// More and more clients at once, with reservations beside them.
fn reads(
    run: &mut Run<'_>,
    site: &Site,
    date: &Date,
    tokens: &mut Arc<Tokens>,
    hidden: &mut (u64, u64),
) -> Result<Part> {
    let (plan, users) = (run.plan(), run.user_ranges());
    let (mut steps, mut changed) = (Vec::new(), Vec::new());
    let before = site.counters();
    let mut seconds = 0.0;
    for &readers in &plan.seat.readers {
        *tokens = site.refreshed(tokens, &users)?;
        let changes = Changes {
            schedule: date.schedule_id,
            seats: date.total_seats,
            per_second: plan.seat.reservations_per_second,
            tokens: Arc::clone(tokens),
        };
        let load = Load {
            connections: readers,
            pace: Pace::Closed,
            ..open_load(plan, &format!("{readers} clients, each again at once"), 0.0)
        };
        let duration = load.warm_up + load.duration;
        let progress = &mut run.progress;
        let (step, writer) = measure::on_time(site.quiet(), plan.load.tries, || {
            let ((step, report), writer) = changing(site, &changes, duration, || {
                measure::run(site, &load, &mut sections(date, tokens), progress)
            })?;
            seconds += duration.as_secs_f64();
            let (successes_hidden, successes) = hidden_in(&report);
            *hidden = (hidden.0 + successes_hidden, hidden.1 + successes);
            Ok((step, writer))
        })?;
        changed.extend(writer);
        steps.push(step);
    }
    if changed.is_empty() {
        run.leave_out("seat.reservations", "a reservation ends the session here, so reads have none beside them");
    }
    let after = site.counters();
    let per_second = |more: Option<f64>| more.map(|more| more / seconds);
    let lag: Vec<f64> =
        steps.iter().flat_map(|step| step.resources.projection_lag_entries.iter().flatten().copied()).collect();
    let writes: Vec<f64> = changed
        .iter()
        .filter(|report| report.completed > 0)
        .map(|report| report.latency_at(0.99).as_secs_f64() * 1e3)
        .collect();
    let made: Vec<f64> = changed.iter().map(load::Report::per_second).collect();
    let slowest = lag.iter().copied().reduce(f64::max);
    Ok(Part {
        id: "reads_beside_writes".to_owned(),
        title: "Reads at rising concurrency, with reservations beside them".to_owned(),
        figures: vec![
            Figure::maybe(
                "commits",
                "Commits of the journal",
                per_second(grown(before.commits, after.commits)),
                "/s",
                "/metrics onsale_journal_append_duration_seconds_count",
                NO_METRICS,
            ),
            Figure::maybe(
                "rows",
                "Rows written to the tables",
                per_second(grown(before.rows, after.rows)),
                "/s",
                "/metrics onsale_projected_rows_total",
                NO_METRICS,
            ),
            Figure::maybe(
                "projection_lag",
                "Journal entries that the tables lack, at most",
                slowest,
                "entries",
                "/metrics onsale_projection_lag_entries",
                NO_METRICS,
            ),
            Figure::of_runs("write_p99", "p99 of the reservations beside the reads", &writes, "ms", "client"),
            Figure::of_runs("writes", "Reservations beside the reads that were really made", &made, "/s", "client"),
        ],
        steps,
        notes: vec![format!(
            "Beside each step {} seats change per second, open loop. Readers ask again as soon as they have their \
                 answer: a closed loop, which shows how the answer slows as more ask at once. The capacity below is open \
                 loop.",
            plan.seat.reservations_per_second
        )],
    })
}
