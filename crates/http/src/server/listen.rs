//! Sockets: one listener per thread on the same port, among which the kernel spreads new connections.

use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

/// How many connections may wait to be accepted, per listener; the kernel's own limit may be lower.
const BACKLOG: i32 = 4096;

/// Binds `count` listeners to one address. Port 0 is chosen by the first and taken by the others.
pub(super) fn listeners(address: SocketAddr, count: usize) -> io::Result<Vec<TcpListener>> {
    // Shared ports would let a second server start on the first one's port and take half of its clients. A socket
    // that does not share finds out whether somebody is there.
    drop(socket(address, false)?);
    let first = listener(address)?;
    let address = first.local_addr()?;
    let others = (1..count).map(|_| listener(address));
    std::iter::once(Ok(first)).chain(others).collect()
}

/// `count` handles of a socket that somebody else keeps open: connections that none of them has taken are the next program's.
pub(super) fn handles(kept: &TcpListener, count: usize) -> io::Result<Vec<TcpListener>> {
    kept.set_nonblocking(true)?;
    (0..count).map(|_| kept.try_clone()).collect()
}

fn listener(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket(address, true)?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

fn socket(address: SocketAddr, shared_port: bool) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(shared_port)?;
    socket.bind(&address.into())?;
    Ok(socket)
}
