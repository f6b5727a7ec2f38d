//! An endpoint beyond the five, because it outranks one of them.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};

use super::{INSIDE, asks, capacity_text, open_load, search, working};
use crate::catalog;
use crate::load::Source;
use crate::measure;
use crate::report::{Part, Step, Target};
use crate::request::Template;
use crate::run::Run;
use crate::site::Site;
use crate::sources::{Pay, Repeat, Reserve, Seats, Tokens};

/// Tests the endpoint with this id of the selection.
///
/// # Errors
/// When a server cannot be started or reached.
pub fn added(run: &mut Run<'_>, id: &str, why: &str) -> Result<Target> {
    run.progress.part(&format!("{id}, because it outranks one of the five"));
    match id {
        "charge" => searched(run, id, "POST /v1/api/user/amount", why, &Template::charge(1_000)),
        "balance" => searched(run, id, "GET /v1/api/user/amount", why, &Template::get("/v1/api/user/amount", &[])),
        "payment" => payment(run, why),
        _ => bail!("there is no endpoint {id}"),
    }
}

/// The capacity of a request that can be repeated.
fn searched(run: &mut Run<'_>, id: &str, endpoint: &str, why: &str, template: &Template) -> Result<Target> {
    let plan = run.plan();
    let site = run.site(&INSIDE, &catalog::concert(1, 50))?;
    let tokens = site.issue(run.new_users(1_000))?;
    let found = {
        let mut make = |_: f64| -> Result<Box<dyn Source>> { Ok(Box::new(asks(template.clone(), &tokens))) };
        search(run, plan, &site).run(&mut make, &mut run.progress)?
    };
    run.judge_hidden(id, found.hidden);
    if let Some(working) = working(&found) {
        run.judge_step(id, &format!("{endpoint} at its working rate"), working);
    }
    site.leave(&tokens)?;
    let conclusion = format!("Requests: {}.", capacity_text(&found));
    Ok(target(id, endpoint, why, conclusion, found.capacity, found.steps))
}

/// Payments at one rate: each needs a hold of its own, which is prepared.
fn payment(run: &mut Run<'_>, why: &str) -> Result<Target> {
    let (plan, endpoint) = (run.plan(), "POST /v1/api/concerts/payment");
    let load = open_load(plan, "payments", plan.load.rate_start);
    let seconds = (load.warm_up + load.duration).as_secs_f64();
    let count = (plan.load.rate_start * seconds).ceil() as u64;
    let site = run.site(&INSIDE, &catalog::concert(1, count))?;
    let tokens = site.admit(run.new_users(count))?;
    let reservations = prepare(&site, &tokens)?;
    let mut source = Pay::once(Arc::clone(&tokens), reservations);
    let (step, report) = measure::run(&site, &load, &mut source, &mut run.progress)?;
    run.judge_hidden("payment", super::hidden_in(&report));
    run.judge_step("payment", &format!("{endpoint} at its working rate"), &step);
    site.leave(&tokens)?;
    let conclusion = if step.latency.count == 0 {
        "Payments: nothing was answered.".to_owned()
    } else if step.valid {
        format!("{:.0} payments per second with p99 {:.1} ms.", step.completed_per_second, step.latency.p99)
    } else {
        "Payments: no rate is shown, as the load was late.".to_owned()
    };
    Ok(target("payment", endpoint, why, conclusion, None, vec![step]))
}

/// A hold for each token, and the money for it.
fn prepare(site: &Site, tokens: &Arc<Tokens>) -> Result<Arc<[u64]>> {
    let date = site.catalog.largest()?;
    let seats = Seats { first_schedule: date.schedule_id, seats_per_schedule: date.total_seats };
    let count = (tokens.len() as u64).min(date.total_seats);
    let mut reserve = Reserve::keeping(seats, 0..count, Arc::clone(tokens));
    measure::complete(site.endpoint(), &mut reserve)?;
    let money = Template::charge(100_000_000);
    measure::complete(site.endpoint(), &mut Repeat::once_each(money, Arc::clone(tokens), 200))?;
    let reservations = reserve.into_reservations();
    reservations.first().context("no seat could be held")?;
    Ok(reservations.into())
}

fn target(
    id: &str,
    endpoint: &str,
    why: &str,
    conclusion: String,
    capacity: Option<crate::report::Capacity>,
    steps: Vec<Step>,
) -> Target {
    Target {
        id: id.to_owned(),
        endpoint: endpoint.to_owned(),
        why: format!("It is not one of the five, but its rank is above one of theirs. {why}"),
        conclusion,
        capacity,
        parts: vec![Part {
            id: "rate".to_owned(),
            title: "Rate".to_owned(),
            figures: Vec::new(),
            steps,
            notes: Vec::new(),
        }],
    }
}
