//! What systemd hears where it started the program as `Type=notify`: that it serves, that it stops, and that it lives.

use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use onsale_http::server::Pulses;
use onsale_http::shared::Shared;

/// systemd, or nobody.
#[derive(Default)]
pub(super) struct Supervisor {
    socket: Option<UnixDatagram>,
    /// How long it waits for a word before it takes the program for hung.
    patience: Option<Duration>,
}

impl Supervisor {
    /// Whoever is named by `NOTIFY_SOCKET`, with the patience of `WATCHDOG_USEC`.
    ///
    /// # Errors
    /// Where it is named and cannot be told anything.
    pub(super) fn of_environment() -> anyhow::Result<Self> {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let Some(name) = variable("NOTIFY_SOCKET") else { return Ok(Self::default()) };
        let connect = || {
            let address = match name.strip_prefix('@') {
                Some(name) => SocketAddr::from_abstract_name(name)?,
                None => SocketAddr::from_pathname(&name)?,
            };
            let socket = UnixDatagram::unbound()?;
            socket.connect_addr(&address)?;
            // Where nobody reads, nobody is kept waiting.
            socket.set_nonblocking(true)?;
            Ok::<_, std::io::Error>(socket)
        };
        let socket = connect().with_context(|| format!("NOTIFY_SOCKET: {name} cannot be told anything"))?;
        let is_ours = variable("WATCHDOG_PID").is_none_or(|id| id == std::process::id().to_string());
        let patience = variable("WATCHDOG_USEC").filter(|_| is_ours).and_then(|us| us.parse().ok());
        Ok(Self { socket: Some(socket), patience: patience.filter(|&us| us > 0).map(Duration::from_micros) })
    }

    /// Requests are answered from now on.
    pub(super) fn ready(&self, address: std::net::SocketAddr) {
        self.tell(&format!("READY=1\nSTATUS=serving on {address}"));
    }

    /// How far a start has come, which may take longer than `TimeoutStartSec`.
    pub(super) fn starting(&self, status: &str) {
        self.tell(&format!("EXTEND_TIMEOUT_USEC={}\nSTATUS={status}", STEP_MAX.as_micros()));
    }

    /// Requests in flight are brought to their end.
    pub(super) fn stopping(&self) {
        self.tell("STOPPING=1\nSTATUS=stopping");
    }

    fn tell(&self, what: &str) {
        let Some(socket) = &self.socket else { return };
        if let Err(error) = socket.send(what.as_bytes()) {
            tracing::debug!(%error, what, "the supervisor was not told");
        }
    }

    /// Begins to say that the program lives, as long as it does. Nothing where nobody waits for that.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub(super) fn keep_told(
        self: &Arc<Self>,
        shared: &Arc<Shared>,
        pulses: Vec<Pulses>,
    ) -> std::io::Result<Option<KeptTold>> {
        let Some(patience) = self.patience else { return Ok(None) };
        let (stop, stopped) = mpsc::channel::<()>();
        let (supervisor, shared) = (self.clone(), Arc::downgrade(shared));
        let run = move || {
            let mut vitals = Vitals::new((patience / 2).max(HUNG_MIN));
            while let Some(shared) = shared.upgrade() {
                let silence = pulses.iter().map(Pulses::silence).max().unwrap_or_default();
                let node = &shared.node;
                let waits = node.pending() > 0 && shared.is_ready();
                match vitals.look(silence, waits, node.views().mark().seq, Instant::now()) {
                    None => supervisor.tell("WATCHDOG=1"),
                    Some(what) => tracing::error!(what, "the supervisor is not told that this server lives"),
                }
                drop(shared);
                if stopped.recv_timeout(patience / 4) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
        };
        let thread = thread::Builder::new().name("watchdog".to_owned()).spawn(run)?;
        Ok(Some(KeptTold { stop: Some(stop), thread: Some(thread) }))
    }
}

/// Nothing counts as hung before this: serving threads come round once a second.
const HUNG_MIN: Duration = Duration::from_secs(3);
/// The longest time between two words of a start: what the tables hold is read without one.
const STEP_MAX: Duration = Duration::from_secs(600);

/// The thread. Ends with it.
pub(super) struct KeptTold {
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for KeptTold {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // Where it panicked, there is nothing to add to what was logged.
            let _ = thread.join();
        }
    }
}

/// Whether a restart would help. A node whose disk is full, or whose database is away, is not ready and says so, and lives: it goes on
/// to show what it knows, and comes back by itself.
struct Vitals {
    /// How long something may stand.
    patience: Duration,
    /// The last entry that was seen applied, and when it was new or nobody waited for the next.
    moved: (u64, Option<Instant>),
}

impl Vitals {
    fn new(patience: Duration) -> Self {
        Self { patience, moved: (0, None) }
    }

    /// What is wrong: `silence` is how long a serving thread has not come round, `waits` whether commands wait for their outcome
    /// at a node that takes them, and `seq` the last entry that it has applied.
    fn look(&mut self, silence: Duration, waits: bool, seq: u64, now: Instant) -> Option<&'static str> {
        if !waits || seq != self.moved.0 {
            self.moved = (seq, Some(now));
        }
        if silence > self.patience {
            return Some("a serving thread does not come round");
        }
        let stands = self.moved.1.is_some_and(|moved| now.saturating_duration_since(moved) > self.patience);
        stands.then_some("commands wait, and nothing is applied")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_node_whose_commands_stand_does_not_live() {
        let mut vitals = Vitals::new(SECOND * 30);
        let began = Instant::now();
        let mut look = |at: u32, waits, seq| vitals.look(SECOND, waits, seq, began + SECOND * at);
        assert_eq!(look(0, true, 7), None);
        assert_eq!(look(30, true, 7), None);
        assert_eq!(look(31, true, 8), None, "it moves, if slowly");
        assert_eq!(look(62, true, 8), Some("commands wait, and nothing is applied"));
        assert_eq!(look(63, true, 9), None, "it has come back");
        assert_eq!(look(500, false, 9), None, "nobody waits");
        assert_eq!(look(529, true, 9), None);
        assert_eq!(look(531, true, 9), Some("commands wait, and nothing is applied"));
    }

    #[test]
    fn a_thread_that_hangs_is_no_life() {
        let mut vitals = Vitals::new(SECOND * 30);
        assert_eq!(vitals.look(SECOND * 30, false, 1, Instant::now()), None);
        assert_eq!(vitals.look(SECOND * 31, false, 1, Instant::now()), Some("a serving thread does not come round"));
    }
}
