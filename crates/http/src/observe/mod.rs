//! What the node and the process tell about themselves, as metrics: read when somebody scrapes.

mod disk;
mod distribution;
mod journal;
mod process;
mod rates;
mod sales;
mod server;
mod traces;
mod webhooks;

use std::sync::{Arc, Weak};

use crate::gate;
use crate::login::Login;
use crate::metrics::{Kind, Sample};
use crate::shared::Shared;

pub use disk::register_disk;
pub use server::register_listeners;

/// Registers everything. Once per process, before the first scrape.
pub fn register(shared: &Arc<Shared>) {
    let source = Source(Arc::downgrade(shared));
    journal::register(shared, &source);
    sales::register(shared, &source);
    process::register(&shared.metrics);
    rates::register(shared, &source);
    webhooks::register(shared, &source);
    traces::register(shared, &source);
    let ready = source.value(|shared| f64::from(u8::from(shared.is_ready())));
    shared.metrics.gauge("ready", "Whether this node takes writes, as far as it knows", None, ready);
    let guesses = source.value(|shared| shared.guesses.count() as f64);
    shared.metrics.counter("admin_key_refused", "Requests with an admin key that is none", None, guesses);
    let logins = source.family(|shared| shared.login.as_ref().map_or_else(Vec::new, |login| logins(login)));
    let help = "People who came back from the identity provider, or could not be sent there, by what became of it";
    shared.metrics.sample(Kind::Counter, "logins", help, None, logins);
    let gates = |read: fn(gate::Now) -> f64| {
        source.family(move |shared| {
            let on_standby = shared.gates.sites().filter_map(|site| Some((site, shared.standby(site)?)));
            on_standby
                .map(|(site, now)| Sample { labels: vec![("site", site.name.clone())], value: read(now) })
                .collect()
        })
    };
    let figures = source.family(|shared| {
        let said = shared.gates.sites().filter_map(|site| Some((site, shared.standby(site)?.figure?)));
        said.map(|(site, figure)| Sample { labels: vec![("site", site.name.clone())], value: f64::from(figure) })
            .collect()
    });
    let help = "What the site behind a gate on standby has said of itself last, while that counts";
    shared.metrics.sample(Kind::Gauge, "gate_figure", help, None, figures);
    let help = "Whether a gate on standby holds: 0 where it stands open";
    shared.metrics.sample(Kind::Gauge, "gate_holds", help, None, gates(|now| f64::from(u8::from(now.holds))));
    let help = "Requests behind a gate on standby, in the last second";
    shared.metrics.sample(Kind::Gauge, "gate_requests_per_second", help, None, gates(|now| f64::from(now.rate)));
    let labels = vec![("version", env!("CARGO_PKG_VERSION").to_owned())];
    shared.metrics.sample(Kind::Gauge, "build_info", "1, with the version of the program", None, move || {
        vec![Sample { labels: labels.clone(), value: 1.0 }]
    });
}

fn logins(login: &Login) -> Vec<Sample> {
    let sample = |(side, outcome, count): (&'static str, &'static str, u64)| Sample {
        labels: vec![("side", side.to_owned()), ("outcome", outcome.to_owned())],
        value: count as f64,
    };
    login.outcomes().into_iter().map(sample).collect()
}

/// Where metrics are read from. The metrics belong to what they tell of, so they do not keep it alive.
#[derive(Clone)]
struct Source(Weak<Shared>);

impl Source {
    /// A reading for [`crate::metrics::Metrics::gauge`] and its like.
    fn value(&self, read: impl Fn(&Shared) -> f64 + Send + Sync + 'static) -> impl Fn() -> f64 + Send + Sync + 'static {
        let source = self.clone();
        move || source.0.upgrade().map_or(0.0, |shared| read(&shared))
    }

    /// Readings with labels, for [`crate::metrics::Metrics::sample`].
    fn family(
        &self,
        read: impl Fn(&Shared) -> Vec<Sample> + Send + Sync + 'static,
    ) -> impl Fn() -> Vec<Sample> + Send + Sync + 'static {
        let source = self.clone();
        move || source.0.upgrade().map_or_else(Vec::new, |shared| read(&shared))
    }
}
