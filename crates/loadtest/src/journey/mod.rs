//! The whole journey: people come, wait, look, hold, charge and pay, until nothing is left.

mod call;
mod crowd;
mod curve;
mod entry;
mod estimate;
mod hall;
mod person;
mod settle;
mod turn;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

pub use call::Call;
pub(crate) use crowd::{Counts, Crowd, Habits, Own, Setting, Times, traffic};
use hall::Hall;

use crate::catalog;
use crate::endpoint::Endpoint;
use crate::load::{self, Losses, Pace, Plan, Report as Loaded};
use crate::measure::{self, Sampler};
use crate::plan;
use crate::process::SECRET;
use crate::profile::Signer;
use crate::report::{Figure, Journey, Resources, ThresholdKind};
use crate::run::{Limit, Run};
use crate::site::Site;
use crate::stolen::Stolen;

/// Entry tokens are signed before anybody comes, and are good for longer than any sale of a plan.
const SIGNED_FOR: Duration = Duration::from_secs(3_600);

/// What the selection reads of the traffic.
pub struct Traffic {
    /// Each call, its replies, and its replies by second.
    pub calls: Vec<(Call, u64, Vec<u64>)>,
    /// How many bought, and by call how many of them had a success of it before.
    pub bought: u64,
    pub on_the_way: [u64; Call::ALL.len()],
}

/// One on-sale.
struct OnSale {
    journey: Journey,
    traffic: Traffic,
    /// Why its figures say nothing of the server.
    invalid: Vec<String>,
    /// Why its times say nothing: the generator was late, or its core was full.
    late_reason: Option<String>,
    /// Whether that is because the generator was late though it had time.
    is_late: bool,
}

/// The plan's on-sale, until it is sold out; a second one where somebody else had the generator's core.
///
/// # Errors
/// When a server cannot be started or reached.
pub fn journey(run: &mut Run<'_>) -> Result<(Journey, Traffic)> {
    run.progress.part("The whole journey");
    let mut held = on_sale(run, "journey")?;
    if held.is_late && run.is_own() && run.plan().load.tries > 1 {
        run.progress.note("again: others had the generator's core");
        run.quiet.wait()?;
        held = on_sale(run, "journey, second try")?;
        if let Some(first) = held.journey.steps.first_mut() {
            first.late_tries = 1;
        }
    }
    if let Some(reason) = &held.late_reason {
        // All calls share the generator, so none of their figures is the server's.
        held.journey.stadium_s = None;
        for step in &mut held.journey.steps {
            (step.valid, step.invalid_reason) = (false, Some(reason.clone()));
        }
        held.journey.figures.iter_mut().filter(|figure| figure.unit == "/s").for_each(|figure| figure.distrust(reason));
    }
    // In a quick run speed decides nothing, nor does the time that there was.
    if run.options.quick {
        held.invalid.iter().for_each(|text| run.progress.note(text));
    } else {
        run.invalid.append(&mut held.invalid);
    }
    judge(run, &held.journey.steps);
    for step in &held.journey.steps {
        run.note_failure(&format!("{} in the journey", step.name), step);
    }
    Ok((held.journey, held.traffic))
}

fn on_sale(run: &mut Run<'_>, part: &str) -> Result<OnSale> {
    let plan = &run.plan().journey;
    let site = open(run, plan)?;
    let setting = setting(run, plan, &site)?;
    let people = plan.people_count();
    run.progress.note(&format!("{people} people want {} seats", setting.date.total_seats));
    let server_errors_before = site.metrics().and_then(|metrics| metrics.server_errors());
    let mut crowd = Crowd::new(setting)?;
    let (began, cpu, stolen) = (Instant::now(), measure::own_cpu(), Stolen::begin());
    let (report, resources, inside) = drive(run, plan, &site, &mut crowd)?;
    let spent = measure::own_cpu().saturating_sub(cpu).saturating_sub(report.burnt).as_secs_f64();
    let generator_cores = spent / began.elapsed().as_secs_f64().max(1e-9);
    for count in inside {
        crowd.line.counted_inside(count);
    }
    let elapsed = report.elapsed;
    let Counts { buyers, on_the_way, .. } = crowd.counts;
    let traffic = Traffic { calls: traffic(&crowd), bought: buyers, on_the_way };
    let (sold_out, pace) = (crowd.curve.sold_out, crowd.curve.best_pace());
    let first = crowd.curve.first.unwrap_or_default();
    let sold_out_s = sold_out.map(|at| (at - first).as_secs_f64());
    let (seats, bought) = (crowd.seats_total, crowd.counts.bought);
    let stadium_s = sold_out_s.and_then(|seconds| {
        // At the best pace, with the run's own time before and after it.
        let rest = seconds - seats as f64 / pace.unwrap_or(f64::INFINITY);
        if seats == 50_000 { Some(seconds) } else { pace.map(|pace| 50_000.0 / pace + rest.max(0.0)) }
    });
    let mut figures = figures(&crowd, &report, pace);
    let mut invalid = Vec::new();
    if sold_out.is_none() {
        let text = format!("the journey was not sold out within {}: {} seats are left", plan.limit, seats - bought);
        if run.is_own() { invalid.push(text) } else { run.progress.note(&text) }
    }
    let stolen_cores = stolen.cores();
    let lateness = measure::lateness(&report, stolen_cores);
    let is_late = lateness.is_some() && !measure::is_busy(generator_cores);
    let late_reason = lateness.or_else(|| measure::saturated(generator_cores));
    if let Some(reason) = &late_reason {
        run.progress.late(reason);
        invalid.push(format!("journey: {reason}"));
    }
    let curve = std::mem::take(&mut crowd.curve).into_report();
    let settled = settle::settle(run, part, site, crowd, server_errors_before)?;
    figures.extend(settled.figures);
    let mut steps = settled.records.into_steps(elapsed, plan.connections as u64);
    if let Some(first) = steps.first_mut() {
        first.resources = resources;
        first.generator_cores = generator_cores;
        first.send_lag_p99_ms = report.lag_p99().as_secs_f64() * 1e3;
        first.stolen_cores = stolen_cores;
    }
    let journey = Journey {
        seats,
        people,
        sold_out_s,
        seats_left: seats - bought.min(seats),
        stadium_s,
        curve,
        figures,
        steps,
        notes: vec![
            "People think, poll as pollAfterMillis says, leave, fall silent and come back, let holds lapse and pay too late, \
             want the front row, some want several seats in one hold, some leave it to the service which, some want to stand, \
             and some send payments again with the same Idempotency-Key. Latency counts from when a person \
             meant to make the call."
                .to_owned(),
        ],
    };
    Ok(OnSale { journey, traffic, invalid, late_reason, is_late })
}

fn open(run: &mut Run<'_>, plan: &plan::Journey) -> Result<Site> {
    let (active, session) = (plan.active_limit.to_string(), plan.session_ttl.to_string());
    let (waiting, grace, hold) =
        (plan.waiting_ttl.to_string(), plan.waiting_grace.to_string(), plan.hold_ttl.to_string());
    // As many as a group may want at once.
    let several = plan.groups.most().max(4).to_string();
    let signer = plan.signed.then(|| {
        let secret: [u64; 4] = rand::random();
        let secret: String = secret.iter().map(|word| format!("{word:016x}")).collect();
        (Signer::of(&secret, SIGNED_FOR), secret)
    });
    let mut settings = vec![
        ("hold.limit_per_user", several.as_str()),
        ("queue.active_limit", active.as_str()),
        ("queue.session_ttl", &session),
        ("queue.waiting_ttl", &waiting),
        ("queue.waiting_grace", &grace),
        ("hold.ttl", &hold),
    ];
    if let Some((signer, secret)) = &signer {
        let said = [
            ("access.users", "signed"),
            ("access.charge", "open"),
            ("entry.issuer", signer.issuer()),
            ("entry.audience", signer.audience()),
            (SECRET, secret),
        ];
        settings.extend(said);
    }
    let site = run.site(&settings, &catalog::of_hall(plan))?;
    Ok(match signer {
        Some((signer, _)) if run.is_own() => site.signed_for_by(signer),
        _ => site,
    })
}

fn setting(run: &Run<'_>, plan: &plan::Journey, site: &Site) -> Result<Setting> {
    let (is_own, profile) = (run.is_own(), site.profile());
    // A server that is not ours keeps its own times: these are its profile's, and its answers tell the rest.
    let elsewhere = Times { waiting_ttl: *plan.waiting_ttl, hold_ttl: *profile.hold.ttl };
    let kept = Times { waiting_ttl: *plan.waiting_ttl, hold_ttl: *plan.hold_ttl };
    let habits = if is_own { Habits::OWN } else { Habits::of(profile) };
    let mut people = plan.people.clone();
    if !habits.leaves {
        // Whoever stays away without leaving has the place until it ends by itself, and nobody can help it.
        (people.leave_percent, people.silent_percent) = (0.0, 0.0);
    }
    if !habits.retries {
        people.retry_percent = 0.0;
    }
    // A service of another make has its own way to be asked for several seats, or none.
    let most = profile.call.reserve.group.as_ref().map(|group| group.most);
    let groups = match site.endpoint().is_foreign() {
        true => plan.groups.within(most),
        false if is_own => plan.groups,
        false => plan.groups.by_name(),
    };
    let own = is_own.then(|| Own {
        hall: Hall::of(plan),
        standing_percent: plan.standing.percent,
        signer: site.signer().cloned(),
    });
    let date = site.catalog.largest()?.clone();
    let bought = site.buy_out(&date)?;
    let users = run.new_users(plan.people_count());
    ensure!(
        !site.endpoint().is_foreign() || users.end <= profile.users_of_a_run() + 1,
        "{} of the profile: {} users are not enough for this plan, which has come to number {}",
        if profile.users.prepare.is_some() { "users.prepare" } else { "users.count" },
        profile.users_of_a_run(),
        users.end - 1
    );
    Ok(Setting {
        date: date.less(bought),
        first_user: users.start,
        arrivals: plan.arrivals.clone(),
        people,
        groups,
        habits,
        times: if is_own { kept } else { elsewhere },
        active_limit: if is_own {
            Some(plan.active_limit.into())
        } else {
            site.active_limit().or(profile.queue.inside)
        },
        seed: run.plan().seed,
        connections: plan.connections,
        is_alone: is_own,
        own,
    })
}

fn drive(
    run: &mut Run<'_>,
    plan: &plan::Journey,
    site: &Site,
    crowd: &mut Crowd,
) -> Result<(Loaded, Resources, Vec<u64>)> {
    let load = &run.plan().load;
    let limits = Plan {
        losses: Losses::Count { reply_max: *load.reply_max },
        is_sleepless: site.leaves_us_a_core(),
        ..Plan::new(site.endpoint(), plan.connections, Pace::Closed, *plan.limit)
    };
    let sampler = Sampler::start(site, *load.sample_every, Instant::now());
    let report = load::run_watched(&limits, crowd, &mut run.progress);
    let (resources, inside) = sampler.finish();
    Ok((report?, resources, inside))
}

fn figures(crowd: &Crowd, report: &Loaded, pace: Option<f64>) -> Vec<Figure> {
    let Counts { sections_read, lost_races, overloaded, retries, expired, lapsed, came_back, .. } = crowd.counts;
    let Counts { groups, group_seats, group_retries, best_tries, best_holds, best_groups, .. } = crowd.counts;
    let Counts { best_adjacent, stood, children, signed, .. } = crowd.counts;
    let share = |part: u64, of: u64| (of > 0).then(|| part as f64 / of as f64);
    let nobody = "nobody left it to the service";
    let count = |id: &str, title: &str, value: u64| Figure::new(id, title, value as f64, "", "client");
    let mut figures = vec![
        Figure::maybe(
            "best_pace",
            "Seats paid, in the best two seconds",
            pace,
            "/s",
            "client",
            "it took less than two seconds",
        ),
        count("sections_read", "Sections downloaded and read", sections_read),
        Figure::new("bytes_in", "Bytes downloaded", report.bytes_in as f64, "bytes", "client"),
        count("groups", "Groups that paid several seats at once", groups),
        count("group_seats", "Seats that groups paid", group_seats),
        count("group_retries", "Groups that went on with the seats that a refusal had left", group_retries),
        count("best_holds", "Holds whose seats the service chose", best_holds),
        Figure::maybe(
            "best_attempts",
            "Attempts for each of them, but for those for whom too little was left",
            share(best_tries, best_holds),
            "",
            "client",
            nobody,
        ),
        count("best_groups", "Of them for two and more", best_groups),
        Figure::maybe(
            "best_adjacent",
            "Of these side by side",
            share(best_adjacent, best_groups).map(|share| 100.0 * share),
            "%",
            "client",
            nobody,
        ),
        count("children", "Seats paid at a child's price", children),
        count("stood", "Places to stand that were paid", stood),
        count("signed", "Who came in with an entry token", signed),
        count("lost_races", "Reservations refused, because somebody else was faster", lost_races),
        count("overloaded", "Answers 503", overloaded),
        count("retries", "Retries with the same Idempotency-Key", retries),
        count("expired", "Sessions or places that ended before a payment", expired),
        count("lapsed", "Holds that lapsed, and were tried to be paid too late", lapsed),
        count("came_back", "People who fell silent and came back", came_back),
        Figure::new("admitted", "Admitted", crowd.line.admitted() as f64, "", "client"),
        Figure::new("inside_max", "Inside at once for certain, at most", crowd.line.inside_max() as f64, "", "client"),
    ];
    figures.extend(crowd.estimates.figures());
    figures
}

fn judge(run: &mut Run<'_>, steps: &[crate::report::Step]) {
    let thresholds = &run.plan().thresholds;
    let first = run.thresholds.len();
    for step in steps {
        run.threshold(Limit {
            id: &format!("journey.{}.p99", step.name),
            title: &format!("p99 of {} in the journey", step.name),
            key: "thresholds.p99_ms",
            unit: "ms",
            kind: ThresholdKind::AtMost,
            limit: thresholds.p99_ms,
            actual: (step.latency.count > 0).then_some(step.latency.p99),
        });
    }
    let unsent = |step: &crate::report::Step| if step.valid { step.unsent } else { 0 };
    let sent: u64 = steps.iter().map(|step| step.sent + unsent(step)).sum();
    let failed: u64 = steps.iter().map(|step| step.failed - step.unsent + unsent(step)).sum();
    run.threshold(Limit {
        id: "journey.failures",
        title: "Failures in the journey",
        key: "thresholds.failures_percent",
        unit: "%",
        kind: ThresholdKind::AtMost,
        limit: thresholds.failures_percent,
        actual: (sent > 0).then(|| 100.0 * failed as f64 / sent as f64),
    });
    if let Some(reason) = steps.first().and_then(|step| step.invalid_reason.as_ref())
        && let Some((failures, latencies)) = run.thresholds[first..].split_last_mut()
    {
        latencies.iter_mut().for_each(|threshold| threshold.distrust(reason));
        failures.doubt(reason);
    }
    if let Some(reason) = steps.first().and_then(|step| disturbance(&step.resources)) {
        run.thresholds[first..].iter_mut().for_each(|threshold| threshold.excuse(&reason));
    }
}

/// Why the slowest answers may not be the server's doing: of one in a hundred, which is what a limit is for, other programs
/// may have been the reason.
fn disturbance(resources: &Resources) -> Option<String> {
    const CORES_MIN: f64 = 0.15;
    let all: Vec<f64> = resources.others_cores.iter().flatten().copied().collect();
    let disturbed: Vec<f64> = all.iter().copied().filter(|&cores| cores > CORES_MIN).collect();
    let most = disturbed.iter().copied().fold(0.0, f64::max);
    (disturbed.len() * 100 >= all.len().max(1)).then(|| {
        let percent = 100.0 * disturbed.len() as f64 / all.len() as f64;
        format!("other programs had the server's cores in {percent:.1} % of the time, up to {most:.2} of them")
    })
}

/// A small crowd, for the selection: everybody buys, nobody dawdles.
///
/// # Errors
/// When the server cannot be reached at the start.
pub(crate) fn small_crowd(
    site: &Site,
    server: impl Into<Endpoint>,
    setting: Setting,
    limit: Duration,
) -> Result<Counts> {
    let connections = setting.connections;
    let mut crowd = Crowd::new(setting)?;
    let limits = Plan {
        losses: Losses::Count { reply_max: Duration::from_secs(2) },
        ..Plan::new(server, connections, Pace::Closed, limit)
    };
    load::run(&limits, &mut crowd)?;
    site.settle().context("after a small on-sale")?;
    Ok(crowd.counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_had_the_cores_for_one_in_a_hundred_may_be_the_reason() {
        let of = |disturbed: usize, quiet: usize| {
            let others_cores = [vec![Some(0.5); disturbed], vec![Some(0.02); quiet]].concat();
            disturbance(&Resources { others_cores, ..Resources::default() })
        };
        assert_eq!((of(0, 300), of(2, 300)), (None, None));
        let reason = "other programs had the server's cores in 1.0 % of the time, up to 0.50 of them";
        assert_eq!(of(3, 297).as_deref(), Some(reason));
        assert_eq!(of(0, 0), None, "nobody knows");
    }
}
