//! Which cores the server and the generator run on, so that neither takes time from the other.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Result, ensure};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

use crate::disk_interrupts;

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

    /// One core for the server and another for the generator; the same for both where there is only one. The server's is
    /// the one that the disk of scratch directories interrupts most: see [`disk_interrupts`].
    ///
    /// # Errors
    /// When there is none.
    pub fn split(&self) -> Result<(Self, Self)> {
        self.split_by(&disk_interrupts::by_core(&std::env::temp_dir()))
    }

    fn split_by(&self, interrupts: &[(usize, u64)]) -> Result<(Self, Self)> {
        let taken = |core: usize| interrupts.iter().filter(|(by, _)| *by == core).map(|(_, count)| count).sum::<u64>();
        // Of equals the first.
        let server = self.0.iter().rev().copied().max_by_key(|&core| taken(core)).context("no core to run on")?;
        let generator = self.0.iter().rev().copied().find(|&core| core != server).unwrap_or(server);
        Ok((Self(vec![server]), Self(vec![generator])))
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
        let split = |cores: &[usize], interrupts| {
            let (server, generator) = Cores(cores.to_vec()).split_by(interrupts).unwrap();
            (server.0[0], generator.0[0])
        };
        assert_eq!(split(&[0, 1], &[]), (0, 1));
        assert_eq!(split(&[0, 1, 2], &[(0, 3), (2, 2), (2, 2)]), (2, 1));
        assert_eq!(split(&[0, 1], &[(3, 9)]), (0, 1), "a core that this process may not use");
        assert_eq!(split(&[5], &[(5, 1)]), (5, 5));
    }
}
