//! What becomes of webhooks, of those that this node sends.

use prometheus_client::registry::Unit;

use super::Source;
use crate::metrics::{Kind, Sample};
use crate::shared::Shared;
use crate::webhooks::{Is, Standing, State, Why};

pub(super) fn register(shared: &Shared, source: &Source) {
    let attempts = source.family(|shared| {
        let sample = |(outcome, count): (&'static str, u64)| Sample {
            labels: vec![("outcome", outcome.to_owned())],
            value: count as f64,
        };
        shared.webhooks.counts.all().into_iter().map(sample).collect()
    });
    let help =
        "Messages to webhooks by what became of each attempt: delivered (2xx), refused (another answer), failed (none)";
    shared.metrics.sample(Kind::Counter, "webhook_attempts", help, None, attempts);
    let halted = source.family(|shared| {
        let standing = shared.webhooks.standing();
        standing.iter().filter_map(|one| Some((one.id, why(&one.state)?))).map(halted_sample).collect()
    });
    let help = "1 for each webhook that this node has and sends nothing to, with why: operator, retries_exhausted, feed_trimmed, \
                feed_other_history, secret_lost or gone";
    shared.metrics.sample(Kind::Gauge, "webhook_halted", help, None, halted);
    let lag = source.family(|shared| {
        let now_s = shared.now_s();
        each(shared, |standing| {
            standing.oldest_ms.map_or(0.0, |oldest_ms| (now_s - oldest_ms as f64 / 1_000.0).max(0.0))
        })
    });
    let help = "How long ago the oldest event happened that a webhook of this node has not delivered";
    shared.metrics.sample(Kind::Gauge, "webhook_lag", help, Some(Unit::Seconds), lag);
}

/// Why nothing is sent, where that is so.
fn why(state: &State) -> Option<&'static str> {
    match (state.is, state.why) {
        (Is::On, _) => None,
        (Is::Gone, _) => Some("gone"),
        (Is::Paused, None | Some(Why::Operator)) => Some("operator"),
        (Is::Paused, Some(Why::RetriesExhausted)) => Some("retries_exhausted"),
        (Is::Paused, Some(Why::FeedTrimmed)) => Some("feed_trimmed"),
        (Is::Paused, Some(Why::FeedOtherHistory)) => Some("feed_other_history"),
        (Is::Paused, Some(Why::SecretLost)) => Some("secret_lost"),
    }
}

fn halted_sample((id, why): (u64, &'static str)) -> Sample {
    Sample { labels: vec![("webhook", id.to_string()), ("why", why.to_owned())], value: 1.0 }
}

fn each(shared: &Shared, value: impl Fn(&Standing) -> f64) -> Vec<Sample> {
    let sample =
        |standing: &Standing| Sample { labels: vec![("webhook", standing.id.to_string())], value: value(standing) };
    shared.webhooks.standing().iter().map(sample).collect()
}
