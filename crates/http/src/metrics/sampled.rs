//! Metrics that somebody else keeps, read when they are asked for.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::Unit;

/// Whether a value may fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Gauge,
    Counter,
}

/// One value of a family.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Names and values, the same names in all samples of a family.
    pub labels: Vec<(&'static str, String)>,
    pub value: f64,
}

impl Sample {
    /// A value without labels.
    #[must_use]
    pub fn bare(value: f64) -> Self {
        Self { labels: Vec::new(), value }
    }
}

pub(super) struct Sampled {
    pub(super) kind: Kind,
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) unit: Option<Unit>,
    pub(super) read: Box<dyn Fn() -> Vec<Sample> + Send + Sync>,
}

impl Sampled {
    fn encode_value(&self, encoder: &mut MetricEncoder<'_>, value: f64) -> fmt::Result {
        match self.kind {
            Kind::Gauge => encoder.encode_gauge(&value),
            Kind::Counter => encoder.encode_counter(&value, None::<&Exemplar<NoLabelSet, f64>>),
        }
    }
}

impl Collector for Sampled {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let metric_type = match self.kind {
            Kind::Gauge => MetricType::Gauge,
            Kind::Counter => MetricType::Counter,
        };
        let mut family = encoder.encode_descriptor(self.name, self.help, self.unit.as_ref(), metric_type)?;
        for sample in (self.read)() {
            if sample.labels.is_empty() {
                self.encode_value(&mut family, sample.value)?;
            } else {
                self.encode_value(&mut family.encode_family(&sample.labels)?, sample.value)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Sampled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sampled").field("name", &self.name).finish_non_exhaustive()
    }
}
