//! The schema's versions. A version that was released is never edited: the next one changes it.

/// One version: what leads to it from the one before, for each database.
pub(crate) struct Version {
    pub(crate) name: &'static str,
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

macro_rules! version {
    ($file:literal, $name:literal) => {
        Version {
            name: $name,
            sqlite: include_str!(concat!("../migrations/sqlite/", $file)),
            postgres: include_str!(concat!("../migrations/postgres/", $file)),
        }
    };
}

/// All versions, the first being version 1.
pub(crate) const VERSIONS: &[Version] = &[
    version!("0001_state.sql", "state"),
    version!("0002_views.sql", "views"),
    version!("0003_operator.sql", "operator"),
    version!("0004_nodes.sql", "nodes"),
];

/// The newest version that this program knows.
pub(crate) fn known() -> u32 {
    u32::try_from(VERSIONS.len()).unwrap_or(u32::MAX)
}
