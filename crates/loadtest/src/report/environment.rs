//! What a figure was measured on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Machine, build and store.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Environment {
    /// The machine of the generator, and of the server where the run started it.
    pub machine: Machine,
    pub build: Build,
    pub server: Server,
    pub placement: Placement,
}

#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Machine {
    pub cpu_model: Option<String>,
    /// Cores that this process may use.
    pub cores: u32,
    pub memory_bytes: Option<u64>,
    pub kernel: Option<String>,
    /// The file system of the scratch directory, as in /proc/mounts.
    pub file_system: Option<String>,
    /// The one-minute load average before the run: a busy machine measures itself.
    pub load_average: Option<f64>,
    /// What the hypervisor took from this machine over the run, in cores; `null` where the kernel does not tell.
    #[serde(default)]
    pub stolen_cores: Option<f64>,
    /// How long the run waited in vain for seconds in which nobody else had the cores.
    #[serde(default)]
    pub waited_s: f64,
    /// The most open files that this process may have (`ulimit -Hn`).
    pub descriptors_max: u64,
}

#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub struct Build {
    /// The version of the load test.
    pub version: String,
    /// `release` or `debug`.
    pub profile: String,
    /// The version that the server's `/metrics` tell.
    pub server_version: Option<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub struct Server {
    /// Its address.
    pub url: String,
    /// Whether the run started it, on a scratch directory. Else it was there already (`--target`).
    pub is_own: bool,
    /// The name of the profile by which it was spoken to; `null` where the run started it, or nothing was reached.
    #[serde(default)]
    pub profile: Option<String>,
    pub durability: Durability,
    /// The settings that the run gave it, `key=value`.
    pub settings: Vec<String>,
}

/// Users that were made ready for the run.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Prepared {
    pub users: u64,
    /// The key of the profile that made them: `call.register`, `hooks.users`.
    pub by: String,
    pub duration_s: f64,
}

/// How what is acknowledged is kept.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub struct Durability {
    /// In words: which journal, which synchronisation.
    pub text: Option<String>,
    /// Why it is not known.
    pub reason: Option<String>,
}

/// What runs where.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub struct Placement {
    /// The cores of the server, `0,1`; `null` where they are not known.
    pub server_cores: Option<String>,
    pub generator_cores: String,
    /// Whether both had to share a core: then latencies are not the server's alone.
    pub is_shared: bool,
}
