//! One path of ours against the floor, in turns.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::context::Context;
use crate::http;
use crate::load::{Next, Source};
use crate::measure::{self, Round, Spread};
use crate::process::{Floor, Subject};
use crate::report::{Comparison, Latency, LatencyComparison, LatencyTarget, SideFigures};

/// Which server a source is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Ours,
    Floor,
}

/// What is compared, and what it must come to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trial {
    pub(crate) name: &'static str,
    pub(crate) connections: usize,
    /// The least ratio of ours to the floor, in requests per second of CPU time.
    pub(crate) ratio_min: f64,
    pub(crate) latency: Option<LatencyTarget>,
}

/// Makes the source of one round. Sources of both sides must send requests of the same bytes, ids apart.
pub(crate) type MakeSource<'a> = dyn FnMut(Side) -> Result<Box<dyn Source>> + 'a;

/// Latency is measured in at most this many pairs of rounds.
pub(crate) const LATENCY_PAIRS_MAX: usize = 3;

/// Compares `ours` with a floor that sends the same replies.
///
/// # Errors
/// When a server fails or answers with another status than expected.
pub(crate) fn compare(
    context: &Context,
    trial: Trial,
    ours: &dyn Subject,
    source: &mut MakeSource<'_>,
) -> Result<Comparison> {
    let reply = learn(ours, &mut *source(Side::Ours)?)?;
    let floor = Floor::start(&reply.raw, &context.server_cores)?;
    let subject = |side| match side {
        Side::Ours => ours,
        Side::Floor => &floor as &dyn Subject,
    };
    let mut round = |side, limit| measure::closed(subject(side), trial.connections, limit, &mut *source(side)?);
    for side in [Side::Ours, Side::Floor] {
        round(side, context.warm_up)?;
    }
    let rounds = in_turns(context.pairs, trial.name, &mut |side| round(side, context.round))?;
    let mut comparison = rounds.into_comparison(&trial, &reply);
    if let Some(target) = trial.latency {
        let half = comparison.ours.per_second / 2.0;
        comparison.latency = Some(latency(context, &trial, target, half, &subject, source)?);
    }
    Ok(comparison)
}

/// The reply to the source's first request.
pub(crate) fn learn(ours: &dyn Subject, source: &mut dyn Source) -> Result<http::Received> {
    let mut request = Vec::new();
    ensure!(source.next(0, Instant::now(), &mut request) == Next::Send, "a source without a request");
    http::call(ours.server().address(), &request).context("learning what a reply looks like")
}

/// The rounds of both sides, in pairs.
#[derive(Debug)]
pub(crate) struct Rounds {
    pub(crate) ours: Vec<Round>,
    pub(crate) floor: Vec<Round>,
}

/// Measures both sides in turns, the first of each pair changing, so that a drift of the machine hits both.
pub(crate) fn in_turns(pairs: usize, name: &str, round: &mut dyn FnMut(Side) -> Result<Round>) -> Result<Rounds> {
    let mut rounds = Rounds { ours: Vec::new(), floor: Vec::new() };
    for pair in 0..pairs {
        for side in order(pair) {
            let measured = round(side).with_context(|| format!("{name}, {side:?}, pair {}", pair + 1))?;
            match side {
                Side::Ours => rounds.ours.push(measured),
                Side::Floor => rounds.floor.push(measured),
            }
        }
        let (ours, floor) = (&rounds.ours[pair], &rounds.floor[pair]);
        let (ours, floor) = (ours.per_cpu_second(), floor.per_cpu_second());
        crate::progress!("{name}: pair {} of {pairs}: {ours:.0} / {floor:.0} = {:.3}", pair + 1, ours / floor);
    }
    Ok(rounds)
}

fn order(pair: usize) -> [Side; 2] {
    if pair.is_multiple_of(2) { [Side::Ours, Side::Floor] } else { [Side::Floor, Side::Ours] }
}

impl Rounds {
    /// The ratio of each pair, ours to the floor.
    pub(crate) fn ratios(&self) -> Spread {
        Spread::of(
            self.ours.iter().zip(&self.floor).map(|(ours, floor)| ours.per_cpu_second() / floor.per_cpu_second()),
        )
    }

    pub(crate) fn into_comparison(self, trial: &Trial, reply: &http::Received) -> Comparison {
        let ratio = self.ratios();
        Comparison {
            name: trial.name.to_owned(),
            status: reply.status,
            body_bytes: reply.body.len(),
            ours: SideFigures::of(&self.ours),
            floor: SideFigures::of(&self.floor),
            ratio,
            ratio_min: trial.ratio_min,
            latency: None,
            notes: Vec::new(),
        }
    }
}

/// The latencies of both sides at one rate: medians over several pairs of rounds.
fn latency<'a>(
    context: &Context,
    trial: &Trial,
    target: LatencyTarget,
    per_second: f64,
    subject: &dyn Fn(Side) -> &'a dyn Subject,
    source: &mut MakeSource<'_>,
) -> Result<LatencyComparison> {
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    let mut is_on_time = true;
    for pair in 0..context.pairs.min(LATENCY_PAIRS_MAX) {
        for side in order(pair) {
            let source = &mut *source(side)?;
            let report = measure::open(subject(side), trial.connections, per_second, context.round, source)?;
            is_on_time &= report.is_on_time();
            match side {
                Side::Ours => ours.push(Latency::of(&report)),
                Side::Floor => floor.push(Latency::of(&report)),
            }
        }
    }
    let latency = LatencyComparison {
        per_second,
        ours: Latency::median(&ours),
        floor: Latency::median(&floor),
        target,
        is_on_time,
    };
    crate::progress!("{}: {}", trial.name, latency.text());
    Ok(latency)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn both_sides_are_measured_in_turns() {
        let mut sides = Vec::new();
        let rounds = in_turns(3, "test", &mut |side| {
            sides.push(side);
            let cpu = Duration::from_millis(if side == Side::Ours { 200 } else { 100 });
            Ok(Round { completed: 100, wall: Duration::from_secs(1), cpu })
        })
        .unwrap();
        assert_eq!(sides, [Side::Ours, Side::Floor, Side::Floor, Side::Ours, Side::Ours, Side::Floor]);
        assert!((rounds.ratios().median - 0.5).abs() < 1e-9);
    }
}
