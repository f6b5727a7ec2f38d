//! What becomes of connections.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use crate::metrics::{Kind, Sample};
use crate::server::Counts;
use crate::shared::Shared;

/// Registers what the listeners count, each under its name.
pub fn register_listeners(shared: &Shared, listeners: Vec<(&'static str, Arc<Counts>)>) {
    let of_all = listeners.clone();
    let open = move || {
        let of = |(name, counts): &(&'static str, Arc<Counts>)| {
            sample(vec![("listener", (*name).to_owned())], counts.connections.load(Relaxed) as u64)
        };
        of_all.iter().map(of).collect()
    };
    shared.metrics.sample(Kind::Gauge, "http_connections", "Connections that are open", None, open);
    let of_all = listeners.clone();
    let ended = move || of_all.iter().flat_map(|(name, counts)| ends(name, counts)).collect();
    let help = "Connections that were refused (full, address) or ended (shed, idle, cut) by the server";
    shared.metrics.sample(Kind::Counter, "http_connections_ended", help, None, ended);
    let unread =
        move || vec![Sample::bare(listeners.iter().map(|(_, counts)| counts.unread.load(Relaxed)).sum::<u64>() as f64)];
    let help = "Requests over HTTP/2 that were refused because their client had left too much unread";
    shared.metrics.sample(Kind::Counter, "http_unread_refused", help, None, unread);
}

fn ends(name: &'static str, counts: &Counts) -> Vec<Sample> {
    let reasons = [
        ("full", &counts.full),
        ("address", &counts.address),
        ("shed", &counts.shed),
        ("idle", &counts.idle),
        ("cut", &counts.cut),
    ];
    let of = |(why, count): (&str, &std::sync::atomic::AtomicU64)| {
        sample(vec![("listener", name.to_owned()), ("why", why.to_owned())], count.load(Relaxed))
    };
    reasons.into_iter().map(of).collect()
}

fn sample(labels: Vec<(&'static str, String)>, value: u64) -> Sample {
    Sample { labels, value: value as f64 }
}
