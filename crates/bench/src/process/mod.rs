//! Processes that the benchmark starts, measures and ends.

mod floor;

pub(crate) use floor::{Arguments as FloorArguments, Floor, listen, serve as serve_floor};
pub(crate) use onsale_loadtest::process::{Launch, Program, Server, Service, become_program};

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

impl Subject for Service {
    fn server(&self) -> &Server {
        Self::server(self)
    }

    fn settle(&self) -> Result<()> {
        Self::settle(self)
    }
}
