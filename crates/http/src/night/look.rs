//! Looks at the node: totals since the start, and what happened between two looks.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use onsale_domain::concert::SeatCounts;
use onsale_node::{Histogram, Node};

use super::figures::Figures;
use super::percentile::percentile;
use crate::metrics::{Metrics, RouteTotals};
use crate::problem::Code;

/// Totals at one moment.
#[derive(Clone, Debug)]
pub(super) struct Look {
    at: Instant,
    issued: u64,
    admitted: u64,
    holds: u64,
    payments: u64,
    lapses: u64,
    drops: u64,
    entries: u64,
    commands: u64,
    commit_us: Vec<(u64, u64)>,
    pub(super) routes: Vec<(&'static str, RouteTotals)>,
}

impl Look {
    pub(super) fn take(node: &Node, metrics: &Metrics) -> Self {
        let views = node.views();
        let (issued, admitted) = views.queues().iter().map(|queue| queue.totals()).fold((0, 0), |sum, queue| {
            let (issued, admitted) = queue;
            (sum.0 + issued, sum.1 + admitted)
        });
        let (sales, stats) = (&views.sales, node.stats());
        let (commit_us, _) = stats.append_us.read();
        let (_, commands) = stats.batch_commands.read();
        Self {
            at: Instant::now(),
            issued,
            admitted,
            holds: sales.held.load(Relaxed),
            payments: sales.paid.load(Relaxed),
            lapses: sales.lapsed.load(Relaxed),
            drops: sales.cancelled.load(Relaxed) + sales.released.load(Relaxed),
            entries: commit_us.iter().map(|&(_, count)| count).sum(),
            commands,
            commit_us,
            routes: metrics.totals(),
        }
    }

    /// Seconds from `earlier` to this look.
    pub(super) fn seconds_since(&self, earlier: &Self) -> f64 {
        self.at.duration_since(earlier.at).as_secs_f64().max(1e-3)
    }

    /// Each route's requests since `earlier`.
    pub(super) fn routes_since(&self, earlier: &Self) -> Vec<(&'static str, RouteTotals)> {
        let pairs = self.routes.iter().zip(&earlier.routes);
        pairs.map(|((route, now), (_, before))| (*route, now.since(before))).collect()
    }
}

/// The figures of the time from `earlier` to `now`, and the levels as they are. `streams` are open.
pub(super) fn figures(node: &Node, streams: usize, now: &Look, earlier: &Look) -> Figures {
    let seconds = now.seconds_since(earlier);
    let rate = |which: fn(&Look) -> u64| which(now).saturating_sub(which(earlier)) as f64 / seconds;
    let mut all = RouteTotals::default();
    now.routes_since(earlier).iter().for_each(|(_, route)| all.add(route));
    let latencies = all.latencies_ms();
    let latency = |share| percentile(&latencies, share).unwrap_or(0.0);
    let commits = commits_ms(&now.commit_us, &earlier.commit_us);
    let entries = now.entries.saturating_sub(earlier.entries);
    let batch = if entries == 0 { 0.0 } else { now.commands.saturating_sub(earlier.commands) as f64 / entries as f64 };
    let refused = |server: bool| {
        let codes = Code::ALL.iter().filter(|code| code.status().is_server_error() == server);
        codes.map(|&code| all.refused(code)).sum::<u64>() as f64 / seconds
    };
    let mut figures = Figures {
        streams: streams as f64,
        arrivals: rate(|look| look.issued),
        admitted: rate(|look| look.admitted),
        holds: rate(|look| look.holds),
        payments: rate(|look| look.payments),
        lapses: rate(|look| look.lapses),
        drops: rate(|look| look.drops),
        requests: all.requests() as f64 / seconds,
        refusals: refused(false),
        failures: refused(true),
        p50_ms: latency(0.5),
        p99_ms: latency(0.99),
        p999_ms: latency(0.999),
        commit_p50_ms: percentile(&commits, 0.5).unwrap_or(0.0),
        commit_p99_ms: percentile(&commits, 0.99).unwrap_or(0.0),
        batch,
        entries: rate(|look| look.entries),
        ..Figures::default()
    };
    levels(node, &mut figures);
    figures
}

/// What is, and not what happens.
fn levels(node: &Node, figures: &mut Figures) {
    let views = node.views();
    let (mark, stats) = (views.mark(), node.stats());
    for queue in views.queues().iter() {
        let waiting = queue.waiting();
        figures.waiting += f64::from(waiting);
        figures.active += f64::from(queue.active());
        let rules = queue.rules();
        if rules.admits() && waiting > 0 {
            figures.wait_s = figures.wait_s.max(queue.estimate(waiting, &rules.settings).likely_seconds as f64);
        }
    }
    for schedule in views.catalog().schedules.values() {
        let board = schedule.board();
        let SeatCounts { free, held, paid, withheld } = board.seat_counts();
        figures.held += f64::from(held);
        figures.available += f64::from(free);
        figures.sold += f64::from(paid);
        figures.withheld += f64::from(withheld);
    }
    figures.revenue = mark.counters.sold as f64;
    figures.charged = mark.counters.charged as f64;
    figures.seq = mark.seq as f64;
    figures.lag = mark.seq.saturating_sub(stats.projected_seq.load(Relaxed)) as f64;
    figures.backlog = stats.projection_backlog.load(Relaxed) as f64;
}

/// Commit times between two looks, as upper bounds in milliseconds and counts.
fn commits_ms(now: &[(u64, u64)], earlier: &[(u64, u64)]) -> Vec<(f64, u64)> {
    let bound_ms = |i: usize, bound: u64| if i + 1 == Histogram::BUCKETS { f64::INFINITY } else { bound as f64 / 1e3 };
    let pairs = now.iter().zip(earlier).enumerate();
    pairs.map(|(i, (&(bound, count), &(_, before)))| (bound_ms(i, bound), count.saturating_sub(before))).collect()
}
