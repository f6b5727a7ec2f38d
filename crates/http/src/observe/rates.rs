//! Limits of how often who may write.

use super::Source;
use crate::metrics::{Kind, Sample};
use crate::rate::Figures;
use crate::shared::Shared;

pub(super) fn register(shared: &Shared, source: &Source) {
    let of = |read: fn(&Figures) -> f64| {
        source.family(move |shared| {
            let figures = shared.rates.figures();
            figures.iter().map(|(by, figures)| sample(by, read(figures))).collect()
        })
    };
    let metrics = &shared.metrics;
    let help = "Requests that were refused as their client or user had sent too many";
    metrics.sample(Kind::Counter, "rate_limited", help, None, of(|figures| figures.refused as f64));
    let help = "Clients or users of whom it was forgotten, for want of room, that they had asked lately";
    metrics.sample(Kind::Counter, "rate_forgotten", help, None, of(|figures| figures.forgotten as f64));
    let help = "Clients or users of whom it is remembered that they have asked lately";
    metrics.sample(Kind::Gauge, "rate_buckets", help, None, of(|figures| figures.buckets as f64));
    let help = "The most of them that are remembered";
    metrics.sample(Kind::Gauge, "rate_buckets_limit", help, None, of(|figures| figures.buckets_max as f64));
}

fn sample(by: &'static str, value: f64) -> Sample {
    Sample { labels: vec![("by", by.to_owned())], value }
}
