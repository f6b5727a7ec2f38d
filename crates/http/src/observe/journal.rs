//! Commands on their way: waiting, refused, made durable, projected.

use std::sync::atomic::{AtomicU64, Ordering};

use onsale_domain::user::{ENTRIES_MAX, REFERENCES_MAX, SEAT_LIMITS_MAX, SUBJECTS_MAX};
use onsale_node::{Histogram, People, Stats};
use prometheus_client::registry::Unit;

use super::Source;
use super::distribution::Distribution;
use crate::metrics::{Kind, Sample};
use crate::shared::{DatabaseCounts, Shared};

const MICROSECONDS: f64 = 1e6;

pub(super) fn register(shared: &Shared, source: &Source) {
    durations(shared, source);
    positions(shared, source);
    people(shared, source);
    cluster(shared, source);
    commands(shared, source);
    storage(shared, source);
}

/// What is remembered of people, and how much there is room for.
fn people(shared: &Shared, source: &Source) {
    type Count = fn(&People) -> usize;
    const COUNTS: [(&str, &str, Count, &str, usize); 4] = [
        (
            "wallet_references",
            "References of credits and debits that are remembered",
            People::references,
            "wallet_references_limit",
            REFERENCES_MAX,
        ),
        (
            "entry_subjects",
            "People whom entry tokens name by something else than a number",
            People::subjects,
            "entry_subjects_limit",
            SUBJECTS_MAX,
        ),
        (
            "entry_tokens_used",
            "Entry tokens that are good once, were used, and have not expired",
            People::entries,
            "entry_tokens_used_limit",
            ENTRIES_MAX,
        ),
        (
            "entry_seat_limits",
            "Users with a limit of seats of their own",
            People::seat_limits,
            "entry_seat_limits_limit",
            SEAT_LIMITS_MAX,
        ),
    ];
    let trusted = source.value(|shared| f64::from(u8::from(shared.doors.can_tell())));
    let help = "Whether there are keys to know entry tokens by, or none are needed; without them nobody joins";
    shared.metrics.gauge("entry_keys_trusted", help, None, trusted);
    for (name, help, count, limit, most) in COUNTS {
        let now = source.value(move |shared| count(&shared.node.views().people) as f64);
        shared.metrics.gauge(name, help, None, now);
        let most = source.value(move |_| most as f64);
        shared.metrics.gauge(limit, "The most that may be remembered of them", None, most);
    }
}

fn durations(shared: &Shared, source: &Source) {
    let add = |name, help, unit, scale, which| {
        let source = source.clone();
        shared.metrics.register(Box::new(Distribution { source, name, help, unit, scale, which }));
    };
    let append: fn(&Stats) -> &Histogram = |stats| &stats.append_us;
    add("journal_append_duration", "Time to make one entry durable", Unit::Seconds, MICROSECONDS, append);
    let size: fn(&Stats) -> &Histogram = |stats| &stats.batch_commands;
    add("journal_batch", "Commands in one entry", Unit::Other("commands".to_owned()), 1.0, size);
    let projection: fn(&Stats) -> &Histogram = |stats| &stats.projection_us;
    add("projection_duration", "Time of one transaction on the tables", Unit::Seconds, MICROSECONDS, projection);
}

fn read(counter: fn(&Stats) -> &AtomicU64) -> impl Fn(&Shared) -> f64 + Send + Sync {
    move |shared| counter(shared.node.stats()).load(Ordering::Relaxed) as f64
}

fn positions(shared: &Shared, source: &Source) {
    let metrics = &shared.metrics;
    let seq = source.value(|shared| shared.node.views().mark().seq as f64);
    metrics.gauge("seq", "Number of the last journal entry that is applied", None, seq);
    let revoked = source.value(|shared| shared.node.views().revoked.users() as f64);
    metrics.gauge("revoked_users", "Users whose queue tokens were revoked", None, revoked);
    let projected = source.value(read(|stats| &stats.projected_seq));
    metrics.gauge("projected_seq", "Number of the last journal entry that the tables hold", None, projected);
    let lag = source.value(|shared| {
        let projected = shared.node.stats().projected_seq.load(Ordering::Acquire);
        shared.node.views().mark().seq.saturating_sub(projected) as f64
    });
    metrics.gauge(
        "projection_lag",
        "Journal entries that the tables do not hold yet",
        Some(Unit::Other("entries".to_owned())),
        lag,
    );
    let backlog = source.value(read(|stats| &stats.projection_backlog));
    metrics.gauge("projection_lag", "Rows that wait to be projected", Some(Unit::Other("rows".to_owned())), backlog);
}

/// Of one of many nodes.
fn cluster(shared: &Shared, source: &Source) {
    let Some(_) = shared.node.cluster() else { return };
    let metrics = &shared.metrics;
    let staleness =
        source.value(|shared| shared.node.cluster().map_or(0.0, |cluster| cluster.staleness().as_secs_f64()));
    let count = |which: fn(&DatabaseCounts) -> &AtomicU64| {
        source.value(move |shared| which(&shared.database).load(Ordering::Relaxed) as f64)
    };
    metrics.counter("database_commits", "Transactions that the database committed", None, count(|all| &all.commits));
    metrics.counter("database_rollbacks", "Transactions that it rolled back", None, count(|all| &all.rollbacks));
    metrics.counter("database_deadlocks", "Deadlocks that it found", None, count(|all| &all.deadlocks));
    metrics.counter("database_wal", "Its write-ahead log", Some(Unit::Bytes), count(|all| &all.wal_bytes));
    metrics.gauge("database_lock_waits", "Sessions that wait for a lock in it", None, count(|all| &all.lock_waits));
    let help = "How long ago this node's views were known to be up to date";
    metrics.gauge("staleness", help, Some(Unit::Seconds), staleness);
    let away = source.value(|shared| f64::from(u8::from(shared.node.is_away())));
    let stand = source.value(|shared| f64::from(u8::from(shared.node.stats().tables_stand.load(Ordering::Relaxed))));
    metrics.gauge(
        "tables_stand",
        "Whether the tables take nothing that this node writes; sales need none",
        None,
        stand,
    );
    metrics.gauge("journal_away", "Whether writes are refused because the database cannot be reached", None, away);
}

fn commands(shared: &Shared, source: &Source) {
    let metrics = &shared.metrics;
    let pending = source.value(|shared| shared.node.pending() as f64);
    metrics.gauge("commands_pending", "Commands that wait for their outcome", None, pending);
    let refused = source.family(|shared| {
        let stats = shared.node.stats();
        let sample = |reason: &str, counter: &AtomicU64| Sample {
            labels: vec![("reason", reason.to_owned())],
            value: counter.load(Ordering::Relaxed) as f64,
        };
        vec![sample("overloaded", &stats.overloaded), sample("unavailable", &stats.unavailable)]
    });
    let help = "Commands that were refused before they reached the journal";
    metrics.sample(Kind::Counter, "commands_refused", help, None, refused);
}

fn storage(shared: &Shared, source: &Source) {
    let metrics = &shared.metrics;
    let full = source.value(|shared| f64::from(u8::from(shared.node.stats().journal_full.load(Ordering::Relaxed))));
    metrics.gauge("journal_full", "Whether the last append found no room on the disk", None, full);
    let bytes = source.value(read(|stats| &stats.journal_bytes));
    metrics.counter("journal_written", "Payload appended to the journal", Some(Unit::Bytes), bytes);
    let rows = source.value(read(|stats| &stats.projected_rows));
    metrics.counter("projected_rows", "Rows written to the tables", None, rows);
    let syncs = source.value(|shared| {
        let (counts, _) = shared.node.stats().append_us.read();
        counts.iter().map(|(_, count)| count).sum::<u64>() as f64
    });
    metrics.counter("journal_syncs", "Syncs of the journal: one for each append, before it is answered", None, syncs);
    let level = source.value(|shared| f64::from(shared.node.views().level()));
    metrics.gauge("store_level", "The store's feature level: what all of its nodes can read", None, level);
    let level = source.value(|shared| f64::from(shared.node.level_max()));
    metrics.gauge("store_level_max", "The highest feature level that this node raises the store to", None, level);
    let busy = || onsale_node::storage_busy() as f64;
    metrics.counter("storage_busy", "Times that storage was in use by somebody else", None, busy);
    let ahead = source.value(|shared| shared.node.stats().clock_ahead_ms.load(Ordering::Relaxed) as f64 / 1e3);
    let help = "How far the journal's time is ahead of the clock that it follows; negative where it is behind";
    metrics.gauge("clock_ahead", help, Some(Unit::Seconds), ahead);
    let operations = source.family(|shared| {
        let stats = shared.node.stats();
        let sample = |operation: &str, histogram: &Histogram| Sample {
            labels: vec![("operation", operation.to_owned())],
            value: histogram.read().0.iter().map(|(_, count)| count).sum::<u64>() as f64,
        };
        vec![sample("journal_append", &stats.append_us), sample("projection", &stats.projection_us)]
    });
    let help = "Operations on storage: appends to the journal, transactions on the tables";
    metrics.sample(Kind::Counter, "storage_operations", help, None, operations);
}
