//! Opens lost connections again beside the event loop: connecting to a server that is down, or that takes no more, lasts
//! as long as its time-out, and the connections that are well must not wait for that.

use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use anyhow::Result;
use mio::{Registry, Token, Waker};

use crate::endpoint::{Endpoint, Wire};

/// The pause after a connection that did not come about.
const PAUSE: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(crate) struct Opener {
    asks: Sender<()>,
    opened: Receiver<Wire<TcpStream>>,
    ended: Arc<AtomicBool>,
}

impl Opener {
    /// Wakes the event loop under `token` when a connection is open.
    pub(crate) fn start(server: Endpoint, registry: &Registry, token: Token) -> Result<Self> {
        let (asks, asked) = channel();
        let (open, opened) = channel();
        let ended = Arc::new(AtomicBool::new(false));
        let (waker, is_over) = (Waker::new(registry, token)?, Arc::clone(&ended));
        let open_one = move || {
            while !is_over.load(Ordering::Relaxed) {
                match server.connect() {
                    Ok(wire) => return open.send(wire).is_ok() && waker.wake().is_ok(),
                    Err(_) => std::thread::sleep(PAUSE),
                }
            }
            false
        };
        std::thread::Builder::new()
            .name("opener".to_owned())
            .spawn(move || while asked.recv().is_ok_and(|()| open_one()) {})?;
        Ok(Self { asks, opened, ended })
    }

    /// Asks for one more connection.
    pub(crate) fn ask(&self) {
        // The thread ends only with this.
        let _ = self.asks.send(());
    }

    /// One that is open.
    pub(crate) fn opened(&self) -> Option<Wire<TcpStream>> {
        self.opened.try_recv().ok()
    }
}

impl Drop for Opener {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}
