//! Sockets that whoever starts the program opens and keeps open: systemd, by a socket unit (`sd_listen_fds(3)`). Clients that come while
//! one program has ended and the next has not begun wait in them, and are not refused.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use listenfd::ListenFd;
use rustix::net::sockopt::socket_acceptconn;

use crate::config::Config;

/// There are two addresses.
const COUNT_MAX: u32 = 16;

/// Those that have not been taken.
pub(super) struct Sockets(Vec<(SocketAddr, TcpListener)>);

impl Sockets {
    /// Those of `LISTEN_FDS`; none where it is not for this process.
    ///
    /// # Errors
    /// Where one of them is no socket that listens for TCP connections.
    pub(super) fn of_environment() -> anyhow::Result<Self> {
        check_count()?;
        let mut passed = ListenFd::from_env();
        let mut sockets = Vec::new();
        for index in 0..passed.len() {
            let failed = || format!("LISTEN_FDS: socket {} is none that listens for TCP connections", index + 1);
            if let Some(socket) = passed.take_tcp_listener(index).with_context(failed)? {
                ensure!(socket_acceptconn(&socket).with_context(failed)?, failed());
                sockets.push((socket.local_addr().with_context(failed)?, socket));
            }
        }
        Ok(Self(sockets))
    }

    /// The one at this address, where there is one.
    pub(super) fn take(&mut self, address: SocketAddr) -> Option<Arc<TcpListener>> {
        let at = self.0.iter().position(|(of, _)| *of == address)?;
        Some(Arc::new(self.0.swap_remove(at).1))
    }

    /// One that nobody takes has clients who wait for ever.
    ///
    /// # Errors
    /// Where there is one.
    pub(super) fn check_none_left(&self, config: &Config) -> anyhow::Result<()> {
        let addresses =
            [Some(config.listen), config.admin_listen].into_iter().flatten().map(|address| address.to_string());
        let configured = addresses.collect::<Vec<_>>().join(" and ");
        let Some((left, _)) = self.0.first() else { return Ok(()) };
        ensure!(
            *left != config.listen && Some(*left) != config.admin_listen,
            "LISTEN_FDS: two sockets at {left} were passed, and one is needed"
        );
        bail!(
            "LISTEN_FDS: a socket at {left} was passed, and the configuration has {configured}: `ListenStream` of the socket unit and \
             `listen` (or `admin.listen`) have to be the same address and port"
        );
    }
}

/// # Errors
/// Where `LISTEN_FDS` is for this process, and no number of sockets.
fn check_count() -> anyhow::Result<()> {
    let variable = |name| std::env::var(name).ok();
    let is_ours = variable("LISTEN_PID").is_none_or(|id| id == std::process::id().to_string());
    let Some(count) = variable("LISTEN_FDS").filter(|_| is_ours) else { return Ok(()) };
    let is_count = count.parse::<u32>().is_ok_and(|count| count <= COUNT_MAX);
    ensure!(is_count, "LISTEN_FDS must be how many sockets are passed, at most {COUNT_MAX}, but is {count:?}");
    Ok(())
}
