//! What an outage of one endpoint costs: the same small on-sale, behind a proxy that fails only that. A server that is not ours
//! has one sale only, so there the way of those who bought tells.

use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};

use super::proxy::Proxy;
use super::{EIGHT, Raw};
use crate::catalog;
use crate::journey::{Call, Counts, Habits, Setting, Times, Traffic, small_crowd};
use crate::plan::{Arrivals, Groups, People, Span};
use crate::run::Run;
use crate::site::Site;

/// Percent of the journeys that are lost, for all eight in their order.
pub(super) fn measure(run: &mut Run<'_>, traffic: &Traffic) -> Result<Vec<Raw>> {
    if !run.is_own() {
        if traffic.bought == 0 {
            run.leave_out("selection.single_point", "not observable: nobody bought anything");
        }
        return Ok(on_the_way(traffic));
    }
    run.progress.note("one endpoint after the other fails");
    let failing: Vec<Option<Call>> = std::iter::once(None).chain(EIGHT.map(Some)).collect();
    let sites = failing.iter().map(|_| open(run)).collect::<Result<Vec<Site>>>()?;
    let settings = sites.iter().map(|site| setting(run, site)).collect::<Result<Vec<Setting>>>()?;
    let limit = *run.plan().selection.outage;
    let counts = std::thread::scope(|scope| -> Result<Vec<Counts>> {
        let threads: Vec<_> = failing
            .iter()
            .zip(&sites)
            .zip(settings)
            .map(|((fails, site), setting)| {
                scope.spawn(move || -> Result<Counts> {
                    let service = site.service().context("a server of our own")?;
                    let proxy = Proxy::start(service.address(), *fails)?;
                    small_crowd(site, proxy.address(), setting, limit)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().map_err(|_| anyhow!("a small on-sale is gone"))?).collect()
    })?;
    let whole = counts.first().map(|counts| counts.bought).filter(|&bought| bought > 0);
    let whole = whole.context("nobody bought anything even without an outage")?;
    Ok(counts[1..]
        .iter()
        .map(|counts| {
            let lost = whole.saturating_sub(counts.bought);
            (Some(100.0 * lost as f64 / whole as f64), format!("{lost} of {whole} purchases lost when it fails"))
        })
        .collect())
}

/// By call, the percent of those who bought whose way led through it: had it failed for good, they would not have.
fn on_the_way(traffic: &Traffic) -> Vec<Raw> {
    let bought = traffic.bought;
    EIGHT
        .map(|call| {
            if bought == 0 {
                return (None, "not observable: nobody bought anything".to_owned());
            }
            let through = traffic.on_the_way[call as usize];
            let percent = 100.0 * through as f64 / bought as f64;
            (Some(percent), format!("{through} of {bought} who bought had a success of it before; no outage was tried"))
        })
        .into()
}

fn open(run: &mut Run<'_>) -> Result<Site> {
    let plan = &run.plan().selection;
    // Half of the people have to wait, so that an outage of the poll shows.
    let active = (plan.people / 2).max(1).to_string();
    // Those who are stopped by the outage give their slots back when their sessions end.
    let session = format!("{}ms", plan.outage.as_millis() / 3);
    let settings =
        [("queue.active_limit", active.as_str()), ("queue.waiting_ttl", "3s"), ("queue.session_ttl", &session)];
    run.site(&settings, &catalog::concert(1, plan.seats))
}

fn setting(run: &Run<'_>, site: &Site) -> Result<Setting> {
    let plan = &run.plan().selection;
    let span = |millis| Span(Duration::from_millis(millis));
    Ok(Setting {
        date: site.catalog.largest()?.clone(),
        first_user: run.new_users(plan.people.into()).start,
        arrivals: vec![Arrivals { over: span(300), people: plan.people }],
        people: People {
            poll_factor: 0.5,
            think: [span(5), span(20), span(60)],
            favourite_exponent: 0.5,
            leave_percent: 0.0,
            silent_percent: 0.0,
            lapse_percent: 0.0,
            retry_percent: 0.0,
        },
        groups: Groups::NONE,
        times: Times { waiting_ttl: Duration::from_secs(3), hold_ttl: Duration::from_secs(300) },
        active_limit: None,
        seed: run.plan().seed,
        connections: 64,
        is_alone: true,
        habits: Habits::OWN,
        own: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_bought_tells_what_the_way_led_through() {
        let mut traffic = Traffic { calls: Vec::new(), bought: 4, on_the_way: [0; Call::ALL.len()] };
        traffic.on_the_way[Call::Token as usize] = 4;
        traffic.on_the_way[Call::Charge as usize] = 1;
        let of = |traffic: &Traffic, call: Call| {
            let index = EIGHT.iter().position(|&other| other == call).unwrap();
            on_the_way(traffic)[index].0
        };
        assert_eq!(
            [Call::Token, Call::Charge, Call::Check].map(|call| of(&traffic, call)),
            [100.0, 25.0, 0.0].map(Some)
        );
        traffic.bought = 0;
        assert_eq!(of(&traffic, Call::Token), None);
    }
}
