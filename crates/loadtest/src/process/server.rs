//! A child process that serves HTTP on a port of its own choice.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::time::{ClockId, clock_getcpuclockid};
use nix::unistd::Pid;

/// What a server prints before its address.
const ANNOUNCEMENT: &str = "listening on http://";
const START_MAX: Duration = Duration::from_secs(30);
const STOP_MAX: Duration = Duration::from_secs(20);

/// A server that dies with this value.
#[derive(Debug)]
pub struct Server {
    child: Child,
    clock: ClockId,
    address: SocketAddr,
    log: PathBuf,
}

impl Server {
    /// Runs `command` and waits for its address on stdout; its stderr goes to `log`.
    ///
    /// # Errors
    /// When it does not start, ends, or announces no address within 30 s.
    pub fn start(mut command: Command, log: &Path) -> Result<Self> {
        let stderr = std::fs::File::create(log).with_context(|| format!("creating {}", log.display()))?;
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr).spawn()?;
        let stdout = child.stdout.take().context("a server without stdout")?;
        let pid = pid_of(&child)?;
        let clock = clock_getcpuclockid(pid).context("the CPU clock of a server")?;
        let mut server = Self { child, clock, address: SocketAddr::from(([127, 0, 0, 1], 0)), log: log.to_owned() };
        server.address = server.await_address(stdout)?;
        Ok(server)
    }

    fn await_address(&self, stdout: ChildStdout) -> Result<SocketAddr> {
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            // Reads on after the address too, so that the server never waits for a full pipe.
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some(address) = announced(&line) {
                    // Nobody waits any more after the first address, or after the time limit.
                    sender.send(address).ok();
                }
            }
        });
        match receiver.recv_timeout(START_MAX) {
            Ok(address) => Ok(address),
            Err(mpsc::RecvTimeoutError::Disconnected) => bail!("a server ended at its start:\n{}", self.log_tail()),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                bail!("a server printed no address in {} s:\n{}", START_MAX.as_secs(), self.log_tail())
            }
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The CPU time, user and system, of all its threads so far, also of those that have ended.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn cpu(&self) -> Result<Duration> {
        let time = self.clock.now().with_context(|| format!("a server is gone:\n{}", self.log_tail()))?;
        Ok(Duration::from(time))
    }

    /// The memory that it holds now, in bytes.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn resident_bytes(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        resident_bytes(&status).context("no VmRSS: is the server gone?")
    }

    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it at once, as `kill -9` does, and waits until it is gone.
    ///
    /// # Errors
    /// When it has ended already.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("the server had ended by itself, with {status}:\n{}", self.log_tail());
        }
        self.child.kill().context("killing the server")?;
        self.child.wait()?;
        Ok(())
    }

    /// The end of what it has logged, to be shown with an error.
    pub fn log_tail(&self) -> String {
        const LINES: usize = 15;
        let log = std::fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LINES)..].join("\n")
    }

    /// Asks it to end and waits.
    ///
    /// # Errors
    /// When it does not end by itself, or not with success.
    pub fn stop(mut self) -> Result<()> {
        kill(pid_of(&self.child)?, Signal::SIGTERM)?;
        let asked = Instant::now();
        loop {
            match self.child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => bail!("a server ended with {status}:\n{}", self.log_tail()),
                None if asked.elapsed() > STOP_MAX => bail!("a server did not end in {} s", STOP_MAX.as_secs()),
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing to do when it has ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn pid_of(child: &Child) -> Result<Pid> {
    Ok(Pid::from_raw(i32::try_from(child.id())?))
}

fn announced(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once(ANNOUNCEMENT)?;
    rest.split(|letter: char| letter.is_whitespace() || letter == '/').next()?.parse().ok()
}

fn resident_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_wherever_it_stands_in_the_line() {
        let address: SocketAddr = "127.0.0.1:4321".parse().unwrap();
        assert_eq!(announced("onsale: listening on http://127.0.0.1:4321"), Some(address));
        assert_eq!(announced("listening on http://127.0.0.1:4321/ (docs at /docs)"), Some(address));
        assert_eq!(announced("starting"), None);
    }

    #[test]
    fn resident_memory_is_read_in_bytes() {
        assert_eq!(resident_bytes("Name:\tx\nVmRSS:\t    2048 kB\n"), Some(2_097_152));
        assert_eq!(resident_bytes("Name:\tx\n"), None);
    }
}
