//! A million people waiting: what they cost in memory, and whether a poll notices them.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use super::waiting;
use crate::context::Context;
use crate::load::Report;
use crate::measure::{self, Spread};
use crate::process::Service;
use crate::report::{Figure, Findings, Verdict};
use crate::request::Template;
use crate::sources::{Repeat, Tokens};

const CONNECTIONS: usize = 256;
const FEW: u64 = 1_000;
const MEMORY_MIB_MAX: f64 = 128.0;
const P99_RATIO_MAX: f64 = 1.2;
/// So that what the start or the last writes still do is over when memory is read.
const REST: Duration = Duration::from_secs(2);

pub(super) fn run(context: &Context) -> Result<Findings> {
    let count = context.sized(1_000_000, 100_000);
    let program = context.program()?;
    let crowded = waiting::empty_service(&program)?;
    let empty_bytes = resident_bytes(&crowded)?;
    let tokens = waiting::wait(&crowded, count)?;
    let memory = memory(count, empty_bytes, resident_bytes(&crowded)?);
    let few = waiting::service_with_waiting(&program, FEW)?;
    let check = check(context, count, &(crowded, tokens), &few)?;
    Ok(Findings { figures: vec![memory, check], ..Findings::default() })
}

fn resident_bytes(service: &Service) -> Result<u64> {
    service.settle()?;
    std::thread::sleep(REST);
    service.server().resident_bytes()
}

fn memory(count: u64, empty_bytes: u64, full_bytes: u64) -> Figure {
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let more = full_bytes.saturating_sub(empty_bytes);
    let notes = vec![format!(
        "{:.1} MiB resident when empty, {:.1} MiB with {count} waiting: {:.0} bytes each",
        mib(empty_bytes),
        mib(full_bytes),
        more as f64 / count as f64
    )];
    Figure::at_most(&format!("memory of {count} waiting"), mib(more), "MiB", MEMORY_MIB_MAX, notes)
}

type Waiting = (Service, Arc<Tokens>);

fn check(context: &Context, count: u64, many: &Waiting, few: &Waiting) -> Result<Figure> {
    let source = |(_, tokens): &Waiting| Repeat::new(Template::check(), Arc::clone(tokens), 200);
    for each in [many, few] {
        measure::closed(&each.0, CONNECTIONS, context.warm_up, &mut source(each))?;
    }
    let rate = measure::closed(&many.0, CONNECTIONS, context.round, &mut source(many))?.per_second() / 2.0;
    let (mut ratios, mut rounds) = (Vec::new(), Vec::new());
    let mut is_on_time = true;
    for pair in 0..context.pairs {
        let open = |each: &Waiting| measure::open(&each.0, CONNECTIONS, rate, context.round, &mut source(each));
        let (with_many, with_few) = if pair.is_multiple_of(2) {
            let with_many = open(many)?;
            (with_many, open(few)?)
        } else {
            let with_few = open(few)?;
            (open(many)?, with_few)
        };
        is_on_time &= with_many.is_on_time() && with_few.is_on_time();
        let p99_us = |report: &Report| report.latency_at(0.99).as_secs_f64() * 1e6;
        ratios.push(p99_us(&with_many) / p99_us(&with_few));
        rounds.push(format!("{:.0}/{:.0}", p99_us(&with_many), p99_us(&with_few)));
        crate::progress!("check with {count} and {FEW} waiting: p99 {} µs", rounds[pair]);
    }
    let notes = vec![format!("at {rate:.0}/s; p99 in µs by pair: {}", rounds.join(", "))];
    let name = format!("check: p99 with {count} waiting to {FEW}");
    let mut figure = Figure::at_most(&name, Spread::of(ratios).median, "×", P99_RATIO_MAX, notes);
    if !is_on_time {
        figure.verdict = Verdict::Invalid;
    }
    Ok(figure)
}
