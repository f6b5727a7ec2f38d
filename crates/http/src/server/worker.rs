//! One serving thread.

use std::io;
use std::net::{IpAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch as channel};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until, timeout_at};
use tokio_rustls::TlsAcceptor;

use super::addresses::Addresses;
use super::connection::Protocols;
use super::pulse::Pulse;
use super::registry::Registry;
use super::watch::{Limits, Watch, limit_ms};
use super::{Options, Service, overflow};

/// How long to wait before the next accept where the system has no descriptors or memory left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// So many connections are taken before those that there are already are looked after: when ten thousand come in the
/// same second, a request on an old one should not wait for a hundred new ones to be served.
const ACCEPTED_AT_ONCE: u32 = 8;

/// How long a client may take to see that we closed.
const LINGER: Duration = Duration::from_secs(1);

/// So long before it takes no more connections a server whose socket is kept open closes each with its next answer: most clients
/// ask more often.
const LEAVING: Duration = Duration::from_millis(500);

/// So long after that a connection that was taken may say its first word.
const FIRST_WORD: Duration = Duration::from_millis(50);

/// The longest time between two sweeps.
const SWEEP_PERIOD_MAX: Duration = Duration::from_secs(1);

/// What a thread starts with.
pub(super) struct Worker {
    pub(super) listener: TcpListener,
    pub(super) options: Arc<Options>,
    pub(super) tls: Option<TlsAcceptor>,
    /// Connections of all threads, by address.
    pub(super) addresses: Arc<Addresses>,
    pub(super) pulse: Arc<Pulse>,
    /// When to have ended, once that is known.
    pub(super) deadline: channel::Receiver<Option<Instant>>,
}

impl Worker {
    /// Makes the service on the thread's own runtime and serves until the shutdown's end; how many connections were cut
    /// off then.
    pub(super) fn run<S: Service>(self, make: impl FnOnce() -> S) -> io::Result<usize> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async { self.serve(Arc::new(make())).await })
    }

    async fn serve<S: Service>(mut self, service: Arc<S>) -> io::Result<usize> {
        let registry = Arc::new(Registry::new(self.options.counts.clone()));
        let sweeper = tokio::spawn(sweep(registry.clone(), self.options.clone(), self.pulse));
        let listener = tokio::net::TcpListener::from_std(self.listener)?;
        let door = Door {
            protocols: Arc::new(Protocols::new(&self.options, self.tls)),
            options: self.options,
            registry: registry.clone(),
            addresses: self.addresses,
            refusal: overflow::answer().await.into(),
            refusals: Arc::new(Semaphore::new(overflow::TOLD_MAX)),
        };
        let is_kept = door.options.kept.is_some();
        tokio::select! {
            never = door.accept(&listener, &service) => match never {},
            _ = self.deadline.wait_for(Option::is_some) => {}
        }
        // Without a sender nobody is left to wait for us.
        let deadline = || self.deadline.borrow().unwrap_or_else(Instant::now);
        if is_kept {
            registry.leave();
            tokio::select! {
                never = door.accept(&listener, &service) => match never {},
                () = sleep_until(deadline().min(Instant::now() + LEAVING)) => {}
            }
        }
        drop(listener);
        if is_kept {
            sleep_until(deadline().min(Instant::now() + FIRST_WORD)).await;
        }
        registry.close(is_kept);
        service.stop();
        let deadline = deadline();
        let in_time = timeout_at(deadline, registry.empty()).await.is_ok();
        let cut_off = if in_time { 0 } else { registry.abort_all() };
        sweeper.abort();
        Ok(cut_off)
    }
}

/// What the accept loop needs.
struct Door {
    protocols: Arc<Protocols>,
    options: Arc<Options>,
    registry: Arc<Registry>,
    addresses: Arc<Addresses>,
    refusal: Arc<overflow::Answer>,
    refusals: Arc<Semaphore>,
}

impl Door {
    async fn accept<S: Service>(
        &self,
        listener: &tokio::net::TcpListener,
        service: &Arc<S>,
    ) -> std::convert::Infallible {
        let (mut failing, mut accepted) = (false, 0_u32);
        loop {
            accepted = accepted.wrapping_add(1);
            if accepted.is_multiple_of(ACCEPTED_AT_ONCE) {
                tokio::task::yield_now().await;
            }
            match listener.accept().await {
                Ok((stream, peer)) => {
                    failing = false;
                    self.enter(stream, peer.ip(), service);
                }
                Err(error) if is_of_the_client(&error) => {}
                Err(error) => {
                    if !failing {
                        tracing::warn!(%error, "cannot accept connections");
                    }
                    failing = true;
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn enter<S: Service>(&self, stream: TcpStream, peer: IpAddr, service: &Arc<S>) {
        // A socket that is gone already shows at its first read.
        let _ = stream.set_nodelay(true);
        let watch = Arc::new(Watch::new(self.registry.shared.clone(), peer, self.options.bytes_per_second_min));
        let counts = &self.options.counts;
        let Some(held) = self.addresses.hold(peer) else {
            counts.address.fetch_add(1, Relaxed);
            self.turn_away(stream);
            return;
        };
        let Some(place) = self.registry.enter(watch.clone(), self.options.connections_max, held) else {
            counts.full.fetch_add(1, Relaxed);
            self.turn_away(stream);
            return;
        };
        let key = place.key();
        let (protocols, service) = (self.protocols.clone(), service.clone());
        let task = tokio::spawn(async move {
            if let Some(rest) = protocols.serve(stream, service, watch).await {
                place.hand_over(rest);
            }
        });
        self.registry.started(key, task.abort_handle());
    }

    fn turn_away(&self, stream: TcpStream) {
        // Clear text would only garble a TLS handshake.
        if self.options.tls.is_some() {
            return;
        }
        let Ok(permit) = self.refusals.clone().try_acquire_owned() else { return };
        let refusal = self.refusal.clone();
        tokio::spawn(async move {
            overflow::turn_away(stream, &refusal).await;
            drop(permit);
        });
    }
}

/// Errors of `accept` that concern one connection and not the next.
fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Keeps the thread's coarse clock, and drops the clients that are too slow.
async fn sweep(registry: Arc<Registry>, options: Arc<Options>, pulse: Arc<Pulse>) {
    let timeouts = [options.head_timeout, options.body_timeout, options.write_timeout, options.idle_timeout];
    let shortest = timeouts.into_iter().min().unwrap_or(SWEEP_PERIOD_MAX);
    let period = (shortest / 4).clamp(Duration::from_millis(1), SWEEP_PERIOD_MAX);
    let limits = Limits {
        head_ms: limit_ms(options.head_timeout, period),
        body_ms: limit_ms(options.body_timeout, period),
        write_ms: limit_ms(options.write_timeout, period),
        idle_ms: limit_ms(options.idle_timeout, period),
        linger_ms: limit_ms(LINGER, period),
    };
    let start = Instant::now();
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        pulse.beat();
        let now_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1);
        registry.shared.now_ms.store(now_ms, Relaxed);
        let dropped = registry.sweep(&limits);
        if dropped > 0 {
            tracing::debug!(dropped, "connections of slow clients closed");
        }
    }
}
