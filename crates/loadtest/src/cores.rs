//! Which cores the server and the generator run on, so that neither takes time from the other.

use std::fmt;
use std::fs;
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
        Self::of(0).context("asking for the cores of this process")
    }

    /// Those that a process may use; 0 for the calling thread.
    ///
    /// # Errors
    /// When the kernel does not tell, as where there is no such process.
    pub(crate) fn of(pid: u32) -> Result<Self> {
        let pid = Pid::from_raw(i32::try_from(pid).context("no number of a process")?);
        let set = sched_getaffinity(pid).context("asking for the cores of a process")?;
        Ok(Self((0..CpuSet::count()).filter(|&core| set.is_set(core).unwrap_or(false)).collect()))
    }

    pub(crate) fn numbers(&self) -> &[usize] {
        &self.0
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// One core for the server and another for the generator; the same for both where there is only one. The generator's is
    /// that which devices interrupt least: a disk that syncs thousands of times a second interrupts one core for all of them,
    /// and the generator would be late by it.
    ///
    /// # Errors
    /// When there is no core at all.
    pub fn split(&self) -> Result<(Self, Self)> {
        // Where nothing is known of interrupts, the last one.
        self.split_by(&fs::read_to_string("/proc/interrupts").unwrap_or_default())
    }

    fn split_by(&self, interrupts: &str) -> Result<(Self, Self)> {
        let counts = device_interrupts(interrupts);
        let count = |core: &usize| counts.iter().find(|(of, _)| of == core).map_or(0, |(_, count)| *count);
        let generator = Self(vec![*self.0.iter().rev().min_by_key(|&core| count(core)).context("no core to run on")?]);
        Ok((self.beside(&generator)?, generator))
    }

    /// One core for a server, that is not among these where there is another.
    ///
    /// # Errors
    /// When there is no core at all.
    pub(crate) fn beside(&self, taken: &Self) -> Result<Self> {
        let free = self.0.iter().find(|core| !taken.0.contains(core)).or_else(|| self.0.first());
        Ok(Self(vec![*free.context("no core to run on")?]))
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

/// How often devices have interrupted each core since the machine started, by `/proc/interrupts`: its first line has the cores,
/// and lines that begin with a number are devices (`man 5 proc_interrupts`).
fn device_interrupts(text: &str) -> Vec<(usize, u64)> {
    let mut lines = text.lines();
    let cores =
        lines.next().unwrap_or_default().split_whitespace().filter_map(|name| name.strip_prefix("CPU")?.parse().ok());
    let mut counts: Vec<(usize, u64)> = cores.map(|core| (core, 0)).collect();
    for line in lines {
        let mut words = line.split_whitespace();
        let is_device =
            words.next().and_then(|label| label.strip_suffix(':')).is_some_and(|label| label.parse::<u32>().is_ok());
        if is_device {
            for ((_, count), word) in counts.iter_mut().zip(words) {
                *count += word.parse().unwrap_or(0);
            }
        }
    }
    counts
}

/// Where the generator runs, and where a server of our own does, written `1` or `1:0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placing {
    pub generator: Cores,
    pub server: Option<Cores>,
}

impl FromStr for Placing {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.split_once(':') {
            Some((generator, server)) => Ok(Self { generator: generator.parse()?, server: Some(server.parse()?) }),
            None => Ok(Self { generator: text.parse()?, server: None }),
        }
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
    fn a_placing_names_the_generators_cores_and_then_the_servers() {
        let both: Placing = "2,3:0".parse().unwrap();
        assert_eq!((both.generator.to_string(), both.server.unwrap().to_string()), ("2,3".to_owned(), "0".to_owned()));
        assert_eq!("1".parse::<Placing>().unwrap().server, None);
        assert!("1:".parse::<Placing>().is_err());
        assert_eq!(Cores(vec![0, 1]).beside(&Cores(vec![0])).unwrap(), Cores(vec![1]));
    }

    #[test]
    fn a_split_uses_different_cores_where_it_can() {
        let (server, generator) = Cores(vec![0, 1]).split().unwrap();
        assert!(!server.overlaps(&generator));
        let (server, generator) = Cores(vec![5]).split().unwrap();
        assert!(server.overlaps(&generator));
    }

    #[test]
    fn the_generator_is_where_devices_interrupt_least() {
        let interrupts = "           CPU0       CPU1       CPU4\n\
                           36:          7    9929281          3 PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0\n\
                           37:          5          0          3 PCI-MSIX-0000:00:03.0   0-edge      virtio2-config\n\
                          LOC:    9139986   11084729   99999999 Local timer interrupts\n\
                          ERR:          0\n";
        let split = |cores: &[usize], by: &str| {
            let (server, generator) = Cores(cores.to_vec()).split_by(by).unwrap();
            (server.to_string(), generator.to_string())
        };
        let of = |server: &str, generator: &str| (server.to_owned(), generator.to_owned());
        assert_eq!(split(&[0, 1], interrupts), of("1", "0"));
        assert_eq!(split(&[0, 1, 4], interrupts), of("0", "4"));
        assert_eq!(split(&[0, 1, 4], ""), of("0", "4"), "where nothing is known");
        assert_eq!(split(&[1], interrupts), of("1", "1"));
    }
}
