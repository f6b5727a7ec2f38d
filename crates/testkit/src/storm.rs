//! Many requests at the same moment, each on its own connection.

use std::sync::Arc;

use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::call::Call;
use crate::client::{Client, Connection};
use crate::reply::Reply;

/// How many connections are opened at a time; fewer than the shortest usual accept queue (128).
const OPENED_TOGETHER: usize = 64;

/// Sends all calls together: every connection stands open before the first request leaves. The replies are in the
/// order of the calls.
///
/// # Panics
/// When a call gets no answer.
pub async fn storm(client: &Client, calls: Vec<Call>) -> Vec<Reply> {
    raise_descriptor_limit();
    let connections = open(client, calls.len()).await;
    let start = Arc::new(Barrier::new(calls.len()));
    let mut running = JoinSet::new();
    for (at, (mut connection, call)) in connections.into_iter().zip(calls).enumerate() {
        let start = Arc::clone(&start);
        running.spawn(async move {
            start.wait().await;
            let reply = connection.send(&call).await;
            (at, reply.unwrap_or_else(|lost| panic!("{call}: {lost}")))
        });
    }
    let mut replies = running.join_all().await;
    replies.sort_unstable_by_key(|(at, _)| *at);
    replies.into_iter().map(|(_, reply)| reply).collect()
}

async fn open(client: &Client, count: usize) -> Vec<Connection> {
    let mut connections = Vec::with_capacity(count);
    while connections.len() < count {
        let mut opening = JoinSet::new();
        for _ in 0..OPENED_TOGETHER.min(count - connections.len()) {
            let client = client.clone();
            opening.spawn(async move { client.connect().await });
        }
        let opened = opening.join_all().await;
        connections.extend(opened.into_iter().map(|connection| connection.expect("the server accepts connections")));
    }
    connections
}

/// Lets this process, and the servers that it starts from now on, open as many descriptors as the system allows.
pub fn raise_descriptor_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Where even this is refused, the test goes on with what it has and fails by itself if that is too little.
    let _ = setrlimit(Resource::Nofile, limit);
}
