//! A queue that lets nobody in: token checks and token issue.

use std::sync::Arc;

use anyhow::Result;

use crate::compare::{Side, Trial, compare};
use crate::context::Context;
use crate::load::Source;
use crate::measure::{self, Spread};
use crate::process::{Program, Service};
use crate::report::{Figure, Findings, LatencyTarget};
use crate::request::Template;
use crate::sources::{Issue, Repeat, Tokens};

/// One user inside, everybody else waiting and never passed over.
pub(crate) const SETTINGS: [(&str, &str); 3] =
    [("queue.active_limit", "1"), ("queue.session_ttl", "12h"), ("queue.waiting_ttl", "1h")];
const USERS_MAX: u64 = 1 << 52;
const CONNECTIONS: usize = 256;
/// What must cost a check nothing may cost as much as two servers differ that are the same.
const SAME_MAX: f64 = 1.05;

/// A service in which `count` users wait, and their tokens.
pub(crate) fn service_with_waiting(program: &Program, count: u64) -> Result<(Service, Arc<Tokens>)> {
    let service = Service::start(program, &SETTINGS)?;
    let tokens = wait(&service, count)?;
    Ok((service, tokens))
}

/// An empty service in which everybody will wait.
pub(super) fn empty_service(program: &Program) -> Result<Service> {
    Service::start(program, &SETTINGS)
}

/// The same with more settings.
pub(super) fn service_with(program: &Program, settings: &[(&str, &str)]) -> Result<Service> {
    Service::start(program, &[&SETTINGS, settings].concat())
}

/// Makes `count` users wait.
pub(crate) fn wait(service: &Service, count: u64) -> Result<Arc<Tokens>> {
    crate::progress!("letting {count} users wait");
    // The first user gets the only place inside, and does not count.
    measure::complete(service, &mut Issue::new(1..2))?;
    let mut issue = Issue::keeping(2..count + 2);
    measure::complete(service, &mut issue)?;
    Ok(Arc::new(issue.into_tokens()))
}

/// A service in which somebody waits, and their tokens.
pub(super) type Waiting = (Service, Arc<Tokens>);

/// As people poll: not one after the other as they joined, which a processor would foresee.
fn in_no_order(tokens: &Tokens) -> Tokens {
    /// Has no factor in common with a power of ten, as many as there are, so that nobody is left out.
    const STRIDE: usize = 618_033_989;
    Tokens::collect((0..tokens.len()).map(|index| tokens.get(index * STRIDE)))
}

/// The CPU of a check at two services in turns: the second's to the first's, each called by what is different there.
pub(super) fn compare_checks(
    context: &Context,
    name: &str,
    services: &[Waiting; 2],
    as_is: [&str; 2],
) -> Result<Findings> {
    let tokens = [0, 1].map(|nth: usize| Arc::new(in_no_order(&services[nth].1)));
    let source = |nth: usize| Repeat::new(Template::check(), Arc::clone(&tokens[nth]), 200);
    for (nth, (service, _)) in services.iter().enumerate() {
        measure::closed(service, CONNECTIONS, context.warm_up, &mut source(nth))?;
    }
    let mut micros = [const { Vec::new() }; 2];
    for pair in 0..context.pairs {
        for nth in [pair % 2, 1 - pair % 2] {
            let round = measure::closed(&services[nth].0, CONNECTIONS, context.round, &mut source(nth))?;
            micros[nth].push(1e6 / round.per_cpu_second());
        }
        crate::progress!("check: {:.2} µs {}, {:.2} µs {}", micros[0][pair], as_is[0], micros[1][pair], as_is[1]);
    }
    let ratios = Spread::of(micros[1].iter().zip(&micros[0]).map(|(second, first)| second / first));
    let [first, second] = micros.map(|all| Spread::of(all).median);
    let notes = vec![format!(
        "CPU of a check: {first:.2} µs {}, {second:.2} µs {} [{:.2}–{:.2}]",
        as_is[0], as_is[1], ratios.min, ratios.max
    )];
    let figure = Figure::at_most(name, ratios.median, "×", SAME_MAX, notes);
    Ok(Findings { figures: vec![figure], ..Findings::default() })
}

pub(super) fn check(context: &Context) -> Result<Findings> {
    let (service, tokens) = service_with_waiting(&context.program()?, context.sized(100_000, 10_000))?;
    let trial =
        Trial { name: "check", connections: 256, ratio_min: 0.90, latency: Some(LatencyTarget::TimesFloor(1.5)) };
    let mut source =
        |_| -> Result<Box<dyn Source>> { Ok(Box::new(Repeat::new(Template::check(), Arc::clone(&tokens), 200))) };
    Ok(compare(context, trial, &service, &mut source)?.into())
}

pub(super) fn issue(context: &Context) -> Result<Findings> {
    let service = empty_service(&context.program()?)?;
    let trial =
        Trial { name: "issue", connections: 512, ratio_min: 0.40, latency: Some(LatencyTarget::BelowUs(20_000.0)) };
    // Numbers of one length, so that all requests are of one length; ours never sees a user twice.
    let mut first = 1_000_000_000;
    let per_round = context.supply(1_000_000);
    let mut source = |side| -> Result<Box<dyn Source>> {
        if side == Side::Ours {
            first += per_round;
        }
        Ok(Box::new(Issue::new(first..USERS_MAX)))
    };
    Ok(compare(context, trial, &service, &mut source)?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_polls_in_no_order() {
        let tokens: Vec<[u8; 4]> = (0..10_000_u32).map(u32::to_be_bytes).collect();
        let shuffled = in_no_order(&Tokens::collect(tokens.iter().map(|token| &token[..])));
        let all: std::collections::BTreeSet<&[u8]> = (0..shuffled.len()).map(|index| shuffled.get(index)).collect();
        assert_eq!(all.len(), tokens.len());
        assert_ne!(shuffled.get(1), tokens[1]);
    }
}
