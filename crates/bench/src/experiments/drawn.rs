//! What a draw costs whoever polls: a check where places were drawn, against one in order of joining.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use serde_json::json;

use super::waiting;
use crate::context::Context;
use crate::measure::{self, Spread};
use crate::process::Service;
use crate::report::{Figure, Findings};
use crate::request::Template;
use crate::sources::Repeat;

const CONNECTIONS: usize = 256;
const RATIO_MAX: f64 = 1.05;

pub(super) fn run(context: &Context) -> Result<Findings> {
    let count = context.sized(1_000_000, 100_000);
    let program = context.program()?;
    let ordered = waiting::service_with_waiting(&program, count)?;
    let drawn = waiting::empty_service(&program)?;
    set(&drawn, &json!({"order": "draw", "prequeueAt": from_now(-1)?, "opensAt": from_now(86_400)?}))?;
    let tokens = waiting::wait(&drawn, count)?;
    set(&drawn, &json!({"opensAt": from_now(0)?}))?;
    let services = [ordered, (drawn, tokens)];
    let source = |nth: usize| Repeat::new(Template::check(), services[nth].1.clone(), 200);
    for (nth, (service, _)) in services.iter().enumerate() {
        measure::closed(service, CONNECTIONS, context.warm_up, &mut source(nth))?;
    }
    let mut micros = [const { Vec::new() }; 2];
    for pair in 0..context.pairs {
        for nth in [pair % 2, 1 - pair % 2] {
            let round = measure::closed(&services[nth].0, CONNECTIONS, context.round, &mut source(nth))?;
            micros[nth].push(1e6 / round.per_cpu_second());
        }
        crate::progress!("check: {:.2} µs in order, {:.2} µs drawn", micros[0][pair], micros[1][pair]);
    }
    let ratios = Spread::of(micros[1].iter().zip(&micros[0]).map(|(drawn, ordered)| drawn / ordered));
    let [ordered, drawn] = micros.map(|all| Spread::of(all).median);
    let notes = vec![format!(
        "CPU of a check with {count} waiting: {ordered:.2} µs in order, {drawn:.2} µs drawn [{:.2}–{:.2}]",
        ratios.min, ratios.max
    )];
    let figure = Figure::at_most("check, drawn, to one in order: CPU", ratios.median, "×", RATIO_MAX, notes);
    Ok(Findings { figures: vec![figure], ..Findings::default() })
}

fn set(service: &Service, change: &serde_json::Value) -> Result<()> {
    service.admin("PATCH", "/v1/admin/queues/default", &change.to_string())
}

/// A moment in so many seconds, as the wire has it.
fn from_now(seconds: i64) -> Result<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("this machine's clock")?;
    Ok(jiff::Timestamp::from_second(i64::try_from(now.as_secs())? + seconds)?.to_string())
}
