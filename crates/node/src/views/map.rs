//! Maps that are read while one thread writes.

/// Hashed as the engine's own are: with a seed of the process, as users may be numbered by who asks, and in a sixth of the instructions
/// that the standard library's takes for a number. A payment comes to seven of these maps' keys.
pub(super) type HashMap<K, V> = papaya::HashMap<K, V, foldhash::fast::RandomState>;
