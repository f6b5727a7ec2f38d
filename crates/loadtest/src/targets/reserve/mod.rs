//! `POST /concerts/reserve`: the core of concurrency control.

mod hot;
mod pairs;

use std::sync::Arc;

use anyhow::Result;
use rand::SeedableRng as _;
use rand::rngs::SmallRng;

use super::{INSIDE, capacity_text, hidden_in, open_load, search, working};
use crate::catalog;
use crate::load::Source;
use crate::measure;
use crate::profile::Act;
use crate::report::{Figure, Part, Step, Target};
use crate::request::Template;
use crate::run::Run;
use crate::site::{Counters, Site, grown};
use crate::sources::{Churn, Seats, Steady, Tokens};
use crate::zipf::Zipf;

const WHY: &str =
    "Many want one thing at the same moment, and one gets it: transactions, locks and deadlocks are here if anywhere.";
const NO_METRICS: &str = "the server exposes no /metrics";
/// Halls of the spread, so many that a seat's hold has lapsed before it is wanted again.
const HALLS: u64 = 12;

/// One hot seat, a spread, the front row, crossing pairs.
///
/// # Errors
/// When a server cannot be started or reached.
pub fn reserve(run: &mut Run<'_>) -> Result<Target> {
    run.progress.part("POST /concerts/reserve");
    let plan = run.plan();
    let hot = hot::one_hot_seat(run)?;
    let settings: Vec<(&str, &str)> = INSIDE.iter().copied().chain([("hold.ttl", "1s")]).collect();
    let site = run.site(&settings, &catalog::concert(HALLS, plan.reserve.seats))?;
    let tokens = site.admit(run.new_users(2_048))?;
    if !site.has(Act::Cancel) {
        return without_drops(run, &site, hot, &tokens);
    }
    let before = site.counters();
    let found = {
        let mut make = spread(run, &site, &tokens)?;
        search(run, plan, &site).run(&mut *make, &mut run.progress)?
    };
    let commits = commits(&before, &site.counters());
    run.judge_hidden("reserve", found.hidden);
    if let Some(working) = working(&found) {
        run.judge_step("reserve", "reservations at their working rate", working);
    }
    let rate = found.capacity.as_ref().map_or(found.start, |capacity| capacity.per_second) / 2.0;
    let front = front_row(run, &site, &tokens, rate)?;
    let pairs = pairs::crossing_pairs(run, &site, &tokens)?;
    site.leave(&tokens)?;
    let conclusion = format!("Reservations spread over all seats: {}.", capacity_text(&found));
    let part = |id: &str, title: &str, figures, steps, notes: Vec<String>| Part {
        id: id.to_owned(),
        title: title.to_owned(),
        figures,
        steps,
        notes,
    };
    let how = if run.is_own() {
        format!("Seats of {HALLS} halls in turn; holds last 1 s, so that each is free again when its turn comes.")
    } else {
        "Every second request drops the hold that is oldest, so that the seats of the server do not run out: half of the \
         rate is reservations."
            .to_owned()
    };
    Ok(Target {
        id: "reserve".to_owned(),
        endpoint: "POST /v1/api/concerts/reserve".to_owned(),
        why: WHY.to_owned(),
        conclusion,
        parts: vec![
            hot,
            part("spread", "Spread over all seats", Vec::new(), found.steps, vec![how]),
            part("commits", "Commits", commits, Vec::new(), vec!["Over the steps of the spread.".to_owned()]),
            front,
            pairs,
        ],
        capacity: found.capacity,
    })
}

/// The same where a hold cannot be dropped: a seat that was reserved is gone for the run, so there is no search for a
/// rate, but so many reservations at the plan's first rate as a quarter of the seats allows.
fn without_drops(run: &mut Run<'_>, site: &Site, hot: Part, tokens: &Arc<Tokens>) -> Result<Target> {
    let (plan, ends_with_reserve) = (run.plan(), site.profile().ends_with_reserve());
    let date = site.catalog.largest()?;
    let mut left = date.free() / 4;
    if ends_with_reserve {
        left = left.min(tokens.len() as u64);
    }
    let (schedule, seats, shared) = (date.schedule_id, date.total_seats, Arc::clone(tokens));
    let mut next = 0;
    let mut source = Steady::new(move |out: &mut Vec<u8>| {
        let index = next;
        next += 1;
        let seat = seats - index as u64 * 3 % seats;
        Template::reserve(schedule, seat).write(shared.get(index), out);
    })
    .allowing(&[409])
    .times(left);
    let rate = plan.load.rate_start.min(left as f64 / plan.load.step.as_secs_f64());
    let load = open_load(plan, "a quarter of the seats", rate);
    let (step, report) = measure::run(site, &load, &mut source, &mut run.progress)?;
    run.judge_hidden("reserve", hidden_in(&report));
    run.judge_step("reserve", "reservations at one rate", &step);
    let mut parts = vec![
        hot,
        Part {
            id: "spread".to_owned(),
            title: "Spread over a quarter of the seats".to_owned(),
            figures: vec![Figure::new("reservations", "Reservations asked for", left as f64, "", "client")],
            steps: vec![step],
            notes: vec![
                "A hold cannot be dropped here, so the highest rate was not looked for: it would cost all seats."
                    .to_owned(),
            ],
        },
    ];
    run.leave_out("reserve.capacity", "holds cannot be dropped: a search would use all seats up");
    if ends_with_reserve {
        run.leave_out("reserve.deadlocks", "a reservation ends the session, so nobody can want two seats");
    } else {
        parts.push(pairs::crossing_pairs(run, site, tokens)?);
    }
    site.leave(tokens)?;
    Ok(Target {
        id: "reserve".to_owned(),
        endpoint: "POST /v1/api/concerts/reserve".to_owned(),
        why: WHY.to_owned(),
        conclusion: format!(
            "{left} reservations at {rate:.0} per second; no highest rate, as holds cannot be dropped."
        ),
        parts,
        capacity: None,
    })
}

type Make<'a> = Box<dyn FnMut(f64) -> Result<Box<dyn Source>> + 'a>;

/// Reservations of seats in turn. On a server that is not ours each second request drops the oldest hold again.
fn spread<'a>(run: &Run<'_>, site: &Site, tokens: &'a Arc<Tokens>) -> Result<Make<'a>> {
    let largest = site.catalog.largest()?;
    if !run.is_own() {
        let (schedule, seats) = (largest.schedule_id, largest.total_seats);
        let held_max = tokens.len().min(usize::try_from(seats / 4).unwrap_or(1)).max(1);
        return Ok(Box::new(move |_| {
            Ok(Box::new(Churn::new(schedule, seats, held_max, Arc::clone(tokens)).among_others()))
        }));
    }
    let seats = Seats { first_schedule: largest.schedule_id.min(1), seats_per_schedule: largest.total_seats };
    let all = HALLS * largest.total_seats;
    let next = std::rc::Rc::new(std::cell::Cell::new(0u64));
    Ok(Box::new(move |_| {
        let (tokens, next) = (Arc::clone(tokens), std::rc::Rc::clone(&next));
        let write = move |out: &mut Vec<u8>| {
            let index = next.replace(next.get() + 1);
            let (schedule, seat) = seats.at(index % all);
            Template::reserve(schedule, seat).write(tokens.get(usize::try_from(index).unwrap_or(0)), out);
        };
        // Where a small hall comes round before its holds have lapsed, a seat may still be held.
        Ok(Box::new(Steady::new(write).allowing(&[409])))
    }))
}

fn commits(before: &Counters, after: &Counters) -> Vec<Figure> {
    let commits = grown(before.commits, after.commits);
    let per_commit = |more: Option<f64>, scale: f64| more.zip(commits).map(|(more, commits)| more * scale / commits);
    vec![
        Figure::maybe(
            "commit_latency",
            "Mean latency of a commit",
            per_commit(grown(before.append_s, after.append_s), 1e3),
            "ms",
            "/metrics onsale_journal_append_duration_seconds",
            NO_METRICS,
        ),
        Figure::maybe(
            "commands_per_commit",
            "Commands per commit",
            per_commit(grown(before.commands, after.commands), 1.0),
            "",
            "/metrics onsale_journal_batch_commands",
            NO_METRICS,
        ),
        Figure::maybe(
            "commits",
            "Commits",
            commits,
            "",
            "/metrics onsale_journal_append_duration_seconds_count",
            NO_METRICS,
        ),
    ]
}

/// Everybody wants the front row.
fn front_row(run: &mut Run<'_>, site: &Site, tokens: &Arc<Tokens>, rate: f64) -> Result<Part> {
    let plan = run.plan();
    let date = site.catalog.largest()?;
    let (schedule, seats) = (date.schedule_id, usize::try_from(date.total_seats).unwrap_or(1));
    let zipf = Zipf::new(seats, plan.reserve.favourite_exponent);
    let (mut random, shared, mut next) = (SmallRng::seed_from_u64(plan.seed), Arc::clone(tokens), 0);
    let mut source = Steady::new(move |out: &mut Vec<u8>| {
        next += 1;
        Template::reserve(schedule, zipf.pick(&mut random) as u64 + 1).write(shared.get(next), out);
    })
    .allowing(&[409]);
    let load = open_load(plan, "everybody wants the front row", rate);
    let (step, report) = measure::run(site, &load, &mut source, &mut run.progress)?;
    run.judge_hidden("reserve front row", hidden_in(&report));
    let won = report.statuses.get(&200).copied().unwrap_or(0);
    let refused = report.statuses.get(&409).copied().unwrap_or(0);
    let percent = (won + refused > 0).then(|| 100.0 * refused as f64 / (won + refused) as f64);
    Ok(Part {
        id: "front_row".to_owned(),
        title: "Everybody wants the front row".to_owned(),
        figures: vec![
            Figure::new("won", "Reservations", won as f64, "", "client"),
            Figure::maybe(
                "refused",
                "Refused, because somebody else had the seat",
                percent,
                "%",
                "client",
                "nothing was answered",
            ),
        ],
        steps: vec![step],
        notes: vec![format!(
            "Seat number k is wanted in proportion to 1 / k^{}, at half of the capacity of the spread.",
            plan.reserve.favourite_exponent
        )],
    })
}

/// p99 and the like of one closed piece of contention.
fn only(step: Step) -> Vec<Step> {
    vec![step]
}
