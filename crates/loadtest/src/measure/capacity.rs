//! The highest rate that is served within the limits, found by search.

use std::cmp::Ordering;

use anyhow::Result;

use super::probe;
use super::step::{self, Load};
use crate::load::{Pace, Source, Watch};
use crate::plan::{self, Thresholds};
use crate::report::{Capacity, EndedBy, Spread, Step};
use crate::site::Site;

/// Makes the source of one step at this rate.
pub type MakeSource<'a> = dyn FnMut(f64) -> Result<Box<dyn Source>> + 'a;

/// Steps between the last rate that was served and the first that was not.
const BISECTIONS: u32 = 3;
/// The most steps below the first rate.
const HALVINGS: u32 = 6;

/// A search.
#[derive(Debug)]
pub struct Search<'a> {
    pub site: &'a Site,
    pub load: &'a plan::Load,
    pub thresholds: &'a Thresholds,
    /// Whether spread is wanted: the plan's number of runs.
    pub runs: u32,
    /// Whether a late generator ends the search. Not in a quick run, whose figures decide nothing.
    pub is_strict: bool,
    /// Whether the first rate is what a probe says that the server bears: the plan's may be out of all proportion to a
    /// server that it was not written for.
    pub is_probed: bool,
}

/// What a search came to.
#[derive(Debug)]
pub struct Found {
    /// `None` when no rate was served.
    pub capacity: Option<Capacity>,
    /// What ended the search, in words.
    pub ended_why: String,
    /// Whether something did that is not the server's doing, so that nothing is said of it.
    pub is_not_servers: bool,
    /// All steps, by rate.
    pub steps: Vec<Step>,
    /// The rate that it began with.
    pub start: f64,
    /// Replies 200 whose body does not say success, and all replies.
    pub hidden: (u64, u64),
}

impl Found {
    /// Whether in some step the first that failed was refused for its token: who has none, or is not inside.
    pub(crate) fn is_of_tokens(&self) -> bool {
        let is_refusal = |failure: &String| [": 401 ", ": 403 "].iter().any(|status| failure.contains(status));
        self.steps.iter().filter_map(|step| step.first_failure.as_ref()).any(is_refusal)
    }

    /// What was asked had no right to an answer any more: whatever was not served says nothing of the server.
    pub(crate) fn end_without_a_right(&mut self, why: String) {
        self.is_not_servers = true;
        if let Some(capacity) = &mut self.capacity {
            capacity.ended_by = EndedBy::Generator;
            capacity.ended_why.clone_from(&why);
        }
        self.ended_why = why;
    }
}

/// A step that was not served.
struct Ended {
    rate: f64,
    by: EndedBy,
    why: String,
}

impl Search<'_> {
    /// Doubles the rate until it is not served, or halves it until it is, and closes in on the last one that was.
    ///
    /// # Errors
    /// When a step cannot be made at all.
    pub fn run(&self, make: &mut MakeSource<'_>, watch: &mut dyn Watch) -> Result<Found> {
        let start = self.start(make)?;
        let mut found = Found {
            capacity: None,
            ended_why: String::new(),
            is_not_servers: false,
            steps: Vec::new(),
            start,
            hidden: (0, 0),
        };
        let mut ends = Vec::new();
        let mut good = self.climb(make, watch, &mut found, &mut ends)?;
        if good.is_none() {
            good = self.descend(make, watch, &mut found, &mut ends)?;
        }
        let bad = ends.last().map(|end| end.rate);
        let mut capacities = Vec::new();
        if let (Some(first), Some(bad)) = (&good, bad) {
            let first_rate = first.offered_per_second.unwrap_or(0.0);
            for run in 0..self.runs.max(1) {
                // Later runs begin anew, a little below what the first has found.
                let low = if run == 0 { first_rate } else { capacities.first().copied().unwrap_or(first_rate) * 0.7 };
                let high = if run == 0 { bad } else { (low / 0.7 * 1.4).min(bad) };
                let best = self.close_in(low, high, make, watch, &mut found, &mut ends)?;
                capacities.push(best.as_ref().and_then(|step| step.offered_per_second).unwrap_or(low));
                if let Some(best) = best
                    && (run == 0 || good.is_none())
                {
                    good = Some(best);
                }
            }
        }
        found.steps.sort_by(|a, b| a.offered_per_second.unwrap_or(0.0).total_cmp(&b.offered_per_second.unwrap_or(0.0)));
        let ended = what_ended(ends, median(&capacities));
        found.ended_why.clone_from(&ended.why);
        found.is_not_servers = matches!(ended.by, EndedBy::Generator);
        found.capacity = good.map(|step| self.capacity(&step, &capacities, ended));
        Ok(found)
    }

    /// The rate to begin with.
    fn start(&self, make: &mut MakeSource<'_>) -> Result<f64> {
        let planned = self.load.rate_start;
        if !self.is_probed {
            return Ok(planned);
        }
        Ok(probe::bearable(self.site, self.load, &mut *make(planned)?)?.min(planned))
    }

    /// Doubles the rate from the start until it is not served: the last step that was.
    fn climb(
        &self,
        make: &mut MakeSource<'_>,
        watch: &mut dyn Watch,
        found: &mut Found,
        ends: &mut Vec<Ended>,
    ) -> Result<Option<Step>> {
        let (mut good, mut rate) = (None, found.start);
        while rate <= self.load.rate_max {
            let step = self.step(rate, make, watch, found)?;
            if let Some(end) = self.judge(&step) {
                ends.push(end);
                break;
            }
            good = Some(step);
            rate *= 2.0;
        }
        Ok(good)
    }

    /// Halves the rate from the start until it is served, or until lower ones promise nothing: where the quickest answer
    /// of all took longer than p99 may, or the generator is late however little it has to do.
    fn descend(
        &self,
        make: &mut MakeSource<'_>,
        watch: &mut dyn Watch,
        found: &mut Found,
        ends: &mut Vec<Ended>,
    ) -> Result<Option<Step>> {
        let mut rate = found.start;
        for _ in 0..HALVINGS {
            let quickest = found.steps.last().and_then(|step| step.latency.curve.first()).map(|[_, ms]| *ms);
            if let Some(quickest) = quickest.filter(|&quickest| quickest > self.thresholds.p99_ms) {
                ends.pop();
                let why = format!("at {rate:.0}/s even the quickest answer took {quickest:.0} ms");
                ends.push(Ended { rate, by: EndedBy::Latency, why });
                return Ok(None);
            }
            rate /= 2.0;
            if rate < 1.0 {
                return Ok(None);
            }
            if ends.last().is_some_and(|end| matches!(end.by, EndedBy::Generator)) {
                return Ok(None);
            }
            let step = self.step(rate, make, watch, found)?;
            match self.judge(&step) {
                None => return Ok(Some(step)),
                Some(end) => ends.push(end),
            }
        }
        Ok(None)
    }

    fn capacity(&self, step: &Step, capacities: &[f64], ended: Ended) -> Capacity {
        let least = capacities.iter().copied().reduce(f64::min);
        let greatest = capacities.iter().copied().reduce(f64::max);
        let ends = least.zip(greatest).filter(|_| capacities.len() > 1);
        Capacity {
            per_second: median(capacities).or(step.offered_per_second).unwrap_or(0.0),
            p99_ms: step.latency.p99,
            p99_limit_ms: self.thresholds.p99_ms,
            ended_by: ended.by,
            ended_why: ended.why,
            unproven: step.invalid_reason.clone(),
            spread: ends.map(|(min, max)| Spread {
                min,
                max,
                runs: u32::try_from(capacities.len()).unwrap_or(u32::MAX),
            }),
        }
    }

    /// Halves the distance, and gives the best step that was served.
    fn close_in(
        &self,
        mut low: f64,
        mut high: f64,
        make: &mut MakeSource<'_>,
        watch: &mut dyn Watch,
        found: &mut Found,
        ends: &mut Vec<Ended>,
    ) -> Result<Option<Step>> {
        let mut best = None;
        for _ in 0..BISECTIONS {
            let rate = f64::midpoint(low, high).round();
            let step = self.step(rate, make, watch, found)?;
            match self.judge(&step) {
                None => {
                    low = rate;
                    best = Some(step);
                }
                Some(end) => {
                    high = rate;
                    ends.push(end);
                }
            }
        }
        Ok(best)
    }

    fn step(&self, rate: f64, make: &mut MakeSource<'_>, watch: &mut dyn Watch, found: &mut Found) -> Result<Step> {
        let load = Load {
            name: format!("{rate:.0}/s"),
            connections: self.load.connections,
            pace: Pace::Open { per_second: rate },
            warm_up: *self.load.warm_up,
            duration: *self.load.step,
            reply_max: *self.load.reply_max,
            sample_every: *self.load.sample_every,
        };
        let (step, ()) = step::on_time(self.site.quiet(), self.load.tries, || {
            let (step, report) = step::run(self.site, &load, &mut *make(rate)?, watch)?;
            found.hidden.0 += report.hidden;
            found.hidden.1 += report.completed;
            // What a step beyond the capacity left behind must not burden the next.
            self.site.settle()?;
            Ok((step, ()))
        })?;
        found.steps.push(step.clone());
        Ok(step)
    }

    /// Why this step was not served; `None` when it was.
    fn judge(&self, step: &Step) -> Option<Ended> {
        let rate = step.offered_per_second.unwrap_or(0.0);
        let cores = step.server_cores.map_or_else(String::new, |cores| format!("; the server used {cores:.2} cores"));
        let limit = self.thresholds.failures_percent;
        let first = step.first_failure.as_deref().unwrap_or("unknown");
        let by_server = step.failed_by_server().unwrap_or(0.0);
        if let Some(reason) = step.invalid_reason.as_ref().filter(|_| self.is_strict || step.failed_percent > limit)
            && by_server <= limit
        {
            return Some(Ended { rate, by: EndedBy::Generator, why: format!("at {rate:.0}/s {reason}{cores}") });
        }
        if by_server > limit {
            let why = format!("at {rate:.0}/s {by_server:.1} % failed, the first with: {first}{cores}");
            return Some(Ended { rate, by: EndedBy::Failures, why });
        }
        if step.latency.count == 0 {
            return Some(Ended {
                rate,
                by: EndedBy::Failures,
                why: format!("at {rate:.0}/s nothing was answered{cores}"),
            });
        }
        if step.latency.p99 > self.thresholds.p99_ms {
            let why = format!("at {rate:.0}/s p99 was {:.0} ms{cores}", step.latency.p99);
            return Some(Ended { rate, by: EndedBy::Latency, why });
        }
        None
    }
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

/// The least rate beyond the capacity that was not served. Runs differ: one may have stumbled below what the others
/// served, and where all of them did, the fastest of these tells.
fn what_ended(ends: Vec<Ended>, capacity: Option<f64>) -> Ended {
    let capacity = capacity.unwrap_or(0.0);
    let key = |end: &Ended| if end.rate > capacity { (0, end.rate) } else { (1, -end.rate) };
    let least = ends.into_iter().min_by(|one, other| key(one).partial_cmp(&key(other)).unwrap_or(Ordering::Equal));
    least.unwrap_or_else(|| Ended {
        rate: f64::INFINITY,
        by: EndedBy::Plan,
        why: "the plan's highest rate was reached".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(rates: &[f64], capacity: Option<f64>) -> f64 {
        let ends = rates.iter().map(|&rate| Ended { rate, by: EndedBy::Latency, why: String::new() });
        what_ended(ends.collect(), capacity).rate
    }

    #[test]
    fn what_ended_a_search_lies_beyond_the_capacity() {
        assert_eq!(told(&[128.0, 80.0, 69.0, 76.0], Some(72.0)), 76.0);
        assert_eq!(told(&[60.0, 69.0], Some(72.0)), 69.0);
        assert_eq!(told(&[4.0], None), 4.0);
        assert_eq!(told(&[], Some(72.0)), f64::INFINITY);
    }
}
