//! SIGTERM and SIGINT: the first lets requests end, the second does not wait for them. Before the server serves there is
//! nothing to wait for: the process ends at once, and leaves what a crash would leave.

use std::io;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use onsale_http::server::ShutdownHandle;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

/// A thread that waits for signals.
pub(super) struct Signals {
    server: Arc<OnceLock<ShutdownHandle>>,
    end: oneshot::Sender<()>,
    thread: thread::JoinHandle<()>,
}

struct Watch {
    terminate: Signal,
    interrupt: Signal,
    server: Arc<OnceLock<ShutdownHandle>>,
    grace: Duration,
}

impl Signals {
    /// Catches them from now on. Requests in flight have `grace` to end.
    pub(super) fn catch(grace: Duration) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let server = Arc::new(OnceLock::new());
        let watch = Watch::new(&runtime, server.clone(), grace)?;
        let (end, ended) = oneshot::channel();
        let run = move || runtime.block_on(watch.run(ended));
        let thread = thread::Builder::new().name("signals".to_owned()).spawn(run)?;
        Ok(Self { server, end, thread })
    }

    /// Has a signal shut this server down, and no longer end the process.
    pub(super) fn shut_down(&self, server: ShutdownHandle) {
        // It is called once.
        let _ = self.server.set(server);
    }

    /// Waits for no more signals.
    pub(super) fn end(self) {
        // The thread may have ended by itself, after the second signal.
        let _ = self.end.send(());
        let _ = self.thread.join();
    }
}

impl Watch {
    fn new(runtime: &Runtime, server: Arc<OnceLock<ShutdownHandle>>, grace: Duration) -> io::Result<Self> {
        let _guard = runtime.enter();
        let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(Self { terminate, interrupt, server, grace })
    }

    async fn run(mut self, mut ended: oneshot::Receiver<()>) {
        for grace in [self.grace, Duration::ZERO] {
            let name = tokio::select! {
                _ = self.terminate.recv() => "SIGTERM",
                _ = self.interrupt.recv() => "SIGINT",
                _ = &mut ended => return,
            };
            let Some(server) = self.server.get() else {
                tracing::info!(signal = name, "stopping before anything was served");
                std::process::exit(0);
            };
            tracing::info!(signal = name, grace_ms = grace.as_millis() as u64, "stopping");
            server.shutdown(grace);
        }
    }
}
