//! Makes a plan smaller that shows something: fewer faults, fewer people, fewer nodes, as long as the same check fails.

use crate::check::Check;
use crate::plan::{Knobs, Plan};
use crate::world::run;

/// A smaller plan needs another schedule: so many are tried.
const SCHEDULES: u64 = 6;

/// The smallest plan found that fails the same check.
#[must_use]
pub fn shrink(plan: &Plan, check: Check) -> Plan {
    let mut plan = plan.clone();
    loop {
        let before = plan.clone();
        plan = fewer(plan, check, |plan| &mut plan.faults);
        plan = fewer(plan, check, |plan| &mut plan.people);
        for change in [quiet, fewer_nodes, plain_knobs, shorter] {
            let mut smaller = plan.clone();
            change(&mut smaller);
            if smaller != plan
                && let Some(failing) = still_fails(&smaller, check)
            {
                plan = failing;
            }
        }
        if plan == before {
            return plan;
        }
    }
}

/// Leaves out what it can of a list: halves first, then smaller pieces.
fn fewer<T: Clone>(mut plan: Plan, check: Check, list: impl Fn(&mut Plan) -> &mut Vec<T>) -> Plan {
    let mut piece = list(&mut plan).len().div_ceil(2);
    while piece > 0 {
        let mut at = 0;
        while at < list(&mut plan).len() {
            let mut smaller = plan.clone();
            let end = (at + piece).min(list(&mut smaller).len());
            list(&mut smaller).drain(at..end);
            match still_fails(&smaller, check) {
                Some(failing) => plan = failing,
                None => at = end,
            }
        }
        piece /= 2;
    }
    plan
}

/// The plan with a schedule by which it fails, if one of some does.
fn still_fails(plan: &Plan, check: Check) -> Option<Plan> {
    let mut plan = plan.clone();
    let first = plan.schedule;
    for other in 0..SCHEDULES {
        // A file has room for 63 bits.
        plan.schedule = first.wrapping_add(other) & i64::MAX.cast_unsigned();
        if run(&plan, false).failure.is_some_and(|failure| failure.check == check) {
            return Some(plan);
        }
    }
    None
}

fn quiet(plan: &mut Plan) {
    plan.sale.failing = 0;
}

/// The last node goes, and what befalls it.
fn fewer_nodes(plan: &mut Plan) {
    if plan.sale.nodes > 1 {
        plan.sale.nodes -= 1;
        let nodes = plan.sale.nodes;
        plan.sale.older = plan.sale.older.min(nodes);
        plan.faults.retain(|fault| fault.what.node().is_none_or(|node| node < nodes));
    }
}

fn plain_knobs(plan: &mut Plan) {
    plan.knobs = Knobs::plain();
}

/// All is over soon after the last that happens.
fn shorter(plan: &mut Plan) {
    let faults = plan.faults.iter().map(|fault| fault.at_ms);
    let last_ms = faults.chain(plan.people.iter().map(|person| person.at_ms)).max().unwrap_or(0);
    plan.hurt_ms = plan.hurt_ms.min(last_ms + 5_000);
}
