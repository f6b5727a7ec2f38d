//! Queues, seats, and how often a list was at hand.

use std::sync::atomic::AtomicU64;

use onsale_domain::idempotency::Endpoint;
use onsale_domain::queue::TICKETS_MAX;
use onsale_domain::settings::IDEMPOTENCY_KEYS_MAX;
use onsale_node::{QueueView, ScheduleView};

use super::Source;
use crate::arrivals::SIZES;
use crate::metrics::{Kind, Sample};
use crate::shared::{CacheCounts, Shared};

pub(super) fn register(shared: &Shared, source: &Source) {
    queues(shared, source);
    arrivals(shared, source);
    tickets_limit(shared, source);
    seats(shared, source);
    caches(shared, source);
    keys(shared, source);
    let streams = source.value(|shared| shared.streams.open() as f64);
    shared.metrics.gauge("streams", "Streams of places that are open", None, streams);
    let help =
        "How many times as long as on a node at ease people wait until the next poll, 1 to 3, by how busy this one is";
    let stretch = source.value(|shared| shared.load.stretch().ratio());
    shared.metrics.gauge("poll_stretch", help, None, stretch);
}

fn queues(shared: &Shared, source: &Source) {
    let add = |kind, name, help, read: fn(&QueueView) -> f64| {
        let family = source.family(move |shared| {
            let queues = shared.node.views().queues();
            let sample = |queue: &QueueView| Sample { labels: vec![("queue", queue.name.clone())], value: read(queue) };
            queues.iter().map(|queue| sample(queue)).collect()
        });
        shared.metrics.sample(kind, name, help, None, family);
    };
    add(Kind::Gauge, "queue_waiting", "Users that wait", |queue| f64::from(queue.waiting()));
    add(Kind::Gauge, "queue_active", "Users that are PROGRESS", |queue| f64::from(queue.active()));
    let help = "Users that are PROGRESS and have not been heard from for twice queue.waiting_ttl";
    add(Kind::Gauge, "queue_silent", help, |queue| f64::from(queue.silent()));
    let limit = |queue: &QueueView| f64::from(queue.rules().settings.active_limit);
    add(Kind::Gauge, "queue_active_limit", "The most users that may be PROGRESS", limit);
    let admits = |queue: &QueueView| f64::from(u8::from(queue.rules().admits()));
    add(
        Kind::Gauge,
        "queue_admits",
        "Whether free slots are filled: neither paused nor closed nor before its time",
        admits,
    );
    let issued = |queue: &QueueView| queue.totals().0 as f64;
    add(Kind::Counter, "queue_issued", "Tickets that were ever issued", issued);
    let remembered = |queue: &QueueView| f64::from(queue.remembered());
    add(Kind::Gauge, "queue_tickets_remembered", "Tickets that are remembered, ended ones too", remembered);
    let admitted = |queue: &QueueView| queue.totals().1 as f64;
    add(Kind::Counter, "queue_admitted", "Tickets admitted since the start", admitted);
}

/// Of all queues together: which queue somebody is from is looked at by hand.
fn arrivals(shared: &Shared, source: &Source) {
    let of = |read: fn((u32, u64)) -> f64| {
        source.family(move |shared| {
            let queues = shared.node.views().queues();
            let sizes = |queue: &QueueView| shared.arrivals(queue.id).sizes.into_iter().zip(SIZES);
            let sample = |queue: &QueueView, (size, from): ((u32, u64), u32)| Sample {
                labels: vec![("queue", queue.name.clone()), ("from", from.to_string())],
                value: read(size),
            };
            queues.iter().flat_map(|queue| sizes(queue).map(|size| sample(queue, size)).collect::<Vec<_>>()).collect()
        })
    };
    let help = "Networks from which so many or more have joined within the hour, below the next";
    shared.metrics.sample(Kind::Gauge, "arrival_networks", help, None, of(|(networks, _)| f64::from(networks)));
    let help = "Those who have joined within the hour from networks from which so many have";
    shared.metrics.sample(Kind::Gauge, "arrivals", help, None, of(|(_, joins)| joins as f64));
    let forgotten = source.value(|shared| shared.forget_arrivals() as f64);
    let help = "Networks of which it was forgotten, for want of room, how many have joined from there";
    shared.metrics.counter("arrival_networks_forgotten", help, None, forgotten);
}

fn tickets_limit(shared: &Shared, source: &Source) {
    let most = source.value(|_| f64::from(TICKETS_MAX));
    shared.metrics.gauge(
        "queue_tickets_remembered_limit",
        "The most tickets of a queue that are remembered",
        None,
        most,
    );
}

fn seats(shared: &Shared, source: &Source) {
    let add = |name, help, read: fn(&ScheduleView) -> f64| {
        let family = source.family(move |shared| {
            let catalog = shared.node.views().catalog();
            let sample = |view: &ScheduleView| Sample {
                labels: vec![("schedule", view.schedule.id.to_string())],
                value: read(view),
            };
            catalog.schedules.values().map(|view| sample(view)).collect()
        });
        shared.metrics.sample(Kind::Gauge, name, help, None, family);
    };
    add("seats_available", "Seats that can be had", |view| f64::from(view.board().available()));
    add("seats_withheld", "Seats that operators hold back", |view| f64::from(view.board().withheld()));
    add("seats", "Seats of the schedule", |view| f64::from(view.board().total()));
}

fn keys(shared: &Shared, source: &Source) {
    const ENDPOINTS: [(&str, Endpoint); 3] =
        [("charge", Endpoint::Charge), ("reserve", Endpoint::Reserve), ("pay", Endpoint::Pay)];
    let live = source.family(|shared| {
        let keys = &shared.node.views().keys;
        let sample = |(name, endpoint): (&str, Endpoint)| Sample {
            labels: vec![("endpoint", name.to_owned())],
            value: keys.live(endpoint) as f64,
        };
        ENDPOINTS.into_iter().map(sample).collect()
    });
    shared.metrics.sample(Kind::Gauge, "idempotency_keys", "Idempotency-Keys that are live", None, live);
    let most = source.value(|_| IDEMPOTENCY_KEYS_MAX as f64);
    shared.metrics.gauge("idempotency_keys_limit", "The most Idempotency-Keys that may be live", None, most);
}

fn caches(shared: &Shared, source: &Source) {
    type Counter = fn(&CacheCounts) -> &AtomicU64;
    const COUNTERS: [(&str, &str, Counter); 4] = [
        ("schedule", "hit", |counts| &counts.schedule_hits),
        ("schedule", "miss", |counts| &counts.schedule_misses),
        ("seat", "hit", |counts| &counts.seat_hits),
        ("seat", "miss", |counts| &counts.seat_misses),
    ];
    let lookups = source.family(|shared| {
        let sample = |(list, result, which): (&str, &str, Counter)| Sample {
            labels: vec![("list", list.to_owned()), ("result", result.to_owned())],
            value: shared.cache_total(which) as f64,
        };
        COUNTERS.into_iter().map(sample).collect()
    });
    let help = "Lists that were asked for, by whether they were rendered already";
    shared.metrics.sample(Kind::Counter, "list_lookups", help, None, lookups);
    let not_modified = source.value(|shared| shared.cache_total(|counts| &counts.not_modified) as f64);
    shared.metrics.counter("lists_not_modified", "Lists that the client had already", None, not_modified);
}
