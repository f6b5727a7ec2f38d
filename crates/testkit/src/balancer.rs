//! HAProxy in front of several servers, connection by connection: what it passes on is exactly what was sent.

use std::fmt::Write as _;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command};

/// A running HAProxy, killed when dropped.
pub struct Balancer {
    child: Child,
    address: SocketAddr,
}

impl Balancer {
    /// Starts one that gives each connection to the next of `servers`, with its files in `scratch`. It listens on any port where
    /// `listen` has none.
    ///
    /// # Panics
    /// When the port is taken, or HAProxy is not installed.
    #[must_use]
    pub fn start(listen: SocketAddr, servers: &[SocketAddr], scratch: &Path) -> Self {
        // HAProxy inherits it as its standard input: a port that was free a moment ago might be another test's server by now.
        let listener = TcpListener::bind(listen).unwrap_or_else(|error| panic!("listening on {listen}: {error}"));
        let address = listener.local_addr().expect("its address");
        let mut text = String::from(
            "global\n  maxconn 4000\ndefaults\n  mode tcp\n  timeout connect 2s\n  timeout client 120s\n  \
             timeout server 120s\n  retries 3\n  option redispatch\nfrontend all\n  bind fd@0\n  \
             default_backend nodes\nbackend nodes\n  balance roundrobin\n",
        );
        for (number, server) in servers.iter().enumerate() {
            let _ = writeln!(text, "  server node{number} {server} check inter 200ms fall 1 rise 1");
        }
        let file = scratch.join("haproxy.cfg");
        fs::write(&file, text).expect("the scratch directory can be written");
        let log = fs::File::create(scratch.join("haproxy.log")).expect("a log");
        let mut command = Command::new("haproxy");
        command.arg("-db").arg("-f").arg(&file).stdin(OwnedFd::from(listener));
        command.stdout(log.try_clone().expect("a second handle")).stderr(log);
        let child = command.spawn().unwrap_or_else(|error| panic!("starting {command:?}: {error}"));
        Self { child, address }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        // It may have ended by itself, and both calls then say so.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
