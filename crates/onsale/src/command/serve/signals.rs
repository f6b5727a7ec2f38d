//! SIGTERM and SIGINT: the first lets requests end, the second does not wait for them.

use std::io;
use std::thread;
use std::time::Duration;

use onsale_http::server::ShutdownHandle;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

/// Signals that are caught from now on.
pub(super) struct Signals {
    runtime: Runtime,
    terminate: Signal,
    interrupt: Signal,
}

/// A thread that waits for signals.
pub(super) struct Watching {
    end: oneshot::Sender<()>,
    thread: thread::JoinHandle<()>,
}

impl Signals {
    pub(super) fn catch() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let guard = runtime.enter();
        let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        drop(guard);
        Ok(Self { runtime, terminate, interrupt })
    }

    /// Has a signal shut the server down.
    pub(super) fn shut_down(mut self, server: ShutdownHandle, grace: Duration) -> io::Result<Watching> {
        let (end, mut ended) = oneshot::channel();
        let watch = async move {
            for grace in [grace, Duration::ZERO] {
                let name = tokio::select! {
                    _ = self.terminate.recv() => "SIGTERM",
                    _ = self.interrupt.recv() => "SIGINT",
                    _ = &mut ended => return,
                };
                tracing::info!(signal = name, grace_ms = grace.as_millis() as u64, "stopping");
                server.shutdown(grace);
            }
        };
        let thread = thread::Builder::new().name("signals".to_owned()).spawn(move || self.runtime.block_on(watch))?;
        Ok(Watching { end, thread })
    }
}

impl Watching {
    pub(super) fn end(self) {
        // The thread may have ended by itself, after the second signal.
        let _ = self.end.send(());
        let _ = self.thread.join();
    }
}
