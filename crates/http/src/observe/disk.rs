//! The file system that a directory is on.

use std::path::PathBuf;
use std::sync::Arc;

use prometheus_client::registry::Unit;
use rustix::fs::{StatVfs, statvfs};

use crate::metrics::{Kind, Sample};
use crate::shared::Shared;

/// Registers how much room the store's directory has. What the system does not tell is left out.
pub fn register_disk(shared: &Shared, directory: PathBuf) {
    let directory = Arc::new(directory);
    let add = |name, help, blocks: fn(&StatVfs) -> u64| {
        let directory = directory.clone();
        let read = move || {
            let found = statvfs(&*directory).ok();
            found.map(|found| Sample::bare(blocks(&found) as f64 * found.f_frsize as f64)).into_iter().collect()
        };
        shared.metrics.sample(Kind::Gauge, name, help, Some(Unit::Bytes), read);
    };
    add("disk_available", "Room that is left on the disk with the store", |disk| disk.f_bavail);
    add("disk_size", "The size of that disk", |disk| disk.f_blocks);
}
