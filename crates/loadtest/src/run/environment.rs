//! What a run is made on.

use std::fs;

use super::context::{Run, Target};
use crate::report::{Build, Durability, Environment, Machine, Placement, Server};
use crate::site::Site;

impl Run<'_> {
    /// Keeps what the first server tells of itself.
    pub(crate) fn note_site(&mut self, site: &Site) {
        if self.first_site.is_some() {
            return;
        }
        let metrics = site.metrics();
        let label = |name, label| metrics.as_ref().and_then(|metrics| metrics.label(name, label)).map(str::to_owned);
        self.server_version = label("onsale_build_info", "version");
        let text = label("onsale_store_info", "durability").or_else(|| {
            site.service()
                .map(|_| "the default of `onsale serve`: what is acknowledged is synced to disk first".to_owned())
        });
        let reason = text.is_none().then(|| "the server does not tell".to_owned());
        self.first_site = Some(Server {
            url: site.endpoint().to_string(),
            is_own: site.service().is_some(),
            profile: site.service().is_none().then(|| site.profile().name.clone()),
            durability: Durability { text, reason },
            settings: site.service().map(crate::process::Service::settings).unwrap_or_default(),
        });
    }

    pub(crate) fn environment(&self, load_average: Option<f64>, descriptors_max: u64) -> Environment {
        let url = match &self.options.target {
            Target::Own { .. } => String::new(),
            Target::Running { endpoint, .. } => endpoint.to_string(),
        };
        let unknown = || Server {
            url: url.clone(),
            is_own: self.is_own(),
            profile: self.profile().map(|profile| profile.name.clone()),
            durability: Durability { text: None, reason: Some("no server was reached".to_owned()) },
            settings: Vec::new(),
        };
        let server_cores = self.server_cores.as_ref();
        Environment {
            machine: Machine {
                stolen_cores: self.stolen.cores(),
                waited_s: self.quiet.waited().as_secs_f64(),
                ..machine(self.cores, load_average, descriptors_max)
            },
            build: Build {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                profile: if cfg!(debug_assertions) { "debug" } else { "release" }.to_owned(),
                server_version: self.server_version.clone(),
            },
            server: self.first_site.clone().unwrap_or_else(unknown),
            placement: Placement {
                server_cores: server_cores.map(ToString::to_string),
                generator_cores: self.generator_cores.to_string(),
                is_shared: server_cores.is_some_and(|cores| cores.overlaps(&self.generator_cores)),
            },
        }
    }
}

fn machine(cores: u32, load_average: Option<f64>, descriptors_max: u64) -> Machine {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let (cpuinfo, meminfo, mounts) = (read("/proc/cpuinfo"), read("/proc/meminfo"), read("/proc/mounts"));
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let memory = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next());
    let kernel = read("/proc/sys/kernel/osrelease").trim().to_owned();
    Machine {
        cpu_model: model.map(|(_, model)| model.trim().to_owned()),
        cores,
        memory_bytes: memory.and_then(|kib| kib.parse::<u64>().ok()).map(|kib| kib * 1024),
        kernel: (!kernel.is_empty()).then(|| format!("Linux {kernel}")),
        file_system: file_system(&mounts, &std::env::temp_dir().to_string_lossy()).map(str::to_owned),
        load_average,
        stolen_cores: None,
        waited_s: 0.0,
        descriptors_max,
    }
}

/// The load of the last minute.
pub(crate) fn load_average() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

/// The type of the file system that `path` lies on: that of the longest mount point it begins with.
fn file_system<'a>(mounts: &'a str, path: &str) -> Option<&'a str> {
    let mounts = mounts.lines().filter_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let of_path = mounts.filter(|(point, _)| {
        let point = point.trim_end_matches('/');
        path == point || path.strip_prefix(point).is_some_and(|rest| rest.starts_with('/'))
    });
    of_path.max_by_key(|(point, _)| point.len()).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_mount_point_counts() {
        let mounts = "a / ext4 rw 0 0\nb /tmp tmpfs rw 0 0\nc /tmpx xfs rw 0 0\n";
        assert_eq!(file_system(mounts, "/tmp/x"), Some("tmpfs"));
        assert_eq!(file_system(mounts, "/home"), Some("ext4"));
    }
}
