//! The edge over its own sockets, and what its parts promise: one program, as each test is linked with hyper and a runtime.

mod beside;
mod common;
mod http2;
mod metrics;
mod negotiate;
mod openapi;
mod problem;
mod server;
mod shutdown;
mod token;
mod unread;
