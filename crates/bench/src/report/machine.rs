//! What the figures were measured on.

use std::fs;

use serde::Serialize;

/// The machine and the way it was used.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    processor: String,
    kernel: String,
    cores: usize,
    pub(crate) server_cores: String,
    pub(crate) generator_core: String,
    /// Server and generator take time from each other.
    pub(crate) is_shared: bool,
    /// The file system of the scratch directories, where durable writes go.
    scratch: String,
}

impl Machine {
    pub(crate) fn look(server_cores: String, generator_core: String, is_shared: bool) -> Self {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
        let scratch = std::env::temp_dir();
        Self {
            processor: field(&cpuinfo, "model name").unwrap_or("unknown processor").to_owned(),
            kernel: kernel.trim().to_owned(),
            cores: cpuinfo.lines().filter(|line| line.starts_with("processor")).count(),
            server_cores,
            generator_core,
            is_shared,
            scratch: file_system(&mounts, &scratch.to_string_lossy()).unwrap_or("unknown").to_owned(),
        }
    }

    /// One line for people.
    pub(crate) fn text(&self) -> String {
        let shared = if self.is_shared { " (shared: wall rates and latencies are not the server's alone)" } else { "" };
        format!(
            "{}, {} cores, Linux {}; server on core {}, generator on core {}{shared}; scratch directories on {}",
            self.processor, self.cores, self.kernel, self.server_cores, self.generator_core, self.scratch
        )
    }
}

fn field<'a>(cpuinfo: &'a str, name: &str) -> Option<&'a str> {
    let line = cpuinfo.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim())
}

/// The type of the file system that `path` lies on: that of the longest mount point it begins with.
fn file_system<'a>(mounts: &'a str, path: &str) -> Option<&'a str> {
    let mounts = mounts.lines().filter_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let of_path = mounts.filter(|(point, _)| {
        let point = point.trim_end_matches('/');
        path.strip_prefix(point).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    of_path.max_by_key(|(point, _)| point.len()).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_system_is_that_of_the_nearest_mount() {
        let mounts = "/dev/a / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n/dev/b /tmpfiles xfs rw 0 0\n";
        assert_eq!(file_system(mounts, "/tmp/x"), Some("tmpfs"));
        assert_eq!(file_system(mounts, "/tmpfiles"), Some("xfs"));
        assert_eq!(file_system(mounts, "/var/tmp"), Some("ext4"));
    }

    #[test]
    fn a_field_is_found_by_its_name() {
        assert_eq!(field("processor\t: 0\nmodel name\t: A 1\n", "model name"), Some("A 1"));
    }
}
