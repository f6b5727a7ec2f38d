//! What the database counted while an endpoint was under test, where the store is in one.

use std::time::Duration;

use crate::report::{Figure, Part, Target};
use crate::run::Run;
use crate::site::{Counters, grown};

/// Sessions hand their counts to the database's statistics within a second, and nodes read those once a second.
const COUNTED_WITHIN: Duration = Duration::from_millis(2_500);

/// What had been counted before; nothing where the store is in no database that tells.
pub(crate) fn before(run: &mut Run<'_>) -> Option<Counters> {
    counters(run).filter(|counters| counters.transactions.is_some())
}

/// Adds what was counted since `before`.
pub(crate) fn add(run: &mut Run<'_>, before: &Counters, target: &mut Target) {
    std::thread::sleep(COUNTED_WITHIN);
    let after = counters(run).unwrap_or_default();
    let sampled = target.parts.iter().flat_map(|part| &part.steps).flat_map(|step| &step.resources.database_lock_waits);
    let waits = sampled.flatten().copied().reduce(f64::max);
    let figure = |id, title, value, unit, name: &str| {
        Figure::maybe(id, title, value, unit, &format!("/metrics {name}"), "the server did not tell")
    };
    target.parts.push(Part {
        id: "database".to_owned(),
        title: "What the database did meanwhile".to_owned(),
        figures: vec![
            figure(
                "transactions",
                "Transactions",
                grown(before.transactions, after.transactions),
                "",
                "onsale_database_commits_total, onsale_database_rollbacks_total",
            ),
            figure(
                "rollbacks",
                "Of which rolled back",
                grown(before.rollbacks, after.rollbacks),
                "",
                "onsale_database_rollbacks_total",
            ),
            figure(
                "deadlocks",
                "Deadlocks",
                grown(before.deadlocks, after.deadlocks),
                "",
                "onsale_database_deadlocks_total",
            ),
            figure(
                "lock_waits",
                "Sessions that waited for a lock, at most in one sample",
                waits,
                "",
                "onsale_database_lock_waits",
            ),
            figure(
                "wal",
                "Write-ahead log",
                grown(before.wal_bytes, after.wal_bytes),
                "bytes",
                "onsale_database_wal_bytes_total",
            ),
        ],
        steps: Vec::new(),
        notes: vec![
            "By the database's own account, over all test points of this endpoint and what prepared them. Its write-ahead \
             log is the whole server's."
                .to_owned(),
        ],
    });
}

fn counters(run: &mut Run<'_>) -> Option<Counters> {
    let scrape = run.running_scrape()?;
    Some(Counters::of_process(None, scrape.fetch().as_ref()))
}
