//! Starting and stopping.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::watch as channel;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use super::addresses::Addresses;
use super::pulse::Pulses;
use super::worker::Worker;
use super::{BindError, Options, Service, listen, tls};

/// A server that has its port, and serves nobody yet.
pub struct Bound {
    options: Arc<Options>,
    address: SocketAddr,
    listeners: Vec<TcpListener>,
    tls: Option<TlsAcceptor>,
}

/// A server that serves. Where this and all of its [`ShutdownHandle`]s are dropped, it stops at once.
#[must_use]
pub struct Running {
    address: SocketAddr,
    deadline: channel::Sender<Option<Instant>>,
    threads: Vec<JoinHandle<io::Result<usize>>>,
    pulses: Pulses,
}

/// Stops the server, from anywhere.
#[derive(Clone)]
pub struct ShutdownHandle(channel::Sender<Option<Instant>>);

/// Takes the port and reads the certificate.
///
/// # Errors
/// Where the address is taken or not ours, the certificate cannot be used, or an option cannot be.
pub fn bind(options: Options) -> Result<Bound, BindError> {
    if options.threads == 0 {
        return Err(BindError::NoThreads);
    }
    if options.bytes_per_second_min == 0 {
        return Err(BindError::NoRate);
    }
    let tls = options.tls.as_ref().map(tls::acceptor).transpose()?;
    let in_listen = |source| BindError::Listen { address: options.listen, source };
    let listeners = match &options.kept {
        Some(kept) => listen::handles(kept, options.threads),
        None => listen::listeners(options.listen, options.threads),
    };
    let listeners = listeners.map_err(in_listen)?;
    let address = listeners[0].local_addr().map_err(in_listen)?;
    Ok(Bound { options: Arc::new(options), address, listeners, tls })
}

impl Bound {
    /// The address that was bound, with the port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts the threads. Each makes its service first, on its own runtime, by its number from 0.
    ///
    /// # Errors
    /// Where the system gives no more threads; those that were started end.
    pub fn serve<S, F>(self, factory: F) -> io::Result<Running>
    where
        S: Service,
        F: Fn(usize) -> S + Send + Sync + 'static,
    {
        let (sender, deadline) = channel::channel(None);
        let factory = Arc::new(factory);
        let addresses = Arc::new(Addresses::new(&self.options));
        let mut threads = Vec::new();
        let pulses = Pulses(self.listeners.iter().map(|_| Arc::default()).collect());
        for (number, listener) in self.listeners.into_iter().enumerate() {
            let worker = Worker {
                listener,
                options: self.options.clone(),
                tls: self.tls.clone(),
                addresses: addresses.clone(),
                pulse: pulses.0[number].clone(),
                deadline: deadline.clone(),
            };
            let factory = factory.clone();
            let name = format!("http-{number}");
            threads.push(thread::Builder::new().name(name).spawn(move || worker.run(|| factory(number)))?);
        }
        Ok(Running { address: self.address, deadline: sender, threads, pulses })
    }
}

impl Running {
    /// The address that is served, with the port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether its threads still serve.
    #[must_use]
    pub fn pulses(&self) -> Pulses {
        self.pulses.clone()
    }

    /// What to stop the server with.
    #[must_use]
    pub fn shutdown_handle(&self) -> ShutdownHandle {
        ShutdownHandle(self.deadline.clone())
    }

    /// Waits until the server has stopped; how many connections were cut off at the deadline.
    ///
    /// # Errors
    /// Where a thread could not serve, or panicked.
    pub fn join(self) -> io::Result<usize> {
        let mut cut_off = 0;
        for thread in self.threads {
            cut_off += thread.join().map_err(|_| io::Error::other("a serving thread panicked"))??;
        }
        Ok(cut_off)
    }
}

impl ShutdownHandle {
    /// Takes no more connections, closes those between two requests at once, and lets requests in flight end within
    /// `grace`. Where the socket is kept open ([`Options::kept`]), half a second of that is spent on closing each connection with its
    /// next answer, so that hardly any is closed while its client sends; those that come then wait for the next program. Returns immediately; [`Running::join`] waits. A second call can only shorten the time.
    pub fn shutdown(&self, grace: Duration) {
        let deadline = Instant::now() + grace;
        self.0.send_modify(|current| *current = Some(current.map_or(deadline, |current| current.min(deadline))));
    }
}
