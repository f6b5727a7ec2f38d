//! `GET /concerts/schedule`: cached, and never stale.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};

use super::beside::{Changes, changing};
use super::{INSIDE, asks, bearable, capacity_text, hidden_in, open_load, search_inside};
use crate::answer;
use crate::audit::{Rule, Tally};
use crate::catalog;
use crate::load::{Next, Reply, Source};
use crate::measure;
use crate::profile::Act;
use crate::report::{Figure, Part, Step, Target};
use crate::request::Template;
use crate::run::Run;
use crate::site::{Counters, Site, grown};
use crate::sources::Tokens;

const PATH: &str = "/v1/api/concerts/schedule";
const LOOKUPS: &str = "/metrics onsale_list_lookups_total";
const NO_METRICS: &str = "the server exposes no /metrics";

/// Cache, storage, response time, freshness.
///
/// # Errors
/// When a server cannot be started or reached.
pub fn schedule(run: &mut Run<'_>) -> Result<Target> {
    run.progress.part("GET /concerts/schedule");
    let plan = run.plan();
    let site = run.site(&INSIDE, &catalog::concert(plan.schedule.schedules + 1, plan.schedule.seats))?;
    let mut readers = site.admit(run.new_users(256))?;
    let (date, fresh_date) = dates(&site)?;
    let users = run.user_ranges();
    let mut hidden = (0, 0);
    let cold = cold(&site, &readers, fresh_date)?;
    let mut cache = vec![cold];
    let mut steps = Vec::new();
    let mut storage = Vec::new();
    let rate = bearable(run, &site, plan.schedule.rate, &mut asks(Template::get(PATH, &[]), &readers))?;
    for &per_second in &plan.schedule.changes_per_second {
        readers = site.refreshed(&readers, &users)?;
        let changes = Changes { schedule: date.0, seats: date.1, per_second, tokens: Arc::clone(&readers) };
        let load = open_load(plan, &format!("{per_second} changes/s"), rate);
        let duration = load.warm_up + load.duration;
        let before = site.counters();
        let progress = &mut run.progress;
        let (step, ()) = measure::on_time(site.quiet(), plan.load.tries, || {
            let ((step, report), _) = changing(&site, &changes, duration, || {
                measure::run(&site, &load, &mut asks(Template::get(PATH, &[]), &readers), progress)
            })?;
            hidden = (hidden.0 + hidden_in(&report).0, hidden.1 + hidden_in(&report).1);
            Ok((step, ()))
        })?;
        let after = site.counters();
        cache.push(hits(&format!("hits_{per_second:.0}"), &format!("Hits at {per_second} changes/s"), &before, &after));
        if per_second <= 0.0 {
            storage = storage_figures(&before, &after);
        }
        steps.push(step);
    }
    run.judge_step("schedule", "the schedule list while seats change", steps.last().unwrap_or(&Step::default()));
    let conditional = if site.profile().promises.etag {
        Some(conditional(run, &site, &readers, rate)?)
    } else {
        run.leave_out("schedule.not_modified", "not promised: the profile says that lists have no ETag");
        None
    };
    let freshness = if tells_available(&site, readers.get(0))? && !site.profile().ends_with_reserve() {
        Some(freshness(run, &site, &readers, fresh_date, rate)?)
    } else {
        let reason =
            "not observable: no list of dates tells how many seats are left, or a reservation ends the session";
        run.leave_out(Rule::ScheduleFresh.id(), reason);
        None
    };
    let found = search_inside(run, &site, &mut readers, |readers| Box::new(asks(Template::get(PATH, &[]), readers)))?;
    run.judge_hidden("schedule", (hidden.0 + found.hidden.0, hidden.1 + found.hidden.1));
    site.leave(&readers)?;
    let last = cache.last().and_then(|figure| figure.value);
    let conclusion = format!(
        "Lists: {}. At the highest rate of changes {} of them were rendered already.",
        capacity_text(&found),
        last.map_or("an unknown part".to_owned(), |hits| format!("{hits:.2} %"))
    );
    let part = |id: &str, title: &str, figures, steps, notes: Vec<String>| Part {
        id: id.to_owned(),
        title: title.to_owned(),
        figures,
        steps,
        notes,
    };
    Ok(Target {
        id: "schedule".to_owned(),
        endpoint: format!("GET {PATH}"),
        why: "Everybody who gets in looks at it first. Does the caching work, and is it right while seats change?"
            .to_owned(),
        conclusion,
        parts: [
            Some(part(
                "cache",
                "Cache",
                cache,
                steps,
                vec!["A hit is a list that was rendered already; each step has its own rate of changes.".to_owned()],
            )),
            conditional,
            Some(part(
                "storage",
                "Storage operations that reads cause",
                storage,
                Vec::new(),
                vec!["Over the step without changes.".to_owned()],
            )),
            freshness,
            Some(part("capacity", "The highest rate of lists", Vec::new(), found.steps, Vec::new())),
        ]
        .into_iter()
        .flatten()
        .collect(),
        capacity: found.capacity,
    })
}

/// The date whose seats change, and one that nobody else touches: schedule and number of seats.
fn dates(site: &Site) -> Result<((u64, u64), (u64, u64))> {
    let dates = &site.catalog.dates;
    let pair = |date: &crate::site::Date| (date.schedule_id, date.total_seats);
    let first = dates.first().map(pair).context("nothing is on sale in the default queue")?;
    Ok((dates.last().map_or(first, pair), first))
}

fn hits(id: &str, title: &str, before: &Counters, after: &Counters) -> Figure {
    let hits = grown(before.list_hits, after.list_hits);
    let misses = grown(before.list_misses, after.list_misses);
    let percent = hits.zip(misses).map(|(hits, misses)| 100.0 * hits / (hits + misses));
    Figure::maybe(id, title, percent, "%", LOOKUPS, NO_METRICS)
}

/// The first list after a change, which nobody has rendered yet.
fn cold(site: &Site, tokens: &Tokens, date: (u64, u64)) -> Result<Figure> {
    const TIMES: u64 = 20;
    let figure = |percent| {
        Figure::maybe("hits_cold", "Hits, cold: the first list after a change", percent, "%", LOOKUPS, NO_METRICS)
    };
    if site.counters().list_hits.is_none() || !site.has(Act::Cancel) {
        return Ok(figure(None));
    }
    let (token, mut lookups) = (tokens.get(0), (0.0, 0.0));
    for _ in 0..TIMES {
        let held = site.data(&Template::reserve(date.0, date.1).with(token))?;
        let reservation = held["reservationId"].as_u64().context("a reservation without its id")?;
        let before = site.counters();
        site.data(&Template::get(PATH, &[]).with(token))?;
        let after = site.counters();
        lookups.0 += grown(before.list_hits, after.list_hits).unwrap_or(f64::NAN);
        lookups.1 += grown(before.list_misses, after.list_misses).unwrap_or(f64::NAN);
        site.data(&Template::cancel(reservation).with(token))?;
    }
    let percent = 100.0 * lookups.0 / (lookups.0 + lookups.1);
    Ok(figure(Some(percent)))
}

fn storage_figures(before: &Counters, after: &Counters) -> Vec<Figure> {
    vec![
        Figure::maybe(
            "commits",
            "Commits of the journal",
            grown(before.commits, after.commits),
            "",
            "/metrics onsale_journal_append_duration_seconds_count",
            NO_METRICS,
        ),
        Figure::maybe(
            "rows",
            "Rows written to the tables",
            grown(before.rows, after.rows),
            "",
            "/metrics onsale_projected_rows_total",
            NO_METRICS,
        ),
        Figure::maybe(
            "written",
            "Bytes written to storage",
            grown(before.written_bytes, after.written_bytes),
            "bytes",
            "/proc/PID/io write_bytes",
            "the process is not ours",
        ),
    ]
}

/// Lists that the client has already.
struct Conditional {
    tokens: Arc<Tokens>,
    /// By token.
    etags: HashMap<usize, Vec<u8>>,
    asking: Vec<usize>,
    next: usize,
    not_modified: u64,
}

impl Source for Conditional {
    fn next(&mut self, slot: usize, _now: Instant, out: &mut Vec<u8>) -> Next {
        let index = self.next % self.tokens.len();
        self.next += 1;
        if self.asking.len() <= slot {
            self.asking.resize(slot + 1, 0);
        }
        self.asking[slot] = index;
        let header = self.etags.get(&index).map(|etag| format!("If-None-Match: {}", String::from_utf8_lossy(etag)));
        let headers: Vec<&str> = header.as_deref().into_iter().collect();
        Template::get(PATH, &headers).write(self.tokens.get(index), out);
        Next::Send
    }

    fn reply(&mut self, slot: usize, _now: Instant, reply: &Reply<'_>) -> bool {
        if reply.status == 304 {
            self.not_modified += 1;
            return true;
        }
        self.etags.insert(self.asking[slot], reply.etag.to_vec());
        reply.is_success() && !reply.etag.is_empty()
    }

    fn keeps_body(&self) -> bool {
        true
    }
}

fn conditional(run: &mut Run<'_>, site: &Site, tokens: &Arc<Tokens>, rate: f64) -> Result<Part> {
    let plan = run.plan();
    let mut source =
        Conditional { tokens: Arc::clone(tokens), etags: HashMap::new(), asking: Vec::new(), next: 0, not_modified: 0 };
    let load = open_load(plan, "If-None-Match", rate);
    let (step, report) = measure::run(site, &load, &mut source, &mut run.progress)?;
    let all: u64 = report.statuses.values().sum();
    let percent = (all > 0).then(|| 100.0 * source.not_modified.min(all) as f64 / all as f64);
    Ok(Part {
        id: "not_modified".to_owned(),
        title: "Lists that the client has already".to_owned(),
        figures: vec![Figure::maybe("not_modified", "Answered 304", percent, "%", "client", "nothing was answered")],
        steps: vec![step],
        notes: vec!["Each client sends the ETag of its last list; nothing changes meanwhile.".to_owned()],
    })
}

/// Own writes, looked for in the next list, while others read.
fn freshness(run: &mut Run<'_>, site: &Site, readers: &Arc<Tokens>, date: (u64, u64), rate: f64) -> Result<Part> {
    let plan = run.plan();
    let cases = plan.schedule.freshness_cases;
    let is_alone = run.is_own();
    let load = open_load(plan, "reads beside the writer", rate / 4.0);
    let progress = &mut run.progress;
    let (tally, step) = std::thread::scope(|scope| -> Result<(Tally, Step)> {
        let writer = scope.spawn(|| write_and_look(site, readers, date, cases, is_alone));
        let (step, _) = measure::run(site, &load, &mut asks(Template::get(PATH, &[]), readers), progress)?;
        Ok((writer.join().map_err(|_| anyhow!("the writer's thread is gone"))??, step))
    })?;
    let figures = vec![
        Figure::new("fresh_cases", "Own writes looked for in the next list", tally.cases() as f64, "", "client"),
        Figure::new("stale", "Not found", tally.wrong() as f64, "", "client"),
    ];
    run.checks.push(tally.into_check("schedule"));
    Ok(Part {
        id: "freshness".to_owned(),
        title: "No stale list after a change".to_owned(),
        figures,
        steps: vec![step],
        notes: vec!["A writer holds and drops seats and reads the list after each acknowledgement, over new connections, while others read.".to_owned()],
    })
}

fn write_and_look(site: &Site, tokens: &Tokens, date: (u64, u64), cases: u64, is_alone: bool) -> Result<Tally> {
    const TIME_MAX: Duration = Duration::from_secs(60);
    let mut tally = Tally::new(Rule::ScheduleFresh);
    let (writer, reader) = (tokens.get(0), tokens.get(tokens.len() - 1));
    let started = Instant::now();
    let mut held = Vec::new();
    let mut seat = 0;
    let before = available(site, reader, date.0)?;
    let drops = site.has(Act::Cancel);
    let mut time_max = TIME_MAX;
    while tally.cases() < cases && started.elapsed() < time_max {
        if held.len() < 3 || !drops {
            if !drops && seat > date.1 / 4 {
                break;
            }
            seat = seat % date.1 + 1;
            let reply = site.call(&Template::reserve(date.0, seat).with(writer))?;
            if reply.status == 409 {
                // Somebody else's, on a server that is not ours.
                continue;
            }
            let reply = reply.success()?;
            let data = answer::data(&reply.body).context("a reservation that does not say what it is")?;
            if let Some(lasts) = data.hold_lasts().filter(|_| !drops) {
                // What has lapsed is not held any more.
                time_max = time_max.min(lasts.mul_f64(0.6));
            }
            held.push(data.reservation_id.context("a reservation without its id")?);
        } else {
            let reservation = held.remove(0);
            site.data(&Template::cancel(reservation).with(writer))?;
        }
        let now = available(site, reader, date.0)?;
        let mine = held.len() as u64;
        // Others may hold seats too where the server is not ours, but never fewer than we do.
        let is_fresh = if is_alone { now + mine == before } else { now + mine <= date.1 };
        tally.judge(is_fresh, || {
            format!("schedule {}: {before} seats were free, {mine} are held since, and {now} are told", date.0)
        });
    }
    for reservation in held.into_iter().filter(|_| drops) {
        site.data(&Template::cancel(reservation).with(writer))?;
    }
    ensure!(tally.cases() > 0, "no seat could be held");
    Ok(tally)
}

/// Whether the list of dates tells how many seats are left.
fn tells_available(site: &Site, token: &[u8]) -> Result<bool> {
    let list = site.data(&Template::get(PATH, &[]).with(token))?;
    Ok(list.as_array().is_some_and(|list| list.iter().all(|entry| entry["availableSeats"].is_u64())))
}

/// `availableSeats` of one schedule.
fn available(site: &Site, token: &[u8], schedule: u64) -> Result<u64> {
    let list = site.data(&Template::get(PATH, &[]).with(token))?;
    let entries = list.as_array().context("a schedule list that is no list")?;
    let entry = entries.iter().find(|entry| entry["scheduleId"] == schedule);
    entry
        .and_then(|entry| entry["availableSeats"].as_u64())
        .with_context(|| format!("schedule {schedule} is not listed"))
}
