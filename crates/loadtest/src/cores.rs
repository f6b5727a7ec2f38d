//! Which cores the server and the generator run on, so that neither takes time from the other.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Result, ensure};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// A set of cores, written `0,2,3`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cores(Vec<usize>);

impl Cores {
    /// The cores that this process may use.
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn available() -> Result<Self> {
        let set = sched_getaffinity(Pid::from_raw(0)).context("asking for the cores of this process")?;
        Ok(Self((0..CpuSet::count()).filter(|&core| set.is_set(core).unwrap_or(false)).collect()))
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// One core for the server and another for the generator; the same for both where there is only one.
    pub fn split(&self) -> Result<(Self, Self)> {
        let first = *self.0.first().context("no core to run on")?;
        let last = *self.0.last().context("no core to run on")?;
        Ok((Self(vec![first]), Self(vec![last])))
    }

    /// Keeps the calling thread, and what it starts from now on, on these cores.
    ///
    /// # Errors
    /// When a core does not exist or is not allowed.
    pub fn pin(&self) -> Result<()> {
        let mut set = CpuSet::new();
        for &core in &self.0 {
            set.set(core).with_context(|| format!("core {core}"))?;
        }
        sched_setaffinity(Pid::from_raw(0), &set).with_context(|| format!("pinning to cores {self}"))
    }

    pub fn overlaps(&self, other: &Self) -> bool {
        self.0.iter().any(|core| other.0.contains(core))
    }
}

impl FromStr for Cores {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let cores = text
            .split(',')
            .map(|core| core.trim().parse().with_context(|| format!("`{core}` is not the number of a core")))
            .collect::<Result<Vec<usize>>>()?;
        ensure!(!cores.is_empty(), "no core is named");
        Ok(Self(cores))
    }
}

impl fmt::Display for Cores {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cores: Vec<String> = self.0.iter().map(usize::to_string).collect();
        formatter.write_str(&cores.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_read_back_as_written() {
        let cores: Cores = "0,2, 3".parse().unwrap();
        assert_eq!(cores.to_string(), "0,2,3");
        assert!("0,x".parse::<Cores>().is_err());
    }

    #[test]
    fn a_split_uses_different_cores_where_it_can() {
        let (server, generator) = Cores(vec![0, 1]).split().unwrap();
        assert!(!server.overlaps(&generator));
        let (server, generator) = Cores(vec![5]).split().unwrap();
        assert!(server.overlaps(&generator));
    }
}
