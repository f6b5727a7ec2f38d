//! Whether a plan can be carried out.

use super::Plan;

/// The first value that cannot be used, with its key.
pub(super) fn check(plan: &Plan) -> Result<(), String> {
    thresholds(plan)?;
    load(plan)?;
    targets(plan)?;
    journey(plan)?;
    rest(plan)
}

fn number(key: &str, value: f64, least: f64, most: f64) -> Result<(), String> {
    if (least..=most).contains(&value) { Ok(()) } else { Err(format!("{key}: must be from {least} to {most}")) }
}

fn list<T>(key: &str, values: &[T]) -> Result<(), String> {
    if values.is_empty() { Err(format!("{key}: must name at least one")) } else { Ok(()) }
}

fn thresholds(plan: &Plan) -> Result<(), String> {
    number("thresholds.p99_ms", plan.thresholds.p99_ms, 0.001, 60_000.0)?;
    number("thresholds.failures_percent", plan.thresholds.failures_percent, 0.0, 100.0)?;
    number("thresholds.useful_percent", plan.thresholds.useful_percent, 0.0, 100.0)
}

fn load(plan: &Plan) -> Result<(), String> {
    let load = &plan.load;
    number("load.connections", load.connections as f64, 1.0, 100_000.0)?;
    number("load.step", load.step.as_secs_f64(), 0.1, 600.0)?;
    number("load.warm_up", load.warm_up.as_secs_f64(), 0.0, 60.0)?;
    number("load.runs", load.runs.into(), 1.0, 20.0)?;
    number("load.tries", load.tries.into(), 1.0, 10.0)?;
    number("load.quiet_max", load.quiet_max.as_secs_f64(), 0.0, 3_600.0)?;
    number("load.rate_start", load.rate_start, 1.0, load.rate_max)?;
    number("load.rate_max", load.rate_max, 1.0, 10_000_000.0)?;
    number("load.reply_max", load.reply_max.as_secs_f64(), 0.1, 60.0)?;
    number("load.sample_every", load.sample_every.as_secs_f64(), 0.05, 60.0)
}

fn targets(plan: &Plan) -> Result<(), String> {
    let (check, schedule, seat, reserve) = (&plan.check, &plan.schedule, &plan.seat, &plan.reserve);
    number("token.connections_max", plan.token.connections_max as f64, 1.0, 1_000_000.0)?;
    number("token.connections_min", plan.token.connections_min as f64, 1.0, plan.token.connections_max as f64)?;
    number("token.cost", plan.token.cost as f64, 1.0, 10_000_000.0)?;
    list("check.waiting", &check.waiting)?;
    for &waiting in &check.waiting {
        number("check.waiting", waiting as f64, 1.0, 10_000_000.0)?;
    }
    number("check.rate", check.rate, 1.0, 1e6)?;
    number("check.duration", check.duration.as_secs_f64(), 1.0, 3_600.0)?;
    number("schedule.schedules", schedule.schedules as f64, 1.0, 300.0)?;
    number("schedule.seats", schedule.seats as f64, 10.0, 100_000.0)?;
    number("schedule.rate", schedule.rate, 1.0, 1e6)?;
    list("schedule.changes_per_second", &schedule.changes_per_second)?;
    number("schedule.freshness_cases", schedule.freshness_cases as f64, 1.0, 1e6)?;
    number("seat.seats", seat.seats as f64, 500.0, 1_000_000.0)?;
    list("seat.readers", &seat.readers)?;
    number("seat.reservations_per_second", seat.reservations_per_second, 1.0, 1e6)?;
    number("seat.consistency", seat.consistency.as_secs_f64(), 0.5, 600.0)?;
    number("reserve.contenders", reserve.contenders as f64, 2.0, 50_000.0)?;
    number("reserve.hot_seats", reserve.hot_seats as f64, 1.0, 100_000.0)?;
    number("reserve.seats", reserve.seats as f64, 100.0, 1_000_000.0)?;
    number("reserve.favourite_exponent", reserve.favourite_exponent, 0.0, 5.0)?;
    number("reserve.pairs", reserve.pairs as f64, 1.0, 10_000.0)?;
    number("reserve.pairs_duration", reserve.pairs_duration.as_secs_f64(), 0.1, 600.0)?;
    number("reserve.stall", reserve.stall.as_secs_f64(), 0.1, 60.0)
}

fn journey(plan: &Plan) -> Result<(), String> {
    let (journey, people) = (&plan.journey, &plan.journey.people);
    number("journey.connections", journey.connections as f64, 1.0, 100_000.0)?;
    number("journey.active_limit", journey.active_limit.into(), 1.0, 4e9)?;
    number("journey.session_ttl", journey.session_ttl.as_secs_f64(), 1.0, 86_400.0)?;
    number("journey.waiting_ttl", journey.waiting_ttl.as_secs_f64(), 1.0, 86_400.0)?;
    number("journey.hold_ttl", journey.hold_ttl.as_secs_f64(), 0.2, 86_400.0)?;
    number("journey.limit", journey.limit.as_secs_f64(), 1.0, 3_600.0)?;
    list("journey.arrivals", &journey.arrivals)?;
    list("journey.sections", &journey.sections)?;
    number("journey.sections", journey.seat_count() as f64, 1.0, 1_000_000.0)?;
    let is_price = |amount: u64| (1..=100_000_000).contains(&amount);
    if journey.sections.iter().any(|group| !is_price(group.amount)) {
        return Err("journey.sections.amount: must be from 1 to 100000000".to_owned());
    }
    if journey.sections.iter().filter_map(|group| group.child).any(|amount| !is_price(amount)) {
        return Err("journey.sections.child: must be from 1 to 100000000".to_owned());
    }
    number("journey.arrivals.people", journey.people_count() as f64, 1.0, 10_000_000.0)?;
    let [least, most] = journey.groups.seats;
    number("journey.groups.percent", journey.groups.percent, 0.0, 100.0)?;
    if !(2 <= least && least <= most && most <= 16) {
        return Err("journey.groups.seats: must be from 2 to 16, at least and at most".to_owned());
    }
    let [least, most] = journey.groups.best_seats;
    number("journey.groups.best_percent", journey.groups.best_percent, 0.0, 100.0)?;
    if !(1 <= least && least <= most && most <= 16) {
        return Err("journey.groups.best_seats: must be from 1 to 16, at least and at most".to_owned());
    }
    let standing = &journey.standing;
    number("journey.standing.places", standing.places as f64, 0.0, 200_000.0)?;
    number("journey.standing.amount", standing.amount as f64, 1.0, 1e8)?;
    number("journey.standing.percent", standing.percent, 0.0, if standing.places > 0 { 100.0 } else { 0.0 })?;
    number(
        "journey.groups: percent and best_percent, and journey.standing.percent together",
        journey.groups.percent + journey.groups.best_percent + standing.percent,
        0.0,
        100.0,
    )?;
    number("journey.people.poll_factor", people.poll_factor, 0.01, 10.0)?;
    if !people.think.is_sorted() {
        return Err("journey.people.think: must be in rising order: at least, mostly, at most".to_owned());
    }
    number("journey.people.favourite_exponent", people.favourite_exponent, 0.0, 5.0)?;
    let shares = [
        ("journey.people.leave_percent", people.leave_percent),
        ("journey.people.silent_percent", people.silent_percent),
        ("journey.people.lapse_percent", people.lapse_percent),
        ("journey.people.retry_percent", people.retry_percent),
    ];
    for (key, share) in shares {
        number(key, share, 0.0, 100.0)?;
    }
    number(
        "journey.people: leave, silent and lapse together",
        shares[..3].iter().map(|share| share.1).sum(),
        0.0,
        100.0,
    )
}

fn rest(plan: &Plan) -> Result<(), String> {
    number("crash.rate", plan.crash.rate, 1.0, 1e6)?;
    number("crash.kill_after", plan.crash.kill_after.as_secs_f64(), 0.1, 600.0)?;
    number("crash.go_on", plan.crash.go_on.as_secs_f64(), 0.1, 600.0)?;
    list("overload.multiples", &plan.overload.multiples)?;
    for &multiple in &plan.overload.multiples {
        number("overload.multiples", multiple, 1.0, 100.0)?;
    }
    number("overload.batch_max", plan.overload.batch_max.into(), 1.0, 1_024.0)?;
    number("overload.commit_interval", plan.overload.commit_interval.as_secs_f64(), 0.0, 1.0)?;
    number("overload.pending_max", plan.overload.pending_max.into(), 1.0, 1_000_000.0)?;
    number("overload.step", plan.overload.step.as_secs_f64(), 0.2, 600.0)?;
    number("selection.contenders", plan.selection.contenders as f64, 2.0, 10_000.0)?;
    number("selection.duration", plan.selection.duration.as_secs_f64(), 0.1, 60.0)?;
    number("selection.people", plan.selection.people.into(), 4.0, 100_000.0)?;
    number("selection.outage", plan.selection.outage.as_secs_f64(), 0.5, 600.0)?;
    number("rules.at_once", plan.rules.at_once as f64, 2.0, 1_000.0)?;
    number("rules.wait", plan.rules.wait.as_secs_f64(), 0.0, 3_600.0)?;
    let least = f64::from(plan.selection.people);
    number(
        "selection.seats (everybody of selection.people must find one)",
        plan.selection.seats as f64,
        least,
        100_000.0,
    )
}
