//! The node behind HTTP.

use std::sync::Arc;

use anyhow::Context as _;
use onsale_http::api::{Api, ROUTES, Shared, StreamLimit};
use onsale_http::metrics::Metrics;
use onsale_http::ops::{Monitor, Watching};
use onsale_http::server::{Bound, Options, Running, TlsFiles};
use onsale_http::token::{Keys, Overrides, Place};
use onsale_http::{observe, pages};
use onsale_node::Node;

use super::nodes;
use crate::config::{Config, Http};

/// How the configuration wants the server.
pub(super) fn options(config: &Config) -> Options {
    let Http {
        threads,
        connections_max,
        streams_max: _,
        head_timeout,
        body_timeout,
        write_timeout,
        idle_timeout,
        bytes_per_second_min,
    } = config.http;
    Options {
        listen: config.listen,
        threads,
        connections_max: super::descriptors::connections(connections_max),
        head_timeout,
        body_timeout,
        write_timeout,
        idle_timeout,
        bytes_per_second_min,
        tls: config.tls.as_ref().map(|tls| TlsFiles { cert: tls.cert.clone(), key: tls.key.clone() }),
    }
}

/// What watches the node while it serves.
pub(super) struct Watches {
    _nodes: Option<nodes::Telling>,
    _night: Watching,
}

/// Starts to serve.
pub(super) fn serve(
    bound: Bound,
    config: &Config,
    node: &Arc<Node>,
    keys: Keys,
    place: Place,
    overrides: Overrides,
) -> anyhow::Result<(Running, Watches)> {
    let currency = config.store.currency.clone();
    let streams = StreamLimit::new(config.http.streams_max);
    let metrics = Metrics::new(ROUTES);
    let shared = Shared::new(node.clone(), metrics, currency, keys, place, overrides, streams);
    let shared = Arc::new(shared.with_stale_max(config.store.stale_max));
    observe::register(&shared);
    // Nodes that share a store share no directory: each keeps its own figures while it lives.
    let directory = config.store.target.is_none().then_some(config.data.as_path());
    let night = Monitor::start(&shared, name(&bound), directory).context("the night cannot be watched")?;
    let nodes = config.store.target.as_ref().map(|target| nodes::tell(&shared, target)).transpose()?;
    let thread = move |_| Api::new(shared.clone(), pages::router(shared.clone(), shared.node.lane()));
    Ok((bound.serve(thread).context("the server cannot start")?, Watches { _nodes: nodes, _night: night }))
}

/// What operators know this node by: its host, and where it listens.
fn name(bound: &Bound) -> String {
    format!("{} {}", rustix::system::uname().nodename().to_string_lossy(), bound.address())
}
