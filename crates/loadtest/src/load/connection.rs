//! One keep-alive connection with at most one request out.

use std::io::{self, Read as _, Write as _};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use super::parser::{Fed, Parser};
use crate::endpoint::{Endpoint, Wire};
use crate::profile::{Asked, Came, Heard};

/// What a readable socket had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// The reply is not whole yet.
    Pending,
    Whole,
    /// The server has closed it.
    Closed,
}

#[derive(Debug)]
pub(crate) struct Connection {
    wire: Wire<TcpStream>,
    server: Endpoint,
    /// The request that is out.
    pub(crate) out: Vec<u8>,
    sent: usize,
    /// What the request that is out was, where it had to be put into other words.
    asked: Option<Asked>,
    pub(crate) parser: Parser,
    pub(crate) is_busy: bool,
    /// When the request that is out was meant to start: its latency counts from here.
    pub(crate) intended: Instant,
    /// When it began to be sent.
    pub(crate) began: Instant,
    /// When the last reply was whole.
    pub(crate) freed: Instant,
}

impl Connection {
    /// Connects and registers for its events under `slot`.
    pub(crate) fn open(server: &Endpoint, registry: &Registry, slot: usize) -> Result<Self> {
        Self::over(server.connect()?, server, registry, slot)
    }

    /// The same over a connection that is there.
    pub(crate) fn over(
        wire: Wire<std::net::TcpStream>,
        server: &Endpoint,
        registry: &Registry,
        slot: usize,
    ) -> Result<Self> {
        let mut wire = wire.map(|stream| {
            stream.set_nonblocking(true)?;
            Ok(TcpStream::from_std(stream))
        })?;
        registry.register(wire.stream(), Token(slot), Interest::READABLE | Interest::WRITABLE)?;
        let now = Instant::now();
        Ok(Self {
            wire,
            server: server.clone(),
            out: Vec::with_capacity(512),
            sent: 0,
            asked: None,
            parser: Parser::new(server.reads_heads()),
            is_busy: false,
            intended: now,
            began: now,
            freed: now,
        })
    }

    /// Puts what is in `out` into the server's words.
    pub(crate) fn translate(&mut self) -> Result<()> {
        self.asked = self.server.speak(&mut self.out)?;
        Ok(())
    }

    /// The reply that is whole in our words, where it came in others.
    pub(crate) fn heard(&self, keeps_body: bool) -> Option<Heard> {
        let parser = &self.parser;
        let came = Came { status: parser.status(), head: parser.last_head(), body: parser.body() };
        self.server.hear(self.asked.as_ref()?, &came, keeps_body)
    }

    /// Starts sending what is in `out`.
    pub(crate) fn begin(&mut self, intended: Instant, now: Instant) -> Result<()> {
        self.intended = intended;
        self.began = now;
        self.is_busy = true;
        self.sent = 0;
        self.server.address(&mut self.out);
        self.flush()
    }

    /// Sends what the socket takes.
    pub(crate) fn flush(&mut self) -> Result<()> {
        while self.sent < self.out.len() {
            match self.wire.write(&self.out[self.sent..]) {
                Ok(0) => bail!("the server takes no more bytes"),
                Ok(sent) => self.sent += sent,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("sending a request"),
            }
        }
        match self.wire.flush() {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error).context("sending a request"),
            _ => Ok(()),
        }
    }

    /// Reads what is there, up to the end of one reply.
    pub(crate) fn receive(&mut self, buffer: &mut [u8], keeps_body: bool) -> Result<Received> {
        loop {
            let count = match self.wire.read(buffer) {
                Ok(0) => return Ok(Received::Closed),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Received::Pending),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error).context("reading a reply"),
            };
            if !self.is_busy {
                bail!("{count} bytes that nobody asked for");
            }
            match self.parser.feed(&buffer[..count], keeps_body || self.asked.is_some())? {
                Fed::Whole { used } if used == count => return Ok(Received::Whole),
                Fed::Whole { used } => bail!("{} bytes after the end of a reply", count - used),
                // A read that does not fill the buffer has emptied the socket; more of it is a new event.
                Fed::More if count < buffer.len() && !self.wire.is_in_records() => return Ok(Received::Pending),
                Fed::More => {}
            }
        }
    }
}
