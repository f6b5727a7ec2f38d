//! What the handlers on axum's router have.

use std::net::IpAddr;
use std::sync::Arc;

use onsale_node::Lane;

use crate::problem::{Code, Problem};
use crate::shared::Shared;

/// What the handlers of one thread have.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) shared: Arc<Shared>,
    pub(crate) lane: Lane,
}

/// Marks a request that came over the server's own TLS.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OverTls;

/// Where the connection of a request comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// For what is at no address.
pub(crate) async fn unknown() -> Problem {
    Problem::new(Code::NotFound)
}
