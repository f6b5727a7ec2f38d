//! SIGTERM, SIGINT and SIGQUIT: the first lets requests end, the second does not wait for them. Before the server serves
//! there is nothing to wait for: the process ends at once, and leaves what a crash would leave.
//!
//! What would end a process by default and asks for nothing that this one does ends no sale: log rotations (SIGHUP, SIGUSR1;
//! logs go to stderr, so there is no file to open again), terminals that close, timers, a battery that takes over.

use std::future::poll_fn;
use std::io;
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use onsale_http::server::ShutdownHandle;
use rustix::process::Signal as System;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use super::supervisor::Supervisor;

/// A thread that waits for signals.
pub(super) struct Signals {
    servers: Arc<OnceLock<Vec<ShutdownHandle>>>,
    end: oneshot::Sender<()>,
    thread: thread::JoinHandle<()>,
}

struct Watch {
    terminate: Signal,
    interrupt: Signal,
    quit: Signal,
    ignored: Vec<(Signal, &'static str)>,
    servers: Arc<OnceLock<Vec<ShutdownHandle>>>,
    grace: Duration,
    supervisor: Arc<Supervisor>,
}

impl Signals {
    /// Catches them from now on. Requests in flight have `grace` to end.
    pub(super) fn catch(grace: Duration, supervisor: &Arc<Supervisor>) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let servers = Arc::new(OnceLock::new());
        let watch = Watch::new(&runtime, servers.clone(), grace, supervisor.clone())?;
        let (end, ended) = oneshot::channel();
        let run = move || runtime.block_on(watch.run(ended));
        let thread = thread::Builder::new().name("signals".to_owned()).spawn(run)?;
        Ok(Self { servers, end, thread })
    }

    /// Has a signal shut these servers down, and no longer end the process.
    pub(super) fn shut_down(&self, servers: Vec<ShutdownHandle>) {
        // It is called once.
        let _ = self.servers.set(servers);
    }

    /// Waits for no more signals.
    pub(super) fn end(self) {
        // The thread may have ended by itself, after the second signal.
        let _ = self.end.send(());
        let _ = self.thread.join();
    }
}

impl Watch {
    fn new(
        runtime: &Runtime,
        servers: Arc<OnceLock<Vec<ShutdownHandle>>>,
        grace: Duration,
        supervisor: Arc<Supervisor>,
    ) -> io::Result<Self> {
        let _guard = runtime.enter();
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            ignored: ignored()?,
            servers,
            grace,
            supervisor,
        })
    }

    async fn run(mut self, mut ended: oneshot::Receiver<()>) {
        for grace in [self.grace, Duration::ZERO] {
            let Some(name) = self.next(&mut ended).await else { return };
            self.supervisor.stopping();
            let Some(servers) = self.servers.get() else {
                tracing::info!(signal = name, "stopping before anything was served");
                std::process::exit(0);
            };
            tracing::info!(signal = name, grace_ms = grace.as_millis() as u64, "stopping");
            servers.iter().for_each(|server| server.shutdown(grace));
        }
    }

    /// The next signal to stop at; `None` where there is nothing left to stop.
    async fn next(&mut self, ended: &mut oneshot::Receiver<()>) -> Option<&'static str> {
        loop {
            let ignored = tokio::select! {
                _ = self.terminate.recv() => return Some("SIGTERM"),
                _ = self.interrupt.recv() => return Some("SIGINT"),
                _ = self.quit.recv() => return Some("SIGQUIT"),
                _ = &mut *ended => return None,
                name = any(&mut self.ignored) => name,
            };
            tracing::info!(signal = ignored, "passed over");
        }
    }
}

/// What is passed over. SIGPIPE is left out, which Rust ignores at a start, and what tells of a fault of the program's own.
fn ignored() -> io::Result<Vec<(Signal, &'static str)>> {
    const NAMES: [(System, &str); 10] = [
        (System::HUP, "SIGHUP"),
        (System::USR1, "SIGUSR1"),
        (System::USR2, "SIGUSR2"),
        (System::ALARM, "SIGALRM"),
        (System::VTALARM, "SIGVTALRM"),
        (System::PROF, "SIGPROF"),
        (System::IO, "SIGIO"),
        (System::POWER, "SIGPWR"),
        (System::STKFLT, "SIGSTKFLT"),
        (System::XFSZ, "SIGXFSZ"),
    ];
    NAMES.into_iter().map(|(kind, name)| Ok((signal(SignalKind::from_raw(kind.as_raw()))?, name))).collect()
}

/// The name of the next that comes.
async fn any(signals: &mut [(Signal, &'static str)]) -> &'static str {
    poll_fn(|cx| {
        let came = signals.iter_mut().find_map(|(signal, name)| signal.poll_recv(cx).is_ready().then_some(*name));
        came.map_or(Poll::Pending, Poll::Ready)
    })
    .await
}
