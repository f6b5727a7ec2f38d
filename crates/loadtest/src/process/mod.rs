//! Servers that are started, measured and ended.

mod launch;
mod server;
mod service;

pub use launch::{Launch, become_program, command};
pub use server::Server;
pub(crate) use service::SECRET;
pub use service::{Program, Service, StoppedData};
