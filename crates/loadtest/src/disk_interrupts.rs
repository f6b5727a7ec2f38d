//! Which cores a disk interrupts when it has done something.
//!
//! Whoever waits for a sync is woken from there. If that is a core that sleeps between its requests, the waking costs a
//! sync half of its time again, in a virtual machine above all; so a server's syncs would tell of the generator's core.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::sys::stat::{major, minor};

/// The interrupts of the disk under `path` so far, by the number of the core that takes them now. Empty where the kernel
/// does not tell, or no single disk is under it.
#[must_use]
pub fn by_core(path: &Path) -> Vec<(usize, u64)> {
    let Some(device) = device(path) else { return Vec::new() };
    let counts = fs::read_to_string("/proc/interrupts").unwrap_or_default();
    let cores = numbers(&device).into_iter().filter_map(|number| {
        let file = format!("/proc/irq/{number}/effective_affinity_list");
        let core = fs::read_to_string(file).ok()?.trim().parse().ok()?;
        Some((core, count(&counts, &number)?))
    });
    cores.collect()
}

/// Where the kernel shows the block device under `path`: for a mapped one, that of the device beneath.
fn device(path: &Path) -> Option<PathBuf> {
    let number = fs::metadata(path).ok()?.dev();
    let mut device = fs::canonicalize(format!("/sys/dev/block/{}:{}", major(number), minor(number))).ok()?;
    while let Some(Ok(beneath)) = fs::read_dir(device.join("slaves")).ok().and_then(|mut all| all.next()) {
        device = fs::canonicalize(beneath.path()).ok()?;
    }
    Some(device)
}

/// The numbers of the interrupts of the controller that `device` is at.
fn numbers(device: &Path) -> Vec<String> {
    let controller = device.ancestors().find_map(|ancestor| fs::read_dir(ancestor.join("msi_irqs")).ok());
    let names = controller.into_iter().flatten().flatten();
    names.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// How often an interrupt has come, on all cores, by `/proc/interrupts`.
fn count(interrupts: &str, number: &str) -> Option<u64> {
    let line = interrupts.lines().find_map(|line| line.trim_start().strip_prefix(number)?.strip_prefix(':'))?;
    Some(line.split_whitespace().map_while(|field| field.parse::<u64>().ok()).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interrupts_are_counted_over_all_cores() {
        let text = "           CPU0       CPU1\n  3:          5          7  PCI-MSIX 0-edge      disk-req.0\n 36:          0          2  x\n";
        assert_eq!(count(text, "3"), Some(12));
        assert_eq!(count(text, "36"), Some(2));
        assert_eq!(count(text, "6"), None);
    }
}
