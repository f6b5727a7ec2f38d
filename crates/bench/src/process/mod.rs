//! Processes that the benchmark starts, measures and ends.

mod floor;
mod launch;
mod server;
mod service;

pub(crate) use floor::{Arguments as FloorArguments, Floor, serve as serve_floor};
pub(crate) use launch::{Launch, become_program};
pub(crate) use server::Server;
pub(crate) use service::{Program, Service};

use anyhow::Result;

/// A server under measurement.
pub(crate) trait Subject {
    fn server(&self) -> &Server;

    /// Waits until the work that replies left behind is done, so that its CPU time counts.
    ///
    /// # Errors
    /// When it is not done in time.
    fn settle(&self) -> Result<()>;
}
