//! A TCP proxy that is slow, and fails, as networks are and do.

use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

const CHUNK_BYTES: usize = 64 * 1024;

const PASS: u8 = 0;
const STALL: u8 = 1;
const REFUSE: u8 = 2;

/// One of the two ways of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    ToServer,
    ToClient,
}

/// What a session with PostgreSQL calls itself, as soon as it has.
type Name = Arc<OnceLock<String>>;

/// Passes bytes on to a server, until it is told otherwise or dropped.
pub struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
    /// Connections end when it changes, and all else when it is gone.
    breaks: Option<watch::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct State {
    server: SocketAddr,
    mode: AtomicU8,
    delay_ms: AtomicU64,
    /// The sessions that are stalled, and on which way.
    held: Mutex<Option<(String, Way)>>,
}

impl Proxy {
    /// A proxy in front of `server`, on a port of its own.
    ///
    /// # Panics
    /// When there is no port to listen on.
    #[must_use]
    pub fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port of the loopback interface");
        listener.set_nonblocking(true).expect("a socket can be told not to block");
        let address = listener.local_addr().expect("a listener has an address");
        let state =
            Arc::new(State { server, mode: AtomicU8::new(PASS), delay_ms: AtomicU64::new(0), held: Mutex::default() });
        let (breaks, broken) = watch::channel(());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let shared = state.clone();
        let thread = std::thread::spawn(move || runtime.block_on(accept(listener, shared, broken)));
        Self { address, state, breaks: Some(breaks), thread: Some(thread) }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Passes each answer on so much after it came, whatever else goes through.
    #[must_use]
    pub fn late(self, delay: Duration) -> Self {
        self.slow(delay);
        self
    }

    /// The same from now on.
    pub fn slow(&self, delay: Duration) {
        self.state.delay_ms.store(delay.as_millis() as u64, Ordering::Relaxed);
    }

    /// Ends all connections, and from now on each new one at once.
    pub fn cut(&self) {
        self.state.mode.store(REFUSE, Ordering::Relaxed);
        self.end_all();
    }

    /// Takes what is sent, and new connections, and passes nothing on: neither end hears that anything is wrong.
    pub fn stall(&self) {
        self.state.mode.store(STALL, Ordering::Relaxed);
    }

    /// As [`Proxy::stall`], for those sessions with PostgreSQL alone that call themselves so (`application_name`), and
    /// on one way: what the other end says still comes through.
    pub fn stall_sessions(&self, name: &str, way: Way) {
        *self.state.held() = Some((name.to_owned(), way));
    }

    /// All is well again, for new connections; what was stalled is closed.
    pub fn heal(&self) {
        self.state.delay_ms.store(0, Ordering::Relaxed);
        let held = self.state.held().take();
        if self.state.mode.swap(PASS, Ordering::Relaxed) != PASS || held.is_some() {
            self.end_all();
        }
    }

    fn end_all(&self) {
        if let Some(breaks) = &self.breaks {
            breaks.send_replace(());
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.breaks.take());
        if let Some(thread) = self.thread.take() {
            // A panic has been reported already.
            drop(thread.join());
        }
    }
}

async fn accept(listener: TcpListener, state: Arc<State>, mut broken: watch::Receiver<()>) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener that does not block");
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { continue };
                if state.mode.load(Ordering::Relaxed) != REFUSE {
                    tokio::spawn(state.clone().join(client, broken.clone()));
                }
            }
            change = broken.changed() => if change.is_err() { return },
        }
    }
}

impl State {
    async fn join(self: Arc<Self>, client: TcpStream, mut broken: watch::Receiver<()>) {
        broken.mark_unchanged();
        // Whichever end breaks, the other sees its connection closed.
        let Ok(server) = TcpStream::connect(self.server).await else { return };
        drop((client.set_nodelay(true), server.set_nodelay(true)));
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let name = Name::default();
        let up = self.pass(from_client, to_server, Way::ToServer, &name);
        let down = self.pass(from_server, to_client, Way::ToClient, &name);
        tokio::select! {
            _ = async { tokio::join!(up, down) } => {}
            _ = broken.changed() => {}
        }
    }

    /// Copies until the end, every chunk when it is due.
    async fn pass(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, way: Way, name: &Name) {
        let (sender, mut receiver) = mpsc::channel::<(Instant, Vec<u8>)>(1_024);
        let read = async move {
            let mut chunk = vec![0; CHUNK_BYTES];
            while let Ok(count @ 1..) = from.read(&mut chunk).await {
                if way == Way::ToServer && name.get().is_none() {
                    read_name(&chunk[..count], name);
                }
                if self.mode.load(Ordering::Relaxed) == STALL || self.is_held(name, way) {
                    continue;
                }
                if sender.send((Instant::now() + self.delay(way), chunk[..count].to_vec())).await.is_err() {
                    return;
                }
            }
        };
        let write = async move {
            while let Some((due, chunk)) = receiver.recv().await {
                tokio::time::sleep_until(due).await;
                if to.write_all(&chunk).await.is_err() {
                    return;
                }
            }
        };
        tokio::join!(read, write);
    }

    fn delay(&self, way: Way) -> Duration {
        match way {
            Way::ToServer => Duration::ZERO,
            Way::ToClient => Duration::from_millis(self.delay_ms.load(Ordering::Relaxed)),
        }
    }

    fn is_held(&self, name: &Name, way: Way) -> bool {
        self.held().as_ref().is_some_and(|(held, on)| *on == way && name.get() == Some(held))
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Option<(String, Way)>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Finds the name in the packet that a session begins with: keys and values, each with a zero behind it.
fn read_name(packet: &[u8], name: &Name) {
    const KEY: &[u8] = b"application_name\0";
    let Some(at) = packet.windows(KEY.len()).position(|text| text == KEY) else { return };
    let value = packet[at + KEY.len()..].split(|byte| *byte == 0).next().unwrap_or_default();
    let _ = name.set(String::from_utf8_lossy(value).into_owned());
}
