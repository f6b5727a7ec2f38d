//! Durable reservations per second: over HTTP from one node, and from the same server without us.

mod hot;
mod sides;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;

use super::Bench;
use super::rows::{Rows, spread};
use crate::measure::Spread;
use sides::{Figures, Sides};

/// The database of all that is compared with.
const FLOOR: &str = "bench_floor";
const WARM_UP: Duration = Duration::from_secs(1);

/// What is measured, in turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum Kind {
    /// `pgbench -N`: an update, a select and an insert, statement by statement.
    Simple,
    /// The same with prepared statements.
    Prepared,
    /// A plain service that locks the seat's row, asked over HTTP as ours is, each its own seat: its transaction goes to the
    /// database statement by statement.
    ForUpdate,
    /// The same, and all want one seat.
    ForUpdateHot,
    /// The same with the whole transaction in one message, which hardly any library can do.
    ForUpdateAtOnce,
    /// That from pgbench, without a service: no request is read and no reply is written.
    ForUpdateDirect,
    /// Ours, each its own user and seat.
    Ours,
    /// Ours: all want one seat, and when somebody has it, all want the next.
    OursWaves,
    /// Ours: all want one seat, which somebody has.
    OursHot,
}

/// All of them, ours beside what it is compared with.
pub(super) const ALL: [Kind; 9] = [
    Kind::Simple,
    Kind::Ours,
    Kind::ForUpdate,
    Kind::OursWaves,
    Kind::Prepared,
    Kind::OursHot,
    Kind::ForUpdateAtOnce,
    Kind::ForUpdateDirect,
    Kind::ForUpdateHot,
];

/// Measures all kinds with so many clients.
///
/// # Errors
/// When anything fails, or a commit was not what it should be.
pub(super) fn run(bench: &Bench, clients: usize, rows: &mut Rows) -> Result<()> {
    bench.server.make(FLOOR)?;
    bench.server.prepare(FLOOR)?;
    let database = format!("bench_ours_{clients}");
    bench.server.make(&database)?;
    let mut sides = Sides::start(bench, &database, clients)?;
    for &kind in &bench.kinds {
        sides.round(bench, kind, WARM_UP)?;
    }
    let mut found: BTreeMap<Kind, Vec<Figures>> = BTreeMap::new();
    for number in 1..=bench.rounds {
        let mut kinds = bench.kinds.clone();
        if number % 2 == 0 {
            kinds.reverse();
        }
        for kind in kinds {
            let figures = sides.round(bench, kind, bench.round)?;
            crate::progress!(
                "{clients} clients, round {number}, {kind:?}: {:.0}/s; {}",
                figures.per_second,
                figures.shares
            );
            found.entry(kind).or_default().push(figures);
        }
    }
    report(clients, &found, rows);
    rows.at_most(
        format!("{clients} clients: deadlocks of the node, by PostgreSQL"),
        bench.server.deadlocks(&database)?,
        0.0,
    );
    Ok(())
}

fn report(clients: usize, found: &BTreeMap<Kind, Vec<Figures>>, rows: &mut Rows) {
    let rates = |kind: Kind, of: fn(&Figures) -> f64| -> Vec<f64> {
        found.get(&kind).map(|figures| figures.iter().map(of).collect()).unwrap_or_default()
    };
    let answers = |kind: Kind| rates(kind, |figures| figures.per_second);
    let ours = answers(Kind::Ours);
    let settled = rates(Kind::Ours, |figures| figures.settled);
    let waves = answers(Kind::OursWaves);
    let held = answers(Kind::OursHot);
    let simple = answers(Kind::Simple);
    let locking = answers(Kind::ForUpdate);
    let mut row = |name: &str, over: &[f64], under: &[f64], least: Option<f64>| {
        let ratios: Vec<f64> = over.iter().zip(under).map(|(over, under)| over / under).collect();
        if !ratios.is_empty() {
            rows.ratio(format!("{clients} clients: {name}"), ratios, least);
        }
    };
    row("reservations to pgbench's simple updates", &ours, &simple, Some(5.0));
    row("reservations to SELECT … FOR UPDATE", &ours, &locking, Some(5.0));
    row("reservations to SELECT … FOR UPDATE in one message", &ours, &answers(Kind::ForUpdateAtOnce), None);
    row("reservations to that without HTTP", &ours, &answers(Kind::ForUpdateDirect), None);
    row("reservations to prepared simple updates", &ours, &answers(Kind::Prepared), None);
    row("reservations to simple updates, until the tables have them", &settled, &simple, None);
    row("reservations to SELECT … FOR UPDATE, until the tables have them", &settled, &locking, None);
    row("a hot seat, sold, to a spread", &waves, &ours, Some(1.0));
    row("a hot seat, held, to a spread", &held, &ours, Some(1.0));
    row("a hot seat to a spread, SELECT … FOR UPDATE", &answers(Kind::ForUpdateHot), &locking, None);
    for (kind, figures) in found {
        let wal = Spread::of(figures.iter().map(|figures| figures.wal_bytes_each)).median;
        let rate = spread(&answers(*kind));
        rows.note(format!("{clients} clients, {kind:?}: {rate}/s, {wal:.0} bytes of log each; {}", figures[0].shares));
    }
}
