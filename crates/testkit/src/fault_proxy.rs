//! A TCP proxy that fails as networks do.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

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

/// Passes bytes on to a server, until it is told otherwise.
pub struct FaultProxy {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    target: SocketAddr,
    mode: AtomicU8,
    delay_ms: AtomicU64,
    /// The sessions that are stalled, and on which way.
    held: Mutex<Option<(String, Way)>>,
    open: Mutex<Vec<TcpStream>>,
    ended: AtomicBool,
}

impl FaultProxy {
    /// A proxy on a port of its own.
    ///
    /// # Panics
    /// When there is no free port.
    #[must_use]
    pub fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let state = Arc::new(State {
            target,
            mode: AtomicU8::new(PASS),
            delay_ms: AtomicU64::new(0),
            held: Mutex::default(),
            open: Mutex::default(),
            ended: AtomicBool::new(false),
        });
        let shared = state.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if shared.ended.load(Ordering::Relaxed) {
                    return;
                }
                if shared.mode.load(Ordering::Relaxed) != REFUSE {
                    shared.join(&client);
                }
            }
        });
        Self { address, state }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends all connections, and from now on each new one at once.
    pub fn cut(&self) {
        self.state.mode.store(REFUSE, Ordering::Relaxed);
        self.close_all();
    }

    /// Takes what is sent, and new connections, and passes nothing on: neither end hears that anything is wrong.
    pub fn stall(&self) {
        self.state.mode.store(STALL, Ordering::Relaxed);
    }

    /// As [`FaultProxy::stall`], for those sessions with PostgreSQL alone that call themselves so (`application_name`), and
    /// on one way: what the other end says still comes through.
    pub fn stall_sessions(&self, name: &str, way: Way) {
        *self.state.held.lock().unwrap_or_else(PoisonError::into_inner) = Some((name.to_owned(), way));
    }

    /// Passes everything on that much later.
    pub fn slow(&self, delay: Duration) {
        self.state.delay_ms.store(delay.as_millis() as u64, Ordering::Relaxed);
    }

    /// All is well again, for new connections; what was stalled is closed.
    pub fn heal(&self) {
        self.state.delay_ms.store(0, Ordering::Relaxed);
        let held = self.state.held.lock().unwrap_or_else(PoisonError::into_inner).take();
        if self.state.mode.swap(PASS, Ordering::Relaxed) != PASS || held.is_some() {
            self.close_all();
        }
    }

    fn close_all(&self) {
        for stream in self.state.open.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.state.ended.store(true, Ordering::Relaxed);
        self.cut();
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

impl State {
    fn join(self: &Arc<Self>, client: &TcpStream) {
        let Ok(server) = TcpStream::connect(self.target) else { return };
        let name = Name::default();
        for (from, to, way) in [(client, &server, Way::ToServer), (&server, client, Way::ToClient)] {
            let _ = to.set_nodelay(true);
            let (Ok(from), Ok(to), Ok(kept)) = (from.try_clone(), to.try_clone(), from.try_clone()) else { return };
            self.open.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
            let (state, name) = (self.clone(), name.clone());
            thread::spawn(move || state.pump(from, to, way, &name));
        }
    }

    fn is_held(&self, name: &Name, way: Way) -> bool {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().is_some_and(|(held, on)| *on == way && name.get() == Some(held))
    }

    fn pump(&self, mut from: TcpStream, mut to: TcpStream, way: Way, name: &Name) {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            let delay = self.delay_ms.load(Ordering::Relaxed);
            if delay > 0 {
                thread::sleep(Duration::from_millis(delay));
            }
            if way == Way::ToServer && name.get().is_none() {
                read_name(&buffer[..count], name);
            }
            if self.mode.load(Ordering::Relaxed) == STALL || self.is_held(name, way) {
                continue;
            }
            if to.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    }
}

/// Finds the name in the packet that a session begins with: keys and values, each with a zero behind it.
fn read_name(packet: &[u8], name: &Name) {
    const KEY: &[u8] = b"application_name\0";
    let Some(at) = packet.windows(KEY.len()).position(|text| text == KEY) else { return };
    let value = packet[at + KEY.len()..].split(|byte| *byte == 0).next().unwrap_or_default();
    let _ = name.set(String::from_utf8_lossy(value).into_owned());
}
