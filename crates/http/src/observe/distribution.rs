//! A node's histogram, as Prometheus has them.

use std::fmt;

use onsale_node::{Histogram, Stats};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

use super::Source;

/// One of the node's histograms.
pub(super) struct Distribution {
    pub(super) source: Source,
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) unit: Unit,
    /// How many of the node's units make one of `unit`.
    pub(super) scale: f64,
    pub(super) which: fn(&Stats) -> &Histogram,
}

impl Collector for Distribution {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Some(shared) = self.source.0.upgrade() else { return Ok(()) };
        let (counts, sum) = (self.which)(shared.node.stats()).read();
        let last = counts.len().saturating_sub(1);
        let buckets: Vec<(f64, u64)> = counts
            .iter()
            .enumerate()
            // The last bucket holds all that is greater.
            .map(|(i, &(bound, count))| (if i == last { f64::INFINITY } else { bound as f64 / self.scale }, count))
            .collect();
        let total = buckets.iter().map(|(_, count)| count).sum();
        let mut metric = encoder.encode_descriptor(self.name, self.help, Some(&self.unit), MetricType::Histogram)?;
        metric.encode_histogram::<NoLabelSet>(sum as f64 / self.scale, total, &buckets, None)
    }
}

impl fmt::Debug for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Distribution").field("name", &self.name).finish_non_exhaustive()
    }
}
