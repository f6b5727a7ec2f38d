//! Which charts a step, or several of them one after the other, deserve.

use super::chart::{Axis, Chart, Ink, Line, Moment, SERIES, Scale};
use crate::report::{Resources, Step};
use crate::words;

/// As many curves as one chart can hold and a reader can tell apart.
const CURVES_MAX: usize = 6;

type Points = Vec<(f64, Option<f64>)>;

pub(super) fn seconds_axis() -> Axis {
    Axis::new(Scale::Linear, "seconds", words::short)
}

pub(super) fn ms_axis() -> Axis {
    Axis::new(Scale::Log, "milliseconds, logarithmic", words::short_ms)
}

pub(super) fn rate_axis(title: &str) -> Axis {
    Axis::new(Scale::Linear, title, words::short)
}

/// Rate and latency over time, of steps that followed one another: a gap and a line part them.
pub(super) fn over_time(steps: &[Step], moments: &[Moment]) -> Vec<Chart> {
    let moments: Vec<Moment> = boundaries(steps).into_iter().chain(moments.iter().cloned()).collect();
    let column = |read: fn(&Step) -> Vec<Option<f64>>| chained(steps, |step| &step.seconds.at_s, read);
    let mut rates = vec![
        Line::new("sent", Ink::Muted, column(|step| per_second(step, &step.seconds.sent))),
        Line::new("answered", Ink::Series(0), column(|step| per_second(step, &step.seconds.completed))),
    ];
    if steps.iter().any(|step| step.failed > 0) {
        rates.push(Line::new("failed", Ink::Alarm, column(|step| per_second(step, &step.seconds.failed))));
    }
    let latency = |name, ink, read: fn(&Step) -> &Vec<f64>| {
        let points = chained(
            steps,
            |step| &step.seconds.at_s,
            |step| read(step).iter().map(|ms| (*ms > 0.0).then_some(*ms)).collect(),
        );
        Line::new(name, ink, points)
    };
    let latencies = vec![
        latency("max", Ink::Muted, |step| &step.seconds.max_ms),
        latency("p99", Ink::Series(1), |step| &step.seconds.p99_ms),
        latency("p50", Ink::Series(0), |step| &step.seconds.p50_ms),
    ];
    vec![
        Chart::new("Rate", seconds_axis(), rate_axis("requests per second"), rates).with_moments(moments.clone()),
        Chart::new("Latency", seconds_axis(), ms_axis(), latencies).with_moments(moments),
    ]
}

/// What was counted in each whole second: the beginning of one more would look like a fall.
pub(super) fn per_second(step: &Step, counts: &[u64]) -> Vec<Option<f64>> {
    /// A step does not end on the microsecond.
    const SLACK_S: f64 = 0.05;
    let whole = step.seconds.at_s.iter().filter(|at| **at + 1.0 <= step.duration_s + SLACK_S).count();
    counts.iter().take(whole).map(|count| Some(*count as f64)).collect()
}

/// What share of the answers came within which time.
pub(super) fn percentiles(steps: &[&Step], limit_ms: Option<f64>) -> Chart {
    let chosen = spread_out(steps, CURVES_MAX);
    let count = chosen.len();
    let curve = |(index, step): (usize, &&Step)| {
        let points = step.latency.curve.iter().filter(|[_, ms]| *ms > 0.0).map(|[quantile, ms]| (*quantile, Some(*ms)));
        Line::new(step.name.clone(), Ink::ramp(index, count), points.collect())
    };
    let lines = chosen.iter().enumerate().map(curve).collect();
    let x = Axis::new(Scale::Nines, "percentiles", words::percentile);
    let chart = Chart::new("Percentiles of the latency", x, ms_axis(), lines);
    match limit_ms {
        Some(limit) => chart.with_limit(limit, format!("limit of p99: {}", words::ms(limit))),
        None => chart,
    }
}

/// The same for calls of different kinds: those with the longest tails.
pub(super) fn percentiles_by_kind(steps: &[Step]) -> Chart {
    let mut longest: Vec<&Step> = steps.iter().filter(|step| step.latency.count > 0).collect();
    longest.sort_by(|one, other| other.latency.p99.total_cmp(&one.latency.p99));
    longest.truncate(SERIES.len());
    let chart = percentiles(&longest, None);
    let inked = chart.lines.into_iter().enumerate().map(|(index, line)| Line { ink: Ink::Series(index), ..line });
    Chart { title: "Percentiles of the slowest calls".to_owned(), lines: inked.collect(), ..chart }
}

/// How latency answers a rising rate: where the line turns up, it breaks.
pub(super) fn response(steps: &[Step], limit_ms: Option<f64>) -> Option<Chart> {
    let mut offered: Vec<(f64, &Step)> = steps
        .iter()
        .filter_map(|step| Some((step.offered_per_second?, step)))
        .filter(|(_, step)| step.latency.count > 0)
        .collect();
    offered.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    offered.dedup_by(|(one, _), (other, _)| one == other);
    let line = |name, ink, read: fn(&Step) -> f64| {
        Line::new(name, ink, offered.iter().map(|(rate, step)| (*rate, Some(read(step)))).collect()).dotted()
    };
    let lines = vec![
        line("p99", Ink::Series(1), |step| step.latency.p99),
        line("p50", Ink::Series(0), |step| step.latency.p50),
    ];
    let chart = Chart::new("Latency by rate", rate_axis("requests offered per second"), ms_axis(), lines);
    Some(match limit_ms {
        Some(limit) => chart.with_limit(limit, format!("limit of p99: {}", words::ms(limit))),
        None => chart,
    })
}

/// What the server used meanwhile: a chart for everything that was observed.
pub(super) fn resources(steps: &[Step]) -> Vec<Chart> {
    type Column = fn(&Resources) -> &Vec<Option<f64>>;
    type Kind = (&'static str, &'static str, fn(f64) -> String, Column);
    const COLUMNS: [Kind; 13] = [
        ("Processor", "cores", words::short, |sampled| &sampled.cpu_cores),
        ("Taken by the hypervisor", "cores", words::short, |sampled| &sampled.stolen_cores),
        ("Taken by other programs", "of the server's cores", words::short, |sampled| &sampled.others_cores),
        ("Memory", "resident bytes", words::short_bytes, |sampled| &sampled.resident_bytes),
        ("Open descriptors", "descriptors", words::short, |sampled| &sampled.descriptors),
        ("Written to storage", "bytes per second", words::short_bytes, |sampled| &sampled.written_bytes_per_second),
        ("Commits of the journal", "per second", words::short, |sampled| &sampled.commits_per_second),
        ("Syncs", "per second", words::short, |sampled| &sampled.fsyncs_per_second),
        ("Commands in one commit", "commands", words::short, |sampled| &sampled.commands_per_commit),
        ("Lists that were at hand", "percent", words::short, |sampled| &sampled.cache_hit_percent),
        ("Tables behind the journal", "entries", words::short, |sampled| &sampled.projection_lag_entries),
        ("People inside", "people", words::short, |sampled| &sampled.queue_active),
        ("Sessions that wait for a lock", "sessions", words::short, |sampled| &sampled.database_lock_waits),
    ];
    let chart = |(title, unit, label, column): Kind| {
        let points = chained(steps, |step| &step.resources.at_s, |step| column(&step.resources).clone());
        let axis = Axis::new(Scale::Linear, unit, label);
        Chart::new(title, seconds_axis(), axis, vec![Line::new(title, Ink::Series(0), points).area()])
    };
    COLUMNS.into_iter().map(chart).filter(has_news).collect()
}

/// Whether a chart shows anything but nothing.
fn has_news(chart: &Chart) -> bool {
    chart.lines.iter().flat_map(|line| &line.points).any(|(_, value)| value.is_some_and(|value| value > 0.0))
}

/// A column of several steps, one after the other, with a gap between.
fn chained(steps: &[Step], at: fn(&Step) -> &Vec<f64>, read: impl Fn(&Step) -> Vec<Option<f64>>) -> Points {
    let mut points = Points::new();
    for (start, step) in starts(steps).into_iter().zip(steps) {
        if !points.is_empty() {
            points.push((start, None));
        }
        points.extend(at(step).iter().map(|at| start + at).zip(read(step)));
    }
    points
}

/// When each step begins, as if they had followed each other at once.
fn starts(steps: &[Step]) -> Vec<f64> {
    let mut next = 0.0;
    let mut starts = Vec::with_capacity(steps.len());
    for step in steps {
        starts.push(next);
        let seen = step.seconds.at_s.last().map_or(0.0, |last| last + 1.0);
        next += seen.max(step.duration_s);
    }
    starts
}

fn boundaries(steps: &[Step]) -> Vec<Moment> {
    // More names than there is room for are no help.
    let is_named = steps.len() <= 4;
    let moment = |(at, step): (f64, &Step)| Moment {
        at,
        label: if is_named { step.name.clone() } else { String::new() },
        ink: Ink::Faint,
    };
    if steps.len() < 2 { Vec::new() } else { starts(steps).into_iter().zip(steps).map(moment).collect() }
}

/// At most so many of them, the first and the last always among them.
fn spread_out<'a>(steps: &[&'a Step], max: usize) -> Vec<&'a Step> {
    if steps.len() <= max {
        return steps.to_vec();
    }
    (0..max).map(|index| steps[index * (steps.len() - 1) / (max - 1)]).collect()
}
