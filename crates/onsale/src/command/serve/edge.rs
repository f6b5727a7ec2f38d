//! The node behind HTTP.

use std::sync::Arc;

use anyhow::Context as _;
use onsale_http::api::{Api, ROUTES};
use onsale_http::entry::Doors;
use onsale_http::login::Login;
use onsale_http::metrics::Metrics;
use onsale_http::ops::{self, Watching};
use onsale_http::server::{self, Bound, Counts, Options, Running, TlsFiles};
use onsale_http::shared::{Shared, StreamLimit};
use onsale_http::token::{KeyStore, Keys};
use onsale_http::trace::Tracer;
use onsale_http::webhooks::Sending;
use onsale_http::{admin, observe, router};
use onsale_node::Node;

use super::nodes;
use super::sockets::Sockets;
use super::supervisor::{KeptTold, Supervisor};
use super::webhooks::Web;
use crate::config::{Config, Http};

/// The most connections of operators and their tools, where they have a listener of their own.
const OPERATORS_MAX: usize = 256;

/// How the configuration wants the server, at the buyers' address.
fn options(config: &Config, sockets: &mut Sockets) -> anyhow::Result<Options> {
    let Http {
        threads,
        connections_max,
        connections_per_address_max,
        ref trusted_proxies,
        streams_max: _,
        head_timeout,
        body_timeout,
        write_timeout,
        idle_timeout,
        bytes_per_second_min,
    } = config.http;
    Ok(Options {
        listen: config.listen,
        kept: sockets.take(config.listen),
        threads,
        connections_max: super::limits::connections(connections_max)?,
        connections_per_address_max,
        trusted: trusted_proxies.clone(),
        head_timeout,
        body_timeout,
        write_timeout,
        idle_timeout,
        bytes_per_second_min,
        tls: config.tls.as_ref().map(|tls| TlsFiles { cert: tls.cert.clone(), key: tls.key.clone() }),
        counts: Arc::default(),
    })
}

/// The listeners, which have their ports and serve nobody yet.
pub(super) struct Listeners {
    buyers: Bound,
    operators: Option<Bound>,
    counts: Vec<(&'static str, Arc<Counts>)>,
}

/// Takes the ports.
pub(super) fn bind(config: &Config) -> anyhow::Result<Listeners> {
    let mut sockets = Sockets::of_environment()?;
    let options = options(config, &mut sockets)?;
    let mut counts = vec![("main", options.counts.clone())];
    let mut operators = None;
    if let Some(listen) = config.admin_listen {
        let own = Options {
            listen,
            kept: sockets.take(listen),
            threads: 1,
            connections_max: OPERATORS_MAX,
            connections_per_address_max: 0,
            counts: Arc::default(),
            ..options.clone()
        };
        counts.push(("admin", own.counts.clone()));
        operators = Some(server::bind(own)?);
    } else if !config.listen.ip().is_loopback() {
        tracing::warn!(
            "/ops, /metrics and the admin API are served where buyers are: set admin.listen, or have a proxy keep them back"
        );
    }
    sockets.check_none_left(config)?;
    Ok(Listeners { buyers: server::bind(options)?, operators, counts })
}

/// What serves.
pub(super) struct Serving {
    pub(super) buyers: Running,
    pub(super) operators: Option<Running>,
    pub(super) watches: Watches,
}

/// What watches the node while it serves. The night ends before the others are told how it ended.
pub(super) struct Watches {
    _supervisor: Option<KeptTold>,
    _night: Watching,
    _nodes: Option<nodes::Telling>,
    _webhooks: Sending,
}

/// Starts to serve.
pub(super) fn serve(
    listeners: Listeners,
    config: &Config,
    node: &Arc<Node>,
    (keys, key_store): (Keys, KeyStore),
    (doors, login, tracer): (Doors, Option<Arc<Login>>, Option<Arc<Tracer>>),
    demo: bool,
    supervisor: &Arc<Supervisor>,
) -> anyhow::Result<Serving> {
    let currency = node.currency().to_owned();
    let streams = StreamLimit::new(config.http.streams_max);
    let metrics = Metrics::new(ROUTES);
    let shared = Shared::new(node.clone(), metrics, currency, keys, key_store, streams);
    let shared = shared.with_stale_max(config.store.stale_max).with_token_ttl(config.keys.token_ttl);
    let shared = shared.with_demo(demo).with_page(config.page.clone()).with_rates(&config.rates);
    let shared = shared.with_doors(doors).with_login(login).with_gates(config.gates.clone());
    let client = Box::new(Web::new(config.webhooks.private, tracer.clone()));
    let shared = Arc::new(shared.with_webhooks(config.webhooks).with_tracer(tracer));
    for (site, queue) in shared.gates_without_queue() {
        tracing::warn!(
            site,
            queue,
            "the queue of a gate is not there: nobody comes in until it is opened (POST /v1/admin/queues)"
        );
    }
    observe::register(&shared);
    observe::register_listeners(&shared, listeners.counts);
    // Nodes that share a store share no directory: each keeps its own figures while it lives.
    let directory = config.store.target.is_none().then_some(config.data.as_path());
    if let Some(directory) = directory {
        observe::register_disk(&shared, directory.to_owned());
    }
    let night = ops::watch(&shared, name(&listeners.buyers), directory).context("the night cannot be watched")?;
    let nodes = config.store.target.as_ref().map(|target| nodes::tell(&shared, target)).transpose()?;
    let webhooks = admin::send_webhooks(&shared, client).context("webhooks cannot be sent")?;
    let of_all = shared.clone();
    let tls = config.tls.is_some();
    let everything =
        move |_| Api::new(of_all.clone(), router::router(of_all.clone(), of_all.node.lane())).with_tls(tls);
    let failed = "the server cannot start";
    let watched = shared.clone();
    let (buyers, operators) = match listeners.operators {
        None => (listeners.buyers.serve(everything).context(failed)?, None),
        Some(operators) => {
            let public = move |_| {
                let rest = router::public_router(shared.clone(), shared.node.lane());
                Api::new(shared.clone(), rest).for_the_public().with_tls(tls)
            };
            let buyers = listeners.buyers.serve(public).context(failed)?;
            (buyers, Some(operators.serve(everything).context(failed)?))
        }
    };
    let pulses = std::iter::once(&buyers).chain(&operators).map(Running::pulses).collect();
    let told = supervisor.keep_told(&watched, pulses)?;
    Ok(Serving {
        buyers,
        operators,
        watches: Watches { _supervisor: told, _night: night, _nodes: nodes, _webhooks: webhooks },
    })
}

/// What operators know this node by: its host, and where it listens.
fn name(bound: &Bound) -> String {
    format!("{} {}", rustix::system::uname().nodename().to_string_lossy(), bound.address())
}
