//! The floor: bare hyper with a constant answer, in a process of its own.

mod serve;

use std::path::Path;

use anyhow::{Context, Result};
use tempfile::TempDir;

pub(crate) use serve::{Arguments, listen, serve};

use onsale_loadtest::process::command;

use super::{Server, Subject};
use crate::cores::Cores;

/// A running floor server.
#[derive(Debug)]
pub(crate) struct Floor {
    server: Server,
    /// Removed after the server, which logs into it.
    _scratch: TempDir,
}

impl Floor {
    /// A floor that answers every request with `reply`: a whole HTTP/1.1 reply, as it was received.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn start(reply: &[u8], cores: &Cores) -> Result<Self> {
        let scratch = TempDir::new().context("a scratch directory")?;
        let file = scratch.path().join("reply.http");
        std::fs::write(&file, reply)?;
        let own = std::env::current_exe().context("finding the benchmark's own executable")?;
        let server = start(&own, &file, cores, &scratch.path().join("floor.log"))?;
        Ok(Self { server, _scratch: scratch })
    }
}

fn start(own: &Path, reply: &Path, cores: &Cores, log: &Path) -> Result<Server> {
    let mut command = command(own, cores)?;
    command.arg("floor").arg("--reply").arg(reply);
    Server::start(command, log).context("the floor server")
}

impl Subject for Floor {
    fn server(&self) -> &Server {
        &self.server
    }

    fn settle(&self) -> Result<()> {
        Ok(())
    }
}
